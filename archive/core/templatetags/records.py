"""What templates need of every record."""

from django import template
from django.urls import reverse
from django.utils.http import urlencode

register = template.Library()


@register.filter
def public(record):
    """`record` when the public may see it, else None: for a record reached through a foreign key."""
    return record if record is not None and record.is_published else None


@register.inclusion_tag("core/_date.html")
def partial_date(date):
    """A PartialDate in words, readable by machines where HTML has a way to write it."""
    return {"date": date}


@register.simple_tag
def list_url(name, query):
    """The address of the list `name`, filtered by the dict `query`."""
    return f"{reverse(name)}?{urlencode(query)}" if query else reverse(name)


@register.simple_tag
def count_of(number, meta):
    """ "1 event", "3 events" for a model's `meta`."""
    return f"{number:,} {meta.verbose_name if number == 1 else meta.verbose_name_plural}"


@register.filter
def kind_name(record):
    """What kind of record it is, in a word: "statement"."""
    return record._meta.verbose_name
