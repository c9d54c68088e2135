"""The public sees only what is published, on every path, and what was public once says so when it is gone."""

import pytest
from django.core.files.base import ContentFile
from django.urls import get_resolver

from archive.site.records import LISTS as RECORD_LISTS
from archive.site.records import RECORDS
from archive.sources.models import Document
from events.models import Event, Statement
from tests.cast import document, event, organization, participation, passage, person, statement, topic

LISTS = ["events", "statements", "people", "organizations", "countries", "topics", "documents"]
PICTURES = ["", "years/", "map/", "network/", "topics/"]
SECRET = "Sekret"  # no page of the cast has this word


def public_addresses(cast):
    """Every address that a reader can reach: the whole site's, each list's, and each record's page."""
    pages = [f"/{name}/{query}" for name in LISTS for query in ("", f"?q={SECRET.lower()}")]
    facets = [f"/{name}/by/{facet}/" for name, (_, filters) in RECORD_LISTS.items() for facet in facets_of(filters)]
    files = [f"/{name}/{file}" for name in LISTS for file in ("list.csv", "list.jsonl", "feed.atom")]
    cited = [
        f"{record.get_absolute_url()}cite.{form}"
        for record in (cast.gazette, cast.summit, cast.said)
        for form in ("bib", "ris", "json")
    ]
    whole = ["/", "/about/", "/data/", "/robots.txt", "/search/", f"/search/?q={SECRET.lower()}", "/events/calendar.ics"]
    pictures = [f"/pictures/{name}" for name in PICTURES]
    records = [record.get_absolute_url() for record in cast.records]
    told = [f"{address}{file}" for address in records for file in ("record.jsonld", "card.png")]
    sitemaps = ["/sitemap.xml", *(f"/sitemap-{name}.xml" for name in LISTS), "/opensearch.xml"]
    sitemaps += [f"/oai/?verb={verb}&metadataPrefix=oai_dc" for verb in ("ListRecords", "ListIdentifiers")]
    document, (start, end) = cast.gazette.get_absolute_url(), cast.gazette.passages.values_list("start", "end")[0]
    told += [f"{document}{name}" for name in ("text.txt", "annotations/", "annotations/page-0/", f"annotations/{start}-{end}/")]
    in_russian = [f"/ru{address}" for address in ("/", "/events/", "/pictures/map/", *records)]
    return [*whole, *pages, *facets, *files, *cited, *pictures, *records, *told, *sitemaps, *in_russian]


def facets_of(filterset_class):
    return [name for name, one in filterset_class.base_filters.items() if hasattr(one, "labels")]


def text_of(answer):
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode(errors="replace")


def test_every_public_address_opens_for_anybody(cast, client, admin_client):
    for address in public_addresses(cast):
        assert client.get(address).status_code == 200, address
        assert admin_client.get(address).status_code == 200, address


def test_no_address_of_the_site_is_forgotten_here(cast):
    named = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    pages = {type(record)._meta.model_name for record in cast.records}
    of_lists = {f"{name}-{part}" for name in LISTS for part in ("by", "file", "feed")}
    files = {"document-file", "document-citation", "event-citation", "statement-citation", "events-calendar", "data-package"}
    of_staff = {"admin_password_reset", "password_reset_done", "password_reset_confirm", "password_reset_complete"}
    of_staff |= {"step", "parts"}
    of_machines = {"sitemaps", "sitemap", "opensearch", "oai", "document-text", "annotations", "annotations-page", "annotation"}
    of_records = {f"{name}-{file}" for name in pages for file in ("linked", "card")}
    pictures = {f"pictures-{name}".strip("-/") for name in PICTURES}
    assert named == {
        *LISTS,
        *pages,
        *of_lists,
        *files,
        *of_staff,
        *of_records,
        *pictures,
        *of_machines,
        "home",
        "about",
        "search",
        "data",
        "robots",
    }


@pytest.mark.parametrize("state", ["draft", "in-review", "withdrawn"])
def test_what_is_not_published_shows_nowhere(cast, client, admin_client, state):
    hidden = {"state": state}
    secret_person = person(f"{SECRET} Person", **hidden)
    secret_body = organization(f"{SECRET} Body", parent=cast.league, country=cast.freedonia, **hidden)
    secret_topic = topic(f"{SECRET} Topic", broader=cast.peace, **hidden)
    secret_paper = document(f"{SECRET} Paper", **hidden)
    secret_event = event(f"{SECRET} Event", part_of=cast.summit, host_country=cast.freedonia, date="2015", **hidden)
    secret_event.topics.add(cast.peace)
    secret_event.passages.add(passage(cast.gazette, "The next summit is planned"))
    statement(cast.summit, f"{SECRET} statement", **hidden).topics.add(cast.peace)
    statement(secret_event, f"{SECRET} word", slug="published-at-a-secret-event").topics.add(cast.peace)
    cast.summit.topics.add(secret_topic)
    cast.summit.passages.add(passage(secret_paper, "Leaders met"))
    participation(cast.summit, person=secret_person, country=cast.freedonia, capacity=f"{SECRET} capacity")
    row = participation(cast.summit, organization=secret_body, country=cast.sylvania)
    cast.said.speakers.add(row)
    cast.firefly.positions.create(title="Member", organization=secret_body)
    cast.league.members.create(member=secret_body)
    readers = [client, admin_client] if state == "draft" else [client]  # being staff shows nothing more on a public page
    for address in public_addresses(cast):
        for reader in readers:
            page = reader.get(address)
            assert page.status_code == 200
            assert SECRET not in text_of(page), address


@pytest.mark.parametrize("kind", [*RECORDS, "documents", "statements"])
def test_a_draft_has_no_page_and_a_withdrawn_record_says_that_it_was_withdrawn(cast, client, kind):
    model = {**RECORDS, "documents": Document, "statements": Statement}[kind]
    record = next(record for record in cast.records if isinstance(record, model))
    for state, status in [("published", 200), ("draft", 404), ("in-review", 404), ("withdrawn", 410)]:
        model.objects.filter(pk=record.pk).update(state=state)
        page = client.get(record.get_absolute_url())
        assert page.status_code == status
        shown = {200: str(record), 410: record.tombstone}.get(status)
        assert shown is None or shown in page.content.decode()
        assert status == 200 or kind != "statements" or str(record) not in page.content.decode()


def test_a_statement_goes_with_its_event(cast, client):
    type(cast.summit).objects.update(state="withdrawn")
    assert client.get(cast.said.get_absolute_url()).status_code == 410
    type(cast.summit).objects.update(state="draft")
    assert client.get(cast.said.get_absolute_url()).status_code == 404
    assert b"peace is cheap" not in client.get("/statements/").content
    assert client.get("/").context["holdings"][1][1] == 0


def test_counts_count_only_what_is_published(cast, client):
    event("Gala", state="draft")
    assert dict(client.get("/").context["holdings"])[Event] == 1
    assert client.get("/events/").context["total"] == 1


def test_the_file_of_a_document_is_as_public_as_the_document(cast, client):
    address = f"{cast.gazette.get_absolute_url()}file/"
    assert client.get(address).status_code == 404
    cast.gazette.file.save("gazette.txt", ContentFile(b"the original"))
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == b"the original"
    assert answer["Content-Disposition"].startswith("attachment")
    Document.objects.update(state="draft")
    assert client.get(address).status_code == 404


def test_an_empty_archive_has_pages_too(db, client):
    for address in ["/", *(f"/{name}/" for name in LISTS)]:
        page = client.get(address)
        assert page.status_code == 200
        assert "Nothing is published here yet" in page.content.decode()
