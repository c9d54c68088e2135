"""The archive that is measured: every row of it, from a seed, the same on every database.

The few kinds (countries, people, …) are made as instances of their models. The many (events, statements, …) are made as plain
tuples, since a million instances take half an hour; what the models derive is derived here by the same functions, and `checking`
compares it with what the models say.
"""

import hashlib
import itertools
import random
from datetime import date, timedelta
from functools import cache

from django.utils.text import slugify

from archive.core.dates import PartialDate
from archive.core.records import State
from archive.core.text import indexed
from archive.sources.models import Document, Passage
from bench.vocabulary import CITIES, SMALL, Zipf, make_countries, make_names, make_words
from events.models import Event, Participation, Statement, Topic, TopicName
from people.models import Country, Organization, OrganizationName, Person, PersonName, Position, filed_name

SEED = 1992
FIRST_DAY, LAST_DAY = date(1992, 4, 15), date(2026, 6, 30)  # of documents; events are up to a hundred days older
EVENTS_PER_DOCUMENT = 20
PARTICIPATIONS, STATEMENTS = 3, 2  # of each event

STATES = [State.PUBLISHED, State.DRAFT, State.WITHDRAWN]
STATE_WEIGHTS = [97.5, 2, 0.5]

COLUMNS = {
    Document: "id slug state folded date date_earliest date_latest title publisher language url retrieved rights note text sha256 "
    "file",
    Passage: "id document_id start end exact",
    Event: "id slug state folded date date_earliest date_latest supplied title kind standing format place host_country_id "
    "part_of_id summary",
    Participation: "id slug order supplied event_id person_id organization_id country_id role capacity printed talk",
    Statement: "id slug state folded order supplied event_id text kind attribution agenda_item_id",
    Event.topics.through: "id event_id topic_id",
    Event.passages.through: "id event_id passage_id",
    Statement.topics.through: "id statement_id topic_id",
    Statement.passages.through: "id statement_id passage_id",
    Statement.speakers.through: "id statement_id participation_id",
}
COLUMNS = {model: columns.split() for model, columns in COLUMNS.items()}

ROLES = Zipf(["participant", "speaker", "mentioned", "chair", "organizer", "invited", "host"], 1.2)
KINDS = Zipf(["conference", "meeting", "session", "training", "other", "launch", "adoption", "series"])
STANDINGS = Zipf(["held", "planned", "cancelled"], 3)
FORMATS = Zipf(["in-person", "", "online", "hybrid"])
LANGUAGES = Zipf(["en", "ru", "tg", "kk", "de"])
CAPACITIES = Zipf(["", "Deputy Director", "Director", "Minister of Foreign Affairs", "Ambassador", "young scientists", "Secretary"])


