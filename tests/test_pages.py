"""Each page shows what a reader would ask of it, at a cost that does not grow with its rows."""

import re

from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from archive.core import ledger
from events.models import AgendaItem, Event
from tests.cast import country, document, event, organization, participation, passage, person, statement, topic


def text_of(client, record):
    """What a reader sees on the page of `record`, as one line."""
    page = client.get(record.get_absolute_url()).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).replace("&quot;", '"').split())


def in_order(text, *pieces):
    """Fails unless `pieces` stand in `text` one behind the other, and says which does not."""
    place = 0
    for piece in pieces:
        found = text.find(piece, place)
        assert found != -1, f"“{piece}” is not behind “…{text[max(0, place - 60) : place]}”"
        place = found + len(piece)


def test_an_event_page_says_when_where_who_what_and_on_what_ground(cast, client):
    cast.summit.supplied = {"host_country": "The text names only the hall."}
    cast.summit.save()
    cast.guest.printed = "Amb. Trentino"
    cast.guest.talk = "War and its price"
    cast.guest.save()
    in_order(
        text_of(client, cast.summit),
        "Meeting",
        "Summit of Freedonia",
        "3 May 2015",
        "Evidence for the event",
        "Leaders met in Freedonia on 3 May 2015.",
        "The Freedonia Gazette",
        "Peace",
        "Who took part",
        "Freedonia",
        "Rufus Firefly",
        "League of Nations",
        "Speaker",
        "President",
        "Sylvania",
        "Ambassador Trentino",
        "Talk: War and its price",
        "Printed as “Amb. Trentino”",
        "Agenda",
        "The price of peace",
        "Statements",
        "peace is cheap",
        "Rufus Firefly",
        "Freedonia",
        "Rufus Firefly of Freedonia said that peace is cheap.",
        "Supplied by the archive",
        "The text names only the hall.",
    )
    page = client.get(cast.summit.get_absolute_url()).content.decode()
    assert '<time datetime="2015-05-03">3 May 2015</time>' in page
    assert f'href="{cast.said.passages.get().get_absolute_url()}"' in page
    assert re.search(r'class="supplied" title="[^"]*only the hall[^"]*">\[<a href="/countries/fr/">Freedonia</a>\]', page)


def test_an_event_page_tells_those_who_were_there_from_those_only_spoken_of(cast, client):
    participation(cast.summit, country=country("Ruritania", "RR"), role="mentioned")
    in_order(text_of(client, cast.summit), "Who took part", "Trentino", "Not there, but named", "Spoken of", "Ruritania")


def test_a_planned_event_says_so_and_a_series_shows_its_events(cast, client):
    series = event("Summits", kind="series", date="2012/..")
    event("Next summit", date="2016", standing="planned", part_of=series)
    in_order(
        text_of(client, series),
        "Series or programme",
        "Summits",
        "since 2012",
        "Events in this series",
        "2016",
        "Planned",
        "Next summit",
    )


def test_a_statement_without_a_named_speaker_says_whom_the_document_names(cast, client):
    said = statement(cast.summit, "The future is bright", attribution="the experts")
    assert "“the experts”" in text_of(client, said)
    assert "Speaker not named" in text_of(client, statement(cast.summit, "It is late"))


def test_a_statement_page_leads_to_speaker_event_question_topic_and_passage(cast, client):
    in_order(
        text_of(client, cast.said),
        "Reported statement",
        "peace is cheap",
        "Rufus Firefly",
        "President",
        "Summit of Freedonia",
        "3 May 2015",
        "Where it is written",
        "Rufus Firefly of Freedonia said that peace is cheap.",
        "The Freedonia Gazette",
        "The price of peace",
        "Peace",
    )


def test_statements_lead_to_the_next(cast, client):
    second = statement(cast.summit, "War is dear")
    assert "Next statement" in text_of(client, cast.said)
    assert "Previous statement" in text_of(client, second)


