"""A whole step on a page of its own, and undone: every record is as it was before it, or nothing is done."""

import threading
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from archive.core import ledger
from archive.core.curation.undoing import UndoError, undo
from archive.core.models import Entry, Moved
from archive.core.plain import to_plain
from archive.sources.models import Document, Passage
from events.models import Event, Statement, Topic
from people.models import Country, Organization, Person
from tests import cast as make
from tests.test_admin_editing import address
from tests.test_history import curator, edit, text_of  # noqa: F401
from tests.test_ledger import Writer

KINDS = (Country, Organization, Person, Topic, Document, Event, Statement)


def everything():
    """Every record of the archive, by its kind and number, in its plain form."""
    return {(model, record.pk): to_plain(record) for model in KINDS for record in model.objects.all()}


def in_words(error):
    return "\n".join(error.value.reasons)


def step(client, unit, **data):
    return client.post(reverse("step", args=[unit]), {"why": "A mistake", **data})


# Undoing


def test_a_step_that_creates_changes_and_deletes_is_undone_and_redone_as_one(cast):
    before = everything()
    with ledger.unit(why="Mixed") as work:
        edit(cast.firefly, titles="Professor")
        edit(cast.summit, title="Talks", place="")
        cast.guest.delete()
        cast.said.delete()
        cast.trentino.delete()
        war = make.topic("War")
        make.topic("Cold war", broader=war)
        cast.summit.topics.set([war])
        Moved.objects.create(model="people.person", slug="old", record=cast.firefly.pk, unit=work.id)
    after = everything()
    undone = undo(work.id, by=None, why="Wrong")
    assert everything() == before
    assert not Moved.objects.exists()
    assert {entry.why for entry in Entry.objects.filter(unit=undone)} == {"Wrong"}
    undo(undone, by=None, why="Right after all")
    assert everything() == after


def test_what_comes_back_may_refer_to_what_comes_back(cast):
    top = make.organization("Top")
    member = make.organization("Part", parent=top)
    top.members.create(member=member)
    meeting = make.event("Meeting", part_of=cast.summit)
    make.participation(meeting, organization=member)
    before = everything()
    with ledger.unit() as work:
        meeting.delete()
        top.members.all().delete()
        member.delete()
        top.delete()
    undo(work.id, by=None, why="")
    assert everything() == before


def test_what_was_made_together_goes_together_though_each_needs_the_other(cast):
    before = everything()
    with ledger.unit() as work:
        top = make.organization("Top")
        member = make.organization("Part", parent=top)
        top.members.create(member=member)
        paper = make.document("Paper")
        meeting = make.event("Meeting")
        make.participation(meeting, organization=member)
        meeting.passages.add(make.passage(paper, "peace is cheap", 1))
    undo(work.id, by=None, why="")
    assert everything() == before
    assert not Passage.objects.filter(document__title="Paper").exists()


def test_a_record_that_took_the_address_of_a_deleted_one_gives_it_back(cast):
    old, new = make.topic("Old", slug="trade", state="draft"), make.topic("New", slug="trade-2", state="draft")
    before = everything()
    with ledger.unit() as work:
        old.delete()
        edit(new, slug="trade")
    undo(work.id, by=None, why="")
    assert everything() == before


def test_a_new_code_of_a_country_is_undone_with_all_that_is_named_by_it(cast):
    draft = make.country("Draftland", "DR", state="draft")
    event = make.event("There", host_country=draft)
    with ledger.unit():
        ledger.touch(event)
    before = everything()
    unit = edit(draft, code="DX")
    undo(unit, by=None, why="")
    assert everything() == before


def test_what_was_touched_since_is_named_and_nothing_is_undone(cast, admin_user):
    with ledger.unit() as work:
        edit(cast.firefly, titles="Professor")
        edit(cast.trentino, titles="Doctor")
    with ledger.unit(by=admin_user):
        edit(cast.firefly, titles="Emeritus")
    with pytest.raises(UndoError) as error:
        undo(work.id, by=None, why="")
    assert "Person “Rufus Firefly” was changed later by admin" in in_words(error)
    assert "Trentino" not in in_words(error)
    assert Person.objects.get(pk=cast.trentino.pk).titles == "Doctor"


@pytest.mark.parametrize("use", ["part_of", "topics", "participation"])
def test_what_is_needed_by_others_is_not_deleted_again(cast, use):
    with ledger.unit() as work:
        made = {"part_of": make.event, "topics": make.topic, "participation": make.person}[use]("New")
    other = make.event("Other")
    if use == "part_of":
        edit(other, part_of=made)
    elif use == "topics":
        other.topics.add(made)
    else:
        make.participation(other, person=made)
    with pytest.raises(UndoError) as error:
        undo(work.id, by=None, why="")
    assert "is needed by" in in_words(error)
    assert "Other" in in_words(error)
    assert type(made).objects.filter(pk=made.pk).exists()


