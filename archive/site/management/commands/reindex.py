"""Makes the facet index of every list and stores it, so that no reader waits for it."""

import time

from django.core.management.base import BaseCommand

from archive.core import ledger
from archive.core.index import index_of
from archive.core.search import rebuild
from archive.site.records import LISTS, SEARCHED


class Command(BaseCommand):
    help = "Brings the stored facet index of every list up to date. Run it after deploying a new version, and after loading much."

    def add_arguments(self, parser):
        parser.add_argument(
            "--everything",
            action="store_true",
            help="for data that was changed around Annals: make the full text anew too, and have running servers read all again",
        )

    def handle(self, everything, **options):
        if everything:
            for model in SEARCHED:
                rebuild(model)
            ledger.everything_changed("reindex --everything")
        for name, (_, filterset_class) in LISTS.items():
            start = time.perf_counter()
            index_of(filterset_class).renew()
            total = index_of(filterset_class).snapshot().select({}).total
            self.stdout.write(f"{name}: {total:,} public, {time.perf_counter() - start:.1f} s")