def test_a_person_page_shows_positions_events_statements_and_names(cast, client):
    in_order(
        text_of(client, cast.firefly),
        "Rufus Firefly",
        "Positions",
        "since 2014",
        "President",
        "League of Nations",
        "Events 1",
        "Summit of Freedonia",
        "Speaker",
        "Statements 1",
        "peace is cheap",
        "Names",
        "Руфус Файрфлай",
    )
    assert '<bdi lang="ru">Руфус Файрфлай</bdi>' in client.get(cast.firefly.get_absolute_url()).content.decode()


def test_an_organization_page_shows_its_bodies_members_people_and_events(cast, client):
    in_order(
        text_of(client, cast.league),
        "League of Nations",
        "LON",
        "Secretariat of the League",
        "Members and presidencies",
        "2015",
        "Freedonia",
        "presidency",
        "People 1",
        "Rufus Firefly",
        "Events 1",
        "Summit of Freedonia",
        "Statements made for it 1",
    )
    assert "Part of League of Nations" in text_of(client, cast.secretariat)


def test_a_country_page_shows_memberships_events_on_its_soil_and_elsewhere_and_statements(cast, client):
    in_order(
        text_of(client, cast.freedonia),
        "FR",
        "Freedonia",
        "Memberships and presidencies",
        "2015",
        "Presidency,",
        "League of Nations",
        "Events on its soil 1",
        "Summit of Freedonia",
        "Events it took part in 1",
        "Rufus Firefly",
        "Statements made for it 1",
        "peace is cheap",
        "People who spoke or acted for it 1",
    )


def test_a_topic_page_shows_what_is_about_it(cast, client):
    topic("Disarmament", broader=cast.peace)
    in_order(
        text_of(client, cast.peace), "Peace", "Narrower", "Disarmament", "Events 1", "Summit", "Statements 1", "peace is cheap"
    )


def test_a_document_page_marks_its_passages_and_leads_to_what_rests_on_them(cast, client):
    page = client.get(cast.gazette.get_absolute_url()).content.decode()
    outer = cast.said.passages.get()
    assert f'<mark id="{outer.anchor}">' in page
    in_order(
        text_of(client, cast.gazette), "3 passages", cast.gazette.sha256, "event Summit of Freedonia", "statement peace is cheap"
    )
    for record in (cast.summit, cast.said, cast.speaker):
        assert f'href="{record.get_absolute_url()}"' in page


def test_a_document_page_keeps_the_text_to_the_letter(cast, client):
    odd = document("Odd", text="A <b>bold</b>  word & more\n\n\tfr om here\n")
    page = client.get(odd.get_absolute_url()).content.decode()
    assert "A &lt;b&gt;bold&lt;/b&gt;  word &amp; more" in page
    assert "\tfr om here" in page


def test_a_document_with_a_file_offers_it(cast, client):
    cast.gazette.file.save("gazette.pdf", ContentFile(b"%PDF"))
    assert f"{cast.gazette.get_absolute_url()}file/" in client.get(cast.gazette.get_absolute_url()).content.decode()


def test_the_first_page_shows_what_the_archive_holds_and_what_is_new(cast, client):
    page = client.get("/")
    assert [count for _, count in page.context["holdings"]] == [1, 1, 2, 2, 2, 1, 1]
    in_order(
        page.content.decode(), "Added last", "Summit of Freedonia", "Latest statements", "peace is cheap", "The Freedonia Gazette"
    )


def test_an_unknown_address_has_a_page_of_its_own(db, client):
    page = client.get("/no-such/")
    assert page.status_code == 404
    assert "There is no such page" in page.content.decode()


def test_a_code_in_capitals_leads_to_the_page(cast, client):
    answer = client.get("/countries/FR/")
    assert (answer.status_code, answer["Location"]) == (301, "/countries/fr/")
    assert client.get("/events/?country=FR", follow=True).context["total"] == 1


def test_an_error_of_ours_has_a_page_of_its_own(cast, client, monkeypatch):
    monkeypatch.setattr("events.views.EventPage.get_object", lambda view: 1 / 0)
    client.raise_request_exception = False
    page = client.get(cast.summit.get_absolute_url())
    assert page.status_code == 500
    assert "Something went wrong here" in page.content.decode()


