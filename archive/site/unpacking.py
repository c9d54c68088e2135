"""A data package read back: its tables become the plain forms that they were made from, and these an archive.

What the plain form's own rules find wrong is told by the file, row and column that it came from. Rows are counted as a spreadsheet
program counts them, the header being row 1.
"""

import csv
import difflib
import io
import json
import re
import zipfile
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import PurePosixPath

from django.core.files import File
from django.core.management.color import no_style
from django.db import connection

from archive.core.fields import Derived
from archive.core.ledger import unit
from archive.core.plain import PlainError
from archive.site.fixtures import Batch
from archive.site.package import FILES
from archive.site.package_tables import LinkTable, owner_of, path_of, tables
from archive.site.records import MODELS
from archive.sources.models import Document, Passage
from archive.sources.quotes import QuoteError, find_quote, occurrence_of

MOST_IN_CELL = 2**28  # characters
MOST_TIMES = 100  # what a zip may unpack to, in times of its own size; text is packed to a fifth or a tenth
SMALL = 100_000_000  # bytes that are no danger, however well they were packed
STEP = re.compile(r"(\w+)\[(\d+)\]\.?")


@dataclass
class Row:
    """A row of a table on its way to the plain form: what it says itself, its parts, and what it is linked to."""

    place: str
    plain: dict
    owner: str = ""  # the key of the record that it is a part of
    parts: dict = field(default_factory=lambda: defaultdict(list))  # accessor -> (order, row)
    links: dict = field(default_factory=lambda: defaultdict(list))  # many-to-many field -> (place, plain reference)

    def compose(self):
        """The plain form, with everything in its order."""
        for rows in self.parts.values():
            rows.sort(key=lambda numbered: numbered[0])
        parts = {accessor: [row.compose() for _, row in rows] for accessor, rows in self.parts.items()}
        links = {name: [reference for _, reference in pairs] for name, pairs in self.links.items()}
        return self.plain | parts | links


def read_package(package, progress=iter):
    """Every instance of the archive that `package`, an open ZipFile, holds: unsaved, in the order in which they can be saved.

    `progress` wraps the list of records while they are checked. Raises PlainError with every problem that there is.
    """
    unpacking = unpack(package)
    batch = Batch()
    for row, model in unpacking.roots.values():
        batch.add(model, row.compose(), row.place)
    try:
        return batch.read(progress)
    except PlainError as error:
        raise PlainError([(unpacking.trace(place), sentence) for place, sentence in error.problems]) from None


def unpack(package):
    """The Unpacking of a package whose tables can be read; raises PlainError with every problem."""
    unpacking = Unpacking(package)
    unpacking.refuse_strange_members()
    if not unpacking.problems:
        for table in sorted(tables(), key=lambda table: isinstance(table, LinkTable)):
            unpacking.read_table(table)
    if unpacking.problems:
        raise PlainError(unpacking.problems)
    return unpacking


