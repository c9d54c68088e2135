"""What a reader sees of a list's facets: values with their counts, each a link, and one address for each list."""

import html
import re
from urllib.parse import urlencode, urljoin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.core import ledger, panels
from archive.core.middleware import LONGEST
from archive.site.records import LISTS
from tests.cast import country, document, event, organization, participation, person, statement, topic

LINK = re.compile(r'<a\b[^>]*?\shref="([^"]*)"')
INPUT = re.compile(r"<(?:input|option)\b[^>]*>")


def attribute(tag, name):
    match = re.search(rf'\s{name}="([^"]*)"', tag)
    return html.unescape(match[1]) if match else ""


def links(page, within=""):
    """The addresses that the page at `within` leads to."""
    return [urljoin(within, html.unescape(address)) for address in LINK.findall(page.content.decode())]


def facets(client, address):
    """The facets of a list by name, as the list shows them."""
    page = client.get(address)
    assert page.status_code == 200
    return {facet.name: facet for facet in page.context["panel"].facets}


def counts(client, address, name):
    return {value.label: value.count for value in facets(client, address)[name].values}


def counted_values(client, address):
    """The values and bars of all the facets of a list: whatever it shows a count of."""
    shown = [getattr(facet, "bars", None) or getattr(facet, "values", []) for facet in facets(client, address).values()]
    return [value for values in shown for value in values if value.count is not None]


def bars(client, address):
    return {bar.label: bar.count for bar in facets(client, address)["year"].bars}


def total(client, address):
    page = client.get(address)
    assert page.status_code == 200, address
    return page.context["total"]


@pytest.fixture
def events(cast):
    """Beside the summit of 2015: a gala in Sylvania in 2016, with the league; a fair over some years; one without a date."""
    with ledger.unit():
        gala = event("Gala", date="2016", kind="session", standing="planned", host_country=cast.sylvania)
        gala.topics.add(topic("War"))
        participation(gala, organization=cast.league)
        participation(gala, country=cast.freedonia, role="mentioned")
        event("Fair", date="2012-11/2015-02", format="online")
        event("Undated")
        other = statement(cast.summit, "War is dear", kind="quoted", attribution="the experts")
        other.speakers.add(cast.guest)
        document("Herald", publisher="Herald House", language="ru", date="2001")
        organization("Freedonian Academy", kind="research", country=cast.freedonia)
    return cast


# Counts


COUNTS = [
    ("/events/", "country", {"Sylvania": 2, "Freedonia": 1}),
    ("/events/", "kind", {"Meeting": 3, "Session of a body": 1}),
    ("/events/", "standing", {"Held": 3, "Planned": 1}),
    ("/events/", "format", {"Online": 1}),
    ("/events/", "person", {"Rufus Firefly": 1, "Ambassador Trentino": 1}),
    ("/events/", "organization", {"League of Nations": 2}),
    ("/events/", "document", {"The Freedonia Gazette": 1}),
    # narrowed by another facet
    ("/events/?kind=session", "country", {"Sylvania": 1}),
    ("/events/?country=fr", "topic", {"Peace": 1}),
    ("/events/?year=2016", "topic", {"War": 1}),
    ("/events/?q=summit", "country", {"Freedonia": 1, "Sylvania": 1}),
    # never by its own
    ("/events/?kind=session", "kind", {"Session of a body": 1, "Meeting": 3}),
    ("/events/?kind=meeting&kind=session", "kind", {"Meeting": 3, "Session of a body": 1}),
    ("/events/?country=fr", "country", {"Freedonia": 1, "Sylvania": 2}),
    ("/events/?country=fr&kind=session", "country", {"Freedonia": 0, "Sylvania": 1}),
    ("/events/?country=fr&kind=session", "kind", {"Session of a body": 0, "Meeting": 1}),
    # which part of the country is meant
    ("/events/?country=sy&role=host", "country", {"Sylvania": 1, "Freedonia": 1}),
    ("/events/?country=sy&role=participant", "country", {"Sylvania": 1, "Freedonia": 1}),
    ("/events/?country=fr&role=mentioned", "country", {"Freedonia": 1}),
    # other lists
    ("/statements/", "person", {"Rufus Firefly": 1, "Ambassador Trentino": 1}),
    ("/statements/?kind=quoted", "person", {"Ambassador Trentino": 1}),
    ("/statements/?kind=quoted", "kind", {"Quoted": 1, "Reported": 1}),
    ("/statements/", "event", {"Summit of Freedonia": 2}),
    ("/people/", "organization", {"League of Nations": 1}),
    ("/organizations/", "country", {"Freedonia": 1}),
    ("/organizations/?country=fr", "kind", {"Research or educational institution": 1}),
    ("/documents/", "language", {"English": 1, "Russian": 1}),
    ("/documents/?language=en", "publisher", {}),
]


