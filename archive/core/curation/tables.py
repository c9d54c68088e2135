"""A kind of record as a table: its columns, and how the values of the plain form are written in cells and read from them.

The table is the plain form laid flat, nothing else: a column for each field and for each list of parts. What an export writes, an
import reads.
"""

import json
import re
from dataclasses import dataclass

from django.db import models

from archive.core.among import Among
from archive.core.columns import column_of
from archive.core.curation.files import parsed
from archive.core.difference import part_models
from archive.core.exports import csv_lines
from archive.core.plain import LAST, plain_fields, to_plain, with_plain
from archive.core.xlsx import Workbook

SEPARATOR = "; "
BATCH = 500  # records whose plain forms are in memory at once
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX, "json": "application/json; charset=utf-8"}
encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Column:
    """One column. Its cells hold a `text` as it is, a `line` without spaces around it, `keys` of other records, or `json`."""

    name: str
    kind: str
    meaning: str
    default: object = ""
    is_owner: bool = False

    def write(self, value):
        """A value of the plain form as the text of a cell."""
        if value in (None, "", [], {}):
            return ""
        if self.kind == "keys":
            return SEPARATOR.join(value)
        return encode(value) if self.kind == "json" else str(value)

    def read(self, text):
        """The value of the plain form that a cell's text means; raises ValueError, with a sentence, when it means none."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if self.kind == "text":
            return text
        if self.kind == "keys":
            return [key.strip() for key in re.split("[;\n]", text) if key.strip()]
        return parsed(text) if self.kind == "json" and text.strip() else text.strip()


def columns(model):
    """The Columns of the table of `model`: its key first, then whose it is, its fields, its parts, and its evidence."""
    fields = [field for field in plain_fields(model) if not isinstance(field, models.FileField) and field.name != model.key]
    evidence = [field_column(field) for field in fields if field.name in LAST]
    parts = [part_column(accessor, part) for accessor, part in part_models(model).items()]
    owner = [owner_column(model)] if hasattr(model, "owner") else []
    others = [field_column(field) for field in fields if field.name not in LAST]
    return [field_column(model._meta.get_field(model.key)), *owner, *others, *parts, *evidence]


def field_column(field):
    described = column_of(field)
    meaning, kind = described.meaning, "line"
    if described.values:
        meaning += f" One of: {', '.join(value for value, _ in described.values)}."
    if isinstance(field, models.JSONField) or (field.many_to_many and hasattr(field.related_model, "by_value")):
        kind, meaning = "json", f"{meaning} In JSON."
    elif field.many_to_many:
        kind, meaning = "keys", f"{meaning} Several are separated by semicolons."
    elif isinstance(field, models.TextField):
        kind = "text"
    return Column(field.name, kind, meaning, default=field.get_default() if field.has_default() and kind == "line" else "")


def part_column(accessor, part):
    names = ", ".join([field.name for field in plain_fields(part)])
    return Column(accessor, "json", f"Its {part._meta.verbose_name_plural}, in order: a list in JSON of rows with {names}.")


def owner_column(model):
    owner = model._meta.get_field(model.owner).related_model
    return Column(model.owner, "line", f"The {owner.key} of the {owner._meta.verbose_name} that it is of.", is_owner=True)


# Written


def plain_rows(model, pks):
    """Yields lists of the plain forms of the records `pks`, in their order, with whose they are where they are parts too."""
    owner = getattr(model, "owner", None)
    for start in range(0, len(pks), BATCH):
        some = pks[start : start + BATCH]
        queryset = with_plain(model._base_manager.filter(pk__in=Among(some)))
        records = (queryset.select_related(owner) if owner else queryset).in_bulk()
        records = [records[pk] for pk in some if pk in records]
        yield [({owner: key_of(getattr(record, owner))} if owner else {}) | to_plain(record) for record in records]


def key_of(record):
    return getattr(record, record.key)


def cells(table, plain):
    """The texts of a row: every value, those at their default too."""
    return [column.write(plain.get(column.name, column.default)) for column in table]


def export(format, model, pks):
    """Yields, as bytes, a file of the records `pks` of `model`, drafts too, in the columns that an import reads."""
    table = columns(model)
    blocks = plain_rows(model, pks)
    if format == "json":
        yield from json_list(blocks)
        return
    texts = ([cells(table, plain) for plain in plains] for plains in blocks)
    header = [column.name for column in table]
    if format == "csv":
        yield csv_lines([[name] for name in header])
        yield from (csv_lines(list(zip(*rows, strict=True))) for rows in texts if rows)
        return
    book = Workbook()
    yield book.open("Records", header)
    yield from map(book.write, texts)
    yield book.open("Columns", ["Column", "Meaning"])
    yield book.write([(column.name, column.meaning) for column in table])
    yield book.finish()


def json_list(blocks):
    before = "["
    for plain in (plain for plains in blocks for plain in plains):
        yield f"{before}\n{encode(plain)}".encode()
        before = ","
    yield b"[]\n" if before == "[" else b"\n]\n"
