"""The history of a record in the admin: its steps, earlier states restored, deleted records brought back."""

import html
import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from archive.core import ledger
from archive.core.models import Entry
from archive.core.plain import to_plain
from events.models import Event, Statement, Topic
from people.models import Organization, Person
from tests import cast as make
from tests.test_admin_editing import Page, address


def text_of(response):
    """What a page says, without its tags: removed words in [-…-], added ones in [+…+]."""
    body = response.content.decode().split('id="content-main"', 1)[1]
    body = re.sub(r"<del>(.*?)</del>", r"[-\1-]", re.sub(r"<ins>(.*?)</ins>", r"[+\1+]", body, flags=re.S), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def history(client, record, **query):
    return client.get(address(type(record), "history", record.pk), query)


def edit(record, why="", **values):
    with ledger.unit(why=why) as work:
        for name, value in values.items():
            setattr(record, name, value)
        record.save()
    return work.id


def last_entry(record, number=0):
    return Entry.objects.filter(model=record._meta.label_lower, record=record.pk).order_by("-pk")[number]


def restore_address(record, entry, pk=None):
    return address(type(record), "restore", pk or record.pk, entry.pk)


def restore(client, record, entry, pk=None, **data):
    return client.post(restore_address(record, entry, pk), {"loaded": ledger.state()[0], "why": "A mistake", **data})


@pytest.fixture
def curator(client, django_user_model):
    """A client logged in as one who may change and delete, but not restore."""
    user = django_user_model.objects.create_user("curator", is_staff=True)
    for action in ("add", "change", "delete", "view"):
        user.user_permissions.add(*Permission.objects.filter(codename__startswith=f"{action}_"))
    client.force_login(user)
    return client


# The timeline


def test_a_form_saved_is_a_step_with_who_why_and_each_difference(admin_client, cast):
    page = Page.of(admin_client, cast.summit)
    changes = {
        "title": "Second summit of Freedonia",
        "topics": [make.topic("War").pk],
        "standing": "cancelled",
        "date": "2015-05-04",
        "participations-0-capacity": "Prime minister",
        "statements-0-text": "peace is very cheap",
        "passages-1-document": cast.gazette.pk,
        "passages-1-quote": "The experts noted that peace is cheap.",
    }
    page.save(changes)
    said = text_of(history(admin_client, cast.summit))
    assert "Changed by admin" in said
    for line in (
        "Title [-Summit of Freedonia-] → [+Second summit of Freedonia+]",
        "Standing [-Held-] → [+Cancelled+]",
        "Date [-3 May 2015-] → [+4 May 2015+]",
        "Topics [-Peace-] [+War+]",
        "Passages [+“The experts noted that peace is cheap.”, The Freedonia Gazette+]",
        "Participants › Rufus Firefly Capacity [-President-] → [+Prime minister+]",
        "Statements › peace is very cheap Text [-peace is cheap-] → [+peace is very cheap+]",
    ):
        assert line in said


def test_a_long_text_is_compared_word_by_word(admin_client, cast):
    edit(cast.summit, summary="The leaders met and agreed that peace is cheap, and war is dear.")
    edit(cast.summit, summary="The leaders met and agreed that peace is never cheap, and war is dear.")
    assert "The leaders met and agreed that peace is [+never +] cheap, and war is dear." in text_of(
        history(admin_client, cast.summit)
    )


def test_rows_and_statements_that_come_and_go_are_named(admin_client, cast):
    cast.guest.delete()
    said = text_of(history(admin_client, cast.summit))
    assert "Participants › Ambassador Trentino removed" in said
    edit(cast.said, text="peace is free")
    assert "Text [-peace is cheap-] → [+peace is free+]" in text_of(history(admin_client, cast.said))
    assert "Statements › peace is free" in text_of(history(admin_client, cast.summit))


def test_a_statements_speakers_and_question_are_called_by_their_names(admin_client, cast):
    with ledger.unit():
        cast.said.speakers.set([cast.guest])
        edit(cast.said, agenda_item=None)
    said = text_of(history(admin_client, cast.said))
    assert "Speakers [-Rufus Firefly-] [+Ambassador Trentino+]" in said
    assert "Agenda item [-The price of peace-]" in said


def test_what_a_reference_named_is_called_by_its_key_when_it_is_gone(admin_client, cast):
    war = make.topic("War", slug="the-war")
    cast.summit.topics.add(war)
    war.delete()
    assert "Topics [-the-war-]" in text_of(history(admin_client, cast.summit))


def test_the_first_entry_is_the_whole_record_folded_away(admin_client, cast):
    response = history(admin_client, cast.summit)
    assert "<details><summary>The whole record</summary>" in response.content.decode()
    assert "Participants › Rufus Firefly Short name rufus-firefly" in text_of(response)


def test_a_record_older_than_the_ledger_is_shown_as_it_was_found(admin_client, cast):
    Entry.objects.all().delete()
    assert "older than the ledger" in text_of(history(admin_client, cast.firefly))
    with ledger.unit():
        ledger.keep_found(Person, [cast.firefly.pk])
        edit(cast.firefly, titles="Professor")
    said = text_of(history(admin_client, cast.firefly))
    assert "As it was found" in said
    assert "Titles [+Professor+]" in said


def test_other_records_of_the_same_step_are_counted_and_linked(admin_client, cast):
    with ledger.unit(why="Renamed") as work:
        for record in (cast.firefly, cast.trentino, cast.said):
            edit(record, **({"text": "x"} if record == cast.said else {"titles": "Dr"}))
    response = history(admin_client, cast.firefly)
    assert "in the same step: 2 other records" in text_of(response)  # the statement is its event's
    assert reverse("step", args=[work.id]) in response.content.decode()


def test_steps_are_paged_newest_first_and_cost_the_same_however_many(admin_client, cast, django_assert_max_num_queries):
    for number in range(3):
        edit(cast.firefly, titles=f"No. {number}")
    with django_assert_max_num_queries(14):
        history(admin_client, cast.firefly)
    for number in range(3, 40):
        edit(cast.firefly, titles=f"No. {number}", summary=f"Of {number}")
    with django_assert_max_num_queries(14):
        first = text_of(history(admin_client, cast.firefly))
    assert "No. 39" in first
    assert "[-No. 14-]" in first
    assert "No. 13" not in first
    second = text_of(history(admin_client, cast.firefly, page=2))
    assert "[-No. 13-] → [+No. 14+]" in second
    assert "The whole record" in second


def test_what_is_too_much_for_a_list_is_counted_and_linked(admin_client, cast):
    with ledger.unit():
        for number in range(80):
            make.statement(cast.summit, f"Statement {number}")
    response = history(admin_client, cast.summit)
    assert "too many to show here" in text_of(response)
    link = re.search(r'href="(/admin/step/[^"]*entry=\d+)"', response.content.decode()).group(1)
    assert "Statements › Statement 79" in text_of(admin_client.get(link))


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30, "x", "1_2F2"])
def test_there_is_no_history_of_what_never_was(admin_client, db, pk):
    assert admin_client.get(f"/admin/people/person/{pk}/history/").status_code == 404