def test_counts_respect_all_the_other_filters_but_not_their_own(events, client):
    for address, name, expected in COUNTS:
        assert list(counts(client, address, name).items()) == list(expected.items()), (address, name)


@pytest.mark.parametrize("narrowed", ["", "?q=summit", "?year=2015"])
def test_each_value_leads_to_as_many_records_as_it_says(events, client, narrowed):
    for name, (_, filterset_class) in LISTS.items():
        if "year" in narrowed and "year" not in filterset_class.base_filters:
            continue
        for value in counted_values(client, f"/{name}/{narrowed}"):
            if value.url and not value.is_chosen:
                assert total(client, value.url) == value.count, value.url


def test_drafts_are_never_counted_nor_named(events, client):
    hidden = event("Secret gala", date="2030", state="draft", kind="training", host_country=country("Secretia", "SE"))
    hidden.topics.add(topic("Secrets"))
    draft = {"state": "draft"}
    participation(events.summit, person=person("Agent", **draft), organization=organization("Service", **draft))
    participation(events.summit, country=country("Draftland", "DR", **draft))
    events.summit.topics.add(topic("Drafts", **draft))
    statement(hidden, "Nobody may know", kind="quoted")
    secret = {"Secretia", "Secrets", "Secret gala", "Agent", "Service", "Draftland", "Drafts"}
    for address in ("/events/", "/statements/"):
        assert not secret & {value.label for value in counted_values(client, address)}
    assert counts(client, "/events/", "kind") == {"Meeting": 3, "Session of a body": 1}
    assert counts(client, "/statements/", "kind") == {"Quoted": 1, "Reported": 1}
    assert "2030" not in bars(client, "/events/")
    for name in ("country", "person", "organization", "topic"):
        assert b"Secret" not in client.get(f"/events/by/{name}/").content
        assert b"Draft" not in client.get(f"/events/by/{name}/").content


def test_a_facet_without_values_is_not_shown(cast, client):
    page = client.get("/events/").content.decode()
    assert "<summary>Country</summary>" in page
    assert "<summary>Format</summary>" not in page


# Values as links


def test_a_value_is_added_to_those_chosen_and_taken_away_from_them(events, client):
    (meeting, session) = facets(client, "/events/")["kind"].values
    assert (meeting.url, session.url) == ("/events/?kind=meeting", "/events/?kind=session")
    (session, meeting) = facets(client, session.url)["kind"].values
    assert (session.is_chosen, session.url) == (True, "/events/")
    assert (meeting.is_chosen, meeting.url) == (False, "/events/?kind=meeting&kind=session")
    assert total(client, meeting.url) == total(client, "/events/") == 4
    both = facets(client, meeting.url)["kind"].values
    assert {value.label: value.url for value in both} == {
        "Meeting": "/events/?kind=session",
        "Session of a body": "/events/?kind=meeting",
    }


def test_a_value_keeps_the_other_filters_and_leaves_the_page(events, client):
    for number in range(30):
        event(f"Meeting {number}", date="2015")
    (first, *_) = facets(client, "/events/?year=2015&sort=title&page=2")["country"].values
    assert first.url == "/events/?year=2015&country=fr&sort=title"


def test_chosen_values_come_first_even_where_the_top_has_others(events, client):
    for number in range(panels.SHOWN + 1):
        busy = country(f"Land {number}", f"A{chr(65 + number)}")
        for more in range(3):
            event(f"Event {number}-{more}", host_country=busy)
    shown = facets(client, "/events/?country=fr&country=sy")["country"].values
    assert [(value.label, value.count) for value in shown[:2]] == [("Freedonia", 1), ("Sylvania", 2)]
    assert [value.is_chosen for value in shown] == [True, True] + [False] * panels.SHOWN
    page = client.get("/events/?country=fr").content.decode()
    chosen = '<a href="/events/" rel="nofollow" class="chosen" aria-current="true"><span class="visually-hidden">Remove: </span>'
    assert f"{chosen}Freedonia</a>" in page


