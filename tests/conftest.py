"""What every test may ask for."""

import gc

import hypothesis
import pytest
from django.conf import settings
from django.core.management import call_command
from django.template.backends.jinja2 import Template
from django.test.signals import template_rendered

from archive.core import ledger
from tests.cast import Cast
from tests.kept import Kept

SLOW = [hypothesis.HealthCheck.too_slow]
# The same examples on every run, and no clock: a slow machine is not a defect.
hypothesis.settings.register_profile("annals", deadline=None, derandomize=True, database=None, suppress_health_check=SLOW)
hypothesis.settings.load_profile("annals")

# A sixth of the time went into looking for garbage, mostly among what is imported and stays.
gc.set_threshold(100_000, 20, 50)


def pytest_collection_finish():
    gc.collect()
    gc.freeze()


@Kept
def everybody():
    with ledger.unit():  # one entry for each record, not one for each of its rows
        return Cast()


@pytest.fixture
def cast(db):
    return everybody()


@Kept
def committed():
    call_command("loaddata", "archive", verbosity=0)


@pytest.fixture
def archive(db):
    """The committed archive, loaded as `make run` loads it."""
    committed()


@pytest.fixture(autouse=True)
def media(tmp_path):
    """Uploads of a test go nowhere that outlives it."""
    before, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path
    yield
    settings.MEDIA_ROOT = before


@pytest.fixture(autouse=True)
def contexts(monkeypatch):
    """Django's test client looks into pages by a signal that only its own templates send."""
    render = Template.render

    def render_and_tell(template, context=None, request=None):
        context = {} if context is None else context
        template_rendered.send(sender=template, template=template, context=context)
        return render(template, context, request)

    monkeypatch.setattr(Template, "render", render_and_tell)
