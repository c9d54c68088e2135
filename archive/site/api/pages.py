"""Paging by cursor: each page begins behind the last records of the one before, so that no edit moves or repeats the rest."""

from itertools import groupby

from django.core import signing
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from archive.core.querysets import in_order_of

PAGE, MOST = 25, 100
REACH = 1_000  # records that may come or go before a place between two pages
WITNESSES = 5  # records that say where it was
PARAMETERS = {
    "cursor": {
        "description": "Where the page begins: taken from `next` of the page before.",
        "schema": {"type": "string"},
    },
    "page_size": {
        "description": "How many records a page has.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE},
    },
}


class CursorPages(BasePagination):
    """Pages of a list as filtered and in its order, `view.filterset`.

    A cursor is the place where the next page begins, and the records just before it, by which that place is found again when
    the list has changed. It is signed, so that only what was given out for this list is taken back.
    """

    def paginate_queryset(self, queryset, request, view):
        self.request, ordered = request, view.filterset.ordered()
        self.total, size = ordered.total, self.page_size()
        signer = signing.Signer(salt=view.filterset.address(request.path))
        place, before = self.read(signer)
        start = begin(ordered, place, before)
        page = [pk for pk in ordered.pks(start, start + size) if pk not in before]
        is_last = start + size >= self.total
        self.next = None if is_last else signer.sign_object([start + size, [*before, *page][-WITNESSES:]])
        return in_order_of(page, queryset)

    def page_size(self):
        given = self.request.query_params.get("page_size", str(PAGE))
        if not (given.isascii() and given.isdigit() and len(given) < 9 and 1 <= int(given) <= MOST):
            raise ValidationError({"page_size": [f"Give a whole number from 1 to {MOST}."]})
        return int(given)

    def read(self, signer):
        """(place, records before it) of the cursor that was given; of the list's beginning when there is none."""
        if "cursor" not in self.request.query_params:
            return 0, []
        try:
            return signer.unsign_object(self.request.query_params["cursor"])
        except signing.BadSignature:
            raise ValidationError({"cursor": ["This is no cursor of this list in this order. Begin without one."]}) from None

    def get_paginated_response(self, data):
        here = self.request.build_absolute_uri()
        following = replace_query_param(here, "cursor", self.next) if self.next else None
        return Response({"total": self.total, "next": following, "results": data})

    def get_paginated_response_schema(self, schema):
        return {
            "type": "object",
            "required": ["total", "next", "results"],
            "properties": {
                "total": {"type": "integer", "description": "How many records the list has on all its pages."},
                "next": {
                    "type": "string",
                    "format": "uri",
                    "nullable": True,
                    "description": "The address of the next page; null on the last one.",
                },
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view):
        return [{"name": name, "in": "query", "required": False, **said} for name, said in PARAMETERS.items()]


def begin(ordered, place, before):
    """Where to go on in a list that may have changed, when `place` was next and the primary keys `before` had just been read.

    That is behind most of them: one may be gone, or have moved elsewhere, and a new record may stand among them.
    """
    if not before:
        return place
    first = max(0, place - REACH)
    there = [here for here, pk in enumerate(ordered.pks(first, place + REACH), first) if pk in before]
    runs = groupby(enumerate(there), key=lambda pair: pair[1] - pair[0])  # places that follow upon each other
    together = [[here for _, here in run] for _, run in runs]
    return max(together, key=len)[-1] + 1 if together else place
