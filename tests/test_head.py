"""What pages tell machines in their <head>: addresses, descriptions, and records as linked data, of what is published alone."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from archive.core.dates import PartialDate
from archive.site.linked import data_block, held, span
from archive.site.records import LISTS
from tests.cast import country, document, event, participation, passage, person, statement, topic

HOST = "http://testserver"
HOSTILE = "</script><script>alert(1)</script>&amp;\u2028 \"quoted\" 'so' سلام"


class Head(HTMLParser):
    """What stands in a page's <head>: `meta` and `links`, and the JSON-LD as `data`."""

    def __init__(self, html):
        super().__init__()
        self.meta, self.links, self.data, self.in_data = {}, [], None, False
        self.feed(html.partition("</head>")[0])

    def handle_starttag(self, tag, pairs):
        given = dict(pairs)
        if tag == "meta":
            self.meta[given.get("name") or given.get("property")] = given.get("content")
        if tag == "link":
            self.links.append(given)
        self.in_data |= tag == "script" and given.get("type") == "application/ld+json"

    def handle_data(self, text):
        if self.in_data and self.data is None:
            self.data = json.loads(text)

    def link(self, **wanted):
        return [one["href"] for one in self.links if wanted.items() <= one.items()]


def head_of(client, address):
    return Head(client.get(address).content.decode())


def node_of(client, record):
    """The JSON-LD of a record, which is the same in its page and in its file."""
    file = client.get(f"{record.permalink}record.jsonld")
    assert (file["Content-Type"], file["Access-Control-Allow-Origin"]) == ("application/ld+json", "*")
    assert head_of(client, record.permalink).data[0] == file.json()
    return file.json()


def test_every_page_says_what_it_is_and_under_which_address(cast, client):
    pages = ["/", "/about/", "/data/", "/search/", "/pictures/", *(f"/{name}/" for name in LISTS)]
    descriptions = {}
    for address in [*pages, *(record.permalink for record in cast.records)]:
        for prefix, language in (("", "en"), ("/ru", "ru")):
            head = head_of(client, f"{prefix}{address}")
            assert head.link(rel="canonical") == [f"{HOST}{prefix}{address}"]
            assert head.link(hreflang="en") == head.link(hreflang="x-default") == [f"{HOST}{address}"]
            assert head.link(hreflang="ru") == [f"{HOST}/ru{address}"]
            assert head.meta["og:url"] == f"{HOST}{prefix}{address}"
            assert head.meta["og:title"]
            assert 0 < len(head.meta["description"]) <= 200
            descriptions[language, address] = head.meta["description"]
    assert descriptions["en", cast.summit.permalink] == "Meeting, 3 May 2015, Freedonia"
    assert descriptions["en", cast.said.permalink] == "Rufus Firefly: peace is cheap. Summit of Freedonia"
    of_records = [descriptions["en", record.permalink] for record in cast.records]
    assert len(set(of_records)) == len(of_records)


def test_what_is_no_address_of_its_own_claims_none(cast, client):
    event("Gone", state="withdrawn")
    for address in ("/nowhere/", "/events/gone/", "/events/no-such/"):
        assert head_of(client, address).link(rel="canonical") == [], address
    filtered = head_of(client, "/events/?year=2015")
    assert "noindex" in filtered.meta["robots"]
    assert "noindex" in head_of(client, "/search/?q=peace").meta["robots"]
    assert "robots" not in head_of(client, "/search/").meta
    assert filtered.link(rel="canonical") == [f"{HOST}/events/?year=2015"]


def test_every_link_of_a_head_leads_somewhere(cast, client):
    for address in ("/", "/ru/", "/events/", *(record.get_absolute_url() for record in cast.records)):
        for link in head_of(client, address).links:
            path = link["href"].removeprefix(HOST)
            if not path.startswith("/static/"):
                answer = client.get(path)
                assert answer.status_code == 200, path
                if link.get("type"):
                    assert answer["Content-Type"].removesuffix("; charset=utf-8") == link["type"], path


