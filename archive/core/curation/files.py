"""Files of tables, whatever people bring: CSV, XLSX and JSON as rows, or sentences that say what is wrong with them."""

import csv
import difflib
import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings

from archive.core.plain import PlainError

MOST_ROWS = 20_000
MOST_IN_CELL = 2**28  # characters; the file's own size is the limit
TIMES = 4  # what a workbook may unpack to, in times of the largest file that may be imported
DELIMITERS = ",;\t"
ESCAPED = re.compile("_x([0-9a-fA-F]{4})_")
CONTROL = re.compile("_x(00(?:0[1-8bcefBCEF]|1[0-9a-fA-F]))_")


@dataclass
class Contents:
    """What a file holds: {column: text} by row number, or, in JSON, {column: value}; and what of it cannot be read."""

    columns: list
    rows: list = field(default_factory=list)  # (number, {column: text or value})
    problems: list = field(default_factory=list)  # (place, sentence)
    are_texts: bool = True


def read_file(path, names):
    """The Contents of the file at `path`, a table whose columns may be `names`.

    Raises PlainError when it is no table at all: nothing, a damaged workbook, no text, a header of other columns.
    """
    if path.stat().st_size > settings.IMPORT_MOST_BYTES:
        raise PlainError([("", too_large())])
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK"):
        return take_cells(workbook_rows(path), names)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise PlainError([("", "This is a workbook in the old form, or one with a password: save it as .xlsx without one.")])
    text = decoded(path.read_bytes())
    if not text.strip():
        raise PlainError([("", "The file is empty.")])
    if text.lstrip()[0] in "[{":
        return read_json(text)
    return take_cells(csv_rows(text, names), names)


def too_large():
    return f"The file is larger than {settings.IMPORT_MOST_BYTES // 1024**2} MB: import it in pieces, or with import_records."


def decoded(content):
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        wrong = f"byte {error.start + 1} is 0x{content[error.start]:02X}" if error.start < len(content) else "its end is missing"
        name = encoding.removesuffix("-sig").upper()
        raise PlainError([("", f"This is not {name} text: {wrong}. Save it as “CSV UTF-8”, or as a workbook (.xlsx).")]) from None


# JSON


def read_json(text):
    try:
        values = parsed(text)
    except ValueError as error:
        raise PlainError([("", str(error))]) from None
    if not isinstance(values, list):
        raise PlainError([("", "Here belongs a list of records: [{…}, {…}].")])
    if not values:
        raise PlainError([("", "The file has no rows.")])
    contents = Contents([], are_texts=False)
    for number, value in enumerate(values, 1):
        if number > MOST_ROWS:
            raise PlainError([("", too_many())])
        if isinstance(value, dict):
            contents.rows.append((number, value))
        else:
            contents.problems.append((f"row {number}", f"Here belongs a record (keys and values), not {json.dumps(value):.60}."))
    return contents


def parsed(text):
    """What `text` in JSON says; raises ValueError with a sentence."""
    try:
        return json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"This is not well-formed JSON: {error.msg} at character {error.pos + 1}.") from None
    except RecursionError:
        raise ValueError("This is JSON within JSON within JSON, too deep to be read.") from None
    except ValueError:
        raise ValueError("This is not well-formed JSON: it has a number that is none, or far too long.") from None


def refuse_constant(name):
    raise ValueError(name)


def too_many():
    return f"The file has more than {MOST_ROWS:,} rows: import it in pieces."


# Cells


class Wrong(str):
    """What stands in place of a cell that cannot be read: the sentence that says why."""


def take_cells(lines, names):
    """The Contents of `lines`, lists of texts, the first of which names the columns."""
    header = [name.strip() for name in next(lines, [])]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise PlainError([("row 1", f"The first row has to name the columns: {', '.join(names)}.")])
    contents = Contents(header, problems=header_problems(header, names))
    if contents.problems:
        raise PlainError(contents.problems)
    for number, line in enumerate(lines, 2):
        if any(cell.strip() for cell in line):
            if len(contents.rows) == MOST_ROWS:
                raise PlainError([("", too_many())])
            take_row(contents, number, line)
    if not contents.rows and not contents.problems:
        raise PlainError([("", "The file has a header, and no rows.")])
    return contents


