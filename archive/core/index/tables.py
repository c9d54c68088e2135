"""The tables of the archive as arrays: how a whole list is read, in a few seconds for a million records.

What is public, and what a path of lookups leads to, is worked out here as `published_rule` and `facets.path_rule` say it in SQL,
which takes minutes to join that much. Each table is read once, without joins, in the columns that are needed.
"""

import gc
from contextlib import contextmanager
from itertools import islice

import numpy as np
from django.db.models import CharField
from django.db.models.functions import Cast

from archive.core.facets import relation_of, steps
from archive.core.querysets import records_asked_for
from archive.core.text import fold

CHUNK = 20_000  # rows in Python at once
TEXT = 64  # bytes of a text, folded, that an order looks at
NOTHING = np.iinfo(np.int64).min  # a number's or a date's NULL


def text_key(text):
    """What a text is ordered by."""
    return fold(text).encode()[:TEXT]


class Texts:
    """A column of few different texts: a code for each row, and the text that each code stands for; "" is none."""

    def __init__(self, codes, texts):
        self.codes = codes
        self.texts = texts

    def __getitem__(self, rows):
        return Texts(self.codes[rows], self.texts)

    def among(self, texts):
        return np.isin(self.codes, [code for code, text in enumerate(self.texts) if text in texts])


class Codes(dict):
    """A number for each text, given when it is first met; none is as good as an empty one."""

    def __missing__(self, text):
        if text is None:
            return 0
        self[text] = len(self)
        return self[text]


class Table:
    """Some columns of a model's table, in the order of the primary keys. Dates are days since 1970.

    The table behind a many-to-many field is read without its primary keys: nothing refers to them.
    """

    def __init__(self, model, names):
        self.model = model
        self.names = sorted(names)
        self.columns = {}

    def __getitem__(self, name):
        if not self.columns:
            self.read()
        return self.columns[name]

    @property
    def pks(self):
        return self["pk"]

    def read(self):
        keys = {} if self.model._meta.auto_created else {"pk": "number"}
        kinds = keys | {name: kind_of(self.model._meta.get_field(name)) for name in self.names}
        chunks, codes = {name: [] for name in kinds}, {name: Codes({"": 0}) for name in kinds}
        expressions = [Cast(name, CharField()) if kind == "date" else name for name, kind in kinds.items()]
        named = {f"column_{number}": one for number, one in enumerate(expressions) if not isinstance(one, str)}
        source = (
            self.model._base_manager.annotate(**named)
            .order_by()
            .values_list(*(one if isinstance(one, str) else f"column_{number}" for number, one in enumerate(expressions)))
        )
        rows = source.iterator(chunk_size=CHUNK)
        with garbage_left():
            while chunk := list(islice(rows, CHUNK)):
                for (name, kind), values in zip(kinds.items(), zip(*chunk, strict=True), strict=True):
                    chunks[name].append(as_array(values, kind, codes[name]))
        order = None
        for name, kind in kinds.items():
            column = np.concatenate(chunks.pop(name) or [np.empty(0, np.int64)])
            if name == "pk" and (column[1:] < column[:-1]).any():
                order = np.argsort(column)
            column = column if order is None else column[order]
            self.columns[name] = Texts(column, list(codes[name])) if kind == "text" else column

    def rows_of(self, pks):
        """The row of each of `pks`, -1 for one that is not there."""
        mine = self.pks
        if not len(mine):
            return np.full(len(pks), -1)
        if mine[-1] - mine[0] == len(mine) - 1:  # no gaps, as where nothing was ever deleted
            rows = pks - mine[0]
            return np.where((rows >= 0) & (rows < len(mine)), rows, -1)
        rows = np.minimum(np.searchsorted(mine, pks), len(mine) - 1)
        return np.where(mine[rows] == pks, rows, -1)


