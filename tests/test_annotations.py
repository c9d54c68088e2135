"""Passages as Web Annotations: of the document's words, with what is public and rests on them."""

import pytest

from archive.site import annotations
from events.models import Event, Participation
from tests.cast import event, passage

ANNO = "http://www.w3.org/ns/anno.jsonld"
DOCUMENT = "http://testserver/documents/the-freedonia-gazette/"
QUOTE = "Leaders met in Freedonia on 3 May 2015."


def read(client, address):
    answer = client.get(address.removeprefix("http://testserver"))
    assert answer.status_code == 200, address
    assert answer["Content-Type"] == f'application/ld+json; profile="{ANNO}"'
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["@context"] == ANNO
    return answer.json()


def test_a_passage_is_an_annotation_of_the_words_that_a_record_rests_on(cast, client):
    found = read(client, f"{DOCUMENT}annotations/0-{len(QUOTE)}/")
    assert (found["id"], found["type"]) == (f"{DOCUMENT}annotations/0-{len(QUOTE)}/", "Annotation")
    assert [body["id"] for body in found["body"]] == ["http://testserver/events/summit-of-freedonia/"]
    position, quote = found["target"]["selector"]
    text = client.get(found["target"]["source"]["id"].removeprefix("http://testserver"))
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    assert text.text == cast.gazette.text
    assert text.text[position["start"] : position["end"]] == quote["exact"] == QUOTE
    assert text.text.partition(quote["exact"])[2].startswith(quote["suffix"])


def test_a_collection_leads_through_all_passages_in_the_order_of_the_text(cast, client, monkeypatch):
    monkeypatch.setattr(annotations, "MOST", 2)
    collection = read(client, f"{DOCUMENT}annotations/")
    assert (collection["type"], collection["total"]) == ("AnnotationCollection", 3)
    page, found, last = read(client, collection["first"]), [], None
    while True:
        assert page["partOf"]["id"] == collection["id"]
        assert page["startIndex"] == len(found)
        assert page.get("prev") == last
        found += page["items"]
        if "next" not in page:
            break
        last, page = page["id"], read(client, page["next"])
    assert page["id"] == collection["last"]
    assert len(found) == len({one["id"] for one in found}) == 3
    starts = [one["target"]["selector"][0]["start"] for one in found]
    assert starts == sorted(starts)
    for one in found:
        assert read(client, one["id"]) == {"@context": ANNO, **one}


def test_what_rests_on_a_passage_is_named_only_when_it_is_public(cast, client):
    secret = event("Secret", state="draft")
    secret.passages.add(passage(cast.gazette, QUOTE), passage(cast.gazette, "The experts noted that peace is cheap."))
    assert read(client, f"{DOCUMENT}annotations/")["total"] == 3
    assert "Secret" not in client.get("/documents/the-freedonia-gazette/annotations/page-0/").text
    Event.objects.filter(pk=cast.summit.pk).update(state="withdrawn")
    assert read(client, f"{DOCUMENT}annotations/")["total"] == 0
    assert client.get(f"/documents/the-freedonia-gazette/annotations/0-{len(QUOTE)}/").status_code == 404
    assert not Participation.objects.published().exists()


@pytest.mark.parametrize("rest", ["annotations/", "annotations/page-0/", f"annotations/0-{len(QUOTE)}/", "text.txt"])
def test_a_document_that_is_not_public_has_no_annotations_and_one_that_moved_leads_on(cast, client, rest):
    cast.gazette.slug = "gazette"
    cast.gazette.save()
    moved = client.get(f"/documents/the-freedonia-gazette/{rest}")
    assert (moved.status_code, moved["Location"]) == (301, f"/documents/gazette/{rest}")
    for state, status in (("withdrawn", 410), ("draft", 404)):
        type(cast.gazette).objects.update(state=state)
        assert client.get(f"/documents/gazette/{rest}").status_code == status


@pytest.mark.parametrize("rest", ["1-2", "01-39", "0-99999999999999999999", "-1-5", "a-b", "page-1", "page-99999999999"])
def test_what_is_no_passage_has_no_annotation(cast, client, rest):
    assert client.get(f"/documents/the-freedonia-gazette/annotations/{rest}/").status_code == 404
