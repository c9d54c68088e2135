"""The public lists and pages of events, statements and topics."""

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from archive.core import ledger
from archive.core.html import public
from archive.core.index import index_of
from archive.core.lists import RecordList
from archive.core.pages import RecordPage, newest
from archive.core.prepared import listed
from events.delegations import HOLDERS, by_role, delegations, documents_of
from events.filters import EventFilter, StatementFilter, TopicFilter
from events.models import Event, Participation, Statement, Topic

RELATED = 5  # other events that an event's page leads to
MOST_TOPICS = 10  # of an event, by which they are found


class Events(RecordList):
    model = Event
    filterset_class = EventFilter
    intro = _("What happened, was planned or is spoken of, newest first.")
    feeds = [*RecordList.feeds, (_("calendar"), "calendar")]


class EventPage(RecordPage):
    model = Event

    def get_context_data(self, **kwargs):
        event, rows = self.object, list(self.object.participations.all())
        parts, part_count = event.public_parts
        holders = [row for row in rows if row.role in HOLDERS]
        absent = [row for row in rows if row.role in Participation.ABSENT]
        return super().get_context_data(
            holders=holders,
            holders_by_role=by_role(holders),
            present=delegations(row for row in rows if row.role not in (*HOLDERS, *Participation.ABSENT)),
            present_count=len(rows) - len(absent),
            absent=by_role(absent),
            absent_count=len(absent),
            statements=event.statements.all(),
            parts=parts,
            part_count=part_count,
            related=related_to(event, parts),
            documents=documents_of(event, *rows, *event.agenda.all(), *event.statements.all()),
            **kwargs,
        )


def related_to(event, parts):
    """At most RELATED other published events: those of the same series, then the newest on its topics."""
    told = {event.pk, event.part_of_id, *(part.pk for part in parts)}  # elsewhere on the page
    series = public(event.part_of)
    siblings = list(series.events.published().for_list()[: RELATED + 1]) if series else []
    topics = [topic.pk for topic in event.topics.all()][:MOST_TOPICS]
    akin = on_topics(topics, RELATED + len(told)) if topics and len(siblings) <= RELATED else []
    others = {other.pk: other for other in (*siblings, *akin) if other.pk not in told}
    return list(others.values())[:RELATED]


def on_topics(topics, number):
    """The newest events on any of `topics` (primary keys), as many as `number`."""
    if ledger.is_trial():  # of which the index must not know
        return Event.objects.published().filter(topics__in=topics).distinct().for_list()[:number]
    return listed(Event, index_of(EventFilter).snapshot().select({"topic": topics}).pks(0, number))


class Statements(RecordList):
    model = Statement
    filterset_class = StatementFilter
    intro = _("What was said, by whom, and where that is written.")


class StatementPage(RecordPage):
    model = Statement

    def get_context_data(self, **kwargs):
        siblings = list(self.object.event.statements.published().values_list("slug", flat=True))
        place = siblings.index(self.object.slug)
        return super().get_context_data(
            previous=siblings[place - 1] if place else None,
            next=siblings[place + 1] if place + 1 < len(siblings) else None,
            **kwargs,
        )


class Topics(RecordList):
    model = Topic
    filterset_class = TopicFilter
    paginate_by = 100
    intro = _("What events and statements are about.")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        for field, filterset_class in (("event_count", EventFilter), ("statement_count", StatementFilter)):
            counts = filterset_class(QueryDict()).select().counts("topic")
            for topic in context["object_list"]:
                setattr(topic, field, counts[topic.pk])
        return context


class TopicPage(RecordPage):
    model = Topic

    def get_context_data(self, **kwargs):
        topic = self.object
        return super().get_context_data(
            events=newest("events", topic=topic.slug),
            statements=newest("statements", topic=topic.slug),
            **kwargs,
        )
