"""Getting started: what `make run` prepares, and what it leaves alone."""

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from archive.sources.models import Document
from events.models import Event
from tests.cast import document


def prepare():
    out = StringIO()
    call_command("prepare", stdout=out)
    return out.getvalue()


def test_a_fresh_checkout_gets_the_archive_and_an_account_to_enter(db, settings, client):
    settings.DEBUG = True
    said = prepare()
    assert Event.objects.published().count() == 7
    assert "http://127.0.0.1:8000/admin/" in said
    password = said.split("Password")[1].split()[0]
    assert client.login(username="curator", password=password)
    assert password not in prepare()


def test_nothing_that_curators_changed_is_loaded_over(db, settings):
    settings.DEBUG = True
    document("Mine")
    assert "The archive is here already." in prepare()
    assert Document.objects.count() == 1


@pytest.mark.parametrize(("debug", "staff"), [(False, False), (True, True)])
def test_no_account_is_made_in_production_or_where_there_is_one(cast, settings, debug, staff):
    settings.DEBUG = debug
    if staff:
        get_user_model().objects.create_user("editor", is_staff=True)
    before = get_user_model().objects.count()
    assert "Password" not in prepare()
    assert get_user_model().objects.count() == before
