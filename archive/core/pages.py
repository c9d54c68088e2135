"""The page of one record, and what its address answers when the record is not public."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponsePermanentRedirect, QueryDict
from django.shortcuts import render
from django.urls import resolve, reverse
from django.views.generic import DetailView

from archive.core.querysets import in_order_of

RELATED = 25  # how many rows of a kind a page lists before it leads to the whole list


class RecordPage(DetailView):
    """The page of a published record; 410 with its title when it was withdrawn, 404 when it is not public or not there."""

    template_name_suffix = ""

    def get_queryset(self):
        return self.model.objects.published().for_page()

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


def newest(queryset, list_name, **query):
    """What a page shows of a long list: its first rows, how many there are, and the address of the whole of it.

    `queryset` loads the rows. Where it is of what the list `list_name` is of, the list, filtered by `query`, says which these are.
    """
    view = resolve(reverse(list_name)).func.view_class
    if view.model is queryset.model:
        ordered = view.filterset_class(QueryDict(urlencode(query))).ordered()
        rows, total = in_order_of(ordered.pks(0, RELATED), queryset), ordered.total
    else:
        rows = list(queryset[: RELATED + 1])
        total = len(rows) if len(rows) <= RELATED else queryset.count()
    return {"rows": rows[:RELATED], "total": total, "more": total > RELATED, "url": list_name, "query": query}
