"""Querysets of people, organizations and countries, each loaded with what its page needs."""

from django.db.models import Prefetch

from archive.core.querysets import RecordQuerySet, names_of
from archive.sources.querysets import published_evidence


class NamedQuerySet(RecordQuerySet):
    """Records that bear several names."""

    def with_names(self):
        return self.prefetch_related(Prefetch("names", names_of(self.model).objects.prefetch_related(published_evidence())))


class CountryQuerySet(NamedQuerySet):
    def for_page(self):
        return self.with_names().prefetch_related(published_evidence())


class OrganizationQuerySet(NamedQuerySet):
    def for_list(self):
        return self.select_related("parent", "country")

    def for_page(self):
        return self.select_related("parent", "country").with_names().prefetch_related("identifiers", published_evidence())


class PersonQuerySet(NamedQuerySet):
    def for_list(self):
        from people.models import Position

        return self.prefetch_related(Prefetch("positions", Position.objects.published().with_places()))

    def for_page(self):
        from people.models import Position

        positions = Position.objects.published().with_places().prefetch_related(published_evidence())
        return self.with_names().prefetch_related("identifiers", published_evidence(), Prefetch("positions", positions))


class PositionQuerySet(RecordQuerySet):
    def with_places(self):
        """With what a position says of where it was held."""
        return self.select_related("organization", "country")

    def for_page(self):
        """The positions at one organization, or for one country: who held them."""
        return self.with_labels().prefetch_related(published_evidence())


class MembershipQuerySet(RecordQuerySet):
    def for_page(self):
        return self.select_related("organization", "country", "member").prefetch_related(published_evidence())
