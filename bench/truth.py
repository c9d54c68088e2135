"""What the right answers are, from the flat archive by SQL, and what the pages that were answered say."""

# ruff: noqa: S608 (what is put into these statements is ours)

import random
import re
import sqlite3
from dataclasses import dataclass
from functools import cached_property

from archive.core.romanization import romanized
from archive.core.text import words as folded_words

PAGE = 25


class WrongAnswerError(Exception):
    """An answer is not what it should be; the message says what differs."""


@dataclass(frozen=True)
class Filter:
    """A country and a year: the filter that most of the cases use."""

    country: str
    year: int
    total: int

    @property
    def query(self):
        return f"year={self.year}&country={self.country.lower()}"

    @property
    def where(self):
        return [of_country(self.country), f"id in (select event from event_year where year = '{self.year}')"]


class Truth:
    def __init__(self, path, seed=0):
        self.file = sqlite3.connect(path)
        self.rng = random.Random(seed)  # noqa: S311
        self.events = self.one("SELECT count(*) FROM event")
        self.biggest = self.one("SELECT country FROM event_country GROUP BY country ORDER BY count(*) DESC LIMIT 1")

    def rows(self, sql, *values):
        return self.file.execute(sql, values).fetchall()

    def one(self, sql, *values):
        return self.file.execute(sql, values).fetchone()[0]

    def filters(self, count):
        """`count` different Filters, each with a full page of events: the more events, the likelier it comes early.

        Readers ask for what the archive speaks of.
        """
        found = [one for one in self.known if one.total > PAGE]
        return sorted(found, key=lambda one: self.rng.random() ** (1 / one.total), reverse=True)[:count]

    @cached_property
    def known(self):
        """A Filter for every country and year that any event has to do with."""
        found = self.rows(
            "SELECT country, CAST(y.year AS INTEGER), count(*) FROM event_country c JOIN event_year y USING (event) "
            "GROUP BY country, y.year ORDER BY 1, 2"
        )
        return [Filter(*row) for row in found]

    def total(self, where=()):
        return self.one(f"SELECT count(*) FROM event {clause(where)}")

    def page(self, where=(), page=1):
        """(place, slug) of the events on a page of the list."""
        sql = f"SELECT id, slug FROM event {clause(where)} ORDER BY id LIMIT {PAGE} OFFSET {(page - 1) * PAGE}"
        return self.rows(sql)

    def facet(self, column, where=()):
        """{value: how many events have it} of one of the plain columns."""
        return dict(self.rows(f"SELECT {column}, count(*) FROM event {clause(where)} GROUP BY 1"))

    def slugs(self, count):
        last = self.one("SELECT max(id) FROM event")
        return [self.one("SELECT slug FROM event WHERE id = ?", self.rng.randint(1, last)) for _ in range(count)]

    def place(self, slug):
        return self.one("SELECT id FROM event WHERE slug = ?", slug)

    def pairs(self, count, least, most):
        """`count` pairs of words, each with the number of statements that have both, which is from `least` to `most`."""
        texts = self.rows("SELECT text FROM statement ORDER BY id LIMIT 4000")
        found = {}
        for [text] in self.rng.sample(texts, len(texts)):
            words = sorted({word for word in re.findall("[a-z]{4,}", text) if romanized(word) == [word]})
            pair = tuple(sorted(self.rng.sample(words, 2))) if len(words) > 1 else ()
            if pair and least <= (total := self.statements(pair)) <= most:
                found[pair] = total
            if len(found) == count:
                break
        return list(found.items())

    def common_pairs(self, count):
        """`count` pairs of the commonest words, with the number of statements that have both."""
        words = ["countries", "states", "security", "cooperation", "development", "international", "region", "peace", "member"]
        pairs = [(one, two) for one in words for two in words if one < two]
        return [(pair, self.statements(pair)) for pair in self.rng.sample(pairs, min(count, len(pairs)))]

    def statements(self, words, column="{text names}"):
        """How many statements have all of `words`, in their text or in the names of those who made them."""
        query = " AND ".join(f"{column} : {word}" for word in words)
        return self.one("SELECT count(*) FROM statement_fts WHERE statement_fts MATCH ?", query)

    def has_words(self, slug, words):
        """Whether all of `words` stand in the statement's text, or in the names of those who made it."""
        [[text, names]] = self.rows("SELECT text, names FROM statement WHERE slug = ?", slug)
        return set(words) <= {*folded_words(text), *names.split()}


def of_country(code):
    return f"id in (select event from event_country where country = '{code}')"


def clause(where):
    return f"WHERE {' AND '.join(where)}" if where else ""


# What pages say


def site_list(answer, noun):
    """(total, slugs of the rows) that a list of the site shows; `noun` is "event" or "statement"."""
    expect(answer.status == 200, f"status {answer.status}")
    total = re.search(rf"([\d,]+) {noun}s?\b", answer.text)
    expect(total, "there is no total")
    rows = answer.text[answer.text.index('class="rows"') :] if 'class="rows"' in answer.text else ""
    return as_number(total[1]), list(dict.fromkeys(re.findall(rf'href="/{noun}s/([a-z0-9-]+)/"', rows)))[:PAGE]


def site_facet(answer, label):
    """{value's label: count} of a facet that a list of the site shows."""
    found = re.search(rf"<summary>{label}</summary>(.*?)</details>", answer.text, re.DOTALL)
    expect(found, f"there is no facet {label}")
    values = re.findall(r'>([^<>]+)</a> <span class="count">([\d,]+)', found[1])
    return {name: as_number(count) for name, count in values}


def datasette_list(answer):
    """(total, ids of the rows, facets that it gave up) that a table page of Datasette shows."""
    expect(answer.status == 200, f"status {answer.status}")
    total = re.search(r"<h3>\s*([\d,]+) rows?", answer.text)
    given_up = re.search(r"facets timed out: ([^<]*)", answer.text)
    ids = list(dict.fromkeys(int(place) for place in re.findall(r'href="/\w+/event/(\d+)"', answer.text)))
    return total and as_number(total[1]), ids, given_up[1].split(",") if given_up else []


def as_number(text):
    return int(text.replace(",", ""))


def expect(condition, message):
    if not condition:
        raise WrongAnswerError(message)


def expect_equal(found, right, what):
    expect(found == right, f"{what} should be {right!r:.80}, and is {found!r:.80}")
