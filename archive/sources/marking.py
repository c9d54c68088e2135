"""A document's text with its passages marked. Pure: no database.

Passages may overlap. Marks nest where the passages do; where two passages cross, the later one is closed with the earlier
and opened again behind it, so that the marks are always well-formed.
"""

import re
from dataclasses import dataclass, field

PARAGRAPH = re.compile(r"[^\n]*\S[^\n]*")


@dataclass
class Mark:
    """A piece of a passage in a paragraph: `first` and `last` say whether the passage begins and ends with it."""

    passage: object
    start: int
    end: int
    first: bool
    last: bool
    content: list = field(default_factory=list)  # texts and inner marks, in order


@dataclass
class Paragraph:
    """A line of the document: its `content` (texts and marks, in order) and the `passages` that begin in it."""

    content: list
    passages: list


def paragraphs(text, passages):
    """The non-empty lines of `text` as Paragraphs, with `passages` (objects with start and end) marked in them."""
    passages = sorted(passages, key=lambda passage: (passage.start, -passage.end))
    return [paragraph(text, match.start(), match.end(), passages) for match in PARAGRAPH.finditer(text)]


def paragraph(text, start, end, passages):
    pieces = []
    for passage in passages:
        first, last = max(start, passage.start), min(end, passage.end)
        if first < last:
            before, behind = text[passage.start : first], text[last : passage.end]
            pieces.append(Mark(passage, first, last, not before.strip(), not behind.strip()))
    beginning = [mark.passage for mark in pieces if mark.first]
    return Paragraph(nest(text, start, end, pieces), beginning)


def nest(text, start, end, pieces):
    """The content of text[start:end] with `pieces`, marks that lie within it, in their places."""
    content, place = [], start
    pieces = sorted(pieces, key=lambda mark: (mark.start, -mark.end))
    while pieces:
        outer, *rest = pieces
        inner, pieces = [], []
        for mark in rest:
            if mark.start >= outer.end:
                pieces.append(mark)
            elif mark.end <= outer.end:
                inner.append(mark)
            else:  # it crosses the outer mark's end: one piece within it, one behind it
                inner.append(Mark(mark.passage, mark.start, outer.end, mark.first, False))
                pieces.append(Mark(mark.passage, outer.end, mark.end, False, mark.last))
        pieces.sort(key=lambda mark: (mark.start, -mark.end))
        outer.content = nest(text, outer.start, outer.end, inner)
        content += [text[place : outer.start], outer]
        place = outer.end
    return [piece for piece in (*content, text[place:end]) if piece != ""]
