"""Loads a data package into an empty archive."""

import zipfile
from pathlib import Path

from django.core.exceptions import SuspiciousFileOperation
from django.core.management.base import BaseCommand, CommandError

from archive.core.plain import PlainError
from archive.core.progress import checking
from archive.site.records import MODELS
from archive.site.unpacking import read_package, save_package

SHOWN = 100  # problems


class Command(BaseCommand):
    help = "Loads what export_package wrote into an empty archive: all of it, or, when anything is wrong with it, nothing."

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path, help="the zip to read")

    def handle(self, path, verbosity, **options):
        if full := [model._meta.verbose_name_plural for model in MODELS if model._default_manager.exists()]:
            raise CommandError(f"A package is loaded into an empty archive only; this one has {', '.join(map(str, full))}.")
        try:
            with zipfile.ZipFile(path) as package:
                instances = read_package(package, lambda entries: checking(self, entries, verbosity))
                save_package(package, instances, why=f"load_package {path.name}")
        except PlainError as error:
            raise CommandError(explain(error.problems)) from None
        except zipfile.BadZipFile as error:
            raise CommandError(f"{path} is no zip that can be read: {error}.") from None
        except (OSError, SuspiciousFileOperation) as error:
            raise CommandError(f"{error}; nothing was written.") from None
        if verbosity:
            self.stdout.write(f"{len(instances):,} rows of {len(MODELS)} kinds.")


def explain(problems):
    lines = [f"{place}: {sentence}" if place else sentence for place, sentence in problems[:SHOWN]]
    more = [f"… and {len(problems) - SHOWN:,} more."] if len(problems) > SHOWN else []
    return "\n".join([*lines, *more, "", f"{len(problems):,} problem{'s'[: len(problems) != 1]}; nothing was written."])
