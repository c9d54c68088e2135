"""Bad input gets a clear answer: never an error of ours, whatever a parameter holds."""

import pytest

from archive.site.records import RECORDS
from archive.sources.filters import DocumentFilter
from events.filters import EventFilter, StatementFilter, TopicFilter
from people.filters import CountryFilter, OrganizationFilter, PersonFilter

LISTS = {
    "events": EventFilter,
    "statements": StatementFilter,
    "people": PersonFilter,
    "organizations": OrganizationFilter,
    "countries": CountryFilter,
    "topics": TopicFilter,
    "documents": DocumentFilter,
}
HOSTILE = {
    "NUL": "a\x00b",
    "huge number": str(10**30),
    "negative": "-1",
    "emoji": "🕊️" * 40,
    "right to left": "سلام‎",
    "quotes": "'\"><script>alert(1)</script>",
    "percent": "%s%%_\\",
    "megabyte": "x" * 1_000_000,
    "surrogate": "\ud800",
    "list": ["1"] * 500,
}


PLAUSIBLE = ["huge number", "negative", "emoji"]  # what a field may let through to the database, alone in its address


@pytest.mark.parametrize("name", LISTS)
def test_no_parameter_of_a_list_can_break_it(cast, client, name):
    parameters = [*LISTS[name].base_filters, "page", "unknown"]
    addresses = [(kind, dict.fromkeys(parameters, value)) for kind, value in HOSTILE.items()]
    addresses += [(kind, {parameter: HOSTILE[kind]}) for parameter in parameters for kind in PLAUSIBLE]
    for kind, query in addresses:
        query = {
            parameter: [as_bytes(one) for one in (value if isinstance(value, list) else [value])]
            for parameter, value in query.items()
        }
        answer = client.get(f"/{name}/", query, follow=True)
        assert answer.status_code in (200, 400, 404, 414), f"{list(query)}: {kind}"
        assert b"<script>alert" not in answer.content


def as_bytes(text):
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("name", [*RECORDS, "statements", "documents"])
@pytest.mark.parametrize("slug", ["no-such", "a%00b", "x" * 5000, "%F0%9F%95%8A", "..%2f..", str(10**30), "-1"])
def test_no_address_of_a_record_can_break_it(db, client, name, slug):
    assert client.get(f"/{name}/{slug}/").status_code in (400, 404, 414)


def test_a_nul_byte_is_answered_with_a_page_that_says_so(db, client):
    answer = client.get("/events/?q=a%00b")
    assert answer.status_code == 400
    assert "This address cannot be read" in answer.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_public_pages_are_for_reading(cast, client, method):
    for address in ["/", "/events/", cast.summit.get_absolute_url()]:
        assert getattr(client, method)(address).status_code == 405
