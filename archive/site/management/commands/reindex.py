"""Makes the facet index of every list, finds its common words, writes the lines of its CSV, and stores all: no reader waits."""

import sys
import time
from functools import partial

from django.core.management import call_command
from django.core.management.base import BaseCommand

from archive.core import ledger
from archive.core.index import index_of
from archive.core.lines import lines_of
from archive.core.search import rebuild, remember_common_words
from archive.site.records import LISTS, SEARCHED


class Command(BaseCommand):
    help = (
        "Brings up to date what is stored of every list: its facet index, the records of its common words, and its CSV. "
        "Run it after deploying a new version, and after loading much."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--everything",
            action="store_true",
            help="for data that was changed around Annals: make the full text anew too, and have running servers read all again",
        )

    def handle(self, everything, verbosity, **options):
        self.show = verbosity and sys.stderr.isatty()
        if everything:
            for model in SEARCHED:
                rebuild(model)
            ledger.everything_changed("reindex --everything")
        for name, (_, filterset_class) in LISTS.items():
            start = time.perf_counter()
            index_of(filterset_class).renew()
            snapshot = index_of(filterset_class).snapshot()
            remember_common_words(snapshot)
            total = snapshot.select({}).total
            self.stdout.write(f"{name}: {total:,} public, {time.perf_counter() - start:.1f} s")
        for name, (_, filterset_class) in LISTS.items():
            start = time.perf_counter()
            if kept := lines_of(filterset_class).renew(partial(self.progress, name)):
                self.clear()
                self.stdout.write(f"{name}: {kept:,} lines of CSV, {time.perf_counter() - start:.1f} s")
        call_command("draw_network", stdout=self.stdout)

    def progress(self, name, number, total):
        """Keeps a line up to date that says how many of a list's lines are written."""
        if self.show:
            self.stderr.write(f"\r\x1b[KWriting line {number:,} of {total:,}: {name}", ending="")

    def clear(self):
        if self.show:
            self.stderr.write("\r\x1b[K", ending="")
