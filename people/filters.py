"""What lists of people, organizations and countries can be filtered by."""

from archive.core.filters import ChoicesFilter, RecordFilterSet, RecordsFilter, SortFilter, WordsFilter
from people.models import Country, Membership, Organization, Person, Position


def countries(request):
    return Country.objects.published()


def organizations(request):
    return Organization.objects.published()


def people(request):
    return Person.objects.published()


class PersonFilter(RecordFilterSet):
    q = WordsFilter(label="Name")
    country = RecordsFilter(queryset=countries, label="Country", phrase="in a position for {}", method="in_position")
    organization = RecordsFilter(queryset=organizations, label="Organization", phrase="in a position at {}", method="in_position")
    sort = SortFilter({"name": ("A to Z", ["sort_name", "name", "pk"]), "-name": ("Z to A", ["-sort_name", "-name", "-pk"])})

    class Meta:
        model = Person
        fields = []

    def in_position(self, queryset, name, chosen):
        return queryset.filter(pk__in=Position.objects.published().filter(**{f"{name}__in": chosen}).values("person"))


class OrganizationFilter(RecordFilterSet):
    q = WordsFilter(label="Name")
    kind = ChoicesFilter(choices=Organization.Kind, label="Kind", phrase=lambda names, data: names.lower())
    country = RecordsFilter(queryset=countries, label="Country", phrase="of {}", method="of_country")
    sort = SortFilter({"name": ("A to Z", ["name", "pk"]), "-name": ("Z to A", ["-name", "-pk"])})

    class Meta:
        model = Organization
        fields = []

    def of_country(self, queryset, name, chosen):
        return queryset.filter(country__in=chosen)


class CountryFilter(RecordFilterSet):
    q = WordsFilter(label="Name")
    organization = RecordsFilter(
        queryset=organizations, label="Member of", phrase="that are or were in {}", method="in_organization"
    )
    sort = SortFilter({"name": ("A to Z", ["name", "pk"]), "-name": ("Z to A", ["-name", "-pk"])})

    class Meta:
        model = Country
        fields = []

    def in_organization(self, queryset, name, chosen):
        members = Membership.objects.published().filter(organization__in=chosen, country__isnull=False)
        return queryset.filter(pk__in=members.values("country"))