# Linked data


def test_an_event_is_linked_with_who_was_there_and_what_it_was_about(cast, client):
    assert node_of(client, cast.summit) == {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": f"{HOST}/events/summit-of-freedonia/",
        "url": f"{HOST}/events/summit-of-freedonia/",
        "name": "Summit of Freedonia",
        "startDate": "2015-05-03",
        "eventStatus": "https://schema.org/EventScheduled",
        "location": {"@type": "Place", "name": "Freedonia", "containedInPlace": ref("Country", "countries/fr", "Freedonia")},
        "performer": [ref("Person", "people/rufus-firefly", "Rufus Firefly")],
        "attendee": [ref("Person", "people/ambassador-trentino", "Ambassador Trentino")],
        "about": [ref("DefinedTerm", "topics/peace", "Peace")],
        "subjectOf": [ref("DigitalDocument", "documents/the-freedonia-gazette", "The Freedonia Gazette")],
    }


def ref(kind, path, name):
    address = f"{HOST}/{path}/"
    return {"@type": kind, "@id": address, "url": address, "name": name}


def test_a_statement_names_its_speakers_and_its_document_and_only_a_quoted_one_is_a_quotation(cast, client):
    node = node_of(client, cast.said)
    firefly = [ref("Person", "people/rufus-firefly", "Rufus Firefly")]
    assert (node["@type"], node["text"], node["creator"], node.get("spokenByCharacter")) == (
        "Claim",
        "peace is cheap",
        firefly,
        None,
    )
    assert node["recordedAt"] == ref("Event", "events/summit-of-freedonia", "Summit of Freedonia")
    assert node["citation"][0]["@id"] == f"{HOST}/documents/the-freedonia-gazette/"
    assert node["dateCreated"] == "2015-05-03"
    cast.said.kind = "quoted"
    cast.said.save()
    node = node_of(client, cast.said)
    assert (node["@type"], node["spokenByCharacter"]) == ("Quotation", firefly)


def test_people_and_organizations_are_linked_with_their_names_posts_and_dates(cast, client):
    cast.firefly.identifiers.create(scheme="wikidata", identifier="Q42")
    cast.firefly.identifiers.create(scheme="viaf", identifier="https://viaf.org/viaf/1")
    cast.league.date, cast.league.seat = PartialDate.parse("1920/1946"), "Geneva"
    cast.league.save()
    for title, date in (("Envoy", "2001/2009"), ("Dictator", "2010/"), ("Spy", None)):
        cast.firefly.positions.create(title=title, country=cast.freedonia, date=date)
    person, league = node_of(client, cast.firefly), node_of(client, cast.league)
    assert person["jobTitle"] == ["President"]  # which goes on
    assert person["alternateName"] == ["Руфус Файрфлай"]
    organization = ref("Organization", "organizations/league-of-nations", "League of Nations")
    assert person["memberOf"] == [
        {"@type": "OrganizationRole", "roleName": "President", "startDate": "2014", "memberOf": organization}
    ]
    assert person["identifier"] == [{"@type": "PropertyValue", "propertyID": "wikidata", "value": "Q42"}]
    assert person["sameAs"] == ["https://viaf.org/viaf/1"]
    assert (league["alternateName"], league["foundingDate"], league["dissolutionDate"]) == (["LON"], "1920", "1946")
    assert node_of(client, cast.secretariat)["parentOrganization"] == organization
    assert node_of(client, cast.freedonia)["identifier"] == "FR"
    assert node_of(client, cast.peace)["inDefinedTermSet"] == f"{HOST}/topics/"
    assert node_of(client, cast.gazette)["datePublished"] == "2015-05-04"


