"""Events by year and kind, as columns: what was held by its kind, and on top of it what was planned and what was cancelled."""

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from archive.core.axis import YearAxis
from archive.core.index import index_of
from archive.site.pictures.scales import lines, percent
from events.filters import EventFilter
from events.models import Event

COLUMNS = 60  # at most; then a column is a decade
FEWEST = 6  # places for columns: one alone would fill the whole width
LABELS, FEW_LABELS = 10, 5  # years that are written below them, on a wide page and on a phone

OTHERS = {Event.Standing.PLANNED: _("Planned"), Event.Standing.CANCELLED: _("Cancelled")}


@dataclass
class Series:
    """What one colour stands for: events of one kind that were held, or those planned, or those cancelled."""

    css: str
    label: str
    chosen: dict  # what it is to the list of events: filter -> values
    total: int  # events
    url: str  # of their list
    counts: list  # for each step of the axis: an event that lasts is in several


@dataclass
class Piece:
    """One series in one column: its place, and the list of its events."""

    series: Series
    count: int
    url: str
    y: str
    height: str


@dataclass
class Column:
    label: str
    count: int
    url: str
    x: str
    width: str
    pieces: list

    @property
    def described(self):
        return ", ".join(f"{piece.series.label} {piece.count}" for piece in self.pieces)


class YearsPicture:
    """Columns of events, a column for each year or decade, in the present state of the archive."""

    def __init__(self):
        self.snapshot = index_of(EventFilter).snapshot()
        self.events = EventFilter(QueryDict())
        self.path = reverse("events")
        everything = self.snapshot.select({})
        self.spans = everything.counts("year")
        self.total = everything.total
        self.undated = self.total - sum(self.spans.values())
        self.axis = YearAxis.of(self.spans, COLUMNS)

    @cached_property
    def series(self):
        held = [
            self.one(kind.value, kind.label, {"kind": [kind.value], "standing": [Event.Standing.HELD.value]}) for kind in Event.Kind
        ]
        others = [self.one(standing.value, label, {"standing": [standing.value]}) for standing, label in OTHERS.items()]
        return [series for series in (*held, *others) if series.total]

    def one(self, css, label, chosen):
        selection, url = self.snapshot.select(chosen), self.events.address(self.path, instead=chosen)
        return Series(css, label, chosen, selection.total, url, self.axis.counts(selection.counts("year")))

    @cached_property
    def columns(self):
        places, width = max(len(self.axis), FEWEST), 0.84
        return [
            Column(
                label=self.axis.label(edge),
                count=count,
                url=self.address(edge) if count else "",
                x=percent(number + (1 - width) / 2, places),
                width=percent(width, places),
                pieces=self.pieces(number, edge),
            )
            for number, (edge, count) in enumerate(zip(self.axis.edges, self.counts, strict=True))
        ]

    @cached_property
    def counts(self):
        return self.axis.counts(self.spans)

    def pieces(self, number, edge):
        """The pieces of a column, from the bottom up."""
        found, below = [], 0
        for series in self.series:
            if count := series.counts[number]:
                below += count
                place = {"y": percent(self.top - below, self.top), "height": percent(count, self.top)}
                found.append(Piece(series, count, self.address(edge, series.chosen), **place))
        return found

    def address(self, edge, chosen=None):
        """The list of the events of one step, of all or of one series."""
        return self.events.address(self.path, instead={"year": [self.axis.value(edge)], **(chosen or {})})

    @cached_property
    def top(self):
        """What the whole height counts."""
        return lines(max(self.counts, default=0))[-1]

    @property
    def lines(self):
        """(number, y) of the lines behind the columns."""
        return [(number, percent(self.top - number, self.top)) for number in lines(max(self.counts, default=0))[1:]]

    @property
    def labels(self):
        """(year, x, whether a phone has room for it) of what is written below the columns."""
        places, every = max(len(self.axis), FEWEST), max(1, -(-len(self.axis) // LABELS))
        few = every * -(-len(self.axis) // (every * FEW_LABELS))
        return [
            (self.axis.label(edge), percent(number + 0.5, places), number % few == 0)
            for number, edge in enumerate(self.axis.edges)
            if number % every == 0
        ]

    @property
    def lasting(self):
        """Whether some events stand in several columns."""
        return sum(self.counts) > self.total - self.undated
