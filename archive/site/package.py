"""The whole published archive as one Frictionless Data Package: a zip of CSV files and a datapackage.json that explains them.

Each model is a table, and so is each many-to-many relation. What refers to a row does so in one column, by the row's key. The
same archive is the same bytes: rows stand in the order of their keys, and the members of the zip have no time of their own.
"""

import fcntl
import hashlib
import json
import os
import zipfile
from array import array
from collections import defaultdict
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from operator import itemgetter

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import connection, models
from django.db.models import F
from django.db.models.functions import Collate
from django.utils.text import slugify
from pyroaring import BitMap

from archive.core import ledger
from archive.core.columns import MOST, Among, Column, Keys, Published, Reference, Value, column_of, public_fields
from archive.core.columns import Table as Reading
from archive.core.exports import as_text, csv_header, csv_lines
from archive.core.models import Entry
from archive.site.records import MODELS
from archive.sources.models import Document, Passage

DESCRIPTION = (
    "Every published record of the archive, with whom and what it names, and the passages of the documents that it rests on. "
    "The text of a document is under the rights that its row states."
)
TYPES = {"edtf": "string"}  # of Frictionless, where it does not have ours
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF-level1"
FILES = "files/"  # the folder of the files that documents were taken from


# What identifies a row. A record has a key; a part is named within its owner, and a passage by its place in its document, as
# they are in the addresses of pages.


def owner_of(model):
    """The name of the foreign key to the record that a row of `model` cannot be named without, or None."""
    if model is Passage:
        return "document"
    return None if hasattr(model, "State") else model.owner


def key_of(model):
    """The name of the column that identifies a row of `model`."""
    return "id" if owner_of(model) else model.key


def identity(model):
    """(lookups, template) of the text that identifies a row of `model`."""
    if model is Passage:
        return ["document__slug", "start", "end"], "{}#char={},{}"
    if owner := owner_of(model):
        return [f"{owner}__{model._meta.get_field(owner).related_model.key}", model.key], "{}/{}"
    return [model.key], "{}"


class Identified(Published):
    """What identifies the published rows of `model`, by primary key; None for those that the public may not see."""

    def __init__(self, model):
        lookups, self.template = identity(model)
        super().__init__(model, *lookups)
        self.met = BitMap()

    def value(self, pk, values):
        self.met.add(pk)
        return [self.template.format(*values)]


# The readers of what only the package has; see columns.Table.


class Identity:
    """What identifies a row."""

    def __init__(self, model):
        lookups, self.template = identity(model)
        kind = model._meta.verbose_name
        self.columns = [Column("id", "string", f"What other tables name the {kind} by: “{self.template.format(*lookups)}”.")]
        self.needs = [F(lookup) for lookup in lookups]

    def read(self, pks, *values):
        return [[self.template.format(*row) for row in zip(*values, strict=True)]]


class Place:
    """The place of a row among its owner's public ones, which have to be read one after the other."""

    def __init__(self, model):
        meaning = f"Its place among the {model._meta.verbose_name_plural} of the {model.owner}, from 1."
        self.columns = [Column("order", "integer", meaning)]
        self.needs = [F(f"{model.owner}_id")]
        self.owner, self.place = None, 0

    def read(self, pks, owners):
        places = []
        for owner in owners:
            self.place = self.place + 1 if owner == self.owner else 1
            self.owner = owner
            places.append(self.place)
        return [places]


def reference(field):
    """The reader of a foreign key as one column."""
    target = field.related_model
    reader = Reference(field, published=Identified(target))
    meaning = f"{field.help_text or str(field.verbose_name).capitalize() + '.'} The {key_of(target)} in “{table_name(target)}”."
    reader.columns = [column_of(field, meaning=meaning)]
    return reader


# The tables


def table_name(model):
    return slugify(str(model._meta.verbose_name_plural))


def column_name(model):
    return slugify(model._meta.verbose_name).replace("-", "_")


