"""The page of a whole step: every record that it touched, with what became of it, and the step undone."""

import uuid

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache

from archive.core.curation import undoing
from archive.core.curation.history import AT_ONCE, LARGEST, MAY_RESTORE, headings_of, link_to_step, step_url
from archive.core.curation.showing import MOST, Difference, Names, row_references, show
from archive.core.curation.steps import reason
from archive.core.states import MAY_PUBLISH


@never_cache
def step_view(request, unit: uuid.UUID):
    """A step as a whole, for staff; posted, it is undone."""
    entries = undoing.entries_of(unit)
    if not entries:
        raise Http404("There is no such step.")
    admins = {entry.model: admin_of(request, entry.model) for entry in entries if entry.model}
    seen = [entry for entry in entries if admins.get(entry.model)]
    if not seen and any(entry.model for entry in entries):
        raise PermissionDenied
    reasons = []
    if request.method == "POST":
        try:
            return undone(request, unit, admins)
        except undoing.UndoError as error:
            reasons = error.reasons
    one = next((entry for entry in seen if str(entry.pk) == request.GET.get("entry")), None)
    page = Paginator([one] if one else seen, AT_ONCE).get_page(request.GET.get("page"))
    may_undo = may_restore(request, admins)
    return TemplateResponse(
        request,
        "admin/record/step.html",
        {
            **admin.site.each_context(request),
            "title": "A step" if one is None else "A record in a step",
            "unit": unit,
            "first": entries[0],
            "total": len(seen),
            "hidden": len(entries) - len(seen),
            "pages": page,
            "one": one,
            "records": shown(list(page), admins, most=LARGEST if one or len(seen) == 1 else MOST),
            "may_undo": may_undo,
            "why": request.POST.get("why", "")[:500],
            "reasons": reasons or (undoing.hindrances(unit, undoing.with_before(entries)) if may_undo else []),
            "address": step_url(unit),
        },
    )


def admin_of(request, label):
    """The admin of a kind of record, for whoever may see it."""
    found = next((one for model, one in admin.site._registry.items() if model._meta.label_lower == label), None)
    return found if found and found.has_view_permission(request) else None


def may_restore(request, admins):
    return request.user.has_perm(MAY_RESTORE) and all(one and one.has_change_permission(request) for one in admins.values())


def undone(request, unit, admins):
    """Undoes the step, and leads to the step that did; raises UndoError."""
    if not may_restore(request, admins):
        raise PermissionDenied
    touched = undoing.with_before(undoing.entries_of(unit))
    if not request.user.has_perm(MAY_PUBLISH) and undoing.touches_public(undoing.with_plains(touched)):
        raise undoing.UndoError(["This would change what is public, which only editors may."])
    why = reason(request)
    new = undoing.undo(unit, by=request.user, why=why or f"Undid the step of {undoing.when(touched[0].entry)}")
    messages.success(request, format_html("The step is undone. {}.", link_to_step(unit, "See what it was")))
    return HttpResponseRedirect(step_url(new))


def shown(entries, admins, most):
    """What the page says of each entry."""
    touched = undoing.with_plains(undoing.with_before([entry for entry in entries if entry.model]))
    differences = [Difference(one.model, one.plain_before, one.entry.plain) for one in touched]
    latest = [(one.model, one.entry.plain or one.plain_before or {}) for one in touched]
    pairs = [pair for difference in differences for pair in difference.references()]
    names = Names([*pairs, *(pair for model, plain in latest for pair in row_references(model, plain))])
    return [
        {
            "entry": one.entry,
            "kind": one.model._meta.verbose_name,
            "name": names.row(model, plain) if plain else one.entry.key,
            "history": history_url(admins[one.entry.model], one.pk),
            "difference": difference,
            "shown": show(difference, names, headings_of(admins[one.entry.model]), most),
        }
        for one, difference, (model, plain) in zip(touched, differences, latest, strict=True)
    ]


def history_url(model_admin, pk):
    try:
        return reverse(f"{model_admin.admin_site.name}:{model_admin.page_name('history')}", args=[pk])
    except NoReverseMatch:
        return ""
