"""What the list of documents can be filtered by."""

from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from archive.core.facets import Facet
from archive.core.filters import SortFilter, TextsFilter, WordsFilter, YearsFilter
from archive.core.filtersets import RecordFilterSet
from archive.sources.models import Document


def documents(request):
    return Document.objects.published().defer("text", "folded")


def language_name(tag):
    """A BCP 47 tag as readers know it, "Russian"; the tag itself where Django has no name for it."""
    try:
        return get_language_info(tag)["name_translated"]
    except KeyError:
        return tag


class DocumentFilter(RecordFilterSet):
    q = WordsFilter()
    year = YearsFilter(label=_("Year"))
    publisher = TextsFilter(label=_("Publisher"), facet=Facet("publisher"), phrase=_("issued by {}"))
    language = TextsFilter(
        label=_("Language"), facet=Facet("language"), label_of=language_name, phrase=pgettext_lazy("a language", "in {}")
    )
    sort = SortFilter(
        {
            "-date": (_("Newest first"), ["-date_earliest", "title", "pk"]),
            "date": (_("Oldest first"), ["date_earliest", "title", "pk"]),
            "title": (_("By title"), ["title", "pk"]),
        }
    )

    class Meta:
        model = Document
        fields = []
