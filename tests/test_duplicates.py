"""Probable duplicates: which records are thought to be the same, why, and what somebody has judged of it."""

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.urls import reverse

from archive.core.curation.duplicates import catch_up, compare_all, count_pairs, open_pairs
from archive.core.curation.merging import merge
from archive.core.models import Pair
from events.models import Event, Topic
from people.models import Organization, Person
from tests import cast as make
from tests.forms import Page, says


def page_of(model, name="duplicates"):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}")


def are_pair(make_one, name, other, **fields):
    """Whether two records with these names are a pair, compared all at once and one after the other alike."""
    make_one(name, slug="one", **fields)
    two = make_one(other, slug="two", **fields)
    model = type(two)
    compare_all(model)
    at_once = list(open_pairs(model).values_list("first", "second", "score", "reasons"))
    two.save()  # nothing new, and yet an entry is wanted
    model.objects.filter(pk=two.pk).update(state="draft")
    assert catch_up(model) == 0
    assert list(open_pairs(model).values_list("first", "second", "score", "reasons")) == at_once
    return bool(at_once)


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("Valery Semerikov", "Валерий Семериков", True),
        ("Valery Semerikov", "Semerikov Valeriy", True),
        ("Valery Semerikov", "Valery Semerikow", True),
        ("Valery Semerikov", "V. Semerikov", True),
        ("Valery Semerikov", "Valery Alexandrovich Semerikov", True),
        ("Valery Semerikov", "Valery Petrov", False),
        ("Valery Semerikov", "Semerikov", False),
        ("V. Semerikov", "A. Semerikov", False),
        ("Anna Li", "Anna Lo", False),
    ],
)
def test_people_of_the_same_name_in_any_spelling_are_a_pair(db, name, other, expected):
    assert are_pair(make.person, name, other) == expected


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("Collective Security Treaty Organization", "Organization of the Collective Security Treaty", True),
        ("Ministry of Foreign Affairs of Tajikistan", "Ministry of Foreign Affairs of Kazakhstan", False),
        ("Gorchakov Fund", "Gorchakov Foundation", False),
    ],
)
def test_organizations_are_compared_by_all_their_words(db, name, other, expected):
    assert are_pair(make.organization, name, other) == expected


def test_topics_are_compared(db):
    assert are_pair(make.topic, "Terrorism", "Terorism")


@pytest.mark.parametrize(
    ("title", "date", "expected"),
    [
        ("Summit in Freedonia", "2015-05-03", True),
        ("The Summit of Freedonia", "2015-05", True),
        ("Summit of Freedonia", "2016-05-03", False),
        ("Summit of Freedonia", None, True),
        ("School of young diplomats", "2015-05-03", False),
    ],
)
def test_events_are_a_pair_when_their_titles_and_their_dates_are_alike(cast, title, date, expected):
    make.event(title, slug="other", date=date, place="Freedonia")
    compare_all(Event)
    at_once = list(open_pairs(Event).values_list("score", "reasons"))
    assert bool(at_once) == expected
    Event.objects.filter(slug="other").update(state="draft")
    catch_up(Event)
    assert list(open_pairs(Event).values_list("score", "reasons")) == at_once


def test_other_names_count_too(cast):
    make.person("Rufus Fayrflay", state="draft")
    compare_all(Person)
    assert open_pairs(Person).get().reasons == ["“Руфус Файрфлай” is like “Rufus Fayrflay”."]


def test_pairs_follow_what_changes(cast):
    other = make.person("R. Firefly")
    assert catch_up(Person) == 0
    assert count_pairs() == 1
    other.name = "Somebody Else"
    other.save()
    assert (catch_up(Person), count_pairs()) == (0, 0)
    other.name = "Firefly Rufus"
    other.save()
    assert (catch_up(Person), count_pairs()) == (0, 1)
    other.delete()
    assert (catch_up(Person), count_pairs()) == (0, 0)


def test_what_a_page_compares_is_bounded(cast, monkeypatch):
    catch_up(Person)
    monkeypatch.setattr("archive.core.curation.duplicates.AT_ONCE", 2)
    for number in range(5):
        make.person("Rufus Firefly", slug=f"firefly-{number}")
    assert [catch_up(Person) for _ in range(3)] == [3, 1, 0]
    assert count_pairs() == 15
    Pair.objects.all().delete()
    monkeypatch.setattr("archive.core.curation.duplicates.SMALL", 2)
    Person.objects.get(slug="firefly-0").delete()
    assert catch_up(Person) == 0
    assert catch_up(Organization) == 0


def test_an_archive_too_large_for_a_page_is_left_to_the_command(cast, admin_client, monkeypatch):
    monkeypatch.setattr("archive.core.curation.duplicates.SMALL", 1)
    make.person("R. Firefly")
    assert says(admin_client.get(page_of(Person)), "manage.py find_duplicates")
    call_command("find_duplicates", verbosity=0)
    assert says(admin_client.get(page_of(Person)), "R. Firefly")


