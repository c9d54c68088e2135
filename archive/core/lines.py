"""The lines of a list's CSV, kept ready: taking a list away is copying slices of a file, where reading the rows takes 40 µs each.

`manage.py reindex` writes the lines of all the records of a list into a file that all processes share. A line counts as long as
the ledger names nothing that it shows; what has changed since is read from the database and put into its place. So the file need
not be new, and a new one is the old one's lines with those that have changed.
"""

import functools
import hashlib
import os
import threading
from itertools import chain

import numpy as np

from archive.core import ledger
from archive.core.among import Among
from archive.core.columns import in_blocks, list_table
from archive.core.exports import as_text, csv_header, each_csv_line
from archive.core.facets import behind
from archive.core.index import index_of, is_of_this_archive, store
from archive.core.index.segment import small
from archive.core.index.store import Shelf
from archive.core.models import Entry
from archive.core.ordering import Ordered

FORMAT = 1  # of the stored files: raise it when what a line says is changed, or how it is kept
SITE = "\0"  # stands for the site's address, which the file cannot know, and which no text has
NOWHERE = -2  # the place of what has no line: neither before nor behind any other
BLOCK = 700_000  # bytes that are copied together: few enough for a processor's cache
CHUNK = 10_000  # primary keys that are in memory at once
MOST_STALE = 1_000  # lines that are read from the database each time before new ones are written
MOST_READ = 20_000  # entries, or lines that they touch, beyond which no line counts


class Lines:
    """The lines of a list as they were at one state of the ledger, in a folder.

    lines.csv            line after line, in the list's first order; starts.npy says where each begins, and where the last one ends
    pks.npy, places.npy  the primary keys ascending, and the place of each one's line

    `is_stale` says of each place whether the line shows something that has changed, as far as the ledger's state that `number`
    and `unit` name.
    """

    def __init__(self, folder, model, shows):
        self.name, self.model, self.shows = folder.name, model, shows
        number, self.unit = folder.name.split("-")
        self.number = self.written = int(number)
        self.pks, self.places, self.starts = (
            np.load(folder / f"{name}.npy", mmap_mode="r").view(np.ndarray) for name in ("pks", "places", "starts")
        )
        self.file = (folder / "lines.csv").open("rb", buffering=0)
        sizes = len(self.pks) + 1, len(self.places) + 1, os.fstat(self.file.fileno()).st_size
        if sizes != (len(self.starts), len(self.starts), self.starts[-1]):
            raise ValueError(f"{folder} is not whole.")
        self.is_stale = np.zeros(len(self.pks) - NOWHERE, bool)  # with a last place for NOWHERE
        self.is_void = False
        self.lock = threading.Lock()

    # Which lines still hold

    @property
    def stale(self):
        """How many lines do not hold any more."""
        return int(np.count_nonzero(self.is_stale))

    def hold(self):
        """Whether any lines hold now; afterwards `is_stale` is level with the ledger."""
        with self.lock:
            # Until nothing has changed meanwhile: what was changed may not lead to the same lines any more when it is looked up.
            while not self.is_void and (state := ledger.state()) != (self.number, self.unit):
                if is_of_this_archive(self):
                    self.catch_up(*state)
                else:
                    self.is_void = True
            return not self.is_void

    def catch_up(self, number, unit):
        """Marks the lines that show something of what was changed until `number`, or all as void when these are too many."""
        since = Entry.objects.filter(pk__gt=self.number, pk__lte=number).order_by()
        entries = list(since.values_list("model", "record", "action")[: MOST_READ + 1])
        if len(entries) > MOST_READ or any(action == Entry.Action.EVERYTHING for _, _, action in entries):
            self.is_void = True
            return
        touched = {}
        for label, pk, _ in entries:
            touched.setdefault(label, set()).add(pk)
        pks = set(touched.get(self.model._meta.label_lower, ()))
        for lookup, (model, names) in self.shows.items():
            label = model._meta.label_lower
            if label in touched and (records := touched[label] if names is None else self.changed(since, label, sorted(names))):
                found = list(behind(self.model, lookup, Among(records)).values_list("pk", flat=True)[: MOST_READ + 1])
                if len(found) > MOST_READ:
                    self.is_void = True
                    return
                pks.update(found)
        places = self.places_of(list(pks))
        self.is_stale[places[places >= 0]] = True
        self.is_void = self.stale > MOST_READ
        self.number, self.unit = number, unit

    def changed(self, since, label, names):
        """The records of a kind that any of the entries `since` gives other values of `names` than when the lines were written.

        Any, not the last: a line may have been written between a change and its undoing.
        """
        of_kind = since.filter(model=label)
        values = [f"plain__{name}" for name in names]
        everything = Entry.objects.filter(model="", pk__lte=self.written).order_by("-pk").values_list("pk", flat=True).first()
        earlier = Entry.objects.filter(pk__gt=everything or 0, pk__lte=self.written)
        pks = set(of_kind.values_list("record", flat=True))
        last = ledger.newest_of(earlier.filter(model=label, record__in=Among(pks)))
        known = {pk: before for pk, *before in last.values_list("record", *values)}
        return {pk for pk, *after in of_kind.values_list("record", *values) if known.get(pk) != after}

    # Lines

    def places_of(self, pks):
        """The place of each of `pks`, a list; NOWHERE for one without a line."""
        pks = np.array(pks, self.pks.dtype)  # of the same type, or numpy would convert all that it searches
        found = np.minimum(np.searchsorted(self.pks, pks), len(self.pks) - 1)
        return np.where(self.pks[found] == pks, self.places[found].astype(np.int64), NOWHERE)

    def standing(self, pks):
        """As `places_of`, without the lines that do not hold."""
        places = self.places_of(pks)
        places[self.is_stale[places]] = NOWHERE
        return places

    def sizes(self, places):
        """The length of each line, 0 for NOWHERE."""
        return np.where(places < 0, 0, self.starts[places + 1] - self.starts[places])

    def read(self, first, last):
        """For each pair of places from two arrays, the lines from the one to the other, joined; b"" for NOWHERE."""
        starts = self.starts[first]
        sizes = np.where(first < 0, 0, self.starts[last + 1] - starts)
        file = self.file.fileno()
        # Not mapped into memory: pages that were looked at would count as this process's own until it ends.
        return [os.pread(file, size, start) for size, start in zip(sizes.tolist(), starts.tolist(), strict=True)]


