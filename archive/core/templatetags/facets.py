"""The parts of a facet that a page has by the hundred: written here, since a template takes ten times as long for each."""

from django import template
from django.utils.html import escape
from django.utils.safestring import mark_safe

register = template.Library()

LINK = '<li><a href="{url}" rel="nofollow"{mark}>{label}</a> <span class="count">{count}</span></li>'
CHOSEN = ' class="chosen" aria-current="true"'
BAR = (
    '<a href="{url}" rel="nofollow" role="listitem" aria-label="{label}: {count}"{mark}><title>{label}: {count}</title>'
    '<rect class="whole" x="{x}" y="0" width="10" height="60"/><rect x="{x}" y="{y}" width="9" height="{height}"/></a>'
)
REMOVE = '<span class="visually-hidden">Remove: </span>'


@register.simple_tag
def value_links(values):
    """Values (or Bars) as items of a list, each a link with its count; what has no address is left out."""
    return mark_safe("".join(link(value) for value in values if value.url))  # noqa: S308 (every part is escaped)


def link(value):
    mark, remove = (CHOSEN, REMOVE) if value.is_chosen else ("", "")
    return LINK.format(url=escape(value.url), mark=mark, label=f"{remove}{escape(value.label)}", count=f"{value.count:,}")


@register.simple_tag
def bar_links(bars):
    """The Bars of a histogram as SVG links; what has no address is left out."""
    return mark_safe("".join(bar(one) for one in bars if one.url))  # noqa: S308 (every part is escaped)


def bar(one):
    return BAR.format(
        url=escape(one.url),
        mark=CHOSEN if one.is_chosen else "",
        label=escape(one.label),
        count=f"{one.count:,}",
        x=one.x,
        y=one.y,
        height=one.height,
    )
