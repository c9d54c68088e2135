"""What templates need of every record, and of what a search found in it."""

from functools import lru_cache

from django.conf import settings
from django.utils import translation
from markupsafe import Markup, escape

from archive.core.search.snippets import marked_text, snippet

LENGTH = 400  # characters of an excerpt: most statements are shorter


def public(record):
    """`record` when the public may see it, else None: for a record reached through a foreign key."""
    return record if record is not None and record.is_published else None


def unless(record, other):
    """`record`, or None when it is `other`, which a reader has been told already."""
    return None if record == other else record


def named(record):
    """What readers call `record`."""
    return escape(record)


def link(record, css=""):
    """The name of `record` as a link to its page, of the class `css`."""
    attribute = f' class="{css}"' if css else ""
    return Markup(f'<a{attribute} href="{escape(record.get_absolute_url())}">{escape(record)}</a>')  # noqa: S704


def lang(language=settings.LANGUAGE_CODE):
    """The attribute `lang` of a text in `language` (BCP 47), by default the archive's own; or nothing."""
    if not language or (language[:2] == translation.get_language()[:2] and len(language) < 6):
        return ""
    return Markup(' lang="{}"').format(language)


@lru_cache(maxsize=10_000)
def partial_date(date):
    """A PartialDate in words, readable by machines where HTML has a way to write it; nothing for None."""
    if not date:
        return ""
    return Markup('<time datetime="{}">{}</time>').format(date.iso, date.words) if date.iso else date.words


def thousands(number):
    """ "1,048,576"."""
    return f"{number:,}"


def count_of(number, model):
    """ "1 event", "3 events" for a `model`, in the language that is spoken now."""
    return model.public_name.counted % {"count": number, "number": thousands(number)}


def marked(text, query):
    """All of `text` with the words of `query` (a Query, or nothing) in <mark>."""
    return as_html(marked_text(text, query)) if query else text


def excerpt(text, query):
    """The piece of `text` with most of the words of `query`, those in <mark>; without a query, its beginning."""
    return as_html(snippet(text, query, LENGTH))


def found(record, query):
    """The piece of a record's own text with the words of `query` marked, as a paragraph; nothing where its text has none.

    The first field, a title or what was said, stands in the record's row, marked there.
    """
    _, *fields = record.folded_fields
    text = " · ".join(filter(None, (getattr(record, field) for field in fields)))
    pieces = snippet(text, query) if query and text else []
    return Markup('<p class="snippet">{}</p>').format(as_html(pieces)) if any(is_marked for _, is_marked in pieces) else ""


def as_html(pieces):
    return Markup("".join(f"<mark>{escape(text)}</mark>" if is_marked else escape(text) for text, is_marked in pieces))  # noqa: S704


GLOBALS = {"count_of": count_of, "found": found, "lang": lang, "link": link, "partial_date": partial_date}
FILTERS = {"excerpt": excerpt, "marked": marked, "named": named, "public": public, "thousands": thousands, "unless": unless}
