"""What every case works with: the servers, a reader of each, the right answers, and addresses that nobody has asked for yet."""

import os
import shutil
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings

from bench import servers
from bench.client import Client
from bench.truth import Truth

FACETS = [("_facet", column) for column in ("kind", "standing", "format")] + [
    ("_facet_array", column) for column in ("countries", "years", "people", "organizations", "topics", "documents")
]
RANKED = """
select statement.id, statement.slug, statement.text from statement_fts join statement on statement.id = statement_fts.rowid
where statement_fts match :words order by statement_fts.rank limit 25
"""
AS_IT_COMES, TUNED = "Datasette", "Datasette tuned"


class Bench:
    """The servers run from `with` to its end."""

    def __init__(self, flat, rounds):
        self.flat, self.rounds = flat, rounds
        self.truth = Truth(flat)
        self.filters = iter(self.truth.filters(100_000))
        self.pages = count(2)  # of the whole list, one after another; the first has been asked for

    def __enter__(self):
        with ExitStack() as stack:
            self.site = stack.enter_context(servers.site())
            self.bare_server = stack.enter_context(servers.bare())
            self.datasettes = {
                AS_IT_COMES: stack.enter_context(servers.datasette(self.flat)),
                TUNED: stack.enter_context(servers.tuned_datasette(self.flat)),
            }
            self.renew_readers()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *problem):
        return self.stack.__exit__(*problem)

    # The site

    def renew_readers(self):
        """A kept connection to each worker of the site, warmed up, and to each of the other servers.

        To be made anew after a pause, in which servers close what nobody uses.
        """
        self.bare_reader = Client(self.bare_server.port)
        self.datasette_readers = {name: Client(server.port) for name, server in self.datasettes.items()}
        self.readers = {}
        workers = self.site.workers()
        for _ in range(200):
            reader = Client(self.site.port)
            worker = servers.worker_of(reader.socket, workers)
            if worker in self.readers or worker is None:
                reader.close()
                continue
            self.readers[worker] = reader
            if len(self.readers) == len(workers):
                break
        for reader in self.readers.values():
            for path in ("/events/", "/events/?kind=conference", "/statements/", "/statements/?kind=quoted"):
                reader.get(path)

    @property
    def reader(self):
        return next(iter(self.readers.values()))

    def next_filter(self):
        """A Filter that no case has used."""
        return next(self.filters)

    def next_address(self):
        """The address of a filtered list that nobody has asked for."""
        if (one := next(self.filters, None)) is None:
            return f"/events/?page={next(self.pages)}"
        return f"/events/?{one.query}"

    def next_filters(self):
        return [self.next_filter() for _ in range(self.rounds)]

    def next_pages(self):
        return [next(self.pages) for _ in range(self.rounds)]

    def forget_index(self):
        """Removes the stored index, and leaves the lines of CSV: they take minutes, and no page waits for them."""
        for folder in Path(settings.INDEX_ROOT).glob("*-*"):
            if ".lines-" not in folder.name:
                shutil.rmtree(folder, ignore_errors=True)

    # The others

    def bare(self, size):
        """Seconds that the bare view takes for so many bytes."""
        return self.bare_reader.get(f"/{size}").seconds

    def datasette(self, name, path, parameters=()):
        """The answer of one of the Datasettes to a path behind its file's name."""
        return self.datasette_readers[name].get(f"/{self.flat.stem}{path}?{urlencode(parameters)}")

    def table(self, name, where=()):
        """Datasette's page of the events that fit `where`, with all facets."""
        return self.datasette(name, "/event", [("_size", 25), *FACETS, *(("_where", one) for one in where)])

    def ranked(self, name, words):
        return self.datasette(name, "", [("sql", RANKED), ("words", " ".join(words))])


def production():
    """Sets the environment in which the site is measured, for this process and the servers that it starts."""
    here = servers.ROOT / "bench"
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{here / 'bench.sqlite3'}")
    vendor = "sqlite" if os.environ["DATABASE_URL"].startswith("sqlite") else "postgresql"
    os.environ |= {
        "DEBUG": "0",
        "SECRET_KEY": "of a site that only this machine reaches, for as long as it is measured",
        "ALLOWED_HOSTS": "127.0.0.1",
        "BEHIND_PROXY": "1",
        "INDEX_ROOT": str(here / f"index-{vendor}"),
        "DJANGO_SETTINGS_MODULE": "archive.settings",
    }
