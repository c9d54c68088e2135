"""The facet index answers as the database would, whatever was changed, in whichever way, and however it learns of it."""

import datetime
import shutil

import numpy as np
import pytest
from django.db import connection, transaction
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from archive.core import index, ledger
from archive.core.facets import Years
from archive.core.filters import Faceted
from archive.core.index import Index, facets_of, index_of
from archive.core.index.segment import Segment, by_key
from archive.core.models import Entry
from archive.site.records import LISTS
from archive.sources.models import Document
from events.filters import EventFilter, StatementFilter
from events.models import Event, Participation, Statement, Topic
from people.filters import OrganizationFilter, PersonFilter
from people.models import Country, Organization, Person
from tests.cast import country, document, event, organization, participation, passage, person, statement, topic

STATES = ["published", "published", "published", "draft", "withdrawn"]
DATES = [None, "2015", "2015-05-03", "2014/2016", "2012-11", "2016/..", "../2013", "2003~", "2015-05-03"]
NAMED = [Country, Organization, Person, Topic, Document]
FILTERSETS = [EventFilter, StatementFilter, PersonFilter, OrganizationFilter]


# A small archive, made of what Hypothesis draws


class Draws:
    """What a test takes from Hypothesis: one of some things, yes or no, a number."""

    def __init__(self, data):
        self.data = data

    def one(self, things):
        return self.data.draw(st.sampled_from(things))

    def maybe(self, things):
        return self.one([None, *things])

    def some(self, things, most=2):
        return self.data.draw(st.lists(st.sampled_from(things), max_size=most, unique=True)) if things else []

    def number(self, most):
        return self.data.draw(st.integers(0, most))


@ledger.unit()  # one entry for each record, not one for each of its rows
def build(draw):
    lands = [country(f"Land {code}", code, state=draw.one(STATES)) for code in ("AA", "BB")]
    bodies = [organization(f"Body {n}", state=draw.one(STATES), country=draw.maybe(lands)) for n in range(2)]
    people = [person(f"Person {n}", state=draw.one(STATES)) for n in range(2)]
    for somebody in people:
        somebody.positions.create(title="Post", organization=draw.maybe(bodies), country=draw.maybe(lands))
    topics = [topic(f"Topic {n}", state=draw.one(STATES)) for n in range(2)]
    papers = [document(f"Paper {n}", state=draw.one(STATES)) for n in range(2)]
    for number in range(draw.number(4)):
        add_event(draw, f"Event {number}", lands, bodies, people, topics, papers)


def add_event(draw, title, lands, bodies, people, topics, papers):
    made = event(
        title,
        state=draw.one(STATES),
        date=draw.one(DATES),
        host_country=draw.maybe(lands),
        kind=draw.one(Event.Kind.values[:2]),
        format=draw.one(["", "online"]),
    )
    made.topics.set(draw.some(topics))
    made.passages.set([passage(paper, "Leaders met") for paper in draw.some(papers)])
    rows = [add_row(draw, made, lands, bodies, people) for _ in range(draw.number(2))]
    for number in range(draw.number(2)):
        said = statement(made, f"Words {number}", slug=f"{made.slug}-{number}", state=draw.one(STATES))
        said.speakers.set(draw.some(rows))
        said.topics.set(draw.some(topics))


def add_row(draw, made, lands, bodies, people):
    who = {"person": draw.maybe(people), "organization": draw.maybe(bodies), "country": draw.maybe(lands)}
    if not any(who.values()):
        who["country"] = lands[0]
    return participation(made, role=draw.one(Participation.Role.values), **who)


def change(draw):
    """One change, in one of the ways in which an archive is changed."""
    models = [Event, Statement, *NAMED]
    model = draw.one(models)
    records = list(model.objects.order_by("pk"))
    if not records:
        return
    record = draw.one(records)
    how = draw.one(["save", "update", "date", "topics", "clear", "rows", "move", "delete"])
    if how == "save":
        record.state = draw.one(STATES)
        record.save()
    elif how == "update":
        model.objects.filter(pk=record.pk).update(state=draw.one(STATES))
    elif how == "date" and model is Event:
        record.date = draw.one(DATES)
        record.title = draw.one(["Aa", "Éé", "zz", record.title])
        record.save()
    elif how == "topics" and model in (Event, Statement):
        record.topics.set(draw.some(list(Topic.objects.all())))
    elif how == "clear" and model is Topic:
        record.events.clear()
    elif how == "rows" and model is Event:
        record.participations.all().delete()
        add_row(draw, record, list(Country.objects.all()), list(Organization.objects.all()), list(Person.objects.all()))
    elif how == "move" and model is Statement:
        record.event = draw.one(list(Event.objects.all()))
        record.save()
    elif how == "delete" and model in (Event, Statement, Topic):
        record.delete()


# What the database says, in its own words


