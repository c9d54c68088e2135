"""The picture that is shown where somebody shares a record's address: a PNG with its name, its kind and when it was.

It is drawn from the record's own words as they are published, never from what a request says. What was drawn is kept by those
words, so that a change of another record draws nothing anew.
"""

import hashlib
import re
from bisect import bisect_left
from functools import lru_cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from django.core.cache import caches
from django.http import HttpResponse
from PIL import Image, ImageDraw, ImageFont

from archive.core.citations import ARCHIVE
from archive.core.headers import FOR_EVERYBODY
from archive.core.html import plainly_named
from archive.core.pages import RecordPage
from archive.sources.models import Document
from events.models import Event, Statement
from people.models import Organization, Person

SIZE = WIDTH, HEIGHT = 1200, 630  # pixels, as OpenGraph's readers expect it
PAPER, INK, ACCENT, QUIET = "#fbfaf6", "#201c18", "#7a2e1d", "#6b6259"
MARGIN = 80
SIZES = (76, 60, 48, 40)  # of the name's letters: the largest in which it has room
MOST_LINES = {76: 3, 60: 4, 48: 5, 40: 7}
SPACING = 1.22  # of a line, in sizes of letters
LONGEST = 500  # characters that are looked at
[FONT] = Path(find_spec("fontpkg_noto_serif").submodule_search_locations[0]).glob("files/NotoSerif[[]*.ttf")


class Card(RecordPage):
    """The picture of a published record; answers as the record's page does when there is none."""

    def render_to_response(self, context, **kwargs):
        headers = {"Cross-Origin-Resource-Policy": FOR_EVERYBODY["Cross-Origin-Resource-Policy"]}
        return HttpResponse(card(*words_of(self.object)), content_type="image/png", headers=headers)


def words_of(record):
    """(kind, name, when and where) of a record, in the language that is spoken now."""
    return str(record.public_name.one), SAID.get(type(record), plainly_named)(record), " · ".join(filter(None, about(record)))


SAID = {Statement: lambda statement: f"“{statement.text}”" if statement.kind == Statement.Kind.QUOTED else statement.text}


def about(record):
    """What stands below the name, in a line."""
    date = getattr(record, "date", None)
    if isinstance(record, Statement):
        speakers = ", ".join(map(plainly_named, record.speakers.all()))
        return [speakers or record.attribution, record.event.date and record.event.date.words]
    extra = {Event: "place", Document: "publisher", Person: "titles", Organization: "seat"}.get(type(record))
    return [date and date.words, extra and getattr(record, extra)]


def card(kind, name, line):
    """The PNG, as bytes, drawn or as it was kept."""
    kept, key = caches["cards"], hashlib.sha256("\0".join([kind, name, line]).encode("utf-8", "replace")).hexdigest()
    if (png := kept.get(key)) is None:
        png = draw(kind, name, line)
        kept.set(key, png, timeout=None)
    return png


def draw(kind, name, line):
    image = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 18, HEIGHT), fill=ACCENT)
    pen.text((MARGIN, 62), drawable(kind), font=font(30, 600), fill=ACCENT)
    size, lines = fitted(drawable(name))
    for place, text in enumerate(lines):
        pen.text((MARGIN, 128 + place * size * SPACING), text, font=font(size, 600), fill=INK)
    [below] = wrapped(drawable(line), 32, 400, 1) or [""]
    pen.text((MARGIN, HEIGHT - 138), below, font=font(32, 400), fill=QUIET)
    pen.line((MARGIN, HEIGHT - 82, WIDTH - MARGIN, HEIGHT - 82), fill=ACCENT, width=2)
    pen.text((MARGIN, HEIGHT - 68), ARCHIVE, font=font(30, 600), fill=INK)
    file = BytesIO()
    image.quantize(32, method=Image.Quantize.FASTOCTREE).save(file, "PNG")
    return file.getvalue()


def fitted(name):
    """(size, lines): the name in the largest letters in which it has room, cut where it has none in the smallest."""
    for size in SIZES:
        lines = wrapped(name, size, 600, MOST_LINES[size] + 1)
        if len(lines) <= MOST_LINES[size]:
            return size, lines
    return size, [*lines[: MOST_LINES[size] - 1], cut(lines[MOST_LINES[size] - 1], size, 600, always=True)]


def wrapped(text, size, weight, most):
    """`text` in at most `most` lines that fit; with one, it is cut."""
    if most == 1:
        return [cut(text, size, weight)] if text else []
    lines = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and fits(longer, size, weight):
            lines[-1] = longer
        elif len(lines) == most:
            break
        else:
            lines.append(cut(word, size, weight))
    return lines


def cut(text, size, weight, always=False):
    """`text` as far as it fits into a line, with an ellipsis where something is left out (or `always`)."""
    if fits(text, size, weight) and not always:
        return text
    shown = bisect_left(range(1, len(text) + 1), True, key=lambda length: not fits(f"{text[:length]}…", size, weight))
    return f"{text[:shown].rstrip(' .,;:–-')}…"


def fits(text, size, weight):
    return font(size, weight).getlength(text) <= WIDTH - 2 * MARGIN


def drawable(text):
    """`text` in one line, without what the font has no letters for; the archive's other words say it."""
    text = re.sub(r"\s+", " ", text[:LONGEST])
    return re.sub(r" +", " ", "".join(character for character in text if is_drawable(character))).strip()


@lru_cache(maxsize=5_000)
def is_drawable(character):
    return character == " " or (character.isprintable() and bytes(font(32, 400).getmask(character)) != missing())


@lru_cache(maxsize=1)
def missing():
    """What the font draws for a letter that it does not have."""
    return bytes(font(32, 400).getmask("\uffff"))


@lru_cache(maxsize=20)
def font(size, weight):
    face = ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)
    face.set_variation_by_axes([weight, 100])
    return face
