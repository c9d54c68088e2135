"""A search is never behind: what was remembered of names and of common words is not, once the archive has changed."""

import threading
from contextlib import contextmanager
from functools import cache
from itertools import count
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.db.models import Prefetch
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from archive.core import filtersets, index, ledger
from archive.core.index import Index, index_of
from archive.core.models import Entry
from archive.core.romanization import romanized
from archive.core.search import evaluate, names, parse, remember_common_words, texts
from archive.core.search.fulltext import engine
from archive.core.search.known import known_sets
from archive.core.search.places import Places
from archive.core.text import words
from events.filters import EventFilter, StatementFilter
from events.models import Participation, Statement
from people.filters import PersonFilter
from people.models import Person, PersonName
from tests.cast import event, participation, person, statement
from tests.test_index import roll_back
from tests.test_search import QUERIES, TEXTS, VOICES, has_run


def found(filterset_class, text):
    """The slugs of what a list shows for some words, in order of their letters."""
    ordered = filterset_class(QueryDict(urlencode({"q": text}))).ordered()
    pks = ordered.pks(0, 1_000)
    assert len(pks) == ordered.total
    return sorted(filterset_class._meta.model.objects.filter(pk__in=pks).values_list("slug", flat=True))


def everywhere(text):
    """What the lists of people, events and statements show for a name."""
    return [found(filterset_class, text) for filterset_class in (PersonFilter, EventFilter, StatementFilter)]


@contextmanager
def roll_back_to_here():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


FIREFLY = [["rufus-firefly"], ["summit-of-freedonia"], ["peace-is-cheap"]]
NOTHING = [[], [], []]


def test_a_name_that_is_changed_added_or_deleted(cast):
    assert everywhere("Файрфлай") == everywhere("firefly") == FIREFLY
    name = cast.firefly.names.get()
    name.name = "Руфус Светлячок"
    name.save()
    assert everywhere("Файрфлай") == NOTHING
    assert everywhere("Svetlyachok") == everywhere("светл*") == everywhere('"Руфус Светлячок"') == FIREFLY
    cast.firefly.names.create(name="Hugo Hackenbush")
    assert everywhere("hackenbush") == everywhere("hack*") == FIREFLY
    cast.firefly.names.all().delete()
    assert everywhere("hackenbush") == everywhere("hack*") == everywhere("светлячок") == NOTHING
    PersonName.objects.bulk_create([PersonName(person=cast.firefly, name="Otis Driftwood", order=1)])
    assert everywhere("driftwood") == FIREFLY
    cast.firefly.name = "Wolf Flywheel"
    cast.firefly.save()
    assert everywhere("firefly") == NOTHING
    assert everywhere("flywheel") == FIREFLY


def test_a_person_that_is_withdrawn_or_gone(cast):
    assert everywhere("firefly") == FIREFLY
    Person.objects.filter(pk=cast.firefly.pk).update(state="withdrawn")
    assert everywhere("firefly") == everywhere("Файрфлай") == NOTHING
    Person.objects.filter(pk=cast.firefly.pk).update(state="published")
    assert everywhere("firefly") == FIREFLY
    cast.said.speakers.clear()
    assert everywhere("firefly") == [*FIREFLY[:2], []]
    cast.speaker.delete()
    assert everywhere("firefly") == [FIREFLY[0], [], []]
    cast.firefly.delete()
    assert everywhere("firefly") == NOTHING


def test_a_name_moves_to_another(cast):
    name = cast.firefly.names.get()
    name.person = cast.trentino
    name.save()
    assert everywhere("Файрфлай") == [["ambassador-trentino"], ["summit-of-freedonia"], []]


def test_names_written_around_the_models(cast):
    assert everywhere("hackenbush") == NOTHING
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_person SET folded = 'hugo hackenbush' WHERE id = %s", [cast.firefly.pk])
    ledger.everything_changed("by hand")
    assert everywhere("hackenbush") == FIREFLY


def test_names_of_another_history(cast):
    """A backup was restored: the ledger has come as far, by other steps."""
    assert everywhere("firefly") == FIREFLY
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_person SET folded = 'hugo hackenbush' WHERE id = %s", [cast.firefly.pk])
    Entry.objects.update(unit="00000000-0000-0000-0000-000000000000")
    assert everywhere("hackenbush") == FIREFLY
    Entry.objects.filter(pk__gt=Entry.objects.first().pk).delete()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_person SET folded = 'otis driftwood' WHERE id = %s", [cast.firefly.pk])
    assert everywhere("driftwood") == FIREFLY


