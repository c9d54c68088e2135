"""Partial and uncertain dates: one small value, written in EDTF (ISO 8601-2:2019, levels 0 and 1).

    PartialDate.parse("2012-11")                 November 2012
    PartialDate.parse("2015-06-25/2015-06-27")   25–27 June 2015
    PartialDate.parse("2021/..")                 since 2021
    PartialDate.parse("2003~")                   about 2003

A value knows the earliest and the latest day that it may mean, which is what lists sort by and filters compare. In words it speaks
the language that is spoken when it is asked.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext, pgettext, pgettext_lazy

OPEN = ("", "..")
PLAIN = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
DOUBTFUL = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-([0-9]{2}))?)?[?~%]")  # doubt leaves the days as they are
QUALIFIED = re.compile(
    r"(?P<year>[0-9]{4}|[0-9]{3}X|[0-9]{2}XX)(?:-(?P<month>[0-9]{2}|XX)(?:-(?P<day>[0-9]{2}|XX))?)?(?P<doubt>[?~%]?)"
)
# The northern seasons of meteorology, winter beginning in the year it is named for.
SEASONS = {21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (12, 12)}


@dataclass(frozen=True, order=False)
class PartialDate:
    """An EDTF date: `edtf` its text, `earliest` and `latest` the first and last day (`date`) that it may mean.

    An open or unknown end of an interval reaches to the calendar's own end, year 1 or 9999. Equal texts are equal dates.
    """

    edtf: str
    earliest: date
    latest: date

    @classmethod
    def parse(cls, text):
        """The date that `text` (EDTF level 0 or 1) writes; raises ValueError, with a sentence for a curator, for any other."""
        text = str(text).strip()
        if len(text) > 30:
            raise ValueError("A date has at most 30 characters.")
        return parse(text)

    def __str__(self):
        return self.edtf

    def __len__(self):
        return len(self.edtf)  # form fields and validators measure what is written

    @property
    def words(self):
        """The date in plain words: "November 2012", "about 2003", "25–27 June 2015", "since 2021"."""
        start, slash, end = self.edtf.partition("/")
        if not slash:
            return side_in_words(start)
        if end == "..":
            return gettext("since %(date)s") % {"date": side_in_words(start, BEHIND)}
        if start == "..":
            return gettext("until %(date)s") % {"date": side_in_words(end, BEHIND)}
        if not end:
            return gettext("from %(date)s, end unknown") % {"date": side_in_words(start, BEHIND)}
        if not start:
            return gettext("start unknown, to %(date)s") % {"date": side_in_words(end, BEHIND)}
        return span_in_words(start, end)

    @property
    def iso(self):
        """The value for HTML's `<time datetime>` (a year, month or day), or "" where HTML has no way to write it."""
        return iso_of(self.edtf)

    @property
    def years(self):
        """The first and the last year that the date touches; None for an end that is open or unknown."""
        return (
            None if self.earliest == date.min else self.earliest.year,
            None if self.latest == date.max else self.latest.year,
        )


def iso_of(side):
    """An EDTF date, or one side of one, where it is an ISO 8601 date too: no interval, neither open nor doubtful, and no season."""
    plain = PLAIN.fullmatch(side)
    return side if plain and int(plain[2] or 1) <= 12 else ""


@lru_cache(maxsize=10_000)
def parse(text):
    start, slash, end = text.partition("/")
    if not slash:
        return PartialDate(text, *side_bounds(text))
    if start in OPEN and end in OPEN:
        raise ValueError("An interval needs at least one date: 2021/.. or ../2021.")
    earliest = date.min if start in OPEN else side_bounds(start)[0]
    latest = date.max if end in OPEN else side_bounds(end)[1]
    if latest < earliest:
        raise ValueError(f"“{text}” ends before it begins.")
    return PartialDate(text, earliest, latest)


def side_bounds(text):
    """The first and last day of one date that is not an interval."""
    plain = PLAIN.fullmatch(text) or DOUBTFUL.fullmatch(text)
    try:
        if plain:  # most dates, and a thousand times quicker than the parser
            return plain_bounds(*(None if part is None else int(part) for part in plain.groups()))
        if QUALIFIED.fullmatch(text):
            return parser_bounds(text)
    except ValueError:
        pass
    raise ValueError(
        f"“{text}” is not a date. Write 2015, 2012-11 or 2015-06-25; 2003~ (about), 2003? (perhaps), 201X (the 2010s), "
        "2012-21 (spring); or two dates as 2015-06-25/2015-06-27, 2021/.. (since), ../2021 (until)."
    )


def parser_bounds(text):
    # Imported only here: building its grammar takes a second, and plain dates never need it.
    from edtf import parse_edtf
    from edtf.parser.edtf_exceptions import EDTFParseException

    try:
        parsed = parse_edtf(text)
    except EDTFParseException as error:
        raise ValueError(str(error)) from None
    return date(*parsed.lower_strict()[:3]), date(*parsed.upper_strict()[:3])


def plain_bounds(year, month, day):
    if day is not None:
        return (date(year, month, day),) * 2
    first, last = (1, 12) if month is None else SEASONS.get(month, (month, month))
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


# In words. Many languages have a date in two forms: alone ("ноябрь 2012"), and behind "since", "until" or "about" ("с ноября
# 2012"), which is also that of a month behind its day ("25 ноября").

