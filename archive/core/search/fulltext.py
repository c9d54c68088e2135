"""The databases' own full text over the `folded` column of a model, and the records that a query finds by it.

Beside each searched table stands one with `_words` to its name: in SQLite an FTS5 index, in PostgreSQL a narrow table of tsvectors
with a GIN index. Triggers keep it, so that whatever writes rows is followed, and no migration knows of it: `ensure` makes what is
missing after every migration. `folded` has been taken apart into words already (`text.indexed`).
"""

from array import array
from contextlib import contextmanager

import numpy as np
from django.db import connections, models, router, transaction
from django.db.models import Expression
from pyroaring import BitMap

from archive.core.records import Name
from archive.core.search import postgresql, sqlite

BATCH = 1_000  # records in memory at once


def bears_names(model):
    """Whether rows of `model` are names or bear them: those are found in any spelling."""
    return issubclass(model, Name) or "names" in getattr(model, "parts", ())


def engine(connection):
    return {"sqlite": sqlite, "postgresql": postgresql}[connection.vendor]


def matching(model, query):
    """The rows of `model` whose own text matches `query`, as a plain queryset: drafts too, and in no order of relevance."""
    records = model._default_manager.all()
    return records.filter(pk__in=Found(model, query)) if query else records


def found_ids(model, query):
    """The primary keys that `matching` finds, as a BitMap: the quick way to a million of them."""
    if not query:
        return BitMap(model._base_manager.order_by().values_list("pk", flat=True))
    return bitmap_of(np.sort(found_pks(model, query)))


def found_pks(model, query, most=None):
    """The primary keys that `matching` finds for a query that says something, as an array; None when they are more than `most`."""
    sql, params = engine_of(model).select(model._meta.db_table, query, bears_names(model))
    pks = ids_of(model, f"{sql} LIMIT {most + 1}" if most else sql, params)
    return None if most and len(pks) > most else pks


def found_among(model, query, pks):
    """Those of `pks`, a few primary keys, whose rows match `query`: their texts are looked into one by one."""
    sql, params = engine_of(model).select_among(model._meta.db_table, query, bears_names(model))
    return ids_of(model, sql, [*params, engine_of(model).many(pks)])


def owners_of(rows, query):
    """The primary keys, an array, of the records that own a row of the model `rows` with the query in its text."""
    sql, params = engine_of(rows).select(rows._meta.db_table, query, bears_names(rows))
    owner = rows._meta.get_field(rows.owner).column
    return ids_of(rows, f"SELECT {owner} AS id FROM {rows._meta.db_table} WHERE id IN ({sql})", params)  # noqa: S608


def texts_of(model, pks, length):
    """(primary key, the first `length` characters of its folded text) for each of `pks` that is there."""
    with connections[router.db_for_read(model)].cursor() as cursor:
        cursor.execute(engine_of(model).TEXTS.format(table=model._meta.db_table), [length, engine_of(model).many(pks)])
        return cursor.fetchall()


def ids_of(model, sql, params):
    """The numbers that `sql` selects. As one text: a row for each takes four times as long, and Python integers of them ten."""
    with connections[router.db_for_read(model)].cursor() as cursor:
        cursor.execute(engine_of(model).AS_TEXT.format(sql), params)
        return np.fromstring(cursor.fetchone()[0] or "", np.int64, sep=",")


def bitmap_of(numbers):
    """A BitMap of an array of numbers in order. Given the array itself, it would take them one by one."""
    return BitMap(array("I", numbers.astype(np.uint32).tobytes()))


def engine_of(model):
    return engine(connections[router.db_for_read(model)])


class Found(Expression):
    """The primary keys of the rows of `model` that `query` finds, as a subquery."""

    def __init__(self, model, query):
        super().__init__(output_field=models.BigIntegerField())
        self.model, self.query = model, query

    def as_sql(self, compiler, connection):
        sql, params = engine(connection).select(self.model._meta.db_table, self.query, bears_names(self.model))
        return engine(connection).SUBQUERY.format(sql), params


def ensure(model, using="default"):
    """Makes whatever is missing of the full text of `model`, and writes its `folded` column anew; nothing when all is there.

    Made to be called after every migration: SQLite's way to alter a table loses its triggers. A table that is not as `model`
    has it yet, or any more, is left alone.
    """
    connection, table = connections[using], model._meta.db_table
    with connection.cursor() as cursor:
        if engine(connection).is_complete(cursor, table) or not has_columns(model, connection, cursor):
            return
    with transaction.atomic(using):
        derive_words(model, using)
        rebuild(model, using)


def has_columns(model, connection, cursor):
    if model._meta.db_table not in connection.introspection.table_names(cursor):
        return False
    columns = {column.name for column in connection.introspection.get_table_description(cursor, model._meta.db_table)}
    return {field.column for field in model._meta.concrete_fields} <= columns


def derive_words(model, using):
    """Writes `folded` where it is not what the record's other fields now make it; past the ledger, since nothing else changes."""
    records, last = model._base_manager.using(using).order_by("pk"), 0
    while batch := list(records.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        # As the database has it, and as it is derived.
        stale = [(record.folded, record.pk) for record in batch if record.__dict__["folded"] != record.folded]
        with connections[using].cursor() as cursor:
            cursor.executemany(f"UPDATE {model._meta.db_table} SET folded = %s WHERE id = %s", stale)  # noqa: S608


def rebuild(model, using="default"):
    """Makes the full text of `model` anew from its `folded` column: after rows were loaded past the triggers."""
    run(model, using, engine(connections[using]).DROP, engine(connections[using]).BUILD)


@contextmanager
def paused(models, using="default"):
    """Within, rows of `models` are written past their full text, which is made anew at the end: the way to load a million."""
    for model in models:
        run(model, using, engine(connections[using]).PAUSE)
    try:
        yield
    finally:
        for model in models:
            rebuild(model, using)


def run(model, using, *scripts):
    with transaction.atomic(using), connections[using].cursor() as cursor:
        for statement in (statement for script in scripts for statement in script):
            cursor.execute(statement.replace("{table}", model._meta.db_table))
