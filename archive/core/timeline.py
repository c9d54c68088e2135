"""A life as lanes on an axis of years: positions, memberships, events, each drawn as exactly as its date is known.

Pure: it is given rows and gives places. A place along the axis is a percentage, so that the picture fits any width; heights are
pixels, so that its texts stay readable. The template is core/_timeline.html.

    timeline([
        Lane("Positions", [Row("Deputy Director, ISIS", PartialDate.parse("2012/2015"), "#position-deputy")]),
        Lane("Events", [Row("2015", PartialDate.parse("2015"), "/events/?year=2015", count=12)], counted=True),
    ])
"""

from calendar import isleap
from dataclasses import dataclass, field
from datetime import date as Day  # noqa: N812 (a day, where `date` is a PartialDate)

from archive.core.dates import OPEN, PartialDate, side_bounds

MOST = 40  # marks of a lane; what is beyond them is only in the list
ROOMY = 10  # rows of a lane with names; beyond, marks stand closer and have none
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)  # years between two
MOST_TICKS = 10
LEAST = 4  # years on the axis
LETTER, LONGEST = 0.85, 38  # percent of a wide page's width that a letter of a name takes, and letters of a name
POINT = 2.4  # percent that a day takes, being drawn as a dot
HIGH, CLOSE, COUNTED = 40, 24, 48  # pixels of a row with names, of one without, and of a lane of columns


@dataclass(frozen=True)
class Row:
    """What is on a timeline: what it is called, when it was, where it leads. With a `count`, it stands for so many.

    `language` is the BCP 47 tag of what it is called, empty for that of the page.
    """

    label: str
    date: PartialDate | None
    url: str = ""
    count: int = 0
    language: str = ""


@dataclass
class Lane:
    """Rows of one kind, under its name. Those of a `counted` lane are drawn as columns, as high as their counts."""

    name: str
    rows: list
    counted: bool = False

    @property
    def dated(self):
        return [row for row in self.rows if row.date]


@dataclass
class Meant:
    """What a date says, in years with fractions: what it may reach over, and what it certainly covers, if anything.

    An end that is open has `goes_on`, one of which nothing is known `is_unknown`; both are (at the beginning, at the end).
    """

    extent: tuple
    core: tuple | None
    is_day: bool
    is_doubtful: bool
    goes_on: tuple = (False, False)
    is_unknown: tuple = (False, False)


@dataclass
class Mark:
    """A Row in its place: percentages along the axis, the pixels of its row's top and its height."""

    row: Row
    meant: Meant
    x: float
    width: float
    core_x: float = 0
    core_width: float = 0
    y: float = 0
    height: float = 0
    name: str = ""
    name_x: float = 0
    is_name_before: bool = False  # whether the name ends where the mark does, for want of room behind it

    @property
    def css(self):
        return " ".join(filter(None, ["doubtful" if self.meant.is_doubtful else "", "" if self.meant.core else "vague"]))


@dataclass
class DrawnLane:
    name: str
    rows: list
    marks: list
    height: int
    counted: bool
    left_out: int = 0  # rows that are only in the list


@dataclass
class Timeline:
    """Lanes with an axis; `ticks` are (year, x in percent, whether a phone has room for it)."""

    lanes: list
    ticks: list = field(default_factory=list)

    @property
    def left_out(self):
        return sum(lane.left_out for lane in self.lanes)

    @property
    def senses(self):
        """The Meant of all marks but columns."""
        return [mark.meant for lane in self.lanes if not lane.counted for mark in lane.marks]

    @property
    def is_vague(self):
        """Whether anything may have been at another time than the one that is certain."""
        return any(sense.core != sense.extent for sense in self.senses)

    @property
    def is_doubtful(self):
        return any(sense.is_doubtful for sense in self.senses)

    @property
    def is_open(self):
        return any(any(sense.goes_on) for sense in self.senses)

    @property
    def has_unknown_ends(self):
        return any(any(sense.is_unknown) for sense in self.senses)


def timeline(lanes):
    """The Timeline of `lanes` (Lanes), without what has no date; None where there is no more than a year to show."""
    lanes = [lane for lane in lanes if lane.dated]
    if len({year for lane in lanes for row in lane.dated for year in row.date.years}) < 2:
        return None
    axis = Axis([meant(row.date) for lane in lanes for row in lane.dated])
    return Timeline([drawn(lane, axis) for lane in lanes], axis.ticks)


