"""The ledger hears of every change, whichever way it is made: one entry for each record that it touched, in one unit."""

import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from archive.core import ledger
from archive.core.ledger import everything_changed, unit
from archive.core.models import Entry
from archive.core.plain import to_plain, with_plain
from archive.site.records import LISTS
from archive.sources.models import Passage
from events.models import AgendaItem, Event, Participation
from people.models import Country, Person, Position
from tests.cast import TEXT, event, participation, passage, person, topic
from tests.test_admin_editing import Page, is_saved

PATIENCE = 30  # seconds after which a test that hangs has failed


def newest(record):
    return Entry.objects.filter(model=record._meta.label_lower, record=record.pk).last()


def said(entries):
    """Entries as lines, in alphabetical order: "event gala created"."""
    return sorted(f"{entry.model.partition('.')[2]} {entry.key} {entry.action}" for entry in entries)


def written(change, *args):
    """What `change` wrote: at most one entry for each record. The ledger then says of every record what it is."""
    before, _ = ledger.state()
    change(*args)
    newest_of_all = {(entry.model, entry.record): entry.plain for entry in Entry.objects.all()}
    for model, _ in LISTS.values():
        for record in with_plain(model.objects.all()):
            assert newest_of_all[record._meta.label_lower, record.pk] == to_plain(record), record
    entries = list(Entry.objects.filter(pk__gt=before))
    assert len({(entry.unit, entry.model, entry.record) for entry in entries}) == len(entries)
    return said(entries)


def keep(record, **values):
    """Saves `record`, read anew, with other values."""
    record = type(record).objects.get(pk=record.pk)
    for name, value in values.items():
        setattr(record, name, value)
    record.save()
    return record


def renamed(record):
    record.name += "s"
    return record


# Each way to change something, and what it is a change of

SUMMIT, SAID = "event summit-of-freedonia changed", "statement peace-is-cheap changed"
FIREFLY, LEAGUE = "person rufus-firefly changed", "organization league-of-nations changed"

