"""What the <head> of a public page tells machines: search engines, those who show links, and readers of data.

templates/site/_head.html writes it, for every page alike. It is about the page's record, where it has one, and else about the page.
"""

import re

import jinja2
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from archive.core.citations import ARCHIVE
from archive.core.citations import FORMATS as CITATIONS
from archive.core.localnames import called
from archive.core.records import Record
from archive.site.annotations import CONTENT_TYPE as ANNOTATIONS
from archive.site.citing import CITED
from archive.site.linked import breadcrumbs, data_block, dataset, linked, website
from archive.site.machines import site_of
from archive.sources.models import Document
from events.models import Event, Statement, Topic
from people.models import Country, Organization, Person

LONGEST = 200  # characters of a description: what is shown of one elsewhere

# What pages without a record are about, by their name in the URLconf.
ABOUT = {
    "home": _("What happened, who was there, what they said, and where that is written."),
    "search": _("Find events, people and what was said, by words or by names in any spelling"),
}
WITHOUT_QUERY = ("home", "about", "data")  # what somebody added to their addresses names no other page
NODES = {"home": website, "data": dataset}
OPEN_GRAPH = {Event: "article", Statement: "article", Document: "article", Person: "profile"}


@jinja2.pass_context
def page_head(context):
    """What is said of the page that `context` is for, as a dict; None for errors and previews, which have no address."""
    request, view = context.get("request"), context.get("view")
    match = getattr(request, "resolver_match", None)
    if view is None or match is None or hasattr(request, "is_preview"):
        return None
    site = site_of(request)
    record = context.get("object")
    record = record if isinstance(record, Record) else None
    takes_query = record is None and match.url_name not in WITHOUT_QUERY
    # The versions are what the page has asked for already.
    offered = [(code, name, address if takes_query else address.partition("?")[0]) for code, name, address in context["versions"]]
    return {
        "address": f"{site}{request.get_full_path() if takes_query else request.path}",
        "description": described(record) if record else about(context, match.url_name),
        "kind": OPEN_GRAPH.get(type(record), "website"),
        "versions": [(code[:2], f"{site}{address}") for code, _name, address in offered],
        "default": next((f"{site}{address}" for _code, _name, address in offered), ""),
        "picture": f"{site}{record.get_absolute_url()}card.png" if record else "",
        "links": [
            (kind, f"{site}{address}", title) for kind, address, title in (files(record) if record else feeds(match.url_name))
        ],
        "data": nodes(record, match.url_name, site),
    }


def nodes(record, name, site):
    """The JSON-LD of the page as markup, "" for none."""
    if record:
        return data_block([linked(record, site), breadcrumbs(record, site)])
    return data_block(NODES[name](site)) if name in NODES else ""


def about(context, name):
    """What a page without a record is about: a list says it itself."""
    heading, intro = context.get("heading"), context.get("intro")
    if heading:
        return short(f"{heading}. {intro}" if intro and not context.get("filters") else heading)
    return str(ABOUT.get(name, ABOUT["home"]))


# Records in a sentence or two


def described(record):
    """The record in a sentence or two, of at most LONGEST characters."""
    return short(". ".join(filter(None, (str(part).strip().rstrip(".") for part in DESCRIBED[type(record)](record) if part))))


def short(text):
    return Truncator(re.sub(r"\s+", " ", text).strip()).chars(LONGEST)


def event(event):
    return [", ".join(filter(None, [event.get_kind_display(), event.date and event.date.words, event.place])), event.summary]


def statement(statement):
    said = ", ".join(called(row).text for row in statement.speakers.all()) or statement.attribution
    return [f"{said}: {statement.text}" if said else statement.text, statement.event]


def person(person):
    return [person.titles, person.summary or "; ".join(dict.fromkeys(str(row) for row in person.positions.all())) or person.name]


def organization(organization):
    return [", ".join(filter(None, [organization.get_kind_display(), organization.seat])), organization.summary]


def country(country):
    return [holding(country, Event, Statement, Person, Organization)]


def topic(topic):
    return [topic.scope_note or holding(topic, Event, Statement)]


def holding(record, *models):
    """What a page is for that has no words of its own: "Tajikistan: events, statements"."""
    return f"{called(record).text}: {', '.join(str(model.public_name.many).lower() for model in models)}"


def document(document):
    return [", ".join(filter(None, [document.publisher, document.date and document.date.words])), document.text[:LONGEST]]


DESCRIBED = {
    Event: event,
    Statement: statement,
    Person: person,
    Organization: organization,
    Country: country,
    Topic: topic,
    Document: document,
}


# The same as something else


def files(record):
    """(type, address, title) of the record as data, and of its citations: their types say enough."""
    address = record.permalink
    cited = [(kind.partition(";")[0], f"{address}cite.{form}", "") for form, (_write, kind) in CITATIONS.items()]
    texts = [("text/plain", f"{address}text.txt", ""), (ANNOTATIONS, f"{address}annotations/", "")]
    return [
        ("application/ld+json", f"{address}record.jsonld", ""),
        ("application/json", f"/api{address}", ""),
        *(cited if type(record) in CITED else []),
        *(texts if type(record) is Document else []),
    ]


def feeds(name):
    """The same of what is new, on the first page; a list's own page offers it as filtered."""
    followed = (Event, Statement) if name == "home" else ()
    return [("application/atom+xml", reverse(f"{one.public_name.list}-feed"), one.public_name.many) for one in followed]


GLOBALS = {"page_head": page_head, "archive_name": ARCHIVE}
FILTERS = {}
