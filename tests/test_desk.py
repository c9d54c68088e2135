"""The admin's first page: what waits, what came back, what has gaps; and the preview of a page that is not public yet."""

import re

import pytest

from archive.core.models import Entry
from archive.sources.models import Document, Passage
from events.models import Event, Statement, Topic
from tests import cast as make
from tests.forms import Page, address
from tests.test_review import curator, editor  # noqa: F401 (fixtures)


def desk_of(client):
    """[(words, count, address)] of what the desk shows."""
    shown = client.get("/admin/").content.decode()
    found = re.findall(r'<a href="([^"]+)"><span class="count">(\d+)</span> ([^<]+)</a>', shown)
    return [(words.strip(), int(count), link.replace("&amp;", "&")) for link, count, words in found]


def listed(client, link):
    return client.get(link).context["cl"].result_count


def test_each_count_is_of_the_list_that_it_leads_to(curator, editor, cast):  # noqa: F811
    bare = Page(curator, Event)
    bare.save({"title": "Bare", "slug": "bare", "kind": "meeting", "standing": "held"})
    Page(curator, Topic).save({"name": "War", "slug": "war", "_step_submitted": "1"})
    Page(curator, Topic).save({"name": "Truce", "slug": "truce", "_step_submitted": "1"})
    Page.of(editor, Topic.objects.get(slug="truce")).save({"_step_returned": "1"})
    Page.of(curator, cast.league).save({"summary": "A league."})
    make.statement(cast.summit, "unsaid", state="draft")
    make.person("Chicolini")
    desk = desk_of(curator)
    assert sorted((words, count) for words, count, _ in desk) == [
        ("Event", 1),  # a draft
        ("Event without a place", 1),
        ("People without a position", 2),
        ("Proposed changes of public records", 1),
        ("Statement without evidence", 1),
        ("Topic", 1),  # war waits for review
        ("Topic", 1),  # truce came back
        ("Topic", 1),  # and is a draft
    ]
    for words, count, link in desk:
        assert listed(curator, link) == count, words


def test_what_was_returned_comes_back_to_whom_it_was_from(curator, editor, cast):  # noqa: F811
    Page(curator, Topic).save({"name": "War", "slug": "war", "_step_submitted": "1"})
    war = Topic.objects.get(slug="war")
    back = address(Topic, "changelist") + "?work=back"
    assert listed(curator, back) == 0
    Page.of(editor, war).save({"_step_returned": "1"})
    assert (listed(curator, back), listed(editor, back)) == (1, 0)
    Page.of(curator, war).save({"_step_submitted": "1"})
    assert listed(curator, back) == 0


def test_passages_that_were_broken_around_the_models_are_found(admin_client, cast):
    broken = "Passages that no longer match their document"
    assert broken not in [words for words, *_ in desk_of(admin_client)]
    Document.objects.update(text="Something else.")
    assert (broken, Passage.objects.count()) in [(words, count) for words, count, _ in desk_of(admin_client)]


def test_the_last_changes_are_told_with_their_reasons(curator, cast):  # noqa: F811
    Page(curator, Topic).save({"name": "War", "slug": "war", "why": "It was spoken of"})
    shown = curator.get("/admin/").content.decode()
    assert "It was spoken of" in shown
    assert "maria" in shown


def test_the_desk_takes_as_many_queries_however_much_there_is(admin_client, cast, django_assert_max_num_queries):
    for number in range(12):
        make.topic(f"Topic {number}", state="in-review")
    admin_client.get("/admin/")  # compares what may be there twice
    with django_assert_max_num_queries(95):
        admin_client.get("/admin/")


# Preview


def test_a_draft_is_seen_by_the_staff_as_it_would_be_public(curator, client, cast):  # noqa: F811
    event = make.event("Talks", date="2016", state="draft")
    said = make.statement(event, "This means war", state="draft", attribution="the experts")
    for record in (event, said):
        url = address(type(record), "preview", record.pk)
        shown = curator.get(url).content.decode()
        assert "This means war" in shown
        assert "A preview" in shown
        assert client.get(url).status_code == 302
    assert client.get(event.get_absolute_url()).status_code == 404
    assert Event.objects.get(slug="talks").state == "draft"


def test_a_preview_shows_what_is_proposed_and_names_nobody_who_is_not_public(curator, client, cast):  # noqa: F811
    draft = make.person("Chicolini", state="draft")
    Page.of(curator, cast.summit).save({"title": "Talks of Freedonia"})
    make.participation(cast.summit, person=draft)
    shown = curator.get(address(Event, "preview", cast.summit.pk)).content.decode()
    assert "Talks of Freedonia" in shown
    assert "Chicolini" not in shown
    assert "Talks of Freedonia" not in client.get(cast.summit.get_absolute_url()).content.decode()


@pytest.mark.parametrize("index", range(7))
def test_every_kind_of_record_has_a_preview_that_leaves_no_trace(admin_client, client, cast, index):
    record = cast.records[index]
    type(record).objects.filter(pk=record.pk).update(state="draft")
    entries = Entry.objects.count()
    assert str(record)[:40] in admin_client.get(address(type(record), "preview", record.pk)).content.decode()
    assert Entry.objects.count() == entries
    assert client.get(record.get_absolute_url()).status_code == 404
    assert Statement.objects.count() == 1