CHANGES = {
    "a record": (lambda cast: keep(cast.firefly, titles="Doctor"), [FIREFLY]),
    "a new record": (lambda cast: event("Gala"), ["event gala created"]),
    "a record is gone": (lambda cast: cast.said.delete(), [SUMMIT, "statement peace-is-cheap deleted"]),
    "nothing, but saved": (lambda cast: keep(cast.summit), []),
    "a part": (lambda cast: keep(cast.speaker, capacity="Prime Minister"), [SUMMIT]),
    "a part's short name, by which others refer to it": (lambda cast: keep(cast.speaker, slug="president"), [SUMMIT, SAID]),
    "a question's short name": (lambda cast: keep(cast.question, slug="price"), [SUMMIT, SAID]),
    "a new part": (lambda cast: cast.summit.agenda.create(text="War"), [SUMMIT]),
    "a part is gone": (lambda cast: cast.position.delete(), [FIREFLY]),
    "a question is gone, with which its statement loses it": (lambda cast: cast.question.delete(), [SUMMIT, SAID]),
    "a participant is gone, with whom a statement loses its speaker": (lambda cast: cast.speaker.delete(), [SUMMIT, SAID]),
    "a name": (lambda cast: cast.firefly.names.create(name="Файрфлай"), [FIREFLY]),
    "a membership": (lambda cast: keep(cast.membership, role="member"), [LEAGUE]),
    "a statement, which is its event's too": (lambda cast: keep(cast.said, text="peace is dear"), [SUMMIT, SAID]),
    "a key that others refer by": (
        lambda cast: keep(cast.peace, slug="pax"),
        [SUMMIT, SAID, "topic pax changed"],
    ),
    # Relations, from either side
    "topics added": (lambda cast: cast.summit.topics.add(cast.other), [SUMMIT]),
    "topics added that were there": (lambda cast: cast.summit.topics.add(cast.peace), []),
    "topics removed": (lambda cast: cast.summit.topics.remove(cast.peace), [SUMMIT]),
    "topics cleared": (lambda cast: cast.summit.topics.clear(), [SUMMIT]),
    "topics set, which Django does in two steps": (lambda cast: cast.summit.topics.set([cast.other]), [SUMMIT, SUMMIT]),
    "events added to a topic": (lambda cast: cast.other.events.add(cast.summit), [SUMMIT]),
    "events removed from a topic": (lambda cast: cast.peace.events.remove(cast.summit), [SUMMIT]),
    "the events of a topic cleared": (lambda cast: cast.peace.events.clear(), [SUMMIT]),
    "the events of a topic set": (lambda cast: cast.other.events.set([cast.summit]), [SUMMIT]),
    "statements set to a speaker": (lambda cast: cast.guest.statements.set([cast.said]), [SUMMIT, SAID]),
    "statements of a speaker cleared": (lambda cast: cast.speaker.statements.clear(), [SUMMIT, SAID]),
    "evidence of a record": (lambda cast: cast.summit.passages.clear(), [SUMMIT]),
    "evidence of a part": (lambda cast: cast.speaker.passages.clear(), [SUMMIT]),
    "a topic is gone from what had it": (lambda cast: cast.peace.delete(), [SUMMIT, SAID, "topic peace deleted"]),
    # Passages, which records hold by value
    "a passage's words": (lambda cast: keep(cast.rested, end=38, exact=TEXT[:38]), [SUMMIT]),
    "a passage's words, in bulk": (
        lambda cast: Passage.objects.filter(pk=cast.rested.pk).update(end=38, exact=TEXT[:38]),
        [SUMMIT],
    ),
    "a passage is gone": (lambda cast: cast.rested.delete(), [SUMMIT]),
    "passages deleted": (lambda cast: Passage.objects.filter(pk=cast.rested.pk).delete(), [SUMMIT]),
    "a passage on which nothing rests": (lambda cast: passage(cast.gazette, "The experts noted"), []),
    "a passage is given to another record": (lambda cast: cast.rested.statement_set.add(cast.said), [SUMMIT, SAID]),
    # In bulk
    "an update": (lambda cast: Event.objects.update(place="Moscow"), [SUMMIT]),
    "an update by what was there": (lambda cast: Participation.objects.update(order=F("order") + 5), []),
    "an update of parts": (lambda cast: Participation.objects.filter(role="speaker").update(talk="Peace"), [SUMMIT]),
    "an update of nothing": (lambda cast: Event.objects.filter(slug="no").update(place="Moscow"), []),
    "several made": (
        lambda cast: Event.objects.bulk_create([Event(title=slug, slug=slug) for slug in ("one", "two")]),
        ["event one created", "event two created"],
    ),
    "several parts made": (
        lambda cast: AgendaItem.objects.bulk_create([AgendaItem(event=cast.summit, text=text, slug=text) for text in "ab"]),
        [SUMMIT],
    ),
    "several updated": (lambda cast: Country.objects.bulk_update([renamed(cast.freedonia)], ["name"]), ["country FR changed"]),
    "several deleted": (
        lambda cast: Event.objects.all().delete(),
        ["event summit-of-freedonia deleted", "statement peace-is-cheap deleted"],
    ),
    "parts deleted": (lambda cast: Position.objects.all().delete(), [FIREFLY]),
}


@pytest.fixture
def whole(cast):
    """The cast, with another topic and the passage that the summit rests on at hand."""
    cast.other = topic("War")
    cast.rested = cast.summit.passages.get()
    return cast


@pytest.mark.parametrize("what", CHANGES)
def test_every_way_to_change_something_is_heard_of(whole, what):
    change, entries = CHANGES[what]
    assert written(change, whole) == sorted(entries)


@pytest.mark.parametrize("known", ["made", "read", "given before"])
def test_a_part_given_to_another_owner_is_a_change_of_both(cast, known):
    gala, fair = event("Gala"), event("Fair")
    row = participation(cast.summit, organization=cast.league)
    if known == "read":
        row = Participation.objects.get(pk=row.pk)
    elif known == "given before":
        row.event = fair
        row.save()
    giver, row.event = row.event, gala
    assert written(row.save) == sorted([f"event {giver.slug} changed", "event gala changed"])
    updated = Participation.objects.filter(pk=row.pk).update
    assert written(lambda: updated(event=cast.summit)) == [
        "event gala changed",
        SUMMIT,
    ]


def test_an_entry_says_what_was_done_to_what_and_what_it_then_is(cast):
    gala = event("Gala")
    made = newest(gala)
    assert (made.action, made.model, made.key, made.plain) == ("created", "events.event", "gala", to_plain(gala))
    assert (made.by, made.why) == (None, "")
    gala = keep(gala, place="Moscow")
    changed = newest(gala)
    assert (changed.action, changed.plain["place"]) == ("changed", "Moscow")
    gala_pk = gala.pk
    gala.delete()
    gone = Entry.objects.filter(model="events.event", record=gala_pk).last()
    assert (gone.action, gone.key, gone.plain) == ("deleted", "gala", None)
    assert newest(event("Gala")).action == "created"


