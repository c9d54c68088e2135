"""Before anything is measured, what is compared is in memory, as on a server that has run for a while.

A machine that was busy with something else, or that gives its memory back, would measure its disk.
"""

from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

FILTERS = 40  # lists that each worker shows beforehand, and that no case asks for again
WORDS = ["treaty", "minister", "economic", "agreement conference", "programme border"]


def read_files(flat):
    """Reads the files of every contender once: the site's database, its index, and Datasette's file `flat`."""
    paths = [flat, *(path for path in Path(settings.INDEX_ROOT).rglob("*") if path.is_file())]
    if connection.vendor == "sqlite":
        paths.append(Path(connection.settings_dict["NAME"]))
    for path in paths:
        with path.open("rb") as file:
            while file.read(1 << 20):
                pass
    if connection.vendor == "postgresql":
        read_tables()


def read_tables():
    """Has PostgreSQL read its tables and indexes, where its extension for that is at hand."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
            cursor.execute("SELECT pg_prewarm(oid::regclass, 'read') FROM pg_class WHERE relkind IN ('r', 'i') AND relpages > 0")
    except DatabaseError:
        pass  # a server without it, or a user who may not: then its first rounds measure the disk


def ask_around(bench):
    """Has each worker of the site show lists and search, so that it has its connections, and the commonest sets at hand."""
    for reader in bench.readers.values():
        for _ in range(FILTERS):
            reader.get(bench.next_address())
        for words in WORDS:
            reader.get(f"/statements/?q={words.replace(' ', '+')}")
        for slug in bench.truth.slugs(5):
            reader.get(f"/events/{slug}/")
