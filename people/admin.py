"""The admin of people, organizations and countries."""

from django.contrib import admin

from archive.core.admin import Counted, IdentifiersInline, ShownRows, count_of
from archive.core.curation.desk import Gap
from archive.sources.admin import CitedAdmin, CitedInline
from archive.sources.models import EVIDENCE
from people.models import (
    Country,
    CountryName,
    Membership,
    Organization,
    OrganizationIdentifier,
    OrganizationName,
    Person,
    PersonIdentifier,
    PersonName,
    Position,
)

NAME_FIELDS = [("name", "kind", "language", "script", "order"), *EVIDENCE]


class NamesInline(CitedInline):
    fields = NAME_FIELDS
    verbose_name, verbose_name_plural = "other name", "other names"


class CountryNames(NamesInline):
    model = CountryName


class OrganizationNames(NamesInline):
    model = OrganizationName


class PersonNames(NamesInline):
    model = PersonName


class OrganizationIdentifiers(IdentifiersInline):
    model = OrganizationIdentifier


class PersonIdentifiers(IdentifiersInline):
    model = PersonIdentifier


class Positions(CitedInline):
    model = Position
    autocomplete_fields = ["organization", "country"]
    fields = [("title", "date"), ("organization", "country"), ("order", "slug"), *EVIDENCE]


class Members(CitedInline):
    """Who is in an organization."""

    model = Membership
    fk_name = "organization"
    verbose_name, verbose_name_plural = "member", "members and presidencies"
    autocomplete_fields = ["country", "member"]
    fields = [("country", "member", "role", "date"), ("order", "slug"), *EVIDENCE]


class CountryMemberships(ShownRows):
    """What a country is in; each is a row of its organization, and is edited there."""

    model = Membership
    fk_name = "country"
    verbose_name, verbose_name_plural = "membership", "memberships and presidencies"
    fields = readonly_fields = ["organization", "role", "date"]


class OrganizationMemberships(CountryMemberships):
    """What an organization is in."""

    fk_name = "member"


class NamedAdmin(Counted, CitedAdmin):
    search_fields = ["folded", "names__folded"]
    address_from = "name"


@admin.register(Country)
class CountryAdmin(NamedAdmin):
    list_display = ["name", "code", "membership_count", "hosted_count", "participation_count", "state"]
    list_filter = ["state"]
    fields = ["name", "code", "state", "date", *EVIDENCE]
    inlines = [CountryNames, CountryMemberships]
    membership_count = count_of("memberships")
    hosted_count = count_of("hosted_events")
    participation_count = count_of("participations")


@admin.register(Organization)
class OrganizationAdmin(NamedAdmin):
    list_display = ["name", "acronym", "kind", "parent", "country", "member_count", "participation_count", "state"]
    list_filter = ["state", "kind", ("country", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["parent", "country"]
    batch_fields = ["kind", "country", "parent"]
    autocomplete_fields = ["parent", "country"]
    fieldsets = [
        (None, {"fields": [("name", "acronym"), "slug", "state", "kind"]}),
        ("What it is", {"fields": ["parent", ("seat", "country"), "date", "summary"]}),
        ("Evidence", {"fields": EVIDENCE}),
    ]
    inlines = [OrganizationNames, OrganizationIdentifiers, Members, OrganizationMemberships]
    member_count = count_of("members")
    participation_count = count_of("participations")


@admin.register(Person)
class PersonAdmin(NamedAdmin):
    list_display = ["name", "sort_name", "titles", "position_count", "participation_count", "state"]
    list_filter = ["state", ("positions__organization", admin.RelatedOnlyFieldListFilter)]
    fieldsets = [
        (None, {"fields": [("name", "sort_name"), "slug", "state", "titles", "summary"]}),
        ("Evidence", {"fields": EVIDENCE}),
    ]
    gaps = [Gap("no-position", "without a position", lambda people: people.filter(positions=None))]
    inlines = [PersonNames, PersonIdentifiers, Positions]
    position_count = count_of("positions")
    participation_count = count_of("participations")
