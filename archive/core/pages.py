"""The page of one record, and what its address answers when the record is not public."""

from django.http import Http404, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views.generic import DetailView

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


def newest(queryset, list_url, **query):
    """What a page shows of a long list: its first rows, how many there are, and the address of the whole of it."""
    rows = list(queryset[: RELATED + 1])
    total = len(rows) if len(rows) <= RELATED else queryset.count()
    return {"rows": rows[:RELATED], "total": total, "more": total > RELATED, "url": list_url, "query": query}
