"""What the API serves: each list by its name, with its model and its filters."""

from archive.sources.filters import DocumentFilter
from archive.sources.models import Document
from events.filters import EventFilter, StatementFilter, TopicFilter
from events.models import Event, Statement, Topic
from people.filters import CountryFilter, OrganizationFilter, PersonFilter
from people.models import Country, Organization, Person

LISTS = {
    "events": (Event, EventFilter),
    "statements": (Statement, StatementFilter),
    "people": (Person, PersonFilter),
    "organizations": (Organization, OrganizationFilter),
    "countries": (Country, CountryFilter),
    "topics": (Topic, TopicFilter),
    "documents": (Document, DocumentFilter),
}
