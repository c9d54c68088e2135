"""What differs between two plain forms, and how two changes of one record become one."""

from archive.core.difference import Change, Clash, changes, label, merged
from events.models import Event

BASE = {
    "title": "Summit",
    "slug": "summit",
    "topics": ["peace"],
    "agenda": [{"slug": "price", "text": "The price"}, {"slug": "next", "text": "The next"}],
}


def but(**changed):
    return BASE | changed


def agenda(*rows):
    return [{"slug": slug, "text": text} for slug, text in rows]


def test_nothing_differs_from_itself_however_sets_are_ordered():
    assert changes(Event, but(topics=["a", "b"]), but(topics=["b", "a"])) == []


def test_changes_are_named_by_their_place_in_the_order_of_the_form():
    after = but(title="Talks", agenda=agenda(("next", "Then"), ("new", "New")))
    assert changes(Event, BASE, after) == [
        Change(("title",), "Summit", "Talks"),
        Change(("agenda",), ["price", "next"], ["next", "new"]),
        Change(("agenda", "next", "text"), "The next", "Then"),
        Change(("agenda", "new", "slug"), None, "new"),
        Change(("agenda", "new", "text"), None, "New"),
        Change(("agenda", "price", "slug"), "price", None),
        Change(("agenda", "price", "text"), "The price", None),
    ]


def test_changes_of_different_places_both_stay():
    theirs = but(title="Talks", topics=["peace", "war"], agenda=agenda(("price", "The price"), ("next", "Then")))
    mine = but(place="Freedonia", topics=["trade"], agenda=agenda(("new", "New"), ("price", "The price"), ("next", "The next")))
    both = merged(Event, BASE, theirs, mine)
    assert both.clashes == []
    assert both.plain == {
        "slug": "summit",
        "title": "Talks",
        "place": "Freedonia",
        "topics": ["trade", "war"],
        "agenda": agenda(("new", "New"), ("price", "The price"), ("next", "Then")),
    }


def test_the_same_place_changed_otherwise_is_a_clash_until_somebody_chooses():
    theirs, mine = but(title="Talks"), but(title="Meeting")
    both = merged(Event, BASE, theirs, mine)
    assert both.clashes == [Clash(("title",), "Summit", "Talks", "Meeting")]
    assert both.plain == mine
    assert merged(Event, BASE, theirs, mine, {("title",): "theirs"}).plain == theirs
    assert merged(Event, BASE, theirs, mine, {("title",): "mine"}).clashes == []


def test_a_row_that_one_removed_and_the_other_changed_is_a_clash():
    theirs = but(agenda=agenda(("next", "The next")))
    mine = but(agenda=agenda(("price", "The cost"), ("next", "The next")))
    both = merged(Event, BASE, theirs, mine)
    before, after = {"slug": "price", "text": "The price"}, {"slug": "price", "text": "The cost"}
    assert both.clashes == [Clash(("agenda", "price"), before, None, after)]
    assert merged(Event, BASE, theirs, mine, {("agenda", "price"): "theirs"}).plain == theirs


def test_a_row_that_one_removed_and_the_other_left_alone_is_gone():
    theirs = but(agenda=agenda(("next", "The next")))
    assert merged(Event, BASE, theirs, BASE).plain == theirs
    assert merged(Event, BASE, BASE, theirs).plain == theirs


def test_places_have_words():
    assert label(Event, ("host_country",)) == "Host country"
    assert label(Event, ("agenda", "price", "text")) == "Agenda › price › Text"
    assert label(Event, ("agenda",)) == "Agenda (order)"
