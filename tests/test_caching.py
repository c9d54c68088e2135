"""A page is made once for each state of the archive, and never shown after the next: by ETag, by 304, and from the cache."""

import uuid

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from archive.core import caching, ledger
from archive.core.models import Entry
from events.models import Event, Participation
from tests.cast import event, topic
from tests.test_admin_editing import Page, is_saved

MADE_ANEW = [
    "/",
    "/events/",
    "/events/?year=2015&country=fr",
    "/events/by/topic/",
    "/events/summit-of-freedonia/",
    "/events/feed.atom",
    "/events/calendar.ics",
    "/events/summit-of-freedonia/cite.bib",
    "/documents/the-freedonia-gazette/",
    "/search/?q=peace",
    "/api/events/",
    "/api/events/summit-of-freedonia/",
]


@pytest.fixture(autouse=True)
def pages_are_kept(settings):
    """The cache of the project, which the other tests do without; and nobody asks the API too often."""
    backend = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "tests"}
    settings.CACHES = {**settings.CACHES, "default": backend}
    settings.API_RATE = None
    cache.clear()
    yield
    cache.clear()


def ask(client, address, **headers):
    """The answer, and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address, headers=headers)
    return answer, len(queries)


# The same again


def test_a_page_is_made_once_and_then_asks_only_for_the_state(cast, client):
    for address in MADE_ANEW:
        first, made_by = ask(client, address)
        again, kept_by = ask(client, address)
        assert (first.status_code, again.status_code) == (200, 200), address
        assert made_by > 1 >= kept_by, address
        assert again.content == first.content, address
        assert dict(again.items()) == dict(first.items()), address


def test_who_has_a_page_as_it_is_gets_none(cast, client):
    for address in (*MADE_ANEW, "/events/list.csv", "/events/list.jsonl", "/events/list.xlsx", "/about/"):
        first = client.get(address)
        assert (first["ETag"][:3], first["Cache-Control"]) == ('W/"', "no-cache"), address
        cache.clear()
        again, queries = ask(client, address, if_none_match=first["ETag"])
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"]), address
        assert queries <= 1, address


def test_a_file_of_the_site_is_of_no_state(cast, client):
    page = client.get("/")
    file, queries = ask(client, "/static/annals/no-such-file.svg", if_none_match=page["ETag"])
    assert (file.status_code, queries, file.get("ETag")) == (404, 0, None)


def test_an_etag_among_others_is_known_and_another_is_not(cast, client):
    etag = client.get("/events/")["ETag"]
    assert client.get("/events/", headers={"if-none-match": f'"a", {etag}'}).status_code == 304
    assert client.get("/events/", headers={"if-none-match": '"a", W/"0--"'}).status_code == 200


def test_a_head_has_the_headers_of_its_page_and_leaves_no_empty_page_behind(cast, client):
    for address in ("/events/", "/events/summit-of-freedonia/", "/api/events/", "/events/list.csv"):
        first = client.head(address)
        page = client.get(address)
        again = client.head(address)
        assert page.getvalue(), address
        for head in (first, again):
            assert (head.status_code, head.getvalue(), head["ETag"]) == (200, b"", page["ETag"]), address
        assert client.head(address, headers={"if-none-match": page["ETag"]}).status_code == 304, address


# Never the state before


def save_in_the_admin(cast, admin_client):
    assert is_saved(Page.of(admin_client, cast.summit).save({"title": "Gala"}))


CHANGES = {
    "saved in the admin": save_in_the_admin,
    "saved": lambda cast, admin_client: event("Gala"),
    "updated in bulk": lambda cast, admin_client: Event.objects.update(title="Gala"),
    "made in bulk": lambda cast, admin_client: Event.objects.bulk_create([Event(title="Gala", slug="gala", state="published")]),
    "withdrawn": lambda cast, admin_client: Event.objects.update(state="withdrawn"),
    "deleted": lambda cast, admin_client: cast.summit.delete(),
    "a topic by the relation": lambda cast, admin_client: cast.summit.topics.set([topic("Gala")]),
    "an event by the topic": lambda cast, admin_client: topic("Gala").events.add(cast.summit),
    "a name that the page names": lambda cast, admin_client: type(cast.freedonia).objects.update(name="Gala"),
    "a participant": lambda cast, admin_client: Participation.objects.filter(role="speaker").delete(),
}


@pytest.mark.parametrize("how", CHANGES)
def test_any_change_shows_in_the_very_next_answer(cast, client, admin_client, how):
    addresses = ["/events/", "/events/summit-of-freedonia/", "/api/events/summit-of-freedonia/"]
    before = [client.get(address) for address in addresses]
    CHANGES[how](cast, admin_client)
    after = [client.get(address, headers={"if-none-match": old["ETag"]}) for address, old in zip(addresses, before, strict=True)]
    assert 304 not in [answer.status_code for answer in after]
    cache.clear()
    # A change of what no page shows is a new state all the same; what a page shows is what it would show without the cache.
    assert [answer.content for answer in after] == [client.get(address).content for address in addresses]
    assert [answer.content for answer in after] != [answer.content for answer in before]


def test_what_was_written_around_the_models_shows_once_the_ledger_says_so(cast, client):
    before = client.get("/events/summit-of-freedonia/")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_event SET title = 'Gala'")
    ledger.everything_changed("by hand")
    after = client.get("/events/summit-of-freedonia/", headers={"if-none-match": before["ETag"]})
    assert "<h1>Gala</h1>" in after.content.decode()


def test_another_history_of_the_same_length_is_another_state(cast, client):
    before = client.get("/events/")
    Entry.objects.update(unit=uuid.uuid4())
    after, queries = ask(client, "/events/", if_none_match=before["ETag"])
    assert after.status_code == 200
    assert after["ETag"] != before["ETag"]
    assert queries > 1


def test_another_release_is_another_state(cast, client, monkeypatch):
    before = client.get("/events/")
    monkeypatch.setattr(caching, "release", lambda: "another")
    after, queries = ask(client, "/events/", if_none_match=before["ETag"])
    assert after.status_code == 200
    assert queries > 1


# Nobody else's page


def test_pages_of_different_addresses_do_not_mix(cast, client, settings):
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    one, two = ({"headers": {"host": f"{name}.example"}} for name in ("one", "two"))
    asked = [
        ("/events/feed.atom", one),
        ("/events/feed.atom", two),
        ("/events/feed.atom", {**one, "secure": True}),
        ("/events/feed.atom?year=2015", one),
        ("/statements/feed.atom", one),
    ]
    first = [client.get(address, **how).content for address, how in asked]
    assert len(set(first)) == len(asked)
    assert [client.get(address, **how).content for address, how in asked] == first


def test_staff_see_the_public_page(cast, client, admin_client):
    event("Secret", state="draft")
    for address in ("/events/", "/events/summit-of-freedonia/"):
        for_staff = admin_client.get(address)
        assert b"Secret" not in for_staff.content
        cache.clear()
        assert client.get(address).content == for_staff.content
        assert "Cookie" not in for_staff.get("Vary", "")


def test_the_admin_is_never_kept(cast, client, admin_client):
    for address in (reverse("admin:index"), reverse("admin:events_event_changelist")):
        page = admin_client.get(address)
        assert (page.status_code, "ETag" in page) == (200, False)
        etag = client.get("/events/")["ETag"]
        assert admin_client.get(address, headers={"if-none-match": etag}).status_code == 200
        assert client.get(address).status_code == 302


NOT_FOUND = {
    "/events/no-such/": 404,
    "/events/gone/": 410,
    "/events/?kind=": 302,
    "/countries/FR/": 301,
    "/events/?q=" + "x" * 9_000: 414,
    "/events/?q=a%00b": 400,
    "/api/events/no-such/": 404,
    "/api/events/?unknown=1": 400,
}


def test_only_what_was_found_is_kept(cast, client):
    event("Gone", state="withdrawn")
    for address, status in NOT_FOUND.items():
        for _ in range(2):
            answer = client.get(address)
            assert (answer.status_code, "ETag" in answer) == (status, False), address


# The middleware by itself: what no page of the site is, or not yet


class Counted:
    """A view that counts how often it was asked."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = 0

    def __call__(self, request):
        self.asked += 1
        return self.answer()


