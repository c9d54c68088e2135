"""The public lists and pages of people, organizations and countries."""

from django.utils.translation import gettext_lazy as _

from archive.core.lists import RecordList
from archive.core.localnames import short
from archive.core.pages import RecordPage, life_of, named_row, newest
from archive.core.timeline import Lane, Row, timeline
from people.filters import CountryFilter, OrganizationFilter, PersonFilter
from people.models import Country, Membership, Organization, Person


class People(RecordList):
    model = Person
    filterset_class = PersonFilter
    intro = _("Everybody whom the documents name.")


class PersonPage(RecordPage):
    model = Person

    def get_context_data(self, **kwargs):
        there, slug = self.object.participations.published(), self.object.slug
        participations = newest("events", there.events(), person=slug)
        statements = newest("statements", person=slug)
        positions = [named_row(row, row.date, f"#{row.anchor}") for row in self.object.positions.all()]
        lanes = [Lane(_("Positions"), positions), life_of(_("Events"), participations), life_of(_("Statements"), statements)]
        return super().get_context_data(participations=participations, statements=statements, timeline=timeline(lanes), **kwargs)


class Organizations(RecordList):
    model = Organization
    filterset_class = OrganizationFilter
    intro = _("Organizations, their bodies and their programmes.")


class OrganizationPage(RecordPage):
    model = Organization

    def get_context_data(self, **kwargs):
        organization = self.object
        there, slug = organization.participations.published(), organization.slug
        members = list(organization.members.published().for_page())
        memberships = list(organization.memberships.published().for_page())
        participations = newest("events", there.events(), organization=slug)
        statements = newest("statements", organization=slug)
        name = short(organization)
        lanes = [
            Lane(_("Existence"), [Row(name.text, organization.date, language=name.language)]),
            Lane(_("Presidencies"), [member_row(row) for row in members if row.role == Membership.Role.CHAIR]),
            Lane(_("Members"), [member_row(row) for row in members if row.role != Membership.Role.CHAIR]),
            Lane(_("Memberships"), [membership_row(row) for row in memberships]),
            life_of(_("Events"), participations),
            life_of(_("Statements"), statements),
        ]
        return super().get_context_data(
            bodies=organization.bodies.published(),
            members=members,
            memberships=memberships,
            positions=newest("people", organization.positions.published().for_page(), organization=slug),
            participations=participations,
            statements=statements,
            timeline=timeline(lanes),
            **kwargs,
        )


def member_row(row):
    """A membership as its organization's timeline has it."""
    return named_row(row.country or row.member, row.date, f"#{row.anchor}")


def membership_row(row):
    """A membership as its member's timeline has it."""
    return Row(f"{row.get_role_display()}, {short(row.organization).text}", row.date, f"#{row.anchor}")


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
        memberships = list(country.memberships.published().for_page())
        hosted = newest("events", country=slug, role="host")
        participations = newest("events", there.taking_part().events(), country=slug, role="participant")
        statements = newest("statements", country=slug)
        lanes = [
            Lane(_("Existence"), [named_row(country, country.date)]),
            Lane(_("Memberships and presidencies"), [membership_row(row) for row in memberships]),
            life_of(_("Events on its soil"), hosted),
            life_of(_("Events it took part in"), participations),
            life_of(_("Statements made for it"), statements),
        ]
        return super().get_context_data(
            memberships=memberships,
            hosted=hosted,
            participations=participations,
            mentions=newest("events", there.spoken_of().events(), country=slug, role="mentioned"),
            statements=statements,
            positions=newest("people", country.positions.published().for_page(), country=slug),
            organizations=newest("organizations", country=slug),
            timeline=timeline(lanes),
            **kwargs,
        )
