"""A segment: all the records of a list as they were at one state of the ledger, as arrays."""

import bisect
import functools
import heapq

import numpy as np
from pyroaring import BitMap

from archive.core.facets import Years, touches
from archive.core.index.layout import all_directed, directed
from archive.core.index.tables import NOTHING, Texts

BIG = 1_000  # records with a value from which its set is kept as a bitmap, once it has been asked for
FEW = 100_000  # values that are gathered from the records that have them; beyond, the values' sets are asked
KEPT = 256  # unions of values that are remembered, since pages ask for the same country and year again and again
BLOCK = 256  # small sets that are counted together before it is known how many have to be


class Segment:
    """Arrays that say everything about a list at one state. They may be files mapped into memory; none is ever changed.

    A record's place in the list's first order is its position, and a facet's values have codes, the most frequent value first.

    pks                 the primary key at each position
    position_of         the position of each primary key, `total` for one that is not here
    sorted_pks, by_pk   instead of this, where keys are few among their numbers: they ascending, and the position of each
    key.<path>          what an order compares, by position, but for primary keys; texts.<path> the texts that its numbers stand for
    at.<order>          the position at each place of another order than the first, and rank.<order> the place of each position
    values.<facet>      the value that each code stands for; sorted.<facet> the codes in the order of the values
    of.<facet>          codes of the values of each record, record after record; of_start.<facet> where each record's begin
    row.<facet>         instead of these, where records have about as many values each: a row of codes for each record, filled up
                        with a code that no value has
    in.<facet>          positions of the records of each value, value after value; in_start.<facet> where each value's begin
    """

    def __init__(self, layout, arrays, folder=None):
        self.layout = layout
        self.folder = folder  # where the files of its arrays lie, if these are files
        self.arrays = arrays
        self.total = len(arrays["pks"])
        self.bitmaps = {}
        self.unions = {}
        self.sizes_of = {}

    # Reading

    @classmethod
    def build(cls, layout, pks, keys, pairs):
        """The Segment of what `Layout.read_all` has read."""
        arrays = {}
        keys = {path: comparable(path, values, arrays) for path, values in keys.items()}
        first = sorted_by(keys, layout.orders[layout.first])
        arrays["pks"] = pks[first]
        arrays |= by_key(arrays["pks"])
        keys = {path: values[first] for path, values in keys.items()}
        arrays |= {f"key.{path}": narrow(values) for path, values in keys.items() if path != "pk"}
        for name, order in layout.orders.items():
            if name != layout.first:
                at = sorted_by(keys, order)
                arrays[f"at.{name}"], arrays[f"rank.{name}"] = small(at), small(np.argsort(at))
        segment = cls(layout, arrays)
        for name, (owners, values) in pairs.items():
            arrays |= facet_arrays(name, segment.positions(owners), values, segment.total)
        arrays["pks"] = small(arrays["pks"])
        return segment

    # Sets of positions

    def positions(self, pks):
        """The positions of those of `pks` (an array) that are here."""
        if (table := self.arrays.get("position_of")) is not None:
            found = table[pks[pks < len(table)]]
            return found[found < self.total]
        sorted_pks = self.arrays["sorted_pks"]
        if not len(sorted_pks):
            return np.empty(0, np.int64)
        places = np.minimum(np.searchsorted(sorted_pks, pks), len(sorted_pks) - 1)
        return self.arrays["by_pk"][places[sorted_pks[places] == pks]]

    @functools.cached_property
    def everything(self):
        return BitMap(range(self.total))

    def code(self, name, value):
        """The code of a facet's `value`, or None for one that no record here has."""
        values, codes = self.arrays[f"values.{name}"], self.arrays[f"sorted.{name}"]
        place = bisect.bisect_left(range(len(codes)), value, key=lambda place: values[codes[place]].item())
        return int(codes[place]) if place < len(codes) and values[codes[place]].item() == value else None

    def holders(self, name, code):
        """The positions of the records that have the value with this code."""
        if (found := self.bitmaps.get((name, code))) is None:
            start, stop = self.arrays[f"in_start.{name}"][code : code + 2].tolist()
            found = BitMap(self.arrays[f"in.{name}"][start:stop])
            if stop - start >= BIG or len(self.arrays[f"values.{name}"]) <= BIG:  # the others would be very many
                self.bitmaps[name, code] = found
        return found

    def having(self, name, chosen):
        """The positions of the records that have any of the `chosen` values of a facet."""
        key = (name, *chosen)
        if (found := self.unions.get(key)) is None:
            if len(self.unions) >= KEPT:
                self.unions.clear()  # by any thread at any time: what is here may be gone in a moment
            found = self.unions[key] = self.union(name, chosen)
        return found

    def union(self, name, chosen):
        if isinstance(self.layout.facets[name], Years):
            codes = np.flatnonzero(touches(self.arrays[f"values.{name}"], chosen)).tolist()
        else:
            codes = [code for code in (self.code(name, value) for value in chosen) if code is not None]
        return BitMap.union(*(self.holders(name, code) for code in codes)) if codes else BitMap()

    # Counts

    def sizes(self, name):
        """How many records have each value of a facet, by code: the most frequent first."""
        if name not in self.sizes_of:
            self.sizes_of[name] = np.diff(self.arrays[f"in_start.{name}"].astype(np.int32))
        return self.sizes_of[name]

    def counts(self, name, found):
        """How many of `found` (a Found) have each value of a facet: (codes, counts), of those that any has."""
        if len(found.bitmap) == self.total:
            counts = self.sizes(name)
        elif self.are_few(name, found):
            return self.gather(name, found)
        else:
            sizes = self.sizes(name)
            big = len(sizes) if len(sizes) <= BIG else int(np.searchsorted(-sizes, -BIG, "right"))
            by_set = [found.bitmap.intersection_cardinality(self.holders(name, code)) for code in range(big)]
            counts = np.concatenate([np.array(by_set, np.int64), self.count_block(name, found, big, len(sizes))])
        codes = np.flatnonzero(counts)
        return codes, counts[codes]

    def top(self, name, found, limit):
        """As `counts`, for the `limit` most frequent values alone, the most frequent first."""
        if len(found.bitmap) == self.total:
            sizes = self.sizes(name)[:limit]
            return np.flatnonzero(sizes), sizes[sizes > 0]
        if self.are_few(name, found):
            return best(*self.gather(name, found), limit)
        sizes = self.sizes(name)
        counts, code, highest = [], 0, []  # `highest` is a heap of the limit highest counts
        # Values come by how many have them at all: when the limit-th best beats that, it beats all that follow.
        while code < len(sizes) and sizes[code] >= BIG and not (len(highest) >= limit and highest[0] >= sizes[code]):
            counts.append(found.bitmap.intersection_cardinality(self.holders(name, code)))
            (heapq.heappush if len(highest) < limit else heapq.heappushpop)(highest, counts[-1])
            code += 1
        for stop in (code + BLOCK, len(sizes)):
            enough = sorted(counts)[-limit] if len(counts) >= limit else 0
            stop = min(stop, int(np.searchsorted(-sizes, -enough, "left")))
            if stop > code:
                if int(sizes[code:stop].sum()) > found.pairs(self, name):  # as many have about as many
                    return best(*self.gather(name, found), limit)
                counts.extend(self.count_block(name, found, code, stop).tolist())
                code = stop
        return best(np.arange(len(counts)), np.array(counts, np.int64), limit)

    def are_few(self, name, found):
        return found.pairs(self, name) <= FEW

    def gather(self, name, found):
        """Counts the values that the records have."""
        had, number = self.codes_of(name, found.positions), len(self.arrays[f"values.{name}"])
        if number > 10 * len(had):
            codes, counts = np.unique(had[had < number], return_counts=True)
            return codes, counts
        counts = np.bincount(had, minlength=number)[:number]
        codes = np.flatnonzero(counts)
        return codes, counts[codes]

    def codes_of(self, name, positions):
        """The codes of all values that the records have, one after another, and among them the code that none has."""
        if (rows := self.arrays.get(f"row.{name}")) is not None:
            return rows.take(positions, axis=0).ravel()
        starts, codes = self.arrays[f"of_start.{name}"], self.arrays[f"of.{name}"]
        begin = starts[positions].astype(np.int64)
        sizes = starts[positions + 1].astype(np.int64) - begin
        offsets = np.cumsum(sizes) - sizes
        return codes[np.repeat(begin - offsets, sizes) + np.arange(int(sizes.sum()))]

    def count_block(self, name, found, first, last):
        """Counts the values with the codes from `first` to `last` (exclusive) in one pass through their sets."""
        starts = self.arrays[f"in_start.{name}"][first : last + 1].astype(np.int64)
        if last <= first:
            return np.empty(0, np.int64)
        hits = found.mask[self.arrays[f"in.{name}"][starts[0] : starts[-1]]]
        sums = np.concatenate([[0], np.cumsum(hits)])
        return np.diff(sums[starts - starts[0]])

    def value(self, name, code):
        return self.arrays[f"values.{name}"][code].item()

    # Orders

    def place(self, row, order):
        """The place in `order` before which `row` (a Row) stands."""
        if order not in row.places:
            keys, at = self.layout.orders[order], self.arrays.get(f"at.{order}")
            mine = [directed(self.comparable_one(path, row.columns[path]), down) for path, down in keys]

            def key(place):
                position = place if at is None else at[place]
                return [directed(self.order_key(path, position), down) for path, down in keys]

            row.places[order] = bisect.bisect_left(range(self.total), mine, key=key)
        return row.places[order]

    def order_key(self, path, position):
        """What an order compares of the record at a position."""
        if path == "pk":
            return int(self.arrays["pks"][position])
        keys = self.arrays[f"key.{path}"]
        return NOTHING if keys[position] == least(keys) else int(keys[position])

    def comparable_one(self, path, value):
        if not isinstance(value, bytes):
            return value
        texts = self.arrays[f"texts.{path}"]
        place = int(np.searchsorted(texts, value))
        return place * 2 if place < len(texts) and texts[place] == value else place * 2 - 1


