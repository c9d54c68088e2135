"""What templates need to show what a search found."""

from django import template
from django.utils.html import format_html, format_html_join

from archive.core.search.snippets import marked_text, snippet

LENGTH = 400  # characters of an excerpt: most statements are shorter

register = template.Library()


@register.filter
def marked(text, query):
    """All of `text` with the words of `query` (a Query, or nothing) in <mark>."""
    return as_html(marked_text(text, query)) if query else text


@register.filter
def excerpt(text, query):
    """The piece of `text` with most of the words of `query`, those in <mark>; without a query, its beginning."""
    return as_html(snippet(text, query, LENGTH))


@register.simple_tag(takes_context=True)
def mark_found(context, text):
    """All of `text`, with the words marked that the page's `query`, if it has one, has found."""
    return marked(text, context.get("query"))


@register.simple_tag
def found(record, query):
    """The piece of a record's own text with the words of `query` marked, as a paragraph; nothing where its text has none.

    The first field, a title or what was said, stands in the record's row, marked there.
    """
    _, *fields = record.folded_fields
    text = " · ".join(filter(None, (getattr(record, field) for field in fields)))
    pieces = snippet(text, query) if query else []
    return format_html('<p class="snippet">{}</p>', as_html(pieces)) if any(is_marked for _, is_marked in pieces) else ""


def as_html(pieces):
    fragments = (format_html("<mark>{}</mark>", text) if is_marked else text for text, is_marked in pieces)
    return format_html_join("", "{}", ((fragment,) for fragment in fragments))
