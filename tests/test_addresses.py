"""Old addresses: once public, an address leads to its record for good, wherever that is now."""

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError

from archive.core.models import Moved
from archive.core.plain import to_plain
from archive.core.revising import revise
from events.models import Event, Statement, Topic
from people.models import Country, Person
from tests import cast as make
from tests.forms import Page, is_saved, says


@pytest.fixture
def curator(client, django_user_model):
    """A client logged in as a curator, who may change every record and publish none."""
    user = django_user_model.objects.create_user("curator", is_staff=True)
    user.user_permissions.set(Permission.objects.exclude(content_type__app_label__in=["core", "auth"]))
    client.force_login(user)
    return client


def leads(client, address):
    """Where an address leads: its status, and the address that it names."""
    answer = client.get(address)
    return (answer.status_code, answer.headers["Location"]) if answer.status_code == 301 else answer.status_code


def move(record, slug):
    record.slug = slug
    record.full_clean()
    record.save()


# On the site


def test_an_old_address_leads_on_with_all_that_is_under_it(cast, client):
    move(cast.summit, "first")
    move(cast.summit, "second")
    for under in ("", "cite.bib", "?a=b"):
        for old in ("summit-of-freedonia", "first"):
            assert leads(client, f"/events/{old}/{under}") == (301, f"/events/second/{under}")
    assert leads(client, "/api/events/first/") == (301, "/api/events/second/")
    assert leads(client, "/events/SUMMIT-of-Freedonia/") == (301, "/events/summit-of-freedonia/")
    assert client.get("/events/second/").status_code == 200
    assert leads(client, "/events/never/") == 404


def test_browsers_do_not_keep_a_move_for_good(cast, client):
    move(cast.peace, "war")
    assert client.get("/topics/peace/").headers["Cache-Control"] == "no-cache"


def test_every_kind_of_record_moves(cast, client):
    cast.freedonia.code = "FZ"
    cast.freedonia.save()
    assert leads(client, "/countries/fr/") == (301, "/countries/fz/")
    assert leads(client, "/api/countries/FR/") == (301, "/api/countries/fz/")
    for record in (cast.league, cast.firefly, cast.peace, cast.gazette, cast.said):
        old = record.get_absolute_url()
        move(record, "elsewhere")
        assert leads(client, old) == (301, record.get_absolute_url())
    assert leads(client, "/documents/the-freedonia-gazette/file/") == (301, "/documents/elsewhere/file/")


def in_bulk(record):
    Person.objects.filter(pk=record.pk).update(slug="moved")


def by_bulk_update(record):
    record.slug = "moved"
    Person.objects.bulk_update([record], ["slug"])


@pytest.mark.parametrize("way", [in_bulk, by_bulk_update])
def test_a_record_that_is_moved_in_bulk_is_found(cast, client, way):
    way(cast.firefly)
    assert leads(client, "/people/rufus-firefly/") == (301, "/people/moved/")


@pytest.mark.parametrize(("state", "answer"), [("withdrawn", 410), ("draft", 404), ("in-review", 404)])
def test_an_old_address_answers_as_its_record_does(cast, client, state, answer):
    move(cast.firefly, "moved")
    cast.firefly.state = state
    cast.firefly.save()
    assert [leads(client, f"{root}/people/rufus-firefly/") for root in ("", "/api")] == [answer, answer]


def test_an_address_that_was_public_once_is_kept_when_a_draft_leaves_it(cast, client):
    for state in ("withdrawn", "draft"):
        cast.firefly.state = state
        cast.firefly.save()
    move(cast.firefly, "moved")
    cast.firefly.state = "published"
    cast.firefly.save()
    assert leads(client, "/people/rufus-firefly/") == (301, "/people/moved/")


def test_what_was_never_public_leaves_no_address(db, client):
    draft = make.topic(state="draft")
    move(draft, "war")
    assert not Moved.objects.exists()
    make.topic("Another", slug="peace").full_clean()


def test_an_old_address_of_a_deleted_record_answers_404_and_may_be_taken(cast, client):
    nobody = make.person("Nobody")
    move(nobody, "somebody")
    nobody.delete()
    assert leads(client, "/people/nobody/") == 404
    make.person("Nobody", slug="nobody").full_clean()
    assert leads(client, "/people/nobody/") == 200


def test_an_address_that_leads_elsewhere_is_not_taken_by_another(cast, admin_client):
    move(cast.peace, "war")
    sentence = "“peace” is an old address of “Peace”, and leads there for good."
    with pytest.raises(ValidationError, match=sentence):
        Topic(name="New", slug="peace").full_clean()
    assert says(Page.of(admin_client, make.topic("Other")).save({"slug": "peace"}), sentence)
    assert says(Page(admin_client, Topic).save({"name": "New", "slug": "peace"}), sentence)
    cast.freedonia.code = "FZ"
    cast.freedonia.save()
    assert says(Page(admin_client, Country).save({"name": "France", "code": "FR"}), "“FR” is an old address of “Freedonia”")


def test_a_record_takes_its_old_address_back(cast, client):
    move(cast.peace, "war")
    move(cast.peace, "peace")
    assert leads(client, "/topics/peace/") == 200
    assert leads(client, "/topics/war/") == (301, "/topics/peace/")
    assert Moved.objects.count() == 1


def test_a_move_that_fails_leaves_nothing(cast):
    make.topic("War")
    with pytest.raises(ValidationError):
        move(cast.peace, "war")
    assert not Moved.objects.exists()


# In the admin


@pytest.mark.parametrize(("record", "field"), [("peace", "slug"), ("gazette", "slug"), ("freedonia", "code")])
def test_an_editor_changes_a_public_address_and_a_curator_does_not(cast, curator, admin_client, record, field):
    record, model = getattr(cast, record), type(getattr(cast, record))
    old = getattr(record, field)
    assert field not in Page.of(curator, record).data
    curator.post(Page.of(curator, record).url, Page.of(curator, record).data | {field: "ZZ"})
    assert getattr(model.objects.get(pk=record.pk), field) == old
    page = Page.of(admin_client, record)
    assert says(admin_client.get(page.url), "the old address leads to the new one for good")
    assert is_saved(page.save({field: "ZZ" if field == "code" else "zz"}))
    assert model.objects.get(pk=record.pk).slug == "zz"
    assert says(admin_client.get(page.url), "Old addresses:", old.lower())


def test_a_curator_does_not_change_a_public_statements_address_on_its_events_page(cast, curator, admin_client):
    cast.summit.state = "draft"
    cast.summit.save()
    refused = Page.of(curator, cast.summit).save({"statements-0-slug": "forged"})
    assert Statement.objects.get().slug == "peace-is-cheap"
    assert says(refused, "It is public: an editor can change it.")
    assert is_saved(Page.of(admin_client, cast.summit).save({"statements-0-slug": "moved"}))
    assert Statement.objects.get().slug == "moved"


def test_a_record_without_old_addresses_does_not_speak_of_them(cast, admin_client):
    assert not says(admin_client.get(Page.of(admin_client, cast.gazette).url), "Old addresses")


def test_a_plain_form_may_name_a_record_by_its_old_address(cast):
    plain = to_plain(cast.summit)
    move(cast.firefly, "moved")
    move(cast.gazette, "paper")
    cast.freedonia.code = "FZ"
    cast.freedonia.save()
    revise(Event, plain, cast.summit.pk)
    now = to_plain(Event.objects.get())
    speaker = next(row for row in now["participations"] if row.get("role") == "speaker")
    assert (speaker["person"], speaker["country"], now["passages"][0]["document"]) == ("moved", "FZ", "paper")
