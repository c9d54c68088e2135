"""The page that explains the archive's data, and the whole of it to take home."""

import functools

from django.conf import settings
from django.http import FileResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from archive.core.columns import list_table
from archive.core.exports import FORMATS
from archive.site.package import keep, kept_path
from archive.site.package_tables import tables
from archive.site.records import LISTS

AGAIN = 30  # seconds after which to ask for a package that is being written
TYPES = {
    "string": "text",
    "integer": "whole number",
    "date": "day, such as 2015-06-25",
    "edtf": "partial date, in EDTF",
    "list": "list",
    "array": "array",
    "object": "object",
}


class Data(TemplateView):
    """What there is to take home, and what every column of it means."""

    template_name = "site/data.html"

    def get_context_data(self, **kwargs):
        lists, package = explained()
        licence = settings.DATA_LICENCE
        return super().get_context_data(formats=FORMATS.values(), lists=lists, package=package, licence=licence, **kwargs)


@functools.cache
def explained():
    """Two lists of (name, description, columns): of the lists' exports, and of the package's tables."""
    lists = [(model.public_name.list, "", list_table(model, "").columns) for model, _ in LISTS.values()]
    package = [(table.name, table.description, table.columns) for table in tables()]
    return [[(name, said, list(map(explain, columns))) for name, said, columns in kind] for kind in (lists, package)]


def explain(column):
    """(name, type in words, meaning, values) of a column."""
    return column.name, TYPES[column.type], column.meaning, column.values


@require_safe
def package(request):
    """The data package of the archive as it is now. It is written once for each state of the ledger, and by one at a time."""
    path = kept_path()
    if not path.exists() and keep(path) is None:
        busy = render(request, "site/busy.html", {"seconds": AGAIN}, status=503)
        busy["Retry-After"] = str(AGAIN)
        return busy
    return FileResponse(path.open("rb"), as_attachment=True, filename="annals.zip")
