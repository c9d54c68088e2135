"""Every page of the admin: who may open it, what its lists cost, who is found by which spelling, and what nonsense does to it."""

import itertools
from urllib.parse import parse_qsl, urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from archive.core import ledger
from archive.core.models import Proposal
from archive.core.records import Record
from archive.sources.models import Document, Passage
from events.models import Event, Participation, Statement, Topic
from people.models import Country, Organization, Person
from tests import cast as make

MODELS = [Group, User, Document, Passage, Country, Organization, Person, Topic, Event, Statement]
RECORDS = [model for model in MODELS if issubclass(model, Record)]
HUGE = "1" + "0" * 30


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def model_pages():
    """The five pages of every model, those of one record for the first one that there is."""
    Group.objects.get_or_create(name="Curators")
    User.objects.get_or_create(username="groucho")
    for model in MODELS:
        pk = model.objects.first().pk
        yield from (address(model, page) for page in ("changelist", "add"))
        yield from (address(model, page, pk) for page in ("change", "delete", "history"))


def app_pages():
    return [reverse("admin:app_list", args=[label]) for label in sorted({model._meta.app_label for model in MODELS})]


def answers(client, addresses):
    """{address: status}, a page that breaks being a 500 here as it is for a curator."""
    client.raise_request_exception = False
    return {url: client.get(url).status_code for url in addresses}


def those_other_than(statuses, expected):
    return {url: status for url, status in statuses.items() if status not in expected}


@pytest.fixture
def staff_client(client, django_user_model):
    """A member of staff whom nobody has yet permitted anything."""
    client.force_login(django_user_model.objects.create_user("chico", is_staff=True))
    return client


# Who may open what


def test_these_are_all_the_models_that_the_admin_has():
    assert {*MODELS, Proposal} == set(admin.site._registry)


def test_a_superuser_opens_every_page(admin_client, cast):
    pages = [reverse("admin:index"), *app_pages(), *model_pages()]
    assert len(pages) > 50
    assert those_other_than(answers(admin_client, pages), [200]) == {}


def test_a_superuser_opens_the_pages_of_drafts_that_have_nothing_but_a_name(admin_client, db):
    draft = {"state": "draft"}
    event = make.event(**draft)
    bare = [
        make.country(**draft),
        make.organization(**draft),
        make.person(**draft),
        make.topic(**draft),
        make.document(**draft),
        event,
        make.statement(event, **draft),
    ]
    pages = [address(type(record), "change", record.pk) for record in bare]
    assert those_other_than(answers(admin_client, pages), [200]) == {}


@pytest.mark.parametrize("visitor", ["anonymous", "not of the staff"])
def test_others_are_led_to_log_in(client, cast, visitor):
    if visitor != "anonymous":
        client.force_login(User.objects.create_user("zeppo"))
    for url in [reverse("admin:index"), *app_pages(), *model_pages(), reverse("admin:autocomplete")]:
        response = client.get(url)
        assert (response.status_code, response.url) == (302, f"{reverse('admin:login')}?next={url}")


def test_staff_without_permissions_are_refused_every_model(staff_client, cast):
    assert those_other_than(answers(staff_client, model_pages()), [403]) == {}


def test_staff_without_permissions_see_an_index_of_nothing_and_no_app(staff_client, db):
    response = staff_client.get(reverse("admin:index"))
    assert response.context["app_list"] == []
    assert those_other_than(answers(staff_client, app_pages()), [403, 404]) == {}


def test_staff_without_permissions_find_nobody(staff_client, cast):
    assert staff_client.get(relation(Event, "host_country", "freedonia")).status_code == 403


# What a list costs


@ledger.unit()
def rows(cast, numbers):
    """For each number one more row of every model, related to all that its list shows."""
    for number in numbers:
        Group.objects.create(name=f"Group {number}")
        User.objects.create(username=f"user {number}", is_staff=True).groups.add(Group.objects.get(name=f"Group {number}"))
        make.document(f"Gazette {number}", date=f"20{number:02}")
        words = {"start": number, "end": 60, "exact": cast.gazette.text[number:60]}
        passage = Passage.objects.create(document=cast.gazette, **words)
        code = f"X{chr(ord('A') + number)}"
        country = make.country(f"Freedonia {number}", code, date=f"20{number:02}")
        organization = make.organization(f"League {number}", parent=cast.league, country=country)
        organization.members.create(country=country)
        person = make.person(f"Firefly {number}")
        person.names.create(name=f"Rufus {number}")
        person.positions.create(title="President", organization=cast.league)
        topic = make.topic(f"Peace {number}", broader=cast.peace)
        event = make.event(f"Summit {number}", date=f"20{number:02}-05", host_country=country, part_of=cast.summit)
        event.topics.add(topic)
        speaker = make.participation(event, person=person, organization=organization, country=country)
        make.participation(event, country=country)
        statement = make.statement(event, f"peace is cheap {number}")
        statement.speakers.add(speaker, make.participation(event, organization=organization))
        statement.topics.add(cast.peace)
        statement.passages.add(passage)


