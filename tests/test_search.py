"""Search: the query language, what it finds on the database at hand, and how what was found is shown."""

import re

import pytest
from django.db import connection, transaction
from django.template import engines
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archive.core.ledger import unit
from archive.core.romanization import romanized
from archive.core.search import (
    Query,
    Vocabulary,
    bearing,
    ensure,
    evaluate,
    found_ids,
    matching,
    parse,
    paused,
    ranked,
    rebuild,
    snippet,
    suggest,
)
from archive.core.search.fulltext import engine, run
from archive.core.search.snippets import marked_text
from archive.core.text import indexed, words
from archive.site.records import MODELS
from archive.sources.models import Document
from events.models import Event, Statement, Topic
from people.models import Country, Organization, Person
from tests.cast import document, event, organization, person, statement, topic

SEARCHED = [model for model in MODELS if hasattr(model, "folded")]


@pytest.fixture(autouse=True)
def _full_text(db):
    for model in SEARCHED:
        ensure(model)


def found(model, text):
    """The slugs of the records of `model` that `text` finds, by both ways to ask, which must agree."""
    query = parse(text)
    records = matching(model, query)
    assert set(found_ids(model, query)) == set(records.values_list("pk", flat=True))
    return sorted(records.values_list("slug", flat=True))


# The query language


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("peace war", "peace war"),
        ("  Peace\x00,\n WAR! ", "Peace WAR"),
        ("“soft power”", '"soft power"'),
        ("«мягкая сила", '"мягкая сила"'),
        ("CSTO’s", "CSTO’s"),
        ("secur*", "secur*"),
        ('"collective secur"*', '"collective secur"*'),
        ('"collective secur*"', '"collective secur"*'),
        ("a* of*", "a of*"),
        ("peace -war", "peace -war"),
        ("–war", "-war"),
        ('-"soft power"', '-"soft power"'),
        ("Moscow – Dushanbe", "Moscow Dushanbe"),
        ("25-27", "25-27"),
        ("peace OR war treaty", "peace OR war treaty"),
        ("peace OR", "peace"),
        ("OR OR peace OR OR war", "peace OR war"),
        ("peace or war", "peace or war"),
        ('"OR"', '"OR"'),
        ('- * "" "-" OR !!!', ""),
        ("peace OR !!! war", "peace OR war"),
        ('a"b c"d', 'a "b c" d'),
    ],
)
def test_what_is_typed_means(text, meaning):
    assert str(parse(text)) == meaning


def test_words_beyond_the_twentieth_are_left_out_and_it_says_so():
    query = parse(" ".join(f"w{number}" for number in range(30)))
    assert (len(query.terms), query.ignored) == (20, 10)
    assert query.notice == "Only the first 20 words count: 10 more were left out."
    long = parse('peace "' + " ".join("abcdefghijklmnopqrstuvwxyz") + '*" war')
    assert (len(long.terms[1].words), long.terms[1].prefix, long.ignored) == (19, False, 8)
    assert not parse("peace").notice


def test_a_query_says_itself_in_words():
    query = parse('peace OR "soft power" secur* -war')
    assert query.phrase == "with peace or with “soft power”, with secur*, without war"
    assert query.words == ["peace", "soft", "power", "secur"]


OPERATORS = ['"', "-", "*", " ", " OR ", "“", "–", "'", "\x00", "\ud800", "(", "AND", "NOT ", "^", ":", "\u0301"]


@given(st.lists(st.sampled_from(OPERATORS) | st.text(max_size=5)).map("".join))
@example("İ*")
def test_anything_can_be_typed_and_says_itself(text):
    query = parse(text)
    again = parse(str(query))
    assert [(t.words, t.prefix, t.excluded) for t in again.terms] == [(t.words, t.prefix, t.excluded) for t in query.terms]
    assert [len(clause) for clause in again.clauses] == [len(clause) for clause in query.clauses]
    assert bool(query) == bool(query.terms)
    for model in (Statement, Person):
        found(model, text)


# What it finds