def test_what_was_there_before_the_ledger_is_told_when_it_goes(cast):
    Entry.objects.all().delete()
    cast.said.delete()
    assert said(Entry.objects.all()) == ["event summit-of-freedonia created", "statement peace-is-cheap deleted"]


# Units of work


def test_a_form_of_the_admin_is_one_unit_by_its_user(cast, admin_client, admin_user):
    page = Page(admin_client, Event)
    page.add_row("participations", person=cast.firefly.pk, country=cast.freedonia.pk, role="chair")
    page.add_row("agenda", text="Whether to go to war")
    page.add_row("statements", text="This means war", slug="this-means-war", topics=[cast.peace.pk])
    before, _ = ledger.state()
    assert is_saved(page.save({"title": "Second summit", "slug": "second", "topics": [cast.peace.pk]}))
    entries = Entry.objects.filter(pk__gt=before)
    assert said(entries) == ["event second created", "statement this-means-war created"]
    assert {(entry.unit, entry.by) for entry in entries} == {(entries[0].unit, admin_user)}
    assert entries.get(key="second").plain == to_plain(Event.objects.get(slug="second"))


def test_a_form_saved_as_it_was_opened_writes_nothing(cast, admin_client):
    before = ledger.state()
    for record in cast.records:
        assert is_saved(Page.of(admin_client, record).save())
    assert ledger.state() == before


def test_what_the_admin_deletes_is_one_unit_by_its_user(cast, admin_client, admin_user):
    before, _ = ledger.state()
    chosen = {"action": "delete_selected", "_selected_action": [cast.summit.pk], "post": "yes"}
    admin_client.post(reverse("admin:events_event_changelist"), chosen)
    entries = Entry.objects.filter(pk__gt=before)
    assert said(entries) == ["event summit-of-freedonia deleted", "statement peace-is-cheap deleted"]
    assert {entry.by for entry in entries} == {admin_user}
    admin_client.post(reverse("admin:events_topic_delete", args=[cast.peace.pk]), {"post": "yes"})
    last = Entry.objects.last()
    assert (said([last]), last.by) == (["topic peace deleted"], admin_user)


def test_the_fixture_is_loaded_in_one_unit_and_again_without_any(archive):
    entries = Entry.objects.all()
    assert len({entry.unit for entry in entries}) == 1
    assert {entry.why for entry in entries} == {"loaddata archive"}
    records = {(model._meta.label_lower, pk) for model, _ in LISTS.values() for pk in model.objects.values_list("pk", flat=True)}
    assert records
    assert sorted((entry.model, entry.record) for entry in entries) == sorted(records)
    assert {entry.action for entry in entries} == {"created"}
    before = ledger.state()
    call_command("loaddata", "archive", verbosity=0)
    assert ledger.state() == before


def test_a_unit_within_another_is_a_part_of_it(cast, admin_user, django_user_model):
    somebody = django_user_model.objects.create(username="somebody")
    with unit(by=admin_user, why="spring cleaning"):
        keep(cast.firefly, titles="Doctor")
        with unit(by=somebody, why="dusting"):
            keep(cast.firefly, titles="Professor")
            keep(cast.trentino, titles="Doctor")
    firefly, trentino = newest(cast.firefly), newest(cast.trentino)
    assert firefly.unit == trentino.unit
    assert {(one.by, one.why) for one in (firefly, trentino)} == {(admin_user, "spring cleaning")}
    assert firefly.plain["titles"] == "Professor"
    keep(cast.firefly, titles="")
    assert newest(cast.firefly).unit != firefly.unit


def test_a_unit_takes_anybody_and_any_reason(cast):
    with unit(by=AnonymousUser(), why="because " * 100):
        keep(cast.firefly, titles="Doctor")
    entry = newest(cast.firefly)
    assert entry.by is None
    assert entry.why == ("because " * 100)[:500]


def test_a_user_who_is_gone_leaves_what_was_done(cast, admin_user):
    with unit(by=admin_user):
        keep(cast.firefly, titles="Doctor")
    admin_user.delete()
    assert newest(cast.firefly).by is None
    assert newest(cast.firefly).plain["titles"] == "Doctor"


def fail_in_a_unit(cast):
    with unit():
        keep(cast.firefly, titles="Doctor")
        event("Gala")
        raise ZeroDivisionError


def test_a_unit_that_fails_changes_nothing_and_writes_nothing(cast):
    before = ledger.state()
    with pytest.raises(ZeroDivisionError):
        fail_in_a_unit(cast)
    assert ledger.state() == before
    assert Person.objects.get(pk=cast.firefly.pk).titles == ""
    assert not Event.objects.filter(slug="gala").exists()
    assert written(lambda: keep(cast.trentino, titles="Doctor")) == ["person ambassador-trentino changed"]


