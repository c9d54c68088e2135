"""A list of published records: its address says what it shows, and so does it, in words."""

from django.http import HttpResponseRedirect
from django.views.generic import ListView


class RecordList(ListView):
    """A filtered, sorted, paged list. A subclass names its `model` and `filterset_class`; `intro` says what the list is of."""

    filterset_class = None
    template_name = "core/list.html"
    paginate_by = 25
    intro = ""

    def get(self, request, *args, **kwargs):
        tidy = request.GET.copy()
        for name, values in request.GET.lists():
            if self.filterset_class.says_nothing(name, values):
                del tidy[name]
        if len(tidy) < len(request.GET):  # a form sends what nobody touched too; an address worth sharing is without it
            return HttpResponseRedirect(f"{request.path}?{tidy.urlencode()}" if tidy else request.path)
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        published = self.model.objects.published()
        every = published.for_list() if hasattr(published, "for_list") else published
        self.filterset = self.filterset_class(self.request.GET, queryset=every, request=self.request)
        return self.filterset.qs if self.filterset.is_valid() else every.none()

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        paginator, page = context["paginator"], context["page_obj"]
        meta, filters = self.model._meta, self.filters_in_use()
        return context | {
            "meta": meta,
            "intro": self.intro,
            "filterset": self.filterset,
            "filters": filters,
            "heading": ", ".join([meta.verbose_name_plural.capitalize(), *(given["phrase"] for given in filters)]),
            "row_template": f"{meta.app_label}/_{meta.model_name}_row.html",
            "total": paginator.count,
            "pages": paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        }

    def filters_in_use(self):
        """Each filter in use: its name, its phrase, and the query string of the list without it."""
        return [{"name": name, "phrase": phrase, "without": self.query_without(name)} for name, phrase in self.filterset.describe()]

    def query_without(self, name):
        query = self.request.GET.copy()
        for gone in (name, "page"):
            query.pop(gone, None)
        return f"?{query.urlencode()}" if query else self.request.path
