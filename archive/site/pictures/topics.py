"""The most frequent topics through time, a small picture for each, all on one scale."""

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property

from archive.core.axis import YearAxis
from archive.core.index import index_of
from archive.site.pictures.scales import percent
from events.filters import EventFilter, StatementFilter

SHOWN = 12
BARS = 60  # at most; then a bar is a decade
FEWEST = 6  # places for bars
LISTS = {"events": EventFilter, "statements": StatementFilter}


@dataclass
class Bar:
    label: str
    count: int
    url: str
    x: str
    y: str
    width: str
    height: str


@dataclass
class TopicRow:
    """One topic: how many events or statements are on it, its page, their list, and a bar for each year."""

    name: str
    language: str  # of the name
    count: int
    page: str
    url: str
    bars: list


class TopicsPicture:
    """The topics of events, or of statements, in the present state of the archive."""

    def __init__(self, of="events"):
        filterset_class = LISTS[of]
        self.of, self.path = of, reverse(of)
        self.filterset = filterset_class(QueryDict())
        self.snapshot = index_of(filterset_class).snapshot()
        everything = self.snapshot.select({})
        self.top, self.has_more = everything.top("topic", SHOWN)
        self.labels = self.filterset.filters["topic"].labels([pk for pk, _ in self.top], self.snapshot.state)
        self.axis = YearAxis.of(everything.counts("year"), BARS)

    @property
    def all_topics(self):
        """The address of all topics with their counts, when there are more than these."""
        return self.filterset.address(f"{self.path}by/topic/") if self.has_more else ""

    @cached_property
    def counted(self):
        """[(primary key, number, numbers for each step of the axis)] of the topics that are shown."""
        return [
            (pk, count, self.axis.counts(self.snapshot.select({"topic": [pk]}).counts("year")))
            for pk, count in self.top
            if pk in self.labels
        ]

    @cached_property
    def most(self):
        """The number that the tallest bar of all stands for."""
        return max((count for _, _, counts in self.counted for count in counts), default=0)

    @cached_property
    def rows(self):
        return [self.row(pk, *numbers) for pk, *numbers in self.counted]

    def row(self, pk, total, counts):
        slug, name, language = self.labels[pk]
        return TopicRow(
            name=name,
            language=language,
            count=total,
            page=reverse("topic", args=[slug]),
            url=self.filterset.address(self.path, instead={"topic": [slug]}),
            bars=[self.bar(slug, *one) for one in enumerate(zip(self.axis.edges, counts, strict=True)) if one[1][1]],
        )

    def bar(self, slug, number, counted):
        (edge, count), places = counted, max(len(self.axis), FEWEST)
        return Bar(
            label=self.axis.label(edge),
            count=count,
            url=self.filterset.address(self.path, instead={"topic": [slug], "year": [self.axis.value(edge)]}),
            x=percent(number + 0.08, places),
            y=percent(self.most - count, self.most),
            width=percent(0.84, places),
            height=percent(count, self.most),
        )
