"""Querysets of events and statements, each loaded with what its page needs."""

from django.db.models import Count, Exists, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce

from archive.core.querysets import RecordQuerySet
from archive.sources.querysets import published_evidence
from people.querysets import NamedQuerySet


class TopicQuerySet(NamedQuerySet):
    def for_list(self):
        return self.select_related("broader")

    def for_page(self):
        return (
            self.select_related("broader")
            .with_names()
            .prefetch_related(published_evidence(), Prefetch("narrower", self.model.objects.published()))
        )


class EventQuerySet(RecordQuerySet):
    def for_list(self):
        from events.models import Statement

        # By a subquery: a join would group the rows by every column that they have.
        public = Statement.objects.published().filter(event=OuterRef("pk")).order_by().values("event")
        counted = Subquery(public.annotate(total=Count("pk")).values("total"))
        return self.select_related("host_country").annotate(statement_count=Coalesce(counted, 0))

    def for_page(self):
        from events.models import AgendaItem, Participation, Statement, Topic

        return self.select_related("host_country", "part_of").prefetch_related(
            "identifiers",
            published_evidence(),
            Prefetch("topics", Topic.objects.published()),
            Prefetch("participations", Participation.objects.published().for_page()),
            Prefetch("agenda", AgendaItem.objects.prefetch_related(published_evidence())),
            Prefetch("statements", Statement.objects.published().for_event()),
        )


class ParticipationQuerySet(RecordQuerySet):
    def taking_part(self):
        """Rows of those who were there, not of those only invited or spoken of."""
        return self.exclude(role__in=self.model.ABSENT)

    def spoken_of(self):
        """Rows of those whom an event's documents only speak of."""
        return self.filter(role=self.model.Role.MENTIONED)

    def events(self):
        """The published events of these rows; each has them as its `rows`."""
        from events.models import Event

        there = Event.objects.published().filter(Exists(self.order_by().filter(event=OuterRef("pk"))))
        rows = Prefetch("participations", self.with_names(), to_attr="rows")
        return there.for_list().prefetch_related(rows)

    def statements(self):
        """The published statements that these participants made."""
        from events.models import Statement

        made = self.order_by().filter(statements=OuterRef("pk"))
        return Statement.objects.published().filter(Exists(made))

    def with_names(self):
        """With what a row calls its participant."""
        return self.select_related("person", "organization", "country")

    def for_page(self):
        return self.with_names().prefetch_related(published_evidence())


class StatementQuerySet(RecordQuerySet):
    def with_speakers(self):
        from events.models import Participation

        return self.prefetch_related(Prefetch("speakers", Participation.objects.published().with_names()))

    def for_list(self):
        return self.select_related("event").with_speakers()

    def for_event(self):
        """With all that the page of their event shows of them."""
        from events.models import Topic

        topics = Prefetch("topics", Topic.objects.published())
        return self.select_related("agenda_item").with_speakers().prefetch_related(topics, published_evidence())

    def for_page(self):
        return self.select_related("event").for_event()