def test_the_countrys_part_is_asked_once_a_country_is_chosen(events, client):
    assert "Hosting or taking part" not in client.get("/events/").content.decode()
    page = client.get("/events/?country=sy&role=host")
    assert 'aria-label="The country’s part"' in page.content.decode()
    switch = {value.label: (value.is_chosen, value.url) for value in facets(client, "/events/?country=sy&role=host")["role"].values}
    assert switch == {
        "Hosting or taking part": (False, "/events/?country=sy"),
        "Hosting": (True, "/events/?country=sy&role=host"),
        "Taking part": (False, "/events/?country=sy&role=participant"),
        "Spoken of": (False, "/events/?country=sy&role=mentioned"),
    }
    assert [total(client, url) for _, url in switch.values()] == [2, 1, 1, 0]


# The histogram


def test_each_year_has_a_bar_and_an_event_over_several_years_is_in_each(events, client):
    assert bars(client, "/events/") == {"2012": 1, "2013": 1, "2014": 1, "2015": 2, "2016": 1}
    assert bars(client, "/events/?kind=session") == {"2016": 1}
    assert bars(client, "/events/?year=2012") == bars(client, "/events/")
    assert bars(client, "/statements/") == {"2015": 2}


def test_a_bar_is_a_link_with_a_text_beside_it(events, client):
    page = client.get("/events/?country=fr&country=sy").content.decode()
    (svg,) = re.findall("<svg.*?</svg>", page, re.DOTALL)
    assert 'role="group" aria-label="How many at each time"' in svg
    assert svg.count("<a ") == 2
    assert '<a href="/events/?year=2015&amp;country=fr&amp;country=sy" rel="nofollow" aria-label="2015: 1"' in svg
    assert "<title>2015: 1</title>" in svg
    numbers = page[page.index("In numbers") :]
    assert re.search(r'>2015</a> <span class="count">1</span>.*>2016</a> <span class="count">1</span>', numbers, re.DOTALL)


def test_bars_are_as_tall_as_their_counts_and_a_year_without_any_has_none(db, client):
    for title, date in [("a", "2010"), ("b", "2012"), ("c", "2012")]:
        event(title, date=date)
    shown = facets(client, "/events/")["year"].bars
    assert [(bar.count, bar.height, bar.y, bool(bar.url)) for bar in shown] == [
        (1, panels.TALL / 2, panels.TALL / 2, True),
        (0, 0, panels.TALL, False),
        (2, panels.TALL, 0, True),
    ]
    assert "/events/?year=2011" not in links(client.get("/events/"))


def test_the_chosen_years_are_marked(events, client):
    shown = facets(client, "/events/?year=2013-2015")["year"].bars
    assert [bar.label for bar in shown if bar.is_chosen] == ["2013", "2014", "2015"]


def test_an_open_end_is_in_every_bar_and_makes_none(events, client):
    event("Since", date="2014/..")
    event("Until", date="../2013")
    assert bars(client, "/events/") == {"2012": 2, "2013": 2, "2014": 2, "2015": 3, "2016": 2}


def test_a_list_without_dates_has_no_histogram(db, client):
    event("Undated")
    assert "<svg" not in client.get("/events/").content.decode()
    assert bars(client, "/events/") == {}


@pytest.mark.parametrize(
    ("dates", "step", "some"),
    [
        (["1957", "2016"], 1, {"1957": 1, "2016": 1}),
        (["1956", "2016"], 10, {"1950–1959": 1, "2010–2019": 1, "1980–1989": 0}),
        (["0988", "2016"], 100, {"900–999": 1, "2000–2099": 1}),
        (["0005", "2016"], 100, {"1–99": 1, "2000–2099": 1}),
        (["0005", "9998"], 1000, {"1–999": 1, "9000–9999": 1}),
    ],
)
def test_over_a_long_time_a_bar_is_more_than_a_year(db, client, dates, step, some):
    for date in dates:
        event(f"Event of {date}", date=date)
    histogram = facets(client, "/events/")["year"]
    assert histogram.years.step == step
    assert len(histogram.bars) <= panels.BARS + 1
    assert some.items() <= bars(client, "/events/").items()
    for bar in histogram.bars:
        assert not bar.url or total(client, bar.url) == bar.count


# All the values of a facet


@pytest.fixture
def crowd(cast, monkeypatch):
    """Facets of two values on a list's page, and of three on a page of their own."""
    monkeypatch.setattr(panels, "SHOWN", 2)
    monkeypatch.setattr(panels, "LISTED", 3)
    with ledger.unit():
        for number, name in enumerate(["Ҷумабой Санъатов", "Łukasz Żak", "Anna Ivanova", "Иван Петров", "Peter Smith"]):
            somebody = person(name, slug=f"person-{number}")
            gathering = event(f"Meeting {number}", date="2014")
            participation(gathering, person=somebody, country=cast.freedonia)
            participation(gathering, person=cast.trentino)
    return cast


