"""Settings come from the environment, and what is missing is said at the start."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command

PRODUCTION = {"SECRET_KEY": "k" * 60 + "0123456789", "ALLOWED_HOSTS": "archive.example"}


def manage(*arguments, **environment):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "DATABASE_URL") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_is_clean_under_djangos_own_check():
    answer = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "Set SECRET_KEY"),
        ({"SECRET_KEY": PRODUCTION["SECRET_KEY"]}, "Set ALLOWED_HOSTS"),
        ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps': write 1 or 0."),
        ({**PRODUCTION, "DATABASE_URL": "nonsense://x"}, "DATABASE_URL"),
        ({**PRODUCTION, "REQUIRE_SECOND_FACTOR": "maybe"}, "REQUIRE_SECOND_FACTOR is 'maybe': write 1 or 0."),
        ({**PRODUCTION, "EMAIL_HOST": "mail.example"}, "Set EMAIL_FROM"),
        ({**PRODUCTION, "EMAIL_PORT": "smtp"}, "EMAIL_PORT is 'smtp': write a number such as 587."),
    ],
)
def test_a_missing_or_wrong_setting_stops_the_start_with_one_sentence(environment, sentence):
    answer = manage("check", **environment)
    assert answer.returncode != 0
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.django_db
def test_the_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
