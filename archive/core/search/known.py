"""Sets of records that were found before and are asked for again, at the places that they have in the segment of a list's index.

In each process, as far as there is room, and beside the segment's files for the other processes. A set is as old as it may be:
whoever asks looks at the records that have changed since the segment was read for himself.
"""

import hashlib
import logging
import threading
from collections import OrderedDict
from weakref import WeakKeyDictionary

from django.db import connection
from pyroaring import BitMap

from archive.core import ledger
from archive.core.models import Entry
from archive.core.search.fulltext import engine_of

log = logging.getLogger(__name__)

ROOM = 8 * 1024 * 1024  # bytes of the sets of one list in a process, about
STAMP = 80  # bytes: the state at which a stored set was read, and its size


class KnownSets:
    """Sets of the positions of one segment, by what has them. Those not asked for the longest make room for others."""

    def __init__(self, segment):
        self.lock = threading.Lock()
        self.sets = OrderedDict()
        self.sizes = 0
        self.folder = segment.folder
        for name in segment.arrays.keys() & {"position_of", "sorted_pks", "by_pk"}:
            segment.arrays[name].max(initial=0)  # their files' pages at once: one by one, the first searches would wait for each
        self.version = engine_of(segment.layout.model).TRIGGERS[0]

    def here(self, key):
        """What this process has, or None."""
        with self.lock:
            if key in self.sets:
                self.sets.move_to_end(key)
                return self.sets[key]
        return None

    def get(self, key):
        """What this process has, or another has stored, or None."""
        if (found := self.here(key)) is not None:
            return found
        if self.folder and (found := self.load(key)) is not None:
            self.put(key, found)
            return found
        return None

    def made(self, key, make):
        """What this process has, or makes now: for what does not depend on the database."""
        if (found := self.here(key)) is None:
            self.put(key, found := make())
        return found

    def keep(self, key, found, state=None):
        """Remembers a set; beside the segment too, if it is that of the `state`."""
        if ledger.current.get() is not None:
            return  # what the unit of work has written may yet be taken back
        self.put(key, found)
        if self.folder and state and state[0] and not connection.in_atomic_block and ledger.state() == state:
            self.save(key, found, state)

    def put(self, key, found):
        with self.lock:
            if key not in self.sets:
                self.sets[key] = found
                self.sizes += size_of(found)
            while self.sizes > ROOM and len(self.sets) > 1:
                _, oldest = self.sets.popitem(last=False)
                self.sizes -= size_of(oldest)

    def path(self, key):
        return self.folder / "words" / hashlib.sha256(f"{self.version} {key}".encode()).hexdigest()[:32]

    def save(self, key, found, state):
        path = self.path(key)
        part = path.with_suffix(f".{threading.get_ident()}")
        try:
            path.parent.mkdir(exist_ok=True)
            packed = found.serialize()
            part.write_bytes(f"{state[0]} {state[1]} {len(packed)}".encode().ljust(STAMP) + packed)
            part.rename(path)
        except FileNotFoundError:
            pass  # a newer segment has just replaced this one
        except OSError as error:
            log.warning("The records of a common word could not be stored in %s: %s", path, error)

    def load(self, key):
        try:
            stored = self.path(key).read_bytes()
            number, unit, size = stored[:STAMP].decode().split()
            is_whole = len(stored) == STAMP + int(size)
        except (OSError, ValueError):  # nobody has stored it, or it is broken
            return None
        # A backup has the segment's state and may not have this one: then what was read is of another history.
        [known] = Entry.objects.filter(pk=number).values_list("unit", flat=True) or [None]
        return BitMap.deserialize(stored[STAMP:]) if is_whole and known and known.hex == unit else None


def size_of(found):
    """About how many bytes a set takes."""
    return min(2 * len(found), 8_192 * (1 + found.max() // 65_536 if found else 1))


sets_of_segments = WeakKeyDictionary()


def known_sets(segment):
    if (known := sets_of_segments.get(segment)) is None:
        known = sets_of_segments.setdefault(segment, KnownSets(segment))
    return known
