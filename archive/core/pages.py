"""The page of one record, and what its address answers when the record is not public."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponsePermanentRedirect, QueryDict
from django.shortcuts import render
from django.urls import resolve, reverse
from django.views.generic import DetailView

from archive.core import ledger
from archive.core.prepared import listed, page_of
from archive.core.querysets import in_order_of

RELATED = 25  # how many rows of a kind a page lists before it leads to the whole list


class RecordPage(DetailView):
    """The page of a published record; 410 with its title when it was withdrawn, 404 when it is not public or not there."""

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
            withdrawn = self.model.objects.withdrawn().filter(slug=kwargs["slug"]).first()
            if withdrawn is None:
                raise
            return render(request, "410.html", {"title": withdrawn.tombstone, "meta": self.model._meta}, status=410)


def newest(list_name, queryset=None, **query):
    """What a page shows of the list `list_name`, filtered by `query`: its first rows, how many there are, and its address.

    `queryset` loads the rows where they are more than the list's. Where it is of something else than the list, it says which they
    are, too.
    """
    view = resolve(reverse(list_name)).func.view_class
    if queryset is not None and queryset.model is not view.model:
        rows = list(queryset[: RELATED + 1])
        total = len(rows) if len(rows) <= RELATED else queryset.count()
    elif ledger.is_trial():
        # What the index remembers for everybody must not be read while something is only tried.
        found = view.filterset_class(QueryDict(urlencode(query)), queryset=view.model.objects.published()).qs
        pks, total = list(found.values_list("pk", flat=True)[:RELATED]), found.count()
        rows = listed(view.model, pks) if queryset is None else in_order_of(pks, queryset)
    else:
        ordered = view.filterset_class(QueryDict(urlencode(query))).ordered()
        pks, total = ordered.pks(0, RELATED), ordered.total
        rows = listed(view.model, pks) if queryset is None else in_order_of(pks, queryset)
    return {"rows": rows[:RELATED], "total": total, "more": total > RELATED, "url": list_name, "query": query}
