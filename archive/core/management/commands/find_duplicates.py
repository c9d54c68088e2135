"""Compares all records with one another, and keeps the pairs that may be the same: for the admin's lists of probable duplicates."""

import sys
import time
from functools import partial

from django.core.management.base import BaseCommand

from archive.core.curation.duplicates import compare_all, compared_models

STEP = 1_000  # records between two looks at the screen


class Command(BaseCommand):
    help = "Looks for probable duplicates among all records. What changes later is compared when a list of them is opened."

    def handle(self, verbosity, **options):
        self.show = verbosity and sys.stderr.isatty()
        for model in compared_models():
            name, start = model._meta.verbose_name_plural, time.perf_counter()
            waiting = compare_all(model, partial(self.progress, name))
            self.stdout.write(f"{name}: {waiting:,} probable duplicates, {time.perf_counter() - start:.1f} s")

    def progress(self, name, pks):
        """Yields `pks`, and keeps a line up to date that says how many of them are compared."""
        for number, pk in enumerate(pks):
            if self.show and number % STEP == 0:
                self.stderr.write(f"\r\x1b[KComparing {name}: {number:,} of {len(pks):,}", ending="")
            yield pk
        if self.show:
            self.stderr.write("\r\x1b[K", ending="")
