"""The records of a selection in the order in which a list shows them."""

from functools import cached_property

from archive.core.search import ranked

RANKED = 1_000  # of what a search found, the newest that are put in order; behind them come the others, the newest first


class Ordered:
    """A selection in one of the list's own orders, None for the first."""

    def __init__(self, selection, order):
        self.selection = selection
        self.order = order

    @property
    def total(self):
        return self.selection.total

    def pks(self, start, stop):
        """The primary keys from place `start` to `stop` (exclusive)."""
        return self.selection.pks(start, stop, self.order)

    def in_chunks(self, size):
        """All the primary keys in order, in lists of at most `size`."""
        for start in range(0, self.total, size):
            yield self.pks(start, start + size)


class Alphabetical(Ordered):
    """A selection by name, in the order of another language than the archive's: `keys` has what each record is sorted by."""

    def __init__(self, selection, order, keys, descending):
        super().__init__(selection, order)
        self.keys = keys
        self.descending = descending

    @cached_property
    def sorted(self):
        pks = self.selection.pks(0, self.total, self.order)
        return sorted(pks, key=lambda pk: self.keys.get(pk, ""), reverse=self.descending)

    def pks(self, start, stop):
        return self.sorted[start:stop]


class Ranked(Ordered):
    """What a search found, the best first."""

    def __init__(self, selection, query):
        super().__init__(selection, None)
        self.query = query

    @cached_property
    def best(self):
        model = self.selection.segment.layout.model
        return ranked(model, self.query, self.selection.pks(0, RANKED), RANKED)

    def pks(self, start, stop):
        return self.best[start:stop] + (super().pks(max(start, RANKED), stop) if stop > RANKED else [])