def test_a_merged_pair_is_gone(cast):
    other = make.person("R. Firefly")
    catch_up(Person)
    merge(Person, cast.firefly.pk, other.pk)
    assert count_pairs() == 0


# In the admin


def test_a_pair_is_offered_judged_and_offered_again(cast, admin_client, admin_user):
    other = make.person("R. Firefly")
    page = admin_client.get(page_of(Person))
    merge_page = reverse("admin:people_person_merge", args=[cast.firefly.pk])
    assert says(page, "Rufus Firefly", "R. Firefly", "is like", f"{merge_page}?with={other.pk}", "They are two")
    assert says(admin_client.get(page_of(Person, "changelist")), "Probable duplicates (1)")
    pair = Pair.objects.get()
    assert says(admin_client.post(page_of(Person), {"two": pair.pk}, follow=True), "They are two: they will not be offered again.")
    other.titles = "Dr"
    other.save()
    call_command("find_duplicates", verbosity=0)
    assert says(admin_client.get(page_of(Person)), "There are none.")
    assert says(admin_client.get(f"{page_of(Person)}?judged"), f"Judged to be two by {admin_user}")
    admin_client.post(f"{page_of(Person)}?judged", {"again": pair.pk})
    assert says(admin_client.get(page_of(Person)), "R. Firefly")


def test_nonsense_judges_nothing(cast, admin_client):
    make.person("R. Firefly")
    catch_up(Person)
    for data, status in [({}, 302), ({"two": "x"}, 302), ({"two": "9" * 40}, 302), ({"two": "9999"}, 404)]:
        assert admin_client.post(page_of(Person), data).status_code == status
    assert count_pairs() == 1
    assert admin_client.get(f"{page_of(Person)}?page=x").status_code == 200


def test_doors_are_shut_for_whoever_may_not_see_people(cast, client, django_user_model):
    user = django_user_model.objects.create_user("outsider", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="events"))
    client.force_login(user)
    assert [client.get(page_of(Person, name)).status_code for name in ("duplicates", "there_already")] == [403, 403]
    assert client.post(page_of(Person), {"two": 1}).status_code == 403
    assert client.get(page_of(Topic, "there_already")).status_code == 200


# There is already…


def test_what_is_there_already_is_said_while_a_name_is_typed(cast, admin_client):
    def found(model, name):
        return [record["name"] for record in admin_client.get(page_of(model, "there_already"), {"name": name}).json()["records"]]

    assert found(Person, "Rufus Fire") == found(Person, "Руфус Файрф") == found(Person, "rufus firefli") == ["Rufus Firefly"]
    assert found(Event, "summit of fre") == ["Summit of Freedonia"]
    assert found(Topic, "Peac") == ["Peace"]
    assert found(Organization, "League Nations") == ["League of Nations"]
    for nonsense in ("", "x", "\x1f", "🙂" * 3000, '"-OR* ', "a " * 500):
        assert found(Person, nonsense) == []
    record = admin_client.get(page_of(Person, "there_already"), {"name": "Rufus Firefly"}).json()["records"][0]
    assert record == {"name": "Rufus Firefly", "state": "Published", "url": f"/admin/people/person/{cast.firefly.pk}/change/"}


def test_a_record_that_was_there_already_is_saved_and_the_other_named(cast, admin_client):
    page = Page(admin_client, Person)
    answer = admin_client.post(page.url, page.data | {"name": "Firefly, Rufus", "slug": "new"}, follow=True)
    added = Person.objects.get(slug="new")
    assert says(answer, "There is already", f"/merge/?with={added.pk}")
    page = Page(admin_client, Person)
    assert not says(admin_client.post(page.url, page.data | {"name": "Somebody", "slug": "s"}, follow=True), "There is already")


def test_the_desk_counts_pairs_and_leads_to_them(cast, admin_client):
    assert not says(admin_client.get("/admin/"), "there twice")
    make.person("R. Firefly")
    desk = admin_client.get("/admin/")
    assert says(desk, "People that may be there twice (pairs)", page_of(Person))
    assert count_pairs() == 1


def test_an_identifier_in_common_makes_a_pair_whatever_the_names(cast):
    other = make.person("Somebody Else")
    for person in (cast.firefly, other):
        person.identifiers.create(scheme="wikidata", identifier="Q1")
    compare_all(Person)
    assert open_pairs(Person).values_list("score", "reasons").get() == (100, ["Both have the identifier wikidata Q1."])
    Pair.objects.all().delete()
    other.identifiers.create(scheme="viaf", identifier="2")
    catch_up(Person)
    assert count_pairs() == 1
    merge(Person, cast.firefly.pk, other.pk)
    assert [str(row) for row in cast.firefly.identifiers.all()] == ["wikidata: Q1", "viaf: 2"]