def test_only_those_who_may_see_a_record_see_its_history(client, cast, django_user_model):
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))
    step = reverse("step", args=[last_entry(cast.summit).unit])
    for page in (address(Event, "history", cast.summit.pk), address(Event, "deleted"), step):
        assert client.get(page).status_code == 403
        client.logout()
        assert client.get(page).status_code == 302
        client.force_login(django_user_model.objects.get(username="nobody"))


# Restoring


def test_an_earlier_state_is_shown_as_a_difference_then_restored_with_its_rows(admin_client, cast):
    before, entry = to_plain(cast.summit), last_entry(cast.summit)
    number = cast.said.pk
    edit(cast.summit, title="Talks")
    cast.guest.delete()
    cast.said.delete()
    page = text_of(admin_client.get(restore_address(cast.summit, entry)))
    assert "Title [-Talks-] → [+Summit of Freedonia+]" in page
    assert "Participants › Ambassador Trentino added" in page
    response = restore(admin_client, cast.summit, entry)
    assert response.status_code == 302
    assert to_plain(Event.objects.get()) == before
    assert Statement.objects.get().pk == number
    newest = last_entry(cast.summit)
    assert (newest.action, newest.by.username, newest.why) == ("changed", "admin", "A mistake")


def test_restoring_neither_publishes_nor_withdraws(admin_client, cast):
    edit(cast.summit, state="draft", title="Draft")
    draft = last_entry(cast.summit)
    edit(cast.summit, state="published", title="Public")
    restore(admin_client, cast.summit, draft)
    assert (Event.objects.get().title, Event.objects.get().state) == ("Draft", "published")


def test_statements_that_come_back_are_drafts_unless_one_may_publish(curator, cast, django_user_model):
    entry = last_entry(cast.summit)
    cast.said.delete()
    edit(cast.summit, state="draft")
    user = django_user_model.objects.get(username="curator")
    user.user_permissions.add(Permission.objects.get(codename="restore_record"))
    restore(curator, cast.summit, entry)
    assert Statement.objects.get().state == "draft"
    Statement.objects.get().delete()
    user.user_permissions.add(Permission.objects.get(codename="publish_record"))
    restore(curator, cast.summit, entry)
    assert Statement.objects.get().state == "published"


