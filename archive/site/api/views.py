"""The read-only JSON API: lists and records, their schema, and the page that explains them."""

from functools import cache

from django.conf import settings
from django.urls import reverse
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler
from rest_framework.viewsets import ReadOnlyModelViewSet

from archive.core.pages import moved_to, present_slug, withdrawn_at
from archive.site.api.description import lists_of, shapes_of
from archive.site.api.filters import ListFilters
from archive.site.api.forms import public_form, public_rows
from archive.site.api.pages import CursorPages
from archive.site.records import LISTS

MOVED = OpenApiResponse(None, "The record has another address now: `Location` says which.")
ERRORS = {
    400: "The address cannot be read, or a parameter is unknown or has a value that makes no sense: `errors` says which.",
    404: "Nothing public has this address.",
    406: "The request accepts no JSON.",
    410: "The record was withdrawn.",
    414: "The address is too long.",
    429: "Too many requests: `Retry-After` says in how many seconds to ask again.",
}


class Problem(serializers.Serializer):
    """What is wrong with a request."""

    detail = serializers.CharField(help_text="What is wrong, in a sentence.")
    errors = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong with each parameter.",
    )


class Gone(APIException):
    status_code = 410


def explain(error, context):
    """Every error in one shape: `detail`, a sentence, and for wrong parameters `errors`, sentences by parameter."""
    response = exception_handler(error, context)
    if isinstance(error, ValidationError):
        response.data = {"detail": "The list cannot be shown as asked.", "errors": error.detail}
    return response


class Open:
    """A view that any page of any site may read."""

    def options(self, request, *args, **kwargs):
        """What a browser asks before it sends headers of its own."""
        allowed = {"Access-Control-Allow-Methods": ", ".join(self.allowed_methods), "Access-Control-Allow-Headers": "*"}
        return Response(status=204, headers={**allowed, "Access-Control-Max-Age": "86400"})


def documented(responses, errors, parameters=(), **said):
    """The schema of an operation with these answers, and those of the statuses `errors`."""
    wait = OpenApiParameter("Retry-After", int, OpenApiParameter.HEADER, description="Seconds to wait.", response=[429])
    answers = responses | {status: OpenApiResponse(Problem, ERRORS[status]) for status in errors}
    return extend_schema(parameters=[wait, *parameters], responses=answers, **said)


ROOT = {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}


class Root(Open, APIView):
    """The addresses of the lists."""

    @documented({200: ROOT}, [400, 406, 414, 429], operation_id="lists", tags=["root"], summary="The addresses of all lists")
    def get(self, request):
        names = [*LISTS, "schema", "docs"]
        return Response({name: request.build_absolute_uri(reverse(f"api:{name}")) for name in names})


class Records(Open, ReadOnlyModelViewSet):
    """The published records of one model."""

    model = None
    filterset_class = None
    filter_backends = [ListFilters]
    pagination_class = CursorPages
    lookup_field = "slug"

    def get_queryset(self):
        return public_rows(self.model, whole=self.action == "retrieve")

    def get_serializer_class(self):
        return public_form(self.model, whole=self.action == "retrieve")

    def get_serializer_context(self):
        base = self.request.build_absolute_uri("/").rstrip("/") if self.request else ""
        return {**super().get_serializer_context(), "base": base}

    def retrieve(self, request, *args, **kwargs):
        try:
            return super().retrieve(request, *args, **kwargs)
        except NotFound:
            if present := present_slug(self.model, kwargs["slug"].lower()):
                return moved_to(lambda address: Response(status=301, headers={"Location": address}), request, present)
            raise

    def get_object(self):
        slug = self.kwargs["slug"].lower()
        if record := self.get_queryset().filter(slug=slug).first():
            return record
        if withdrawn := withdrawn_at(self.model, slug):
            raise Gone(f"“{withdrawn.tombstone}” was withdrawn.")
        raise NotFound(ERRORS[404])


@cache
def schema():
    """The OpenAPI description of the API: it depends on nothing but the code."""
    return SchemaGenerator().get_schema(request=None, public=True)


class Schema(Open, APIView):
    """The OpenAPI 3 description of the API."""

    @extend_schema(exclude=True)
    def get(self, request):
        return Response(schema())


class Docs(TemplateView):
    """The schema as a page to read."""

    template_name = "site/api.html"

    def get_context_data(self, **kwargs):
        said = {"lists": lists_of(schema()), "shapes": shapes_of(schema()), "errors": ERRORS, "rate": settings.API_RATE}
        return super().get_context_data(**said, **kwargs)
