"""What the list of documents can be filtered by."""

from django.utils.translation import get_language_info

from archive.core.facets import Facet
from archive.core.filters import SortFilter, TextsFilter, WordsFilter, YearsFilter
from archive.core.filtersets import RecordFilterSet
from archive.sources.models import Document


def documents(request):
    return Document.objects.published().defer("text", "folded")


def language_name(tag):
    """A BCP 47 tag as readers know it, "Russian"; the tag itself where Django has no name for it."""
    try:
        return get_language_info(tag)["name"]
    except KeyError:
        return tag


class DocumentFilter(RecordFilterSet):
    q = WordsFilter()
    year = YearsFilter(label="Year")
    publisher = TextsFilter(label="Publisher", facet=Facet("publisher"), phrase="issued by {}")
    language = TextsFilter(label="Language", facet=Facet("language"), label_of=language_name, phrase="in {}")
    sort = SortFilter(
        {
            "-date": ("Newest first", ["-date_earliest", "title", "pk"]),
            "date": ("Oldest first", ["date_earliest", "title", "pk"]),
            "title": ("By title", ["title", "pk"]),
        }
    )

    class Meta:
        model = Document
        fields = []
