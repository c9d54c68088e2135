"""The lines that are kept of a list's CSV: never other than the database would give, whatever has changed since."""

from io import StringIO

import hypothesis
import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from archive.core import index, ledger, lines
from archive.core.exports import export
from archive.core.fields import Derived, PartialDateField
from archive.core.index import index_of
from archive.core.lines import Kept, lines_of
from archive.core.models import Entry
from archive.site.records import LISTS, MODELS
from archive.sources.models import Passage
from events.models import AgendaItem, Event, Participation
from people.models import Country, Person
from tests.cast import document, event, organization, participation, passage, statement, topic
from tests.conftest import everybody
from tests.kept import Kept as Again
from tests.test_index import Draws, build, change, roll_back

SITE = "https://archive.example"


@pytest.fixture(autouse=True)
def started(monkeypatch, tmp_path, settings):
    """Lines are kept from the first record on, in a place of the test's own; gives the commands started in the background."""
    settings.INDEX_ROOT = tmp_path
    started = []
    monkeypatch.setattr(index.store, "WORTH_IT", 1)
    monkeypatch.setattr(index.subprocess, "Popen", lambda command, **kwargs: started.append(command) or Ended())
    for cached in (index_of, lines_of):
        cached.cache_clear()
    yield started
    for cached in (index_of, lines_of):
        cached.cache_clear()


class Ended:
    """A process that has ended."""

    def poll(self):
        return 0


@Again
def everything():
    """The cast, and whatever else it takes that every line shows something of every kind of record."""
    cast = everybody()
    with ledger.unit():
        cast.league.country = cast.sylvania
        cast.league.passages.add(passage(cast.gazette, "Freedonia on"))
        organization("Union").members.create(member=cast.secretariat)
        cast.series = event("Meetings of the League", date="2010/..")
        cast.later = event("Later summit", part_of=cast.summit, host_country=cast.sylvania, place='The "Grand", Hotel\nSylvania')
        cast.war = topic("War", broader=cast.peace)
        statement(cast.summit, "By nobody.", slug="by-nobody")
        statement(cast.summit, "On the question.", slug="on-the-question", agenda_item=cast.question)
        cast.answer = statement(cast.later, "No.", slug="no", attribution="it was stressed")
        cast.later_guest = participation(cast.later, person=cast.firefly, organization=cast.secretariat, role="chair")
        cast.answer.speakers.add(cast.later_guest, participation(cast.later, country=cast.freedonia))
        for holder in (cast.firefly, cast.freedonia, cast.peace, cast.answer, cast.firefly.names.get()):
            holder.passages.add(passage(cast.gazette, "peace is cheap", 1))
        for holder in (cast.league, cast.freedonia, cast.peace):
            holder.names.create(name="Another name")
        for holder in (cast.league, cast.firefly, cast.summit):
            holder.identifiers.create(scheme="wikidata", identifier="Q42")
        cast.league.save()
        cast.other_paper = document("Another paper")
        cast.draft = event("Draft", state="draft")
    return cast


@pytest.fixture
def full(db):
    return everything()


def filtersets():
    return {name: filterset_class for name, (_, filterset_class) in LISTS.items()}


def renew(filterset_class, progress=lambda number, total: None):
    return Kept(filterset_class).renew(progress)


def renew_all():
    for filterset_class in filtersets().values():
        assert renew(filterset_class)


def all_pks(model):
    return list(model.objects.order_by("-pk").values_list("pk", flat=True))


def kept(model, filterset_class, site=SITE):
    """The CSV as a process that has just started gives it."""
    return b"".join(Kept(filterset_class).export(all_pks(model), site))


def fresh(model, site=SITE):
    return b"".join(export("csv", model, all_pks(model), site))


def agree():
    return all(kept(model, filterset_class) == fresh(model) for model, filterset_class in LISTS.values())


def tables_asked(action):
    """The tables that `action` asks, in one string of SQL."""
    with CaptureQueriesContext(connection) as queries:
        action()
    return " ".join(query["sql"] for query in queries)


