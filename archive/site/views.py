"""The pages of the site as a whole."""

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from archive.core.prepared import listed
from archive.site.pictures.years import YearsPicture
from archive.site.records import LISTS
from archive.sources.models import Document
from events.models import Event, Statement

NEWEST = 5


class Home(TemplateView):
    """What the archive holds, which events were added last, and what was said last."""

    template_name = "site/home.html"

    def get_context_data(self, **kwargs):
        lists = {name: filterset_class(QueryDict()).ordered() for name, (_, filterset_class) in LISTS.items()}
        return super().get_context_data(
            holdings=[(model, lists[name].total) for name, (model, _) in LISTS.items()],
            events=Event.objects.published().for_list().order_by("-pk")[:NEWEST],
            statements=listed(Statement, lists["statements"].pks(0, NEWEST)),
            years=YearsPicture(),
            model=Event,
            documents=Document.objects.published().for_list().order_by("-pk")[:NEWEST],
            **kwargs,
        )


class About(TemplateView):
    template_name = "site/about.html"


@require_safe
def robots(request):
    """What crawlers are asked to leave alone: lists as filtered, which are without number, and their files; where all else is."""
    rules = [
        "User-agent: *",
        "Disallow: /*?",
        "Disallow: /admin/",
        "Disallow: /*/by/",
        "Disallow: /*/list.",
        "Disallow: /data/annals.zip",
        "Allow: /sitemap-",  # the longer rule holds, although its pages have a "?"
        "",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemaps'))}",
    ]
    return HttpResponse("\n".join([*rules, ""]), content_type="text/plain; charset=utf-8")
