"""Who took part in an event, as a delegation list is printed."""

from dataclasses import dataclass
from operator import attrgetter

from archive.core.alphabets import sort_key
from archive.core.localnames import called, spoken
from events.models import Participation

HOLDERS = (Participation.Role.ORGANIZER, Participation.Role.HOST)  # who held the event, above those who came


@dataclass
class Delegation:
    """The rows of one country, else of one organization, else of those who came for neither, for whom `of` is None."""

    of: object
    rows: list


def delegations(participations):
    """A Delegation for each country, in alphabetical order, then for each organization, then for the others.

    Within one, whoever is its country or organization itself comes first, then the members of each organization together.
    """
    by_record = {}
    for row in participations:
        by_record.setdefault(row.country or row.organization, []).append(row)
    groups = [Delegation(of, sorted(rows, key=lambda row: place_within(of, row))) for of, rows in by_record.items()]
    return sorted(groups, key=lambda group: place_of(group.of))


def place_of(record):
    kinds = [model for name, model in Participation.WHO.items() if name != "person"][::-1]
    return (kinds.index(type(record)), alphabetical(record)) if record is not None else (len(kinds), "")


def place_within(of, row):
    return row.who != of, alphabetical(row.organization), row.order


def alphabetical(record):
    """What `record` is sorted by among others, by the name that is shown; what is none comes first."""
    return sort_key(called(record).text, spoken()) if record is not None else ""


def by_role(participations):
    """(role, its rows) for each role that somebody had, in the order in which the roles are declared."""
    rows = list(participations)
    groups = [(role, [row for row in rows if row.role == role]) for role in Participation.Role]
    return [(role, members) for role, members in groups if members]


def documents_of(*cited):
    """The documents that the passages of `cited` records stand in, each once."""
    passages = [passage for record in cited for passage in record.passages.all()]
    return sorted({passage.document_id: passage.document for passage in passages}.values(), key=attrgetter("pk"))
