"""Any list can be followed as a feed, and events in a calendar."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from archive.core import ledger
from archive.core.models import Entry
from archive.site.feeds import recently_added
from events.models import Event, Statement
from tests.cast import country, event, participation, person, statement, topic
from tests.test_hostile import HOSTILE, LISTS, as_bytes

ATOM = {"atom": "http://www.w3.org/2005/Atom"}


def feed(client, address):
    """The Atom feed at `address`, parsed."""
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    return ElementTree.fromstring(answer.content)  # noqa: S314 (our own answer)


def text(element, path):
    return element.findtext(f"atom:{path}", namespaces=ATOM)


def titles(client, address):
    return [text(entry, "title") for entry in feed(client, address).findall("atom:entry", ATOM)]


def calendar(client, query=""):
    answer = client.get(f"/events/calendar.ics{query}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(answer.content)


def days(client, query=""):
    return {
        str(entry["summary"]): (entry.decoded("dtstart"), entry.decoded("dtend"))
        for entry in calendar(client, query).walk("VEVENT")
    }


# Atom


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_a_feed(cast, client, name):
    found = feed(client, f"/{name}/feed.atom")
    assert text(found, "title") == f"{name.capitalize()} · Annals"
    assert found.find("atom:link[@rel='alternate']", ATOM).get("href") == f"http://testserver/{name}/"
    assert found.find("atom:link[@rel='self']", ATOM).get("href") == f"http://testserver/{name}/feed.atom"
    for entry in found.findall("atom:entry", ATOM):
        permalink = entry.find("atom:link", ATOM).get("href")
        assert text(entry, "id") == permalink
        assert client.get(permalink).status_code == 200
    assert len(found.findall("atom:entry", ATOM)) == client.get(f"/{name}/").context["total"]


def test_a_feed_is_of_the_filtered_list_and_says_so(cast, client):
    event("Gala", date="2016", host_country=cast.sylvania)
    address = "/events/feed.atom?year=2016&country=sy"
    assert titles(client, address) == ["Gala"]
    found = feed(client, address)
    assert text(found, "title") == "Events, 2016, Sylvania hosting or taking part · Annals"
    assert found.find("atom:link[@rel='alternate']", ATOM).get("href") == "http://testserver/events/?year=2016&country=sy"


def test_what_changed_last_comes_first_and_says_when(cast, client):
    gala = event("Gala")
    assert titles(client, "/events/feed.atom") == ["Gala", "Summit of Freedonia"]
    cast.summit.place = "Sylvania"
    cast.summit.save()
    assert titles(client, "/events/feed.atom") == ["Summit of Freedonia", "Gala"]
    found = feed(client, "/events/feed.atom")
    last = Entry.objects.filter(model="events.event", record=cast.summit.pk).last().at
    entry = found.find("atom:entry", ATOM)
    assert text(entry, "updated") == text(found, "updated") == last.isoformat()
    assert f'href="{cast.summit.get_absolute_url()}"' in text(entry, "summary")
    assert gala.get_absolute_url() in text(found.findall("atom:entry", ATOM)[1], "id")


def test_a_feed_has_the_newest_fifty(cast, client):
    for number in range(55):
        topic(f"Topic {number:02}")
    shown = titles(client, "/topics/feed.atom")
    assert shown == [f"Topic {number:02}" for number in range(54, 4, -1)]


def test_an_empty_feed_does_not_change_by_itself(db, client):
    assert client.get("/events/feed.atom").content == client.get("/events/feed.atom").content
    assert text(feed(client, "/events/feed.atom"), "updated") == "1970-01-01T00:00:00+00:00"


def test_a_feed_shows_only_what_is_published(cast, client):
    secret = event("Sekret gala", state="draft")
    statement(secret, "Sekret words")
    cast.said.speakers.add(participation(cast.summit, person=person("Sekret Agent", state="draft")))
    for name in LISTS:
        assert b"Sekret" not in client.get(f"/{name}/feed.atom").content
    assert b"Sekret" not in client.get("/events/calendar.ics").content
    type(secret).objects.filter(pk=secret.pk).update(state="published")
    assert titles(client, "/events/feed.atom")[0] == "Sekret gala"


def test_no_character_breaks_a_feed_or_a_calendar(db, client):
    odd = event("Peace\x0b & <war>\ufffe ]]> мир", date="2015-05-03", summary="One;\ntwo, \x1fthree\\n")
    statement(odd, "Words\x0c", slug="words")
    assert titles(client, "/events/feed.atom") == ["Peace  & <war>  ]]> мир"]
    assert titles(client, "/statements/feed.atom") == ["Words"]
    (entry,) = calendar(client).walk("VEVENT")
    assert str(entry["description"]) == "3 May 2015\n\nOne;\ntwo,  three\\n"


def test_recently_added_looks_at_each_record_once_and_no_further_than_it_must(cast):
    second = statement(cast.summit, "War is dear")
    cast.said.text = "peace is not cheap"
    cast.said.save()
    second.text = "War is cheap"
    second.save()
    asked = []
    found = recently_added(Statement, lambda pk: asked.append(pk) or True, 1)
    assert [pk for pk, _ in found] == asked == [second.pk]
    assert [pk for pk, _ in recently_added(Statement, {cast.said.pk, second.pk}.__contains__, 50)] == [second.pk, cast.said.pk]
    assert recently_added(Statement, set().__contains__, 50) == []


# iCalendar


def test_an_event_lasts_from_the_first_to_the_last_day_that_it_may_have_been(cast, client):
    event("Week", date="2015-06-25/2015-06-27")
    event("Month", date="2012-11")
    event("About", date="2003-05-01~")
    event("Winter", date="2012-12/2013-02")
    assert days(client) == {
        "Summit of Freedonia": (date(2015, 5, 3), date(2015, 5, 4)),
        "Week": (date(2015, 6, 25), date(2015, 6, 28)),
        "Month": (date(2012, 11, 1), date(2012, 12, 1)),
        "About": (date(2003, 5, 1), date(2003, 5, 2)),
        "Winter": (date(2012, 12, 1), date(2013, 3, 1)),
    }


def test_a_calendar_entry_says_what_its_event_is(cast, client):
    cast.summit.place, cast.summit.summary = "Hall of Mirrors, 2", "Leaders met."
    cast.summit.save()
    (entry,) = calendar(client).walk("VEVENT")
    last = Entry.objects.filter(model="events.event", record=cast.summit.pk).last().at
    assert {name: str(entry[name]) for name in ("uid", "url", "status", "location", "description")} == {
        "uid": "summit-of-freedonia.event@testserver",
        "url": "http://testserver/events/summit-of-freedonia/",
        "status": "CONFIRMED",
        "location": "Hall of Mirrors, 2, Freedonia",
        "description": "3 May 2015\n\nLeaders met.",
    }
    assert timedelta() <= last - entry.decoded("dtstamp") < timedelta(seconds=1)


@pytest.mark.parametrize(("standing", "status"), [("held", "CONFIRMED"), ("planned", "TENTATIVE"), ("cancelled", "CANCELLED")])
def test_a_calendar_entry_says_whether_its_event_was_held(db, client, standing, status):
    event("Gala", date="2016-01-01", standing=standing)
    assert [str(entry["status"]) for entry in calendar(client).walk("VEVENT")] == [status]


@pytest.mark.parametrize(
    "edtf", [None, "2015", "201X", "2012-21", "2012-24", "2015-XX", "2021-03/..", "../2021-03", "2015/2016-03", "9999-12-31"]
)
def test_what_has_no_days_is_counted_instead(cast, client, edtf):
    event("Fair", date=edtf)
    assert list(days(client)) == ["Summit of Freedonia"]
    assert str(calendar(client)["x-wr-caldesc"]) == "1 of 2 have no day or month that is known, and are left out."


def test_a_calendar_is_of_the_filtered_list_and_says_so(cast, client):
    event("Gala", date="2016-01-01")
    assert list(days(client, "?year=2016")) == ["Gala"]
    assert str(calendar(client, "?year=2016")["x-wr-calname"]) == "Events, 2016"
    assert str(calendar(client)["x-wr-caldesc"]) == "All 2 events."


def test_a_long_calendar_has_the_newest_and_says_how_many_there_are(cast, client, monkeypatch):
    monkeypatch.setattr("archive.site.feeds.DAYS", 2)
    event("Gala", date="2016-01-01")
    event("Ball", date="2017-01-01")
    event("Undated")
    assert set(days(client, "?sort=title")) == {"Ball", "Gala"}
    assert str(calendar(client)["x-wr-caldesc"]) == "The newest 2 of 4 events."


def test_a_host_that_is_not_public_is_no_place(db, client):
    event("Gala", date="2016-01-01", host_country=country("Secretia", "SE", state="draft"))
    (entry,) = calendar(client).walk("VEVENT")
    assert "location" not in entry


# Both


@pytest.mark.parametrize("address", ["/events/feed.atom", "/events/calendar.ics"])
def test_nonsense_in_the_filters_is_refused_and_named(cast, client, address):
    answer = client.get(f"{address}?year=soon&country=zz")
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert re.search(r"^year: Write a year .*\ncountry: .*zz is not one of the available choices", answer.content.decode())


@pytest.mark.parametrize("address", [*(f"/{name}/feed.atom" for name in LISTS), "/events/calendar.ics"])
def test_no_parameter_can_break_it(cast, client, address):
    for kind, value in HOSTILE.items():
        for parameter in [*LISTS[address.split("/")[1]].base_filters, "page", "unknown"]:
            values = [as_bytes(one) for one in (value if isinstance(value, list) else [value])]
            assert client.get(address, {parameter: values}, follow=True).status_code in (200, 400, 414), f"{parameter}: {kind}"


@pytest.mark.parametrize("address", ["/events/feed.atom", "/statements/feed.atom", "/events/calendar.ics"])
def test_more_rows_cost_no_more_queries(cast, client, address):
    def queries():
        client.get(address)  # the index catches up
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    @ledger.unit()
    def crowd(numbers):
        for number in numbers:
            gathering = event(f"Event {number}", date="2015-01", host_country=cast.freedonia)
            said = statement(gathering, "Words", slug=f"words-{number}")
            said.speakers.add(participation(gathering, person=cast.firefly, country=cast.freedonia))

    crowd(range(2))
    few = queries()
    crowd(range(2, 8))
    assert queries() == few
    assert Event.objects.count() == 9
