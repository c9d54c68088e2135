"""Lists as files: CSV, JSON Lines and XLSX, written while they are read, in the same memory at any length.

The data files are raw: a text that begins with “=” stays what it is, because whoever computes with the data wants it so. The
spreadsheet is the safe one: every text in it is text to a spreadsheet program, never a formula or a link. docs/data.md has the
rules of each format.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from archive.core.columns import list_table
from archive.core.xlsx import Workbook

QUOTABLE = re.compile('[",\r\n]')
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def export(format, model, pks, base_url):
    """Yields the file as bytes: a row for each published record of `model` among `pks`, in their order.

    `format` is a key of FORMATS, `pks` any iterable of primary keys, and `base_url` what stands before the path of every
    permalink (https://example.org).
    """
    return FORMATS[format].write(list_table(model, base_url), pks)


def write_csv(table, pks):
    """CSV after RFC 4180, in UTF-8: lists are separated by semicolons, arrays and objects are JSON."""
    yield csv_header(table.columns)
    yield from table.blocks(pks, lambda values: csv_lines(map(as_text, table.columns, values)))


def csv_header(columns):
    return csv_lines([[column.name] for column in columns])


def csv_lines(columns):
    """Columns of texts as CSV."""
    return "".join(each_csv_line(columns)).encode()


def each_csv_line(columns):
    """Columns of texts as lines of CSV. csv.writer, which looks at each character by itself, takes as long as reading the rows."""
    return [f"{line}\r\n" for line in map(",".join, zip(*map(quoted, columns), strict=True))]


def quoted(values):
    if not QUOTABLE.search(" ".join(values)):  # as is nearly always so for keys, dates and numbers
        return values
    return ['"' + value.replace('"', '""') + '"' if QUOTABLE.search(value) else value for value in values]


def as_text(column, values):
    """`values` of `column` as the text of cells; None is an empty one."""
    if column.type == "list":
        return list(map(";".join, values))
    if column.type in ("array", "object"):
        return [encode(value) if value else "" for value in values]
    if column.type == "integer":
        return list(map(str, values))
    return [value or "" for value in values]


def write_jsonl(table, pks):
    """JSON Lines in UTF-8: an object for each row, with every column as a key."""
    names = [column.name for column in table.columns]

    def lines(columns):
        rows = zip(*columns, strict=True)
        return "".join([f"{encode(dict(zip(names, row, strict=True)))}\n" for row in rows]).encode()

    return table.blocks(pks, lines)


def write_xlsx(table, pks):
    """A workbook: the rows, their cells as in CSV, and a sheet that says what the columns mean."""
    book = Workbook()
    yield book.open("Data", [column.name for column in table.columns])
    yield from table.blocks(pks, lambda values: book.write(zip(*map(as_text, table.columns, values), strict=True)))
    yield book.open("Columns", ["Column", "Meaning"])
    yield book.write([(column.name, column.meaning) for column in table.columns])
    yield book.finish()


@dataclass(frozen=True)
class Format:
    """A kind of file: its label for readers, its media type, and the function that writes the rows of a table."""

    label: str
    content_type: str
    write: Callable


FORMATS = {
    "csv": Format("CSV", "text/csv; charset=utf-8", write_csv),
    "jsonl": Format("JSON Lines", "application/jsonl; charset=utf-8", write_jsonl),
    "xlsx": Format("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
}
