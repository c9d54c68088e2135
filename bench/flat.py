"""The same archive in the shape that serves Datasette best: one row for an event, in a SQLite file of its own.

Datasette filters and counts one table, so that all that an event is found by stands in its row, lists as JSON arrays
(`_facet_array`). The tables hold what is public, in the order of the site's lists: `id` is the place in it, so that no page has to
be sorted. `event_country` and `event_year` are indexes for filters, which a search through the arrays would not have.
"""

# ruff: noqa: S608 (what is put into these statements is ours)

import csv
import io
import json
import sqlite3
from collections import defaultdict
from datetime import date

from archive.core.exports import export
from archive.core.querysets import overlap_rule
from archive.sources.models import Document
from events.models import Event, Participation, Statement, Topic
from people.models import Country, CountryName, Organization, OrganizationName, Person, PersonName

CHUNK = 5_000  # events
TAKEN = 100_000  # events in the file that is taken away
LAST_YEAR = 2026  # in which events that go on are counted

TABLES = """
CREATE TABLE event (id INTEGER PRIMARY KEY, slug TEXT, title TEXT, date TEXT, date_earliest TEXT, date_latest TEXT, kind TEXT,
    standing TEXT, format TEXT, place TEXT, host_country TEXT, statements INTEGER, countries TEXT, years TEXT, people TEXT,
    organizations TEXT, topics TEXT, documents TEXT);
CREATE TABLE event_country (country TEXT, event INTEGER, PRIMARY KEY (country, event)) WITHOUT ROWID;
CREATE TABLE event_year (year TEXT, event INTEGER, PRIMARY KEY (year, event)) WITHOUT ROWID;
CREATE TABLE statement (id INTEGER PRIMARY KEY, slug TEXT, event INTEGER REFERENCES event, text TEXT, kind TEXT, names TEXT);
"""
INDEXES = """
CREATE INDEX event_slug ON event (slug);
CREATE INDEX event_kind ON event (kind);
CREATE INDEX event_standing ON event (standing);
CREATE INDEX event_format ON event (format);
CREATE INDEX event_host_country ON event (host_country);
CREATE INDEX statement_event ON statement (event);
CREATE INDEX statement_slug ON statement (slug);
CREATE VIRTUAL TABLE statement_fts USING fts5 (text, names, content=statement, content_rowid=id);
INSERT INTO statement_fts (statement_fts) VALUES ('rebuild');
INSERT INTO statement_fts (statement_fts) VALUES ('optimize');
ANALYZE;
"""


def build_flat(path, progress):
    """Writes the flat archive to `path`, unless it is there already for as many events."""
    total = Event.objects.count()
    if path.exists() and made_for(path) == total:
        return
    path.unlink(missing_ok=True)
    file = sqlite3.connect(path)
    file.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {TABLES}")
    places, names = places_in_list(), all_names()
    last = max(places, default=0)
    for start in range(1, last + 1, CHUNK):
        progress(f"Datasette's file: {start:,} of {last:,} events")
        write_events(file, places, start, start + CHUNK - 1)
        write_statements(file, places, names, start, start + CHUNK - 1)
    progress("Datasette's file: indexes")
    file.executescript(INDEXES)
    progress("Datasette's file: the rows to take away")
    write_file(file)
    file.execute(f"PRAGMA user_version={total}")  # says that all of it is there
    file.commit()
    file.close()


def made_for(path):
    file = sqlite3.connect(path)
    [[total]] = file.execute("PRAGMA user_version")
    file.close()
    return total


def places_in_list():
    """The place of each published event in the list, newest first and undated last, by primary key."""
    rows = Event.objects.published().order_by().values_list("date_earliest", "date_latest", "pk")
    newest_first = sorted(rows, key=lambda row: (-(row[0] or date.min).toordinal(), -(row[1] or date.min).toordinal(), -row[2]))
    return {pk: place for place, (_, _, pk) in enumerate(newest_first, 1)}


