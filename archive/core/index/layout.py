"""What the index of one list holds, and how it is read from the database: as a whole, or a few records of it again."""

import functools
import hashlib
import json
from dataclasses import dataclass, field

import numpy as np

from archive.core.facets import Years, dependencies, last_field, relation_of, rows_of, span
from archive.core.index.tables import NOTHING, Tables, Texts, as_array, kind_of, text_key
from archive.core.prepared import PreparedRows

FORMAT = 4  # of the stored files: raise it when what a Segment holds is changed
FAR = np.iinfo(np.int64).max  # the sort key of what has no value: last in either direction


class Layout:
    """A list's model, its facets by name, and its orders: {name: [(lookup, whether descending)]}."""

    def __init__(self, model, facets, orders):
        self.model = model
        self.facets = facets
        self.orders = {name: [(lookup.lstrip("-"), lookup.startswith("-")) for lookup in keys] for name, keys in orders.items()}
        self.first = next(iter(orders))
        self.order_paths = list(dict.fromkeys(path for keys in self.orders.values() for path, _ in keys))
        facet_paths = [path for facet in facets.values() for path in (*facet.paths, *facet.only)]
        self.paths = list(dict.fromkeys([*self.order_paths, *facet_paths]))
        self.depends = dependencies(model, self.paths)

    def fingerprint(self):
        """Changes when what is stored would."""
        facets = [(name, type(facet).__name__, facet.paths, facet.only) for name, facet in self.facets.items()]
        said = [FORMAT, self.model._meta.label, self.orders, facets]
        return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:12]

    def read_all(self):
        """All the public records: (primary keys, {order path: keys}, {facet: (primary keys, values)}, {model: public ones})."""
        tables = Tables(self.model, self.paths)
        pks = tables.public_pks(self.model)
        keys = {path: order_keys(tables.own(path)) for path in self.order_paths}
        pairs = {name: self.pairs(facet, pks, tables) for name, facet in self.facets.items()}
        return pks, keys, pairs, {model: tables.public_pks(model) for model in self.depends}

    def pairs(self, facet, pks, tables):
        if isinstance(facet, Years):
            first, last = (tables.own(path) for path in facet.paths)
            dated = first != NOTHING
            return pks[dated], spans(first[dated], last[dated])
        found = [tables.walk(path, facet.only) for path in facet.paths]
        if isinstance(found[0][1], Texts):
            ((owners, values),) = found
            there = ~values.among([""])
            return owners[there], values[there]
        owners, values = np.concatenate([owners for owners, _ in found]), np.concatenate([values for _, values in found])
        return owners[values != NOTHING], values[values != NOTHING]

    @functools.cached_property
    def relations(self):
        """{relation: the paths behind it, in one query}; the record's own columns are behind ""."""
        found = {"": []}
        for path in self.paths:
            if path != "pk":
                found.setdefault(relation_of(self.model, path), []).append(path)
        return found

    @functools.cache  # noqa: B019 (a process has one Layout for each list, for as long as it lives)
    def rows_behind(self, relation):
        """The PreparedRows of what `relation` has."""
        return PreparedRows(rows_of(self.model, relation, self.relations[relation]), "pk__in")

    def read_again(self, pks):
        """{primary key: Row} of those of `pks` that are public, by the lists' ORM meaning."""
        rows = {}
        for relation, paths in self.relations.items():
            for pk, *values in self.rows_behind(relation)(pks):
                given = dict(zip(paths, values, strict=True))
                if not relation:
                    columns = {path: one_value(self.model, path, given[path]) for path in self.order_paths if path != "pk"}
                    rows[pk] = Row(pk, {"pk": pk, **columns})
                if pk in rows:  # what was made public a moment ago has an entry of its own
                    for name, value in self.values_in(relation, given):
                        rows[pk].values.setdefault(name, set()).add(value)
        return rows

    def values_in(self, relation, given):
        """(facet, value) of everything that one row of `relation` says, `given` its values by path."""
        for name, facet in self.facets.items():
            if isinstance(facet, Years):
                first, last = map(given.get, facet.paths)
                if first:
                    yield name, span(int(first[:4]), int(last[:4]))
                continue
            if all(given[lookup] in values for lookup, values in facet.only.items() if lookup in given):
                yield from ((name, given[path]) for path in facet.paths if given.get(path) not in (None, ""))


@dataclass
class Row:
    """One record that is kept beside a Segment: its order columns, and its values by facet."""

    pk: int
    columns: dict
    values: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)  # order -> the place in the Segment before which the record stands

    def sort_key(self, order):
        """What tells the record from others that stand at the same place in an order."""
        return [Reversed(self.columns[path]) if down else directed(self.columns[path], down) for path, down in order]


class Reversed:
    """A value that sorts the other way round, nothing last all the same."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == other.value

    def __lt__(self, other):
        if NOTHING in (self.value, other.value):
            return other.value == NOTHING != self.value
        return self.value > other.value


def directed(key, down):
    """A number as it sorts: what has none last."""
    if isinstance(key, bytes):
        return key
    return FAR if key == NOTHING else -key if down else key


def all_directed(keys, down):
    return np.where(keys == NOTHING, FAR, -keys if down else keys)


def order_keys(values):
    """A column as an order compares it: numbers as they are, texts by their folded beginning."""
    if not isinstance(values, Texts):
        return values
    keys = np.array([text_key(text) for text in values.texts] or [b""])
    return keys[values.codes]


def one_value(model, path, value):
    """One value of a column as `order_keys` would have it."""
    kind = kind_of(last_field(model, path))
    return text_key(value) if kind == "text" else int(as_array([value], kind, None)[0])


def spans(first, last):
    """Days as spans of years."""
    return span(*(days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970 for days in (first, last)))
