"""Rows that a test finds as if it had just made them: made once in a process, then written again as they were."""

import pickle
import uuid

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.utils import timezone

APPS = ("core", "sources", "people", "events")


class Kept:
    """What `make` makes in an empty archive, and the object that it gives.

    The rows keep their numbers, whatever numbers tests before have used up. The database's own triggers run for each of them.
    Times are the present, and units of work are new each time, since nothing may take one test's archive for another's.
    """

    def __init__(self, make):
        self.make = make
        self.given = None

    def __call__(self):
        """The object, a new one for each call, its rows being in the database."""
        if not is_empty():
            return self.make()  # numbers may be taken
        with transaction.atomic():
            forget_numbers()
            if self.given is None:
                made = self.make()
                self.tables = [table for table in map(Table, tables()) if table.rows]
                self.given = pickle.dumps(made)
                return made
            units = {}
            for table in self.tables:
                table.write(units)
            go_on_counting([table.model for table in self.tables])
        return pickle.loads(self.given)  # noqa: S301 - it was written above


class Table:
    """The rows of a model's table, as the database's driver gives and takes them."""

    def __init__(self, model):
        self.model = model
        fields = [field for field in model._meta.concrete_fields if not field.generated]
        self.times = [place for place, field in enumerate(fields) if isinstance(field, models.DateTimeField)]
        self.units = [place for place, field in enumerate(fields) if isinstance(field, models.UUIDField)]
        name, *columns = map(connection.ops.quote_name, [model._meta.db_table, *(field.column for field in fields)])
        key = connection.ops.quote_name(model._meta.pk.column)
        places = ", ".join(["%s"] * len(columns))
        self.sql = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - the models' own names
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)} FROM {name} ORDER BY {key}")  # noqa: S608
            self.rows = cursor.fetchall()

    def write(self, units):
        """Writes the rows; `units` maps the units of work as they were to those that stand for them."""
        with connection.cursor() as cursor:
            cursor.executemany(self.sql, [self.renewed(row, units) for row in self.rows])

    def renewed(self, row, units):
        row = list(row)
        for place in self.times:
            row[place] = row[place] and connection.ops.adapt_datetimefield_value(timezone.now())
        for place in self.units:
            old = row[place]
            row[place] = old and units.setdefault(old, uuid.uuid4().hex)
        return row


def tables():
    return [
        model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True) if model._meta.managed
    ]


def is_empty():
    """Whether no table of the archive has a row."""
    names = [connection.ops.quote_name(model._meta.db_table) for model in tables()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + " OR ".join(f"EXISTS (SELECT 1 FROM {name})" for name in names))  # noqa: S608
        return not cursor.fetchone()[0]


def forget_numbers():
    """Lets SQLite count from 1 again, or from the last row that there is."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE sqlite_sequence SET seq = 0")


def go_on_counting(models):
    """Lets PostgreSQL count from the last row that there is."""
    if sql := connection.ops.sequence_reset_sql(no_style(), models):
        with connection.cursor() as cursor:
            cursor.execute("".join(sql))
