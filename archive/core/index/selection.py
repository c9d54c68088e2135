"""What a list shows at one state of the ledger: which records, in which order, and the counts of its facets."""

import bisect
import functools
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from pyroaring import BitMap

from archive.core.facets import Years, touches
from archive.core.index.segment import Found, Segment, as_array_of

KEPT, LONG = 500, 300  # counts of facets that are remembered, and how many values the longest of them has


@dataclass(frozen=True)
class Snapshot:
    """A list at one state of the ledger, which `number` and `unit` name: a segment, and what has changed since.

    `base` is the number at which the segment was read. `public` has, for each model that the list depends on, the primary keys
    of the public records. `changed` maps the primary keys of what has changed since to Rows, or None for what is gone.
    """

    number: int
    unit: str
    segment: Segment
    base: int
    public: dict
    changed: dict = field(default_factory=dict)
    counted: dict = field(default_factory=dict)  # what was counted in this state: see Selection.remembered

    @property
    def state(self):
        """The ledger's state, as `ledger.state` has it."""
        return self.number, self.unit

    @functools.cached_property
    def standing(self):
        """The positions in the segment that are as they were."""
        if not self.changed:
            return self.segment.everything
        return self.segment.everything - BitMap(self.segment.positions(np.array(sorted(self.changed), np.int64)))

    def select(self, chosen, within=None):
        """The Selection of the records that have, of each facet in `chosen` (name -> values), any of the values.

        `within` leaves out all others: a BitMap of positions in the segment, and the primary keys of those that have changed
        since. A Years facet takes a pair, the first and the last year.
        """
        return Selection(self, chosen, within)


