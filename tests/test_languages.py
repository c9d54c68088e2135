"""The pages in their languages: the address says which one, and nothing else does."""

import pytest

from tests.cast import event

pytestmark = pytest.mark.django_db


def test_the_address_chooses_the_language_and_the_browser_does_not(cast, client):
    gala = event("Gala")
    english = client.get(f"/events/{gala.slug}/", headers={"accept-language": "ru"})
    russian = client.get(f"/ru/events/{gala.slug}/")
    assert (english["Content-Language"], russian["Content-Language"]) == ("en-gb", "ru")
    assert '<html lang="ru">' in russian.text
    assert f'href="/events/{gala.slug}/"' in russian.text
    assert f'href="/ru/events/{gala.slug}/"' in english.text
    assert 'href="/ru/people/"' in russian.text
    assert "Accept-Language" not in english.get("Vary", "")


def test_files_and_machines_have_one_address_for_all_languages(cast, client):
    gala = event("Gala")
    page = client.get("/ru/events/").text
    assert 'href="/events/list.csv"' in page
    assert 'href="/events/feed.atom"' in page
    assert "/ru/" not in client.get("/events/list.csv").getvalue().decode()
    assert client.get("/ru/events/list.csv").status_code == 404
    assert f'href="/events/{gala.slug}/cite.bib"' in client.get(f"/ru/events/{gala.slug}/").text


def test_a_page_keeps_its_filters_when_its_language_changes(cast, client):
    assert 'href="/ru/events/?year=2015"' in client.get("/events/?year=2015").text
    assert client.get("/ru/events/?sort=oldest&year=2015").status_code in (200, 302)


@pytest.mark.parametrize("path", ["/tg/events/", "/en-gb/events/", "/ru/admin/", "/ru/ru/"])
def test_a_language_that_is_not_offered_is_no_address(cast, client, path):
    assert client.get(path).status_code == 404
