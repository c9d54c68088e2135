"""Partial dates: what may be written, which days it may mean, and how it reads."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.core import dates
from archive.core.dates import PartialDate


@pytest.mark.parametrize(
    ("edtf", "earliest", "latest", "words"),
    [
        ("2015", "2015-01-01", "2015-12-31", "2015"),
        ("2012-11", "2012-11-01", "2012-11-30", "November 2012"),
        ("2012-02", "2012-02-01", "2012-02-29", "February 2012"),
        ("2021-08-23", "2021-08-23", "2021-08-23", "23 August 2021"),
        ("2003~", "2003-01-01", "2003-12-31", "about 2003"),
        ("2003?", "2003-01-01", "2003-12-31", "perhaps 2003"),
        ("2003-05%", "2003-05-01", "2003-05-31", "perhaps about May 2003"),
        ("201X", "2010-01-01", "2019-12-31", "the 2010s"),
        ("19XX", "1900-01-01", "1999-12-31", "the years 1900–1999"),
        ("2012-XX", "2012-01-01", "2012-12-31", "a month in 2012"),
        ("2012-06-XX", "2012-06-01", "2012-06-30", "a day in June 2012"),
        ("2012-XX-XX", "2012-01-01", "2012-12-31", "a day in 2012"),
        ("2012-21", "2012-03-01", "2012-05-31", "spring 2012"),
        ("2015-06-25/2015-06-27", "2015-06-25", "2015-06-27", "25–27 June 2015"),
        ("2015-06-25/2015-07-02", "2015-06-25", "2015-07-02", "25 June – 2 July 2015"),
        ("2015-06/2015-08", "2015-06-01", "2015-08-31", "June–August 2015"),
        ("2020/2021", "2020-01-01", "2021-12-31", "2020–2021"),
        ("2021/..", "2021-01-01", "9999-12-31", "since 2021"),
        ("../2021-03", "0001-01-01", "2021-03-31", "until March 2021"),
        ("2021/", "2021-01-01", "9999-12-31", "from 2021, end unknown"),
        ("1984?/2004~", "1984-01-01", "2004-12-31", "perhaps 1984 – about 2004"),
    ],
)
def test_a_date_means_these_days_and_reads_so(edtf, earliest, latest, words):
    value = PartialDate.parse(edtf)
    assert (str(value.earliest), str(value.latest), value.words, str(value)) == (earliest, latest, words, edtf)


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "x",
        "2015-13",
        "2015-02-30",
        "2015-00",
        "25 June 2015",
        "0000",
        "-0100",
        "Y20000",
        "20155",
        "２０１５",
        "/",
        "../..",
        "2021/2020",
        "2015-06-25T10:00",
        "2015/2016/2017",
        "2015-6",
        "2015\x00",
        "9" * 1000,
        "2012-21-05",
        "[2012..2014]",
    ],
)
def test_what_is_no_date_is_refused_with_a_sentence(nonsense):
    with pytest.raises(ValueError, match=r"[a-z ]+\."):
        PartialDate.parse(nonsense)


def test_only_what_html_can_write_is_given_to_machines():
    written = {edtf: PartialDate.parse(edtf).iso for edtf in ["2015", "2015-06", "2015-06-25", "2015~", "2012-21", "2015/2016"]}
    assert [edtf for edtf, iso in written.items() if iso] == ["2015", "2015-06", "2015-06-25"]


def test_open_ends_have_no_year():
    assert PartialDate.parse("2021/..").years == (2021, None)
    assert PartialDate.parse("../2021").years == (None, 2021)
    assert PartialDate.parse("2020/2021").years == (2020, 2021)


@given(st.dates())
def test_every_day_of_the_calendar_means_itself(day):
    value = PartialDate.parse(day.isoformat())
    assert (value.earliest, value.latest) == (day, day)
    assert value.words.endswith(str(day.year).zfill(4))


@given(st.text(alphabet="0123456789-/.X~?%", max_size=24))
def test_any_text_is_a_date_with_ordered_bounds_or_refused(text):
    try:
        value = PartialDate.parse(text)
    except ValueError:
        return
    assert date.min <= value.earliest <= value.latest <= date.max
    assert value.words


@pytest.mark.parametrize("text", ["2003~", "2004-02?", "2004-02-29%", "1900-12-31~", "0001?", "9999-12%"])
def test_doubtful_dates_mean_the_days_that_the_parser_says(text):
    date = PartialDate.parse(text)
    assert (date.earliest, date.latest) == dates.parser_bounds(text)


@pytest.mark.parametrize("text", ["1900-02-29?", "2003-13~", "2003-00%", "2003-21~", "2003??", "2003-06-31~"])
def test_doubt_makes_no_date_of_what_is_none(text):
    with pytest.raises(ValueError, match="is not a date"):
        PartialDate.parse(text)


@pytest.mark.parametrize("edtf", ["2015/2015", "2015-06/2015-06", "2015-06-25/2015-06-25"])
def test_an_interval_of_one_date_is_said_once(edtf):
    assert PartialDate.parse(edtf).words == PartialDate.parse(edtf.partition("/")[0]).words
