"""A small recurring cast, so that each test shows only what differs.

    freedonia, sylvania      two countries
    league                   an organization, its secretariat a body of it
    firefly, trentino        two people
    gazette                  a document
    summit                   an event with participants, a question and a statement, all published

Whatever a test makes beside them it makes by these functions: `event(title="…", date="2015")`.
"""

from django.contrib.auth.models import Permission
from django.utils.text import slugify

from archive.sources.models import Document, Passage
from events.models import AgendaItem, Event, Participation, Statement, Topic
from people.models import Country, Organization, Person

TEXT = """Leaders met in Freedonia on 3 May 2015.

Rufus Firefly of Freedonia said that peace is cheap. Ambassador Trentino of Sylvania agreed.

The experts noted that peace is cheap. The next summit is planned for 2016 in Sylvania.
"""


def make(model, name_field, name, **fields):
    published = {"state": model.State.PUBLISHED, "slug": slugify(name)}
    return model.objects.create(**{name_field: name, **published, **fields})


def country(name="Freedonia", code="FR", **fields):
    return make(Country, "name", name, code=code, **fields)


def organization(name="League of Nations", **fields):
    return make(Organization, "name", name, **fields)


def person(name="Rufus Firefly", **fields):
    return make(Person, "name", name, **fields)


def topic(name="Peace", **fields):
    return make(Topic, "name", name, **fields)


def document(title="The Freedonia Gazette", text=TEXT, **fields):
    return make(Document, "title", title, text=text, **fields)


def event(title="Summit of Freedonia", **fields):
    return make(Event, "title", title, **fields)


def statement(event, text="peace is cheap", **fields):
    return make(Statement, "text", text, event=event, **fields)


def participation(event, **fields):
    return Participation.objects.create(event=event, **fields)


def passage(document, quote, occurrence=None):
    return Passage.keep(Passage.find(document, quote, occurrence))


def permission(codename):
    return Permission.objects.get(content_type__app_label="core", codename=codename)


class Cast:
    """Everybody, published, and all that they did."""

    def __init__(self):
        self.freedonia = country("Freedonia", "FR")
        self.sylvania = country("Sylvania", "SY")
        self.league = organization("League of Nations", acronym="LON")
        self.secretariat = organization("Secretariat of the League", parent=self.league)
        self.firefly = person("Rufus Firefly")
        self.trentino = person("Ambassador Trentino")
        self.peace = topic("Peace")
        self.gazette = document(date="2015-05-04")
        self.summit = event(date="2015-05-03", place="Freedonia", host_country=self.freedonia)
        self.summit.topics.add(self.peace)
        self.summit.passages.add(passage(self.gazette, "Leaders met in Freedonia on 3 May 2015."))
        self.speaker = participation(
            self.summit, person=self.firefly, organization=self.league, country=self.freedonia, role="speaker", capacity="President"
        )
        self.guest = participation(self.summit, person=self.trentino, country=self.sylvania)
        self.speaker.passages.add(passage(self.gazette, "Rufus Firefly of Freedonia"))
        self.question = AgendaItem.objects.create(event=self.summit, text="The price of peace")
        self.said = statement(self.summit, agenda_item=self.question)
        self.said.speakers.add(self.speaker)
        self.said.topics.add(self.peace)
        self.said.passages.add(passage(self.gazette, "Rufus Firefly of Freedonia said that peace is cheap."))
        self.membership = self.league.members.create(country=self.freedonia, role="chair", date="2015")
        self.position = self.firefly.positions.create(
            title="President", country=self.freedonia, organization=self.league, date="2014/.."
        )
        self.firefly.names.create(name="Руфус Файрфлай", language="ru")

    @property
    def records(self):
        """One published record of each kind."""
        return [self.freedonia, self.league, self.firefly, self.peace, self.gazette, self.summit, self.said]