def ask(draw, filterset_class):
    """A FilterSet with some values chosen, by their primary keys and names."""
    asked = QueryDict(mutable=True)
    for name, one in filterset_class.base_filters.items():
        if not isinstance(one, Faceted) or draw.number(2):
            continue
        if Years in map(type, one.facets.values()):
            asked[name] = draw.one(["2015", "2013-2014", "2017-", "-2012"])
        elif hasattr(one, "queryset"):
            asked.setlist(name, [record.slug for record in draw.some(list(one.queryset(None)))])
        else:
            asked.setlist(name, draw.some(one.extra["choices"].values))
    if "role" in filterset_class.base_filters:
        asked["role"] = draw.one(["either", "host", "participant", "mentioned"])
    return filterset_class(asked, queryset=filterset_class._meta.model.objects.published())


def agrees(filterset, selection):
    model = type(filterset)._meta.model
    expected = set(filterset.qs.values_list("pk", flat=True))
    shown = selection.pks(0, selection.total + 5)
    assert len(shown) == len(set(shown)) == selection.total
    assert set(shown) == expected
    assert all((pk in selection) == (pk in expected) for pk in model.objects.values_list("pk", flat=True))
    for name in shown_facets(filterset):
        facet = selection.segment.layout.facets[name]
        counts = selection.counts(name)
        others = filterset_without(filterset, name)
        for value in all_values(model, facet):
            chosen = (value // 10_000, value % 10_000) if isinstance(facet, Years) else [value]
            if isinstance(facet, Years):
                counted = sum(n for span, n in counts.items() if span // 10_000 <= chosen[1] and span % 10_000 >= chosen[0])
            else:
                counted = counts[value]
                assert selection.count(name, value) == counted
            assert counted == others.filter(facet.rule(model, chosen)).count(), (name, value)
        if not isinstance(facet, Years):
            best, more = selection.top(name, 2)
            ordered = sorted(((value, n) for value, n in counts.items() if n), key=lambda pair: (-pair[1], pair[0]))
            assert (best, more) == (ordered[:2], len(ordered) > 2)
    return shown


def shown_facets(filterset):
    """What the index calls the facets that a reader sees: of a filter with several meanings, the one that is meant."""
    data = filterset.form.cleaned_data
    return [one.index_name(name, data) for name, one in filterset.filters.items() if isinstance(one, Faceted)]


def all_values(model, facet):
    if isinstance(facet, Years):
        return [2015 * 10_000 + 2015, 2012 * 10_000 + 2014, 2016 * 10_000 + 9999, 10_000 + 2003]
    values = {value for path in facet.paths for value in model._base_manager.values_list(path, flat=True)}
    return [value for value in values if value not in (None, "")]


def filterset_without(filterset, name):
    query = filterset.data.copy()
    query.pop(name.partition(".")[0], None)
    return type(filterset)(query, queryset=filterset.queryset).qs


def newest_first(filterset_class, pks):
    records = filterset_class._meta.model.objects.in_bulk(pks)
    never = datetime.date(1, 1, 1)
    if filterset_class is EventFilter:
        return sorted(pks, key=lambda pk: (records[pk].date_earliest or never, records[pk].date_latest or never, pk), reverse=True)
    return pks


def roll_back(check):
    """Runs `check` in a transaction that leaves nothing, as a backup that is brought back would."""
    with transaction.atomic():
        check()
        transaction.set_rollback(True)


@given(data=st.data())
# Each example is rolled back by itself, so that the fixture need not be.
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_index_and_the_database_agree(db, data):
    draw = Draws(data)

    def check():
        build(draw)
        for filterset_class in FILTERSETS:
            index_of(filterset_class).snapshot()
        for _ in range(draw.number(5)):
            change(draw)
        for filterset_class in FILTERSETS:
            filterset = ask(draw, filterset_class)
            kept_up = agrees(filterset, filterset.select())
            assert newest_first(filterset_class, kept_up) == kept_up
            fresh = Index(index_of(filterset_class).layout).snapshot()
            assert fresh.changed == {}
            chosen = filterset.select().chosen
            for order in fresh.segment.layout.orders:
                there = fresh.select(chosen)
                assert there.pks(0, 99, order) == filterset.select().pks(0, 99, order), order

    roll_back(check)


# What Hypothesis is unlikely to meet


@pytest.fixture
def big_enough(monkeypatch, tmp_path, settings):
    """Segments are stored from two records on, in a place of the test's own."""
    settings.INDEX_ROOT = tmp_path
    for module in (index, index.store):
        monkeypatch.setattr(module, "WORTH_IT", 2)


def crowd(number, **fields):
    return [event(f"Meeting {n:04}", date=f"20{n % 20:02}-0{n % 9 + 1}", **fields) for n in range(number)]


def fresh():
    return Index(index_of(EventFilter).layout)


def test_a_segment_is_stored_and_the_next_process_starts_from_it(cast, big_enough, monkeypatch, django_assert_max_num_queries):
    crowd(5)
    before = fresh().snapshot()
    monkeypatch.setattr(index.Layout, "read_all", None)  # reading the archive again would fail
    after = fresh().snapshot()
    assert after.select({}).pks(0, 10) == before.select({}).pks(0, 10)
    event("Late", date="2010-02")
    late = fresh().snapshot()
    assert late.changed
    assert late.select({}).total == before.select({}).total + 1


@pytest.mark.parametrize("harm", ["cut", "gone", "other history"])
def test_a_stored_segment_that_does_not_fit_is_made_again(cast, big_enough, tmp_path, harm):
    crowd(3)
    expected = fresh().snapshot().select({}).pks(0, 10)
    (kept,) = fresh().store.kept()
    if harm == "cut":
        (kept / "pks.npy").write_bytes(b"\x93NUMPY")
    elif harm == "gone":
        shutil.rmtree(kept)
    else:
        Entry.objects.update(unit="00000000-0000-0000-0000-000000000000")
    assert fresh().snapshot().select({}).pks(0, 10) == expected


def test_many_changes_make_a_new_segment(cast, big_enough, monkeypatch):
    monkeypatch.setattr(index, "MOST_CHANGED", 3)
    monkeypatch.setattr(index, "WORTH_IT", 1_000)  # at once, not in the background
    one = fresh()
    one.snapshot()
    crowd(3)
    assert len(one.snapshot().changed) == 3
    event("One more")
    newest = one.snapshot()
    assert newest.changed == {}
    assert newest.select({}).total == 5


def test_a_big_list_has_its_new_segment_made_by_another_process(cast, big_enough, monkeypatch):
    monkeypatch.setattr(index, "MOST_CHANGED", 1)
    started = []
    monkeypatch.setattr(index.subprocess, "Popen", lambda *args, **kwargs: started.append(args) or Running())
    worker = fresh()
    crowd(2)
    before = worker.snapshot()
    for title in ("One", "Two"):
        event(title)
    assert worker.snapshot().select({}).total == before.select({}).total + 2
    event("One more")
    assert worker.snapshot().select({}).total == before.select({}).total + 3
    assert len(started) == 1  # one at a time
    fresh().renew()  # what that process does
    event("Last")
    latest = worker.snapshot()
    assert latest.select({}).total == before.select({}).total + 4
    assert len(latest.changed) == 1


class Running:
    """A process that has not ended."""

    def poll(self):
        return None


def test_when_anything_may_have_changed_everything_is_read(cast):
    one = fresh()
    one.snapshot()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_event SET state = 'draft' WHERE id = %s", [cast.summit.pk])
    assert one.snapshot().select({}).total == 1
    ledger.everything_changed("by hand")
    assert one.snapshot().select({}).total == 0


def test_counting_is_the_same_in_every_way_it_is_done(cast, monkeypatch):
    lands = [country(f"Land {n}", f"X{chr(65 + n)}") for n in range(6)]
    for number in range(60):
        made = event(f"Meeting {number}", date="2015", host_country=lands[number % 6 * (number % 3) % 6])
        for land in lands[: number % 5]:
            participation(made, country=land)
    selection = fresh().snapshot().select({"kind": ["meeting"]})
    names = ["country.either", "country.host", "topic", "kind"]
    expected = {name: (selection.counts(name), selection.top(name, 2)) for name in names}
    half = fresh().snapshot()
    within = BitMap(list(half.standing)[::2]), set()
    gathered = {name: (half.select({}, within).counts(name), half.select({}, within).top(name, 3)) for name in names}
    for big, few in [(1, 0), (1_000, 0), (4, 0), (1, 10**9)]:
        monkeypatch.setattr(index.segment, "BIG", big)
        monkeypatch.setattr(index.segment, "FEW", few)
        monkeypatch.setattr(index.segment, "BLOCK", 2)
        again = fresh().snapshot()
        for name in names:
            whole, part = again.select({"kind": ["meeting"]}), again.select({}, within)
            assert (whole.counts(name), whole.top(name, 2)) == expected[name]
            assert (part.counts(name), part.top(name, 3)) == gathered[name]


@pytest.mark.parametrize("pks", [[3, 1, 2, 5], [900_000, 7, 4_000_000_000, 5], []], ids=["in a row", "far apart", "none"])
def test_a_primary_key_leads_to_its_position(pks):
    pks = np.array(pks, np.int64)
    segment = Segment(None, {"pks": pks, **by_key(pks)})
    asked = np.array([5, 6, 0, 2, 7, 900_000, 5_000_000_000], np.int64)
    assert segment.positions(asked).tolist() == [pks.tolist().index(pk) for pk in asked if pk in pks]


def test_every_facet_of_every_list_is_in_its_index():
    for model, filterset_class in LISTS.values():
        names = {name.partition(".")[0] for name in facets_of(filterset_class)}
        assert names == {name for name, one in filterset_class.base_filters.items() if isinstance(one, Faceted)}, model