def test_who_may_not_publish_restores_nothing_that_is_public(curator, cast, django_user_model):
    entry = last_entry(cast.summit)
    edit(cast.summit, title="Talks")
    django_user_model.objects.get(username="curator").user_permissions.add(Permission.objects.get(codename="restore_record"))
    assert restore(curator, cast.summit, entry).status_code == 403
    assert Event.objects.get().title == "Talks"


def test_a_statement_is_restored_by_itself_and_comes_back_when_it_was_deleted(admin_client, cast):
    before, entry, pk = to_plain(cast.said), last_entry(cast.said), cast.said.pk
    edit(cast.said, text="war is dear", agenda_item=None)
    restore(admin_client, cast.said, entry)
    assert to_plain(Statement.objects.get()) == before
    Statement.objects.get().delete()
    restore(admin_client, cast.said, entry, pk)
    assert (to_plain(Statement.objects.get()), Statement.objects.get().pk) == (before, pk)
    cast.summit.delete()
    assert "restore that, and this comes back with it" in text_of(restore(admin_client, cast.said, entry, pk))


def test_whatever_stands_in_the_way_is_listed_and_nothing_is_restored(admin_client, cast):
    entry, war = last_entry(cast.peace), make.topic("War")
    edit(cast.peace, broader=war)
    with_war = last_entry(cast.peace)
    edit(cast.peace, broader=None, name="Concord")
    war.delete()
    response = restore(admin_client, cast.peace, with_war)
    assert "There is no topic “war”" in text_of(response)
    assert Topic.objects.get().name == "Concord"
    pk = cast.peace.pk
    cast.summit.delete()
    cast.peace.delete()
    make.topic("Other", slug="peace")
    assert "already exists" in text_of(restore(admin_client, cast.peace, entry, pk))
    assert Topic.objects.get().name == "Other"


def test_what_was_changed_since_the_page_was_made_is_not_restored_over(admin_client, cast):
    entry, loaded = last_entry(cast.firefly), ledger.state()[0]
    edit(cast.firefly, titles="Professor")
    response = restore(admin_client, cast.firefly, entry, loaded=loaded)
    assert "has been changed since" in text_of(response)
    assert 'value="A mistake"' in response.content.decode()
    assert Person.objects.get(pk=cast.firefly.pk).titles == "Professor"


@pytest.mark.parametrize("bad", [{"why": "x" * 501}, {"why": "\x00"}, {"loaded": "x"}, {"loaded": "9" * 30}, {"loaded": ""}])
def test_nonsense_is_answered_and_nothing_restored(admin_client, cast, bad):
    entry = last_entry(cast.firefly)
    edit(cast.firefly, titles="Professor")
    assert restore(admin_client, cast.firefly, entry, **bad).status_code == 200
    assert Person.objects.get(pk=cast.firefly.pk).titles == "Professor"


def test_only_those_who_may_restore_do(curator, cast):
    entry = last_entry(cast.firefly)
    edit(cast.firefly, titles="Professor")
    assert "Restore" not in text_of(history(curator, cast.firefly))
    assert curator.get(restore_address(cast.firefly, entry)).status_code == 403
    assert restore(curator, cast.firefly, entry).status_code == 403


def test_a_state_of_another_record_or_of_none_is_not_restored(admin_client, cast):
    for number in (last_entry(cast.trentino).pk, 0, 10**30):
        page = f"/admin/people/person/{cast.firefly.pk}/restore/{number}/"
        assert admin_client.get(page).status_code == 404


# Deleted records


def test_a_deleted_record_is_listed_and_comes_back_under_its_number(admin_client, cast):
    Entry.objects.all().delete()  # older than the ledger
    before, pk = to_plain(cast.summit), cast.summit.pk
    admin_client.post(address(Event, "delete", pk), {"post": "yes"})
    page = admin_client.get(address(Event, "deleted"))
    assert "Summit of Freedonia Deleted by admin" in text_of(page)
    link = re.search(r'href="([^"]*/restore/\d+/)"', page.content.decode()).group(1)
    assert "It comes back with all its rows" in text_of(admin_client.get(link))
    assert admin_client.post(link, {"loaded": ledger.state()[0], "why": ""}).status_code == 302
    assert (to_plain(Event.objects.get()), Event.objects.get().pk) == (before, pk)
    assert Statement.objects.get().pk == cast.said.pk
    assert "Nothing has been deleted" in text_of(admin_client.get(address(Event, "deleted")))


def test_what_a_deleted_record_was_can_be_read(admin_client, cast):
    pk = cast.summit.pk
    cast.summit.delete()
    said = text_of(admin_client.get(address(Event, "history", pk)))
    assert "This record was deleted." in said
    assert "What it was" in said
    assert "Title Summit of Freedonia" in said


def test_the_link_to_the_deleted_stands_above_every_list(admin_client, cast):
    for model in (Person, Organization, Statement):
        assert address(model, "deleted") in admin_client.get(address(model, "changelist")).content.decode()
