"""The same fields of many records changed at once: chosen, previewed, done as one step."""

import re

import pytest

from archive.core import ledger
from archive.core.curation.undoing import undo
from archive.core.models import Entry
from archive.core.plain import to_plain
from archive.sources.models import Document
from events.models import Event, Statement, Topic
from people.models import Organization, Person
from tests import cast as make
from tests.test_admin_editing import address
from tests.test_history import curator, edit, text_of  # noqa: F401


def chosen(client, model, records):
    """The page to which the list's action leads."""
    data = {"action": "change_fields", "_selected_action": [record.pk for record in records]}
    return client.post(address(model, "changelist"), data)


def batch(client, records, apply=True, **data):
    data = {"record": [record.pk for record in records], "loaded": ledger.state()[0], "why": "Sorted out"} | data
    return client.post(address(type(records[0]), "batch"), data | ({"apply": "1"} if apply else {}))


@pytest.fixture
def events(cast):
    return [cast.summit, *(make.event(f"Event {number}", kind="session", state="draft") for number in range(2))]


def test_fields_are_chosen_previewed_and_changed_as_one_step_that_can_be_undone(admin_client, cast, events):
    before = [to_plain(event) for event in events]
    assert "What you leave alone here stays" in text_of(chosen(admin_client, Event, events))
    changes = {
        "kind": "session",
        "host_country": cast.sylvania.pk,
        "topics_add": [make.topic("War").pk],
        "topics_remove": cast.peace.pk,
    }
    preview = text_of(batch(admin_client, events, apply=False, **changes))
    assert "3 of 3 will change" in preview
    assert "Summit of Freedonia Kind [-Meeting-] → [+Session of a body+]" in preview
    assert "Host country [-Freedonia-] → [+Sylvania+] Topics [-Peace-] [+War+]" in preview
    assert [to_plain(event) for event in Event.objects.order_by("pk")] == before
    response = batch(admin_client, events, **changes)
    assert response.status_code == 302
    for event, old in zip(Event.objects.order_by("pk"), before, strict=True):
        assert to_plain(event) == old | {"kind": "session", "host_country": "SY", "topics": ["war"]}
    entries = Entry.objects.filter(why="Sorted out")
    assert {entry.by.username for entry in entries} == {"admin"}
    assert set(entries.values_list("model", "record")) == {("events.event", event.pk) for event in events}
    assert f"/admin/step/{entries[0].unit}/" in admin_client.get(response["Location"]).content.decode()
    undo(entries[0].unit, by=None, why="")
    assert [to_plain(event) for event in Event.objects.order_by("pk")] == before


def test_what_does_not_change_is_counted_and_has_no_entry(admin_client, events):
    preview = text_of(batch(admin_client, events, apply=False, kind="session"))
    assert "1 of 3 will change; 2 stay, as they are" in preview.replace("2 stay as", "2 stay, as")
    batch(admin_client, events, kind="session")
    assert Entry.objects.filter(why="Sorted out").count() == 1
    batch(admin_client, events, kind="session", why="Again")
    assert not Entry.objects.filter(why="Again").exists()


def test_a_field_is_emptied(admin_client, cast, events):
    batch(admin_client, events, host_country_empty="on", kind="meeting")
    assert Event.objects.get(pk=cast.summit.pk).host_country is None
    assert set(Event.objects.values_list("kind", flat=True)) == {"meeting"}


def test_statements_keep_their_speakers_and_questions(admin_client, cast):
    before = to_plain(cast.said)
    batch(admin_client, [cast.said], kind="quoted")
    assert to_plain(Statement.objects.get()) == before | {"kind": "quoted"}
    assert to_plain(Event.objects.get())["statements"][0]["kind"] == "quoted"


def test_the_other_kinds(admin_client, cast):
    war = make.topic("War")
    batch(admin_client, [cast.peace], broader=war.pk)
    batch(admin_client, [cast.league, cast.secretariat], kind="body", country=cast.freedonia.pk)
    batch(admin_client, [cast.gazette], publisher="The Freedonia Press", rights="Public domain")
    assert Topic.objects.get(slug="peace").broader == war
    assert set(Organization.objects.values_list("kind", "country__code")) == {("body", "FR")}
    assert Document.objects.get().publisher == "The Freedonia Press"
    for model, has in ((Organization, True), (Person, False)):
        assert ("change_fields" in admin_client.get(address(model, "changelist")).content.decode()) is has