class World:
    """An archive of `events` events. `few()` gives the instances that the rest refers to, `many()` the rest as rows."""

    def __init__(self, events, seed=SEED):
        self.events = events
        self.rng = random.Random(seed)  # noqa: S311 (the same data each time is what is wanted)
        words = make_words(self.rng, 20_000)
        self.words, self.subjects = Zipf(words), Zipf(words[len(SMALL) :])
        self.places = Zipf(CITIES, 0.7)
        self.make_countries()
        self.make_organizations(min(3_000, 20 + events // 300))
        self.make_people(min(20_000, 50 + events // 50))
        self.make_topics(300)

    def state(self):
        return self.rng.choices(STATES, STATE_WEIGHTS)[0]

    def few(self):
        return [
            *self.countries.items,
            *self.organizations.items,
            *self.organization_names,
            *self.people.items,
            *self.person_names,
            *self.positions,
            *self.topics.items,
            *self.topic_names,
        ]

    def make_countries(self):
        countries = (
            Country(pk=pk, code=code, slug=code.lower(), name=name, state=State.PUBLISHED)
            for pk, (code, name) in enumerate(make_countries(self.rng), 1)
        )
        self.countries = Zipf(countries, 1.15)  # the first of them has to do with half of all events

    def make_organizations(self, count):
        organizations, self.organization_names = [], []
        for pk in range(1, count + 1):
            words = self.subjects.draw(self.rng, 3)
            head = self.rng.choice(["Institute", "Council", "Centre", "Ministry", "Academy", "Foundation", "League", "Secretariat"])
            name = f"{head} of {' '.join(words).title()}"
            organization = Organization(
                pk=pk,
                slug=f"{slugify(name)}-{pk}",
                state=self.state(),
                name=name,
                acronym="".join(word[0].upper() for word in [head, "of", *words]),
                kind=self.rng.choice(Organization.Kind.values),
                country=self.countries.draw(self.rng)[0] if self.rng.random() < 0.8 else None,
            )
            organizations.append(organization)
            if self.rng.random() < 0.5:
                names = {"organization": organization, "name": f"{name} ({organization.country or 'international'})"}
                self.organization_names.append(OrganizationName(pk=len(self.organization_names) + 1, order=1, **names))
        self.organizations = Zipf(organizations, 0.9)

    def make_people(self, count):
        people, self.person_names, self.positions = [], [], []
        for pk, (latin, cyrillic) in enumerate(make_names(self.rng, count), 1):
            in_two_scripts, own_is_cyrillic = self.rng.random() < 0.5, self.rng.random() < 0.5
            name, other = (cyrillic, latin) if in_two_scripts and own_is_cyrillic else (latin, cyrillic)
            person = Person(pk=pk, slug=slugify(latin), state=self.state(), name=name, sort_name=filed_name(name))
            person.latin = latin
            people.append(person)
            if in_two_scripts:
                script = {"language": "tg", "script": "Latn" if own_is_cyrillic else "Cyrl"}
                self.person_names.append(PersonName(pk=len(self.person_names) + 1, person=person, name=other, order=1, **script))
            self.positions.append(self.position(person))
        self.people = Zipf(people, 0.8)

    def position(self, person):
        """The post that a person holds, and with it the organization and the country that the person speaks for."""
        [country], [organization] = self.countries.draw(self.rng), self.organizations.draw(self.rng)
        return Position(
            pk=person.pk,
            person=person,
            slug="post",
            order=1,
            title=self.rng.choice(
                ["Director", "Deputy Director", "Minister", "Ambassador", "Research Fellow", "Secretary General"]
            ),
            organization=organization,
            country=country,
            date=f"{self.rng.randint(1992, 2025)}/..",
        )

    def make_topics(self, count):
        names = [
            f"{self.words.items[200 + 2 * number]} {self.words.items[201 + 2 * number]}".capitalize() for number in range(count)
        ]
        topics = []
        for pk, name in enumerate(names, 1):
            broader = topics[self.rng.randrange(10)] if pk > 10 else None
            state = self.state() if pk > 10 else State.PUBLISHED
            topics.append(Topic(pk=pk, slug=f"{slugify(name)}-{pk}", state=state, name=name, broader=broader))
        self.topics = Zipf(topics, 0.8)
        self.topic_names = [
            TopicName(pk=pk, topic=topic, name=f"{topic.name} studies", order=1) for pk, topic in enumerate(topics[::3], 1)
        ]

    def many(self, documents=200):
        """The rows of the other tables, in blocks of that many documents, each a dict of lists of rows by model."""
        writer = Writer(self)
        numbers = range(1, self.events + 1)
        for block in batched(batched(numbers, EVENTS_PER_DOCUMENT), documents):
            writer.rows = {model: [] for model in COLUMNS}
            for events in block:
                writer.write_document(events)
            yield writer.rows


def batched(items, size):
    iterator = iter(items)
    return iter(lambda: list(itertools.islice(iterator, size)), [])


class Writer:
    """Writes documents and the events that they tell of into `rows`."""

    def __init__(self, world):
        self.world, self.rng = world, world.rng
        self.numbers = {model: itertools.count(1) for model in COLUMNS}
        self.rows = {}
        self.person_country = {position.person_id: position.country_id for position in world.positions}
        self.person_organization = {position.person_id: position.organization_id for position in world.positions}

    def add(self, model, *values):
        """Adds a row with the next primary key, which is returned."""
        pk = next(self.numbers[model])
        self.rows[model].append((pk, *values))
        return pk

    def write_document(self, events):
        """One document and the events that it tells of, all of about the same time, which is any in the years covered."""
        rng = self.rng
        number = next(self.numbers[Document])
        # The square root makes later years fuller.
        about = FIRST_DAY + (LAST_DAY - FIRST_DAY) * rng.random() ** 0.5
        page = Page(number)
        for event in events:
            self.write_event(event, about + timedelta(days=rng.randint(-100, 0)), page)
        title = f"Chronicle {number}"
        publisher = rng.choice(["CSTO Academy", "Press service", "Ministry of Foreign Affairs", "Gazette", ""])
        text = "\n\n".join(page.quotes)
        self.rows[Document].append(
            (
                number,
                f"chronicle-{number}",
                self.world.state(),
                indexed([title, publisher, text]),
                *dated(about.isoformat()),
                title,
                publisher,
                LANGUAGES.draw(rng)[0],
                *("", None, "", ""),
                text,
                hashlib.sha256(text.encode()).hexdigest(),
                "",
            )
        )

    def write_event(self, number, day, page):
        world, rng = self.world, self.rng
        about, summary = world.subjects.draw(rng, 3), world.words.draw(rng, rng.randint(10, 20))
        [place], [kind] = world.places.draw(rng), KINDS.draw(rng)
        title, summary = f"{Event.Kind(kind).label} on {' '.join(about)} in {place}", f"{' '.join(summary).capitalize()}."
        [host] = world.countries.draw(rng) if rng.random() < 0.9 else [None]
        self.add(
            Event,
            f"{'-'.join(word.slug for word in about)}-{number}",
            world.state(),
            indexed([title, place, summary]),
            *dated(some_date(rng, day)),
            "{}",
            title,
            kind,
            STANDINGS.draw(rng)[0],
            FORMATS.draw(rng)[0],
            place,
            host and host.pk,
            self.series_of(number),
            summary,
        )
        self.cite(Event, number, page, title)
        self.mark(Event, number)
        participations = self.write_participations(number)
        for order in range(1, STATEMENTS + 1):
            self.write_statement(number, order, rng.choice(participations), page)

    def series_of(self, number):
        """The event that this one is a part of: one in thirty belongs to one of the last thousand."""
        return self.rng.randint(max(1, number - 1000), number - 1) if number > 1 and self.rng.random() < 1 / 30 else None

    def write_participations(self, event):
        """The primary keys of the event's participations: people, organizations and countries, none of them twice."""
        rng, world = self.rng, self.world
        slugs, keys = set(), []
        while len(keys) < PARTICIPATIONS:
            slug, who, person = self.somebody()
            if slug in slugs:
                continue
            slugs.add(slug)
            [role], [capacity] = ROLES.draw(rng), CAPACITIES.draw(rng)
            talk = f"On {' '.join(world.subjects.draw(rng, 3))}" if role == "speaker" else ""
            printed = person.latin if person and person.name != person.latin else ""
            keys.append(self.add(Participation, slug, len(keys) + 1, "{}", event, *who, role, capacity, printed, talk))
        return keys

    def somebody(self):
        """(slug, (person, organization, country) as primary keys, the Person or None) of one who may take part."""
        rng, world = self.rng, self.world
        die = rng.random()
        if die < 0.6:
            [person] = world.people.draw(rng)
            return person.slug, (person.pk, self.person_organization[person.pk], self.person_country[person.pk]), person
        if die < 0.8:
            [organization] = world.organizations.draw(rng)
            return organization.slug, (None, organization.pk, organization.country_id), None
        [country] = world.countries.draw(rng)
        return country.slug, (None, None, country.pk), None

    def write_statement(self, event, order, speaker, page):
        world, rng = self.world, self.rng
        words = world.words.draw(rng, rng.randint(15, 40))
        half = len(words) // 2
        beginning = " ".join(words[:half]).capitalize()
        text = f"{beginning}, {' '.join(words[half:])}."
        number = self.add(
            Statement,
            f"{'-'.join(word.slug for word in words[:3])}-{event}-{order}",
            world.state(),
            indexed([text, ""]),
            order,
            "{}",
            event,
            text,
            "quoted" if rng.random() < 0.3 else "reported",
            "",
            None,
        )
        self.cite(Statement, number, page, beginning)
        self.mark(Statement, number)
        self.add(Statement.speakers.through, number, speaker)

    def cite(self, model, record, page, quote):
        start = page.print(quote)
        passage = self.add(Passage, page.document, start, start + len(quote), quote)
        self.add(model.passages.through, record, passage)

    def mark(self, model, record):
        """Gives the record one or two topics."""
        topics = self.world.topics.draw(self.rng, self.rng.randint(1, 2))
        for topic in dict.fromkeys(topic.pk for topic in topics):
            self.add(model.topics.through, record, topic)


class Page:
    """The text of a document in the making: quotes with an empty line between."""

    def __init__(self, document):
        self.document, self.length = document, 0
        self.quotes = []

    def print(self, quote):
        """Adds `quote`; returns the offset at which it begins."""
        start = self.length
        self.length += len(quote) + 2
        self.quotes.append(quote)
        return start


@cache
def dated(text):
    """The three columns of a partial date: its text, its first and its last day."""
    if text is None:
        return None, None, None
    value = PartialDate.parse(text)
    return value.edtf, value.earliest.isoformat(), value.latest.isoformat()


def some_date(rng, day):
    """An event's date about `day` as EDTF: mostly a day or some days, one in ten less exact, one in fifty none."""
    die = rng.random()
    if die < 0.68:
        return day.isoformat()
    if die < 0.88:
        return f"{day}/{day + timedelta(days=rng.randint(1, 4))}"
    if die < 0.90:
        return None
    year = day.year
    return rng.choice([f"{year}", f"{year}-{day.month:02}", f"{year}/{year + 1}", f"{year}/..", f"{year}~"])
