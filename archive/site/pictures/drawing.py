"""Where everybody stands in the picture of who appears with whom: worked out once, and kept beside the index.

What is kept is primary keys and places alone. Names and numbers are asked for when the picture is shown, so that it never says
what is not public, nor what was true yesterday.
"""

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations

import numpy as np
from pyroaring import BitMap

from archive.core.index import index_of, is_of_this_archive
from archive.core.index.store import WORTH_IT, Shelf
from events.filters import EventFilter

FORMAT = "1"  # of the stored drawing: raise it when how it is made is changed
KINDS = ("person", "organization")  # facets of events
CANDIDATES = 150  # of each kind, those at the most events: whose ties are counted
NODES = 60  # of these that are drawn
PHONE = np.array([340, 420])  # pixels of the smallest picture, in which nobody stands on anybody's feet
APART = 27  # pixels between the middles of two
ROUNDS = 300


class Crowd:
    """People and organizations with the events at which each is named, in one state of the archive.

    A member is a pair: the facet of events that knows it, and its primary key.
    """

    def __init__(self, snapshot, members):
        self.snapshot = snapshot
        self.members = list(members)

    @cached_property
    def events(self):
        """{member: (positions in the index's segment, primary keys of those that have changed since)}."""
        return {member: self.events_of(*member) for member in self.members}

    def events_of(self, kind, pk):
        selection = self.snapshot.select({kind: [pk]})
        return selection.found().bitmap, BitMap(row.pk for row in selection.rows())

    def count(self, member):
        """At how many events somebody is named."""
        return sum(map(len, self.events[member]))

    @cached_property
    def ties(self):
        """[(first, second, number of events at which both are named)], the most first, of all who share any."""
        found = []
        for first, second in combinations(self.members, 2):
            pairs = zip(self.events[first], self.events[second], strict=True)
            if shared := sum(one.intersection_cardinality(other) for one, other in pairs):
                found.append((first, second, shared))
        return sorted(found, key=lambda tie: (-tie[2], tie[0], tie[1]))


@dataclass(frozen=True)
class Drawing:
    """`places` maps each member to its (x, y) in the picture, both from 0 to 1; the ledger's state, when it was made."""

    number: int
    unit: str
    places: dict


def drawn_from(snapshot):
    """A Drawing of those whom the most events tie to another."""
    everything = snapshot.select({})
    members = [(kind, pk) for kind in KINDS for pk, _ in everything.top(kind, CANDIDATES)[0]]
    chosen = []
    ties = Crowd(snapshot, members).ties
    for first, second, _ in ties:
        new = [member for member in (first, second) if member not in chosen]
        if len(chosen) + len(new) <= NODES:
            chosen += new
    drawn = [tie for tie in ties if tie[0] in chosen and tie[1] in chosen]
    return Drawing(snapshot.number, snapshot.unit, laid_out(chosen, drawn))


def laid_out(members, ties):
    """{member: (x, y)}: whoever shares many events stand together, and nobody too near to another."""
    if not members:
        return {}
    import networkx  # only here: it takes a moment to load, and a drawing is rarely made

    graph = networkx.Graph()
    graph.add_nodes_from(sorted(members))
    graph.add_weighted_edges_from((first, second, float(np.log1p(shared))) for first, second, shared in ties)
    places = networkx.spring_layout(graph, iterations=ROUNDS, seed=1)
    points = spread(np.array(list(places.values())))
    return {member: (round(float(x), 4), round(float(y), 4)) for member, (x, y) in zip(places, points, strict=True)}


def spread(points):
    """`points` over the whole of the picture, from 0 to 1 each way, and none too near to another.

    Half of a place is its rank, so that one who stands far off leaves room to the others.
    """
    size, ranks = np.ptp(points, axis=0), points.argsort(axis=0, kind="stable").argsort(axis=0)
    linear = (points - points.min(axis=0)) / np.where(size > 0, size, 1)
    points = (linear + ranks / max(1, len(points) - 1)) / 2 * PHONE
    for _ in range(ROUNDS):
        between = points[:, None] - points[None]
        distance = np.linalg.norm(between, axis=2)
        np.fill_diagonal(distance, np.inf)
        near = np.clip(APART - distance, 0, None) / 2
        points = points + (between / distance[..., None] * near[..., None]).sum(axis=1)
        points = np.clip(points, 0, PHONE)
    return points / PHONE


class Drawings(Shelf):
    """The stored drawings, of which there is one."""

    def __init__(self):
        super().__init__("network", FORMAT)

    def keep(self, drawing):
        rows = [[*member, *place] for member, place in drawing.places.items()]
        self.put(drawing.number, drawing.unit, lambda folder: (folder / "places.json").write_text(json.dumps(rows)))

    def read(self, folder):
        number, unit = folder.name.split("-")
        rows = json.loads((folder / "places.json").read_text())
        return Drawing(int(number), unit, {(kind, pk): (x, y) for kind, pk, x, y in rows})


def draw():
    """Makes the drawing of the archive as it is now, keeps it where reading it is quicker, and returns it."""
    snapshot = index_of(EventFilter).snapshot()
    drawing = drawn_from(snapshot)
    if is_large(snapshot):
        Drawings().keep(drawing)
    return drawing


def drawing_for(snapshot):
    """The drawing to show at this state: of a large archive what is kept, although it may be older."""
    if is_large(snapshot):
        return Drawings().load(is_of_this_archive) or draw()
    return drawn_at(snapshot.state)


@lru_cache(maxsize=1)
def drawn_at(state):
    return draw()


def is_large(snapshot):
    return snapshot.segment.total >= WORTH_IT