def header_problems(header, names):
    if not set(header) & set(names):
        return [("row 1", f"The first row has to name the columns: {', '.join(names)}. Here it has {', '.join(header):.200}.")]
    problems = [(f"row 1, {name or 'a column'}", unknown_column(name, names)) for name in header if name not in names]
    twice = {name for name in header if name in names and header.count(name) > 1}
    return problems + [(f"row 1, {name}", "This column is here twice.") for name in sorted(twice)]


def unknown_column(name, names):
    if not name:
        return "This column has no name."
    near = difflib.get_close_matches(name.lower().replace(" ", "_"), names, 1)
    return f"There is no column “{name:.80}”. " + (f"Did you mean “{near[0]}”?" if near else f"There are {', '.join(names)}.")


def take_row(contents, number, line):
    width = len(contents.columns)
    wrong = [
        (f"row {number}, {name}", str(cell)) for name, cell in zip(contents.columns, line, strict=False) if isinstance(cell, Wrong)
    ]
    if any(cell.strip() for cell in line[width:]):
        wrong.append((f"row {number}", f"Here are {len(line)} cells, under {width} columns."))
    if wrong:
        contents.problems += wrong
        return
    texts = [*line[:width], *[""] * (width - len(line))]
    contents.rows.append((number, dict(zip(contents.columns, texts, strict=True))))


# CSV


def csv_rows(text, names):
    """Yields the rows of CSV; its delimiter is the one by which the first row has the most of `names`."""
    csv.field_size_limit(MOST_IN_CELL)
    first = text.split("\n", 1)[0]

    def known(delimiter):
        return sum(name.strip(' "\r') in names for name in first.split(delimiter))

    delimiter = max(DELIMITERS, key=known)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from lines
    except csv.Error as error:
        raise PlainError([(f"line {lines.line_num}", f"From here on this is not well-formed CSV: {error}.")]) from None


# XLSX


def workbook_rows(path):
    """Yields the rows of the first sheet of a workbook as lists of texts, and of Wrong."""
    from openpyxl import load_workbook

    refuse_bomb(path)
    try:
        with path.open("rb") as file:
            sheet = load_workbook(file, read_only=True, data_only=False, keep_links=False).worksheets[0]
            sheet.reset_dimensions()  # what a file says of its size may be anything
            for row in sheet.iter_rows():
                yield [cell_text(cell) for cell in row]
    except PlainError:
        raise
    except Exception as error:  # openpyxl has no error of its own for what is no workbook
        raise PlainError([("", f"This workbook cannot be read: {type(error).__name__} {error!s:.200}.")]) from None


def refuse_bomb(path):
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise PlainError([("", f"This workbook cannot be read: {error}.")]) from None
    if len(members) > 1_000 or sum(member.file_size for member in members) > TIMES * settings.IMPORT_MOST_BYTES:
        most = TIMES * settings.IMPORT_MOST_BYTES // 1024**2
        raise PlainError([("", f"This workbook unpacks to more than {most} MB: import it in pieces, or save it as CSV.")])


def cell_text(cell):
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Wrong("Here is a formula: put its value there (copy, and paste as values).")
    if cell.data_type == "e":
        return Wrong(f"Here is an error of the spreadsheet's: {value}.")
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, date):
        return day_text(value, cell.number_format)
    return unescaped(value) if isinstance(value, str) else str(value)


def day_text(value, shown_as):
    """A date as it was shown: a spreadsheet makes a day of “2012-11” and shows a month."""
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) != (0, 0, 0):
        return value.isoformat(" ")
    shown = re.sub(r'"[^"]*"|\[[^]]*\]|\\.', "", shown_as or "").lower()
    if "d" in shown or "y" not in shown:
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m}" if "m" in shown else f"{value:%Y}"


def unescaped(text):
    """`text` with the characters that XML has no way to write, which workbooks write _x000B_."""
    if "_x005F_" in text:  # openpyxl has undone this one in a workbook's common strings, and nothing in a cell's own
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return CONTROL.sub(lambda found: chr(int(found[1], 16)), text)
