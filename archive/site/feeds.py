"""What is new in a list, as Atom; the days of events, as iCalendar."""

import re
from datetime import UTC, date, datetime, timedelta

from django.db.models import Max
from django.http import HttpResponse, HttpResponseBadRequest
from django.template.loader import render_to_string
from django.utils.feedgenerator import Atom1Feed
from django.views.generic import View
from icalendar import Calendar
from icalendar import Event as CalendarEvent

from archive.core.citations import ARCHIVE, known
from archive.core.lists import FilteredList, row_template
from archive.core.models import Entry
from events.models import Event

ENTRIES = 50  # records in a feed
LOOKED_BACK = 10_000  # entries of the ledger that are looked through for them
DAYS = 2_000  # events in a calendar
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # when nothing says when: an answer must not change by itself
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")  # no XML and no calendar can hold them
STATUS = {"held": "CONFIRMED", "planned": "TENTATIVE", "cancelled": "CANCELLED"}


class ListFeed(FilteredList, View):
    """Base of what follows a list, as filtered."""

    def extra_parameters(self):
        return []

    def get(self, request, **kwargs):
        if self.selection is None:
            problems = [f"{name}: {' '.join(messages)}" for name, messages in self.filterset.form.errors.items()]
            return HttpResponseBadRequest("\n".join(problems), content_type="text/plain; charset=utf-8")
        return self.answer(self.list_context()["heading"])


class Feed(ListFeed):
    """The records of the list that were added or changed last, as an Atom feed."""

    def answer(self, heading):
        recent = recently_added(self.model, self.selection.__contains__, ENTRIES)
        return feed(self.request, self.model, heading, recent)


class EventCalendar(ListFeed):
    """The newest events of the list, as an iCalendar file."""

    def answer(self, heading):
        return calendar(self.request, heading, self.selection.pks(0, DAYS), self.selection.total)


# Atom


def recently_added(model, contains, limit):
    """[(pk, when)] of at most `limit` records of `model` for which `contains(pk)` is true: those that the ledger named last.

    Only the ledger's newest entries of the model are looked through, so that a rare filter costs no more than a common one.
    """
    recent = Entry.objects.filter(model=model._meta.label_lower).order_by("-pk").values_list("record", "at")[:LOOKED_BACK]
    found = {}
    for pk, at in recent.iterator():
        if pk not in found and contains(pk):
            found[pk] = at
            if len(found) == limit:
                break
    return list(found.items())


def feed(request, model, title, recent):
    """The Atom feed of the published records among `recent`, [(pk, when it was last changed)], in that order."""
    records = model.objects.published().for_list().in_bulk([pk for pk, _ in recent])
    address = request.build_absolute_uri()
    atom = ArchiveFeed(
        title=f"{printable(title)} · {ARCHIVE}",
        link=address.replace("feed.atom", "", 1),
        description=None,
        language="en",
        author_name=ARCHIVE,
        feed_url=address,
        feed_guid=address,
    )
    for pk, updated in recent:
        if record := records.get(pk):
            permalink = request.build_absolute_uri(record.permalink)
            row = render_to_string("core/_entry.html", {"row_template": row_template(model), "object": record})
            atom.add_item(
                title=printable(str(record)),
                link=permalink,
                description=printable(row),
                unique_id=permalink,
                updateddate=updated,
            )
    return HttpResponse(atom.writeString("utf-8"), content_type=atom.content_type)


class ArchiveFeed(Atom1Feed):
    """An Atom feed whose rows may hold relative links, and which is not new each time that it is empty."""

    def root_attributes(self):
        return {**super().root_attributes(), "xml:base": self.feed["feed_url"]}

    def latest_post_date(self):
        return max((item["updateddate"] for item in self.items), default=LONG_AGO)


def printable(text):
    return UNPRINTABLE.sub(" ", text)


# iCalendar


def calendar(request, title, pks, total):
    """The iCalendar file (RFC 5545) of the published events among `pks`, the newest of `total`.

    An event lasts all day from the first to the last day that its date may mean, if each end of it is known to the month;
    the others have no days to show. Its description says how many these are.
    """
    events = Event.objects.published().select_related("host_country").in_bulk(pks)
    changed = last_changed(Event, pks)
    dated = [events[pk] for pk in pks if pk in events and has_days(events[pk].date)]
    said = [f"The newest {len(events):,} of {total:,} events."] if len(events) < total else []
    if undated := len(events) - len(dated):
        said.append(f"{undated:,} of {len(events):,} have no day or month that is known, and are left out.")
    file = Calendar()
    file.add("prodid", f"-//{ARCHIVE}//EN")
    file.add("version", "2.0")
    file.add("x-wr-calname", printable(title))
    file.add("x-wr-caldesc", " ".join(said) or f"All {total:,} events.")
    for event in dated:
        file.add_component(calendar_event(request, event, changed.get(event.pk, LONG_AGO)))
    return HttpResponse(file.to_ical(), content_type="text/calendar; charset=utf-8")


def calendar_event(request, event, changed):
    host = event.host_country if event.host_country and event.host_country.is_published else None
    place = ", ".join(dict.fromkeys(str(part) for part in (event.place, host) if part))
    entry = CalendarEvent()
    entry.add("uid", f"{event.slug}.event@{request.get_host()}")
    entry.add("dtstamp", changed)
    entry.add("dtstart", event.date.earliest)
    entry.add("dtend", event.date.latest + timedelta(days=1))  # the day behind the last one
    entry.add("summary", printable(event.title))
    entry.add("description", printable("\n\n".join(filter(None, [event.date.words, event.summary]))))
    entry.add("url", request.build_absolute_uri(event.permalink))
    entry.add("status", STATUS[event.standing])
    entry.add("transp", "TRANSPARENT")  # nobody is busy because of it
    if place:
        entry.add("location", printable(place))
    return entry


def has_days(partial_date):
    """Whether both ends of a date are known to the month at least, so that a calendar can show it."""
    if partial_date is None or partial_date.latest == date.max:  # there is no day behind the last one
        return False
    return all(len(known(side)[0]) > 1 for side in partial_date.edtf.split("/"))


def last_changed(model, pks):
    """When the ledger last named each of the records of `model`, by primary key."""
    entries = Entry.objects.filter(model=model._meta.label_lower, record__in=pks).order_by()
    return dict(entries.values_list("record").annotate(Max("at")))
