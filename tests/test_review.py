"""Draft, in review, published, withdrawn: who may take which step, and what becomes of a curator's change of a public record."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from archive.core.curation import reviewing
from archive.core.models import Entry, Proposal
from archive.core.plain import to_plain
from archive.site.roles import make_groups
from events.models import Event, Statement, Topic
from people.models import Person
from tests import cast as make
from tests.forms import Page, address, evidence, is_saved, says


def logged_in(name, group):
    user = User.objects.create_user(name, password="a long password", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def curator(db):
    return logged_in("maria", "Curators")


@pytest.fixture
def editor(db):
    return logged_in("edith", "Editors")


def state_of(record):
    return type(record).objects.get(pk=record.pk).state


def draft_event(cast, **fields):
    event = make.event("Talks", date="2016", state="draft", **fields)
    event.passages.add(cast.said.passages.first())
    return event


def button(step):
    return {f"_step_{step}": "1"}


# Steps


def test_an_event_is_submitted_by_a_curator_and_published_by_an_editor_with_its_statements(curator, editor, cast):
    event = draft_event(cast)
    said = make.statement(event, "so they said", state="draft", attribution="the experts")
    said.passages.add(cast.said.passages.first())
    assert is_saved(Page.of(curator, event).save({"why": "Whole now", **button("submitted")}))
    assert (state_of(event), state_of(said)) == ("in-review", "in-review")
    assert is_saved(Page.of(editor, event).save(button("published")))
    assert (state_of(event), state_of(said)) == ("published", "published")
    steps = Entry.objects.filter(model="events.event", record=event.pk).exclude(step="").values_list("step", "by__username", "why")
    assert list(steps) == [("submitted", "maria", "Whole now"), ("published", "edith", "")]


def test_a_new_record_is_submitted_as_it_is_added(curator):
    page = Page(curator, Topic)
    assert is_saved(page.save({"name": "War", "slug": "war", **button("submitted")}))
    assert Topic.objects.get(slug="war").state == "in-review"


def test_what_is_returned_says_why(curator, editor, cast):
    event = draft_event(cast)
    Page.of(curator, event).save(button("submitted"))
    Page.of(editor, event).save({"why": "Where was it?", **button("returned")})
    assert state_of(event) == "draft"
    assert Entry.objects.filter(step="returned", model="events.event").get().why == "Where was it?"


def test_a_form_without_a_step_changes_no_state(editor, cast):
    for state in ("draft", "in-review", "published", "withdrawn"):
        Topic.objects.update(state=state)
        assert is_saved(Page.of(editor, cast.peace).save({"state": "published", "name": "War"}))
        assert state_of(cast.peace) == state


@pytest.mark.parametrize(
    ("model", "missing"),
    [(Event, ["with its date", "with its evidence"]), (Statement, ["with its evidence", "with its speaker"])],
)
def test_what_the_archive_promises_is_asked_for_and_nothing_is_lost(editor, cast, model, missing):
    record = make.event("Talks", state="draft") if model is Event else make.statement(cast.summit, "unsaid", state="draft")
    page = Page.of(editor, record)
    refused = page.save({"summary": "Typed", "text": "Typed", **button("published")})
    assert says(refused, "Typed", *missing)
    assert state_of(record) == "draft"
    page.read(refused)
    quote = evidence(cast.gazette, "Leaders met")
    assert is_saved(page.save({**quote, "date": "2015", "attribution": "the experts", **button("published")}))
    assert state_of(record) == "published"


def test_a_published_event_does_not_lose_what_it_was_published_with(editor, cast):
    cast.summit.passages.add(cast.said.passages.first())
    assert says(Page.of(editor, cast.summit).save({"date": ""}), "An event is published with its date")
    assert Event.objects.get(pk=cast.summit.pk).date.edtf == "2015-05-03"


def test_steps_are_taken_by_actions_and_what_cannot_is_named(editor, cast):
    whole, bare = draft_event(cast), make.event("Bare", state="draft")
    data = {"action": "step_published", "_selected_action": [whole.pk, bare.pk, cast.summit.pk]}
    answer = editor.post(address(Event, "changelist"), data, follow=True).content.decode()
    assert (state_of(whole), state_of(bare)) == ("published", "draft")
    assert all(said in answer for said in ("1 published.", "“Bare” is as it was.", "cannot be published"))


def test_what_was_withdrawn_by_itself_does_not_come_back_with_its_event(editor, cast):
    cast.summit.passages.add(cast.said.passages.first())
    Statement.objects.update(state="withdrawn")
    added = make.statement(cast.summit, "so they said", state="draft", attribution="the experts")
    added.passages.add(cast.said.passages.first())
    assert is_saved(Page.of(editor, cast.summit).save(button("published")))
    assert (state_of(added), state_of(cast.said)) == ("published", "withdrawn")
    assert "_step_published" not in editor.get(address(Event, "change", cast.summit.pk)).content.decode()


def test_an_action_leaves_alone_what_was_changed_since_the_list_was_seen(curator, editor, cast):
    event = draft_event(cast)
    loaded = editor.get(address(Event, "changelist")).context["loaded"]
    Page.of(curator, event).save({"title": "Other talks"})
    data = {"action": "step_published", "_selected_action": [event.pk], "loaded": loaded}
    assert "look again" in editor.post(address(Event, "changelist"), data, follow=True).content.decode()
    assert state_of(event) == "draft"


# No curator publishes, by any door


def test_a_record_that_becomes_public_while_a_curator_saves_is_not_written(curator, cast, monkeypatch):
    """As if an editor's commit came between: the record is read again once it is locked, and no forged number helps."""
    topic = make.topic("War", state="draft")
    page = Page.of(curator, topic)
    lock = reviewing.lock

    def publish_and_lock(model, pks):
        Topic.objects.filter(pk=topic.pk, state="draft").update(state="published")
        return lock(model, pks)

    monkeypatch.setattr(reviewing, "lock", publish_and_lock)
    answer = page.save({"name": "Forged", "loaded": "9" * 18})
    assert answer.status_code in (302, 409)
    assert Topic.objects.get(pk=topic.pk).name == "War"


