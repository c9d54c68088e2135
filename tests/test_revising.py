"""A record written as a whole from its plain form, or only looked at as if it were."""

import pytest

from archive.core import ledger
from archive.core.models import Entry
from archive.core.plain import PlainError, to_plain
from archive.core.revising import as_if, revise
from events.models import AgendaItem, Event, Statement
from tests import cast as make


def changed(record, **values):
    return to_plain(record) | values


def test_a_trial_is_seen_within_and_leaves_nothing(cast):
    before, state = to_plain(cast.summit), ledger.state()
    plain = changed(cast.summit, title="Talks", agenda=[{"slug": "war", "text": "The price of war"}])
    del plain["statements"]
    with as_if(Event, plain, cast.summit.pk) as record:
        assert to_plain(Event.objects.get(pk=record.pk)) == plain
        assert AgendaItem.objects.get().pk == -1
        assert ledger.is_trial()
    assert not ledger.is_trial()
    assert (to_plain(Event.objects.get(pk=cast.summit.pk)), ledger.state()) == (before, state)


def test_what_a_unit_did_around_a_trial_is_kept(cast):
    with ledger.unit(why="around"):
        cast.summit.title = "Talks"
        cast.summit.save()
        with as_if(Event, changed(cast.summit, title="Trial"), cast.summit.pk):
            pass
    assert Event.objects.get().title == "Talks"
    assert [entry.plain["title"] for entry in Entry.objects.filter(why="around")] == ["Talks"]


def test_a_trial_of_what_cannot_be_says_why_and_leaves_nothing(cast):
    with (
        pytest.raises(PlainError, match="There is no country"),
        as_if(Event, changed(cast.summit, host_country="ZZ"), cast.summit.pk),
    ):
        raise AssertionError
    assert Event.objects.get().host_country == cast.freedonia


def test_a_deleted_record_comes_back_under_its_number(cast):
    pk, plain = cast.summit.pk, to_plain(cast.summit)
    cast.summit.delete()
    assert revise(Event, plain, pk).pk == pk
    assert to_plain(Event.objects.get()) == plain


def test_an_address_that_is_taken_is_a_problem(cast):
    other = make.event("Other")
    third = make.event("Third", state="draft")
    with pytest.raises(PlainError, match=r"(?i)slug: event with this address already exists"):
        revise(Event, {"title": "Third", "slug": "summit-of-freedonia"}, third.pk)
    elsewhere = make.statement(other, "Elsewhere")
    rows = [*to_plain(cast.summit)["statements"], {"slug": elsewhere.slug, "text": "Twice"}]
    with pytest.raises(PlainError, match="already exists"):
        revise(Event, changed(cast.summit, statements=rows), cast.summit.pk)
    assert Statement.objects.count() == 2


def test_a_record_older_than_the_ledger_is_kept_as_it_was_found(cast):
    Entry.objects.all().delete()
    with ledger.unit():
        ledger.keep_found(Event, [cast.summit.pk])
        cast.summit.title = "Talks"
        cast.summit.save()
    found, changed_entry = Entry.objects.filter(model="events.event")
    assert (found.action, found.plain["title"]) == ("found", "Summit of Freedonia")
    assert (changed_entry.action, changed_entry.plain["title"]) == ("changed", "Talks")
    assert ledger.plain_at(Event, cast.summit.pk, 0)["title"] == "Summit of Freedonia"
    ledger.keep_found(Event, [cast.summit.pk])
    assert Entry.objects.filter(model="events.event").count() == 2


def test_steps_have_names(cast):
    draft = make.topic("War", state="draft")
    for state in ("in-review", "draft", "in-review", "published", "withdrawn", "draft"):
        draft.state = state
        draft.save()
    steps = Entry.objects.filter(model="events.topic", record=draft.pk).values_list("step", flat=True)
    assert list(steps) == ["", "submitted", "returned", "submitted", "published", "withdrawn", "reopened"]
    assert Entry.objects.get(model="events.topic", record=cast.peace.pk).step == "published"
