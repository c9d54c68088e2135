"""What lists of people, organizations and countries can be filtered by."""

from archive.core.facets import Facet
from archive.core.filters import ChoicesFilter, RecordsFilter, SortFilter, WordsFilter
from archive.core.filtersets import RecordFilterSet
from people.models import Country, Organization, Person


def countries(request):
    return Country.objects.published()


def organizations(request):
    return Organization.objects.published()


def people(request):
    return Person.objects.published()


class PersonFilter(RecordFilterSet):
    q = WordsFilter(label="Name")
    country = RecordsFilter(queryset=countries, label="Country", facet=Facet("positions__country"), phrase="in a position for {}")
    organization = RecordsFilter(
        queryset=organizations, label="Organization", facet=Facet("positions__organization"), phrase="in a position at {}"
    )
    sort = SortFilter({"name": ("A to Z", ["sort_name", "name", "pk"]), "-name": ("Z to A", ["-sort_name", "-name", "-pk"])})

    class Meta:
        model = Person
        fields = []


class OrganizationFilter(RecordFilterSet):
    q = WordsFilter(label="Name")
    kind = ChoicesFilter(choices=Organization.Kind, label="Kind", facet=Facet("kind"), phrase=lambda names, data: names.lower())
    country = RecordsFilter(queryset=countries, label="Country", facet=Facet("country"), phrase="of {}")
    sort = SortFilter({"name": ("A to Z", ["name", "pk"]), "-name": ("Z to A", ["-name", "-pk"])})

    class Meta:
        model = Organization
        fields = []


class CountryFilter(RecordFilterSet):
    q = WordsFilter(label="Name")
    organization = RecordsFilter(
        queryset=organizations,
        label="Member of",
        facet=Facet("memberships__organization"),
        phrase="that are or were in {}",
    )
    sort = SortFilter({"name": ("A to Z", ["name", "pk"]), "-name": ("Z to A", ["-name", "-pk"])})

    class Meta:
        model = Country
        fields = []
