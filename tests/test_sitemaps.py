"""The sitemaps: every public address once, in every language, with when it changed; and robots.txt, which names them."""

from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.dateparse import parse_datetime

from archive.core.models import Entry
from archive.site import sitemaps
from archive.site.records import LISTS
from tests.cast import event, topic

HOST = "http://testserver"
MAP, LINK = "{http://www.sitemaps.org/schemas/sitemap/0.9}", "{http://www.w3.org/1999/xhtml}link"


def read(client, address):
    answer = client.get(address.removeprefix(HOST))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml")
    return ElementTree.fromstring(answer.content)  # noqa: S314 (it is ours)


def locations(xml):
    return [one.text for one in xml.iter(f"{MAP}loc")]


def test_every_public_page_is_found_from_robots_txt(cast, client):
    event("Secret", state="draft")
    event("Gone", state="withdrawn")
    robots = client.get("/robots.txt").text
    assert f"Sitemap: {HOST}/sitemap.xml\n" in robots
    found = [page for address in locations(read(client, f"{HOST}/sitemap.xml")) for page in locations(read(client, address))]
    assert len(found) == len(set(found))
    records = [record for model, _ in LISTS.values() for record in model.objects.published()]
    pages = ["/", "/about/", "/search/", "/data/", "/pictures/", *(f"/{name}/" for name in LISTS)]
    expected = pages + [one.permalink for one in records]
    assert set(found) == {f"{HOST}{prefix}{path}" for path in expected for prefix in ("", "/ru")}
    assert {client.get(address.removeprefix(HOST)).status_code for address in found} == {200}


def test_a_page_says_when_it_changed_and_what_it_is_in_other_languages(cast, client):
    cast.summit.title = "Gala"
    cast.summit.save()
    entries = Entry.objects.filter(model="events.event", record=cast.summit.pk).order_by("pk")
    entries.filter(pk=entries.last().pk).update(at="2031-05-03T10:11:12Z")
    [english, russian] = read(client, "/sitemap-events.xml")
    assert parse_datetime(english.find(f"{MAP}lastmod").text) == Entry.objects.order_by("-at").first().at
    others = {link.get("hreflang"): link.get("href") for link in english.iter(LINK)}
    address = f"{HOST}/events/summit-of-freedonia/"
    assert others == {"en": address, "ru": f"{HOST}/ru/events/summit-of-freedonia/", "x-default": address}
    assert others == {link.get("hreflang"): link.get("href") for link in russian.iter(LINK)}


def test_many_records_are_paged_by_their_keys_without_a_gap(cast, client, monkeypatch):
    monkeypatch.setattr(sitemaps, "WIDTH", 4)
    made = [topic(f"Topic {number}") for number in range(20)]
    for one in made[5:15]:
        one.delete()
    pages = [page for page in locations(read(client, "/sitemap.xml")) if "topics" in page]
    assert 3 <= len(pages) <= 5
    found = [path for page in pages for path in locations(read(client, page))]
    assert sorted(found) == sorted(
        f"{HOST}{prefix}{one.permalink}" for one in [cast.peace, *made[:5], *made[15:]] for prefix in ("", "/ru")
    )


def test_a_page_costs_the_same_wherever_it_is_and_keeps_its_number(cast, client, monkeypatch):
    monkeypatch.setattr(sitemaps, "WIDTH", 4)
    made = [topic(f"Topic {number}") for number in range(20)]
    pages = [page for page in locations(read(client, "/sitemap.xml")) if "topics" in page]
    first, *_, last = [locations(read(client, page)) for page in pages]
    asked = []
    for page in (pages[0], pages[-1]):
        with CaptureQueriesContext(connection) as queries:
            read(client, page)
        asked.append(len(queries))
    assert asked[0] == asked[1]
    for one in made[4:12]:
        one.state = "draft"
        one.save()
    left = [page for page in locations(read(client, "/sitemap.xml")) if "topics" in page]
    assert set(left) < set(pages)
    assert (locations(read(client, left[0])), locations(read(client, left[-1]))) == (first, last)
    [gone, *_] = set(pages) - set(left)
    assert client.get(gone.removeprefix(HOST)).status_code == 404


@pytest.mark.parametrize("page", ["0", "9", "-1", "x", "1" * 30, "²"])
def test_a_page_that_is_not_there_is_no_page(cast, client, page):
    assert client.get("/sitemap-events.xml", {"p": page}).status_code == 404
    assert client.get("/sitemap-nothing.xml").status_code == 404


def test_an_empty_archive_has_no_empty_sitemap(db, client):
    assert locations(read(client, "/sitemap.xml")) == [f"{HOST}/sitemap-pages.xml"]
