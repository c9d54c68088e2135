"""Finding a quote in a document's text, and marking passages in it."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.sources.marking import paragraphs
from archive.sources.quotes import QuoteError, find_quote, occurrence_of

TEXT = "One fish, two fish,\n\nred fish.\xa0Blue fish."


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("two fish", "two fish"),
        ("two fish, red fish", "two fish,\n\nred fish"),  # copied from a page, where the line break was lost
        ("  two\r\n fish ", "two fish"),
        ("red fish. Blue", "red fish.\xa0Blue"),
    ],
)
def test_a_quote_is_found_however_its_white_space_was_copied(quote, found):
    start, end = find_quote(TEXT, quote)
    assert TEXT[start:end] == found


def test_a_quote_that_is_not_there_says_how_far_it_agrees():
    with pytest.raises(QuoteError, match=r"“two fish, green fish” is not in the text\. It agrees as far as “two fish,”"):
        find_quote(TEXT, "two fish, green fish")


def test_a_quote_that_stands_there_several_times_must_say_which():
    with pytest.raises(QuoteError, match="stands 4 times"):
        find_quote(TEXT, "fish")
    start, _ = find_quote(TEXT, "fish", occurrence=2)
    assert start == TEXT.index("two fish") + 4
    with pytest.raises(QuoteError, match="no occurrence 5"):
        find_quote(TEXT, "fish", occurrence=5)


@pytest.mark.parametrize("empty", ["", "  \n\t"])
def test_an_empty_quote_is_refused(empty):
    with pytest.raises(QuoteError, match="empty"):
        find_quote(TEXT, empty)


def test_a_quote_is_words_not_a_pattern():
    with pytest.raises(QuoteError):
        find_quote(TEXT, "f.sh")


@given(st.text(alphabet="ab \n", min_size=1, max_size=30), st.data())
def test_any_stretch_of_text_is_found_again_where_it_was(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    if quote != quote.strip():
        return
    assert find_quote(text, quote, occurrence_of(text, start, end)) == (start, end)


def passage(start, end):
    return SimpleNamespace(start=start, end=end)


def flat(content):
    """The content as text, marks as [ ] for a passage's beginning and end, ( ) for where it only goes on."""
    return "".join(
        piece if isinstance(piece, str) else ("[" if piece.first else "(") + flat(piece.content) + ("]" if piece.last else ")")
        for piece in content
    )


@pytest.mark.parametrize(
    ("passages", "marked"),
    [
        ([], "abcdef"),
        ([(1, 3)], "a[bc]def"),
        ([(0, 6), (2, 4)], "[ab[cd]ef]"),
        ([(0, 4), (2, 6)], "[ab[cd)](ef]"),
        ([(0, 2), (2, 4)], "[ab][cd]ef"),
        ([(0, 3), (0, 3)], "[[abc]]def"),
        ([(0, 4), (1, 5), (2, 6)], "[a[b[cd))]((e]f]"),
    ],
)
def test_passages_nest_and_are_told_apart_where_they_cross(passages, marked):
    (paragraph,) = paragraphs("abcdef", [passage(*place) for place in passages])
    assert flat(paragraph.content) == marked


def test_a_passage_over_two_paragraphs_is_marked_in_both_and_begins_in_the_first():
    first, second = paragraphs("one two\n\nthree four", [passage(4, 14)])
    assert (flat(first.content), flat(second.content)) == ("one [two)", "(three] four")
    assert (len(first.passages), len(second.passages)) == (1, 0)


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(1, 20)).map(sorted).filter(lambda p: p[0] < p[1]), max_size=8))
def test_marking_loses_no_character_and_begins_and_ends_each_passage_once(places):
    text = "abcdefghijk\nlmnopqrs"
    rows = paragraphs(text, [passage(*place) for place in places])
    marked = "".join(flat(row.content) for row in rows)
    assert marked.translate({ord(bracket): None for bracket in "[]()"}) == text.replace("\n", "")
    visible = [place for place in places if text[slice(*place)].strip()]
    assert marked.count("[") == marked.count("]") == sum(len(row.passages) for row in rows) == len(visible)