class Found:
    """A set of positions in the shapes that counting needs."""

    def __init__(self, bitmap, total):
        self.bitmap = bitmap
        self.total = total

    def pairs(self, segment, name):
        """About how many values of a facet they have together."""
        return len(self.bitmap) * len(segment.arrays[f"in.{name}"]) / max(1, self.total)

    @functools.cached_property
    def positions(self):
        return as_array_of(self.bitmap)

    @functools.cached_property
    def mask(self):
        mask = np.zeros(self.total, bool)
        mask[self.positions] = True
        return mask


def as_array_of(bitmap):
    return np.array(bitmap.to_array(), np.int64)


def small(array):
    """`array` of non-negative integers in the smallest type that holds them."""
    most = int(array.max()) if array.size else 0
    return array.astype(np.uint16 if most < 2**16 else np.uint32 if most < 2**32 else np.int64)


def least(array):
    """The number that stands for NOTHING in an array of keys."""
    return np.iinfo(array.dtype).min


def narrow(keys):
    """`keys` in half of their size where they fit: each changed record is looked for in them, and so they stay in memory."""
    narrowed = np.where(keys == NOTHING, np.iinfo(np.int32).min, keys).astype(np.int32)
    is_same = np.where(narrowed == least(narrowed), NOTHING, narrowed) == keys
    return narrowed if is_same.all() else keys


