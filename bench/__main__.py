"""Measures the site against what it is compared with: `python -m bench --cases filtered,search --rounds 20`."""

import argparse
import platform
import sys
from pathlib import Path

from bench.context import production

NAMES = [
    *("filtered", "unfiltered", "worst", "search", "event", "deep", "repeated"),
    *("inside", "taking", "writing", "memory", "starting"),
]


def main():
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--cases", default=",".join(NAMES), help=f"some of {', '.join(NAMES)}, with commas between")
    parser.add_argument("--rounds", type=int, default=25, help="how often each contender is asked")
    parser.add_argument("--flat", type=Path, help="Datasette's file (default: bench/flat/flat.db, made from the archive)")
    options = parser.parse_args()
    chosen = options.cases.split(",")
    if unknown := set(chosen) - set(NAMES):
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    production()
    measure(chosen, options.rounds, options.flat or Path(__file__).parent / "flat" / "flat.db")


def measure(chosen, rounds, flat):
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from bench import inside, reading, report, servers, starting, taking, warming, writing
    from bench.context import Bench
    from bench.data import Progress
    from bench.flat import build_flat

    run = {
        **{name: getattr(reading, name) for name in NAMES[:7]},
        "inside": inside.inside,
        "taking": taking.taking,
        "writing": writing.writing,
        "memory": starting.memory_case,
        "starting": starting.starting,
    }
    if not is_there():
        sys.exit("There is nothing to measure: make bench-data comes first.")
    progress = Progress()
    call_command("collectstatic", interactive=False, verbosity=0)
    progress("Bringing the index and the lines of the lists up to date")
    servers.reindex()
    flat.parent.mkdir(exist_ok=True)
    build_flat(flat, progress)
    progress("Reading everything once")
    warming.read_files(flat)
    with Bench(flat, rounds) as bench:
        warming.ask_around(bench)
        progress.done("The servers are up.")
        print(f"{bench.truth.events:,} public events, {connection.vendor}, Python {platform.python_version()}, {rounds} rounds\n")
        print(report.HEAD)
        for name in chosen:
            progress(f"Measuring: {name}")
            bench.renew_readers()
            for row in attempt(run[name], bench):
                print(row, flush=True)
            progress.done(f"Measured: {name}")


def is_there():
    from django.db import DatabaseError

    from events.models import Event

    try:
        return Event.objects.exists()
    except DatabaseError:
        return False


def attempt(case, bench):
    """The rows of a case, or one that says why there are none: the other cases can be measured all the same."""
    from bench.report import Row

    try:
        return case(bench)
    except Exception as error:
        return [Row(case.__doc__.splitlines()[0], [], notes=[f"not measured: {error!r:.200}"])]


if __name__ == "__main__":
    sys.exit(main())
