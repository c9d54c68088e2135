"""How pages show the passages that facts rest on, and what the archive supplied itself."""

from dataclasses import dataclass

from django.utils.translation import gettext
from markupsafe import Markup, escape

from archive.sources.filters import language_name
from archive.sources.labels import kind_of


def fact(value, record, field):
    """`value`, what is shown of `record`'s `field`, in square brackets where the archive supplied it, as library catalogues do."""
    shown = escape(value).strip()
    if not shown or field not in record.supplied:
        return shown
    title = gettext("Supplied by the archive: %(reason)s") % {"reason": record.supplied[field]}
    return Markup('<span class="supplied" title="{}">[{}]</span>').format(title, shown)


@dataclass
class Excerpt:
    """A piece of a document's text, whole paragraphs where they are short enough, from the offset `start`.

    `passages` are those that stand in it, in order.
    """

    passages: list
    start: int
    text: str
    is_cut_before: bool
    is_cut_behind: bool

    @property
    def end(self):
        return self.start + len(self.text)

    @property
    def pieces(self):
        """(text, the passage that it is of, or None) in order, the whole excerpt."""
        place, pieces = self.start, []
        for passage in self.passages:
            pieces += [(self.between(place, passage.start), None), (self.between(max(passage.start, place), passage.end), passage)]
            place = max(place, passage.end)
        return [(text, passage) for text, passage in (*pieces, (self.between(place, self.end), None)) if text]

    def between(self, start, end):
        return self.text[max(0, start - self.start) : max(0, end - self.start)]


def excerpts(passages):
    """The Excerpts in which `passages` (from `with_document()`) stand: those of a paragraph together, in the text's order."""
    found = []
    for passage in sorted(passages, key=lambda passage: (passage.document_id, passage.start, passage.end)):
        one = Excerpt([passage], *passage.paragraph)
        last = found[-1] if found else None
        if last and last.passages[0].document_id == passage.document_id and one.start < last.end:
            if one.end > last.end:
                last.text, last.is_cut_behind = last.text + one.text[last.end - one.start :], one.is_cut_behind
            last.passages.append(passage)
        else:
            found.append(one)
    return found


GLOBALS = {"excerpts": excerpts}
FILTERS = {"fact": fact, "kind_of": kind_of, "language_name": language_name}
