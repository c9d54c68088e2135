"""The page that shows staff what pages are built of."""

import pytest

pytestmark = pytest.mark.django_db


def test_staff_see_every_part_with_the_archives_own_records(cast, admin_client, client):
    page = admin_client.get("/admin/parts/").text
    for shown in (
        "--accent",
        "Summit of Freedonia",
        "Rufus Firefly",
        "peace is cheap",
        "The Freedonia Gazette",
        'class="evidence"',
    ):
        assert shown in page
    client.logout()
    assert client.get("/admin/parts/").status_code == 302


def test_an_empty_archive_has_parts_too(admin_client):
    assert "Colours" in admin_client.get("/admin/parts/").text