def test_a_phrase_is_found_across_punctuation_and_not_across_fields():
    event("Peace, security", place="Dushanbe")
    assert found(Event, '"peace security"') == ["peace-security"]
    assert found(Event, '"security dushanbe"') == []
    assert found(Event, "security dushanbe") == ["peace-security"]


def test_whole_words_are_found_and_beginnings_where_asked():
    event("Security of the region")
    assert found(Event, "secur") == []
    assert found(Event, "secur*") == ["security-of-the-region"]
    assert found(Event, '"of the reg*"') == ["security-of-the-region"]


def test_exclusions_alone_mean_everything_but():
    event("Peace")
    event("War")
    assert found(Event, "-war") == ["peace"]
    assert found(Event, '-"war"* -peace') == []
    assert found(Event, "-war OR war") == ["peace", "war"]
    assert found(Event, "") == ["peace", "war"]


def test_accents_written_as_marks_and_soft_hyphens_are_no_gaps():
    event("Re\u0301union de secu\u00adrité", slug="reunion")
    assert found(Event, "réunion") == found(Event, "reunion SECURITE") == ["reunion"]


def test_letters_of_many_scripts_are_words():
    event("Συνέδριο για τους ΛΌΓΟΥΣ, 會議, 한국, हिन्दी", slug="many")
    for text in ("συνεδριο", "λογους", "會議", "한국", "हिन्दी"):
        assert found(Event, text) == ["many"], text
    assert found(Event, "한글") == []


def test_no_word_is_too_long_and_no_text_too_big():
    long = "x" * 5_000
    many = " ".join(f"{number}".zfill(90) for number in range(20_000))
    document("Long", text=f"{long} {many} end")
    assert found(Document, long) == ["long"]
    assert found(Document, "0" * 89 + "7") == ["long"]
    assert found(Document, "end") == []  # beyond the million bytes of different words


def test_a_phrase_is_found_far_into_a_long_text():
    document("Long", text="word " * 40_000 + "collective security")
    assert found(Document, '"word collective security"') == ["long"]
    assert found(Document, '"security collective"') == []


SPELLINGS = {
    "valery-semerikov": ["semerikov", "Семериков", "Semerikow", "Valerij Semerikov", '"валерий семер"*'],
    "victor-vasilyev": ["Васильев", "Viktor Vasil'ev", "Vasiliev"],
    "david-virabyan": ["Вирабян", "Virabian", "Virabân"],
    "emomali-rahmon": ["Раҳмон", "Рахмон", "Rakhmon", "Эмомалӣ"],
    "parviz-muhammadzoda": ["Мухаммадзода", "Muhmmadzoda", "Mukhammadzoda"],
    "i-n-tasmagambetov": ["Tasmagambetov", "Tamagambetov", "Нургалиевич", "Imangali"],
}


def test_people_are_found_by_any_name_in_any_spelling(archive):
    for slug, spellings in SPELLINGS.items():
        for typed in spellings:
            people = [set(bearing(Person, term).values_list("slug", flat=True)) for term in parse(typed).terms]
            assert set.intersection(*people) == {slug}, typed


def test_a_name_that_was_changed_or_taken_away_no_longer_finds():
    who = person("Rufus Firefly")
    name = who.names.create(name="Руфус Файрфлай")
    term = parse("Файрфлай").terms[0]
    assert list(bearing(Person, term)) == [who]
    name.name = "Руфус Светлячок"
    name.save()
    assert not bearing(Person, term)
    assert list(bearing(Person, parse("Svetlyachok").terms[0])) == [who]
    name.delete()
    assert not bearing(Person, parse("Svetlyachok").terms[0])


def test_everybody_of_a_name_comes_by_kind():
    tajikistan, university = Country.objects.create(code="TJ", slug="tj", name="Tajikistan"), organization("Tajikistan University")
    term = parse("-tajikistan").terms[0]
    kinds = {model: bearing(model, term) for model in (Country, Organization, Person)}
    assert {model: list(records) for model, records in kinds.items()} == {
        Country: [tajikistan],
        Organization: [university],
        Person: [],
    }


# Both databases and a plain reading of the rules find the same