def write_events(file, places, first, last):
    within = {"event__gte": first, "event__lte": last}
    rows = Participation.objects.published().filter(**within)
    taking_part = pairs(rows.taking_part().values_list("event_id", "country__code"))
    people = pairs(rows.values_list("event_id", "person__slug"))
    organizations = pairs(rows.values_list("event_id", "organization__slug"))
    topics = through(Event.topics, Topic, "topic", within)
    documents = through(Event.passages, Document, "passage__document", within)
    statements = pairs(Statement.objects.published().filter(**within).values_list("event_id", "pk"))
    columns = ["date", "date_earliest", "date_latest", "kind", "standing", "format", "place"]
    events = Event.objects.published().filter(pk__gte=first, pk__lte=last)
    for pk, slug, title, host, *values in events.values_list("pk", "slug", "title", "host_country__code", *columns):
        place, years = places[pk], years_of(*values[1:3])
        countries = {*taking_part[pk], *filter(None, [host])}
        day, earliest, latest, *others = values
        days = [str(value) if value else None for value in (day, earliest, latest)]
        arrays = [countries, years, people[pk], organizations[pk], topics[pk], documents[pk]]
        row = [place, slug, title, *days, *others, host, len(statements[pk]), *map(as_array, arrays)]
        file.execute(f"INSERT INTO event VALUES ({', '.join('?' * len(row))})", row)
        file.executemany("INSERT INTO event_country VALUES (?, ?)", [(country, place) for country in countries])
        file.executemany("INSERT INTO event_year VALUES (?, ?)", [(year, place) for year in years])


def write_statements(file, places, names, first, last):
    """Statements, with all the names of those who made them: they are found by these, too."""
    rows = Statement.objects.published().filter(event__gte=first, event__lte=last)
    speakers = Participation.objects.published().filter(event__gte=first, event__lte=last, statements__isnull=False)
    said_by = pairs(speakers.values_list("statements", "pk"))
    who = {pk: keys for pk, *keys in speakers.values_list("pk", "person", "organization", "country")}
    file.executemany(
        "INSERT INTO statement VALUES (?, ?, ?, ?, ?, ?)",
        [
            # Ten statements an event, at most: their places keep the order of the events' places.
            (places[event] * 10 + order, slug, places[event], text, kind, names_of(names, [who[one] for one in said_by[pk]]))
            for pk, event, order, slug, text, kind in rows.values_list("pk", "event_id", "order", "slug", "text", "kind")
        ],
    )


def all_names():
    """The words of every name of people, organizations and countries: three dicts by primary key."""
    return [words_by_pk(Person, PersonName), words_by_pk(Organization, OrganizationName), words_by_pk(Country, CountryName)]


def words_by_pk(model, names):
    words = defaultdict(str, model.objects.values_list("pk", "folded"))
    for pk, folded in names.objects.values_list(names.owner, "folded"):
        words[pk] += f" ¶ {folded}"
    return words


def names_of(names, speakers):
    return " ¶ ".join(words[pk] for keys in speakers for words, pk in zip(names, keys, strict=True) if pk)


def write_file(file):
    """The table of what the site gives as CSV, with all its columns, as far as the case asks for it: Datasette need not filter."""
    years = years_to_take(file)
    pks = Event.objects.published().filter(overlap_rule(*years)).order_by().values_list("pk", flat=True)
    text = b"".join(export("csv", Event, list(pks), "https://127.0.0.1")).decode()
    names, *rows = csv.reader(io.StringIO(text, newline=""))
    file.execute(f"CREATE TABLE event_file ({', '.join(names)})")
    file.executemany(f"INSERT INTO event_file VALUES ({', '.join('?' * len(names))})", rows)


def years_to_take(file):
    """The first and the last year, from 2000 on, of 100,000 events, or of as many as there are."""
    rule = "date_earliest <= ? and date_latest >= '2000-01-01'"
    for last in range(2000, LAST_YEAR + 1):
        [[total]] = file.execute(f"SELECT count(*) FROM event WHERE {rule}", [f"{last}-12-31"])
        if total >= TAKEN:
            break
    return 2000, last


def pairs(rows):
    """(event, value) rows as a dict of sets, by event."""
    found = defaultdict(set)
    for event, value in rows:
        if value is not None:
            found[event].add(value)
    return found


def through(relation, model, path, within):
    """The slugs of the published records of `model` that events have behind a many-to-many relation, as a dict of sets."""
    rows = relation.through.objects.filter(**within, **{f"{path}__state": model.State.PUBLISHED})
    return pairs(rows.values_list("event_id", f"{path}__slug"))


def years_of(earliest, latest):
    return {str(year) for year in range(earliest.year, min(latest.year, LAST_YEAR) + 1)} if earliest else set()


def as_array(values):
    return json.dumps(sorted(values))
