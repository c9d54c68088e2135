"""Lives on an axis of years: a date is drawn as exactly as it is known, and nothing stands on anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.core.dates import PartialDate
from archive.core.timeline import MOST, Lane, Row, meant, timeline


def row(date, label="Rector", **fields):
    return Row(label, PartialDate.parse(date), **fields)


def marks(*dates):
    return timeline([Lane("Positions", [row(date) for date in dates])]).lanes[0].marks


@pytest.mark.parametrize(
    ("date", "extent", "core"),
    [
        ("2015-01-01", (2015, 2015 + 1 / 365), (2015, 2015 + 1 / 365)),  # a day is certain
        ("2015", (2015, 2016), None),  # at some time in 2015
        ("2015/2019", (2015, 2020), (2016 - 1 / 365, 2019 + 1 / 365)),  # from some day of 2015 to some day of 2019
        ("2015-01-01/2015-12-31", (2015, 2016), (2015, 2016)),
        ("2015/2015", (2015, 2016), None),
        ("201X", (2010, 2020), None),
        ("2016-02-29", (2016 + 59 / 366, 2016 + 60 / 366), (2016 + 59 / 366, 2016 + 60 / 366)),
    ],
)
def test_what_a_date_reaches_over_and_what_it_covers(date, extent, core):
    sense = meant(PartialDate.parse(date))
    assert sense.extent == pytest.approx(extent)
    assert sense.core == (core and pytest.approx(core))


def test_ends_that_go_on_and_ends_that_nobody_knows_are_told_apart():
    since, until, unknown = marks("2015-07-01/..", "../2010", "2012/")
    assert (since.row.date.edtf, until.row.date.edtf, unknown.row.date.edtf) == ("../2010", "2012/", "2015-07-01/..")
    by_date = {mark.row.date.edtf: mark for mark in (since, until, unknown)}
    assert by_date["2015-07-01/.."].meant.goes_on == (False, True)
    assert by_date["2015-07-01/.."].core_x + by_date["2015-07-01/.."].core_width == pytest.approx(100)
    assert by_date["../2010"].meant.goes_on == (True, False)
    assert by_date["../2010"].x == 0
    assert by_date["2012/"].meant.is_unknown == (False, True)
    assert by_date["2012/"].meant.core is None


def test_doubt_is_told_apart():
    (about, plain) = marks("2003~", "2005")
    assert "doubtful" in about.css
    assert "doubtful" not in plain.css


def test_a_life_within_a_year_needs_no_timeline():
    assert timeline([]) is None
    assert timeline([Lane("Positions", [Row("Rector", None), row("2015"), row("2015-03-01")])]) is None
    assert timeline([Lane("Positions", [row("2015")]), Lane("Events", [row("2016")])])


def test_a_lane_without_dates_is_left_out_and_a_crowded_one_says_what_it_leaves_out():
    drawn = timeline([Lane("Positions", [Row("Rector", None)]), Lane("Events", [row(str(1900 + n)) for n in range(MOST + 7)])])
    (lane,) = drawn.lanes
    assert (len(lane.marks), len(lane.rows), drawn.left_out) == (MOST, MOST + 7, 7)


def test_columns_are_as_high_as_their_counts():
    lane = Lane("Events", [row("2014", count=10), row("2015", count=5)], counted=True)
    tall, short = timeline([lane]).lanes[0].marks
    assert tall.height == 2 * short.height
    assert tall.y + tall.height == short.y + short.height


DATES = st.one_of(
    st.dates().map(lambda day: day.isoformat()),
    st.integers(1, 9999).map("{:04}".format),
    st.integers(1, 9998).map("{:04}/..".format),
    st.integers(2, 9999).map("../{:04}".format),
    st.integers(1, 9998).map("{:04}/".format),
    st.tuples(st.integers(1, 9999), st.integers(1, 9999)).map(lambda pair: "{:04}/{:04}".format(*sorted(pair))),
    st.integers(100, 999).map("{}X~".format),
)


@given(st.lists(st.tuples(DATES, st.text("абв wide", max_size=60)), max_size=60))
def test_everything_has_a_place_of_its_own(rows):
    drawn = timeline([Lane("Life", [row(date, label) for date, label in rows])])
    if drawn is None:
        return
    (lane,) = drawn.lanes
    assert len(drawn.ticks) <= 11
    taken = {}
    for mark in lane.marks:
        assert 0 <= mark.x <= mark.x + mark.width <= 100.01
        assert mark.y + mark.height <= lane.height
        if mark.core_width:
            assert mark.x - 0.01 <= mark.core_x <= mark.core_x + mark.core_width <= mark.x + mark.width + 0.02
        for x, width in taken.setdefault(mark.y, []):
            assert mark.x >= x + width - 0.01 or mark.x + mark.width <= x + 0.01
        taken[mark.y].append((mark.x, mark.width))


def test_a_picture_explains_the_signs_that_are_on_it_and_no_others():
    signs = ["is_vague", "is_doubtful", "is_open", "has_unknown_ends"]
    for date, expected in [
        ("2015-03-01", []),
        ("2015", ["is_vague"]),
        ("2015-03-01?", ["is_doubtful"]),
        ("2015-03-01/..", ["is_open"]),
        ("2015-03-01/", ["is_vague", "has_unknown_ends"]),
    ]:
        drawn = timeline([Lane("Positions", [row(date), row("2020-01-01")])])
        assert [sign for sign in signs if getattr(drawn, sign)] == expected, date
