"""The picture of a record's address: drawn from what is published, whatever its words are, and drawn once."""

from io import BytesIO

import pytest
from django.core.cache import caches
from PIL import Image

from archive.site import cards
from tests.cast import event
from tests.test_hostile import HOSTILE


@pytest.fixture(autouse=True)
def nothing_is_kept():
    caches["cards"].clear()


def picture(answer):
    assert answer["Content-Type"] == "image/png"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    return Image.open(BytesIO(answer.content))


def test_every_published_record_has_its_picture_in_each_language(cast, client):
    drawn = set()
    for record in cast.records:
        for prefix in ("", "/ru"):
            answer = client.get(f"{prefix}{record.permalink}card.png")
            assert picture(answer).size == (1200, 630)
            assert len(answer.content) < 60_000
            drawn.add(answer.content)
            head = client.get(f"{prefix}{record.permalink}").text.partition("</head>")[0]
            assert f'content="http://testserver{prefix}{record.permalink}card.png"' in head
    assert len(drawn) == 2 * len(cast.records)


def test_a_picture_that_a_browser_has_kept_stays_everybodys(cast, client):
    """What a 304 says takes the place of what was said before."""
    address = f"{cast.summit.permalink}card.png"
    unchanged = client.get(address, headers={"if-none-match": client.get(address)["ETag"]})
    assert unchanged.status_code == 304
    assert "Cross-Origin-Resource-Policy" not in unchanged


def test_what_is_not_public_has_no_picture_and_what_has_moved_leads_on(cast, client):
    gone, draft = event("Gone", state="withdrawn"), event("Draft", state="draft")
    assert client.get(f"{gone.permalink}card.png").status_code == 410
    assert client.get(f"{draft.permalink}card.png").status_code == 404
    old = cast.summit.permalink
    cast.summit.slug = "summit"
    cast.summit.save()
    moved = client.get(f"{old}card.png")
    assert (moved.status_code, moved["Location"]) == (301, "/events/summit/card.png")


def test_a_picture_is_drawn_once_for_its_words_and_anew_when_they_change(cast, client, monkeypatch):
    drawn, draw = [], cards.draw
    monkeypatch.setattr(cards, "draw", lambda *words: drawn.append(words) or draw(*words))
    address = f"{cast.summit.permalink}card.png"
    client.get(address)
    event("Gala")  # another state of the archive
    client.get(address, {"name": "Anything"})
    assert len(drawn) == 1
    cast.summit.title = "Gala of Freedonia"
    cast.summit.save()
    client.get(address)
    assert [name for _kind, name, _line in drawn] == ["Summit of Freedonia", "Gala of Freedonia"]


@pytest.mark.parametrize(
    "words", ["word " * 400, *(HOSTILE[kind] for kind in ("emoji", "right to left", "quotes", "megabyte", "surrogate"))]
)
def test_no_words_can_break_a_picture(words):
    assert Image.open(BytesIO(cards.card("Event", words, words))).size == (1200, 630)


def test_the_font_has_the_letters_of_the_archives_languages():
    letters = "ӢӣҲҳҚқҒғҶҷӮӯ Ёё Щщ Éé Çç Şş Ğğ – “” „ «»"
    assert cards.drawable(letters) == letters
    assert cards.drawable("中 a") == "a"  # and what it has not is left out


def test_a_long_name_is_cut_where_its_room_ends():
    size, lines = cards.fitted("peace " * 200)
    assert (size, len(lines)) == (40, 7)
    assert lines[-1].endswith("peace…")
    assert all(cards.fits(line, size, 600) for line in lines)