@pytest.mark.parametrize("step", ["published", "withdrawn", "reopened"])
def test_a_curator_takes_no_editors_step_by_a_forged_form(curator, cast, step):
    before = {"published": "draft", "withdrawn": "published", "reopened": "withdrawn"}[step]
    Topic.objects.update(state=before)
    assert button(step).keys().isdisjoint(curator.get(address(Topic, "change", cast.peace.pk)).content.decode().split('"'))
    assert Page.of(curator, cast.peace).save(button(step)).status_code == 403
    assert state_of(cast.peace) == before
    page = Page(curator, Topic)
    assert page.save({"name": "War", "slug": "war", "state": "published", **button(step)}).status_code == 403
    assert not Topic.objects.filter(slug="war").exists()


@pytest.mark.parametrize("step", ["published", "withdrawn", "reopened"])
def test_a_curator_takes_no_editors_step_by_an_action(curator, cast, step):
    draft = draft_event(cast)
    curator.post(address(Event, "changelist"), {"action": f"step_{step}", "_selected_action": [draft.pk, cast.summit.pk]})
    assert (state_of(draft), state_of(cast.summit)) == ("draft", "published")


def test_a_curators_new_rows_and_records_are_drafts(curator, cast):
    event = draft_event(cast)
    page = Page.of(curator, event)
    page.add_row("statements", text="This means war", slug="war", state="published")
    assert is_saved(page.save())
    assert Statement.objects.get(slug="war").state == "draft"
    page = Page(curator, Topic)
    page.save({"name": "War", "slug": "war", "state": "published"})
    assert Topic.objects.get(slug="war").state == "draft"


def test_a_curator_deletes_drafts_and_nothing_public(curator, cast):
    draft = make.topic("War", state="draft")
    for record, is_gone in ((draft, True), (cast.peace, False)):
        curator.post(address(Topic, "delete", record.pk), {"post": "yes"})
        assert Topic.objects.filter(pk=record.pk).exists() is not is_gone
    data = {"action": "delete_selected", "_selected_action": [cast.said.pk], "post": "yes"}
    curator.post(address(Statement, "changelist"), data)
    assert Statement.objects.filter(pk=cast.said.pk).exists()


def test_a_curator_sees_no_accounts_and_no_passage_to_change(curator, cast):
    assert curator.get("/admin/auth/user/").status_code == 403
    passage = cast.said.passages.first()
    assert curator.post(address(type(passage), "change", passage.pk), {"exact": "x"}).status_code == 403


def test_groups_are_made_once(curator):
    from django.apps import apps

    make_groups(apps)
    assert Group.objects.count() == 2


# Changes that wait for an editor


def proposed(curator, record, **changes):
    answer = Page.of(curator, record).save(changes)
    assert is_saved(answer), answer.content.decode()
    return Proposal.objects.filter(status="waiting").get()


def decide(client, proposal, how, **data):
    url = f"/admin/core/proposal/{proposal.pk}/change/"
    seen = client.get(url).context["seen"]
    return client.post(url, {"seen": seen, f"_{how}": "1", **data})


def test_a_curators_change_of_a_public_record_waits_while_readers_read_on(curator, editor, client, cast):
    before = to_plain(cast.firefly)
    page = Page.of(curator, cast.firefly)
    page.add_row("names", name="Rufus T. Firefly")
    assert is_saved(page.save({"summary": "A president.", "why": "He is known so"}))
    assert to_plain(Person.objects.get(pk=cast.firefly.pk)) == before
    assert "A president." not in client.get(cast.firefly.get_absolute_url()).content.decode()
    proposal = Proposal.objects.get()
    shown = editor.get(f"/admin/core/proposal/{proposal.pk}/change/").content.decode()
    assert all(text in shown for text in ("A president.", "Rufus T. Firefly", "He is known so", "maria"))
    assert is_saved(decide(editor, proposal, "approve", comment="Good"))
    assert "A president." in client.get(cast.firefly.get_absolute_url()).content.decode()
    assert Person.objects.get(pk=cast.firefly.pk).names.filter(name="Rufus T. Firefly").exists()
    entry = Entry.objects.filter(model="people.person", record=cast.firefly.pk).last()
    assert (entry.by, entry.why) == (editor.user, "Proposed by maria. He is known so. Good")


