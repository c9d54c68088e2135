"""How each kind of record is cited."""

from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils import translation

from archive.core.citations import FORMATS, Citation, author
from archive.sources.models import Document
from events.models import Event, Statement

LABELS = {"bib": "BibTeX", "ris": "RIS", "json": "CSL-JSON"}


def cite(record, url):
    """The Citation of a published `record`, a statement with its public speakers prefetched, at its absolute address `url`."""
    key = f"annals-{record._meta.model_name}-{record.slug}"
    return Citation(key=key, title=str(record), url=url, **CITED[type(record)](record))


def event(event):
    kind = event.get_kind_display()
    if event.standing != Event.Standing.HELD:
        kind = f"{kind} ({event.get_standing_display().lower()})"
    return {"kind": "event", "description": listed(kind, event.place), "place": event.place, "date": event.date}


def statement(statement):
    event, kind = statement.event, f"{statement.get_kind_display()} statement"
    authors = [author(row.person.sort_name) if row.person else str(row.who) for row in statement.speakers.all()]
    return {
        "kind": "speech",
        "authors": tuple(authors or filter(None, [statement.attribution])),
        "description": listed(kind, event.title, event.place),
        "event": event.title,
        "place": event.place,
        "date": event.date,
    }


def document(document):
    authors = tuple(filter(None, [document.publisher]))
    return {"kind": "document", "authors": authors, "date": document.date, "language": document.language}


def listed(*words):
    return ", ".join(filter(None, words))


CITED = {Event: event, Statement: statement, Document: document}


def citation(record, request):
    """How the page of `record` offers its citation: a line to copy, and (address, label) of the same as files.

    In English on every page: it is what the files say, and readers of any language cite the same record alike.
    """
    address = record.permalink
    whole = request.build_absolute_uri(address)
    with translation.override(settings.LANGUAGE_CODE):
        line = cite(record, whole).line
    return {
        "address": whole,
        "line": line,
        "mail": "mailto:?" + urlencode({"subject": str(record), "body": line}, quote_via=quote),
        "files": [(f"{address}cite.{form}", LABELS[form]) for form in FORMATS],
    }


GLOBALS = {"citation": citation}
FILTERS = {}
