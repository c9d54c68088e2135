"""A text with the words of a query marked: all of it, or the piece that shows most of them."""

import re
from itertools import islice, takewhile

from archive.core.romanization import key
from archive.core.text import LONGEST_WORD, SILENT, letters

LOOKED_AT = 500_000  # characters from the beginning of a text in which the words are looked for
PART = 20_000  # characters around the first one in which the best piece is looked for
ELLIPSIS = "…"
WORD = re.compile(rf"{SILENT}*[^\s{SILENT}]\S*")  # in `letters`, as `text.words` has them


def marked_text(text, query):
    """All of `text` as (fragment, is marked) pairs; marked are, in its first PART characters, the words of `query`."""
    return list(pieces(text, marks(text[:PART], query), 0, len(text)))


def snippet(text, query, length=240):
    """The `length` characters or fewer of `text` with most of the terms of `query`, as (fragment, is marked) pairs.

    The fragments follow one another in the text; where it goes on before or after them stands an ellipsis, as a fragment of its
    own. Only a phrase that is longer makes the piece longer. Of a text without any of the terms, the beginning.
    """
    if len(text) <= length:
        return marked_text(text, query)
    begin = part_start(text, query)
    part = text[begin : begin + PART]
    found = marks(part, query)
    start, end = window(part, found, length)
    before, after = begin + start > 0, begin + end < len(text)
    return [(ELLIPSIS, False)] * before + list(pieces(part, found, start, end)) + [(ELLIPSIS, False)] * after


def part_start(text, query):
    """Where the part of a long text begins in which `query` has its first word."""
    if len(text) <= PART:
        return 0
    spread = letters(text[:LOOKED_AT])
    places = [place for word in query.words if (place := f" {spread} ".find(f" {word}")) >= 0]
    return max(0, min(places, default=0) - PART // 10)


def marks(text, query):
    """(start, end, number of the term) for whatever of `query` stands in `text`, in its order: as it is written, else in
    whichever letters."""
    spread = letters(text)
    places = [match.span() for match in WORD.finditer(spread)]
    spoken = [word[:LONGEST_WORD] for word in spread.replace(SILENT, "").split()]
    keys, found = [], set()
    for number, term in enumerate(query.wanted):
        stretches = list(runs(spoken, term.words, term.prefix))
        if not stretches:  # only now: the keys of all the words take ten times as long as all the rest
            keys = keys or [key(text[start:end]) for start, end in places]
            stretches = runs(keys, term.keys, term.prefix)
        found.update((places[first][0], places[last][1], number) for first, last in stretches)
    return sorted(found)


def runs(forms, spelling, prefix):
    """(first, last) place of each run of `forms` that is `spelling`, whose last word may go on in `forms` when `prefix`."""
    if not spelling or not (prefix or spelling[-1] in forms):
        return
    *first, last = spelling
    for place in range(len(forms) - len(first)):
        end = place + len(first)
        if forms[place:end] == first and (forms[end].startswith(last) if prefix else forms[end] == last):
            yield place, end


def window(text, found, length):
    """(start, end) of the piece of `text` with the most different terms of `found`, from word to word; the first of the best."""
    if not found:
        return 0, last_gap(text, 0, length)
    inside = [
        [first, *takewhile(lambda mark, limit=first[0] + length: mark[1] <= limit, islice(found, place + 1, None))]
        for place, first in enumerate(found)
    ]
    best = max(inside, key=lambda some: len({number for _, _, number in some}))
    first, last = best[0][0], max(end for _, end, _ in best)
    room = max(0, length - (last - first))
    start = next_gap(text, max(0, first - room // 3), first)
    return start, last_gap(text, last, max(last, start + length))


def next_gap(text, start, limit):
    """The first place from `start` to `limit` at which a word begins, else `limit`."""
    if start == 0:
        return 0
    gap = re.compile(r"\s\S").search(text, start - 1, limit + 1)
    return gap.end() - 1 if gap else limit


def last_gap(text, limit, end):
    """The last place from `limit` to `end` at which a word of `text` has ended, else `end`."""
    if end >= len(text):
        return len(text)
    gap = re.compile(r".*\S(?=\s)", re.DOTALL).match(text, limit, end + 1)
    return gap.end() if gap else end


def pieces(text, found, start, end):
    """`text` from `start` to `end` as (fragment, is marked) pairs, none of them empty."""
    cursor = start
    for first, last in joined(found):
        if first >= start and last <= end:
            yield from ((text[cursor:first], False),) if cursor < first else ()
            yield text[first:last], True
            cursor = last
    if cursor < end:
        yield text[cursor:end], False


def joined(found):
    """(start, end) of the stretches that `found` covers: marks may overlap."""
    stretches = []
    for first, last, _ in found:
        if stretches and first < stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(last, stretches[-1][1]))
        else:
            stretches.append((first, last))
    return stretches
