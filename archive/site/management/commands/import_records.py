"""Imports records in bulk: the YAML of fixtures/, a data package, or Popolo JSON."""

from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from archive.core import ledger
from archive.core.plain import PlainError
from archive.core.progress import counting
from archive.site.importing import Reading
from archive.site.management.commands.load_package import explain


class Stop(Exception):  # noqa: N818 (it is no error)
    """Ends a check, so that nothing of it stays."""


class Command(BaseCommand):
    help = (
        "Imports records: from YAML (fixtures/, its records/, a folder or file in it), a data package (.zip) or Popolo (.json). "
        "All of it or, when anything is wrong, nothing; run again, it changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path, nargs="+", help="a folder or file; several are read together")
        parser.add_argument("--popolo", action="store_true", help="read every path as Popolo JSON, whatever it is called")
        parser.add_argument("--check", action="store_true", help="say what would be done, and write nothing")
        parser.add_argument("--why", default="", help="the reason, for the ledger")
        parser.add_argument("--by", help="the user name of whoever does it, for the ledger")

    def handle(self, path, popolo, check, why, by, verbosity, **options):
        if len(why) > 500:
            raise CommandError("The reason has at most 500 characters.")
        why = why or f"import_records {' '.join(one.name for one in path)}"[:500]
        reading = Reading()
        try:
            for one in path:
                reading.read(one, popolo)
            with ledger.unit(by=self.user(by), why=why):
                self.run(reading, verbosity)
                if check:
                    raise Stop
                reading.plan.write()
        except Stop:
            pass
        except PlainError as error:
            raise CommandError(explain([(reading.trace(place), sentence) for place, sentence in error.problems])) from None
        except OSError as error:
            raise CommandError(f"{error}; nothing was written.") from None
        except IntegrityError as error:
            raise CommandError(f"The database refuses it: {error}; nothing was written.") from None
        self.report(reading, check)

    def user(self, name):
        user = get_user_model().objects.filter(username=name).first() if name else None
        if name and user is None:
            raise CommandError(f"There is no user “{name}”.")
        return user

    def run(self, reading, verbosity):
        """Checks everything; raises PlainError with all that is wrong."""
        reading.finish()
        plan = reading.plan
        plan.lock()
        for _ in counting(self, plan.check(keep=True), len(plan.rows), verbosity):
            pass
        if plan.problems:
            raise PlainError(plan.problems)

    def report(self, reading, check):
        plan = reading.plan
        for outcome in plan.outcomes if check else ():
            words = "new" if outcome.is_new else f"changes {', '.join(dict.fromkeys(one.place[0] for one in outcome.changes))}"
            self.stdout.write(f"{outcome.place}: {words}")
        for outcome in plan.outcomes:
            if outcome.warning:
                self.stderr.write(f"{outcome.place}: {outcome.warning}")
        for what, times in sorted(reading.left_out.items()):
            self.stdout.write(f"Left out: {what} ({times:,})")
        would = "would be " if check else ""
        done = plan.new or plan.changed
        counts = f"{plan.new:,} {would}new, {plan.changed:,} {would}changed, {plan.unchanged:,} as they are."
        self.stdout.write(counts if done else f"{counts} Nothing {'would change' if check else 'has changed'}.")
