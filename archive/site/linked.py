"""Records as linked data: JSON-LD in the words of schema.org.

Only what is published is named, as pages show it: a record comes as `page_of` loads it, and what it refers to by a foreign key is
checked here. A date is given where ISO 8601 can say it exactly (a year, a month or a day); what is doubtful or open is left out.
Identifiers (`@id`) are permalinks, the same in every language.
"""

import json

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from markupsafe import Markup

from archive.core.citations import ARCHIVE
from archive.core.dates import iso_of
from archive.core.exports import FORMATS
from archive.core.html import public
from archive.core.localnames import called
from archive.core.records import Name
from archive.site.package import licence
from archive.site.records import LISTS
from archive.sources.models import Document
from events.delegations import HOLDERS
from events.models import Event, Participation, Statement, Topic
from people.models import Country, Organization, Person

CONTEXT = "https://schema.org"
MODES = {"in-person": "Offline", "online": "Online", "hybrid": "Mixed"}
ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def linked(record, site):
    """The published `record`, loaded for its page, as a JSON-LD node (a dict) of the archive at `site`, its scheme and host."""
    node = {"@context": CONTEXT, **reference(record, site), **DESCRIBED[type(record)](record, site), **identifiers(record)}
    return {name: value for name, value in node.items() if value}


def reference(record, site):
    """A record as others name it: its type, its address and its name."""
    address = f"{site}{record.permalink}"
    return {"@type": kind_of(record), "@id": address, "url": address, "name": str(record)}


def references(records, site):
    """Each of the records that is public, once."""
    found = {record.permalink: reference(record, site) for record in records if public(record)}
    return list(found.values())


def kind_of(record):
    if isinstance(record, Statement):
        return "Quotation" if record.kind == Statement.Kind.QUOTED else "Claim"  # a report of words is not their quotation
    return TYPES[type(record)]


def event(event, site):
    rows = event.participations.all()
    start, end = span(event.date)
    return {
        "description": event.summary,
        "startDate": start,
        "endDate": end,
        "eventStatus": f"{CONTEXT}/Event{'Cancelled' if event.standing == Event.Standing.CANCELLED else 'Scheduled'}",
        "eventAttendanceMode": event.format and f"{CONTEXT}/{MODES[event.format]}EventAttendanceMode",
        "location": place(event.place, public(event.host_country), site),
        "organizer": references(bodies(row for row in rows if row.role in HOLDERS), site),
        "performer": references(bodies(row for row in rows if row.role == Participation.Role.SPEAKER), site),
        "attendee": references(bodies(row for row in rows if row.role == Participation.Role.PARTICIPANT), site),
        "superEvent": (references([event.part_of], site) or [None])[0],
        "subEvent": references(event.public_parts[0], site),
        "about": references(event.topics.all(), site),
        "subjectOf": documents(event, site),
    }


def bodies(participations):
    """Who took part, as far as schema.org lets them: people and organizations."""
    return [row.who for row in participations if isinstance(row.who, Person | Organization)]


def place(name, country, site):
    if not (name or country):
        return None
    within = country and reference(country, site)
    return {"@type": "Place", "name": name, "containedInPlace": within} if name else within


def statement(statement, site):
    speakers = references(bodies(statement.speakers.all()), site)
    start, end = span(statement.event.date)
    return {
        "name": None,  # a statement has none: it is its text
        "text": statement.text,
        "spokenByCharacter": statement.kind == Statement.Kind.QUOTED and speakers,
        "creator": speakers,
        "creditText": statement.attribution,
        "dateCreated": start and not end and start,
        "recordedAt": reference(statement.event, site),
        "about": references(statement.topics.all(), site),
        "citation": documents(statement, site),
    }


def documents(record, site):
    """The documents that the record rests on."""
    return references((passage.document for passage in record.passages.all()), site)


def person(person, site):
    return {
        "alternateName": other_names(person),
        "description": person.summary or person.titles,
        "memberOf": [post(row, site) for row in person.positions.all() if row.organization],
        "jobTitle": list(dict.fromkeys(row.title for row in person.positions.all() if goes_on(row.date))),
    }


def post(position, site):
    """A position as schema.org's role: between the person and the organization, with its own dates."""
    start, end = held(position.date)
    role = {"roleName": position.title, "startDate": start, "endDate": end}
    organization = {"memberOf": reference(position.organization, site)}
    return {"@type": "OrganizationRole"} | {name: value for name, value in role.items() if value} | organization


