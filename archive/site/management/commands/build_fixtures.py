"""Builds fixtures/archive.json from the documents and records beside it."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from archive.core.plain import PlainError
from archive.core.progress import checking
from archive.site.fixtures import as_fixture, read_archive
from archive.site.records import MODELS
from archive.sources.models import Passage


class Command(BaseCommand):
    help = "Checks every quote in fixtures/records/ against its document and builds fixtures/archive.json."

    def add_arguments(self, parser):
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR / "fixtures", help="holds documents/ and records/")
        parser.add_argument("--check", action="store_true", help="write nothing; fail when archive.json is stale")

    def handle(self, folder, check, verbosity, **options):
        self.verbosity = verbosity
        if not (folder / "documents").is_dir():
            raise CommandError(f"{folder / 'documents'} is not a folder.")
        try:
            instances = read_archive(folder, self.progress)
        except PlainError as error:
            count = len(error.problems)
            raise CommandError(f"{error}\n\n{count} problem{'s'[: count != 1]}; nothing was written.") from None
        self.finish(folder / "archive.json", as_fixture(instances), check)
        passages = sum(isinstance(instance, Passage) for instance in instances)
        self.stdout.write(f"{len(instances)} rows of {len(MODELS)} kinds; {passages} passages, each found in its document.")

    def progress(self, entries):
        yield from checking(self, entries, self.verbosity)
        if self.verbosity:
            self.stderr.write(f"Checked {len(entries)} records.")

    def finish(self, path, fixture, check):
        if not check:
            path.write_text(fixture, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != fixture:
            raise CommandError(f"{path} is stale: run `python manage.py build_fixtures`.")
