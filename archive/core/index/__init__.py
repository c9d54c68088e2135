"""The facet index: every list's records, facets and orders in memory, so that narrowing and counting ask no database.

Each list (a FilterSet) has one Index in each process. It holds a segment, read from the database as a whole and kept in files
that all processes share, and beside it the records that have changed since, each by itself: a record that arrives in the middle
of an order would otherwise move all that come behind it. A set of records is a roaring bitmap of their positions in the list's
first order, so that filters are intersections, counts are cardinalities, and the first page of any set is its first members.

The index is never behind: before it answers it asks for the ledger's state, and reads again what the ledger names since its own.

    snapshot = index_of(EventFilter).snapshot()
    selection = snapshot.select({"kind": ["session"], "year": (2012, 2015)})
    selection.total, selection.pks(0, 25), selection.counts("topic")
"""

import functools
import subprocess
import sys
import threading

from django.conf import settings
from pyroaring import BitMap

from archive.core import ledger
from archive.core.facets import behind
from archive.core.index.layout import Layout
from archive.core.index.segment import Segment
from archive.core.index.selection import Selection, Snapshot
from archive.core.index.store import WORTH_IT, Store
from archive.core.models import Entry

__all__ = ["Index", "Selection", "Snapshot", "index_of"]

MOST_CHANGED = 1_000  # records kept beside a segment before a new one is made
RENEW = [sys.executable, "manage.py", "reindex"]
MOST_READ_AGAIN = 20_000  # entries, or records, beyond which reading everything is quicker


class Index:
    """The index of one list in this process."""

    def __init__(self, layout):
        self.layout = layout
        self.store = Store(layout)
        self.lock = threading.RLock()
        self.newest = None
        self.renewing = None  # the process that makes the next segment
        self.is_renewing = False  # whether this process is that one

    def snapshot(self):
        """The list as it is now: never behind what was committed before the call."""
        state, newest = ledger.state(), self.newest
        if newest and (newest.number, newest.unit) == state:
            return newest
        with self.lock:
            newest = self.newest or self.store.load(is_of_this_archive)
            if not newest or (newest.number, newest.unit) != state:
                newest = self.at_state(newest, *state)
            self.newest = newest
            return newest

    def at_state(self, known, number, unit):
        """A Snapshot at least as new as the state, from the `known` one if that is of this archive's history."""
        if known is None or not is_of_this_archive(known):
            return self.read_all(number, unit, base=-1)
        if known.number >= number:
            return known
        stale = self.stale(known, number)
        if stale is None:
            return self.read_all(number, unit, known.base)
        pks, public = stale
        rows = self.layout.read_again(pks) if pks else {}
        changed = known.changed | {pk: rows.get(pk) for pk in pks}
        if len(changed) > MOST_CHANGED:
            if known.segment.total < WORTH_IT or self.is_renewing:
                return self.read_all(number, unit, known.base)
            if renewed := self.renewed(known.base):
                return self.at_state(renewed, number, unit)
        return Snapshot(number, unit, known.segment, known.base, public, changed)

    def stale(self, known, number):
        """What to read again to get from the `known` snapshot to `number`, and what is then public.

        (primary keys, {model: primary keys}); None when reading everything is quicker.
        """
        entries = Entry.objects.filter(pk__gt=known.number, pk__lte=number).order_by()
        entries = list(entries.values_list("model", "record", "action")[: MOST_READ_AGAIN + 1])
        if len(entries) > MOST_READ_AGAIN or any(action == Entry.Action.EVERYTHING for _, _, action in entries):
            return None
        named = {}
        for label, pk, _ in entries:
            named.setdefault(label, set()).add(pk)
        pks, public = set(named.get(self.layout.model._meta.label_lower, ())), dict(known.public)
        for model, (lookups, is_read) in self.layout.depends.items():
            if records := BitMap(named.get(model._meta.label_lower, ())):
                now = BitMap(model.objects.published().filter(pk__in=list(records)).order_by().values_list("pk", flat=True))
                switched = list(records if is_read else (public[model] & records) ^ now)
                public[model] = (public[model] - records) | now
                for lookup in lookups if switched else ():
                    rows = behind(self.layout.model, lookup, switched).values_list("pk", flat=True)[: MOST_READ_AGAIN + 1]
                    if len(rows) > MOST_READ_AGAIN:
                        return None
                    pks.update(rows)
        return (pks, public) if len(pks) <= MOST_READ_AGAIN else None

    def read_all(self, number, unit, base):
        """A Snapshot at the state or newer, read anew unless another process has stored one that was read after `base`."""
        with self.store.turn():
            stored = self.store.load(is_of_this_archive)
            if stored is None or stored.number <= base:
                pks, keys, pairs, public = self.layout.read_all()
                segment = Segment.build(self.layout, pks, keys, pairs)
                public = {model: BitMap(public) for model, public in public.items()}
                snapshot = Snapshot(number, unit, segment, number, public)
                self.store.save(snapshot)
                # From the file it takes no memory of this process's own.
                stored = self.store.load(lambda one: (one.number, one.unit) == (number, unit)) or snapshot
        return self.at_state(stored, number, unit)

    def renewed(self, base):
        """A stored Snapshot that was read after `base`; None when there is none yet, and then one is being made.

        That is the work of a process of its own: to read a million records takes a gigabyte, and half a minute in which a thread
        would hold up every reader. Meanwhile the old segment answers, together with what has changed.
        """
        stored = self.store.load(is_of_this_archive)
        if stored and stored.number > base:
            return stored
        self.start_renewing()
        return None

    def start_renewing(self):
        """Has a process of its own bring up to date what is stored of the lists, unless one that this one started does so."""
        if self.renewing is None or self.renewing.poll() is not None:
            self.renewing = subprocess.Popen(RENEW, cwd=settings.BASE_DIR)  # noqa: S603 (our own command)

    def renew(self):
        """Makes and stores a new segment, here and now, unless nothing has changed since the last one."""
        self.is_renewing = True
        known = self.snapshot()
        if known.changed:
            with self.lock:
                self.newest = self.read_all(*ledger.state(), known.base)


def is_of_this_archive(snapshot):
    """Whether the ledger has the entry that the snapshot was made at: a restored database has another history."""
    return snapshot.number == 0 or Entry.objects.filter(pk=snapshot.number, unit=snapshot.unit).exists()


def facets_of(filterset_class):
    """{name: Facet} of a list's filters; one whose meaning another filter chooses has several: "country.host"."""
    return {
        f"{name}.{variant}" if variant else name: facet
        for name, one in filterset_class.base_filters.items()
        for variant, facet in getattr(one, "facets", {}).items()
    }


@functools.cache
def index_of(filterset_class):
    """The Index of a list, by its FilterSet: one in each process."""
    orders = {name: keys for name, (_, keys) in filterset_class.base_filters["sort"].orders.items()}
    return Index(Layout(filterset_class._meta.model, facets_of(filterset_class), orders))
