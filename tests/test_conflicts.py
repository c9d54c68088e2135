"""Two people have the same record open: nobody's words are lost, whatever they do."""

import threading

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from archive.core.models import Entry
from events.models import AgendaItem, Event, Participation, Statement, Topic
from tests import cast as make
from tests.forms import Page, address, is_saved

PATIENCE = 60  # seconds


@pytest.fixture
def other(db):
    """The client of a second superuser."""
    client = Client()
    client.force_login(User.objects.create_superuser("groucho", password="x"))
    return client


@pytest.fixture
def open_twice(admin_client, other):
    """Opens a record's form for two people: (mine, theirs)."""
    return lambda record: (Page.of(admin_client, record), Page.of(other, record))


@pytest.fixture(autouse=True)
def summit_with_evidence(cast):
    cast.summit.passages.add(cast.said.passages.first())


def settle(client, answer, **data):
    """Posts the page `answer`, on which both changes stand, with what is chosen on it."""
    assert answer.status_code == 409
    context = answer.context
    data = {**context["posted"], "plain": context["plain"], "seen": context["seen"], **data}
    return client.post(context["address"], data)


def test_the_second_to_save_is_told_and_both_changes_stay(open_twice, admin_client, cast):
    mine, theirs = open_twice(cast.summit)
    theirs.add_row("agenda", text="The price of war")
    assert is_saved(theirs.save({"title": "Talks", "why": "As it is called"}))
    mine.add_row("agenda", text="The price of bread")
    answer = mine.save({"place": "Sylvania", "why": "Mine"})
    shown = answer.content.decode()
    assert Event.objects.get().place == "Freedonia"
    assert all(words in shown for words in ("groucho", "As it is called", "Talks", "Sylvania", "The price of bread"))
    assert answer.context["clashes"] == []
    assert is_saved(settle(admin_client, answer))
    event = Event.objects.get()
    assert (event.title, event.place) == ("Talks", "Sylvania")
    assert set(event.agenda.values_list("text", flat=True)) == {"The price of peace", "The price of war", "The price of bread"}
    assert Entry.objects.filter(model="events.event").last().why == "Mine"


@pytest.mark.parametrize(("choice", "title"), [("theirs", "Talks"), ("mine", "Congress")])
def test_the_same_field_is_chosen_in(open_twice, admin_client, cast, choice, title):
    mine, theirs = open_twice(cast.summit)
    theirs.save({"title": "Talks"})
    answer = mine.save({"title": "Congress", "place": "Sylvania"})
    [clash] = answer.context["clashes"]
    assert (clash["label"], clash["before"], clash["theirs"], clash["mine"]) == (
        "Title", "Summit of Freedonia", "Talks", "Congress",
    )  # fmt: skip
    asked = settle(admin_client, answer)
    assert asked.status_code == 409
    assert Event.objects.get().title == "Talks"
    assert is_saved(settle(admin_client, asked, **{clash["name"]: choice}))
    assert (Event.objects.get().title, Event.objects.get().place) == (title, "Sylvania")


def test_a_row_that_was_deleted_meanwhile_keeps_what_was_typed_in_it(open_twice, admin_client, cast):
    mine, theirs = open_twice(cast.summit)
    assert is_saved(theirs.save({"agenda-0-DELETE": "on"}))
    answer = mine.save({"agenda-0-text": "The price of everything", "statements-0-agenda_item": "", "place": "Sylvania"})
    [clash] = answer.context["clashes"]
    assert (clash["theirs"], "The price of everything" in clash["mine"]) == ("", True)
    assert is_saved(settle(admin_client, answer, **{clash["name"]: "mine"}))
    assert AgendaItem.objects.get().text == "The price of everything"
    assert Event.objects.get().place == "Sylvania"


def test_a_row_deleted_by_one_and_left_alone_by_the_other_is_gone(open_twice, admin_client, cast):
    mine, theirs = open_twice(cast.summit)
    theirs.save({"participations-1-DELETE": "on"})
    answer = mine.save({"place": "Sylvania"})
    assert is_saved(settle(admin_client, answer))
    assert list(Participation.objects.values_list("slug", flat=True)) == ["rufus-firefly"]
    assert Event.objects.get().place == "Sylvania"


def test_a_statement_and_its_event_are_one_record_to_two_editors(admin_client, other, cast):
    event, statement = Page.of(admin_client, cast.summit), Page.of(other, cast.said)
    assert is_saved(statement.save({"text": "peace is dear"}))
    answer = event.save({"statements-0-text": "peace is free"})
    assert answer.status_code == 409
    event, statement = Page.of(admin_client, cast.summit), Page.of(other, cast.said)
    assert is_saved(event.save({"statements-0-text": "peace is free"}))
    assert statement.save({"text": "peace is cheap after all"}).status_code == 409
    assert Statement.objects.get().text == "peace is free"


