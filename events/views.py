"""The public lists and pages of events, statements and topics."""

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from archive.core.lists import RecordList
from archive.core.pages import RecordPage, newest
from events.filters import EventFilter, StatementFilter, TopicFilter
from events.models import Event, Participation, Statement, Topic


class Events(RecordList):
    model = Event
    filterset_class = EventFilter
    intro = "What happened, was planned or is spoken of, newest first."
    feeds = [*RecordList.feeds, (_("calendar"), "calendar")]


class EventPage(RecordPage):
    model = Event

    def get_context_data(self, **kwargs):
        rows = self.object.participations.all()
        return super().get_context_data(
            present=by_role(row for row in rows if row.role not in Participation.ABSENT),
            absent=by_role(row for row in rows if row.role in Participation.ABSENT),
            statements=self.object.statements.all(),
            **kwargs,
        )


def by_role(participations):
    """(role, its rows) for each role that somebody had, in the order in which the roles are declared."""
    rows = list(participations)
    groups = [(role, [row for row in rows if row.role == role]) for role in Participation.Role]
    return [(role, members) for role, members in groups if members]


class Statements(RecordList):
    model = Statement
    filterset_class = StatementFilter
    intro = "What was said, by whom, and where that is written."


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
    intro = "What events and statements are about."

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
