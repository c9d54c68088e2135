"""What lists let through, how they say it, and how they answer nonsense."""

import pytest

from tests.cast import country, document, event, organization, participation, person, statement, topic


def titles(client, query=""):
    return [str(record) for record in client.get(f"/events/{query}", follow=True).context["object_list"]]


def heading(client, address):
    return client.get(address, follow=True).context["heading"]


@pytest.fixture
def events(cast):
    """Beside the summit of 2015: a gala in Sylvania in 2016, planned, with the league; a fair with an uncertain date."""
    gala = event("Gala", date="2016", kind="session", standing="planned", host_country=cast.sylvania)
    participation(gala, organization=cast.league)
    participation(gala, country=cast.freedonia, role="mentioned")
    event("Fair", date="2012-11/2015-02", place="Łódź")
    event("Undated")
    return cast


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Gala", "Summit of Freedonia", "Fair", "Undated"]),
        ("?year=2015", ["Summit of Freedonia", "Fair"]),
        ("?year=2014", ["Fair"]),
        ("?year=2015-2016", ["Gala", "Summit of Freedonia", "Fair"]),
        ("?year=2016–", ["Gala"]),
        ("?year=-2013", ["Fair"]),
        ("?country=sy", ["Gala", "Summit of Freedonia"]),
        ("?country=sy&role=host", ["Gala"]),
        ("?country=sy&role=participant", ["Summit of Freedonia"]),
        ("?country=fr&role=mentioned", ["Gala"]),
        ("?country=fr", ["Summit of Freedonia"]),
        ("?country=fr&country=sy&role=host", ["Gala", "Summit of Freedonia"]),
        ("?kind=session", ["Gala"]),
        ("?kind=session&kind=meeting", ["Gala", "Summit of Freedonia", "Fair", "Undated"]),
        ("?standing=planned", ["Gala"]),
        ("?person=rufus-firefly", ["Summit of Freedonia"]),
        ("?organization=league-of-nations", ["Gala", "Summit of Freedonia"]),
        ("?topic=peace", ["Summit of Freedonia"]),
        ("?q=lodz", ["Fair"]),
        ("?q=PRICE", ["Summit of Freedonia"]),
        ("?q=freedonia+price", ["Summit of Freedonia"]),
        ("?q=freedonia+war", []),
        ("?q=файрфлай", ["Summit of Freedonia"]),
        ("?q=sylvania", ["Gala", "Summit of Freedonia"]),
        ("?country=sy&year=2016&organization=league-of-nations", ["Gala"]),
        ("?sort=date", ["Fair", "Summit of Freedonia", "Gala"]),
        ("?sort=title", ["Fair", "Gala", "Summit of Freedonia", "Undated"]),
    ],
)
def test_events_are_filtered_by(events, client, query, found):
    shown = titles(client, query)
    if query in ("", "?kind=session&kind=meeting", "?sort=date"):  # where the databases put what has no date differs
        shown = [title for title in shown if title != "Undated"]
        found = [title for title in found if title != "Undated"]
    assert shown == found


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?person=rufus-firefly", 1),
        ("?person=ambassador-trentino", 1),
        ("?country=sy", 1),
        ("?organization=league-of-nations", 1),
        ("?year=2015", 2),
        ("?year=2016", 0),
        ("?topic=peace", 1),
        ("?kind=quoted", 1),
        ("?event=summit-of-freedonia", 2),
        ("?q=cheap", 1),
        ("?q=experts", 1),
        ("?q=trentino", 1),
    ],
)
def test_statements_are_filtered_by(cast, client, query, count):
    other = statement(cast.summit, "War is dear", kind="quoted", attribution="the experts")
    other.speakers.add(cast.guest)
    assert client.get(f"/statements/{query}", follow=True).context["total"] == count