class Selection:
    """Some of a list's records."""

    def __init__(self, snapshot, chosen, within):
        self.snapshot = snapshot
        self.segment = snapshot.segment
        self.chosen = chosen
        self.sets = {name: self.segment.having(name, values) for name, values in chosen.items()}
        self.within = None
        if within is not None:
            self.sets[None], self.within = within
        self.known = {}  # what was worked out already
        self.known_rows = {}
        self.known_counts = {}

    # Which records

    @functools.cached_property
    def total(self):
        return len(self.found().bitmap) + len(self.rows())

    def found(self, but=None):
        """What passes every filter in the segment, or every one but the facet `but`'s: a Found."""
        but = but if but in self.chosen else None
        if but not in self.known:
            sets = [found for name, found in self.sets.items() if name is None or name != but]
            positions = BitMap.intersection(self.snapshot.standing, *sets) if sets else self.snapshot.standing
            self.known[but] = Found(positions, self.segment.total)
        return self.known[but]

    def rows(self, but=None):
        """The changed records that pass every filter, or every one but the facet `but`'s."""
        but = but if but in self.chosen else None
        if but not in self.known_rows:
            self.known_rows[but] = [row for row in self.snapshot.changed.values() if row and self.passes(row, but)]
        return self.known_rows[but]

    def passes(self, row, but=None):
        if self.within is not None and row.pk not in self.within:
            return False
        return all(self.has(row, name, values) for name, values in self.chosen.items() if name != but)

    def has(self, row, name, chosen):
        values = row.values.get(name, ())
        if isinstance(self.segment.layout.facets[name], Years):
            return any(touches(span, chosen) for span in values)
        return any(value in values for value in chosen)

    def __contains__(self, pk):
        if pk in self.snapshot.changed:
            row = self.snapshot.changed[pk]
            return row is not None and self.passes(row)
        position = self.segment.positions(np.array([pk], np.int64))
        return bool(len(position)) and int(position[0]) in self.found().bitmap

    # Counts

    def counts(self, name):
        """How many records have each value of the facet `name`, as far as the other filters let them through: a Counter.

        A Years facet counts spans: see facets.years_of.
        """
        counted = Counter(self.remembered("counts", name, lambda found: self.segment.counts(name, found)))
        counted.update(self.changed_counts(name))
        return counted

    def top(self, name, limit):
        """The `limit` most frequent values of a facet, as [(value, count)]; and whether there are more."""
        changed = self.changed_counts(name)
        counted = dict(self.remembered(limit, name, lambda found: self.segment.top(name, found, limit + 1)))
        least = min(counted.values()) if len(counted) > limit else 0  # the others have at most as many in the segment
        enough = sorted(counted.values())[-limit] if len(counted) >= limit else 0
        for value, number in changed.items():
            if value in counted:
                counted[value] += number
            elif least + number >= enough:
                counted[value] = self.count(name, value)
        # Equal counts go by value, so that the same list always shows the same ones.
        pairs = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        return pairs[:limit], len(pairs) > limit

    def count(self, name, value):
        """How many records have `value` of the facet `name`, as far as the other filters let them through."""
        code = self.segment.code(name, value)
        found = self.found(name).bitmap
        here = found.intersection_cardinality(self.segment.holders(name, code)) if code is not None else 0
        return here + self.changed_counts(name)[value]

    def changed_counts(self, name):
        if name not in self.known_counts:
            self.known_counts[name] = Counter(value for row in self.rows(name) for value in row.values.get(name, ()))
        return self.known_counts[name]

    def remembered(self, kind, name, count):
        """{value: number} by `count`, a function of what passes every filter but the facet's own.

        Without that one, what is left is often a country alone, or a year, which others have asked for in the same state.
        """
        key = kind, name, tuple(sorted((one, *values) for one, values in self.chosen.items() if one != name))
        counted = self.snapshot.counted.get(key) if self.within is None else None
        if counted is None:
            counted = self.named(name, *count(self.found(name)))
            if self.within is None and len(counted) <= LONG:
                if len(self.snapshot.counted) >= KEPT:
                    self.snapshot.counted.clear()  # by any thread at any time: what is here may be gone in a moment
                self.snapshot.counted[key] = counted
        return counted

    def named(self, name, codes, counts):
        values = self.segment.arrays[f"values.{name}"]
        return dict(zip(values[codes].tolist(), counts.tolist(), strict=True))

    # In order

    def pks(self, start, stop, order=None):
        """The primary keys from place `start` to `stop` (exclusive) in `order`, the list's first one when None."""
        order = order or self.segment.layout.first
        found = self.found().bitmap if order == self.segment.layout.first else self.ranks(order)
        keys = self.segment.layout.orders[order]
        rows = sorted(self.rows(), key=lambda row: (self.segment.place(row, order), row.sort_key(keys)))
        # Where each changed record stands among all: behind what the segment has before it, and the changed ones before it.
        stand = [count_below(found, self.segment.place(row, order)) + number for number, row in enumerate(rows)]
        first, last = bisect.bisect_left(stand, start), bisect.bisect_left(stand, stop)
        pks = self.pks_at(found[max(0, start - first) : max(0, stop - last)], order)
        for row, place in list(zip(rows, stand, strict=True))[first:last]:
            pks.insert(place - start, row.pk)
        return pks

    def ranks(self, order):
        """The places in `order` of what was found, ascending."""
        if order not in self.known:
            found, rank = self.found(), self.segment.arrays[f"rank.{order}"]
            if len(found.bitmap) * 16 < self.segment.total:
                self.known[order] = np.sort(rank[found.positions])
            else:
                among = np.zeros(self.segment.total, bool)
                among[rank[found.positions]] = True
                self.known[order] = np.flatnonzero(among)
        return self.known[order]

    def pks_at(self, places, order):
        positions = as_array_of(places) if isinstance(places, BitMap) else self.segment.arrays[f"at.{order}"][places]
        return self.segment.arrays["pks"][positions].tolist()


def count_below(found, place):
    return found.range_cardinality(0, place) if isinstance(found, BitMap) else int(np.searchsorted(found, place))
