"""Writes the published archive as a Frictionless Data Package."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from archive.site.package import keep, kept_path, write_package

WIDTH = 30  # characters of the progress bar


class Command(BaseCommand):
    help = "Writes every published record of the archive to one zip, a Frictionless Data Package."

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path, nargs="?", help="the zip to write; without it, the one that the site offers")

    def handle(self, path, verbosity, **options):
        self.show = verbosity and sys.stderr.isatty()
        write, path = (write_package, path) if path else (keep, kept_path())
        try:
            lost = write(path, self.progress)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
        if lost is None:
            raise CommandError("Another process is writing it at this moment.")
        if self.show:
            self.stderr.write("\r\x1b[K", ending="")
        for name in lost:
            self.stderr.write(f"The file {name}, which a document names, is not in the storage, and not in the package.")
        if verbosity:
            self.stdout.write(f"{path}: {path.stat().st_size:,} bytes.")

    def progress(self, number, total, name, size):
        """Keeps a line up to date that says which table is being written."""
        if self.show:
            bar = "█" * (WIDTH * number // total)
            self.stderr.write(f"\r\x1b[K{bar:·<{WIDTH}} {number} of {total}: {name}, {size / 1e6:,.1f} MB", ending="")
