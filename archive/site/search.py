"""One search over everything that the archive holds."""

from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse
from django.views.generic import TemplateView

from archive.core import ledger
from archive.core.filters import LONGEST_QUERY
from archive.core.lists import row_template
from archive.core.ordering import Ordered, Ranked
from archive.core.prepared import listed
from archive.core.querysets import names_of
from archive.core.search import Vocabulary, parse, suggest
from archive.site.records import LISTS
from events.models import Topic
from people.models import Country, Organization, Person

SHOWN = 5  # records of a kind before the search leads to its list


class Search(TemplateView):
    """What was found of each kind, the best of it first, or the newest."""

    template_name = "site/search.html"

    def get(self, request, *args, **kwargs):
        typed = request.GET.get("q", "").strip()
        self.query, self.is_newest = parse(typed[:LONGEST_QUERY]), request.GET.get("sort") == "newest"
        self.text = str(self.query)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        groups = [group for group in (self.group(*one) for one in LISTS.values()) if group["total"]] if self.query else []
        meant = None if groups or not self.query else suggest(self.query, vocabulary(ledger.state()), finds)
        return super().get_context_data(
            query=self.query,
            typed=self.request.GET.get("q", "")[:LONGEST_QUERY],
            is_newest=self.is_newest,
            groups=groups,
            total=sum(group["total"] for group in groups),
            meant=meant,
            meant_query=urlencode({"q": meant}) if meant else "",
            **kwargs,
        )

    def group(self, model, filterset_class):
        """What was found of one kind: how many, the first of them, and the address of the list of all."""
        text = self.text[:LONGEST_QUERY]
        selection, asked = filterset_class.found(parse(text)), {"q": text}
        if self.is_newest:
            asked["sort"] = filterset_class.base_filters["sort"].default
        ordered = Ordered(selection, None) if self.is_newest else Ranked(selection, self.query)
        return {
            "model": model,
            "total": ordered.total,
            # Whole: the words found are shown in texts that a list does without.
            "rows": listed(model, ordered.pks(0, SHOWN), whole=True),
            "row_template": row_template(model),
            "url": f"{reverse(model.public_name.list)}?{urlencode(asked)}",
        }


def finds(query):
    """Whether `query` finds anything that is public."""
    return any(filterset_class.found(query).total for _, filterset_class in LISTS.values())


@lru_cache(maxsize=1)
def vocabulary(state):
    """The words of all public names, at one state of the ledger."""
    names = []
    for model in (Person, Organization, Country, Topic):
        names += model.objects.published().order_by("pk").values_list("name", flat=True)
        names += names_of(model).objects.published().order_by("pk").values_list("name", flat=True)
    return Vocabulary(names)
