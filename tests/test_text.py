"""Folding: which spellings are the same word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.core.text import fold, words


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Эмомалӣ Раҳмон", "эмомали рахмон"),
        ("Қазақстан", "Казакстан"),
        ("Łódź", "lodz"),
        ("İstanbul", "istanbul"),
        ("CSTO’s", "csto's"),
        ("Ёлка", "елка"),
        ("25\u00a0June", "25 june"),
    ],
)
def test_a_reader_may_type_it_plainly(written, typed):
    assert fold(written) == fold(typed)


@given(st.text())
def test_offsets_still_fit_and_folding_twice_is_folding_once(text):
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


def test_the_words_of_a_query_come_once_each():
    assert words("  Peace  peace, War ") == ["peace", "peace,", "war"]