def meant(date):
    """The Meant of a PartialDate."""
    start, slash, end = date.edtf.partition("/")
    is_doubtful = any(sign in date.edtf for sign in "?~%")
    extent = years(date.earliest, date.latest)
    if not slash:
        is_day = date.earliest == date.latest
        return Meant(extent, extent if is_day else None, is_day, is_doubtful)
    begins = None if start in OPEN else side_bounds(start)
    ends = None if end in OPEN else side_bounds(end)
    certain = begins[1] if begins else Day.min, ends[0] if ends else Day.max
    is_certain = "" not in (start, end) and certain[0] <= certain[1]
    return Meant(
        extent,
        years(*certain) if is_certain else None,
        is_day=date.earliest == date.latest,
        is_doubtful=is_doubtful,
        goes_on=(start == "..", end == ".."),
        is_unknown=(not start, not end),
    )


def years(first, last):
    """The beginning of the day `first` and the end of the day `last` as years with fractions."""
    return in_years(first, 0), in_years(last, 1)


def in_years(day, passed):
    return day.year + (day.timetuple().tm_yday - 1 + passed) / (366 if isleap(day.year) else 365)


class Axis:
    """From the first to the last year that any date names, with room for what goes on."""

    def __init__(self, all_meant):
        opens = [[one.goes_on[side] or one.is_unknown[side] for one in all_meant] for side in (0, 1)]
        known = [
            end for one, *is_open in zip(all_meant, *opens, strict=True) for side, end in enumerate(one.extent) if not is_open[side]
        ]
        self.first, self.last = int(min(known)), max(int(max(known) - 1e-6) + 1, int(min(known)) + LEAST)
        room = max(1, (self.last - self.first) // 16)
        self.first, self.last = max(1, self.first - room * any(opens[0])), self.last + room * any(opens[1])

    def place(self, year):
        """Where `year` is, in percent; what lies beyond an end is at it."""
        return round(100 * (min(max(year, self.first), self.last) - self.first) / (self.last - self.first), 2)

    @property
    def ticks(self):
        step = next(step for step in TICKS if (self.last - self.first) / step <= MOST_TICKS)
        first = -(-self.first // step) * step
        return [
            (year, self.place(year), number % 2 == 0)
            for number, year in enumerate(range(first, self.last + 1, step))
            if self.place(year) < 97
        ]


def drawn(lane, axis):
    """The DrawnLane of a Lane."""
    rows = sorted(lane.dated, key=lambda row: (row.date.earliest, row.date.latest, row.label))
    if lane.counted:
        marks = [mark_of(row, axis) for row in rows]
        most = max(row.count for row in rows)
        for mark in marks:
            mark.height = max(2, round((COUNTED - 14) * mark.row.count / most, 1))
            mark.y = COUNTED - mark.height
        return DrawnLane(lane.name, rows, marks, COUNTED, counted=True)
    marks = [mark_of(row, axis) for row in rows[:MOST]]
    number, height = pack(marks, with_names=True), HIGH
    if number > ROOMY:
        number, height = pack(marks, with_names=False), CLOSE
    for mark in marks:
        mark.y, mark.height = mark.y * height, height
    return DrawnLane(lane.name, rows, marks, number * height, counted=False, left_out=max(0, len(rows) - MOST))


def mark_of(row, axis):
    sense = meant(row.date)
    x, end = map(axis.place, sense.extent)
    mark = Mark(row, sense, x, round(end - x, 2))
    if sense.core:
        mark.core_x, core_end = map(axis.place, sense.core)
        mark.core_width = round(core_end - mark.core_x, 2)
    return mark


def pack(marks, with_names):
    """Gives each of `marks` the first row with room for it, as its `y`; returns how many rows there are."""
    ends = []  # where each row is free from, in percent
    for mark in marks:
        begin, end = mark.x - POINT / 2, max(mark.x + mark.width, mark.x + POINT / 2)
        mark.name = ""
        if with_names:
            begin, end = named(mark, begin, end)
        free = [number for number, taken in enumerate(ends) if taken <= begin]
        if free:
            mark.y = free[0]
            ends[mark.y] = end
        else:
            mark.y = len(ends)
            ends.append(end)
    return len(ends)


def named(mark, begin, end):
    """Gives a mark its name, and returns what both take, in percent."""
    label = mark.row.label
    mark.name = label if len(label) <= LONGEST else f"{label[: LONGEST - 1].rstrip()}…"
    length = len(mark.name) * LETTER
    mark.is_name_before = mark.x + length > 100 and mark.x + mark.width >= length
    if mark.is_name_before:
        mark.name_x = round(mark.x + mark.width, 2)
        return min(begin, mark.name_x - length), end
    mark.name_x = mark.x if mark.x + length <= 100 else max(0, round(100 - length, 2))
    return min(begin, mark.name_x), max(end, mark.name_x + length)
