"""Builds the archive that is measured: `python -m bench.data --events 1000000`, on the database that DATABASE_URL names."""

import argparse
import os
import sys
import time
from itertools import groupby
from pathlib import Path

import django

HERE = Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.data", description=__doc__)
    parser.add_argument("--events", type=positive, default=1_000_000, help="how many (default 1,000,000)")
    parser.add_argument("--flush", action="store_true", help="first empty a database that holds records")
    options = parser.parse_args()
    os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or f"sqlite:///{HERE / 'bench.sqlite3'}"
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive.settings")
    django.setup()
    build(options.events, options.flush)


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("an archive has at least one event")
    return number


class Progress:
    """One line that says how far the work is; where nobody watches, a line for each step that ends."""

    def __init__(self):
        self.start, self.shown = time.monotonic(), 0

    def __call__(self, sentence):
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{self.seconds:4.0f} s  {sentence}")
            sys.stderr.flush()

    def done(self, sentence):
        sys.stderr.write(f"{chr(13) + chr(27) + '[K' if sys.stderr.isatty() else ''}{self.seconds:4.0f} s  {sentence}\n")

    @property
    def seconds(self):
        return time.monotonic() - self.start


def build(events, flush):
    from django.core.management import call_command

    from archive.core.ledger import everything_changed
    from archive.core.models import Entry
    from archive.site.records import MODELS
    from bench.checking import check_rows
    from bench.loading import empty

    progress = Progress()
    call_command("migrate", verbosity=0)
    if any(model.objects.exists() for model in MODELS):
        if not flush:
            sys.exit("The database holds records. `--flush` deletes them, all of them, and everything else that the archive knows.")
        empty([*MODELS, Entry])
        progress.done("Emptied the database.")
    load(events, progress)
    everything_changed("bench-data")
    check_rows(progress)
    progress.done("Checked 200 rows of each kind.")


def load(events, progress):
    from archive.core.search import paused
    from archive.site.records import MODELS, SEARCHED
    from bench.loading import bulk_loading
    from bench.world import COLUMNS, World
    from events.models import Event

    world = World(events)
    for model, columns in COLUMNS.items():
        if {field.column for field in model._meta.concrete_fields} != set(columns):
            sys.exit(f"{model._meta.label} has other columns than bench/world.py fills.")
    with paused(SEARCHED), bulk_loading(MODELS, progress) as write:
        for model, instances in groupby(world.few(), type):
            write_instances(write, model, instances)
        for rows in world.many():
            for model, columns in COLUMNS.items():
                write(model._meta.db_table, columns, rows[model])
            progress(f"{rows[Event][-1][0]:,} of {events:,} events")
        progress.done(f"Loaded {events:,} events.")
    progress.done("Indexed them, and their words.")


def write_instances(write, model, instances):
    from django.db import connection

    fields = model._meta.concrete_fields
    rows = [[field.get_db_prep_save(getattr(instance, field.attname), connection) for field in fields] for instance in instances]
    write(model._meta.db_table, [field.column for field in fields], rows)


if __name__ == "__main__":
    main()