VOICES = ["war", "Postwar", "warm", "Жуков", "Zhukov", "МИР"]
SIGNS = [", ", "-", "\n", "’", "\u00a0", "¶", "²", "—"]
TEXTS = st.lists(st.tuples(st.sampled_from(VOICES), st.sampled_from([" "] * 6 + SIGNS)), max_size=6).map(
    lambda pairs: "".join(word + sign for word, sign in pairs)
)
PHRASES = st.sampled_from(VOICES) | st.lists(st.sampled_from(VOICES), min_size=2, max_size=2).map(" ".join)
TERMS = st.builds(
    lambda minus, phrase, star: f'{minus}"{phrase}"{star}', st.sampled_from(["", "-"]), PHRASES, st.sampled_from(["", "", "*"])
)
QUERIES = st.lists(TERMS | st.just("OR"), min_size=1, max_size=5).map(" ".join)


def has_run(run, some, prefix):
    """Whether `some` has the words `run` one after another."""
    starts = (some[place : place + len(run)] for place in range(len(some) - len(run) + 1))
    return any(one[:-1] == run[:-1] and (one[-1].startswith(run[-1]) if prefix else one[-1] == run[-1]) for one in starts)


def finds(query, fields, of_names):
    """What the rules say, word by word."""

    def holds(term):
        found = any(has_run(list(term.words), words(field), term.prefix) for field in fields)
        if of_names:
            # Words and keys stand in one column: either is looked for among both.
            sequences = [words(field) for field in fields] + [romanized(field) for field in fields]
            found = any(has_run(list(run), some, term.prefix) for some in sequences for run in (term.words, term.keys) if run)
        return found != term.excluded

    return all(any(map(holds, clause)) for clause in query.clauses)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4), st.lists(QUERIES, min_size=5, max_size=10), st.data())
def test_the_database_finds_what_the_rules_say(rows, queries, data):
    with transaction.atomic():
        with unit():
            owner = event("Any")
            made = [statement(owner, text, attribution=by, slug=f"s{number}") for number, (text, by) in enumerate(rows)]
            topics = [topic(name, scope_note=note, slug=f"t{number}") for number, (name, note) in enumerate(rows)]
            for one in data.draw(st.lists(st.sampled_from(made), unique=True)):
                one.text = data.draw(TEXTS)
                one.save()
            if data.draw(st.booleans()):
                made.pop().delete()
        for text in queries:
            query = parse(text)
            assert found(Statement, text) == [s.slug for s in made if finds(query, [s.text, s.attribution], of_names=False)], text
            assert found(Topic, text) == [t.slug for t in topics if finds(query, [t.name, t.scope_note], of_names=True)], text
        transaction.set_rollback(True)


# The full text follows what is written


def test_it_is_made_anew_when_a_migration_has_lost_its_triggers():
    run(Event, "default", engine(connection).PAUSE)
    event("Peace")
    assert found(Event, "peace") == []
    ensure(Event)
    assert found(Event, "peace") == ["peace"]


def test_words_written_by_an_older_version_are_written_anew():
    event("Peace, at last")
    run(Event, "default", engine(connection).DROP)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_event SET folded = 'peace, at last'")
    ensure(Event)
    assert list(Event.objects.values_list("folded", flat=True).filter(folded=indexed(["Peace, at last"])))
    assert found(Event, "peace") == ["peace-at-last"]