def test_what_was_typed_for_a_record_that_was_deleted_can_be_brought_back(open_twice, admin_client, other, cast):
    mine, _ = open_twice(cast.summit)
    other.post(address(Event, "delete", cast.summit.pk), {"post": "yes"})
    assert not Event.objects.exists()
    answer = mine.save({"title": "Talks"})
    assert "Talks" in answer.content.decode()
    assert not Event.objects.exists()
    assert is_saved(settle(admin_client, answer))
    event = Event.objects.get()
    assert (event.pk, event.title, event.state) == (cast.summit.pk, "Talks", "draft")
    assert (event.participations.count(), event.statements.get().text) == (2, "peace is cheap")


def test_who_settles_while_the_record_changes_once_more_is_told_again(open_twice, admin_client, other, cast):
    mine, theirs = open_twice(cast.summit)
    theirs.save({"title": "Talks"})
    answer = mine.save({"place": "Sylvania"})
    Page.of(other, cast.summit).save({"summary": "They met."})
    again = settle(admin_client, answer)
    assert again.status_code == 409
    assert "They met." in again.content.decode()
    assert is_saved(settle(admin_client, again))
    assert (Event.objects.get().place, Event.objects.get().summary) == ("Sylvania", "They met.")


def test_an_address_in_another_spelling_is_no_way_around(open_twice, admin_client, cast):
    mine, theirs = open_twice(cast.peace)
    theirs.save({"name": "War"})
    url = address(type(cast.peace), "change", f"+{cast.peace.pk}")
    assert admin_client.post(url, mine.data | {"scope_note": "Mine", "name": "Truce"}).status_code in (404, 409)
    assert Topic.objects.get().name == "War"


def test_an_invalid_form_is_corrected_before_it_is_compared(open_twice, cast):
    mine, theirs = open_twice(cast.summit)
    theirs.save({"title": "Talks"})
    answer = mine.save({"date": "someday", "place": "Sylvania"})
    assert answer.status_code == 200
    mine.read(answer)
    assert mine.data["place"] == "Sylvania"
    assert mine.save({"date": "2015"}).status_code == 409


def test_a_change_of_another_record_is_no_conflict(admin_client, other, cast):
    page = Page.of(admin_client, cast.summit)
    assert is_saved(Page.of(other, cast.firefly).save({"summary": "A president."}))
    assert is_saved(page.save({"title": "Talks"}))


def test_a_page_that_carries_nonsense_changes_nothing(open_twice, admin_client, cast):
    mine, theirs = open_twice(cast.peace)
    theirs.save({"name": "War"})
    answer = mine.save({"scope_note": "Mine"})
    plain, url = answer.context["plain"], f"/admin/events/event/{cast.summit.pk}/settle/"
    for data in ({}, {"plain": "{}"}, {"plain": plain[:-1]}, {"plain": "x" * 100_000}, {"plain": plain}):
        assert admin_client.post(url, data).status_code == 404  # the last one is another record's
    for odd in ({"seen": "x"}, {"seen": "9" * 40, "loaded": "9" * 40, "loaded_proposal": "-1", "at:[": "mine", "at:3": "mine"}):
        assert settle(admin_client, answer, **odd).status_code in (302, 409)
    assert Event.objects.get().title == "Summit of Freedonia"


def test_a_state_that_was_changed_meanwhile_stays(open_twice, admin_client, cast):
    Topic.objects.update(state="draft")
    mine, theirs = open_twice(cast.peace)
    theirs.save({"_step_submitted": "1"})
    assert is_saved(settle(admin_client, mine.save({"scope_note": "Mine"})))
    assert (Topic.objects.get().state, Topic.objects.get().scope_note) == ("in-review", "Mine")


# True races


@pytest.mark.django_db(transaction=True)
def test_fifty_pairs_that_save_at_the_same_moment_lose_nothing(admin_user):
    topics = [make.topic(f"Topic {number}") for number in range(50)]
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(admin_user)
    opened = [Page.of(clients[0], topic) for topic in topics]
    pages = [opened, [page.opened_by(clients[1]) for page in opened]]
    answers, meet = [[], []], threading.Barrier(2)

    def save(who):
        try:
            for page in pages[who]:
                meet.wait(PATIENCE)
                answers[who].append(page.save({"scope_note": f"By {who}"}))
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=[who], daemon=True) for who in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    for number, topic in enumerate(topics):
        statuses = {who: answers[who][number].status_code for who in (0, 1)}
        assert sorted(statuses.values()) == [302, 409], topic
        [first] = [who for who, status in statuses.items() if status == 302]
        assert Topic.objects.get(pk=topic.pk).scope_note == f"By {first}"
        assert f"By {1 - first}" in answers[1 - first][number].content.decode()