SEARCHES = {
    Group: "q=group",
    User: "q=user&is_staff__exact=1",
    Document: "q=gazette&state__exact=published",
    Passage: "q=freedonia&document__id__exact={cast.gazette.pk}",
    Country: "q=freedonia&state__exact=published",
    Organization: "q=league&state__exact=published",
    Person: "q=firefly&positions__organization__id__exact={cast.league.pk}",
    Topic: "q=peace&broader__id__exact={cast.peace.pk}",
    Event: "q=summit&kind__exact=meeting",
    Statement: "q=peace&topics__id__exact={cast.peace.pk}",
}


def costs(client, cast):
    """{address: (rows shown, queries)} of each model's list, searched and filtered."""
    found = {}
    for model, search in SEARCHES.items():
        url = f"{address(model, 'changelist')}?{search.format(cast=cast)}"
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url)
        assert response.status_code == 200, f"{url} is refused"
        found[url] = len(response.context["cl"].result_list), len(queries)
    return found


def test_a_list_costs_as_many_queries_for_many_rows_as_for_few(admin_client, cast):
    rows(cast, range(2))
    few = costs(admin_client, cast)
    rows(cast, range(2, 14))
    many = costs(admin_client, cast)
    assert [url for url in many if many[url][0] < few[url][0] + 12] == []
    assert {url: (few[url], many[url]) for url in many if many[url][1] != few[url][1]} == {}


# Finding


def relation(model, field, term):
    opts = model._meta
    return f"{reverse('admin:autocomplete')}?app_label={opts.app_label}&model_name={opts.model_name}&field_name={field}&term={term}"


def forms():
    """(model, admin or inline) of every form that the admin has."""
    for model in [*RECORDS, Passage]:
        model_admin = admin.site._registry[model]
        yield model, model_admin
        yield from ((inline.model, inline) for inline in model_admin.inlines)


def fields_of(options, model):
    fieldsets = options.fieldsets or [(None, {"fields": options.fields})]
    for name in itertools.chain.from_iterable(fieldset["fields"] for _, fieldset in fieldsets):
        yield from ((part for part in name) if isinstance(name, tuple) else [name])


def relations():
    """(model, field, its form) of every choice of another record that a form offers."""
    for model, options in forms():
        names = {field.name for field in model._meta.get_fields()}
        for name in fields_of(options, model):
            field = name in names and model._meta.get_field(name)
            is_chosen = name not in options.readonly_fields
            if field and is_chosen and field.is_relation and issubclass(field.related_model, Record):
                yield model, field, options


def test_every_relation_to_a_record_is_chosen_by_typing():
    found = list(relations())
    assert len(found) > 15
    assert [
        f"{model.__name__}.{field.name}" for model, field, options in found if field.name not in options.autocomplete_fields
    ] == []


def test_every_relation_finds_its_record_in_capital_letters(admin_client, cast):
    cast.gazette.names = cast.summit.names = None
    targets = {type(record): record for record in cast.records}
    chosen = {(model, field) for model, field, _ in relations()}
    for model, field in chosen | {(Passage, Passage._meta.get_field("document"))}:
        target = targets[field.related_model]
        results = admin_client.get(relation(model, field.name, str(target).upper())).json()["results"]
        assert str(target.pk) in [result["id"] for result in results], f"{model.__name__}.{field.name}"


SPELLINGS = ["файрфлай", "ФАЙРФЛАЙ Руфус", "rufus", "FIREFLY", "Rúfüs  Fírefly", "Фаирфлаи"]


def test_a_person_is_chosen_by_any_name_in_any_spelling(admin_client, cast):
    make.person("Pinkie")
    for spelling in SPELLINGS:
        results = admin_client.get(relation(Participation, "person", spelling)).json()["results"]
        assert [result["text"] for result in results] == ["Rufus Firefly"], spelling