def is_read(action):
    """Whether rows of events are read from the database meanwhile."""
    return '"events_participation"."slug"' in tables_asked(action)


# They are used


def test_lines_are_taken_from_the_file(full):
    assert is_read(lambda: kept(*LISTS["events"]))
    renew_all()
    assert agree()
    assert not is_read(lambda: kept(*LISTS["events"]))


def test_a_list_is_taken_away_as_it_is_filtered_and_ordered(full, client):
    renew_all()
    for query in ("", "?sort=title", f"?topic={full.peace.slug}", "?q=summit", "?year=1999"):
        pks = [row.pk for row in client.get(f"/events/{query}").context["object_list"]]
        taken = b"".join(client.get(f"/events/list.csv{query}").streaming_content)
        assert taken == b"".join(export("csv", Event, pks, "http://testserver"))


def test_the_permalink_is_of_the_site_that_is_asked(full):
    renew_all()
    for site in ("https://archive.example", "http://127.0.0.1:8000"):
        assert kept(*LISTS["events"], site) == fresh(Event, site)


# They are never stale


def test_every_relation_is_looked_through(full):
    for model, filterset_class in LISTS.values():
        for lookup in Kept(filterset_class).table.shows:
            assert model.objects.published().filter(**{f"{lookup}__isnull": False}).exists(), (model, lookup)


@pytest.mark.parametrize("model", MODELS)
def test_whatever_changes_shows(full, model):
    """Each value of each row of every table is changed by itself, and each row deleted."""
    renew_all()
    lists = {name: Asked(of_list) for name, (of_list, _) in LISTS.items()}
    seen = 0
    for row in model.objects.all():
        for said, do in changes(row):
            with transaction.atomic():
                try:
                    do()
                except (IntegrityError, ProtectedError, ValidationError):
                    continue
                for name, (of_list, filterset_class) in LISTS.items():
                    if lists[name].is_other_now():  # else the lines from before the change are right in any case
                        seen += 1
                        assert kept(of_list, filterset_class) == fresh(of_list), (name, row, said)
                transaction.set_rollback(True)
    assert seen


class Asked:
    """The CSV of a list as the database gives it, read again only where the database has something else to say.

    To put all the queries once more that it was made of is a tenth of the work of making it.
    """

    def __init__(self, model):
        self.model = model
        self.ask()

    def ask(self):
        self.queries = []
        with connection.execute_wrapper(self.hear):
            self.csv = fresh(self.model)
        self.told = self.answers()

    def hear(self, execute, sql, params, many, context):
        self.queries.append((sql, params))
        return execute(sql, params, many, context)

    def answers(self):
        with connection.cursor() as cursor:
            return [cursor.execute(*query) and cursor.fetchall() for query in self.queries]

    def is_other_now(self):
        return self.answers() != self.told

    def now(self):
        if self.is_other_now():
            self.ask()
        return self.csv


def changes(row):
    """(what it is, function) of all that can be done to a row."""
    for field in row._meta.concrete_fields:
        if field.editable and not field.primary_key and not isinstance(field, Derived):
            for value in other_values(row, field):
                yield f"{field.name} = {value}", lambda field=field, value=value: save(row, field, value)
    for field in row._meta.many_to_many:
        there = getattr(row, field.name).all()
        for do, targets in (("remove", there), ("add", field.related_model.objects.exclude(pk__in=there))):
            for target in targets[:1]:
                yield f"{do} {target}", lambda do=do, field=field, target=target: getattr(getattr(row, field.name), do)(target)
    yield "delete", lambda: type(row).objects.get(pk=row.pk).delete()


def other_values(row, field):
    value = getattr(row, field.attname)
    if field.many_to_one:
        others = field.related_model.objects.exclude(pk=value).values_list("pk", flat=True)[:1]
        return [*others, *([None] if field.null else [])]
    if field.choices:
        return [one for one, _ in field.choices if one != value][: None if field.name == "state" else 1]
    if isinstance(field, PartialDateField):
        return [None, "1999"]
    if isinstance(field, models.JSONField):
        return [{"title": "By the archive."}]
    if isinstance(field, models.IntegerField):
        return [value + 7]
    if isinstance(field, models.DateField):
        return ["2020-02-20"]
    return ["ZZ" if field.max_length == 4 else f"{value}-else"]


