"""Bulk loading: rows go in as fast as the database takes them, in one transaction, without indexes, which are made afterwards."""

from contextlib import contextmanager

from django.core.management.color import no_style
from django.db import connection, transaction


def with_relations(models):
    """`models`, and the tables of their many-to-many relations behind them."""
    return [*models, *(field.remote_field.through for model in models for field in model._meta.local_many_to_many)]


@contextmanager
def bulk_loading(models, progress):
    """Gives a function `write(table, columns, rows)`. What it wrote is all there in the end, indexed and analysed, or not at all.

    While it lasts the tables of `models` have no indexes and no triggers, and foreign keys are not checked. `progress` is told
    in a sentence what goes on. On PostgreSQL only a superuser may do this.
    """
    models = with_relations(models)
    bulk = {"sqlite": SQLite, "postgresql": PostgreSQL}[connection.vendor]([model._meta.db_table for model in models])
    with bulk.unguarded(), transaction.atomic(), connection.cursor() as cursor:
        later = bulk.strip(cursor)
        yield bulk.write
        for number, (name, statement) in enumerate(later, 1):
            progress(f"{number} of {len(later)} indexes and triggers: {name}")
            cursor.execute(statement)
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
    progress("Counting what the planner must know")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def empty(models):
    """Empties the tables of `models`."""
    tables = [model._meta.db_table for model in with_relations(models)]
    with connection.constraint_checks_disabled():
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables, reset_sequences=True, allow_cascade=True))


class SQLite:
    def __init__(self, tables):
        self.tables = tables

    @contextmanager
    def unguarded(self):
        with connection.cursor() as cursor:
            # The write-ahead log would hold the whole archive a second time.
            for pragma in ("journal_mode=DELETE", "synchronous=OFF", "cache_size=-1000000", "foreign_keys=OFF"):
                cursor.execute(f"PRAGMA {pragma}")
        yield
        connection.close()  # the next connection has the settings of the site again

    def strip(self, cursor):
        """Drops indexes and triggers; returns (name, the statement that brings it back) of each."""
        cursor.execute("SELECT type, name, sql, tbl_name FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL")
        found = [(kind, name, sql) for kind, name, sql, table in cursor.fetchall() if table in self.tables]
        for kind, name, _ in found:
            cursor.execute(f'DROP {kind} "{name}"')
        return [(name, sql) for _, name, sql in found]

    def write(self, table, columns, rows):
        names = ", ".join(f'"{column}"' for column in columns)
        places = ", ".join("?" * len(columns))
        connection.connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)  # noqa: S608


class PostgreSQL:
    def __init__(self, tables):
        self.tables = tables

    @contextmanager
    def unguarded(self):
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # no triggers, those of foreign keys included
            cursor.execute("SET maintenance_work_mem = '512MB'")
        yield
        connection.close()

    def strip(self, cursor):
        """Drops the indexes that no constraint rests on; returns (name, the statement that brings it back) of each."""
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid::regclass::text = ANY(%s) "
            "AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
            [self.tables],
        )
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f"DROP INDEX {name}")
        return found

    def write(self, table, columns, rows):
        names = ", ".join(f'"{column}"' for column in columns)
        with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
