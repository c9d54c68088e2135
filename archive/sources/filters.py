"""What the list of documents can be filtered by."""

import django_filters

from archive.core.filters import Phrased, RecordFilterSet, SortFilter, WordsFilter, YearsFilter
from archive.sources.models import Document


class TextFilter(Phrased, django_filters.CharFilter):
    """Records whose field is exactly the text."""


class DocumentFilter(RecordFilterSet):
    q = WordsFilter()
    year = YearsFilter(label="Year or years")
    publisher = TextFilter(max_length=300, label="Publisher", phrase="issued by {}")
    language = TextFilter(max_length=35, label="Language", phrase="in the language “{}”")
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
