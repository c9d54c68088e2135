"""Where events were, and who took part: the countries of the archive on a map of the world.

The shapes are those of world.json, which make_world.py makes from Natural Earth.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from archive.core.index import index_of
from archive.site.pictures.scales import classes, percent
from events.filters import EventFilter

SHAPES = Path(__file__).resolve().parent / "world.json"
PARTS = {"either": _("Hosting or taking part"), "host": _("Hosting"), "participant": _("Taking part")}


@cache
def world():
    """The shapes of the map: see make_world.py."""
    return json.loads(SHAPES.read_text(encoding="utf-8"))


@dataclass
class Land:
    """A country of the archive: its name; how many events are meant, and their list; its page."""

    code: str
    name: str
    language: str  # of the name
    count: int
    level: int  # of the class of its number, from 1
    url: str
    page: str

    @property
    def shape(self):
        return world()["lands"].get(self.code)

    @property
    def ring(self):
        """(x, y) of a country too small to be met, else None."""
        if self.code not in world()["rings"]:
            return None
        x, y = world()["rings"][self.code]
        return percent(x, world()["width"]), percent(y, world()["height"])


class MapPicture:
    """The countries that hosted events, or took part, or either, in the present state of the archive."""

    def __init__(self, part="either"):
        self.part = part
        self.world = world()
        self.events = EventFilter(QueryDict())
        self.snapshot = index_of(EventFilter).snapshot()
        counts = self.snapshot.select({}).counts(f"country.{part}")
        self.labels = self.events.filters["country"].labels(list(counts), self.snapshot.state)
        self.counts = {pk: count for pk, count in counts.items() if pk in self.labels}
        self.classes = classes(max(self.counts.values(), default=0))

    @cached_property
    def lands(self):
        """The countries with events, those with the most first."""
        lands = [self.land(pk, count) for pk, count in self.counts.items()]
        return sorted(lands, key=lambda land: (-land.count, land.name))

    def land(self, pk, count):
        slug, name, language = self.labels[pk]
        level = sum(first <= count for first, _ in self.classes)
        url = self.events.address(reverse("events"), instead={"country": [slug], "role": [self.part]})
        return Land(slug.upper(), name, language, count, level, url, reverse("country", args=[slug]))

    @property
    def drawn(self):
        return [land for land in self.lands if land.shape]

    @property
    def rings(self):
        return [land for land in self.lands if land.ring]

    @property
    def beside(self):
        """The countries that the map has no shape for: former ones, and any that Natural Earth does not know."""
        return [land for land in self.lands if not land.shape and not land.ring]

    @property
    def bare(self):
        """The shapes of all other lands, as one."""
        codes = {land.code for land in self.lands}
        nameless = [one["path"] for one in self.world["nameless"]]
        return "".join([*(path for code, path in self.world["lands"].items() if code not in codes), *nameless])
