"""The catalogues of what the public's pages say: brought up to date from the code and the templates, and compiled."""

from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

FOLDERS = ("archive", "events", "people", "templates")
METHODS = [
    ("templates/django/**.html", "ignore"),  # the admin's, which is in English
    ("templates/**.*", "jinja2"),
    ("**/migrations/**.py", "ignore"),
    ("**.py", "python"),
]
JINJA = {"trimmed": "true", "newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
LAZY = {"gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2), "npgettext_lazy": ((1, "c"), 2, 3)}
LOCALES = Path(__file__).parents[2] / "locale"


class Command(BaseCommand):
    help = "Gathers what pages say into the catalogue of every language, and compiles these. Needs requirements-dev.txt."

    def handle(self, **options):
        template = extracted()
        for path in catalogues():
            catalogue = read(path)
            catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
            path.write_bytes(as_po(catalogue))
            path.with_suffix(".mo").write_bytes(as_mo(read(path)))
            empty = sum(not is_translated(message) for message in catalogue if message.id)
            self.stdout.write(f"{catalogue.locale}: {len(catalogue)} messages, {empty} of them without a translation")


def catalogues():
    """The .po file of each language."""
    return sorted(LOCALES.glob("*/LC_MESSAGES/django.po"))


def extracted():
    """A Babel Catalog of all that pages may say, read from the code and the templates."""
    try:
        from babel.messages.catalog import Catalog
        from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
    except ImportError:
        raise CommandError("This needs Babel: pip install -r requirements-dev.txt.") from None
    template = Catalog()
    for folder in FOLDERS:
        found = extract_from_dir(
            settings.BASE_DIR / folder,
            [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in METHODS if is_about(pattern, folder)],
            {"**.*": JINJA},
            DEFAULT_KEYWORDS | LAZY,
        )
        for name, _, message, _, context in sorted(found, key=lambda one: one[:2]):
            template.add(message, locations=[(f"{folder}/{name}", None)], context=context)
    return template


def is_about(pattern, folder):
    return pattern.startswith(("**", f"{folder}/"))


def read(path):
    """The Babel Catalog in a .po file."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def as_po(catalogue):
    from babel.messages.pofile import write_po

    file = BytesIO()
    write_po(file, catalogue, width=120, ignore_obsolete=True)
    return file.getvalue()


def as_mo(catalogue):
    from babel.messages.mofile import write_mo

    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def is_translated(message):
    """Whether a message says something in each of its forms, and nobody doubts it."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms) and not message.fuzzy
