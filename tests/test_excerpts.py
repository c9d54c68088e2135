"""Passages in their paragraphs, as pages show them."""

import pytest

from archive.sources.evidence import excerpts
from tests.cast import TEXT, document, passage

pytestmark = pytest.mark.django_db


def shown(document):
    found = excerpts(document.passages.with_document())
    return ["".join(f"[{text}]" if passage else text for text, passage in one.pieces) for one in found]


def test_passages_of_one_paragraph_stand_in_it_together():
    gazette = document(text=TEXT)
    for quote in ("peace is cheap. Ambassador", "Ambassador Trentino", "Rufus Firefly", "The experts"):
        passage(gazette, quote, 1)
    assert shown(gazette) == [
        "[Rufus Firefly] of Freedonia said that [peace is cheap. Ambassador][ Trentino] of Sylvania agreed.",
        "[The experts] noted that peace is cheap. The next summit is planned for 2016 in Sylvania.",
    ]


def test_a_passage_over_several_paragraphs_shows_them_all():
    gazette = document(text=TEXT)
    passage(gazette, "3 May 2015. Rufus Firefly")
    (one,) = shown(gazette)
    assert one.startswith("Leaders met in Freedonia on [3 May 2015.\n\nRufus Firefly] of Freedonia")


def test_a_long_paragraph_is_shown_as_far_as_it_was_read():
    gazette = document(text=f"{'a ' * 2000}needle{' b' * 2000}")
    passage(gazette, "needle")
    (one,) = excerpts(gazette.passages.with_document())
    assert "needle" in one.text
    assert len(one.text) < 1100
    assert one.text == gazette.text[one.start : one.end]


def test_a_long_paragraph_is_cut_between_words_and_says_so(cast, client):
    long = document("Long", text=f"{'internationalization ' * 60}needle{' cooperation' * 60}")
    cast.summit.passages.add(passage(long, "needle"))
    (one,) = excerpts(long.passages.with_document())
    assert (one.is_cut_before, one.is_cut_behind) == (True, True)
    assert set(one.text.split()) == {"internationalization", "needle", "cooperation"}
    assert "[…] internationalization" in client.get(cast.summit.get_absolute_url()).text
