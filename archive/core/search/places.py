"""What is found in a list, as sets of places: those of its index, so that what was found and what was chosen meet as they are.

A place is a record's position in the segment of the list's index, or, of a record that has changed since the segment was read, a
number behind all of these.
"""

import numpy as np
from pyroaring import BitMap

from archive.core.search.fulltext import bitmap_of
from archive.core.search.known import known_sets

DENSE = 50  # of so many records one: from there a mask is quicker than sorting positions


class Places:
    """The places of the records of one Snapshot."""

    def __init__(self, snapshot):
        self.snapshot = snapshot
        self.segment = snapshot.segment
        self.total = snapshot.segment.total
        self.changed = [row for row in snapshot.changed.values() if row]
        self.everything = snapshot.standing
        if self.changed:
            self.everything = self.everything | BitMap(range(self.total, self.total + len(self.changed)))

    def of_pks(self, pks):
        """The places of `pks`, an array; also of what is there no more, which `everything` leaves out."""
        return self.of_positions(self.segment.positions(pks)) | self.of_changed(pks)

    def of_positions(self, positions):
        if len(positions) * DENSE < self.total:
            return bitmap_of(np.sort(positions, kind="stable"))  # quick with what is almost in order
        mask = np.zeros(self.total, bool)
        mask[positions] = True
        return bitmap_of(np.flatnonzero(mask))

    def of_changed(self, pks):
        if not self.changed:
            return BitMap()
        pks = set(pks.tolist())
        return BitMap(self.total + number for number, row in enumerate(self.changed) if row.pk in pks)

    def having(self, facet, pks):
        """The places of the records that have any of the records `pks`, a BitMap, for a value of a facet."""
        found = known_sets(self.segment).made(f"{facet} {pks.serialize().hex()}", lambda: self.segment_sets(facet, pks))
        for number, row in enumerate(self.changed):
            if any(value in pks for value in row.values.get(facet, ())):
                found = found | BitMap([self.total + number])
        return found

    def segment_sets(self, facet, pks):
        """What `Segment.having` has, for hundreds of values at once."""
        arrays, wanted = self.segment.arrays, np.frombuffer(pks.to_array(), np.uint32)
        by_value = arrays[f"sorted.{facet}"]
        values = arrays[f"values.{facet}"][by_value]
        places = np.searchsorted(values, wanted)
        places = np.minimum(places, len(values) - 1)
        codes = by_value[places[values[places] == wanted]] if len(values) else by_value
        if len(codes) == 0:
            return BitMap()
        starts, holders = arrays[f"in_start.{facet}"], arrays[f"in.{facet}"]
        spans = zip(starts[codes].tolist(), starts[codes.astype(np.int64) + 1].tolist(), strict=True)
        return self.of_positions(np.concatenate([holders[start:stop] for start, stop in spans]))

    def pks_of(self, places):
        """The primary keys of places, a list."""
        standing = np.frombuffer((places & self.snapshot.standing).to_array(), np.uint32)
        changed = [row.pk for number, row in enumerate(self.changed) if self.total + number in places]
        return [*self.segment.arrays["pks"][standing].tolist(), *changed]

    def parted(self, places):
        """(the positions, the primary keys of what has changed since), as a Selection takes them."""
        if not self.changed:
            return places, frozenset()
        changed = {row.pk for number, row in enumerate(self.changed) if self.total + number in places}
        return places & BitMap(range(self.total)), changed
