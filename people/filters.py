"""What lists of people, organizations and countries can be filtered by."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
    q = WordsFilter(label=_("Name"))
    country = RecordsFilter(
        queryset=countries, label=_("Country"), facet=Facet("positions__country"), phrase=_("in a position for {}")
    )
    organization = RecordsFilter(
        queryset=organizations, label=_("Organization"), facet=Facet("positions__organization"), phrase=_("in a position at {}")
    )
    sort = SortFilter({"name": (_("A to Z"), ["sort_name", "name", "pk"]), "-name": (_("Z to A"), ["-sort_name", "-name", "-pk"])})

    class Meta:
        model = Person
        fields = []


class OrganizationFilter(RecordFilterSet):
    q = WordsFilter(label=_("Name"))
    kind = ChoicesFilter(choices=Organization.Kind, label=_("Kind"), facet=Facet("kind"), phrase=lambda names, data: names.lower())
    country = RecordsFilter(
        queryset=countries, label=_("Country"), facet=Facet("country"), phrase=pgettext_lazy("a country", "of {}")
    )
    sort = SortFilter({"name": (_("A to Z"), ["name", "pk"]), "-name": (_("Z to A"), ["-name", "-pk"])})

    class Meta:
        model = Organization
        fields = []


class CountryFilter(RecordFilterSet):
    q = WordsFilter(label=_("Name"))
    organization = RecordsFilter(
        queryset=organizations,
        label=_("Member of"),
        facet=Facet("memberships__organization"),
        phrase=_("that are or were in {}"),
    )
    sort = SortFilter({"name": (_("A to Z"), ["name", "pk"]), "-name": (_("Z to A"), ["-name", "-pk"])})

    class Meta:
        model = Country
        fields = []
