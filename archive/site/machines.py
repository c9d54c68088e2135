"""Pages that programs read: a record as linked data, and how the archive is searched from a browser."""

import json

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from archive.core.pages import RecordPage
from archive.site.linked import linked

LINKED = "application/ld+json"


def site_of(request):
    """What stands before the path of every address of the archive: its scheme and its host."""
    return f"{request.scheme}://{request.get_host()}"


def json_answer(data, content_type=LINKED):
    """`data` as an answer in JSON."""
    return HttpResponse(json.dumps(data, ensure_ascii=False, indent=1), content_type=content_type)


class RecordData(RecordPage):
    """A published record as JSON-LD; answers as the record's page does when there is none."""

    def render_to_response(self, context, **kwargs):
        return json_answer(linked(self.object, site_of(self.request)))


@require_safe
def opensearch(request):
    """How browsers search the archive (OpenSearch 1.1), in the language of the address: with a page or a feed for answer."""
    site = site_of(request)
    context = {
        "site": site,
        "here": f"{site}{request.path}",
        "search": f"{site}{reverse('search')}",
        "feeds": [reverse("events-feed"), reverse("statements-feed")],
    }
    return render(request, "site/opensearch.xml", context, content_type="application/opensearchdescription+xml")