ALONE, BEHIND = "alone", "behind"

MONTHS = {
    ALONE: [
        pgettext_lazy("month", "January"),
        pgettext_lazy("month", "February"),
        pgettext_lazy("month", "March"),
        pgettext_lazy("month", "April"),
        pgettext_lazy("month", "May"),
        pgettext_lazy("month", "June"),
        pgettext_lazy("month", "July"),
        pgettext_lazy("month", "August"),
        pgettext_lazy("month", "September"),
        pgettext_lazy("month", "October"),
        pgettext_lazy("month", "November"),
        pgettext_lazy("month", "December"),
    ],
    BEHIND: [
        pgettext_lazy("day of month, since month", "January"),
        pgettext_lazy("day of month, since month", "February"),
        pgettext_lazy("day of month, since month", "March"),
        pgettext_lazy("day of month, since month", "April"),
        pgettext_lazy("day of month, since month", "May"),
        pgettext_lazy("day of month, since month", "June"),
        pgettext_lazy("day of month, since month", "July"),
        pgettext_lazy("day of month, since month", "August"),
        pgettext_lazy("day of month, since month", "September"),
        pgettext_lazy("day of month, since month", "October"),
        pgettext_lazy("day of month, since month", "November"),
        pgettext_lazy("day of month, since month", "December"),
    ],
}
SEASONS_IN_WORDS = {
    ALONE: [
        pgettext_lazy("season", "spring"),
        pgettext_lazy("season", "summer"),
        pgettext_lazy("season", "autumn"),
        pgettext_lazy("season", "winter"),
    ],
    BEHIND: [
        pgettext_lazy("since season", "spring"),
        pgettext_lazy("since season", "summer"),
        pgettext_lazy("since season", "autumn"),
        pgettext_lazy("since season", "winter"),
    ],
}


def side_in_words(text, form=ALONE):
    """One date that is not an interval, in one of the two forms."""
    parts = QUALIFIED.fullmatch(text)
    date, doubt = parts.group("year", "month", "day"), parts["doubt"]
    if doubt == "?":
        return gettext("perhaps %(date)s") % {"date": day_in_words(*date, form=form)}
    if doubt == "%":
        return gettext("perhaps about %(date)s") % {"date": day_in_words(*date, form=BEHIND)}
    if doubt == "~":
        about = gettext("about %(date)s") if form == ALONE else pgettext("since about", "about %(date)s")
        return about % {"date": day_in_words(*date, form=BEHIND)}
    return day_in_words(*date, form=form)


def day_in_words(year, month=None, day=None, form=ALONE):
    is_one = "X" not in year
    if not month:
        return year if is_one else years_in_words(year, form)
    if month == "XX":
        within = gettext("a day in %(date)s") if day else gettext("a month in %(date)s")
        return within % {"date": day_in_words(year, form=form)}
    if day == "XX":
        return gettext("a day in %(date)s") % {"date": day_in_words(year, month, form=form)}
    if day:
        said = gettext("%(day)s %(month)s %(year)s") if is_one else gettext("%(day)s %(month)s in %(years)s")
        form = BEHIND
    else:
        said = gettext("%(month)s %(year)s") if is_one else gettext("%(month)s in %(years)s")
    years = {"year": year} if is_one else {"years": years_in_words(year, BEHIND)}
    return said % {"day": day and int(day), "month": month_in_words(month, form), **years}


def years_in_words(year, form):
    """A decade or a century: "201X", "19XX"."""
    if year.endswith("XX"):
        said = gettext("the years %(first)s–%(last)s") if form == ALONE else pgettext("since", "the years %(first)s–%(last)s")
        return said % {"first": f"{year[:2]}00", "last": f"{year[:2]}99"}
    said = gettext("the %(decade)ss") if form == ALONE else pgettext("since", "the %(decade)ss")
    return said % {"decade": f"{year[:3]}0"}


def month_in_words(month, form):
    number = int(month)
    return SEASONS_IN_WORDS[form][number - 21] if number in SEASONS else MONTHS[form][number - 1]


def span_in_words(start, end):
    """Two dates as one phrase that says a shared month or year once: "25–27 June 2015", "June–August 2015"."""
    if start == end:
        return side_in_words(start)
    first, last = PLAIN.fullmatch(start), PLAIN.fullmatch(end)
    if not (first and last):
        return f"{side_in_words(start)} – {side_in_words(end)}"
    year, month, day = first.groups()
    last_year, last_month, last_day = last.groups()
    if day and last_day and (year, month) == (last_year, last_month):
        days = {"first": int(day), "last": int(last_day), "month": month_in_words(month, BEHIND), "year": year}
        return gettext("%(first)s–%(last)s %(month)s %(year)s") % days
    if day and last_day and year == last_year:
        begin = gettext("%(day)s %(month)s") % {"day": int(day), "month": month_in_words(month, BEHIND)}
        return f"{begin} – {day_in_words(last_year, last_month, last_day)}"
    if month and last_month and not (day or last_day) and year == last_year:
        months = {"first": month_in_words(month, ALONE), "last": month_in_words(last_month, ALONE), "year": year}
        return gettext("%(first)s–%(last)s %(year)s") % months
    joint = " – " if month or last_month else "–"
    return f"{day_in_words(year, month, day)}{joint}{day_in_words(last_year, last_month, last_day)}"