def test_what_was_taken_back_was_never_there(cast):
    assert everywhere("hackenbush") == NOTHING
    with roll_back_to_here():
        cast.firefly.names.create(name="Hugo Hackenbush")
        statement(cast.summit, "hackenbush spoke")
        assert everywhere("hackenbush")[2] == ["hackenbush-spoke", "peace-is-cheap"]
    assert everywhere("hackenbush") == NOTHING
    with roll_back_to_here(), ledger.unit():
        cast.firefly.names.create(name="Hugo Hackenbush")
        assert found(PersonFilter, "hackenbush") == FIREFLY[0]  # one sees one's own work
    assert everywhere("hackenbush") == NOTHING


def test_only_changed_names_are_read_again(cast, monkeypatch):
    found(PersonFilter, "firefly")
    monkeypatch.setattr(names.Names, "__init__", None)  # reading all of them would fail
    event("Gala")
    cast.trentino.names.create(name="Louis")
    assert found(PersonFilter, "louis") == ["ambassador-trentino"]
    assert found(PersonFilter, "firefly") == FIREFLY[0]


@pytest.mark.django_db(transaction=True)
def test_what_another_connection_has_committed(cast):
    def work():
        who = Person.objects.get(slug="rufus-firefly")
        who.names.create(name="Hugo Hackenbush")
        who.names.get(name="Руфус Файрфлай").delete()
        Statement.objects.get().delete()
        connection.close()

    assert everywhere("Файрфлай") == FIREFLY
    other = threading.Thread(target=work)
    other.start()
    other.join()
    assert everywhere("Файрфлай") == NOTHING
    assert everywhere("hackenbush") == [*FIREFLY[:2], []]


def test_words_in_the_questions_of_an_agenda(cast):
    assert found(EventFilter, "price") == ["summit-of-freedonia"]
    cast.question.text = "The cost of peace"
    cast.question.save()
    assert found(EventFilter, "price") == []
    assert found(EventFilter, "cost summit") == ["summit-of-freedonia"]


# Common words


# The sizes from which one way to find is taken instead of another, so that few records go each of them.
WAYS = {
    "rare words": {},
    "every word by itself": {"COMMON": 1, "MOST": 1, "FEW": 0},
    "remembered when met": {"COMMON": 1, "FEW": 0},
    "looked into one by one": {"COMMON": 100, "MOST": 1, "FEW": 100},
}


@cache
def index_for(way):
    """The index of a process that has never gone another way."""
    return Index(index_of(StatementFilter).layout)


@contextmanager
def going(way):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filtersets, "index_of", lambda filterset_class: index_for(way))
        for name, value in WAYS[way].items():
            patch.setattr(engine(connection) if name == "FEW" else texts, name, value)
        yield


def rules_say(query):
    """The slugs of the public statements that `query` finds, term by term and word by word."""
    slugs = []
    rows = Participation.objects.published().select_related("person").prefetch_related("person__names")
    for one in Statement.objects.published().prefetch_related(Prefetch("speakers", rows)):
        said = [who.person for who in one.speakers.all() if who.person and who.person.state == "published"]
        called = [name for who in said for name in (who.name, *(other.name for other in who.names.all()))]
        if all(any(holds(term, [one.text, one.attribution], called) for term in clause) for clause in query.clauses):
            slugs.append(one.slug)
    return sorted(slugs)


def holds(term, fields, called):
    in_text = any(has_run(list(term.words), words(field), term.prefix) for field in fields)
    spelled = [words(name) for name in called] + [romanized(name) for name in called]
    in_name = any(has_run(list(run), some, term.prefix) for some in spelled for run in (term.words, term.keys) if run)
    return (in_text or in_name) != term.excluded


NUMBERS = count()  # no two slugs are the same
EDITS = st.lists(st.tuples(st.sampled_from(["text", "state", "name", "speaker", "new", "delete", "event"]), TEXTS), max_size=4)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.tuples(TEXTS, st.sampled_from([None, 0, 1])), min_size=1, max_size=5),
    st.lists(st.sampled_from(VOICES), min_size=2, max_size=2),
    st.lists(st.tuples(QUERIES, EDITS), min_size=2, max_size=5),
)
def test_whatever_changes_a_search_finds_what_the_rules_say(db, rows, called, steps):
    def check():
        with ledger.unit():
            people = [person(name, slug=f"p{number}") for number, name in enumerate(called)]
            days = [event(f"Day {number}") for number in range(2)]
            parts = [participation(day, person=who) for day in days for who in people]
            for number, (text, speaker) in enumerate(rows):
                made = statement(days[number % 2], text, slug=f"s{number}")
                if speaker is not None:
                    made.speakers.add(parts[number % 2 * 2 + speaker])
        for typed, edits in steps:
            agree(typed, "once", "again")
            for number, edit in enumerate(edits):
                change(*edit, number)
            agree(typed, edits)

    roll_back(check)


