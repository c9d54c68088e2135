"""Querysets of events and statements, each loaded with what its page needs."""

import functools
import operator

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from archive.core.querysets import RecordQuerySet, overlap_rule
from archive.sources.querysets import published_evidence
from people.querysets import NamedQuerySet


class OnTopics:
    """Querysets of what topics are given to."""

    def on_topics(self, topics):
        """Records with any of `topics`."""
        through = self.model.topics.through
        marked = through.objects.filter(**{self.model._meta.model_name: OuterRef("pk")}, topic__in=topics)
        return self.filter(Exists(marked))


class TopicQuerySet(NamedQuerySet):
    def for_list(self):
        """With how many published events and statements each topic has."""
        return self.select_related("broader").annotate(
            event_count=count_published("events"), statement_count=count_published("statements")
        )

    def for_page(self):
        return (
            self.select_related("broader")
            .with_names()
            .prefetch_related(published_evidence(), Prefetch("narrower", self.model.objects.published()))
        )


def count_published(accessor):
    """A count of the published records behind a topic's many-to-many accessor, as a subquery: two joins would multiply."""
    from events.models import Topic

    target = Topic._meta.get_field(accessor).related_model
    rows = target.objects.published().order_by().filter(topics=OuterRef("pk")).values("topics").annotate(total=Count("pk"))
    return Coalesce(Subquery(rows.values("total")), 0)


class EventQuerySet(OnTopics, RecordQuerySet):
    def word_rule(self, word):
        """An event is found by its own words, its agenda's, its host's and participants' names, and what was said in public."""
        from events.models import AgendaItem, Participation, Statement
        from people.models import Country

        said = Statement.objects.published().filter(event=OuterRef("pk"), folded__contains=word)
        asked = AgendaItem.objects.filter(event=OuterRef("pk"), folded__contains=word)
        there = Participation.objects.published().filter(event=OuterRef("pk")).called(word)
        hosted = Q(host_country__in=Country.objects.published().with_words(word))
        return Q(folded__contains=word) | hosted | Exists(said) | Exists(asked) | Exists(there)

    def involving(self, countries, role="either"):
        """Events that any of `countries` hosted ("host"), took part in ("participant"), either of these ("either"), or that
        only speak of it ("mentioned")."""
        from events.models import Participation

        rows = Participation.objects.published().filter(event=OuterRef("pk"), country__in=countries)
        hosted, took_part = Q(host_country__in=countries), Q(Exists(rows.taking_part()))
        rules = {"host": hosted, "participant": took_part, "either": hosted | took_part, "mentioned": Q(Exists(rows.spoken_of()))}
        return self.filter(rules[role])

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
            Prefetch("events", Event.objects.published().for_list()),
        )


class ParticipationQuerySet(RecordQuerySet):
    def taking_part(self):
        """Rows of those who were there, not of those only invited or spoken of."""
        return self.exclude(role__in=self.model.ABSENT)

    def called(self, word):
        """Rows that name somebody with this word in any of the names that the archive knows."""
        named = [Q(**{f"{field}__in": model.objects.with_words(word)}) for field, model in self.model.WHO.items()]
        return self.filter(functools.reduce(operator.or_, named))

    def spoken_of(self):
        """Rows of those whom an event's documents only speak of."""
        return self.filter(role=self.model.Role.MENTIONED)

    def events(self):
        """The published events of these rows, the newest first; each has them as its `rows`."""
        from events.models import Event

        there = Event.objects.published().filter(Exists(self.order_by().filter(event=OuterRef("pk"))))
        rows = Prefetch("participations", self.with_names(), to_attr="rows")
        return there.for_list().prefetch_related(rows).order_by("-date_earliest", "-date_latest", "pk")

    def statements(self):
        """The published statements that these participants made, the newest first."""
        from events.models import Statement

        made = self.order_by().filter(statements=OuterRef("pk"))
        return Statement.objects.published().filter(Exists(made)).newest_first()

    def with_names(self):
        """With what a row calls its participant."""
        return self.select_related("person", "organization", "country")

    def for_page(self):
        return self.with_names().prefetch_related(published_evidence())


class StatementQuerySet(OnTopics, RecordQuerySet):
    def word_rule(self, word):
        """A statement is found by its own words and by the names of its speakers."""
        from events.models import Participation

        speakers = Participation.objects.published().filter(statements=OuterRef("pk")).called(word)
        return Q(folded__contains=word) | Exists(speakers)

    def by(self, **who):
        """Statements with a public speaker who is `who` (`person__in=…`, `country__in=…`, `organization__in=…`)."""
        from events.models import Participation

        speakers = Participation.objects.published().filter(**who)
        return self.filter(Exists(speakers.filter(statements=OuterRef("pk"))))

    def overlapping(self, first_year, last_year):
        """Statements made at events whose time may touch the years; see RecordQuerySet.overlapping."""
        return self.filter(overlap_rule(first_year, last_year, "event__"))

    def newest_first(self):
        return self.order_by("-event__date_earliest", "event", "order", "pk")

    def for_list(self):
        from events.models import Participation

        return self.select_related("event").prefetch_related(Prefetch("speakers", Participation.objects.published().with_names()))

    def for_page(self):
        from events.models import Topic

        return (
            self.for_list()
            .select_related("agenda_item")
            .prefetch_related(published_evidence(), Prefetch("topics", Topic.objects.published()))
        )