class Unpacking:
    """The rows of a package, and what is wrong with them."""

    def __init__(self, package):
        self.package = package
        self.problems = []
        self.rows = {}  # (model, what identifies the row) -> Row
        self.roots = {}  # place -> (row, model), of the rows that belong to no other

    def problem(self, place, sentence):
        self.problems.append((place, sentence))

    def refuse_strange_members(self):
        """Names what makes the zip none that can be read, and every file that would be passed over."""
        members = self.package.infolist()
        packed = sum(member.compress_size for member in members)
        if sum(member.file_size for member in members) > max(SMALL, MOST_TIMES * packed):
            self.problem("", f"The zip unpacks to more than {MOST_TIMES} times its size.")
        known = {"datapackage.json", *map(path_of, tables())}
        for member in members:
            if member.flag_bits & 1:
                self.problem(member.filename, "This file is encrypted.")
            if member.filename not in known and not member.filename.startswith(FILES) and not member.is_dir():
                self.problem(member.filename, "This is no file of an archive’s package.")
        for path in sorted(known - {member.filename for member in members}):
            self.problem(path, "This file is missing.")

    # The tables

    def read_table(self, table):
        path = path_of(table)
        try:
            with self.package.open(path) as member:
                self.read_rows(table, path, csv.reader(io.TextIOWrapper(member, "utf-8-sig", newline=""), strict=True))
        except UnicodeDecodeError:
            self.problem(path, "This is not UTF-8 text.")
        except csv.Error as error:
            self.problem(path, f"This is not well-formed CSV: {error}.")
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            self.problem(path, "This file is damaged, or packed in a way that is unknown here.")

    def read_rows(self, table, path, lines):
        csv.field_size_limit(MOST_IN_CELL)
        header = next(lines, [])
        if not self.is_header(table, path, header):
            return
        take = self.link if isinstance(table, LinkTable) else self.take
        for number, cells in enumerate(lines, 2):
            place = f"{path}, row {number}"
            if len(cells) != len(header):
                self.problem(place, f"Here are {len(cells)} cells, under {len(header)} columns.")
            elif "\x00" in "".join(cells):
                self.problem(place, "Here is a NUL character.")
            else:
                take(table, place, dict(zip(header, cells, strict=True)))

    def is_header(self, table, path, header):
        names = [column.name for column in table.columns]
        before = len(self.problems)
        for name in header:
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                self.problem(path, f"There is no column “{name:.80}”.{f' Did you mean “{near[0]}”?' if near else ''}")
            elif header.count(name) > 1:
                self.problem(path, f"The column “{name}” is here twice.")
        for name in names:
            if name not in header:
                self.problem(path, f"The column “{name}” is missing.")
        return len(self.problems) == before

    def take(self, table, place, cells):
        """Keeps a row, with the record that it is a part of."""
        model, values = table.model, self.values(table, place, cells)
        identity = cells[table.key[0]]
        if (model, identity) in self.rows:
            self.problem(place, f"There is another row with the {table.key[0]} “{identity}”.")
            return
        row = self.rows[model, identity] = Row(place, values)
        if model is Passage:
            self.take_passage(row, identity)
            return
        if model is Document and (file := f"{FILES}{values.get('file', '')}") not in (FILES, *self.package.namelist()):
            self.problem(f"{place}, file", f"The package has no “{file:.200}”.")
        if hasattr(model, "State"):
            values["state"] = model.State.PUBLISHED
        if not (owner := getattr(model, "owner", None)):
            self.roots[place] = (row, model)
            return
        row.owner, order = values.pop(owner, ""), values.pop("order", 0)
        if owner_of(model) and values.pop("id", "") != f"{row.owner}/{values.get(model.key, '')}":
            self.problem(f"{place}, id", f"This should be “{row.owner}/{values.get(model.key, '')}”.")
        relation = model._meta.get_field(owner)
        if above := self.find(relation.related_model, row.owner, f"{place}, {owner}"):
            above.parts[relation.remote_field.get_accessor_name()].append((order, row))

    def values(self, table, place, cells):
        """What the cells mean, without those that are empty and those that only repeat what others say."""
        values = {}
        for column in table.columns:
            text, stored = cells[column.name], table.fields.get(column.name)
            if not text or isinstance(stored, Derived):
                continue
            try:
                values[column.name] = {"integer": int, "object": json.loads}.get(column.type, str)(text)
            except ValueError:
                self.problem(f"{place}, {column.name}", f"“{text:.60}” is no {column.type}.")
            if stored is not None and stored.many_to_one and owner_of(stored.related_model):
                values[column.name] = self.within(cells[table.model.owner], text, f"{place}, {column.name}")
        return values

    def within(self, owner, identity, place):
        """The key within `owner` of one of its parts."""
        above, _, key = identity.partition("/")
        if above != owner:
            self.problem(place, f"“{identity:.200}” is not of “{owner:.200}”.")
        return key

    def find(self, model, identity, place):
        if (model, identity) not in self.rows:
            self.problem(place, f"There is no {model._meta.verbose_name} “{identity:.200}”.")
        return self.rows.get((model, identity))

    def take_passage(self, row, identity):
        """Turns the row's offsets into the plain form's quote, once they are seen to mean the same."""
        values = row.plain
        slug, start, end, exact = (values.get(name, "") for name in ("document", "start", "end", "exact"))
        document = self.find(Document, slug, f"{row.place}, document")
        if document is None or not (isinstance(start or 0, int) and isinstance(end, int)):
            return
        text = document.plain.get("text", "")
        start = start or 0
        if identity != f"{slug}#char={start},{end}":
            self.problem(f"{row.place}, id", f"This should be “{slug}#char={start},{end}”.")
        occurrence = occurrence_of(text, start, end) if 0 <= start < end else None
        try:
            found = find_quote(text, exact, occurrence)
        except QuoteError as error:
            self.problem(f"{row.place}, exact", str(error))
            return
        if found != (start, end):
            self.problem(row.place, f"The quote does not stand at characters {start}–{end}, but at {found[0]}–{found[1]}.")
        row.plain = {"document": slug, "quote": exact} | ({"occurrence": occurrence} if occurrence else {})

    def link(self, table, place, cells):
        """Keeps a pair of a many-to-many relation with its first row."""
        source, target = [self.find(model, cells[name], f"{place}, {name}") for name, model in table.references.items()]
        if source is None or target is None:
            return
        name, related = list(cells.items())[1][0], table.field.related_model
        identity = cells[name]
        if related is Passage:
            identity = target.plain
        elif owner_of(related):
            identity = self.within(source.owner, identity, f"{place}, {name}")
        source.links[table.field.name].append((f"{place}, {name}", identity))

    def trace(self, place):
        """The file, row and column of what `place`, a place in the plain form of a record, came from."""
        root, _, where = place.partition(": ")
        _, _, where = where.partition(": ")
        if root not in self.roots:
            return place
        row, _ = self.roots[root]
        while step := STEP.match(where):
            name, number = step[1], int(step[2]) - 1
            if name not in row.parts:
                return row.links[name][number][0]
            row, where = row.parts[name][number][1], where[step.end() :]
        return f"{row.place}, {where}" if where else row.place


