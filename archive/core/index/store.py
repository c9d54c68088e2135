"""Where segments are kept between processes, so that a worker starts without reading the archive."""

import fcntl
import logging
import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from django.conf import settings
from pyroaring import BitMap

from archive.core.index.segment import Segment
from archive.core.index.selection import Snapshot

log = logging.getLogger(__name__)

WORTH_IT = 5_000  # records from which reading a file is quicker than reading the database


class Store:
    """The segments of one list: INDEX_ROOT/<list>-<layout>/<number>-<unit>/, a file for each array."""

    def __init__(self, layout):
        self.layout = layout
        self.folder = Path(settings.INDEX_ROOT) / f"{layout.model._meta.model_name}-{layout.fingerprint()}"

    @contextmanager
    def turn(self):
        """Holds other processes off, so that one reads the archive and the others take what it has stored."""
        with ExitStack() as held:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                fcntl.flock(held.enter_context((self.folder / "turn").open("w")), fcntl.LOCK_EX)
            except OSError as error:
                log.warning("The index cannot be stored in %s (%s): every process reads the archive itself.", self.folder, error)
            yield

    def kept(self):
        """The folders of the segments that are here, the newest first."""
        folders = [path for path in self.folder.glob("*-*") if path.is_dir() and not path.suffix] if self.folder.is_dir() else []
        return sorted(folders, reverse=True)

    def save(self, snapshot):
        """Keeps a Snapshot that has no changed records, if that is worth it, instead of those before it."""
        if snapshot.segment.total < WORTH_IT or not snapshot.number:
            return
        final = self.folder / f"{snapshot.number:020}-{snapshot.unit}"
        part = final.with_suffix(".part")
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            for name, array in snapshot.segment.arrays.items():
                np.save(part / f"{name}.npy", array)
            for model, pks in snapshot.public.items():
                (part / f"{model._meta.label_lower}.public").write_bytes(pks.serialize())
            part.rename(final)  # there as a whole or not at all
            self.remove_old()
        except OSError as error:
            log.warning("The index could not be stored in %s: %s", final, error)

    def remove_old(self):
        """Removes what is older than the newest segment, and what another layout of the list left. Whoever has it open keeps it."""
        layouts = self.folder.parent.glob(f"{self.layout.model._meta.model_name}-*")
        for old in [*self.kept()[1:], *(path for path in layouts if path != self.folder)]:
            shutil.rmtree(old, ignore_errors=True)

    def load(self, is_of_this_archive):
        """The newest Snapshot that is here and passes the test, or None. Its arrays stay in their files until they are used."""
        for folder in self.kept():
            try:
                snapshot = self.read(folder)
            except (OSError, ValueError):  # another process has just replaced it, or a disk was full
                continue
            if is_of_this_archive(snapshot):
                return snapshot
        return None

    def read(self, folder):
        number, unit = folder.name.split("-")
        arrays = {path.stem: np.load(path, mmap_mode="r").view(np.ndarray) for path in folder.glob("*.npy")}
        public = {
            model: BitMap.deserialize((folder / f"{model._meta.label_lower}.public").read_bytes()) for model in self.layout.depends
        }
        return Snapshot(int(number), unit, Segment(self.layout, arrays), int(number), public)