def listed(client, address):
    page = client.get(address)
    assert page.status_code == 200
    return {value.label: value.count for value in page.context["facet"].values}


def test_a_long_facet_leads_to_all_of_its_values(crowd, client):
    facet = facets(client, "/events/?country=fr")["person"]
    assert (len(facet.values), facet.more) == (2, "/events/by/person/?country=fr")
    assert facet.more in links(client.get("/events/?country=fr"))
    assert facets(client, "/events/")["country"].more == ""
    pages = [listed(client, facet.more), listed(client, f"{facet.more}&page=2"), listed(client, f"{facet.more}&page=3")]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert next(iter(pages[0])) == "Ambassador Trentino"
    assert [count for page in pages for count in page.values()] == [6, 1, 1, 1, 1, 1, 1]


FOUND = [
    ("trentino", ["Ambassador Trentino"]),
    ("zak", ["Łukasz Żak"]),
    ("ŁUKASZ", ["Łukasz Żak"]),
    ("jumaboy", ["Ҷумабой Санъатов"]),
    ("джумабой", ["Ҷумабой Санъатов"]),
    ("petrov", ["Иван Петров"]),
    ("иванова", ["Anna Ivanova"]),
    ("Файрфлай", ["Rufus Firefly"]),
    ("ivan petrov", ["Иван Петров"]),
    ("nobody", []),
]


def test_values_are_found_by_any_of_their_names(crowd, client):
    for find, found in FOUND:
        assert list(listed(client, f"/events/by/person/?{urlencode({'find': find})}")) == found, find
    assert len(listed(client, "/events/by/person/?find=%21%21")) == 3
    assert "Nothing in this list is called “nobody”." in client.get("/events/by/person/?find=nobody").content.decode()


def test_kinds_and_texts_are_found_by_their_labels(events, client):
    assert listed(client, "/events/by/kind/?find=sess") == {"Session of a body": 1}
    assert listed(client, "/documents/by/language/?find=russ") == {"Russian": 1}
    assert listed(client, "/documents/by/publisher/?find=herald+hou") == {"Herald House": 1}
    assert listed(client, "/documents/by/publisher/?find=gazette") == {}


def test_a_value_found_is_chosen_in_the_list(crowd, client):
    page = client.get("/events/by/person/?country=fr&person=person-1&find=petrov")
    (value,) = page.context["facet"].values
    assert value.url == "/events/?country=fr&person=person-1&person=person-3"
    assert page.context["facet"].back == "/events/?country=fr&person=person-1"
    assert 'name="robots" content="noindex,nofollow"' in page.content.decode()
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.content.decode())
    assert hidden == [("country", "fr"), ("person", "person-1")]


def test_a_facet_or_a_page_that_there_is_not_has_no_address(crowd, client):
    addresses = [f"/events/by/{name}/" for name in ("no-such", "q", "sort", "year", "role")]
    addresses += [f"/events/by/person/?page={page}" for page in ("9", "0", "-1", "x", "9" * 30)]
    for address in (*addresses, "/events/by/person/?find=petrov&page=2"):
        assert client.get(address).status_code == 404, address


def test_nonsense_in_the_filters_leads_back_to_where_it_is_marked(events, client):
    page = client.get("/events/by/person/?year=soon")
    assert page.status_code == 200
    assert "The filters cannot be understood" in page.content.decode()
    assert "/events/?year=soon" in links(page)
    assert not facets(client, "/events/?year=soon")


# One list, one address


ADDRESSES = [
    ("?kind=&year=2015&q=", "?year=2015"),
    ("?unknown=1", ""),
    ("?year=2015&utm_source=mail", "?year=2015"),
    ("?topic=peace&year=2015", "?year=2015&topic=peace"),
    ("?country=sy&country=fr&country=sy", "?country=fr&country=sy"),
    ("?country=SY&country=fr", "?country=fr&country=sy"),
    ("?role=host", ""),
    ("?role=host&country=", ""),
    ("?country=fr&role=either", "?country=fr"),
    ("?role=host&country=fr", "?country=fr&role=host"),
    ("?sort=-date", ""),
    ("?q=peace&sort=best", "?q=peace"),
    ("?year=2014&year=2015", "?year=2015"),
    ("?page=1", ""),
    ("?page=1&year=2015", "?year=2015"),
    ("?q=a%20b", "?q=a+b"),
]