def agree(typed, *times):
    expected = rules_say(parse(typed))
    for way in WAYS:
        with going(way):
            for time in times:
                assert found(StatementFilter, typed) == expected, (way, typed, time)


def change(what, text, number):
    one = Statement.objects.order_by("pk")[number % max(1, Statement.objects.count()) :].first()
    who = Person.objects.order_by("pk")[number % 2]
    if what == "new":
        statement(Participation.objects.first().event, text, slug=f"n{next(NUMBERS)}")
    elif what == "name":
        who.names.all().delete() if who.names.exists() else who.names.create(name=text or "Zhukov")
    elif what == "event" and one:
        type(one.event).objects.filter(pk=one.event_id).update(state="draft" if one.event.is_published else "published")
    elif what == "speaker" and one:
        one.speakers.set(Participation.objects.filter(event=one.event, person=who))
    elif what == "state":
        Person.objects.filter(pk=who.pk).update(state="draft" if who.is_published else "published")
    elif what == "delete" and one:
        one.delete()
    elif what == "text" and one:
        one.text = text
        one.save()


@pytest.fixture
def stored(monkeypatch, tmp_path, settings):
    """Segments and common words are stored from two records on, in a place of the test's own."""
    settings.INDEX_ROOT = tmp_path
    for module in (index, index.store):
        monkeypatch.setattr(module, "WORTH_IT", 2)
    monkeypatch.setattr(texts, "COMMON", 2)
    monkeypatch.setattr(texts, "MOST", 1)


def another_process():
    """A snapshot of the statements as a process sees it that has just started."""
    return Index(index_of(StatementFilter).layout).snapshot()


def by_text(snapshot, text):
    """The statements with the words in their own texts."""
    places = Places(snapshot)
    found = evaluate(parse(text), texts.Texts(places).matching, lambda term: BitMap(), places.everything)
    return sorted(Statement.objects.filter(pk__in=places.pks_of(found)).values_list("text", flat=True))


@pytest.fixture
def wars(cast):
    with ledger.unit():
        return [statement(cast.summit, f"war and peace {number}", slug=f"war-{number}") for number in range(3)]


WARS = ["war and peace 0", "war and peace 1", "war and peace 2"]


@pytest.mark.django_db(transaction=True)
def test_common_words_are_stored_for_other_processes_and_kept_up(wars, stored, monkeypatch):
    assert by_text(another_process(), "war peace") == WARS
    wars[0].text = "nothing"
    wars[0].save()
    monkeypatch.setattr(texts.Texts, "whole", None)  # to read the records of a word again would fail
    snapshot = another_process()
    assert snapshot.changed
    assert by_text(snapshot, "war peace") == WARS[1:]
    assert by_text(snapshot, "nothing") == ["nothing"]
    wars[1].delete()
    assert by_text(another_process(), "war peace") == WARS[2:]


@pytest.mark.django_db(transaction=True)
def test_common_words_can_be_stored_beforehand(wars, stored, monkeypatch):
    remember_common_words(another_process())
    monkeypatch.setattr(texts.Texts, "asked", None)
    assert by_text(another_process(), "war peace") == WARS
    folder = known_sets(another_process().segment).folder
    assert folder.is_dir()
    assert known_sets(another_process().segment).get("cheap") is None  # one record is not many


@pytest.mark.django_db(transaction=True)
def test_common_words_of_another_history_are_not_taken(wars, stored):
    another_process()  # the segment is that of the present state
    wars[0].text = "nothing"
    wars[0].save()
    assert by_text(another_process(), "war peace") == WARS[1:]  # stored, as they are after this step
    Entry.objects.filter(pk=Entry.objects.last().pk).delete()  # a backup, from before it
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_statement SET folded = 'war and peace 0', text = 'war and peace 0' WHERE id = %s", [wars[0].pk]
        )
    assert by_text(another_process(), "war peace") == WARS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("harm", ["cut", "gone"])
def test_a_stored_word_that_cannot_be_read_is_found_again(wars, stored, harm):
    assert by_text(another_process(), "war peace") == WARS
    for path in (known_sets(another_process().segment).folder / "words").iterdir():
        path.write_bytes(path.read_bytes()[:-9]) if harm == "cut" else path.unlink()
    assert by_text(another_process(), "war peace") == WARS


def test_a_change_is_found_by_a_known_word_and_one_that_is_new(db):
    day = event("Day")
    for number in range(3):
        statement(day, "peace is cheap", slug=f"s{number}")
    index_for.cache_clear()
    with going("remembered when met"):
        assert len(found(StatementFilter, "peace")) == 3  # from now on it is known who has the word
        statement(day, "peace by gondola", slug="late")
        assert found(StatementFilter, "peace gondola") == ["late"]
    index_for.cache_clear()
