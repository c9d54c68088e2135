"""Works out anew where everybody stands in the picture of who appears with whom."""

import time

from django.core.management.base import BaseCommand

from archive.site.pictures.drawing import draw


class Command(BaseCommand):
    help = "Draws the picture of who appears with whom anew. `reindex` does it too; of a small archive it is always new."

    def handle(self, **options):
        start = time.perf_counter()
        drawing = draw()
        self.stdout.write(f"network: {len(drawing.places)} drawn, {time.perf_counter() - start:.1f} s")