def test_what_is_taken_back_within_a_unit_is_no_entry(cast):
    def change():
        with unit():
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                fail_in_a_unit(cast)
            with transaction.atomic():
                cast.question.delete()
                transaction.set_rollback(True)
            person("Chicolini").delete()
            keep(cast.trentino, titles="Doctor")
            keep(cast.trentino, titles="")
            keep(cast.sylvania, name="Sylvania-on-Sea")

    assert written(change) == ["country SY changed"]


# The state, and what a bulk costs


def test_the_state_is_that_of_the_newest_entry(db, django_assert_num_queries):
    assert ledger.state() == (0, "")
    person("Rufus Firefly")
    entry = Entry.objects.get()
    assert ledger.state() == (entry.pk, entry.unit.hex)
    with django_assert_num_queries(1):
        ledger.state()
    person("Chicolini")
    number, work = ledger.state()
    assert number > entry.pk
    assert work != entry.unit.hex


def test_that_anything_may_have_changed_is_an_entry_by_itself(cast):
    before, _ = ledger.state()
    everything_changed("loaded by hand")
    (entry,) = Entry.objects.filter(pk__gt=before)
    assert (entry.action, entry.why) == ("everything", "loaded by hand")
    assert (entry.model, entry.record, entry.key, entry.plain) == ("", None, "", None)
    assert ledger.state() == (entry.pk, entry.unit.hex)


def test_what_is_set_back_after_anything_may_have_changed_is_a_change(cast):
    was = cast.summit.title
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_event SET title = 'Loaded by hand' WHERE id = %s", [cast.summit.pk])
    everything_changed("loaded by hand")
    assert written(lambda: keep(cast.summit, title=was)) == [f"event {cast.summit.slug} changed"]
    assert written(lambda: keep(cast.summit, title=was)) == []


def make_events(cast, slugs):
    return Event.objects.bulk_create([Event(title=slug, slug=slug, host_country=cast.freedonia) for slug in slugs])


BULKS = {
    "made": lambda cast, events: make_events(cast, [f"{gala.slug}-again" for gala in events]),
    "updated": lambda cast, events: Event.objects.filter(pk__in=[gala.pk for gala in events]).update(place="Moscow"),
    "given a topic": lambda cast, events: cast.peace.events.add(*events),
    "given rows": lambda cast, events: Participation.objects.bulk_create(
        [Participation(event=gala, country=cast.freedonia, slug="fr") for gala in events]
    ),
}


@pytest.mark.parametrize("how", BULKS)
def test_more_records_in_a_bulk_are_no_more_queries(cast, how):
    costs = []
    for number in (10, 40):
        events = make_events(cast, [f"gala-{number}-{one}" for one in range(number)])
        with CaptureQueriesContext(connection) as queries:
            assert len(written_by(BULKS[how], cast, events)) == number
        costs.append(len(queries))
    assert costs[0] == costs[1]


def written_by(change, *args):
    before, _ = ledger.state()
    change(*args)
    return Entry.objects.filter(pk__gt=before)


# Several at a time


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_entries_become_visible_in_the_order_of_their_numbers(transactional_db):
    """Without turns, the second writer would commit a higher number while the first one holds a lower one back."""
    is_written, may_commit, is_done = threading.Event(), threading.Event(), threading.Event()

    def first():
        with transaction.atomic():
            event("First")
            is_written.set()
            assert may_commit.wait(PATIENCE)

    def second():
        event("Second")
        is_done.set()

    before = ledger.state()
    writers = [Writer(first), Writer(second)]
    writers[0].start()
    assert is_written.wait(PATIENCE)
    writers[1].start()
    while not (is_done.wait(0.02) or somebody_waits_for_a_turn()):
        assert writers[1].is_alive()
    assert not is_done.is_set()
    assert ledger.state() == before
    may_commit.set()
    for writer in writers:
        writer.finish()
    assert list(Entry.objects.order_by("pk").values_list("key", flat=True)) == ["first", "second"]


class Writer(threading.Thread):
    """A thread with a connection of its own; what it raises is raised where it is waited for."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work = work
        self.error = None

    def run(self):
        try:
            self.work()
        except BaseException as error:
            self.error = error
        finally:
            connection.close()

    def finish(self):
        self.join(PATIENCE)
        assert not self.is_alive()
        if self.error:
            raise self.error


def somebody_waits_for_a_turn():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
            "WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0