def test_one_problem_means_that_nothing_is_written(admin_client, cast):
    response = batch(admin_client, [cast.league, cast.secretariat], parent=cast.secretariat.pk)
    said = text_of(response)
    assert "Nothing has been changed" in said
    assert "Secretariat of the League: parent: “Secretariat of the League” would stand above itself." in said
    assert "League of Nations: parent" in said
    assert Organization.objects.get(pk=cast.league.pk).parent is None
    assert 'name="apply"' not in response.content.decode()


def test_what_was_changed_since_the_preview_is_shown_anew(admin_client, cast, events):
    loaded = ledger.state()[0]
    edit(cast.summit, title="Talks")
    response = batch(admin_client, events, kind="session", loaded=loaded)
    assert "changed since the preview" in text_of(response)
    assert Event.objects.get(pk=cast.summit.pk).kind == "meeting"
    loaded = re.search(r'name="loaded" value="(\d+)"', response.content.decode()).group(1)
    assert batch(admin_client, events, kind="session", loaded=loaded).status_code == 302


def test_a_curator_changes_only_what_is_not_published(curator, cast, events):  # noqa: F811
    said = text_of(batch(curator, events, kind="training"))
    assert "Summit of Freedonia: It is or was public" in said
    assert not Event.objects.filter(kind="training").exists()
    assert batch(curator, events[1:], kind="training").status_code == 302
    assert Event.objects.filter(kind="training").count() == 2


def test_who_may_not_change_may_not_change_many(client, cast, django_user_model):
    user = django_user_model.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(make.permission("publish_record"))
    client.force_login(user)
    assert batch(client, [cast.summit], kind="training").status_code == 403


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Say what shall be changed"),
        ({"kind": "nonsense"}, "not one of the available choices"),
        ({"host_country": "9" * 30}, "not one of the available choices"),
        ({"host_country": "x"}, "not one of the available choices"),
        ({"topics_add": ["x"]}, "not a valid value"),
        ({"topics_add": ["9" * 30]}, "not a valid value"),
        ({"kind": "session", "why": "x" * 501}, "at most 500 characters"),
        ({"kind": "session", "why": "\x00"}, "Null characters"),
        ({"host_country": "FREEDONIA", "host_country_empty": "on"}, "not both"),
        ({"topics_add": "PEACE", "topics_remove": "PEACE"}, "cannot be both added and taken away"),
    ],
)
def test_nonsense_is_answered_and_nothing_changed(admin_client, cast, data, sentence):
    before = to_plain(cast.summit)
    named = {"FREEDONIA": cast.freedonia.pk, "PEACE": cast.peace.pk}
    data = {name: named.get(value, value) if isinstance(value, str) else value for name, value in data.items()}
    assert sentence in text_of(batch(admin_client, [cast.summit], **data))
    assert to_plain(Event.objects.get()) == before


@pytest.mark.parametrize("loaded", ["", "x", "-1", "9" * 30])
def test_without_its_number_nothing_is_changed(admin_client, cast, loaded):
    assert batch(admin_client, [cast.summit], kind="training", loaded=loaded).status_code == 200
    assert Event.objects.get().kind == "meeting"


@pytest.mark.parametrize("records", [[], ["x"], ["9" * 30], [str(number) for number in range(1, 502)]])
def test_none_and_too_many_are_refused(admin_client, cast, records):
    response = admin_client.post(address(Event, "batch"), {"record": records, "kind": "training", "loaded": 0, "apply": 1})
    assert response.status_code == 302
    assert Event.objects.get().kind == "meeting"


def test_what_is_gone_is_said(admin_client, cast, events):
    events[2].delete()
    assert "1 of the chosen records is not there any more" in text_of(
        batch(admin_client, [cast.summit, Event(pk=99)], kind="training")
    )


def test_all_of_a_long_list_are_too_many(admin_client, db):
    Topic.objects.bulk_create([Topic(name=f"Topic {number}", slug=f"topic-{number}") for number in range(501)])
    first = Topic.objects.first()
    data = {"action": "change_fields", "_selected_action": [first.pk], "select_across": "1"}
    response = admin_client.post(address(Topic, "changelist"), data, follow=True)
    assert "At most 500 records" in response.content.decode()
