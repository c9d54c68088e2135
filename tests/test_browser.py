"""The site as its users have it: in a real browser, with a mouse, a keyboard and a phone.

Needs Chromium (Debian's package); without it these tests are skipped, unless REQUIRE_BROWSER=1 says that they must run.
"""

import os
import re
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from archive.site.records import LISTS
from events.models import Event
from people.models import Country, Person
from tests.cast import event, person
from tests.crowded import crowd

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

# Playwright's synchronous API runs an event loop in this thread, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("no Chromium here: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, live_server):
    """Opens an address of the site in a fresh window.

    Fails when a page asks for anything beyond this machine, breaks its own content policy, or says anything in the console.
    """
    contexts, wrong = [], []

    def check(request):
        if not request.url.startswith((live_server.url, "data:", "blob:")):
            wrong.append(f"asked for {request.url}")

    def hear(said):
        is_page = said.text.startswith("Failed to load resource") and "/static/" not in said.location["url"]
        is_ours = said.location["url"]  # and not what a test puts into the page
        if said.type in ("error", "warning") and is_ours and not is_page:  # which is asked for although it is not there
            wrong.append(f"{said.location['url']}: {said.text}")

    def opened(address, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)  # no clock decides: a slow machine is not a defect
        page.on("request", check)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", hear)
        page.goto(f"{live_server.url}{address}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def test_a_reader_follows_a_fact_into_its_document_and_back(transactional_db, archive, open_page):
    page = open_page("/")
    page.get_by_role("link", name="Events", exact=True).click()
    page.get_by_role("link", name="4th CSTO Academy").click()
    statement = page.locator("article.statement", has=page.locator(".said", has_text="public diplomacy")).first
    statement.locator("summary").click()
    link = statement.locator("figure.passage mark a").last
    words = link.inner_text()
    link.click()

    mark = page.locator("mark:target")
    assert words in re.sub(r"\d+", "", mark.inner_text())
    assert mark.is_visible()
    mark.locator("a.ref").last.click()
    rests = page.locator("details.rests:target")
    if rests.get_attribute("open") is None:
        rests.locator("summary").click()
    rests.get_by_role("link", name="noticeably activates").click()
    assert "noticeably activates work" in page.locator("figure.quotation").inner_text()
    page.get_by_role("link", name="4th CSTO Academy").first.click()
    assert page.locator("h1").inner_text() == "4th CSTO Academy"


def test_a_researcher_filters_by_country_and_year_and_takes_one_filter_back(transactional_db, archive, open_page):
    page = open_page("/events/")
    page.locator("summary", has_text="Country").click()
    page.locator("details.facet", has_text="Country").get_by_role("link", name="Tajikistan").click()
    assert page.locator("h1").inner_text() == "Events, Tajikistan hosting or taking part"
    assert page.locator("ol.rows > li").count() == 4
    page.locator("#id_year").fill("2015")
    page.get_by_role("button", name="Show").click()
    assert page.locator("h1").inner_text() == "Events, 2015, Tajikistan hosting or taking part"
    assert page.url.endswith("/events/?year=2015&country=tj")
    assert page.locator("ol.rows > li").count() == 1
    page.get_by_role("link", name="Remove the filter: 2015").click()
    page.locator(".histogram svg a").last.click()
    assert "2023 ×" in page.locator(".chips").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "events.csv"
    assert download.value.path().read_text().startswith("slug,")  # it is here as a whole: the server reads no more
    page.goto(page.url)


def test_a_reader_searches_is_corrected_and_opens_what_was_found(transactional_db, archive, open_page):
    page = open_page("/")
    page.locator("#home-q").fill("Semerkov")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Semerikov").click()
    people = page.locator("section.found-kind", has_text="People")
    assert "Semerikov" in people.inner_text()
    people.get_by_role("link", name="Valery Semerikov").click()
    assert page.locator("h1").inner_text() == "Valery Semerikov"


def test_every_page_fits_a_phone_in_the_evening_and_needs_no_script(transactional_db, open_page):
    # 320 px are what a screen of 1280 has at 400 %, too.
    crowded = crowd()
    page = open_page("/", viewport={"width": 320, "height": 844}, has_touch=True, color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(25, 23, 20)"
    records = [crowded[name] for name in ("event", "document", "topic", "person")]
    records += [*crowded["people"][:4], *crowded["bodies"][:2], crowded["nations"][0], *crowded["event"].statements.all()[:2]]
    root = page.url.rstrip("/")
    pictures = [f"/pictures/{name}" for name in ("", "years/", "map/", "network/", "topics/")]
    addresses = ["/", *pictures, *(f"/{name}/" for name in LISTS), "/search/?q=peace"]
    for address in [*addresses, *(record.get_absolute_url() for record in records)]:
        page.goto(f"{root}{address}")
        for width in (320, 820, 1000, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{address} at {width}"
        assert page.locator("script:not([type='application/ld+json'])").count() == 0


def test_the_keyboard_alone_reaches_the_content_and_opens_evidence(transactional_db, cast, open_page):
    page = open_page(cast.summit.get_absolute_url())
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    page.keyboard.press("Enter")
    page.locator("details.evidence > summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.evidence[open] blockquote").first.is_visible()


def test_a_curator_logs_in_and_enters_an_event_with_a_participant_and_a_statement(transactional_db, cast, open_page):
    get_user_model().objects.create_superuser("curator", password="secret")
    page = open_page("/admin/events/event/add/")
    log_in(page)
    page.get_by_label("Title").fill("Peace conference")
    page.keyboard.press("Tab")
    assert page.locator("#id_slug").input_value() == "peace-conference"
    page.locator("#id_date").fill("2016-05")
    choose(page, "#id_host_country", "sylv", "Sylvania")
    choose(page, "#id_passages-0-document", "gazette", "The Freedonia Gazette")
    page.locator("#id_passages-0-quote").fill("The next summit is planned for\n2016 in Sylvania.")
    page.get_by_text("Add another Participant").click()
    choose(page, "#id_participations-0-person", "файр", "Rufus Firefly")
    page.locator("#id_participations-0-role").select_option("speaker")

    page.get_by_text("Add another Statement").click()
    page.locator("#id_statements-0-text").fill("peace is cheap again")
    page.locator("#id_statements-0-slug").fill("peace-again")
    page.locator("#id_statements-0-speakers").get_by_label("Rufus Firefly (new)").check()
    choose(page, "#id_statements-0-passages-0-document", "gazette", "The Freedonia Gazette")
    page.locator("#id_statements-0-passages-0-quote").fill("peace is cheap")
    page.get_by_role("button", name="Save and continue editing").first.click()
    assert "stands 2 times in the text" in page.locator(".passage-row.errors").inner_text()
    assert page.locator("#id_statements-0-speakers").get_by_label("Rufus Firefly (new)").is_checked()
    page.locator("#id_statements-0-passages-0-occurrence").fill("1")
    page.get_by_role("button", name="Save and continue editing").first.click()
    told(page, "was added successfully")

    page.get_by_role("link", name="Preview").click()
    assert "peace is cheap again" in page.locator("article.statement").inner_text()
    page.go_back()
    page.get_by_role("button", name="Publish").first.click()
    told(page, "was changed successfully")
    page.get_by_role("link", name="Peace conference").first.click()
    page.get_by_role("link", name="View on site").first.click()
    assert page.locator("h1").inner_text() == "Peace conference"
    assert "May 2016" in page.locator("main").inner_text()
    said = page.locator("article.statement")
    assert "peace is cheap again" in said.inner_text()
    assert "Rufus Firefly" in said.inner_text()
    conference = Event.objects.get(slug="peace-conference")
    assert conference.passages.get().exact == "The next summit is planned for 2016 in Sylvania."
    assert conference.participations.get().person == Person.objects.get(slug="rufus-firefly")
    assert conference.host_country == Country.objects.get(code="SY")


# Whoever cannot see the page, or hears it, or needs contrasts: what axe-core knows of WCAG 2.2 AA and of good practice

BUT_SELECT2 = {"exclude": [[".select2-selection__rendered"]]}  # Django's fields that complete: a list with a button in it
WHOLE = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}  # which axe-core leaves out by itself
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "resultTypes": ["violations"]}


def violations(page, addresses):
    """What axe-core finds on each of the addresses, in light colours and in dark ones, as lines that name the page."""
    found, root = [], "/".join(page.url.split("/")[:3])
    for address in addresses:
        page.emulate_media(color_scheme="light")
        answer = page.goto(f"{root}{address}")
        assert answer.status in (200, 404, 410), address
        for scheme, rules in (("light", WHOLE), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)
            page.evaluate("document.getAnimations().forEach((one) => one.finish())")  # from one colour to the other
            for rule in Axe().run(page, BUT_SELECT2, rules).response["violations"]:
                where = "; ".join(" ".join(node["target"]) for node in rule["nodes"][:3])
                found.append(f"{address} ({scheme}): {rule['id']}, {rule['help']}: {where}")
    return found


def test_no_public_page_shuts_anybody_out(transactional_db, open_page):
    crowded = crowd(statements=24, paragraphs=110)  # of each kind a few: axe-core looks at every single one
    event("Gone", state="withdrawn")
    records = [crowded[name] for name in ("event", "document", "topic", "person")]
    records += [crowded["people"][0], crowded["bodies"][0], crowded["nations"][0], crowded["event"].statements.first()]
    addresses = [
        "/",
        "/about/",
        "/data/",
        "/api/docs/",
        "/search/",
        "/search/?q=peace",
        "/events/?year=2015",
        "/events/by/country/",
    ]
    addresses += ["/nowhere/", "/events/gone/", "/ru/", "/ru/events/", *(f"/{name}/" for name in LISTS)]
    addresses += [reverse(name) for name in ("pictures", "pictures-years", "pictures-map", "pictures-network", "pictures-topics")]
    page = open_page("/")
    found = violations(page, [*addresses, *(record.get_absolute_url() for record in records)])
    assert not found, "\n".join(found)


def test_no_page_of_the_admin_shuts_a_curator_out(transactional_db, cast, client, open_page):
    client.force_login(get_user_model().objects.create_superuser("curator", password="secret"))
    twin = person("Rufus Fireflies")
    table = SimpleUploadedFile("people.csv", b"slug,name\nrufus-firefly,Rufus T. Firefly\n")
    preview = client.post(reverse("admin:people_person_import"), {"file": table}, follow=True).redirect_chain[-1][0]
    page = open_page(reverse("admin:login"))
    found = violations(page, [reverse("admin:login")])
    log_in(page)
    of = {
        name: lambda kind, name=name, pk=pk: reverse(f"admin:{name}_{kind}", args=[pk])
        for name, pk in (
            ("events_event", cast.summit.pk),
            ("people_person", cast.firefly.pk),
            ("sources_document", cast.gazette.pk),
        )
    }
    addresses = [reverse("admin:index"), reverse("admin:events_event_changelist"), reverse("admin:people_person_import"), preview]
    addresses += [of[name](kind) for name in of for kind in ("change", "history")]
    addresses += [of["events_event"]("delete"), of["people_person"]("merge"), f"{of['people_person']('merge')}?with={twin.pk}"]
    addresses += [reverse("admin:second-factor"), reverse("admin:password_change"), reverse("admin:events_event_add")]
    found += violations(page, addresses)
    assert not found, "\n".join(found)


def log_in(page):
    page.get_by_label("Username").fill("curator")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Log in").click()


def told(page, words):
    """Fails unless the page says `words` in a message; while it is being read, its list of messages may be there, and empty."""
    page.locator(".messagelist li", has_text=words).wait_for()


def choose(page, select, typed, found):
    """Types into an autocomplete field of the admin and takes what it finds."""
    page.locator(f"{select} + .select2 .select2-selection").click()
    page.locator(".select2-container--open .select2-search__field").fill(typed)
    page.locator(".select2-results__option", has_text=found).first.click()
