"""Workbooks (Office Open XML, ISO/IEC 29500) written while their rows are read, in the same memory at any length.

Libraries for the format keep a workbook until it is whole, so that a reader would wait as long for the first byte as for the
last. Only one kind of cell is written: text, as an inline string, which no spreadsheet program takes for a formula or a link.
"""

import re
import zipfile
from xml.sax.saxutils import escape

MOST_ROWS = 1_048_576  # of a sheet
MOST_CHARACTERS = 32_767  # of a cell, in units of UTF-16
MOST_BYTES = 2**31  # of a sheet's XML: a member of a zip that is twice as long is in a form that not every program reads
CUT = " […cut here: a cell holds 32,767 of these {:,} characters; the CSV and JSON Lines exports have them all]"
# What XML 1.0 cannot hold is written _xHHHH_; what only looks like that has its underline written so.
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9a-fA-F]{4}_)")
SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x")

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SHEET_START = (
    f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
SHEET_END = "</sheetData></worksheet>"


class Sink:
    """A file that forgets what was taken from it: zipfile writes into it, and a response is made of what it holds."""

    def __init__(self):
        self.pieces = []

    def write(self, piece):
        self.pieces.append(bytes(piece))
        return len(piece)

    def flush(self):
        pass

    def take(self):
        taken, self.pieces = b"".join(self.pieces), []
        return taken


class Workbook:
    """Sheets of text, one after the other. Each method returns the next bytes of the file.

    Rows that a sheet has no room for go on in another of the same name and header. A text that is too long for a cell ends
    with a note that says so.
    """

    def __init__(self):
        self.sink = Sink()
        self.zip = zipfile.ZipFile(self.sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.names = []
        self.sheet = None

    def open(self, name, header):
        """Begins a sheet; the one before it ends."""
        self.begin(name, header)
        return self.sink.take()

    def write(self, rows):
        """Adds rows of texts to the sheet."""
        lines = []
        for row in rows:
            if self.count == MOST_ROWS or self.size > MOST_BYTES:
                self.put(lines)
                lines = []
                self.begin(self.name, self.header)
            lines.append(self.line(row))
        self.put(lines)
        return self.sink.take()

    def finish(self):
        """Ends the file with what makes the sheets a workbook: only now they are counted."""
        self.end()
        numbers = range(1, len(self.names) + 1)
        sheets = "".join(f'<sheet name="{self.names[number - 1]}" sheetId="{number}" r:id="rId{number}"/>' for number in numbers)
        self.add("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>')
        self.add("xl/_rels/workbook.xml.rels", relations("worksheet", [f"worksheets/sheet{number}.xml" for number in numbers]))
        self.add("_rels/.rels", relations("officeDocument", ["xl/workbook.xml"]))
        self.add("[Content_Types].xml", content_types(numbers))
        self.zip.close()
        return self.sink.take()

    def begin(self, name, header):
        self.end()
        self.name, self.header = name, header
        again = sum(other.startswith(name) for other in self.names)
        self.names.append(f"{name} {again + 1}" if again else name)
        self.sheet = self.zip.open(f"xl/worksheets/sheet{len(self.names)}.xml", "w")
        self.letters = [column_letters(number) for number in range(len(header))]
        self.count = self.size = 0
        self.put([SHEET_START, self.line(header)])

    def end(self):
        if self.sheet:
            self.put([SHEET_END])
            self.sheet.close()

    def line(self, row):
        self.count += 1
        cells = [
            f'<c r="{letters}{self.count}" t="inlineStr"><is><t xml:space="preserve">{cell_text(text)}</t></is></c>'
            for letters, text in zip(self.letters, row, strict=True)
            if text
        ]
        return f'<row r="{self.count}">{"".join(cells)}</row>'

    def put(self, lines):
        self.size += self.sheet.write("".join(lines).encode())

    def add(self, path, xml):
        with self.zip.open(path, "w") as member:
            member.write(f"{XML}{xml}".encode())


def cell_text(text):
    """`text` as the content of an XML element: escaped, and cut, with a note, to what a cell holds."""
    text = str(text)
    if len(text) * 2 > MOST_CHARACTERS and (length := len(text.encode("utf-16-le")) // 2) > MOST_CHARACTERS:
        text = cut(text, CUT.format(length))
    if not SPECIAL.search(text):
        return text
    return escape(UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text))


def cut(text, note):
    room = 2 * (MOST_CHARACTERS - len(note))
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + note  # half a surrogate pair is left out


def column_letters(number):
    """The letters over the column `number`, counted from 0: A … Z, AA …"""
    above, last = divmod(number, 26)
    return (column_letters(above - 1) if above else "") + chr(ord("A") + last)


def relations(kind, paths):
    rows = [f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{path}"/>' for number, path in enumerate(paths, 1)]
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(rows)}</Relationships>'


def content_types(numbers):
    parts = [("workbook", "sheet.main"), *((f"worksheets/sheet{number}", "worksheet") for number in numbers)]
    parts = "".join(f'<Override PartName="/xl/{path}.xml" ContentType="{TYPE}.{kind}+xml"/>' for path, kind in parts)
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'<Types xmlns="{PACKAGE}/content-types">{rels}{parts}</Types>'