def test_no_draft_is_named_in_linked_data_or_descriptions(cast, client):
    secret = person("Secret Agent", state="draft")
    hidden = document("Secret Paper", text="Secret words", state="draft")
    cast.summit.part_of = event("Secret Series", state="draft")
    cast.summit.host_country = country("Secretia", "SE", state="draft")
    cast.summit.save()
    participation(cast.summit, person=secret, role="speaker")
    cast.summit.topics.add(topic("Secret topic", state="draft"))
    for record in (cast.summit, cast.said, cast.firefly, cast.league):
        record.passages.add(passage(hidden, "Secret words"))
    cast.league.parent = type(cast.league).objects.create(name="Secret Service", slug="secret-service", state="draft")
    cast.league.save()
    for record in cast.records:
        assert "ecret" not in client.get(f"{record.permalink}record.jsonld").text, record
        assert "ecret" not in client.get(record.permalink).text.partition("</head>")[0], record
    assert client.get("/events/secret-series/record.jsonld").status_code == 404
    gone = event("Gone", state="withdrawn")
    assert client.get(f"{gone.permalink}record.jsonld").status_code == 410


@pytest.mark.parametrize(
    ("edtf", "lasts", "is_held"),
    [
        ("2015-06-25", ("2015-06-25", ""), ("", "")),
        ("2012-11", ("2012-11", ""), ("", "")),
        ("2015-06-25/2015-06-27", ("2015-06-25", "2015-06-27"), ("2015-06-25", "2015-06-27")),
        ("2021/..", ("2021", ""), ("2021", "")),
        ("../2021", ("", "2021"), ("", "2021")),
        ("2003~", ("", ""), ("", "")),
        ("201X", ("", ""), ("", "")),
        ("2012-21", ("", ""), ("", "")),
        ("2012-21/2013", ("", "2013"), ("", "2013")),
    ],
)
def test_no_date_is_more_exact_than_its_documents(edtf, lasts, is_held):
    date = PartialDate.parse(edtf)
    assert (span(date), held(date)) == (lasts, is_held)


def test_no_words_of_a_record_can_leave_the_data_block_or_an_attribute(cast, client):
    said = statement(cast.summit, HOSTILE, slug="hostile")
    cast.summit.title = cast.firefly.name = HOSTILE
    cast.summit.save()
    cast.firefly.save()
    for record in (said, cast.summit, cast.firefly):
        html = client.get(record.permalink).text
        assert "<script>alert" not in html
        assert Head(html).data[0].get("text", HOSTILE) == HOSTILE
    assert re.search("[<>&\u2028]", data_block([HOSTILE])) is None
    assert json.loads(data_block([HOSTILE])) == [HOSTILE]


def test_the_site_and_its_data_are_linked(cast, client):
    home, data = head_of(client, "/ru/").data, head_of(client, "/data/").data
    assert home["potentialAction"]["target"]["urlTemplate"] == f"{HOST}/ru/search/?q={{search_term_string}}"
    assert data["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"
    for file in data["distribution"]:
        assert client.head(file["contentUrl"].removeprefix(HOST)).status_code in (200, 503), file


def test_the_search_can_be_added_to_a_browser(cast, client):
    xml = ElementTree.fromstring(client.get("/ru/opensearch.xml").content)  # noqa: S314 (it is ours)
    name = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert xml.find(f"{name}Language").text == "ru"
    for url in xml.iter(f"{name}Url"):
        path = url.get("template").removeprefix(HOST).replace("{searchTerms}", "peace")
        assert client.get(path)["Content-Type"].partition(";")[0] == url.get("type")


def test_what_somebody_added_to_an_address_names_no_other_page(cast, client):
    page = client.get(f"{cast.summit.get_absolute_url()}?utm_source=x").text
    head = page[: page.index("</head>")]
    assert "utm_source" not in head
    assert f'rel="canonical" href="http://testserver{cast.summit.get_absolute_url()}"' in head
    assert "year=2015" in client.get("/events/?year=2015").text.partition("</head>")[0]
