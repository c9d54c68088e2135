"""What every answer tells browsers, and how it travels: headers of security on whatever is answered, and compressed pages."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.urls import reverse

from archive.core.compression import SHORTEST
from archive.site.linked import dataset
from archive.site.records import LISTS
from tests.cast import event

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
RESOURCES = {False: ["same-origin", "cross-origin"], True: [None]}  # a 304 would change what the browser has kept
FIRST_PAGE = 60_000  # bytes on the wire, without pictures


@pytest.fixture
def kept(settings):
    """The cache of the project, which the other tests do without."""
    backend = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "headers"}
    settings.CACHES = {**settings.CACHES, "default": backend}
    cache.clear()


def is_guarded(answer):
    """Whether the answer says everything that keeps its page to itself."""
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    return (
        policy == POLICY
        and "camera=()" in answer["Permissions-Policy"]
        and answer["X-Content-Type-Options"] == "nosniff"
        and answer["X-Frame-Options"] == "DENY"
        and answer["Referrer-Policy"] == "same-origin"
        and answer["Cross-Origin-Opener-Policy"] == "same-origin"
        and answer.get("Cross-Origin-Resource-Policy") in RESOURCES[answer.status_code == 304]
        and answer["Strict-Transport-Security"].startswith("max-age=31536000")
    )


def test_every_answer_is_guarded_however_it_comes(cast, client, admin_client, kept, settings):
    settings.SECURE_HSTS_SECONDS, settings.WHITENOISE_USE_FINDERS = 31_536_000, True
    event("Gone", state="withdrawn")
    addresses = ["/", "/ru/", "/about/", "/data/", "/search/?q=peace", "/events/list.csv", "/events/feed.atom", "/robots.txt"]
    addresses += ["/api/", "/api/docs/", "/events/gone/", "/nowhere/", "/events/?q=a%00b", "/events/?kind=", "/api/events/no-such/"]
    addresses += [f"/{name}/" for name in LISTS] + [record.get_absolute_url() for record in cast.records]
    addresses += ["/static/annals/annals.css", "/static/annals/none.css", reverse("admin:login"), reverse("admin:index")]
    for address in addresses:
        first = client.get(address, secure=True)
        assert is_guarded(first), address
        assert is_guarded(client.get(address, secure=True)), f"{address}, as it was kept"
        if "ETag" in first:
            unchanged = client.get(address, secure=True, headers={"if-none-match": first["ETag"]})
            assert unchanged.status_code == 304
            assert is_guarded(unchanged), f"{address}, unchanged"
    assert client.get("/static/annals/annals.css", secure=True).status_code == 200
    assert is_guarded(admin_client.get(reverse("admin:events_event_change", args=[cast.summit.pk]), secure=True))


def test_all_data_and_nothing_else_may_be_read_by_the_pages_of_others(cast, client, admin_client, kept):
    files = [one["contentUrl"].removeprefix("http://testserver") for one in dataset("http://testserver")["distribution"]]
    pages = [record.permalink for record in cast.records]
    for page in pages:
        links = re.findall(r'<link [^>]*rel="alternate"[^>]*>|<a [^>]*href="[^"]*/cite\.[^>]*>', client.get(page).text)
        found = re.findall(r'href="(?:http://testserver)?(/[^"]*\.\w+)"', "".join(links))
        assert f"{page}record.jsonld" in found
        files += found
    assert {Path(file).name for file in files} >= {"list.csv", "list.jsonl", "list.xlsx", "annals.zip", "cite.bib"}
    files += ["/events/feed.atom", "/events/calendar.ics", "/oai/?verb=Identify", "/sitemap.xml", "/api/events/no-such/"]
    files += [f"{cast.gazette.permalink}{name}" for name in ("text.txt", "annotations/", "annotations/0-4/", "annotations/page-0/")]
    for address in files:
        for answer in (client.get(address), client.get(address)):
            assert answer["Access-Control-Allow-Origin"] == "*", address
            assert answer["Cross-Origin-Resource-Policy"] == "cross-origin", address
        if "ETag" in answer:
            unchanged = client.get(address, headers={"if-none-match": answer["ETag"]})
            assert (unchanged.status_code, unchanged["Access-Control-Allow-Origin"]) == (304, "*"), address
    for address in ["/", "/events/", "/search/", *pages, f"{cast.gazette.permalink}file/", reverse("admin:index")]:
        answer = admin_client.get(address)
        assert "Access-Control-Allow-Origin" not in answer, address
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin", address


INLINE = re.compile(r"<[^>]*\s(style|on[a-z]+)\s*=|<style\b|<script(?![^>]*\ssrc=)(?![^>]*application/ld\+json)|javascript:")


def test_no_page_has_a_style_or_a_script_within_it(cast, client, admin_client):
    """The policy would leave them out: a page that needs one is broken."""
    ours = ["/", "/about/", "/data/", "/search/?q=peace", "/events/?year=2015", "/events/by/topic/", "/api/docs/", "/nowhere/"]
    ours += [f"/{name}/" for name in LISTS] + [record.get_absolute_url() for record in cast.records]
    ours += ["/pictures/", "/pictures/years/", "/pictures/map/", "/pictures/network/", "/pictures/topics/"]
    desk = [reverse("admin:index"), reverse("admin:second-factor")]
    for name in ("change", "history", "changelist", "add"):
        desk.append(reverse(f"admin:events_event_{name}", args=[cast.summit.pk] if name in ("change", "history") else []))
    for address in [*ours, *desk]:
        found = INLINE.search(admin_client.get(address).content.decode())
        assert not found, f"{address}: {found[0]}"


# On the wire


@pytest.mark.parametrize(("asked", "encoding", "read"), [("gzip, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress)])
def test_a_page_travels_compressed_and_is_the_same_page(cast, client, kept, asked, encoding, read):
    for address in ("/", "/events/summit-of-freedonia/", "/api/events/", "/events/feed.atom"):
        plain = client.get(address)
        assert "Accept-Encoding" in plain["Vary"], address
        for answer in (client.get(address, headers={"accept-encoding": asked}) for _ in range(2)):
            assert answer["Content-Encoding"] == encoding, address
            assert answer["Content-Length"] == str(len(answer.content)), address
            assert answer["ETag"] == plain["ETag"], address
            assert answer["ETag"].startswith("W/"), address
            assert read(answer.content) == plain.content, address
        assert client.get(address).content == plain.content, address
    unchanged = client.get("/", headers={"accept-encoding": asked, "if-none-match": plain["ETag"]})
    assert (unchanged.status_code, unchanged["Vary"]) == (304, "Accept-Encoding")


@pytest.mark.parametrize(
    ("asked", "encoding"),
    [
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("gzip;q=0.8, br ; Q=0.8", "br"),
        ("*", "br"),
        ("br;q=0, *;q=0.1", "gzip"),
        ("gzip, identity", "gzip"),
        ("br;q=high, gzip;q=0.001", "gzip"),
    ],
)
def test_the_encoding_is_the_one_that_the_reader_likes_best(cast, client, asked, encoding):
    assert client.get("/", headers={"accept-encoding": asked})["Content-Encoding"] == encoding


@pytest.mark.parametrize(
    "asked", ["", "identity", "deflate", "br;q=0, gzip;q=0.0", "*;q=0", "gzip;q=0.5, identity", "br;q=2", "br;q=-1", ",;,"]
)
def test_who_does_not_ask_for_a_compressed_page_gets_none(cast, client, asked):
    assert "Content-Encoding" not in client.get("/", headers={"accept-encoding": asked})


def test_what_is_secret_streamed_or_small_is_not_compressed(cast, client, admin_client):
    both = {"accept-encoding": "gzip, br"}
    for address in (reverse("admin:index"), "/events/list.csv", "/robots.txt"):
        assert "Content-Encoding" not in admin_client.get(address, headers=both), address
    assert len(client.get("/robots.txt").content) < SHORTEST


def test_a_first_page_is_small(archive, client):
    """With its style sheets and scripts, as a browser gets them that has never been here."""
    for address in ("/", "/events/", "/people/"):
        page = client.get(address)
        files = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page.content.decode())
        assert files, address
        sent = [client.get(address, headers={"accept-encoding": "br"}).content]
        sent += [brotli.compress(Path(finders.find(file.removeprefix("/static/"))).read_bytes()) for file in files]
        assert sum(map(len, sent)) < FIRST_PAGE, address
