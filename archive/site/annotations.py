"""Passages as W3C Web Annotations: each a JSON-LD document at its own address, and those of a document as a collection.

The target is a piece of the document's plain text, by its place and by its words; the bodies are the published records and parts
that rest on it. A passage on which nothing public rests is no annotation.
"""

from django.http import Http404, HttpResponse

from archive.core.pages import RecordPage
from archive.site.machines import json_answer, site_of
from archive.sources.models import Document
from archive.sources.views import cited_passages

PROFILE = "http://www.w3.org/ns/anno.jsonld"
CONTENT_TYPE = f'application/ld+json; profile="{PROFILE}"'
MOST = 100  # annotations on a page of a collection


class DocumentText(RecordPage):
    """The text of a published document as it is kept: what the places of passages are counted in (RFC 5147)."""

    model = Document

    def render_to_response(self, context, **kwargs):
        return HttpResponse(self.object.text, content_type="text/plain; charset=utf-8")


class Annotations(RecordPage):
    """Base of what is said of a document's passages: a subclass makes `data` of those that are public."""

    model = Document

    def render_to_response(self, context, **kwargs):
        self.site = site_of(self.request)
        self.base = f"{self.site}{self.object.permalink}annotations/"
        return json_answer({"@context": PROFILE, **self.data()}, CONTENT_TYPE)

    def passages(self, **place):
        """The document's passages on which something public rests, all or that at a `place`."""
        found = [passage for passage in cited_passages(self.object, **place) if passage.rests]
        for passage in found:
            passage.document = self.object  # which is here, whole
        return found

    def annotation(self, passage):
        address = f"{self.site}{self.object.permalink}"
        return {
            "id": f"{self.base}{passage.start}-{passage.end}/",
            "type": "Annotation",
            "motivation": "linking",
            "body": [{"id": f"{self.site}{row.permalink}", "format": "text/html", "label": str(row)} for row in passage.rests],
            "target": {
                "type": "SpecificResource",
                "source": {"id": f"{address}text.txt", "type": "Text", "format": "text/plain", "language": self.object.language},
                "scope": address,
                "selector": passage.selectors(),
            },
        }


class Annotation(Annotations):
    """One passage."""

    def data(self):
        place = {"start": self.kwargs["start"], "end": self.kwargs["end"]}
        for passage in self.passages(**place):
            return self.annotation(passage)
        raise Http404("Nothing rests on this passage.")


class Collection(Annotations):
    """All passages of a document: how many there are, and where their pages are."""

    def data(self):
        total = len(self.passages())
        last = max(0, (total - 1) // MOST)
        there = {"first": page_address(self.base, 0), "last": page_address(self.base, last)} if total else {}
        label = {"label": str(self.object)}
        return {"id": self.base, "type": "AnnotationCollection", **label, "total": total, **there}


class CollectionPage(Annotations):
    """MOST passages of a document, in the order of its text."""

    def data(self):
        passages, number = self.passages(), self.kwargs["page"]
        start = number * MOST
        if not passages[start : start + MOST]:
            raise Http404("There is no such page.")
        others = {"prev": number - 1} if number else {}
        others |= {"next": number + 1} if len(passages) > start + MOST else {}
        return {
            "id": page_address(self.base, number),
            "type": "AnnotationPage",
            "partOf": {"id": self.base, "total": len(passages)},
            **{name: page_address(self.base, other) for name, other in others.items()},
            "startIndex": start,
            "items": [self.annotation(passage) for passage in passages[start : start + MOST]],
        }


def page_address(base, number):
    return f"{base}page-{number}/"
