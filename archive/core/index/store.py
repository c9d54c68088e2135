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


class Shelf:
    """Folders that processes share, one for each state of the ledger: INDEX_ROOT/<name>-<fingerprint>/<number>-<unit>/.

    The fingerprint changes with what the files hold, so that another version of Annals does not read them.
    """

    def __init__(self, name, fingerprint):
        self.name = name
        self.folder = Path(settings.INDEX_ROOT) / f"{name}-{fingerprint}"

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
        """The folders that are here, the newest first."""
        folders = [path for path in self.folder.glob("*-*") if path.is_dir() and not path.suffix] if self.folder.is_dir() else []
        return sorted(folders, reverse=True)

    def put(self, number, unit, write):
        """Makes the folder of a state, instead of those before it: `write` is given a path to write the files to."""
        final = self.folder / f"{number:020}-{unit}"
        part = final.with_suffix(".part")
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            write(part)
            shutil.rmtree(final, ignore_errors=True)  # what is there cannot be read
            part.rename(final)  # there as a whole or not at all
            self.remove_others(final)
        except OSError as error:
            log.warning("The index could not be stored in %s: %s", final, error)
            shutil.rmtree(part, ignore_errors=True)

    def remove_others(self, newest):
        """Removes all but the `newest` folder, and what another version left. Whoever has it open keeps it."""
        versions = [path for path in self.folder.parent.glob(f"{self.name}-*") if path != self.folder]
        for old in [*self.folder.glob("*-*"), *versions]:
            if old != newest:
                shutil.rmtree(old, ignore_errors=True)

    def load(self, is_of_this_archive):
        """The newest of what is here and passes the test, as `read` gives it, or None."""
        for folder in self.kept():
            try:
                found = self.read(folder)
            except (OSError, ValueError, EOFError):  # another process has just replaced it, or a disk was full
                continue
            if is_of_this_archive(found):
                return found
        return None


class Store(Shelf):
    """The segments of one list, a file for each array."""

    def __init__(self, layout):
        super().__init__(layout.model._meta.model_name, layout.fingerprint())
        self.layout = layout

    def save(self, snapshot):
        """Keeps a Snapshot that has no changed records, if that is worth it."""
        if snapshot.segment.total < WORTH_IT or not snapshot.number:
            return

        def write(folder):
            for name, array in snapshot.segment.arrays.items():
                np.save(folder / f"{name}.npy", array)
            for model, pks in snapshot.public.items():
                (folder / f"{model._meta.label_lower}.public").write_bytes(pks.serialize())

        self.put(snapshot.number, snapshot.unit, write)

    def read(self, folder):
        """The Snapshot that `folder` holds. Its arrays stay in their files until they are used."""
        number, unit = folder.name.split("-")
        arrays = {path.stem: np.load(path, mmap_mode="r").view(np.ndarray) for path in folder.glob("*.npy")}
        public = {
            model: BitMap.deserialize((folder / f"{model._meta.label_lower}.public").read_bytes()) for model in self.layout.depends
        }
        return Snapshot(int(number), unit, Segment(self.layout, arrays, folder), int(number), public)