def test_a_proposed_change_is_continued_where_it_was_left(curator, cast):
    page = Page.of(curator, cast.summit)
    page.add_row("agenda", text="The price of war")
    page.add_row("participations", country=cast.sylvania.pk, role="host")
    page.save({"summary": "They met."})
    page = Page.of(curator, cast.summit)
    assert page.data["summary"] == "They met."
    assert page.data["agenda-1-text"] == "The price of war"
    page.add_row("statements", text="This means war", slug="war", speakers=[page.data["participations-2-id"]])
    answer = page.save({"agenda-1-text": "The cost of war", "participations-1-DELETE": "on"})
    assert is_saved(answer), answer.context["errors"]
    plain = Proposal.objects.filter(status="waiting").get().plain
    assert plain["summary"] == "They met."
    assert [row["text"] for row in plain["agenda"]] == ["The price of peace", "The cost of war"]
    assert [row.get("speakers") for row in plain["statements"]] == [["rufus-firefly"], ["sylvania"]]
    assert [row["slug"] for row in plain["participations"]] == ["rufus-firefly", "sylvania"]
    assert list(Proposal.objects.values_list("status", flat=True)) == ["waiting", "replaced"]


def test_an_approved_event_publishes_the_statements_that_were_proposed_with_it(curator, editor, cast):
    cast.summit.passages.add(cast.said.passages.first())
    page = Page.of(curator, cast.summit)
    page.add_row("statements", text="This means war", slug="war", attribution="the experts")
    page.save()
    proposal = Proposal.objects.get()
    assert says(decide(editor, proposal, "approve"), "A statement is published with its evidence")
    assert not Statement.objects.filter(slug="war").exists()
    page = Page.of(curator, cast.summit)
    page.save({"statements-1-passages-0-document": cast.gazette.pk, "statements-1-passages-0-quote": "Leaders met"})
    assert is_saved(decide(editor, Proposal.objects.filter(status="waiting").get(), "approve"))
    assert Statement.objects.get(slug="war").state == "published"


def test_what_is_returned_comes_back_to_its_curator_with_the_comment(curator, editor, cast):
    proposal = proposed(curator, cast.peace, name="War")
    decide(editor, proposal, "return", comment="Says who?")
    assert "Says who?" in curator.get(address(Topic, "change", cast.peace.pk)).content.decode()
    assert proposed(curator, cast.peace, name="Truce").plain["name"] == "Truce"
    assert Topic.objects.get().name == "Peace"


def test_what_was_changed_meanwhile_is_chosen_in(curator, editor, cast):
    proposal = proposed(curator, cast.peace, name="War", scope_note="Mine")
    Page.of(editor, cast.peace).save({"name": "Truce"})
    assert says(decide(editor, proposal, "approve"), "choose for each", "Truce")
    assert Topic.objects.get().name == "Truce"
    assert is_saved(decide(editor, proposal, "approve", **{'at:["name"]': "theirs"}))
    assert (Topic.objects.get().name, Topic.objects.get().scope_note) == ("Truce", "Mine")


def test_nobody_decides_twice_or_on_what_they_did_not_see(curator, editor, cast):
    proposal = proposed(curator, cast.peace, name="War")
    url = f"/admin/core/proposal/{proposal.pk}/change/"
    seen = editor.get(url).context["seen"]
    Page.of(editor, cast.peace).save({"scope_note": "Between wars"})
    assert says(editor.post(url, {"seen": seen, "_approve": "1"}), "changed meanwhile")
    assert is_saved(decide(editor, proposal, "drop"))
    assert says(editor.post(url, {"seen": seen, "_approve": "1"}), "decided already: dropped")
    assert Topic.objects.get().name == "Peace"


@pytest.mark.parametrize("how", ["approve", "return"])
def test_a_curator_decides_nothing(curator, cast, how):
    proposal = proposed(curator, cast.peace, name="War")
    assert decide(curator, proposal, how).status_code == 403
    assert Topic.objects.get().name == "Peace"
    assert is_saved(decide(curator, proposal, "drop"))


def test_proposals_are_no_ones_but_the_staffs(client, curator, cast):
    proposal = proposed(curator, cast.peace, name="War")
    for url in ("/admin/core/proposal/", f"/admin/core/proposal/{proposal.pk}/change/"):
        assert client.get(url).status_code == 302
    assert curator.get("/admin/core/proposal/").status_code == 200
    assert curator.get("/admin/core/proposal/x/change/").status_code == 404
    assert curator.get(f"/admin/core/proposal/{10**30}/change/").status_code == 404
