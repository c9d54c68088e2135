"""How each kind of record is cited."""

from archive.core.citations import Citation, author
from archive.sources.models import Document
from events.models import Event, Statement


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
