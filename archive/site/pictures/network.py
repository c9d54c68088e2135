"""Who appears with whom: people and organizations, tied where the archive names both at one event."""

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property

from archive.core.index import index_of
from archive.core.localnames import OWN, acronyms, spoken
from archive.core.models import Entry
from archive.site.pictures.drawing import Crowd, drawing_for
from archive.site.pictures.scales import classes, percent
from events.filters import EventFilter
from people.models import Organization

TIES = 200  # lines at most, the strongest
LISTED = 8  # of whom somebody is tied to, in the table
WIDE, NARROW = (1050, 640), (340, 420)  # pixels of the picture on a wide page and on a phone
LETTER, LINE = 6.6, 15  # pixels of a name: the width of its letters, and its height
LONGEST = 26  # letters of a name in the picture


@dataclass
class Node:
    """Somebody in the picture: at how many events, where, and from which width of the page on the name is written out."""

    kind: str
    name: str
    language: str  # of the name
    short: str
    count: int
    page: str
    url: str
    slug: str
    place: tuple
    is_named: bool = False
    is_named_on_phone: bool = False

    @property
    def x(self):
        return percent(0.05 + 0.9 * self.place[0], 1)

    @property
    def y(self):
        return percent(0.05 + 0.9 * self.place[1], 1)


@dataclass
class Tie:
    first: Node
    second: Node
    count: int
    level: int  # of the class of its number, from 1
    url: str  # the list of these events, where a list can say it


class NetworkPicture:
    """Those who are tied by the most events, in the present state of the archive, at the places of the last drawing."""

    def __init__(self):
        self.snapshot = index_of(EventFilter).snapshot()
        self.events = EventFilter(QueryDict())
        self.drawing = drawing_for(self.snapshot)
        self.crowd = Crowd(self.snapshot, [member for member in self.drawing.places if member in self.names])

    @cached_property
    def names(self):
        """{member: Label} of those drawn who are public."""
        found = {}
        for kind in ("person", "organization"):
            pks = [pk for one, pk in self.drawing.places if one == kind]
            labels = self.events.filters[kind].labels(pks, self.snapshot.state)
            found |= {(kind, pk): label for pk, label in labels.items()}
        return found

    @cached_property
    def acronyms(self):
        pks = [pk for kind, pk in self.names if kind == "organization"]
        own = Organization.objects.published().filter(pk__in=pks).exclude(acronym="").values_list("pk", "acronym")
        local = acronyms(Organization, pks).items()
        return {(pk, OWN): acronym for pk, acronym in own} | {(pk, spoken()): acronym for pk, acronym in local}

    @cached_property
    def nodes(self):
        """{member: Node}, those at the most events first."""
        nodes = {member: self.node(member) for member in sorted(self.crowd.members, key=self.crowd.count, reverse=True)}
        for attribute, size in (("is_named", WIDE), ("is_named_on_phone", NARROW)):
            for node in with_room(list(nodes.values()), size):
                setattr(node, attribute, True)
        return nodes

    def node(self, member):
        (kind, pk), (slug, name, language) = member, self.names[member]
        short = self.acronyms.get((pk, language), name) if kind == "organization" else name
        short = short if len(short) <= LONGEST else f"{short[: LONGEST - 1].rstrip()}…"
        return Node(
            kind,
            name,
            language,
            short,
            self.crowd.count(member),
            page=reverse(kind, args=[slug]),
            url=self.events.address(reverse("events"), instead={kind: [slug]}),
            slug=slug,
            place=self.drawing.places[member],
        )

    @cached_property
    def ties(self):
        """The strongest ties between those who are drawn, the strongest first."""
        counted = self.crowd.ties[:TIES]
        levels = classes(max((count for *_, count in counted), default=0), 4)
        return [
            Tie(
                self.nodes[first],
                self.nodes[second],
                count,
                level=sum(begin <= count for begin, _ in levels),
                url=self.list_of(self.nodes[first], self.nodes[second]),
            )
            for first, second, count in counted
        ]

    @property
    def rows(self):
        """(Node, [(the other Node, number, the list of their events)], the most first) for everybody."""
        others = {member: [] for member in self.nodes}
        for first, second, count in self.crowd.ties:
            others[first].append((second, count))
            others[second].append((first, count))
        return [(self.nodes[member], [self.seen_from(member, *tie) for tie in tied[:LISTED]]) for member, tied in others.items()]

    def seen_from(self, member, other, count):
        return self.nodes[other], count, self.list_of(self.nodes[member], self.nodes[other])

    @property
    def is_cut(self):
        """Whether there are more ties than are drawn."""
        return len(self.crowd.ties) > TIES

    def list_of(self, first, second):
        """The list of the events that two share. Two of one kind widen each other in a list, so there is none of both."""
        if first.kind == second.kind:
            return ""
        return self.events.address(reverse("events"), instead={first.kind: [first.slug], second.kind: [second.slug]})

    @property
    def drawn_on(self):
        """The day of the change after which the places were worked out, when that is not the last one; else None."""
        if (self.drawing.number, self.drawing.unit) == self.snapshot.state:
            return None
        return Entry.objects.filter(pk=self.drawing.number).values_list("at", flat=True).first()


def with_room(nodes, size):
    """Those of `nodes` whose names can be written below them in a picture of that size: the first come first."""
    places = [(size[0] * (0.05 + 0.9 * node.place[0]), size[1] * (0.05 + 0.9 * node.place[1])) for node in nodes]
    taken = [(x - 8, y - 8, x + 8, y + 8) for x, y in places]
    for node, (x, y) in zip(nodes, places, strict=True):
        half = len(node.short) * LETTER / 2
        box = (x - half, y + 10, x + half, y + 10 + LINE)
        if box[0] >= 0 and box[2] <= size[0] and not any(overlap(box, other) for other in taken):
            taken.append(box)
            yield node


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