@ledger.unit()
def crowd(cast, numbers):
    """For each of `numbers`, one more of everything that a page can show."""
    for number in numbers:
        land = country(f"Land {number}", f"A{chr(65 + number)}")
        body = organization(f"Body {number}", parent=cast.league, country=cast.freedonia)
        somebody = person(f"Person {number}")
        subject = topic(f"Topic {number}", broader=cast.peace)
        evidence = passage(cast.gazette, cast.gazette.text[number : number + 30])
        gathering = event(f"Event {number}", date="2015", host_country=cast.freedonia, part_of=cast.summit)
        gathering.topics.add(cast.peace, subject)
        cast.summit.topics.add(subject)
        for rows in (cast.summit, gathering):
            row = participation(rows, person=somebody, organization=cast.league, country=cast.freedonia, role="speaker")
            participation(rows, person=cast.firefly, organization=body, country=land, role="mentioned", slug=f"mention-{number}")
            said = statement(rows, f"Words {number}", slug=f"{rows.slug}-{number}")
            said.speakers.add(row, cast.speaker if rows == cast.summit else row)
            said.topics.add(cast.peace, subject)
            asked = AgendaItem.objects.create(event=rows, text=f"Question {number}")
            for cited in (row, said, asked, rows):
                cited.passages.add(evidence)
        for named in (cast.freedonia, cast.league, cast.firefly, cast.peace):
            named.names.create(name=f"Name {number}").passages.add(evidence)
        cast.firefly.positions.create(title=f"Post {number}", organization=body, country=land).passages.add(evidence)
        somebody.positions.create(title="Post", organization=cast.league, country=cast.freedonia).passages.add(evidence)
        cast.league.members.create(country=land, role="member").passages.add(evidence)
        body.members.create(country=cast.freedonia).passages.add(evidence)
        body.members.create(member=cast.league)
        document(f"Paper {number}")


def query_counts(client, cast):
    lists = ["events", "statements", "people", "organizations", "countries", "topics", "documents"]
    counts = {}
    for address in ["/", *(f"/{name}/" for name in lists), *(record.get_absolute_url() for record in cast.records)]:
        client.get(address)  # the index catches up
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts[address] = len(queries)
    return counts


def test_no_page_asks_more_of_the_database_when_it_has_more_rows(cast, client):
    crowd(cast, range(2))
    few = query_counts(client, cast)
    crowd(cast, range(2, 6))
    assert query_counts(client, cast) == few
    assert max(few.values()) < 40


def test_related_events_are_told_nowhere_else_on_the_page(cast, client):
    series = event("Series of summits", kind="series")
    Event.objects.filter(pk=cast.summit.pk).update(part_of=series)
    ledger.everything_changed("test")
    part, sibling, akin = event("Part", part_of=cast.summit), event("Sibling", part_of=series), event("Akin")
    for one in (series, part, akin):
        one.topics.add(cast.peace)
    context = client.get(cast.summit.get_absolute_url()).context
    assert context["related"] == [sibling, akin]
    assert context["parts"] == [part]
    series.state = series.State.DRAFT  # what is not public relates nothing
    series.save()
    assert client.get(cast.summit.get_absolute_url()).context["related"] == [akin]


def test_a_long_series_lists_its_newest_events_and_how_many_there_are(cast, client, monkeypatch):
    monkeypatch.setattr("events.models.PARTS", 2)
    for year in (2011, 2012, 2013):
        event(f"Session {year}", date=str(year), part_of=cast.summit)
    context = client.get(cast.summit.get_absolute_url()).context
    assert [str(one) for one in context["parts"]] == ["Session 2013", "Session 2012"]
    assert context["part_count"] == 3
    assert len(client.get(f"{cast.summit.get_absolute_url()}record.jsonld").json()["subEvent"]) == 2


def test_a_person_of_the_first_decade_has_a_page(cast, client):
    for number in range(30):
        participation(event(f"Rite {number}", date=f"{5 * number + 5:04}"), person=cast.firefly)
    assert client.get(cast.firefly.get_absolute_url()).status_code == 200
