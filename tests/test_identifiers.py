"""What other systems call a record: kept with it, shown on its page, and given away with it."""

import csv
import io
import json

import pytest
from django.db import IntegrityError

from archive.core.exports import export
from archive.core.plain import PlainError, from_plain, save, to_plain
from people.models import Person

OWNERS = ["firefly", "league", "summit"]


@pytest.mark.parametrize("owner", OWNERS)
def test_a_page_shows_them_and_links_only_to_web_addresses(client, cast, owner):
    record = getattr(cast, owner)
    record.identifiers.create(scheme="wikidata", identifier="Q<42>")
    record.identifiers.create(scheme="viaf", identifier="https://viaf.example/7?a=1&b=2")
    record.identifiers.create(scheme="odd", identifier="javascript:alert(1)")
    page = client.get(record.get_absolute_url()).content.decode()
    assert "Q&lt;42&gt;" in page
    assert '<a href="https://viaf.example/7?a=1&amp;b=2"' in page
    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize("owner", OWNERS)
def test_they_are_in_the_plain_form_the_api_and_the_exports(client, cast, owner):
    record = getattr(cast, owner)
    record.identifiers.create(scheme="wikidata", identifier="Q42")
    assert to_plain(record)["identifiers"] == [{"slug": "wikidata-q42", "scheme": "wikidata", "identifier": "Q42"}]
    row = next(csv.DictReader(io.StringIO(b"".join(export("csv", type(record), [record.pk], "")).decode())))
    assert (json.loads(row["identifiers_scheme"]), json.loads(row["identifiers_identifier"])) == (["wikidata"], ["Q42"])
    [shown] = client.get(f"/api{record.get_absolute_url()}").json()["identifiers"]
    assert (shown["scheme"], shown["identifier"]) == ("wikidata", "Q42")


def test_the_same_one_is_of_one_owner_once_and_may_be_of_another(cast):
    cast.trentino.identifiers.create(scheme="isni", identifier="7")
    cast.firefly.identifiers.create(scheme="isni", identifier="7")
    cast.firefly.identifiers.create(scheme="wikidata", identifier="7")
    with pytest.raises(IntegrityError):
        cast.firefly.identifiers.create(scheme="isni", identifier="7", slug="again")


def test_a_plain_form_with_one_twice_is_refused_by_its_place(cast):
    twice = [{"scheme": "isni", "identifier": "7"}, {"scheme": "isni", "identifier": "7"}]
    with pytest.raises(PlainError) as refused:
        from_plain(Person, {"slug": "rufus-firefly", "name": "Rufus", "identifiers": twice})
    assert refused.value.problems == [("identifiers[2]", "The person already bears this identifier.")]
    save(from_plain(Person, {"slug": "rufus-firefly", "name": "Rufus", "identifiers": twice[:1]}))
    assert cast.firefly.identifiers.get().slug == "isni-7"
