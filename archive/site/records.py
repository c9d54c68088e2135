"""What the archive holds: the one list that every site-wide assembly goes by."""

from archive.sources.filters import DocumentFilter
from archive.sources.models import Document, Passage
from events.filters import EventFilter, StatementFilter, TopicFilter
from events.models import AgendaItem, Event, EventIdentifier, Participation, Statement, Topic, TopicName
from people.filters import CountryFilter, OrganizationFilter, PersonFilter
from people.models import (
    Country,
    CountryName,
    Membership,
    Organization,
    OrganizationIdentifier,
    OrganizationName,
    Person,
    PersonIdentifier,
    PersonName,
    Position,
)

# The records that have a plain form of their own, by the name of their folder in fixtures/records/, each after those
# that it refers to. Statements are written with their event.
RECORDS = {
    "countries": Country,
    "organizations": Organization,
    "people": Person,
    "topics": Topic,
    "events": Event,
}

# Every model of the archive, in the order in which a fixture lists its rows.
MODELS = [
    Document,
    Passage,
    Country,
    CountryName,
    Organization,
    OrganizationName,
    OrganizationIdentifier,
    Membership,
    Person,
    PersonName,
    PersonIdentifier,
    Position,
    Topic,
    TopicName,
    Event,
    EventIdentifier,
    Participation,
    AgendaItem,
    Statement,
]

# Whatever has words to be found by: records, their other names, and the questions of an agenda.
SEARCHED = [model for model in MODELS if any(field.name == "folded" for field in model._meta.concrete_fields)]

# Every public list, by its name: its model and its filters. The search, the API and the feeds go through them.
LISTS = {
    "events": (Event, EventFilter),
    "statements": (Statement, StatementFilter),
    "people": (Person, PersonFilter),
    "organizations": (Organization, OrganizationFilter),
    "countries": (Country, CountryFilter),
    "topics": (Topic, TopicFilter),
    "documents": (Document, DocumentFilter),
}
