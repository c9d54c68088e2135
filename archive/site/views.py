"""The pages of the site as a whole."""

from django.views.generic import TemplateView

from archive.site.records import RECORDS
from archive.sources.models import Document
from events.models import Event, Statement

SHOWN = [Event, Statement, RECORDS["people"], RECORDS["organizations"], RECORDS["countries"], RECORDS["topics"], Document]
NEWEST = 5


class Home(TemplateView):
    """What the archive holds, and what was added last."""

    template_name = "site/home.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            holdings=[(model._meta, model.objects.published().count()) for model in SHOWN],
            events=Event.objects.published().for_list().order_by("-pk")[:NEWEST],
            statements=Statement.objects.published().for_list().newest_first()[:NEWEST],
            documents=Document.objects.published().for_list().order_by("-pk")[:NEWEST],
            **kwargs,
        )


class About(TemplateView):
    template_name = "site/about.html"