@pytest.mark.parametrize(
    ("record", "name"),
    [("freedonia", "Фридония"), ("league", "Ligue des Nations"), ("peace", "Мир"), ("league", "lon")],
)
def test_a_record_is_found_by_each_of_its_names_and_listed_once(admin_client, cast, record, name):
    record = getattr(cast, record)
    record.names.create(name=name)
    record.names.create(name=f"{name} ii")
    assert list(admin_client.get(address(type(record), "changelist"), {"q": name.upper()}).context["cl"].result_list) == [record]


def test_nobody_is_found_by_a_name_that_nobody_bears(admin_client, cast):
    assert admin_client.get(relation(Participation, "person", "Pinkie")).json()["results"] == []


# Nonsense: a list may say that there is no such thing (200, 400), or leave it out of its address (302)

LONG = "peace" * 12_000
WORDY = " ".join(f"w{number}" for number in range(1_500))
NUL, DOVE = "peace\x00", "🕊️"


def broken(client, *requests):
    """Those of `requests` (each an address and its parameters) that the admin does not answer as it should."""
    client.raise_request_exception = False
    statuses = {f"{url}?{urlencode(query):.80}": client.get(url, query).status_code for url, query in requests}
    return those_other_than(statuses, [200, 302, 400, 403, 404])


@pytest.mark.parametrize(
    "words", [NUL, HUGE, "-1", DOVE, "\"'“’\\", LONG, WORDY], ids=["NUL", "10^30", "-1", "emoji", "quotes", "long", "wordy"]
)
def test_no_search_breaks_a_list(admin_client, cast, words):
    assert broken(admin_client, *((address(model, "changelist"), {"q": words}) for model in (Person, Passage))) == {}


@pytest.mark.parametrize("words", [NUL, HUGE, LONG, WORDY], ids=["NUL", "10^30", "long", "wordy"])
def test_nothing_typed_breaks_a_choice(admin_client, cast, words):
    url, query = relation(Event, "host_country", "").split("?")
    query = dict(parse_qsl(query))
    assert broken(admin_client, *((url, {**query, name: words}) for name in ("term", "page", "field_name"))) == {}


def test_no_page_or_order_breaks_a_list(admin_client, cast):
    nonsense = [{name: value} for name in ("p", "o") for value in (NUL, HUGE, "-1", "9" * 5_000, DOVE)]
    assert broken(admin_client, *((address(Statement, "changelist"), query) for query in nonsense)) == {}


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Event, "state__exact"),
        (Event, "id__exact"),
        (Event, "id__in"),
        (Event, "host_country__id__exact"),
        (Event, "date_earliest__year"),
        (Statement, "event__date_earliest__year"),
        (Statement, "topics__id__exact"),
        (Person, "positions__organization__id__exact"),
        (Passage, "start__exact"),
    ],
)
def test_no_filter_breaks_a_list(admin_client, cast, model, name):
    nonsense = [{name: value} for value in (NUL, HUGE, "-1", "9" * 5_000, DOVE)]
    assert broken(admin_client, *((address(model, "changelist"), query) for query in nonsense)) == {}


DAYS = ["9999", "0", "2015-13", f"2015-{HUGE}", f"2015-5-{HUGE}", "2015-2-30", "9999-12", "9999-12-31"]


@pytest.mark.parametrize("day", DAYS)
def test_no_day_of_no_calendar_breaks_a_list(admin_client, cast, day):
    parts = zip(("year", "month", "day"), day.split("-"), strict=False)
    assert broken(admin_client, (address(Event, "changelist"), {f"date_earliest__{unit}": value for unit, value in parts})) == {}


@pytest.mark.parametrize("date", ["../2021", "9998", "0001"])
def test_an_event_at_an_end_of_the_calendar_is_listed_and_found_by_its_year(admin_client, db, date):
    event = make.event(date=date)
    year = {"date_earliest__year": event.date.earliest.year}
    for query in ({}, year):
        assert list(admin_client.get(address(Event, "changelist"), query).context["cl"].result_list) == [event]


def test_no_address_of_no_record_breaks_its_page(admin_client, cast):
    keys = (HUGE, "-1", DOVE, "1%00")
    pages = [f"{address(model, 'changelist')}{key}/change/" for model in (Event, Statement) for key in keys]
    assert broken(admin_client, *((page, {}) for page in pages)) == {}


@pytest.mark.parametrize(("model", "name"), [(Event, "host_country"), (Event, "topics"), (Event, "date"), (Statement, "event")])
def test_no_value_in_the_address_breaks_an_empty_form(admin_client, db, model, name):
    assert broken(admin_client, *((address(model, "add"), {name: value}) for value in (HUGE, "-1", DOVE))) == {}
