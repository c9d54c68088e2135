"""A list of published records: its address says what it shows, and so does it, in words."""

from itertools import chain

from django.http import Http404, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import ListView, TemplateView, View

from archive.core.exports import FORMATS, export
from archive.core.lines import lines_of
from archive.core.panels import FacetPage, Panel
from archive.core.prepared import listed

CHUNK = 10_000  # primary keys of an export that are in memory at once


class FilteredList:
    """What every view of a list starts from. A subclass names its `model` and `filterset_class`."""

    model = None
    filterset_class = None

    def dispatch(self, request, *args, **kwargs):
        self.filterset = self.filterset_class(request.GET, queryset=self.model.objects.none(), request=request)
        address = self.filterset.address(self.canonical_path(), self.extra_parameters())
        if request.method in ("GET", "HEAD") and address != request.get_full_path():
            # A form sends what nobody touched, too, and a value has many orders to stand in: one list has one address.
            return HttpResponseRedirect(address)
        return super().dispatch(request, *args, **kwargs)

    def canonical_path(self):
        return self.request.path

    def extra_parameters(self):
        """(name, value) of the parameters that are no filters."""
        page = self.request.GET.get("page", "1")
        return [] if page == "1" else [("page", page)]

    @cached_property
    def ordered(self):
        """The records that the filters let through, in order; None when there is nonsense in the filters."""
        return self.filterset.ordered() if self.filterset.is_valid() else None

    @property
    def selection(self):
        return self.ordered.selection if self.ordered else None

    def list_context(self):
        filters = self.filterset.in_use()
        return {
            "model": self.model,
            "filterset": self.filterset,
            "filters": filters,
            "query": self.filterset.query,
            "heading": ", ".join([str(self.model.public_name.many), *(given["phrase"] for given in filters)]),
            "total": self.selection.total if self.selection else 0,
            "list_path": reverse(self.model.public_name.list),
        }


class RecordList(FilteredList, ListView):
    """A filtered, sorted, paged list of records; `intro` says what the list is of."""

    template_name = "core/list.html"
    paginate_by = 25
    intro = ""
    feeds = [(_("Atom feed"), "feed")]

    def get_queryset(self):
        return Rows(self.model, self.ordered, self.filterset.query)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs) | self.list_context()
        page, list_name = context["page_obj"], self.model.public_name.list
        return context | {
            "intro": self.intro,
            "panel": Panel(self.filterset, self.selection, context["list_path"]),
            "row_template": row_template(self.model),
            "pages": context["paginator"].get_elided_page_range(page.number, on_each_side=2, on_ends=1),
            "formats": [
                (one.label, self.filterset.address(reverse(f"{list_name}-file", args=[name]))) for name, one in FORMATS.items()
            ],
            "feeds": [(label, self.filterset.address(reverse(f"{list_name}-{feed}"))) for label, feed in self.feeds],
        }


def row_template(model):
    """The template that shows a record of `model` as a row of a list."""
    return f"{model._meta.app_label}/_{model._meta.model_name}_row.html"


class Rows:
    """Records in order as a paginator wants them: counted by the index, read by primary key, whole where `query` found them."""

    def __init__(self, model, ordered, query):
        self.model = model
        self.ordered = ordered
        self.query = query

    def count(self):
        return self.ordered.total if self.ordered else 0

    def __len__(self):
        return self.count()

    def __getitem__(self, page):
        pks = self.ordered.pks(page.start, page.stop) if self.ordered else []
        return listed(self.model, pks, whole=bool(self.query))


class FacetValues(FilteredList, TemplateView):
    """Every value of one facet of a list, with its count, to be searched by a part of its name."""

    template_name = "core/facet.html"

    def extra_parameters(self):
        find = self.request.GET.get("find", "").strip()[:200]
        return [*([("find", find)] if find else []), *super().extra_parameters()]

    def get_context_data(self, **kwargs):
        name = kwargs["facet"]
        if not hasattr(self.filterset.filters.get(name), "labels"):
            raise Http404("There is no such facet.")
        context = super().get_context_data(**kwargs) | self.list_context()
        parameters = dict(self.extra_parameters())
        page = FacetPage(self.filterset, self.selection, context["list_path"], name, parameters.get("find", ""))
        return context | {"facet": page, "page_obj": page.page(parameters.get("page", "1"))}


class Export(FilteredList, View):
    """The whole list, as filtered and in its order, as a file."""

    def extra_parameters(self):
        return []

    def get(self, request, format, **kwargs):
        if format not in FORMATS:
            raise Http404("There is no such format.")
        if self.ordered is None:
            raise Http404("The filters cannot be understood.")
        pks = chain.from_iterable(self.ordered.in_chunks(CHUNK))
        site = f"{request.scheme}://{request.get_host()}"
        content = lines_of(self.filterset_class).export(pks, site) if format == "csv" else export(format, self.model, pks, site)
        answer = StreamingHttpResponse(content, content_type=FORMATS[format].content_type)
        answer["Content-Disposition"] = f'attachment; filename="{self.model.public_name.list}.{format}"'
        answer["X-Robots-Tag"] = "noindex"
        return answer


def list_urls(view):
    """The addresses of the list `view` (a RecordList) and of its facets, to be read in any language."""
    name, shared = view.model.public_name.list, {"model": view.model, "filterset_class": view.filterset_class}
    return [
        path(f"{name}/", view.as_view(), name=name),
        path(f"{name}/by/<slug:facet>/", FacetValues.as_view(**shared), name=f"{name}-by"),
    ]


def file_url(view):
    """The address of the list `view` as a file, the same for every language."""
    name, shared = view.model.public_name.list, {"model": view.model, "filterset_class": view.filterset_class}
    return path(f"{name}/list.<slug:format>", Export.as_view(**shared), name=f"{name}-file")
