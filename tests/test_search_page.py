"""One search over everything: what it shows, in which order, what it offers instead, and that nothing breaks it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from archive.core import ledger
from archive.site.search import SHOWN
from tests.cast import country, document, event, organization, participation, person, statement, topic
from tests.test_facets import links
from tests.test_hostile import HOSTILE, as_bytes


def search(client, query, **more):
    page = client.get("/search/", {"q": query, **more})
    assert page.status_code == 200
    return page


def found(page):
    """{kind: the rows shown} of what was found."""
    return {group["model"].public_name.list: [str(row) for row in group["rows"]] for group in page.context["groups"]}


def marked(page):
    return set(re.findall(r"<mark>(.*?)</mark>", page.content.decode()))


SUMMIT, SAID, GAZETTE = {"events": ["Summit of Freedonia"]}, {"statements": ["peace is cheap"]}, "The Freedonia Gazette"
DOCUMENTS = {"documents": [GAZETTE]}
FIREFLY = {**SUMMIT, **SAID, "people": ["Rufus Firefly"]}


FOUND = [
    ("freedonia", {**SUMMIT, **SAID, "countries": ["Freedonia"], **DOCUMENTS}),
    ("PEACE", {**SUMMIT, **SAID, "topics": ["Peace"], **DOCUMENTS}),
    ("peac*", {**SUMMIT, **SAID, "topics": ["Peace"], **DOCUMENTS}),
    ('"is cheap"', {**SAID, **DOCUMENTS}),
    ("price", SUMMIT),
    ("peace -summit", {**SAID, "topics": ["Peace"]}),
    ("league OR lon", {**SUMMIT, **SAID, "organizations": ["League of Nations", "Secretariat of the League"]}),
    ("lon", {**SUMMIT, **SAID, "organizations": ["League of Nations"]}),
    # names, in any spelling
    ("rufus firefly", {**FIREFLY, **DOCUMENTS}),
    ("Файрфлай", FIREFLY),
    ("fayrflay", FIREFLY),
    # everything but
    ("-peace -freedonia -league", {"people": ["Rufus Firefly", "Ambassador Trentino"], "countries": ["Sylvania"]}),
    ("war", {}),
]


def test_everything_is_found_by_its_words_and_by_the_names_that_it_involves(cast, client):
    for query, expected in FOUND:
        page = search(client, query)
        assert found(page) == expected, query
        assert (f"{page.context['total']} found" in page.content.decode()) == bool(expected), query


def test_what_was_found_is_in_groups_with_its_words_marked(cast, client):
    page = search(client, "peace")
    assert marked(page) == {"peace", "Peace"}
    text = page.content.decode()
    assert "4 found with peace" in text
    assert "<title>Search: peace · Annals</title>" in text
    assert re.findall(r'<h2 id="[\w-]+">(\w+) <span class="count">(\d+)</span>', text) == [
        (kind, "1") for kind in ("Events", "Statements", "Topics", "Documents")
    ]
    for record in (cast.summit, cast.said, cast.peace, cast.gazette):
        assert record.get_absolute_url() in links(page)


def test_texts_are_shown_as_they_are_written(cast, client):
    document("Code", text="<script>alert('peace')</script> & peace")
    text = search(client, "alert").content.decode()
    assert "<mark>alert</mark>" in text
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text


def test_more_of_a_kind_than_is_shown_leads_to_the_list_of_all(cast, client):
    for number in range(SHOWN + 2):
        event(f"Peace talks {number}", date=f"20{number:02}")
    for sort, order in ((None, ""), ("newest", "&sort=-date")):
        page = search(client, "peace -summit", **({"sort": sort} if sort else {}))
        address = f"/events/?q=peace+-summit{order}"
        assert address in links(page, "/search/")
        assert f"All: {SHOWN + 2} events</a>" in page.content.decode()
        whole = client.get(address)
        assert whole.status_code == 200
        assert whole.context["total"] == SHOWN + 2
        assert [str(row) for row in whole.context["object_list"]][:SHOWN] == found(page)["events"]
    assert not [link for link in links(search(client, "summit"), "/search/") if link.startswith("/events/?")]


def test_the_best_come_first_and_the_newest_on_request(cast, client):
    event("Peace", date="2001")
    event("Gala", date="2020", summary="Of many things that were spoken of on a long evening, one was peace.")
    best, newest = search(client, "peace"), search(client, "peace", sort="newest")
    assert found(best)["events"][0] == "Peace"
    assert found(newest)["events"] == ["Gala", "Summit of Freedonia", "Peace"]
    assert "/search/?q=peace&sort=newest" in links(best, "/search/")
    assert "/search/?q=peace" in links(newest, "/search/")
    assert found(search(client, "peace", sort="nonsense")) == found(best)


# When nothing is found, or too much was asked


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Fierfly", "Firefly"), ("tretino", "Trentino"), ("rufus fireflie", "rufus Firefly"), ("Файрфлаи Руфос", "Файрфлаи Руфус")],
)
def test_a_near_miss_offers_what_finds_something(cast, client, typed, meant):
    page = search(client, typed)
    assert not found(page)
    assert "Nothing found with" in page.content.decode()
    assert page.context["meant"] == meant
    (offer,) = re.findall(r'Did you mean <a href="([^"]*)">', page.content.decode())
    assert found(client.get(offer))


def test_nothing_is_offered_where_something_was_found_or_nothing_is_near(cast, client):
    assert not search(client, "firefly").context["meant"]
    for nonsense in ("incomprehensibilities", "zzzzqqq"):
        page = search(client, nonsense)
        assert "Did you mean" not in page.content.decode()
        assert "Try fewer words" in page.content.decode()


def test_words_too_many_are_left_out_and_it_says_so(cast, client):
    page = search(client, " OR ".join(["peace", *(f"w{number}" for number in range(25))]))
    assert "Only the first 20 words count: 6 more were left out." in page.content.decode()
    assert found(page)["events"] == ["Summit of Freedonia"]


def test_without_words_there_is_a_box_to_write_them_in(cast, client):
    typed = [search(client, query, sort=sort) for query in ("", " ", "!!!", "OR", '-""', "*") for sort in ("best", "newest")]
    for page in (client.get("/search/"), *typed):
        text = page.content.decode()
        assert '<form class="find" role="search" action="/search/">' in text
        assert "<title>Search · Annals</title>" in text
        assert "ound" not in text.partition("</form>")[2]
        assert not page.context["groups"]


def test_nothing_that_is_typed_breaks_it(cast, client):
    for kind, value in HOSTILE.items():
        typed = [as_bytes(one) for one in (value if isinstance(value, list) else [value])]
        for query in ({"q": typed}, {"q": typed, "sort": "newest"}, {"q": "peace", "sort": typed}):
            page = client.get("/search/", query)
            assert page.status_code == {"NUL": 400, "megabyte": 414}.get(kind, 200), kind
            assert b"<script>alert" not in page.content, kind


def test_a_query_as_long_as_the_box_takes_is_answered(cast, client):
    for query in ("peace " * 33, '"' * 200, "-a " * 66, "ӣ" * 200, "a* " * 66, "x" * 2_000):
        search(client, query)


# Published only


def test_what_is_not_published_is_not_found_nor_offered(cast, client):
    made = [
        event("Chicolini"),
        person("Chicolini"),
        organization("Chicolini"),
        country("Chicolini", "CH"),
        topic("Chicolini"),
        document("Chicolini"),
    ]
    made.append(statement(made[0], "Chicolini"))
    participation(cast.summit, person=made[1])
    assert len(found(search(client, "chicolini"))) == 7
    for state in ("draft", "in-review", "withdrawn"):
        for record in made:
            type(record).objects.filter(pk=record.pk).update(state=state)
        assert found(search(client, "chicolini")) == {}, state
        for page in (search(client, "chikolini"), search(client, "chicolin")):
            assert not page.context["meant"], state
            assert "Chicolini" not in page.content.decode(), state


def test_what_cannot_be_shown_without_a_draft_is_not_found(cast, client):
    cast.summit.state = "draft"
    cast.summit.save()
    assert "statements" not in found(search(client, "cheap"))
    cast.firefly.state = "draft"
    cast.firefly.save()
    assert found(search(client, "файрфлай")) == {}


def test_more_of_everything_is_no_more_queries(cast, client):
    addresses = ["/search/?q=peace", "/events/?q=peace", "/statements/?q=peace", "/documents/?q=peace"]
    costs = []
    for number in range(2):
        with ledger.unit():
            for more in range(3):
                gala = event(f"Peace {number} {more}", host_country=cast.freedonia)
                statement(gala, f"peace {number} {more}").speakers.add(participation(gala, person=cast.firefly))
                for make in (person, organization, topic, document):
                    make(f"Peace {number} {more}")
        costs.append({address: queries_of(client, address) for address in addresses})
    assert costs[0] == costs[1]


def queries_of(client, address):
    client.get(address)  # the index catches up
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