@contextmanager
def garbage_left():
    """Looks for no cycles among the millions of rows that pass through: there are none, and looking takes as long as reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def kind_of(field):
    """What a column holds, as it is read: number, date or text."""
    kind = field.get_internal_type()
    if kind == "DateField":
        return "date"
    return "number" if field.is_relation or "Integer" in kind or kind.endswith("AutoField") else "text"


def as_array(values, kind, codes):
    if kind == "text":
        return np.fromiter(map(codes.__getitem__, values), np.int64, len(values))
    if kind == "date":
        return np.array([value or "NaT" for value in values], "datetime64[D]").astype(np.int64)  # NaT becomes NOTHING
    try:
        return np.fromiter(values, np.int64, len(values))
    except TypeError:
        return np.fromiter((NOTHING if value is None else value for value in values), np.int64, len(values))


class Tables:
    """All the tables that some paths from one model lead through."""

    def __init__(self, model, paths):
        self.model = model
        self.names = {}  # model -> the columns that are needed
        self.public_rows = {}
        self.need_public(model)
        for path in paths:
            self.need_path(path)
        self.tables = {model: Table(model, names) for model, names in self.names.items()}

    # What is needed

    def need(self, model, *names):
        self.names.setdefault(model, set()).update(names)

    def need_public(self, model):
        if hasattr(model, "State"):
            self.need(model, "state")
        for field in records_asked_for(model):
            self.need(model, field.name)
            self.need_public(field.related_model)

    def need_path(self, path):
        for (_, field), owner in zip(steps(self.model, path), self.owners(path), strict=True):
            if field.many_to_many:
                self.need(field.remote_field.through, *sides(field))
            elif field.one_to_many:
                self.need(field.related_model, field.field.name)
            elif not field.primary_key:
                self.need(owner, field.name)
            if field.is_relation:
                self.need_public(field.related_model)

    def owners(self, path):
        """The model that each step of `path` starts from."""
        owner = self.model
        for _, field in steps(self.model, path):
            yield owner
            owner = field.related_model

    # What is public

    def public(self, model):
        """Which rows of the model's table the public may see, as bools."""
        if model not in self.public_rows:
            table = self.tables[model]
            rows = table["state"].among(["published"]) if hasattr(model, "State") else np.ones(len(table.pks), bool)
            for field in records_asked_for(model):
                named = table[field.name]
                rows &= self.is_public(field.related_model, named) | ((named == NOTHING) if field.null else False)
            self.public_rows[model] = rows
        return self.public_rows[model]

    def is_public(self, model, pks):
        rows = self.tables[model].rows_of(pks)
        return (rows >= 0) & self.public(model)[rows] if len(self.tables[model].pks) else np.zeros(len(pks), bool)

    def public_pks(self, model):
        return self.tables[model].pks[self.public(model)]

    # What a path leads to

    def own(self, path):
        """The value at the end of `path`, which leads to one, for each public record."""
        _, values = self.walk(path, {})
        return values

    def walk(self, path, only):
        """Each value at the end of `path` with the primary key of the public record that it begins at, as two columns.

        `only` (lookup -> values) leaves out rows of the relations on the way.
        """
        table, rows = self.tables[self.model], np.flatnonzero(self.public(self.model))
        owners, is_single = table.pks[rows], True  # is_single: no row of the table stands for two records
        for lookup, field in steps(self.model, path):
            if not field.is_relation:
                return owners, table["pk" if field.primary_key else field.name][rows]
            if field.many_to_one:
                found, starts = table[field.name][rows], slice(None)
                is_single = False
            else:
                if not is_single:
                    raise ValueError(
                        f"{path} of {self.model._meta.label}: only the last relation may have several rows for several."
                    )
                starts, found = self.behind(table, rows, field)
                is_single = field.one_to_many
            target = self.tables[field.related_model]
            rows = target.rows_of(found)
            keep = (rows >= 0) & (self.public(field.related_model)[rows] if len(target.pks) else False)
            for condition, values in only.items():
                if relation_of(self.model, condition) == lookup:
                    keep &= target[condition.rpartition("__")[2]][rows].among(values) if len(target.pks) else False
            owners, rows, table = owners[starts][keep], rows[keep], target
        return owners, table.pks[rows]

    def behind(self, table, rows, field):
        """What a relation with several rows leads to: (for each of them, its place in `rows`; its primary key)."""
        if field.many_to_many:
            near, far = sides(field)
            links = self.tables[field.remote_field.through]
            parents, children = links[near], links[far]
        else:
            links = self.tables[field.related_model]
            parents, children = links[field.field.name], links.pks
        place = np.full(len(table.pks) + 1, -1)  # the last is for what is not in the table: row -1
        place[rows] = np.arange(len(rows))
        starts = place[table.rows_of(parents)]
        return starts[starts >= 0], children[starts >= 0]


def sides(field):
    """The names of a many-to-many field's two foreign keys: to its own model, and to the other."""
    return field.m2m_field_name(), field.m2m_reverse_field_name()
