"""Files that import_records reads, of any kind, as rows of one plan: YAML of fixtures/, a data package, Popolo JSON."""

import json
import zipfile
from collections import Counter
from pathlib import Path

from archive.core.curation.plans import Plan, Row
from archive.core.plain import PlainError
from archive.site.fixtures import read_yaml
from archive.site.popolo import Popolo
from archive.site.records import MODELS, RECORDS
from archive.site.unpacking import unpack
from archive.sources.models import Document


class Reading:
    """What some paths hold: a `plan` with their rows, and what of it is `left_out`, with how often."""

    def __init__(self, user=None):
        self.plan, self.left_out, self.unpackings = Plan(user), Counter(), []

    def read(self, path, is_popolo=False):
        """Takes a file or a folder in; raises PlainError when it is nothing that is known here."""
        path = Path(path)
        if is_popolo or path.suffix == ".json":
            self.read_popolo(path)
        elif path.is_dir():
            self.read_folder(path)
        elif path.suffix in (".yaml", ".yml"):
            self.read_records(path)
        elif path.suffix == ".zip":
            self.read_package(path)
        else:
            raise PlainError([(str(path), "Here belongs a folder, a .yaml file, a data package (.zip) or Popolo (.json).")])

    def finish(self):
        """The rows in the order in which they refer to one another."""
        order = {model: number for number, model in enumerate(MODELS)}
        self.plan.rows.sort(key=lambda row: order[row.model])

    def add(self, model, plain, place):
        key = plain.get(model.key) if isinstance(plain, dict) else None
        if not isinstance(key, str) or not key:
            self.plan.problem(place, f"A {model._meta.verbose_name} needs a {model.key}.")
        else:
            self.plan.rows.append(Row(f"{place}: {key}", model, key, lambda before: with_file(before, plain)))

    # YAML

    def read_folder(self, folder):
        """fixtures/, its records/, or one of the folders in it."""
        if not list(self.read_folders(folder)):
            raise PlainError([(str(folder), f"Here are no documents/ or records/, nor any of {', '.join(RECORDS)}.")])

    def read_folders(self, folder):
        if (folder / "documents").is_dir():
            for path in sorted((folder / "documents").glob("*.yaml")):
                self.collect(self.read_document, path)
            yield True
        records = folder / "records" if (folder / "records").is_dir() else folder
        for name in [records.name] if records.name in RECORDS else RECORDS:
            inside = records if records.name in RECORDS else records / name
            for path in sorted(inside.glob("*.yaml")) if inside.is_dir() else ():
                self.collect(self.read_records, path)
                yield True

    def collect(self, read, path):
        try:
            read(path)
        except PlainError as error:
            self.plan.problems += error.problems

    def read_document(self, path):
        plain, text = read_yaml(path), path.with_suffix(".txt")
        if not isinstance(plain, dict):
            raise PlainError([(str(path), "Here belong keys and values.")])
        if not text.exists():
            raise PlainError([(str(path), f"Its text, {text.name}, is missing.")])
        try:
            verbatim = text.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise PlainError([(str(text), f"This is not UTF-8 text (byte {error.start}).")]) from None
        self.add(Document, {"slug": path.stem, **plain, "text": verbatim}, str(path))

    def read_records(self, path):
        model = RECORDS.get(path.resolve().parent.name)
        if model is None:
            raise PlainError([(str(path), f"The file's folder says what it has: one of {', '.join(RECORDS)}.")])
        plains = read_yaml(path)
        if not isinstance(plains, list):
            raise PlainError([(str(path), "Here belongs a list of records.")])
        for number, plain in enumerate(plains, 1):
            named = isinstance(plain, dict) and plain.get(model.key)
            self.add(model, plain, str(path) if named else f"{path}: record {number}")

    # The others

    def read_package(self, path):
        try:
            with zipfile.ZipFile(path) as package:
                unpacking = unpack(package)
        except zipfile.BadZipFile as error:
            raise PlainError([(str(path), f"This is no zip that can be read: {error}.")]) from None
        self.unpackings.append(unpacking)
        for row, model in unpacking.roots.values():
            plain = row.compose()
            if plain.pop("file", None):
                self.left_out["files of documents (load_package brings them into an empty archive)"] += 1
            self.add(model, plain, row.place)

    def read_popolo(self, path):
        try:
            data = json.loads(path.read_bytes().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise PlainError([(str(path), f"This is not UTF-8 text (byte {error.start + 1}).")]) from None
        except (ValueError, RecursionError) as error:
            raise PlainError([(str(path), f"This is not well-formed JSON: {error!s:.200}.")]) from None
        popolo = Popolo(data, str(path))
        self.plan.rows += popolo.rows
        self.plan.problems += popolo.problems
        self.left_out += popolo.left_out

    def trace(self, place):
        """`place` by row and column of the package's files, where it is in one."""
        for unpacking in self.unpackings:
            place = unpacking.trace(place)
        return place


def with_file(before, plain):
    """`plain`, with the file that the record has already: no import of a plain form brings files."""
    return {**plain, "file": before["file"]} if before and before.get("file") and "file" not in plain else plain