class RowTable:
    """The table of the published rows of `model`. `references` are the models that columns name, by column."""

    def __init__(self, model):
        self.model, self.name, self.key = model, table_name(model), [key_of(model)]
        self.description = "" if model.__doc__.startswith(f"{model.__name__}(") else " ".join(model.__doc__.split())
        fields = [field for field in public_fields(model) if not field.many_to_many]
        readers = [reference(field) if field.many_to_one else Value(field) for field in fields]
        if owner := getattr(model, "owner", None):
            fields.append(model._meta.get_field(owner))
            behind_key = int(hasattr(model, "State"))
            readers[behind_key:behind_key] = [reference(fields[-1]), Place(model)]
        if owner_of(model):
            readers.insert(0, Identity(model))
        self.fields = {field.name: field for field in fields}
        self.references = {field.name: field.related_model for field in fields if field.many_to_one}
        self.reading = Reading(model, readers)
        self.columns = self.reading.columns

    def blocks(self, quoted):
        """Yields the rows as CSV. `quoted` holds the passages that other tables name: a draft's evidence shows nowhere."""
        pks = public_pks(self.model)
        if self.model is Passage:
            pks = filter(quoted.__contains__, pks)
        return self.reading.blocks(pks, lambda values: csv_lines(map(as_text, self.columns, values)))


class LinkTable:
    """The table of the many-to-many `field` of `model`: a row for each pair."""

    def __init__(self, model, field):
        self.model, self.field = model, field
        self.name, self.description = f"{slugify(model._meta.verbose_name)}-{field.name}", str(field.help_text)
        self.references = {column_name(one): one for one in (model, field.related_model)}
        self.columns = [
            Column(name, "string", f"The {key_of(one)} in “{table_name(one)}”.") for name, one in self.references.items()
        ]
        self.key, self.fields = list(self.references), {}

    def blocks(self, quoted):
        """Yields the rows as CSV, and adds the passages among them to `quoted`."""
        keys = Keys(self.field, Identified(self.field.related_model))
        source = Identity(self.model) if owner_of(self.model) else Value(self.model._meta.get_field(self.model.key))
        yield from Reading(self.model, [source, keys]).blocks(public_pks(self.model), write_pairs)
        if self.field.related_model is Passage:
            quoted |= keys.published.met


def write_pairs(columns):
    pairs = [(source, target) for source, targets in zip(*columns, strict=True) for target in targets]
    return csv_lines(zip(*pairs, strict=True)) if pairs else b""


def tables():
    """Every table. Passages are last: which of them are public is known when all that rests on them has been read."""
    rows = [model for model in MODELS if model is not Passage]
    links = [LinkTable(model, field) for model in rows for field in model._meta.many_to_many]
    return [*map(RowTable, rows), *links, RowTable(Passage)]


def public_pks(model):
    """The primary keys of the published rows of `model`: records by key, the same in every database; others by owner, in order."""
    owner = "document" if model is Passage else getattr(model, "owner", None)
    if not owner:
        by_code_point = Collate(F(model.key), "C" if connection.vendor == "postgresql" else "BINARY")
        yield from array("q", model.objects.published().order_by(by_code_point).values_list("pk", flat=True).iterator())
        return
    order = ["start", "end"] if model is Passage else ["order", "pk"]
    owners = public_pks(model._meta.get_field(owner).related_model)
    while some := list(islice(owners, MOST)):
        rows = defaultdict(list)
        for pk, row in model.objects.published().filter(**{f"{owner}__in": Among(some)}).order_by(*order).values_list(owner, "pk"):
            rows[pk].append(row)
        for pk in some:
            yield from rows[pk]


# datapackage.json


def describe(table, written):
    """The Tabular Data Resource of `table`; `written` has the bytes and the hash of its file."""
    schema = {"fields": [describe_column(table, column) for column in table.columns], "primaryKey": table.key}
    if table.references:
        schema["foreignKeys"] = [
            {
                "fields": [name],
                "reference": {"resource": "" if table_name(one) == table.name else table_name(one), "fields": [key_of(one)]},
            }
            for name, one in table.references.items()
        ]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": path_of(table),
        "title": table.name.replace("-", " ").capitalize(),
        **({"description": table.description} if table.description else {}),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **written,
        "schema": schema,
    }


def path_of(table):
    return f"data/{table.name}.csv"


