"""The addresses of the API: those of the pages, behind /api/."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema_view

from archive.site.api.forms import public_form
from archive.site.api.views import MOVED, Docs, Records, Root, Schema, documented
from archive.site.records import LISTS

app_name = "api"
SLUG = OpenApiParameter(
    "slug",
    {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    OpenApiParameter.PATH,
    description="The last part of the address of its page.",
)


def records(name):
    """The view class of the list `name`, described for the schema."""
    model, filterset_class = LISTS[name]
    view = type(model.__name__, (Records,), {"__doc__": model.__doc__, "model": model, "filterset_class": filterset_class})
    kind, kinds = model._meta.verbose_name, model._meta.verbose_name_plural
    return extend_schema_view(
        list=documented(
            {200: public_form(model, whole=False)(many=True)}, [400, 406, 414, 429], tags=[name], summary=f"The published {kinds}"
        ),
        retrieve=documented(
            {200: public_form(model), 301: MOVED},
            [400, 404, 406, 410, 414, 429],
            [SLUG],
            tags=[name],
            summary=f"One published {kind}",
        ),
    )(view)


def addresses(name):
    view = records(name)
    return [
        path(f"{name}/", view.as_view({"get": "list"}), name=name),
        path(f"{name}/<slug:slug>/", view.as_view({"get": "retrieve"}), name=view.model._meta.model_name),
    ]


urlpatterns = [
    path("", Root.as_view(), name="root"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="docs"),
    *[address for name in LISTS for address in addresses(name)],
]