# Into the database


def save_package(package, instances, why):
    """Writes `instances`, what `read_package` made of `package`, into an empty archive, as one unit of work; all or nothing."""
    saved = []
    try:
        with unit(why=why) as work:
            for document in instances:
                if isinstance(document, Document) and document.file:
                    save_file(package, document)
                    saved.append(document.file)
            # By the plain manager: rows that all belong to new records need not be asked one by one what has changed.
            for model, rows in groupby(instances, type):
                rows = model._base_manager.bulk_create(rows, batch_size=500)
                for row in rows if hasattr(model, "State") else ():
                    work.touch(model, row.pk)
            for model in MODELS:
                for relation in model._meta.many_to_many:
                    save_links(relation, [instance for instance in instances if type(instance) is model])
            with connection.cursor() as cursor:  # the rows came with their primary keys, of which PostgreSQL does not hear
                for statement in connection.ops.sequence_reset_sql(no_style(), MODELS):
                    cursor.execute(statement)
    except BaseException:
        for file in saved:
            file.storage.delete(file.name)
        raise


def save_file(package, document):
    name = document.file.name
    with package.open(f"{FILES}{name}") as member:
        document.file.save(PurePosixPath(name).name, File(member), save=False)


def save_links(relation, instances):
    through = relation.remote_field.through
    source, target = f"{relation.m2m_field_name()}_id", f"{relation.m2m_reverse_field_name()}_id"
    links = [
        through(**{source: instance.pk, target: one.pk}) for instance in instances for one in getattr(instance, relation.name).all()
    ]
    through.objects.bulk_create(links, batch_size=1_000)