def test_a_list_has_one_address(events, client):
    for asked, canonical in ADDRESSES:
        answer = client.get(f"/events/{asked}")
        assert (answer.status_code, answer["Location"]) == (302, f"/events/{canonical}"), asked
        assert client.get(answer["Location"]).status_code == 200
    for asked in ("", "?country=fr&role=host", "?sort=title", "?q=peace&sort=-date"):
        assert client.get(f"/events/{asked}").status_code == 200


PAIRS = [
    ("q", "peace"),
    ("q", ""),
    ("q", "-"),
    ("year", "2015"),
    ("year", "2012-"),
    ("country", "fr"),
    ("country", "sy"),
    ("role", "host"),
    ("role", "either"),
    ("kind", "session"),
    ("kind", "meeting"),
    ("topic", "peace"),
    ("sort", "title"),
    ("sort", "-date"),
    ("sort", "best"),
    ("page", "1"),
    ("unknown", "é"),
]


def open_list(client, pairs):
    return client.get(f"/events/?{urlencode(pairs)}", follow=True)


@given(pairs=st.lists(st.sampled_from(PAIRS), max_size=6), data=st.data())
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_in_whichever_order_it_is_asked_for_one_step_leads_to_the_address_of_the_list(events, client, pairs, data):
    assert len(open_list(client, pairs).redirect_chain) <= 1
    pairs = list(dict(pairs).items())  # of what a name can have once, the last counts
    one, other = open_list(client, pairs), open_list(client, data.draw(st.permutations(pairs)))
    assert one.request["QUERY_STRING"] == other.request["QUERY_STRING"]
    assert list(one.context["object_list"]) == list(other.context["object_list"])


def test_an_address_that_is_too_long_says_so(events, client):
    for path in ("/events/", "/events/by/topic/", "/events/list.csv", "/events/feed.atom"):
        answer = client.get(f"{path}?q={'x' * LONGEST}")
        assert answer.status_code == 414
        assert "This address is too long" in answer.content.decode()
    address = "/events/?q="
    assert client.get(address + "x" * (LONGEST - len(address) + 1)).status_code == 200


def test_only_the_whole_list_is_for_search_engines(events, client):
    robots = 'name="robots" content="noindex,nofollow"'
    for name in LISTS:
        assert robots not in client.get(f"/{name}/").content.decode()
        assert robots in client.get(f"/{name}/?q=peace").content.decode()
    assert robots in client.get("/events/?year=2015").content.decode()
    assert robots in client.get("/events/?sort=title").content.decode()
    assert client.get("/events/list.csv")["X-Robots-Tag"] == "noindex"
    rules = client.get("/robots.txt").content.decode()
    assert {"Disallow: /*?", "Disallow: /*/by/"} <= set(rules.splitlines())


def test_sending_the_form_keeps_the_facets(events, client):
    address = "/events/?q=summit&year=2015&country=fr&country=sy&role=host&topic=peace&sort=title"
    page = client.get(address).content.decode()
    (form,) = re.findall(r'<form class="filters" method="get" action="/events/">.*?</form>', page, re.DOTALL)
    sent = [
        (attribute(tag, "name") or "sort", attribute(tag, "value"))
        for tag in INPUT.findall(form)
        if tag.startswith("<input") or "selected" in tag
    ]
    assert ("country", "fr") in sent
    back = open_list(client, sent)
    assert f"/events/?{back.request['QUERY_STRING']}" == address


LINKING = [
    "/events/",
    "/events/?country=fr&role=host",
    "/events/?q=gala&year=2016&kind=session",
    "/events/?page=2",
    "/events/by/person/",
    "/events/by/person/?page=2",
    "/statements/?person=rufus-firefly",
    "/documents/",
    "/search/?q=peace",
]


def test_every_link_of_a_list_leads_straight_to_a_page(events, client, monkeypatch):
    monkeypatch.setattr(panels, "SHOWN", 1)
    monkeypatch.setattr(panels, "LISTED", 1)
    with ledger.unit():
        for number in range(30):
            event(f"Meeting {number}", date="2014")
    around = set(links(client.get("/about/"), "/about/"))
    addresses = around
    for address in LINKING:
        found = {link.partition("#")[0] for link in links(client.get(address), address)}
        assert len(found - around) > 1, address
        addresses = addresses | found
    statuses = {address: client.get(address).status_code for address in addresses}
    assert {address: status for address, status in statuses.items() if status != 200} == {}
