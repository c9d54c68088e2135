"""The API answers programs as the pages answer readers: the same records, nothing that is not published, and clear errors."""

import os
from urllib.parse import parse_qsl, urlencode

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import strategies as st
from schemathesis import checks

from archive.core import ledger
from archive.core.middleware import LONGEST
from archive.site.api.pages import begin
from archive.site.api.throttle import ReaderThrottle
from archive.site.records import LISTS
from archive.wsgi import application
from tests.cast import country, document, event, organization, participation, passage, person, statement, topic
from tests.test_hostile import HOSTILE, as_bytes
from tests.test_pages import crowd

SECRET = "Sekret"
EXAMPLES = int(os.environ.get("API_EXAMPLES") or 5)  # of each operation and kind; continuous integration asks for more


@pytest.fixture(autouse=True)
def unlimited(settings):
    settings.API_RATE = None


def get(client, address, **query):
    answer = client.get(f"/api/{address}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def addresses(cast):
    """The address of each list, and of a record in it."""
    return [f"/api/{name}/" for name in LISTS] + [f"/api{record.get_absolute_url()}" for record in cast.records]


def slugs(page):
    return [record["slug"] for record in page["results"]]


# What it says


def test_the_root_leads_to_every_list(cast, client):
    for name, address in get(client, "").items():
        assert address == f"http://testserver/api/{name}/"
        assert client.get(address).status_code == 200


def test_an_event_says_all_that_its_page_says(cast, client):
    shown = get(client, "events/summit-of-freedonia/")
    assert shown["url"] == "http://testserver/events/summit-of-freedonia/"
    assert shown["date"] == {"edtf": "2015-05-03", "earliest": "2015-05-03", "latest": "2015-05-03", "words": "3 May 2015"}
    assert shown["host_country"] == {"slug": "fr", "label": "Freedonia", "url": "http://testserver/countries/fr/"}
    assert shown["part_of"] is None
    assert [topic["slug"] for topic in shown["topics"]] == ["peace"]
    speaker, guest = shown["participations"]
    assert (speaker["person"]["label"], speaker["capacity"], guest["role"]) == ("Rufus Firefly", "President", "participant")
    assert speaker["url"] == f"{shown['url']}#{cast.speaker.anchor}"
    assert [item["text"] for item in shown["agenda"]] == ["The price of peace"]
    (said,) = shown["statements"]
    assert said == get(client, "statements/peace-is-cheap/")
    assert (said["event"]["slug"], said["agenda_item"]["label"]) == ("summit-of-freedonia", "The price of peace")
    assert [row["label"] for row in said["speakers"]] == ["Rufus Firefly"]


def test_evidence_is_quoted_with_its_document_and_its_place(cast, client):
    (shown,) = get(client, "statements/peace-is-cheap/")["passages"]
    found = cast.said.passages.get()
    assert shown == {
        "document": {
            "slug": "the-freedonia-gazette",
            "label": "The Freedonia Gazette",
            "url": "http://testserver/documents/the-freedonia-gazette/",
        },
        "quote": "Rufus Firefly of Freedonia said that peace is cheap.",
        "url": f"http://testserver{found.get_absolute_url()}",
        "selectors": found.selectors(),
    }


def test_a_list_leaves_out_what_is_long_and_has_an_address_of_its_own(cast, client):
    for name, left_out in [("events", "statements"), ("documents", "text")]:
        (row,) = get(client, f"{name}/")["results"]
        whole = get(client, f"{name}/{row['slug']}/")
        assert left_out in whole
        assert row == {field: value for field, value in whole.items() if field != left_out}


@pytest.mark.parametrize(
    ("edtf", "earliest", "latest", "words"),
    [
        ("2012-11", "2012-11-01", "2012-11-30", "November 2012"),
        ("2021/..", "2021-01-01", None, "since 2021"),
        ("../2003~", None, "2003-12-31", "until about 2003"),
    ],
)
def test_a_date_is_its_edtf_and_its_bounds_where_it_has_them(db, client, edtf, earliest, latest, words):
    event("Fair", date=edtf)
    assert get(client, "events/fair/")["date"] == {"edtf": edtf, "earliest": earliest, "latest": latest, "words": words}


def test_what_is_not_known_is_there_and_empty(db, client):
    event("Fair")
    shown = get(client, "events/fair/")
    assert (shown["date"], shown["host_country"], shown["place"], shown["participations"]) == (None, None, "", [])


def test_the_file_of_a_document_is_an_address(cast, client):
    assert get(client, "documents/the-freedonia-gazette/")["file"] is None
    type(cast.gazette).objects.update(file="documents/gazette.pdf")
    assert get(client, "documents/the-freedonia-gazette/")["file"] == "http://testserver/documents/the-freedonia-gazette/file/"


def test_a_code_in_capitals_finds_its_country(cast, client):
    assert get(client, "countries/FR/")["slug"] == "fr"


# What it does not say


@pytest.mark.parametrize("state", ["draft", "in-review", "withdrawn"])
def test_what_is_not_published_shows_nowhere(cast, client, admin_client, state):
    hidden = {"state": state}
    secret_land = country(f"{SECRET} Land", "SK", **hidden)
    secret_person = person(f"{SECRET} Person", **hidden)
    secret_body = organization(f"{SECRET} Body", **hidden)
    secret_topic = topic(f"{SECRET} Topic", **hidden)
    secret_paper = document(f"{SECRET} Paper", text=f"{SECRET} words\n", **hidden)
    secret_event = event(f"{SECRET} Event", **hidden)
    secret_question = secret_event.agenda.create(text=f"{SECRET} question")
    statement(cast.summit, f"{SECRET} statement", **hidden)
    statement(secret_event, f"{SECRET} word", slug="published-at-a-secret-event")

    # Every relation of a public record leads to a secret one.
    reason = f"{SECRET} reason"
    cast.summit.host_country, cast.summit.part_of = secret_land, secret_event
    cast.summit.supplied = {"host_country": reason, "part_of": reason}
    cast.summit.save()
    cast.said.agenda_item, cast.said.supplied = secret_question, {"agenda_item": reason}
    cast.said.save()
    cast.secretariat.parent, cast.secretariat.country = secret_body, secret_land
    cast.secretariat.save()
    cast.peace.broader = secret_topic
    cast.peace.save()
    for record in (cast.summit, cast.said):
        record.topics.add(secret_topic)
    for who in ({"person": secret_person}, {"organization": secret_body}, {"country": secret_land}):
        row = participation(cast.summit, capacity=f"{SECRET} capacity", talk=f"{SECRET} talk", **who)
        cast.said.speakers.add(row)
    cast.firefly.positions.create(title=f"{SECRET} post", organization=secret_body)
    cast.firefly.positions.create(title=f"{SECRET} post", country=secret_land)
    cast.league.members.create(member=secret_body)
    cast.league.members.create(country=secret_land)
    evidence = passage(secret_paper, f"{SECRET} words")
    rows = [*cast.records, cast.speaker, cast.question, cast.membership, cast.position, cast.firefly.names.get()]
    for cited in rows:
        if cited != cast.gazette:
            cited.passages.add(evidence)

    for address in [
        *addresses(cast),
        f"/api{cast.secretariat.get_absolute_url()}",
        *(f"/api/{name}/?q={SECRET}" for name in LISTS),
    ]:
        for reader in (client, admin_client):
            answer = reader.get(address)
            assert answer.status_code == 200
            assert SECRET not in answer.content.decode(), address
            assert "sekret" not in answer.content.decode().replace(f"q={SECRET}", ""), address


@pytest.mark.parametrize("name", LISTS)
def test_a_draft_is_not_there_and_a_withdrawn_record_says_that_it_was_withdrawn(cast, client, name):
    model, _ = LISTS[name]
    record = next(record for record in cast.records if isinstance(record, model))
    for state, status, detail in [
        ("draft", 404, "Nothing public has this address."),
        ("in-review", 404, "Nothing public has this address."),
        ("withdrawn", 410, f"“{record.tombstone}” was withdrawn."),
    ]:
        model.objects.filter(pk=record.pk).update(state=state)
        answer = client.get(f"/api{record.get_absolute_url()}")
        assert (answer.status_code, answer.json()) == (status, {"detail": detail})
        assert record.slug not in slugs(get(client, f"{name}/"))


def test_no_answer_asks_more_of_the_database_when_it_has_more_rows(cast, client):
    def counts():
        found = {}
        for address in addresses(cast):
            client.get(address)  # the index catches up
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found[address] = len(queries)
        return found

    @ledger.unit()
    def grow(numbers):
        crowd(cast, numbers)
        for number in numbers:
            gathering = event(f"Debate {number}", host_country=cast.freedonia)
            statement(gathering, f"Answer {number}", agenda_item=gathering.agenda.create(text="Why?")).speakers.add(cast.guest)

    grow(range(2))
    few = counts()
    grow(range(2, 6))
    assert counts() == few
    assert max(few.values()) < 40


# Lists


QUERIES = ["", "q=peace", "sort=-date", "sort=title", "sort=-name", "country=fr&year=2015", "topic=peace", "kind=meeting"]


def applicable():
    """(list, query) for each list and each of QUERIES whose parameters it has."""
    for name, (_, filterset_class) in LISTS.items():
        for query in QUERIES:
            if {parameter for parameter, _ in parse_qsl(query)} <= set(filterset_class.base_filters):
                yield name, query


def test_a_list_is_that_of_the_page(cast, client, subtests):
    with ledger.unit():
        for number in range(3):
            gathering = event(f"Peace talks {number}", date=f"201{number}", host_country=cast.freedonia, kind="session")
            statement(gathering, f"peace {number}").topics.add(cast.peace)
            document(f"Peace paper {number}", date=f"200{number}", text=f"Peace {number}")
            person(f"Peace Envoy {number}")
    for name, query in applicable():
        with subtests.test(name=name, query=query):
            page = client.get(f"/{name}/?{query}", follow=True)
            answer = client.get(f"/api/{name}/?{query}")
            if page.context["filterset"].is_valid():
                assert slugs(answer.json()) == [record.slug for record in page.context["object_list"]]
                assert answer.json()["total"] == page.context["total"]
            else:
                assert answer.status_code == 400
                assert set(answer.json()["errors"]) == set(page.context["filterset"].form.errors)


@pytest.mark.parametrize(
    ("name", "sort"),
    [("events", "-date"), ("events", "date"), ("events", "title"), ("statements", "-date"), ("statements", "date")],
)
def test_pages_are_the_list_whatever_happens_to_what_was_read(cast, client, name, sort):
    with ledger.unit():
        for number in range(7):  # of one date and title in pairs, some without a date
            date = f"201{number // 2}" if number < 5 else None
            statement(event(f"Meeting {number // 2}", slug=f"meeting-{number}", date=date), "Words", slug=f"words-{number}")
    whole = slugs(get(client, f"{name}/", sort=sort))
    assert len(whole) == 8
    page = get(client, f"{name}/", sort=sort, page_size=3)
    read = slugs(page)
    LISTS[name][0].objects.get(slug=read[-1]).delete()
    statement(event("Aardvark", date="1999"), "Words", slug="aardvark")
    statement(event("Zebra", date="2099"), "Words", slug="zebra")
    while page["next"]:
        page = client.get(page["next"]).json()
        read += [slug for slug in slugs(page) if slug not in ("aardvark", "zebra")]
    assert read == whole


class Numbers(list):
    """A list as the index gives it."""

    def pks(self, start, stop):
        return self[start:stop]


@hypothesis.given(st.data())
def test_going_on_drops_and_repeats_nothing_that_was_not_itself_edited(data):
    before = Numbers(range(data.draw(st.integers(6, 30))))
    place = data.draw(st.integers(5, len(before)))
    after = Numbers(before)
    number = data.draw(st.sampled_from(before))
    change = data.draw(st.sampled_from(["nothing", "gone", "moved", "new"]))
    if change in ("gone", "moved"):
        after.remove(number)
    if change in ("moved", "new"):
        after.insert(data.draw(st.integers(0, len(after))), number if change == "moved" else -1)
    witnesses = before[place - 5 : place]
    rest = [pk for pk in after[begin(after, place, witnesses) :] if pk not in witnesses]
    untouched = [pk for pk in before if pk != number or change not in ("gone", "moved")]
    assert [pk for pk in rest if pk in untouched] == [pk for pk in untouched if pk >= place]


def test_a_last_page_has_no_next(cast, client):
    assert get(client, "countries/", page_size=2)["next"] is None
    assert get(client, "countries/", page_size=1)["next"]


@pytest.mark.parametrize(
    ("query", "parameter", "message"),
    [
        ("year=soon", "year", "Write a year (2015)"),
        ("country=zz", "country", "zz is not one of the available choices"),
        ("sort=luck", "sort", "luck is not one of the available choices"),
        ("q=" + "x" * 201, "q", "at most 200 characters"),
        ("colour=red", "colour", "There is no such parameter. There are q, year,"),
        ("year=", "year", "Give a value, or leave the parameter out."),
        ("page_size=0", "page_size", "from 1 to 100"),
        ("page_size=101", "page_size", "from 1 to 100"),
        ("page_size=٣", "page_size", "from 1 to 100"),
        ("cursor=nonsense", "cursor", "This is no cursor of this list in this order."),
    ],
)
def test_nonsense_is_refused_and_named(cast, client, query, parameter, message):
    answer = client.get(f"/api/events/?{query}")
    assert answer.status_code == 400
    assert answer.json()["detail"] == "The list cannot be shown as asked."
    ((name, (said,)),) = answer.json()["errors"].items()
    assert name == parameter
    assert message in said


def test_a_cursor_is_good_for_its_own_list_and_order_alone(cast, client):
    event("Gala", date="2016")
    cursor = get(client, "events/", page_size=1)["next"].partition("cursor=")[2].partition("&")[0]
    assert client.get(f"/api/events/?cursor={cursor}").status_code == 200
    for address in (f"events/?sort=title&cursor={cursor}", f"documents/?cursor={cursor}", f"events/?cursor=x{cursor}"):
        answer = client.get(f"/api/{address}")
        assert (answer.status_code, set(answer.json()["errors"])) == (400, {"cursor"})


@pytest.mark.parametrize("name", LISTS)
def test_no_parameter_can_break_it(cast, client, name):
    for kind, value in HOSTILE.items():
        for parameter in [*LISTS[name][1].base_filters, "cursor", "page_size", "unknown", "format"]:
            values = [as_bytes(one) for one in (value if isinstance(value, list) else [value])]
            answer = client.get(f"/api/{name}/?{urlencode({parameter: values}, doseq=True)}")
            assert answer.status_code in (200, 400, 414), f"{parameter}: {kind}"
            assert answer["Content-Type"] == "application/json"


# The door


def test_it_is_read_from_anywhere_and_written_by_nobody(cast, client, admin_client):
    for address in addresses(cast):
        answer = client.get(address, headers={"Origin": "https://elsewhere.example"})
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Content-Type"] == "application/json"
        assert not answer.cookies
        head = client.head(address)
        assert (head.status_code, head.content) == (200, b"")
        for reader in (client, admin_client):
            for method in ("post", "put", "patch", "delete", "trace"):
                refused = getattr(reader, method)(address)
                assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD, OPTIONS")
                assert set(refused.json()) == {"detail"}


def test_a_browser_may_ask_first(cast, client):
    answer = client.options("/api/events/", headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("address", "accept", "status"),
    [
        ("/api/events/", "text/html", 406),
        ("/api/nothing/", "*/*", 404),
        ("/api/events/no-such/", "*/*", 404),
        ("/api/events/a.b/", "*/*", 404),
        ("/api/events/" + "x" * 5000 + "/", "*/*", 404),
        ("/api/events/?q=a%00b", "*/*", 400),
        ("/api/events/?q=" + "x" * 100_000, "*/*", 414),
    ],
)
def test_every_error_has_one_shape(cast, client, address, accept, status):
    answer = client.get(address, headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert set(answer.json()) == {"detail"}
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_an_error_of_ours_is_json_too(cast, client, monkeypatch):
    monkeypatch.setattr("archive.site.api.views.Records.get_queryset", lambda view: 1 / 0)
    client.raise_request_exception = False
    answer = client.get("/api/events/")
    assert (answer.status_code, set(answer.json())) == (500, {"detail"})


def test_an_address_without_its_slash_leads_on(cast, client):
    assert client.get("/api/events")["Location"] == "/api/events/"


def test_who_asks_too_often_is_told_when_to_come_back(cast, client, settings):
    settings.API_RATE = "2/hour"
    ReaderThrottle.cache.clear()
    assert [client.get(f"/api/{name}/").status_code for name in ("events", "topics", "countries")] == [200, 200, 429]
    answer = client.get("/api/people/", headers={"X-Forwarded-For": "203.0.113.9"})  # which anybody can write
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert client.get("/api/people/", REMOTE_ADDR="203.0.113.9").status_code == 200


# The schema


def test_the_schema_describes_every_filter_of_every_list(client, db):
    paths = get(client, "schema/")["paths"]
    for name, (_, filterset_class) in LISTS.items():
        described = {given["name"]: given["description"] for given in paths[f"/api/{name}/"]["get"]["parameters"]}
        assert set(described) == {*filterset_class.base_filters, "cursor", "page_size"}
        for parameter, one in filterset_class.base_filters.items():
            assert described[parameter].startswith(f"{one.label}.")


def test_the_page_of_the_api_names_every_list_filter_and_shape_and_needs_nothing_else(client, db):
    page = client.get("/api/docs/").content.decode()
    for name, operations in get(client, "schema/")["paths"].items():
        for given in operations["get"].get("parameters", []):
            assert "{" in name or f"<code>{given['name']}</code>" in page
    for name in get(client, "schema/")["components"]["schemas"]:
        assert name.startswith("Paginated") or name.endswith("InList") or f'<h3 id="{name}">' in page
    for elsewhere in ("<script", "style=", 'src="http', "@import"):
        assert elsewhere not in page
    for target in {part.partition('"')[0] for part in page.split('href="#')[1:]}:
        assert f'id="{target}"' in page


CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


@pytest.fixture
def described(db):
    """The schema, with the site behind it; as in Django's own client, the test's connection stays when a request ends."""
    ends = [request_started, request_finished]
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/schema/", lambda environ, *answer: application(uncompressed(environ), *answer))
    for signal in ends:
        signal.connect(close_old_connections)


def uncompressed(environ):
    """A request that accepts no compressed answer: schemathesis asks for one and does not read it."""
    return {name: value for name, value in environ.items() if name != "HTTP_ACCEPT_ENCODING"}


def test_every_record_and_list_is_what_the_schema_says(cast, described):
    crowd(cast, range(2))
    cast.summit.supplied = {"host_country": "The text names only the hall."}
    cast.summit.save()
    event("Fair", date="2021/..", format="online")
    for name in LISTS:
        described[f"/api/{name}/"]["GET"].Case().call_and_validate(checks=CHECKS)
    for record in [*cast.records, *type(cast.summit).objects.all()]:
        name = record.get_absolute_url().split("/")[1]
        described[f"/api/{name}/{{slug}}/"]["GET"].Case(path_parameters={"slug": record.slug}).call_and_validate(checks=CHECKS)


def test_schemathesis_finds_no_server_error_and_no_undocumented_answer(cast, described):
    for found in described.get_all_operations():
        operation = found.ok()
        attack(operation, schemathesis.GenerationMode.POSITIVE)
        if operation.path != "/api/":  # it takes nothing that could be wrong
            attack(operation, schemathesis.GenerationMode.NEGATIVE)


def attack(operation, mode):
    @hypothesis.settings(max_examples=EXAMPLES, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def answers_as_described(case):
        # An address that is too long answers 414, which schemathesis takes for an acceptance.
        hypothesis.assume(len(urlencode(case.query or {}, doseq=True)) < LONGEST - 100)
        case.call_and_validate(checks=CHECKS)

    answers_as_described()
