"""The public lists and pages of people, organizations and countries."""

from django.utils.translation import gettext_lazy as _

from archive.core.lists import RecordList
from archive.core.pages import RecordPage, newest
from people.filters import CountryFilter, OrganizationFilter, PersonFilter
from people.models import Country, Organization, Person


class People(RecordList):
    model = Person
    filterset_class = PersonFilter
    intro = _("Everybody whom the documents name.")


class PersonPage(RecordPage):
    model = Person

    def get_context_data(self, **kwargs):
        there, slug = self.object.participations.published(), self.object.slug
        return super().get_context_data(
            participations=newest("events", there.events(), person=slug),
            statements=newest("statements", person=slug),
            **kwargs,
        )


class Organizations(RecordList):
    model = Organization
    filterset_class = OrganizationFilter
    intro = _("Organizations, their bodies and their programmes.")


class OrganizationPage(RecordPage):
    model = Organization

    def get_context_data(self, **kwargs):
        organization = self.object
        there, slug = organization.participations.published(), organization.slug
        return super().get_context_data(
            bodies=organization.bodies.published(),
            members=organization.members.published().for_page(),
            memberships=organization.memberships.published().for_page(),
            positions=newest("people", organization.positions.published().for_page(), organization=slug),
            participations=newest("events", there.events(), organization=slug),
            statements=newest("statements", organization=slug),
            **kwargs,
        )


class Countries(RecordList):
    model = Country
    filterset_class = CountryFilter
    paginate_by = 300  # every country there is, on one page
    intro = _("Countries that took part, were spoken for or were spoken of.")


class CountryPage(RecordPage):
    model = Country

    def get_context_data(self, **kwargs):
        country = self.object
        there, slug = country.participations.published(), country.slug
        return super().get_context_data(
            memberships=country.memberships.published().for_page(),
            hosted=newest("events", country=slug, role="host"),
            participations=newest("events", there.taking_part().events(), country=slug, role="participant"),
            mentions=newest("events", there.spoken_of().events(), country=slug, role="mentioned"),
            statements=newest("statements", country=slug),
            positions=newest("people", country.positions.published().for_page(), country=slug),
            organizations=newest("organizations", country=slug),
            **kwargs,
        )