def test_ensuring_what_is_there_changes_nothing(django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        ensure(Event)


def test_a_table_that_has_not_been_made_yet_is_left_alone():
    with connection.cursor() as cursor:
        for statement in engine(connection).DROP:
            cursor.execute(statement.replace("{table}", "events_topicname"))
        cursor.execute("ALTER TABLE events_topicname RENAME TO events_label")
    ensure(MODELS[MODELS.index(Topic) + 1])
    with connection.cursor() as cursor:
        assert "events_topicname_words" not in connection.introspection.table_names(cursor)


def test_rows_can_be_loaded_past_it_and_are_found_afterwards():
    event("Before")
    with paused([Event, Statement]):
        event("Peace")
        Event.objects.filter(slug="before").update(title="Renamed")
        assert found(Event, "peace") == []
    assert found(Event, "peace") == ["peace"]
    rebuild(Event)
    assert found(Event, "peace") == ["peace"]


@pytest.mark.django_db(transaction=True)
def test_it_survives_an_emptied_database():
    from django.core.management import call_command

    event("Peace")
    call_command("flush", interactive=False, verbosity=0)
    assert found(Event, "peace") == []
    event("Peace and war")
    assert found(Event, "peace") == ["peace-and-war"]


# Names and texts together


def test_a_term_is_found_in_a_text_or_a_name_and_excluded_from_both():
    texts = {"peace": {1, 2, 3}, "war": {3}, "firefly": {4}}
    names = {"firefly": {1, 3, 9}}
    asked = []

    def text_ids(query, within):
        asked.append((str(query), within))
        found = everything
        for clause in query.clauses:
            some = set.union(*(texts.get(term.words[0], set()) for term in clause))
            found = found - some if clause[0].excluded else found & some
        return found

    def name_ids(term):
        return names.get(term.words[0], set())

    everything = {1, 2, 3, 4, 5}

    def answer(text):
        asked.clear()
        return evaluate(parse(text), text_ids, name_ids, everything)

    assert answer("peace war") == {3}
    assert asked == [("peace war", None)]  # whole, where no name has a part in it
    assert answer("peace firefly") == {1, 3}
    assert asked == [("peace", {1, 3}), ("peace firefly", None)]  # and beside it, among the few that have a word in a name
    assert answer("peace -firefly") == {2}
    assert answer("firefly -war") == {1, 4}
    assert answer("firefly -peace") == {4}
    assert answer("firefly") == {1, 3, 4}
    assert answer("-firefly") == {2, 5}
    assert answer("-war -firefly") == {2, 5}
    assert answer("war OR -firefly") == {2, 3, 5}
    assert answer("") == everything


@given(st.lists(TEXTS, min_size=1, max_size=5), st.sets(st.sampled_from(VOICES)), QUERIES)
def test_whichever_part_names_have_the_answer_is_the_same(texts, names, text):
    """With names that find what texts find anyway, the answer is that of texts alone."""

    def text_ids(query, within=None):
        found = {place for place, one in enumerate(texts) if finds(query, [one], of_names=False)}
        return found if within is None else found & within

    def name_ids(term):
        return text_ids(Query(((term,),))) if set(term.words) & {word for name in names for word in words(name)} else set()

    assert evaluate(parse(text), text_ids, name_ids, set(range(len(texts)))) == text_ids(parse(text))


# Ranking


def test_titles_weigh_most_then_how_often_in_how_short_a_text():
    title = event("Peace", summary="Leaders met.")
    often = event("Summit", summary="Peace, and peace again.")
    once = event("Conference", summary="Peace was spoken of at length, among many other things, by all of the experts who came.")
    never = event("Seminar")
    pks = [never.pk, once.pk, often.pk, title.pk]
    assert ranked(Event, parse("peace"), pks, 10) == [title.pk, often.pk, once.pk, never.pk]
    assert ranked(Event, parse("peace"), pks, 2) == [title.pk, often.pk]
    assert ranked(Event, parse("seminar OR nothing"), pks, 1) == [never.pk]


def test_equals_stay_in_their_order_and_rare_words_weigh_more():
    common = [event(f"Peace {number}") for number in range(5)]
    rare = event("Treaty 9")
    pks = [one.pk for one in reversed(common)] + [rare.pk]
    assert ranked(Event, parse("peace OR treaty"), pks, 10) == [rare.pk, *pks[:-1]]
    assert ranked(Event, parse("-war"), pks, 10) == pks
    assert ranked(Event, parse("peace"), [], 10) == []


# Snippets


def test_the_piece_with_most_of_the_words_is_shown():
    text = "Peace. " + "Nothing of note. " * 30 + "They spoke of peace, and of «мягкая сила», " + "at length. " * 30
    shown = snippet(text, parse('peace "Мягкая сила"'), 80)
    assert [fragment for fragment, is_marked in shown if is_marked] == ["peace", "мягкая сила"]
    assert shown[0] == shown[-1] == ("…", False)
    assert len("".join(fragment for fragment, _ in shown)) <= 82


def test_words_deep_in_a_long_text_are_shown():
    text = "Nothing of note. " * 5_000 + "Peace at last."
    assert ("Peace", True) in snippet(text, parse("peace"))


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("Раҳмон met", "rahmon", ["Раҳмон"]),
        ("Вале\u0301рий Семериков", '"valery semer"*', ["Вале\u0301рий Семериков"]),
        ("Secu\u00adrity and securities", "secur*", ["Secu\u00adrity", "securities"]),
        ("CSTO's part", "CSTO’s", ["CSTO's"]),
        ("peace treaty", 'peace "peace treaty"', ["peace treaty"]),
        ("peace and war", "-war", []),
        ("war of words", '"of war"', []),
    ],
)
def test_what_was_found_is_marked(text, typed, marked):
    assert [fragment for fragment, is_marked in marked_text(text, parse(typed)) if is_marked] == marked


