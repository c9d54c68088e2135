"""How pages show what a fact rests on, and what the archive supplied itself."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

register = template.Library()


@register.simple_block_tag
def fact(content, record, field):
    """The value of `record`'s `field`, in square brackets where the archive supplied it, as library catalogues do."""
    content = mark_safe(content.strip())  # noqa: S308 (a rendered template's output: what it printed is escaped already)
    if not content or field not in record.supplied:
        return content
    return format_html('<span class="supplied" title="Supplied by the archive: {}">[{}]</span>', record.supplied[field], content)


@register.inclusion_tag("sources/_evidence.html")
def evidence(record, label="Evidence", notes=True):
    """The passages that `record` rests on, quoted, each with the way into its document, and what the archive supplied.

    Prefetch `published_evidence()`. `notes=False` leaves out the reasons, for a page that has them in `supplied_notes`.
    """
    return {"record": record, "passages": record.passages.all(), "label": label, "notes": record.supplied_notes() if notes else []}


@register.inclusion_tag("sources/_supplied.html")
def supplied_notes(record):
    """What of `record` the archive supplied, and why."""
    return {"notes": record.supplied_notes()}