def test_what_is_not_known_is_not_undone(cast):
    Entry.objects.all().delete()
    unit = edit(cast.firefly, titles="Professor")
    Entry.objects.filter(unit=unit).update(action="changed")
    with pytest.raises(UndoError, match="not known"):
        undo(unit, by=None, why="")
    unit = edit(cast.firefly, titles="Doctor")
    ledger.everything_changed("loaded")
    with pytest.raises(UndoError, match="anything may have changed"):
        undo(unit, by=None, why="")
    with pytest.raises(UndoError, match="not known"):
        undo(Entry.objects.last().unit, by=None, why="")
    with pytest.raises(UndoError, match="no such step"):
        undo(uuid.uuid4(), by=None, why="")


def test_a_reference_that_is_gone_stops_the_whole(cast):
    war = make.topic("War")
    edit(cast.peace, broader=war)
    with ledger.unit() as work:
        edit(cast.peace, broader=None)
        edit(cast.firefly, titles="Professor")
    war.delete()
    with pytest.raises(UndoError) as error:
        undo(work.id, by=None, why="")
    assert in_words(error) == "Topic “Peace”: broader: There is no topic “war”."
    assert Person.objects.get(pk=cast.firefly.pk).titles == "Professor"


# The page


def test_a_step_is_shown_whole_and_undone_on_its_page(admin_client, cast):
    with ledger.unit(why="Spring cleaning") as work:
        edit(cast.firefly, titles="Professor")
        edit(cast.said, text="war is dear")
    page = text_of(admin_client.get(reverse("step", args=[work.id])))
    assert "2 records. Spring cleaning" in page
    assert "Titles [+Professor+]" in page
    assert "Statements › war is dear Text [-peace is cheap-] → [+war is dear+]" in page
    response = step(admin_client, work.id)
    assert Person.objects.get(pk=cast.firefly.pk).titles == ""
    newest = Entry.objects.last()
    assert (newest.by.username, newest.why) == ("admin", "A mistake")
    assert response["Location"] == reverse("step", args=[newest.unit])
    again = step(admin_client, work.id)
    assert "This step cannot be undone" in text_of(again)
    assert "was changed later by admin" in text_of(again)


def test_only_those_who_may_restore_undo(curator, cast):  # noqa: F811
    unit = edit(cast.firefly, titles="Professor")
    assert "Undo" not in text_of(curator.get(reverse("step", args=[unit])))
    assert step(curator, unit).status_code == 403
    assert Person.objects.get(pk=cast.firefly.pk).titles == "Professor"


def test_what_is_public_is_only_undone_by_those_who_may_publish(curator, cast, django_user_model):  # noqa: F811
    user = django_user_model.objects.get(username="curator")
    user.user_permissions.add(make.permission("restore_record"))
    draft = make.topic("War", state="draft")
    unit = edit(draft, state="published")
    assert "only editors may" in text_of(step(curator, unit))
    user.user_permissions.add(make.permission("publish_record"))
    assert step(curator, unit).status_code == 302
    assert Topic.objects.get(slug="war").state == "draft"


@pytest.mark.parametrize("why", ["x" * 5000, "\x00", ""])
def test_any_reason_is_taken(admin_client, cast, why):
    unit = edit(cast.firefly, titles="Professor")
    assert step(admin_client, unit, why=why).status_code == 302
    assert len(Entry.objects.last().why) <= 500


def test_there_is_no_page_of_a_step_that_never_was(admin_client, cast):
    assert admin_client.get(reverse("step", args=[uuid.uuid4()])).status_code == 404
    ledger.everything_changed("loaded")
    assert "Anything may have changed" in text_of(admin_client.get(reverse("step", args=[Entry.objects.last().unit])))


def test_a_large_step_is_paged_and_costs_no_more(admin_client, db, django_assert_max_num_queries):
    with ledger.unit() as work:
        Person.objects.bulk_create([Person(name=f"Person {number}", slug=f"p-{number}") for number in range(60)])
    with django_assert_max_num_queries(16):
        page = text_of(admin_client.get(reverse("step", args=[work.id])))
    assert "60 records" in page
    assert "Page 1 of 3" in page
    assert step(admin_client, work.id).status_code == 302
    assert not Person.objects.exists()


# Several at a time


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("work", ["undo", "restore", "batch"])
def test_of_two_at_once_one_is_told_of_the_other(transactional_db, cast, admin_user, work):
    pk, state = cast.summit.pk, Entry.objects.filter(model="events.event").last().pk
    if work == "batch":
        page, data = address(Event, "batch"), {"record": [pk], "kind": "training", "apply": "1"}
    else:
        with ledger.unit() as step_of_work:
            cast.summit.delete()
        page, data = address(Event, "restore", pk, state), {}
        if work == "undo":
            page = reverse("step", args=[step_of_work.id])
    data |= {"loaded": ledger.state()[0]}
    together, answers = threading.Barrier(2), []

    def post():
        client = Client()
        client.force_login(admin_user)
        together.wait(10)
        answers.append(client.post(page, data).status_code)

    writers = [Writer(post) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.finish()
    assert sorted(answers) == [200, 302]
    assert Event.objects.get().pk == pk
