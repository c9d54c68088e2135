"""Records by their names: any name that a record bears finds it, in any spelling that the archive knows.

The names of an archive are few beside its texts, and every search asks for each of its words who bears it. So each process keeps
them, with the records that have each word; what the ledger says has changed is read again before an answer.
"""

import functools
import threading
from bisect import bisect_left, insort
from itertools import takewhile

from django.db import connection
from pyroaring import BitMap

from archive.core import ledger
from archive.core.among import Among
from archive.core.models import Entry
from archive.core.querysets import names_of
from archive.core.search.fulltext import found_ids
from archive.core.search.language import Query, needle
from archive.core.text import BARRIER

MOST_READ_AGAIN = 1_000  # records beyond which reading all the names is quicker


def bearing(model, term):
    """The records of `model` that have `term` in their own words, or in one of their names: drafts too."""
    return model._default_manager.filter(pk__in=Among(bearing_ids(model, term)))


def bearing_ids(model, term, state=None):
    """The primary keys of `bearing`, a BitMap, never behind the `state` of the ledger: the present one, if none is given."""
    if "names" not in model.parts:
        return found_ids(model, Query(((term.wanted(),),)))
    if ledger.current.get() is not None:
        return Names(model).bearing(term)  # what is written has no entry yet: nothing of it is kept
    return kept_names(model).at(state or ledger.state()).bearing(term)


@functools.cache
def kept_names(model):
    """The Names of `model` in this process."""
    return Kept(model, Names)


class Kept:
    """What `make(model)` says of a model's names as they were at one state of the ledger, and is brought up to the next."""

    def __init__(self, model, make):
        self.model = model
        self.make = make
        self.lock = threading.Lock()
        self.state = None
        self.names = None

    def at(self, state):
        """What was made, at `state` or later."""
        if self.state == state:
            return self.names
        with self.lock:
            if self.state != state:
                changed = changed_since(self.state, state, self.model) if self.state else None
                if changed is None or len(changed) > MOST_READ_AGAIN:
                    self.names = self.make(self.model)
                elif changed:
                    self.names.read_again(changed)
                if self.state is None or changed is None or self.state[0] < state[0]:
                    self.state = state
            return self.names


def changed_since(known, state, model):
    """The primary keys of the records of `model` that have entries from the state `known` to `state`.

    None when anything may have changed, or the ledger does not have `known`: then this is another history.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, unit, record, action FROM core_entry "
            "WHERE id = %s OR (id > %s AND id <= %s AND (model = %s OR action = %s)) ORDER BY id",
            [known[0], known[0], state[0], model._meta.label_lower, Entry.Action.EVERYTHING],
        )
        entries = cursor.fetchall()
    if known[0]:
        is_there = entries and (entries[0][0], str(entries[0][1]).replace("-", "")) == known
        if not is_there:
            return None
        entries = entries[1:]
    return None if any(action == Entry.Action.EVERYTHING for *_, action in entries) else {record for _, _, record, _ in entries}


class Names:
    """The names of all the records of a model, and who has each word in one of them."""

    def __init__(self, model):
        self.model = model
        self.lock = threading.Lock()
        self.texts = []  # a name as indexed, between two spaces; None when it is gone
        self.owners = []  # whose it is, by place
        self.places = {}  # word -> the places of the names that have it
        self.of_owner = {}  # primary key -> the places of its names
        self.add(self.read())
        self.words = sorted(self.places)

    def read(self, **among):
        """(primary key, folded name) of every name that the records have, or those that `among`, a lookup, says."""
        records = self.model._base_manager.filter(**{f"pk__{how}": pks for how, pks in among.items()})
        yield from records.order_by().values_list("pk", "folded")
        owner = names_of(self.model).owner
        rows = names_of(self.model)._base_manager.filter(**{f"{owner}__{how}": pks for how, pks in among.items()})
        yield from rows.order_by().values_list(owner, "folded")

    def add(self, names):
        """Takes names in; the words among them that nobody had before."""
        new = []
        for pk, folded in names:
            place = len(self.texts)  # one number for all the words: it is a sixth of the memory
            self.of_owner.setdefault(pk, []).append(place)
            for word in set(folded.split()) - {BARRIER}:
                if word not in self.places:
                    new.append(word)
                self.places.setdefault(word, []).append(place)
            self.texts.append(f" {folded} ")
            self.owners.append(pk)
        return new

    def read_again(self, pks):
        """Takes in what the database now says of some records."""
        names = list(self.read(**{"in": Among(pks)}))
        with self.lock:
            for pk in pks:
                for place in self.of_owner.pop(pk, ()):
                    for word in set(self.texts[place].split()) - {BARRIER}:
                        self.places[word].remove(place)
                    self.texts[place] = None
            for word in self.add(names):
                insort(self.words, word)

    def bearing(self, term):
        """The primary keys, a BitMap, of the records with a name that has `term` in any spelling."""
        with self.lock:
            return BitMap(self.owners[place] for words in term.spellings(True) for place in self.having(words, term.prefix))

    def having(self, words, prefix):
        """The places of the names that have `words` one after another, the last of which may go on when `prefix`."""
        *first, last = words
        lists = [self.places.get(word, ()) for word in first]
        lists.append(
            [place for word in self.beginning(last) for place in self.places[word]] if prefix else self.places.get(last, ())
        )
        if len(lists) == 1:
            return lists[0]
        wanted = needle(words, prefix)
        return [place for place in set(min(lists, key=len)) if wanted in self.texts[place]]

    def beginning(self, start):
        first = bisect_left(self.words, start)
        return takewhile(lambda word: word.startswith(start), (self.words[place] for place in range(first, len(self.words))))