@given(st.lists(st.sampled_from([*VOICES, *SIGNS, "x" * 40]) | st.text(max_size=4)).map("".join), QUERIES, st.integers(1, 60))
def test_fragments_are_the_text_in_its_order(text, typed, length):
    query = parse(typed)
    shown = snippet(text, query, length)
    body = shown[1:] if shown and shown[0] == ("…", False) else shown
    body = body[:-1] if body and body[-1] == ("…", False) else body
    joined = "".join(fragment for fragment, _ in body)
    assert joined in text
    assert all(fragment for fragment, _ in shown)
    assert "".join(fragment for fragment, _ in marked_text(text, query)) == text
    longest = max((len(fragment) for fragment, is_marked in shown if is_marked), default=0)
    assert len(joined) <= max(length, longest)


def test_a_template_marks_and_escapes():
    page = engines["jinja2"].from_string("{{ text|marked(query) }} {{ text|excerpt(query) }} {{ text|marked(nothing) }}")
    html = page.render({"text": "<b>Peace</b>", "query": parse("peace"), "nothing": ""})
    marked = "&lt;b&gt;<mark>Peace</mark>&lt;/b&gt;"
    assert html == f"{marked} {marked} &lt;b&gt;Peace&lt;/b&gt;"


# What was probably meant

NAMES = ["Valery Semerikov", "Валерий Семериков", "Emomali Rahmon", "Collective Security Treaty Organization", "Omsk", "Tomsk"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Semerkov", "Semerikov"),
        ("Семерков", "Семериков"),
        ("семиреков", "Семериков"),
        ("valrey semerkov peace", "Valery Semerikov peace"),
        ('"Valery Semerkov"', '"Valery Semerikov"'),
        ("Rahmonn -war", None),  # a doubled letter is no slip: the key is the same
        ("Omks", "Omsk"),
        ("Rhamon", "Rahmon"),
        ("Om", None),
        ("nonsense", None),
        ("Semerkov nonsense", None),
        ("peace", None),
    ],
)
def test_a_near_miss_offers_what_was_meant(typed, meant):
    texts = [*NAMES, "Valery Semerikov spoke of peace"]

    def anything(query):
        return any(finds(query, [text], of_names=True) for text in texts)

    assert suggest(parse(typed), Vocabulary(NAMES), anything) == meant


def test_what_would_find_nothing_is_not_offered():
    assert suggest(parse("Semerkov"), Vocabulary(NAMES), lambda query: False) is None


def test_a_vocabulary_takes_the_words_as_they_are_written():
    vocabulary = Vocabulary(["Раҳмон, Э.", "Rahmon"])
    assert vocabulary.closest("Рахмин") == "Раҳмон"
    assert vocabulary.closest("Rahmin") == "Rahmon"
    assert vocabulary.closest("Rakhmon") is None  # known, in another spelling
    assert not re.search(r"\W", vocabulary.closest("Рахмин"))
