"""The parts that every page is built of, on one page, for whoever changes how the archive looks."""

from django.http import QueryDict
from django.shortcuts import render
from django.urls import reverse

from archive.core.lists import row_template
from archive.core.panels import Panel
from archive.core.prepared import listed, page_of
from archive.site.records import LISTS
from events.delegations import by_role, delegations
from events.filters import EventFilter
from events.models import Event, Statement

COLOURS = ["paper", "raised", "tint", "ink", "quiet", "line", "accent", "mark", "mark-strong", "error"]  # the tokens


def parts(request):
    """Each part as it looks with a published record of this archive; those that no record has an example of are left out."""
    statement = Statement.objects.published().order_by("-pk").first()
    event = next(iter(page_of(Event)(statement.event.slug)), None) if statement else None
    rows = event.participations.all() if event else []
    filterset = EventFilter(QueryDict("country=&year="))
    selection = filterset.select() if filterset.is_valid() else None
    context = {
        "colours": COLOURS,
        "event": event,
        "delegations_shown": delegations(rows)[:4],
        "roles_shown": by_role(rows)[:2],
        "statements": [one for kind in Statement.Kind for one in (event.statements.all() if event else []) if one.kind == kind][:6],
        "rows": [(model, row_template(model), first_of(model, filterset_class)) for model, filterset_class in LISTS.values()],
        "panel": Panel(filterset, selection, reverse("events")),
    }
    return render(request, "site/parts.html", context)


def first_of(model, filterset_class):
    return listed(model, filterset_class(QueryDict()).ordered().pks(0, 1))