class Kept(Shelf):
    """The kept lines of one list, as this process knows them."""

    def __init__(self, filterset_class):
        self.index = index_of(filterset_class)
        self.model = self.index.layout.model
        self.table = list_table(self.model, SITE)  # for what it says of itself: it would remember other records as they were
        name = self.model._meta.model_name
        said = [FORMAT, self.table.columns, self.model(slug=name).permalink]
        super().__init__(f"{name}.lines", hashlib.sha256(repr(said).encode()).hexdigest()[:12])
        self.lock = threading.Lock()
        self.lines = None
        self.asked_for = ""  # the name of the lines that other ones were asked for

    def read(self, folder):
        return Lines(folder, self.model, self.table.shows)

    def newest(self):
        """The newest Lines that are here, level with the ledger; None when there are none that hold."""
        with self.lock:
            kept = self.kept()
            if kept and (self.lines is None or self.lines.name != kept[0].name):
                self.lines = self.load(is_of_this_archive)
            return self.lines if self.lines and self.lines.hold() else None

    # Taking

    def export(self, pks, site):
        """Yields the CSV as bytes, as `exports.export` does, from the lines as far as there are any."""
        yield csv_header(self.table.columns)
        lines, table, site = self.newest(), list_table(self.model, SITE), site.encode()
        self.have_renewed(lines)
        for block in in_blocks(pks, lambda some: joined(lines, table, some)[0], BLOCK):
            yield block.replace(SITE.encode(), site)

    def have_renewed(self, lines):
        """Has new lines written in the background where many cannot be used; once for what is there, as a disk may be full."""
        name = self.lines.name if self.lines else "none"
        if self.asked_for != name and (lines is None or lines.stale > MOST_STALE) and self.are_worth_it(self.index.snapshot()):
            self.asked_for = name
            self.index.start_renewing()

    def are_worth_it(self, snapshot):
        return snapshot.number > 0 and snapshot.select({}).total >= store.WORTH_IT

    # Writing

    def renew(self, progress):
        """Writes the lines, here and now, unless those that are here are as good; calls `progress(number, total)` meanwhile.

        Returns how many are here then.
        """
        with self.turn():
            snapshot, lines = self.index.snapshot(), self.newest()
            selection = snapshot.select({})
            is_level = lines and not lines.stale and len(lines.pks) == selection.total
            if self.are_worth_it(snapshot) and not is_level:
                self.put(snapshot.number, snapshot.unit, functools.partial(self.write, selection, lines, progress))
                lines = self.newest()
        return len(lines.pks) if lines else 0

    def write(self, selection, lines, progress, folder):
        """Writes the lines of a selection into `folder`, those of the former `lines` that hold as they are."""
        table, pks, sizes = list_table(self.model, SITE), [], []

        def block(some):
            content, lengths = joined(lines, table, some)
            pks.extend(some)
            sizes.append(lengths)
            progress(len(pks), selection.total)
            return content

        with (folder / "lines.csv").open("wb") as file:
            file.writelines(in_blocks(chain.from_iterable(Ordered(selection, None).in_chunks(CHUNK)), block, BLOCK))
            file.flush()
            os.fsync(file.fileno())  # so that no crash leaves a file that has its size and not its content
        pks, sizes = np.array(pks, np.uint32), np.concatenate(sizes, dtype=np.int64)
        pks, sizes = pks[sizes > 0], sizes[sizes > 0]
        by_pk = np.argsort(pks)
        np.save(folder / "pks.npy", pks[by_pk])
        np.save(folder / "places.npy", small(by_pk))
        np.save(folder / "starts.npy", small(np.concatenate([[0], np.cumsum(sizes)])))


def joined(lines, table, pks):
    """The lines of those of `pks` that are public, joined, and the length of each, 0 for those that are not.

    They come from `lines`, if that is not None, and the others from the database by `table`.
    """
    places = lines.standing(pks) if lines and lines.hold() else np.full(len(pks), NOWHERE)
    missing = np.flatnonzero(places < 0).tolist()
    fresh = read_lines(table, [pks[number] for number in missing]) if missing else {}
    if len(missing) == len(pks):
        return b"".join(fresh.values()), np.array([len(fresh.get(pk, b"")) for pk in pks])
    sizes = lines.sizes(places)
    sizes[missing] = [len(fresh.get(pks[number], b"")) for number in missing]
    ends = np.flatnonzero(np.diff(places, append=NOWHERE) != 1)
    starts = np.concatenate([[0], ends[:-1] + 1])
    pieces = lines.read(places[starts], places[ends])
    for piece in np.flatnonzero(places[starts] < 0).tolist():
        pieces[piece] = fresh.get(pks[starts[piece]], b"")
    return b"".join(pieces), sizes


def read_lines(table, pks):
    """{primary key: line} of those of `pks` that are public, in their order, from the database."""
    found, values = table.read(pks)
    lines = each_csv_line(map(as_text, table.columns, values))
    return {pk: line.encode() for pk, line in zip(found, lines, strict=True)}


@functools.cache
def lines_of(filterset_class):
    """The Kept of a list, by its FilterSet: one in each process."""
    return Kept(filterset_class)
