"""Querysets of events and statements, each loaded with what its page needs."""

from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from archive.core.querysets import RecordQuerySet
from archive.sources.querysets import published_evidence


class EventQuerySet(RecordQuerySet):
    def word_rule(self, word):
        """An event is found by its own words, by its agenda's and by what was said there in public."""
        from events.models import AgendaItem, Statement

        said = Statement.objects.published().filter(event=OuterRef("pk"), folded__contains=word)
        asked = AgendaItem.objects.filter(event=OuterRef("pk"), folded__contains=word)
        return Q(folded__contains=word) | Exists(said) | Exists(asked)

    def involving(self, country, role="either"):
        """Events that `country` hosted ("host"), took part in ("participant"), or either; one or a set of countries."""
        from events.models import Participation

        countries = country if hasattr(country, "__iter__") else [country]
        took_part = Exists(
            Participation.objects.published().taking_part().filter(event=OuterRef("pk"), country__in=countries)
        )
        hosted = Q(host_country__in=countries)
        return self.filter({"host": hosted, "participant": took_part, "either": hosted | took_part}[role])

    def with_participant(self, **who):
        """Events with a public row for `who` (`person__in=…`, `organization__in=…`), whatever its role."""
        from events.models import Participation

        return self.filter(Exists(Participation.objects.published().filter(event=OuterRef("pk"), **who)))

    def for_list(self):
        from events.models import Statement

        public = Count("statements", filter=Q(statements__state=Statement.State.PUBLISHED))
        return self.select_related("host_country").annotate(statement_count=public)

    def for_page(self):
        from events.models import AgendaItem, Event, Participation, Topic

        return self.select_related("host_country", "part_of").prefetch_related(
            published_evidence(),
            Prefetch("topics", Topic.objects.published()),
            Prefetch("participations", Participation.objects.published().for_page()),
            Prefetch("agenda", AgendaItem.objects.prefetch_related(published_evidence())),
            Prefetch("events", Event.objects.published()),
        )


class ParticipationQuerySet(RecordQuerySet):
    def taking_part(self):
        """Rows of those who were there, not of those only invited or spoken of."""
        return self.exclude(role__in=self.model.ABSENT)

    def with_names(self):
        """With what a row calls its participant."""
        return self.select_related("person", "organization", "country")

    def for_page(self):
        return self.with_names().prefetch_related(published_evidence())


class StatementQuerySet(RecordQuerySet):
    def by(self, **who):
        """Statements with a public speaker who is `who` (`person=…`, `country__in=…`, `organization=…`)."""
        from events.models import Participation

        speakers = Participation.objects.published().filter(**who)
        return self.filter(Exists(speakers.filter(statements=OuterRef("pk"))))

    def for_list(self):
        from events.models import Participation

        return self.select_related("event").prefetch_related(
            Prefetch("speakers", Participation.objects.published().with_names())
        )

    def for_page(self):
        from events.models import Topic

        return (
            self.for_list()
            .select_related("event", "agenda_item")
            .prefetch_related(published_evidence(), Prefetch("topics", Topic.objects.published()))
        )