def describe_column(table, column):
    said = {"name": column.name, "type": TYPES.get(column.type, column.type), "description": column.meaning}
    if column.type == "edtf":
        said["rdfType"] = EDTF
    if constraints := constraints_of(table, column):
        said["constraints"] = constraints
    return said


def constraints_of(table, column):
    """The constraints that the column's field has, as Table Schema names them."""
    field = table.fields.get(column.name)
    rules = {}
    if column.name in table.key or (field is not None and not field.blank and field.editable):
        rules["required"] = True
    if [column.name] == table.key:
        rules["unique"] = True
    if column.values:
        rules["enum"] = [value for value, _ in column.values]
    if isinstance(field, models.CharField) and not column.values:
        rules["maxLength"] = field.max_length
    patterns = [one.regex.pattern for one in getattr(field, "validators", ()) if isinstance(one, RegexValidator)]
    if patterns and column.name in table.key:
        rules["pattern"] = patterns[-1].removesuffix(r"\Z").removeprefix("^")
    return rules


def datapackage(resources, files):
    """datapackage.json, as text. It is made when the newest entry of the ledger was, so that no clock is in it."""
    newest = Entry.objects.order_by("-pk").values_list("at", flat=True).first()
    package = {
        "profile": "tabular-data-package",
        "name": "annals",
        "title": "Annals",
        "description": DESCRIPTION,
        **({"created": newest.strftime("%Y-%m-%dT%H:%M:%SZ")} if newest else {}),
        "licenses": [{"name": settings.DATA_LICENCE, "path": f"https://spdx.org/licenses/{settings.DATA_LICENCE}.html"}],
        "resources": resources,
        "files": files,
    }
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


# The zip


def write_package(path, progress=None):
    """Writes the package to `path`, which is as it was until all is written; returns the names of files that are lost.

    `progress`, if there is one, is called with the table's number, how many there are, its name, and its bytes so far.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package, snapshot():
            lost = pack(package, progress)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return lost


def pack(package, progress=None):
    every, quoted = tables(), BitMap()
    resources = []
    for number, table in enumerate(every, 1):
        tell = progress and partial(progress, number, len(every), table.name)
        blocks = chain([csv_header(table.columns)], table.blocks(quoted))
        resources.append(describe(table, add(package, path_of(table), blocks, tell)))
    files, lost = [], []
    for document in Document.objects.published().exclude(file="").only("file").order_by("file"):
        name = f"{FILES}{document.file.name}"
        try:
            with document.file.open("rb") as file:
                files.append({"path": name, **add(package, name, file.chunks())})
        except FileNotFoundError:
            lost.append(document.file.name)
    add(package, "datapackage.json", [datapackage(resources, sorted(files, key=itemgetter("path"))).encode()])
    return lost


def add(package, name, blocks, tell=None):
    """Writes `blocks` as the member `name` of the zip `package`; returns how many bytes it has, and their hash."""
    digest, size = hashlib.sha256(), 0
    with package.open(name, "w", force_zip64=True) as member:
        for block in blocks:
            member.write(block)
            digest.update(block)
            size += len(block)
            if tell:
                tell(size)
    return {"bytes": size, "hash": f"sha256:{digest.hexdigest()}"}


@contextmanager
def snapshot():
    """Within it every query sees the archive as it is at the first, and nobody who writes has to wait.

    atomic() would not do: on SQLite it takes the lock for writing, and on PostgreSQL each query sees what was committed last.
    """
    if connection.in_atomic_block:
        yield
        return
    begin = {"postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "sqlite": "BEGIN DEFERRED"}[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


# The copy that the site offers


def kept_path():
    """Where the package of the archive as it is now is kept, once it has been written."""
    number, unit = ledger.state()
    return settings.INDEX_ROOT / "packages" / f"annals-{number}-{unit}.zip"


def keep(path, progress=None):
    """Writes the package to `path`, a `kept_path`, and removes those of other states.

    Returns the names of files that are lost, or None, with nothing written, when another process is at it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        lost = [] if path.exists() else write_package(path, progress)
        for old in path.parent.glob("annals-*"):
            if old != path:
                old.unlink()
    return lost