def organization(organization, site):
    founded, dissolved = held(organization.date)
    return {
        "alternateName": [*filter(None, [organization.acronym]), *other_names(organization)],
        "description": organization.summary,
        "foundingDate": founded,
        "dissolutionDate": dissolved,
        "location": place(organization.seat, public(organization.country), site),
        "parentOrganization": (references([organization.parent], site) or [None])[0],
    }


def country(country, site):
    return {"alternateName": other_names(country), "identifier": country.code}


def topic(topic, site):
    return {
        "alternateName": other_names(topic),
        "description": topic.scope_note,
        "inDefinedTermSet": f"{site}{permanent('topics')}",
    }


def document(document, site):
    start, end = span(document.date)
    return {
        "publisher": document.publisher and {"@type": "Organization", "name": document.publisher},
        "datePublished": start and not end and start,
        "inLanguage": document.language,
        "copyrightNotice": document.rights,
        "isBasedOn": document.url,
    }


def other_names(record):
    return [name.name for name in record.names.all() if name.kind != Name.Kind.MISPRINT]


def identifiers(record):
    """What other systems call a record: addresses as `sameAs`, all others with whose they are."""
    if "identifiers" not in record.parts:
        return {}
    rows = record.identifiers.all()
    named = [{"@type": "PropertyValue", "propertyID": row.scheme, "value": row.identifier} for row in rows if not row.is_link]
    return {"sameAs": [row.identifier for row in rows if row.is_link], "identifier": named}


DESCRIBED = {
    Event: event,
    Statement: statement,
    Person: person,
    Organization: organization,
    Country: country,
    Topic: topic,
    Document: document,
}
TYPES = {
    Event: "Event",
    Person: "Person",
    Organization: "Organization",
    Country: "Country",
    Topic: "DefinedTerm",
    Document: "DigitalDocument",
}


# Dates


def span(date):
    """The ISO 8601 dates from which and to which a PartialDate lasts: "" for what it does not say exactly, or not at all."""
    start, _, end = date.edtf.partition("/") if date else ("", "", "")
    return iso_of(start), iso_of(end)


def held(date):
    """The same of what begins and ends: a single date says neither."""
    return span(date) if date and "/" in date.edtf else ("", "")


def goes_on(date):
    """Whether a date says that what it is the date of has not ended; without a word of its end, nothing is said."""
    return bool(date) and date.edtf.endswith("/..")


# The site itself


def website(site):
    """The archive, and how it is searched from elsewhere."""
    home = f"{site}{reverse('home')}"
    target = {"@type": "EntryPoint", "urlTemplate": f"{site}{reverse('search')}?q={{search_term_string}}"}
    search = {"@type": "SearchAction", "target": target, "query-input": "required name=search_term_string"}
    language = translation.get_language()
    return {
        "@context": CONTEXT,
        "@type": "WebSite",
        "name": ARCHIVE,
        "url": home,
        "inLanguage": language,
        "potentialAction": search,
    }


def dataset(site):
    """The published records as data: the package, and each list as a file."""
    files = [(ARCHIVE, "application/zip", reverse("data-package"))]
    for model, _filters in LISTS.values():
        name = model.public_name.list
        files += [
            (str(model.public_name.many), one.content_type, reverse(f"{name}-file", args=[form])) for form, one in FORMATS.items()
        ]
    return {
        "@context": CONTEXT,
        "@type": "Dataset",
        "name": ARCHIVE,
        "url": f"{site}{reverse('data')}",
        "description": gettext("What happened, who was there, what they said, and where that is written."),
        "license": licence()["path"],
        "isAccessibleForFree": True,
        "distribution": [
            {"@type": "DataDownload", "name": name, "encodingFormat": kind.partition(";")[0], "contentUrl": f"{site}{address}"}
            for name, kind, address in files
        ],
    }


def breadcrumbs(record, site):
    """Where the record's page stands: the archive, its list, itself."""
    list_name = record.public_name
    steps = [
        (ARCHIVE, reverse("home")),
        (str(list_name.many), reverse(list_name.list)),
        (called(record).text, record.get_absolute_url()),
    ]
    items = [
        {"@type": "ListItem", "position": place, "name": name, "item": f"{site}{address}"}
        for place, (name, address) in enumerate(steps, 1)
    ]
    return {"@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": items}


def permanent(name):
    with translation.override(settings.LANGUAGE_CODE):
        return reverse(name)


def data_block(nodes):
    """JSON-LD as the content of a <script> element: browsers run nothing of it, and nothing in it can end the element."""
    content = json.dumps(nodes, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return Markup(content)  # noqa: S704 (it is escaped as JSON does it)