def comparable(path, values, arrays):
    """`values` as integers that compare as they do; the texts behind them are kept, for records that come later."""
    if values.dtype.kind != "S":
        return values
    arrays[f"texts.{path}"], codes = np.unique(values, return_inverse=True)
    return codes.astype(np.int64) * 2  # the odd numbers lie between two texts that are there


def sorted_by(keys, order):
    return np.lexsort([all_directed(keys[path], down) for path, down in reversed(order)])


def by_key(pks):
    """The arrays that tell the position of a primary key: a table by key reads memory once, where a search does twenty times."""
    size = int(pks.max(initial=0)) + 1
    if size <= 4 * len(pks):
        table = np.full(size, len(pks), np.uint32)
        table[pks] = np.arange(len(pks))
        return {"position_of": table}
    by_pk = np.argsort(pks)
    return {"sorted_pks": pks[by_pk], "by_pk": small(by_pk)}


def facet_arrays(name, positions, values, total):
    """The arrays of one facet: `values` of the records at `positions`, pair by pair, in any order and perhaps repeated."""
    if isinstance(values, Texts):
        used, codes = np.unique(values.codes, return_inverse=True)
        values = np.array([values.texts[code] for code in used] or [""])
    else:
        values, codes = np.unique(values, return_inverse=True)
    number = max(1, len(values))
    pairs = np.sort(positions.astype(np.int64) * number + codes)
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]  # as np.unique, which hashes, and is ten times slower on so many
    positions, codes = np.divmod(pairs, number)
    by_size = np.argsort(-np.bincount(codes, minlength=len(values)), kind="stable")
    codes = np.argsort(by_size)[codes] if len(by_size) else codes
    by_code = np.argsort(codes, kind="stable")
    return {
        f"values.{name}": values[by_size],
        f"sorted.{name}": small(np.argsort(values[by_size])),
        **by_record(name, positions, codes, len(values), total),
        f"in.{name}": positions[by_code].astype(np.uint32),
        f"in_start.{name}": small(np.searchsorted(codes[by_code], np.arange(len(values) + 1))),
    }


def by_record(name, positions, codes, nobody, total):
    """The codes of each record, `positions` ascending: in rows as long as the longest, if these have more codes than gaps."""
    starts = np.searchsorted(positions, np.arange(total + 1))
    longest = int(np.diff(starts).max(initial=1))
    if longest * total > 2 * len(codes) + total:
        return {f"of.{name}": small(codes), f"of_start.{name}": small(starts)}
    rows = np.full((total, longest), nobody, small(np.array([nobody])).dtype)
    rows[positions, np.arange(len(positions)) - starts[positions]] = codes
    return {f"row.{name}": rows}


def best(codes, counts, limit):
    """Those of the highest counts, the highest first and equal ones in the order of their codes."""
    if len(codes) > 8 * limit:  # most are not worth sorting
        least = np.partition(counts, -limit)[-limit]
        codes, counts = codes[counts >= least], counts[counts >= least]
    order = np.lexsort([codes, -counts])[:limit]
    order = order[counts[order] > 0]
    return codes[order], counts[order]
