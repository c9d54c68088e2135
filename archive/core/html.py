"""What templates need of every record, and of what a search found in it."""

from functools import lru_cache

from django.utils.formats import get_format
from django.utils.translation import get_language
from markupsafe import Markup, escape

from archive.core.localnames import OWN, acronym_of, base, by_name, called, spoken
from archive.core.search.snippets import marked_text, snippet

LENGTH = 400  # characters of an excerpt: most statements are shorter


def public(record):
    """`record` when the public may see it, else None: for a record reached through a foreign key."""
    return record if record is not None and record.is_published else None


def unless(record, other):
    """`record`, or None when it is `other`, which a reader has been told already."""
    return None if record == other else record


def lang(language=OWN):
    """The attribute that says which language a text is in (BCP 47), by default the archive's own; nothing where it is the one that
    is spoken now, or not known."""
    return Markup(' lang="{}"').format(language) if language and base(language) != spoken() else ""


def link(record, css=""):
    """What readers call `record` as a link to its page, of the class `css`."""
    name = called(record)
    attribute = f' class="{css}"' if css else ""
    return Markup(f'<a{attribute} href="{escape(record.get_absolute_url())}"{lang(name.language)}>{escape(name.text)}</a>')  # noqa: S704


def named(record, query=None):
    """What readers call `record`, in its language where that is not the page's, with the words of `query` in <mark>."""
    name = called(record)
    return in_language(marked(name.text, query), name.language)


def acronym(organization):
    """The acronym of an organization, in the language that is spoken now where it has one; nothing for none."""
    return in_language(*acronym_of(organization))


def in_language(text, language):
    """`text` as it stands among others, with its language where that is not the page's."""
    attribute = lang(language) if text else ""
    return Markup("<span{}>{}</span>").format(attribute, text) if attribute else escape(text)


def plainly_named(record):
    """What readers call `record`, as mere text: for a title or a label."""
    return called(record).text


def partial_date(date):
    """A PartialDate in words, readable by machines where HTML has a way to write it; nothing for None."""
    return date_in(date, get_language()) if date else ""


@lru_cache(maxsize=10_000)
def date_in(date, language):
    return Markup('<time datetime="{}">{}</time>').format(date.iso, date.words) if date.iso else date.words


def thousands(number):
    """ "1,048,576", as the language that is spoken now writes it."""
    return f"{number:,}".replace(",", get_format("THOUSAND_SEPARATOR"))


def count_of(number, model, tag=None):
    """ "1 event", "3 events" for a `model`, in the language that is spoken now; the number in an element `tag`, if one is given."""
    figure = f"<{tag}>{thousands(number)}</{tag}>" if tag else thousands(number)
    return Markup(model.public_name.counted % {"count": number, "number": figure})  # noqa: S704 (a message of ours)


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
    if not any(is_marked for _, is_marked in pieces):
        return ""
    return Markup('<p class="snippet"{}>{}</p>').format(lang(getattr(record, "language", OWN)), as_html(pieces))


def as_html(pieces):
    return Markup("".join(f"<mark>{escape(text)}</mark>" if is_marked else escape(text) for text, is_marked in pieces))  # noqa: S704


GLOBALS = {"count_of": count_of, "found": found, "lang": lang, "link": link, "partial_date": partial_date}
FILTERS = {
    "acronym": acronym,
    "by_name": by_name,
    "excerpt": excerpt,
    "in_language": in_language,
    "marked": marked,
    "named": named,
    "plainly_named": plainly_named,
    "public": public,
    "thousands": thousands,
    "unless": unless,
}
