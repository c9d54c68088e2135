"""The page of one record, and what its address answers when the record is not public."""

from collections import Counter
from urllib.parse import urlencode

from django.http import Http404, HttpResponsePermanentRedirect, QueryDict
from django.shortcuts import render
from django.urls import resolve, reverse
from django.views.generic import DetailView

from archive.core import ledger
from archive.core.addresses import leads_to
from archive.core.axis import YearAxis
from archive.core.dates import PartialDate
from archive.core.facets import span
from archive.core.localnames import called
from archive.core.prepared import listed, page_of
from archive.core.querysets import in_order_of
from archive.core.timeline import Lane, Row

YEARS = 60  # columns of a timeline at most; then one is a decade
MOST_TRIED = 1_000  # dates that are read for the timeline of a preview
RELATED = 25  # how many rows of a kind a page lists before it leads to the whole list


class RecordPage(DetailView):
    """The page of a published record; for any other address what `answer_without` says."""

    template_name_suffix = ""

    def get_object(self, queryset=None):
        for record in page_of(self.model)(self.kwargs["slug"]):
            return record
        raise Http404(f"There is no such {self.model._meta.verbose_name}.")

    def get(self, request, *args, **kwargs):
        if kwargs["slug"] != kwargs["slug"].lower():
            return HttpResponsePermanentRedirect(request.path.lower())  # /countries/TJ/: a code is usually written so
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            return answer_without(request, self.model, kwargs["slug"])


def answer_without(request, model, slug):
    """What an address answers under which no record of `model` is published.

    410 with its title when the record was withdrawn; 301 to where it is now when it has moved; raises Http404 for all others.
    """
    if withdrawn := withdrawn_at(model, slug):
        return render(request, "410.html", {"title": withdrawn.tombstone, "model": model}, status=410)
    if present := present_slug(model, slug):
        return moved_to(HttpResponsePermanentRedirect, request, present)
    raise Http404(f"There is no such {model._meta.verbose_name}.")


def withdrawn_at(model, slug):
    """The withdrawn record that has, or had, this address; None when there is none."""
    gone = model.objects.withdrawn()
    if found := gone.filter(slug=slug).first():
        return found
    there = leads_to(model, slug)
    return there and gone.filter(pk=there.pk).first()


def present_slug(model, slug):
    """The address of the published record that once had the address `slug`; None when there is none."""
    there = leads_to(model, slug)
    return there.slug if there and model.objects.published().filter(pk=there.pk).exists() else None


def moved_to(answer, request, slug):
    """`answer(address)` of what was asked for, with `slug` in the place of the old one."""
    asked = request.resolver_match
    address = reverse(asked.view_name, kwargs={**asked.kwargs, "slug": slug})
    query = request.META.get("QUERY_STRING", "")
    moved = answer(f"{address}?{query}" if query else address)
    moved["Cache-Control"] = "no-cache"  # a record may take its old address back: no browser must lead away from it for good
    return moved


def newest(list_name, queryset=None, **query):
    """What a page shows of the list `list_name`, filtered by `query`: its first rows, how many there are, and its address.

    `queryset` loads the rows where they are more than the list's. Where it is of something else than the list, it says which they
    are, too.
    """
    view = resolve(reverse(list_name)).func.view_class
    filterset = view.filterset_class(QueryDict(urlencode(query, doseq=True)), queryset=view.model.objects.published())
    if queryset is not None and queryset.model is not view.model:
        rows = list(queryset[: RELATED + 1])
        total = len(rows) if len(rows) <= RELATED else queryset.count()
    elif ledger.is_trial():
        # What the index remembers for everybody must not be read while something is only tried.
        found = filterset.qs
        pks, total = list(found.values_list("pk", flat=True)[:RELATED]), found.count()
        rows = listed(view.model, pks) if queryset is None else in_order_of(pks, queryset)
    else:
        ordered = filterset.ordered()
        pks, total = ordered.pks(0, RELATED), ordered.total
        rows = listed(view.model, pks) if queryset is None else in_order_of(pks, queryset)
    shown = {"rows": rows[:RELATED], "total": total, "more": total > RELATED}
    return shown | {"url": list_name, "query": query, "filterset": filterset}


def life_of(name, listed):
    """The Lane `name` of what `newest` has listed: each by itself where the page shows all, or else how many in each year."""
    rows = listed["rows"]
    if not listed["more"] and all(hasattr(row, "date") for row in rows):
        return Lane(name, [named_row(row, row.date, row.get_absolute_url()) for row in rows])
    return Lane(name, by_year(listed["filterset"], reverse(listed["url"])) if rows else [], counted=True)


def named_row(record, date, url=""):
    """A Row for `record`, by what readers call it."""
    name = called(record)
    return Row(name.text, date, url, language=name.language)


def by_year(filterset, list_path):
    """A Row for each year, or decade, of a list: how many of its records touch it."""
    spans = spans_of(filterset) if ledger.is_trial() else filterset.select().counts("year")
    axis, address = YearAxis.of(spans, YEARS), filterset.changed(list_path, "year")
    return [
        Row(axis.label(edge), PartialDate.parse(axis.edtf(edge)), address([axis.value(edge)]), count)
        for edge, count in zip(axis.edges, axis.counts(spans), strict=True)
        if count
    ]


def spans_of(filterset):
    """What the index counts of years, from the database: of what is only tried."""
    ends = filterset.qs.values_list(*filterset.filters["year"].facets[""].paths)[:MOST_TRIED]
    return Counter(span(first.year, last.year) for first, last in ends if first and last)