def save(row, field, value):
    changed = type(row).objects.get(pk=row.pk)
    setattr(changed, field.attname, value)
    with transaction.atomic():
        changed.save()


def test_rows_that_are_changed_together_show(full):
    renew_all()
    Participation.objects.update(role="invited")
    assert agree()
    Passage.objects.update(exact="else")
    assert agree()
    Event.objects.filter(pk=full.later.pk).update(part_of=full.series)
    assert agree()
    AgendaItem.objects.all().delete()
    assert agree()


def test_new_records_and_deleted_ones_are_in_their_places(full):
    renew_all()
    event("New", date="2012")
    full.later.delete()
    full.draft.state = "published"
    full.draft.save()
    assert agree()


def test_only_what_shows_is_read_again(full):
    renew_all()
    full.freedonia.date = "1900/.."
    full.freedonia.save()
    full.freedonia.names.create(name="Freedonien")
    assert not is_read(lambda: kept(*LISTS["events"]))
    full.freedonia.name = "Free Freedonia"
    full.freedonia.save()
    assert is_read(lambda: kept(*LISTS["events"]))
    assert agree()


def test_what_is_undone_shows_where_it_was_read_in_between(full):
    for number in range(30):
        event(f"Meeting {number}", host_country=full.sylvania)

    def rename(name):
        Country.objects.filter(pk=full.sylvania.pk).update(name=name)

    assert renew(LISTS["events"][1], lambda number, total: rename("Osterlich"))
    rename("Sylvania")
    assert b"Osterlich" not in kept(*LISTS["events"])
    assert agree()


def test_a_change_while_a_list_is_taken_away_counts_from_there(full):
    for number in range(30):
        event(f"Meeting {number}", host_country=full.sylvania)
    renew_all()
    taken = Kept(LISTS["events"][1]).export(all_pks(Event), SITE)
    parts = [next(taken), next(taken)]
    Event.objects.update(state="withdrawn")
    parts += taken
    assert b"".join(parts).count(b"\r\n") == 1 + 20


def test_the_same_process_hears_of_one_change_after_the_other(full):
    renew_all()
    worker = Kept(LISTS["events"][1])
    for name in ("A", "B", "Freedonia"):
        Country.objects.filter(pk=full.freedonia.pk).update(name=name)
        assert b"".join(worker.export(all_pks(Event), SITE)) == fresh(Event)


