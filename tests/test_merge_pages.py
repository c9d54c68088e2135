"""Merging in the admin: choose the other, compare, see what will happen, do it, and be told when something has changed."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from archive.core.models import Entry
from archive.sources.models import Document
from people.models import Person
from tests import cast as make
from tests.forms import says


def merge_page(record, other=None):
    address = reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_merge", args=[record.pk])
    return f"{address}?with={other.pk}" if other else address


@pytest.fixture
def double(cast):
    double = make.person("R. T. Firefly", titles="Dr", state="draft")
    make.participation(make.event("Second summit"), person=double)
    return double


@pytest.fixture
def curator(client, django_user_model):
    user = django_user_model.objects.create_user("curator", is_staff=True)
    user.user_permissions.set(Permission.objects.exclude(content_type__app_label__in=["core", "auth"]))
    client.force_login(user)
    return client


def posted(page, **data):
    chosen = {f"choice-{one.name}": one.chosen for one in page.context["differences"]}
    return {"loaded": page.context["form"]["loaded"].value(), **chosen, **data}


def test_a_duplicate_is_found_compared_and_merged(admin_client, admin_user, cast, double):
    assert says(admin_client.get(reverse("admin:people_person_change", args=[cast.firefly.pk])), "Merge with…")
    assert says(admin_client.get(merge_page(cast.firefly)), "Other person", "Compare")
    page = admin_client.get(merge_page(cast.firefly, double))
    assert says(page, "Stays:", "R. T. Firefly", "Participation “R. T. Firefly” (person), in “Second summit”")
    assert says(page, "The address “r-t-firefly” leads to “rufus-firefly”", "Keep “R. T. Firefly” instead")
    done = admin_client.post(merge_page(cast.firefly, double), posted(page, merge="1", why="One man"), follow=True)
    assert says(
        done,
        "“Rufus Firefly” and “R. T. Firefly” are one now.",
        "See what changed, or undo it",
        reverse("step", args=[Entry.objects.last().unit]),
    )
    assert not Person.objects.filter(pk=double.pk).exists()
    last = Entry.objects.last()
    assert (last.by, last.why) == (admin_user, "“R. T. Firefly” (r-t-firefly) merged into “Rufus Firefly”: One man")


def test_a_choice_is_previewed_and_kept(admin_client, cast, double):
    address = merge_page(cast.firefly, double)
    page = admin_client.get(address)
    page = admin_client.post(address, posted(page, preview="1", why="So far", **{"choice-name": "lost"}))
    assert says(page, "Variant “Rufus Firefly”", 'value="So far"')
    assert Person.objects.filter(pk=double.pk).exists()
    admin_client.post(address, posted(page, merge="1"))
    assert Person.objects.get(pk=cast.firefly.pk).name == "R. T. Firefly"


def test_two_selected_in_the_list_are_compared(admin_client, cast, double):
    address = reverse("admin:people_person_changelist")
    chosen = {"action": "merge_selected", "_selected_action": [double.pk, cast.firefly.pk]}
    assert admin_client.post(address, chosen).headers["Location"] == merge_page(cast.firefly, double)
    one = admin_client.post(address, chosen | {"_selected_action": [double.pk]}, follow=True)
    assert says(one, "Select two records, no more and no fewer.")


def test_what_another_has_changed_meanwhile_is_shown_and_nothing_typed_is_lost(admin_client, cast, double):
    address = merge_page(cast.firefly, double)
    page = admin_client.get(address)
    double.titles = "Professor"
    double.save()
    refused = admin_client.post(address, posted(page, merge="1", why="One man", **{"choice-name": "lost"}))
    assert says(refused, "“R. T. Firefly” has changed since this page was shown.", "Professor", 'value="One man"')
    assert Person.objects.filter(pk=double.pk).exists()
    assert {one.name: one.chosen for one in refused.context["differences"]}["name"] == "lost"
    admin_client.post(address, posted(refused, merge="1"))
    assert not Person.objects.filter(pk=double.pk).exists()


@pytest.mark.parametrize(
    "data", [{}, {"loaded": "x"}, {"loaded": "1" * 40}, {"loaded": "0", "why": "x\x00"}, {"loaded": 0, "why": "x" * 400}]
)
def test_a_nonsensical_decision_merges_nothing(admin_client, cast, double, data):
    assert admin_client.post(merge_page(cast.firefly, double), {"merge": "1", **data}).status_code == 200
    assert Person.objects.filter(pk=double.pk).exists()


@pytest.mark.parametrize("other", ["", "x", "1" * 30, "-1", "٣", "%00", "0"])
def test_a_nonsensical_other_is_asked_for_again(admin_client, cast, other):
    answer = admin_client.get(f"{merge_page(cast.firefly)}?with={other}")
    assert answer.status_code == 400 if other == "%00" else says(answer, "Choose another person")


def test_a_record_that_is_not_there_has_no_page(admin_client, db):
    assert admin_client.get(reverse("admin:people_person_merge", args=[999])).status_code in (302, 404)


def test_those_who_may_not_merge_find_no_door(curator, cast, double):
    assert not says(curator.get(reverse("admin:people_person_change", args=[cast.firefly.pk])), "Merge with…")
    for address in (merge_page(cast.firefly), merge_page(cast.firefly, double)):
        assert [curator.get(address).status_code, curator.post(address, {"merge": "1", "loaded": 0}).status_code] == [403, 403]
    chosen = {"action": "merge_selected", "_selected_action": [double.pk, cast.firefly.pk]}
    curator.post(reverse("admin:people_person_changelist"), chosen)
    assert Person.objects.filter(pk=double.pk).exists()


def test_documents_have_no_such_page(admin_client, cast):
    assert not says(admin_client.get(reverse("admin:sources_document_change", args=[cast.gazette.pk])), "Merge with…")
    assert admin_client.get(merge_page(cast.gazette, make.document("Another"))).status_code == 403
    assert Document.objects.count() == 2


def test_a_merge_that_publishes_asks_for_that_permission(client, django_user_model, cast, double):
    user = django_user_model.objects.create_user("merger", is_staff=True)
    user.user_permissions.set(Permission.objects.exclude(codename="publish_record"))
    client.force_login(user)
    page = client.get(merge_page(double, cast.firefly))
    assert says(page, "You cannot make “R. T. Firefly” published: keep its own state.")
    client.post(merge_page(double, cast.firefly), posted(page, merge="1"))
    assert Person.objects.filter(pk=cast.firefly.pk).exists()
