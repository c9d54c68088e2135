"""The whole published archive as one Frictionless Data Package: a zip of CSV files and a datapackage.json that explains them.

Its tables are in `package_tables`. The same archive is the same bytes: rows stand in the order of their keys, and the members of
the zip have no time of their own.
"""

import fcntl
import hashlib
import json
import os
import zipfile
from contextlib import contextmanager
from functools import partial
from itertools import chain
from operator import itemgetter

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import connection, models
from pyroaring import BitMap

from archive.core import ledger
from archive.core.exports import csv_header
from archive.core.models import Entry
from archive.site.package_tables import key_of, path_of, table_name, tables
from archive.sources.models import Document

DESCRIPTION = (
    "Every published record of the archive, with whom and what it names, and the passages of the documents that it rests on. "
    "The text of a document is under the rights that its row states."
)
TYPES = {"edtf": "string"}  # of Frictionless, where it does not have ours
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF-level1"
FILES = "files/"  # the folder of the files that documents were taken from


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


def licence():
    """Under which licence the data may be taken, as a Data Package says it: its SPDX identifier and the address of its text."""
    return {"name": settings.DATA_LICENCE, "path": f"https://spdx.org/licenses/{settings.DATA_LICENCE}.html"}


def datapackage(resources, files):
    """datapackage.json, as text. It is made when the newest entry of the ledger was, so that no clock is in it."""
    newest = Entry.objects.order_by("-pk").values_list("at", flat=True).first()
    package = {
        "profile": "tabular-data-package",
        "name": "annals",
        "title": "Annals",
        "description": DESCRIPTION,
        **({"created": newest.strftime("%Y-%m-%dT%H:%M:%SZ")} if newest else {}),
        "licenses": [licence()],
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