def by_hand(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_what_was_changed_by_hand_shows_when_it_is_told(full):
    renew_all()
    by_hand("UPDATE people_country SET name = 'By hand'")
    ledger.everything_changed("by hand")
    assert agree()
    renew_all()
    Country.objects.filter(pk=full.freedonia.pk).update(date="1900")  # its entry before is older than what was done by hand
    Country.objects.filter(pk=full.freedonia.pk).update(name="Freedonia")
    assert agree()


def test_lines_of_another_history_do_not_count(full):
    renew_all()
    Entry.objects.update(unit="00000000-0000-0000-0000-000000000000")
    by_hand("UPDATE people_country SET name = 'As it was in the backup'")
    assert agree()
    renew_all()
    assert agree()
    assert not is_read(lambda: kept(*LISTS["events"]))


@pytest.mark.parametrize("entries", [True, False])
def test_when_too_much_has_changed_the_database_is_read(full, monkeypatch, started, entries):
    renew_all()
    monkeypatch.setattr(lines, "MOST_READ", 1)
    if entries:
        Person.objects.update(titles="Dr")
    else:
        Country.objects.filter(pk=full.freedonia.pk).update(state="draft")
    assert agree()
    assert started


# How they are written


@pytest.mark.parametrize("harm", ["cut", "short", "empty", "gone", "another version"])
def test_files_that_are_not_whole_are_not_used_and_made_again(full, tmp_path, harm, monkeypatch):
    renew_all()
    for folder in tmp_path.glob("*.lines-*/*-*/"):
        if harm == "gone":
            (folder / "starts.npy").unlink()
        elif harm == "empty":
            (folder / "places.npy").write_bytes(b"")
        else:
            name = "lines.csv" if harm == "cut" else "pks.npy"
            (folder / name).write_bytes((folder / name).read_bytes()[:-4])
    if harm == "another version":
        monkeypatch.setattr(lines, "FORMAT", "newer")
    assert agree()
    assert is_read(lambda: kept(*LISTS["events"]))
    renew_all()
    assert not is_read(lambda: kept(*LISTS["events"]))
    assert len(list(tmp_path.glob("*.lines-*/*-*/"))) == len(LISTS)


def test_a_disk_that_is_full_leaves_no_lines(full, tmp_path, monkeypatch):
    def full_disk(*args):
        raise OSError("No space left on device")

    monkeypatch.setattr(lines.np, "save", full_disk)
    assert not any(map(renew, filtersets().values()))
    assert not list(tmp_path.glob("*.lines-*/*-*"))
    assert agree()


def test_new_lines_are_the_old_ones_with_what_has_changed(full, monkeypatch):
    renew_all()
    full.later.title = "Latest summit"
    full.later.save()
    added = event("Added")
    read = []
    monkeypatch.setattr(lines, "read_lines", lambda table, pks, real=lines.read_lines: read.extend(pks) or real(table, pks))
    renew(LISTS["events"][1])
    assert sorted(read) == sorted([full.later.pk, added.pk])
    assert agree()
    assert not is_read(lambda: kept(*LISTS["events"]))


def test_lines_that_are_as_good_as_new_are_left(full, tmp_path):
    renew_all()
    before = sorted(tmp_path.glob("event.lines-*/*-*"))
    full.freedonia.names.create(name="Freedonien")
    renew_all()
    assert sorted(tmp_path.glob("event.lines-*/*-*")) == before


def test_the_command_writes_them_and_says_so(full):
    said = [StringIO(), StringIO()]
    for out in said:
        call_command("reindex", stdout=out)
    assert "events: 3 lines of CSV" in said[0].getvalue()
    assert agree()
    assert not is_read(lambda: kept(*LISTS["events"]))


def test_where_there_are_none_they_are_made_in_the_background_once(full, client, started):
    for _ in range(3):
        b"".join(client.get("/events/list.csv").streaming_content)
    assert started == [index.RENEW]


def test_where_many_are_stale_new_ones_are_made_in_the_background(full, client, started, monkeypatch):
    renew_all()
    b"".join(client.get("/events/list.csv").streaming_content)
    assert not started
    monkeypatch.setattr(lines, "MOST_STALE", 0)
    full.summit.save()
    full.summit.title = "Peak"
    full.summit.save()
    b"".join(client.get("/events/list.csv").streaming_content)
    assert started == [index.RENEW]


def test_a_short_list_has_no_lines(full, monkeypatch, tmp_path, started):
    monkeypatch.setattr(index.store, "WORTH_IT", 100)
    assert not any(map(renew, filtersets().values()))
    assert agree()
    assert not started


@given(data=st.data())
@hypothesis.settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_lines_and_the_database_agree(db, data):
    draw = Draws(data)

    def check():
        build(draw)
        workers = [(model, Kept(filterset_class)) for model, filterset_class in LISTS.values()]
        lists = {model: Asked(model) for model, _ in workers}
        for _, worker in workers:
            worker.renew(lambda number, total: None)
        for _ in range(3):
            for _ in range(draw.number(3)):
                change(draw)
            for model, worker in workers:
                assert b"".join(worker.export(all_pks(model), SITE)) == lists[model].now()
            if draw.number(1):
                workers[draw.number(1)][1].renew(lambda number, total: None)

    roll_back(check)