def test_people_organizations_countries_and_documents_are_filtered_by_what_belongs_to_them(cast, client):
    def found(address):
        return [str(record) for record in client.get(address, follow=True).context["object_list"]]

    assert found("/people/?q=файрфлай") == ["Rufus Firefly"]
    assert found("/people/?country=fr") == found("/people/?organization=league-of-nations") == ["Rufus Firefly"]
    assert found("/organizations/?q=lon") == ["League of Nations"]
    assert found("/countries/?organization=league-of-nations") == ["Freedonia"]
    assert found("/topics/?broader=peace") == []
    document("Herald", publisher="Herald House", language="ru", date="2001")
    assert (
        found("/documents/?publisher=Herald+House")
        == found("/documents/?language=ru")
        == found("/documents/?year=2001")
        == ["Herald"]
    )


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/events/", "Events"),
        ("/events/?year=2015&country=sy&role=participant", "Events, 2015, Sylvania taking part"),
        ("/events/?country=sy&country=fr", "Events, Freedonia or Sylvania hosting or taking part"),
        ("/events/?country=sy&role=host&kind=session", "Events, hosted by Sylvania, session of a body"),
        ("/events/?year=2012-2015&topic=peace&person=rufus-firefly", "Events, 2012–2015, with Rufus Firefly, on Peace"),
        ("/events/?year=2012-&q=war&sort=title", "Events, with war, since 2012, by title"),
        ("/statements/?person=rufus-firefly&country=fr", "Statements, by Rufus Firefly, made for Freedonia"),
        ("/people/?country=fr", "People, in a position for Freedonia"),
    ],
)
def test_a_list_says_in_words_what_it_shows(cast, client, address, words):
    page = client.get(address, follow=True)
    assert page.context["heading"] == words
    assert f"<title>{words} · Annals</title>" in page.content.decode()


def test_each_filter_can_be_taken_away_by_itself(cast, client):
    first, second = client.get("/events/?year=2015&country=fr&country=sy").context["filters"]
    assert (first["name"], first["without"]) == ("year", "?country=fr&country=sy")
    assert (second["name"], second["without"]) == ("country", "?year=2015")


def test_an_address_worth_sharing_has_no_empty_fields_and_no_defaults(cast, client):
    answer = client.get("/events/?q=&year=2015&role=either&sort=-date&topic=")
    assert (answer.status_code, answer["Location"]) == (302, "/events/?year=2015")
    assert client.get("/events/?q=")["Location"] == "/events/"


@pytest.mark.parametrize(
    ("address", "field", "message"),
    [
        ("/events/?year=soon", "year", "Write a year (2015) or a span of years (2012–2015)."),
        ("/events/?year=2016-2015", "year", "begins with its earlier year"),
        ("/events/?year=0", "year", "from 1 to 9999"),
        ("/events/?year=" + "9" * 30, "year", "at most 20 characters"),
        ("/events/?country=zz", "country", "zz is not one of the available choices"),
        ("/events/?country=%27%3B--", "country", "is not one of the available choices"),
        ("/events/?kind=party", "kind", "party is not one of the available choices"),
        ("/events/?country=fr&role=guest", "role", "guest is not one of the available choices"),
        ("/events/?sort=luck", "sort", "luck is not one of the available choices"),
        ("/events/?q=" + "x" * 201, "q", "at most 200 characters"),
        ("/statements/?event=none", "event", "none is not one of the available choices"),
        ("/events/?" + "&".join(f"topic=t{number}" for number in range(60)), "topic", "at most 50"),
    ],
)
def test_nonsense_is_answered_beside_its_field(cast, client, address, field, message):
    page = client.get(address, follow=True)
    assert page.status_code == 200
    assert not page.context["object_list"]
    (said,) = page.context["filterset"].form.errors[field]
    assert message in said
    assert 'role="alert"' in page.content.decode()


def test_filters_survive_paging(cast, client):
    for number in range(30):
        event(f"Meeting {number}", date="2015")
    page = client.get("/events/?year=2015&sort=title").content.decode()
    assert "?year=2015&amp;sort=title&amp;page=2" in page
    second = client.get("/events/?year=2015&sort=title&page=2")
    assert len(second.context["object_list"]) == 6
    assert client.get("/events/?page=9").status_code == 404


def test_drafts_cannot_be_chosen(cast, client):
    country("Secretia", "SE", state="draft")
    person("Secret Agent", state="draft")
    organization("Secret Service", state="draft")
    topic("Secrets", state="draft")
    page = client.get("/events/?country=se&person=secret-agent&organization=secret-service&topic=secrets")
    assert set(page.context["filterset"].form.errors) == {"country", "person", "organization", "topic"}
    assert b"Secret Agent" not in page.content
