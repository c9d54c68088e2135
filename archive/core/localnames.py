"""What readers call a record: by its name in the language that is spoken now where the archive has one, else by its own.

Records have their own names in the archive's language, and may bear others in any. For each other language that pages come in, a
process keeps the names that records bear in it, and brings them level with the ledger once for each request, so that a page with
a hundred names asks for none of them.
"""

import re
import threading
from collections import defaultdict
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils.translation import get_language

from archive.core import ledger
from archive.core.alphabets import sort_key
from archive.core.among import Among
from archive.core.querysets import names_of
from archive.core.search.names import Kept

MOST_SORTED = 5_000  # records of a kind that are put in the order of another language; more keep the archive's own
LONGEST_ACRONYM = 12  # letters
CYRILLIC = re.compile("[\u0400-\u052f]")
LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


class Called(NamedTuple):
    """A name that is shown, and the BCP 47 tag of the language that it is in."""

    text: str
    language: str


@cache
def base(tag):
    """The language of a BCP 47 tag, without its country and script."""
    return tag.partition("-")[0].lower()


OWN = base(settings.LANGUAGE_CODE)  # the language in which the archive names its records


def spoken():
    """The language that is spoken now, without its country."""
    return base(get_language() or OWN)


def called(record):
    """The Called of a record, of one of its rows (that of whom it is about), or of a name."""
    if (who := getattr(record, "who", None)) is not None:
        return called(who)
    return called_by(names_now(type(record)), record)


def called_by(names, record):
    """The Called of a record, by the LocalNames of its kind, None for none."""
    if names is not None and (name := names.known.get(record.pk)):
        return Called(name, names.language)
    if words := getattr(record, "in_words", None):
        return Called(words(), spoken())
    text = str(record)
    return Called(text, getattr(record, "lang", "") or getattr(record, "language", "") or language_of(text))


def language_of(text):
    """The tag of the language of a text that the archive wrote itself: its own, unless the letters are others."""
    return "und-Cyrl" if OWN == "en" and CYRILLIC.search(text) and not LATIN.search(text) else OWN


def acronym_of(organization):
    """The Called of a record's acronym, with an empty text where it has none."""
    names = names_now(type(organization))
    local = names.acronyms.get(organization.pk) if names is not None else None
    return Called(local, names.language) if local else Called(organization.acronym, OWN)


def short(organization):
    """The Called of an organization, by its acronym where it has one in the language of its name."""
    name, acronym = called(organization), acronym_of(organization)
    return acronym if acronym.text and acronym.language == name.language else name


def is_acronym(name):
    return name.isupper() and name.isalnum() and len(name) <= LONGEST_ACRONYM


def acronyms(model, pks):
    """{primary key: acronym} of those of `pks` that have one in the language that is spoken now; none in the archive's own."""
    names = names_now(model)
    return {pk: names.acronyms[pk] for pk in pks if pk in names.acronyms} if names is not None else {}


def by_name(records):
    """`records` of one kind as the language that is spoken now sorts what they are called; in the archive's own, as they come."""
    language = spoken()
    if language == OWN:
        return list(records)
    return sorted(records, key=lambda record: sort_key(called(record).text, language))


def alphabet(model):
    """{primary key: sort key} of all the records of `model`, by the names that are shown; empty where the archive's order holds."""
    names = names_now(model)
    return names.sort_keys() if names is not None else {}


# The names that a process keeps

of_request = ContextVar("what the names of this request are", default=None)


@contextmanager
def level(state=None):
    """Within it the names are those at `state` of the ledger, or the present one, and are not asked for again."""
    token = of_request.set({"state": state})
    try:
        yield
    finally:
        of_request.reset(token)


def names_now(model, state=None):
    """The LocalNames of `model` at `state` of the ledger or later; None in the archive's own language, and where there are none."""
    language = spoken()
    if language == OWN or "names" not in getattr(model, "parts", ()):
        return None
    if ledger.current.get() is not None:
        return LocalNames(language, model)  # what is written has no entry yet: nothing of it is kept
    if state:
        return kept(language, model).at(state)
    known = of_request.get()
    if known is None:
        return kept(language, model).at(ledger.state())
    if (language, model) not in known:
        known["state"] = known["state"] or ledger.state()
        known[language, model] = kept(language, model).at(known["state"])
    return known[language, model]


@cache
def kept(language, model):
    return Kept(model, partial(LocalNames, language))


class LocalNames:
    """The names that the records of `model` bear in a language: `known` has them by primary key.

    Of several, an official one comes first, then the first of the others; a former name or a misprint is none to be called by.
    A single word in capital letters is an acronym, in `acronyms`, and a name for what has no other.
    """

    def __init__(self, language, model):
        self.language = language
        self.model = model
        self.lock = threading.Lock()
        self.known, self.acronyms = self.read()
        self.keys = None

    def read(self, pks=None):
        model = names_of(self.model)
        in_language = Q(language__iexact=self.language) | Q(language__istartswith=f"{self.language}-")
        names = model._base_manager.filter(in_language, kind__in=[model.Kind.OFFICIAL, model.Kind.VARIANT])
        if pks is not None:
            names = names.filter(**{f"{model.owner}__in": Among(pks)})
        found = defaultdict(dict)
        for kind, pk, name in names.order_by("order", "pk").values_list("kind", model.owner, "name"):
            found["acronym" if is_acronym(name) else kind].setdefault(pk, name)
        return found["acronym"] | found[model.Kind.VARIANT] | found[model.Kind.OFFICIAL], found["acronym"]

    def read_again(self, pks):
        """Takes in what the database now says of some records."""
        fresh = self.read(pks)
        with self.lock:
            self.keys = None
            for known, now in zip((self.known, self.acronyms), fresh, strict=True):
                for pk in pks:
                    known.pop(pk, None)
                known.update(now)

    def sort_keys(self):
        """{primary key: what it is sorted by} of all the records; empty when there are more than MOST_SORTED."""
        with self.lock:
            if self.keys is None:
                filed = self.model._base_manager.order_by().values_list("pk", self.model.filed_by)[: MOST_SORTED + 1]
                rows = list(filed)
                self.keys = {pk: self.sort_key(pk, own) for pk, own in rows} if len(rows) <= MOST_SORTED else {}
            return self.keys

    def sort_key(self, pk, own):
        name = self.known.get(pk)
        return sort_key(self.model.filed(name) if name else own, self.language)