def with_cookie():
    answer = HttpResponse("page")
    answer.set_cookie("who", "me")
    return answer


@pytest.mark.parametrize(
    ("answer", "made"),
    [
        (lambda: HttpResponse("page"), 1),
        (lambda: HttpResponse("x" * caching.LARGEST), 1),
        (lambda: HttpResponse("x" * (caching.LARGEST + 1)), 2),
        (lambda: StreamingHttpResponse(iter(["page"])), 2),
        (with_cookie, 2),
        (lambda: HttpResponse("page", status=404), 2),
    ],
    ids=["page", "large", "too large", "streamed", "cookie", "not found"],
)
def test_what_is_kept_is_a_whole_small_page_without_cookies(db, rf, answer, made):
    view = Counted(answer)
    site = caching.answer_from_state(view)
    first, second = site(rf.get("/page/")), site(rf.get("/page/"))
    assert view.asked == made
    assert (second.status_code, second.cookies) == (first.status_code, first.cookies)


def test_what_is_posted_is_always_answered_by_the_view(db, rf):
    view = Counted(lambda: HttpResponse("page"))
    site = caching.answer_from_state(view)
    site(rf.get("/page/"))
    for _ in range(2):
        assert "ETag" not in site(rf.post("/page/"))
    assert view.asked == 3


def test_an_empty_answer_to_a_head_is_not_kept_for_a_page(db, rf):
    site = caching.answer_from_state(lambda request: HttpResponse("" if request.method == "HEAD" else "page"))
    site(rf.head("/page/"))
    assert site(rf.get("/page/")).content == b"page"


def test_while_somebody_works_on_a_template_its_page_is_made_each_time(db, rf, settings):
    settings.DEBUG = True
    view = Counted(lambda: HttpResponse("page"))
    site = caching.answer_from_state(view)
    assert "ETag" not in site(rf.get("/page/"))
    site(rf.get("/page/"))
    assert view.asked == 2


def test_a_page_may_say_itself_how_long_it_holds(db, rf):
    site = caching.answer_from_state(lambda request: HttpResponse("page", headers={"Cache-Control": "max-age=60"}))
    assert site(rf.get("/page/"))["Cache-Control"] == "max-age=60"
