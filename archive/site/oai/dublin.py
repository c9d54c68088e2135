"""Records in the fifteen elements of simple Dublin Core (oai_dc). Only what is published is named."""

from django.db.models import Prefetch

from archive.core.html import public
from archive.core.querysets import names_of
from archive.site.feeds import printable
from archive.site.linked import other_names
from archive.site.package import licence
from archive.sources.models import Document
from archive.sources.querysets import published_evidence
from events.models import Event, Participation, Statement, Topic
from people.models import Country, Organization, Person

ORDER = ["title", "creator", "subject", "description", "publisher", "contributor", "date", "type", "format", "identifier", "source"]
ORDER += ["language", "relation", "coverage", "rights"]


def load(model, pks):
    """The published records `pks` of `model` by primary key, with all that is said of them."""
    return LOADED[model](model.objects.published()).in_bulk(pks)


def elements(record, site):
    """[(element, text)] of a record of the archive at `site`, its scheme and host."""
    said = {"title": [str(record)], "identifier": [f"{site}{record.permalink}"], "rights": [licence()["path"]]}
    said |= DESCRIBED[type(record)](record, site)
    pairs = [(name, printable(str(value))) for name in ORDER for value in said.get(name, []) if value]
    return list(dict.fromkeys(pairs))


def event(event, site):
    rows = event.participations.all()
    return {
        "subject": event.topics.all(),
        "description": [event.summary],
        "contributor": [row.who for row in rows if row.role not in Participation.ABSENT],
        "date": [event.date],
        "type": ["Event", event.get_kind_display()],
        "source": documents(event, site),
        "relation": [f"{site}{event.part_of.permalink}" if public(event.part_of) else ""],
        "coverage": [event.place, public(event.host_country)],
    }


def statement(statement, site):
    speakers = [row.who for row in statement.speakers.all()]
    return {
        "creator": speakers or [statement.attribution],
        "subject": statement.topics.all(),
        "description": [statement.text],
        "date": [statement.event.date],
        "type": ["Text", statement.get_kind_display()],
        "source": documents(statement, site),
        "relation": [f"{site}{statement.event.permalink}"],
        "coverage": [statement.event.place],
    }


def documents(record, site):
    return [f"{site}{passage.document.permalink}" for passage in record.passages.all()]


def person(person, site):
    return {"title": names(person), "description": [person.titles, person.summary], "type": ["Person"]}


def organization(organization, site):
    return {
        "title": [organization.name, organization.acronym, *names(organization)],
        "description": [organization.summary],
        "date": [organization.date],
        "type": ["Organization", organization.get_kind_display()],
        "relation": [f"{site}{organization.parent.permalink}" if public(organization.parent) else ""],
        "coverage": [organization.seat, public(organization.country)],
    }


def country(country, site):
    return {"title": names(country), "type": ["Country"], "coverage": [country.code]}


def topic(topic, site):
    return {"title": names(topic), "description": [topic.scope_note], "type": ["Concept"]}


def names(record):
    return [str(record), *other_names(record)]


def document(document, site):
    return {
        "publisher": [document.publisher],
        "description": [document.note],
        "date": [document.date],
        "type": ["Text"],
        "format": ["text/plain"],
        "source": [document.url],
        "language": [document.language],
        "rights": [document.rights],
    }


DESCRIBED = {
    Event: event,
    Statement: statement,
    Person: person,
    Organization: organization,
    Country: country,
    Topic: topic,
    Document: document,
}


# How they are loaded


def with_events(rows):
    participations = Prefetch("participations", Participation.objects.published().with_names())
    topics = Prefetch("topics", Topic.objects.published())
    return rows.select_related("host_country", "part_of").prefetch_related(participations, topics, published_evidence())


def with_statements(rows):
    topics = Prefetch("topics", Topic.objects.published())
    return rows.select_related("event").with_speakers().prefetch_related(topics, published_evidence())


def with_names(rows):
    return rows.prefetch_related(Prefetch("names", names_of(rows.model).objects.all()))


LOADED = {
    Event: with_events,
    Statement: with_statements,
    Person: with_names,
    Organization: lambda rows: with_names(rows).select_related("parent", "country"),
    Country: with_names,
    Topic: with_names,
    Document: lambda rows: rows.defer("text", "folded"),
}
