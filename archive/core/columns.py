"""A model's public data as columns: what each is called, holds and means, and how thousands of rows of it are read at once.

Lists are exported in these columns (`exports`), and the tables of the data package are made of them. They are derived from the
model's fields, and help_text says what they mean. Rows are read as plain values, because a model instance costs ten times as
much.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice, pairwise

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F
from django.utils import translation

from archive.core.among import Among
from archive.core.facets import named_with
from archive.core.fields import Derived, PartialDateField
from archive.core.index.tables import garbage_left
from archive.core.plain import LAST, plain_fields
from archive.core.querysets import published_rule

FIRST, MOST = 20, 2_000  # rows that are read together, at first so that the reader need not wait, and later
BLOCK = 2_000_000  # bytes that are worth writing together: documents are long, and fewer are read at once
REMEMBERED = 50_000  # records of a kind whose keys and names are kept at hand: some 15 MB
LABELS = ("name", "title", "text")  # what a record is called, in the first of these that it has
PLACEHOLDER = "0-slug-0"
NOWHERE = slice(0, 0)
DERIVED = {
    "date_earliest": "The first day that the date may mean; 0001-01-01 where its beginning is open or unknown.",
    "date_latest": "The last day that the date may mean; 9999-12-31 where its end is open or unknown.",
    "sha256": "SHA-256 of the text in UTF-8, in hexadecimal digits.",
}


@dataclass(frozen=True)
class Column:
    """One column. `meaning` is a sentence or more, and `values` the (value, label) pairs of a closed list.

    `type` is string, integer, date (a day), edtf (a partial date), object, array, or list: an array of keys, codes and dates,
    none of which has a semicolon in it.
    """

    name: str
    type: str
    meaning: str
    values: tuple = ()


def column_of(field, **changed):
    """The column of a field, described in English in whatever language it is first asked for."""
    meaning = str(field.help_text) or DERIVED.get(field.name) or f"{str(field.verbose_name).capitalize()}."
    target = field.related_model
    if target and hasattr(target, "key"):
        meaning += f" Names {target._meta.verbose_name_plural} by {target.key}."
    with translation.override(settings.LANGUAGE_CODE):
        values = tuple((value, str(label)) for value, label in field.flatchoices if value)
    return Column(**{"name": field.name, "type": type_of(field), "meaning": meaning, "values": values} | changed)


def type_of(field):
    if isinstance(field, PartialDateField):
        return "edtf"
    types = {models.IntegerField: "integer", models.DateField: "date", models.JSONField: "object"}
    return next((name for kind, name in types.items() if isinstance(field, kind)), "string")


def public_fields(model):
    """The fields of `model` that the public is given: the plain form's but for the state, and what is derived from them."""
    fields = [field for field in plain_fields(model) if field.name != "state"]
    fields += [field for field in model._meta.concrete_fields if isinstance(field, Derived) and field.name != "folded"]
    order = [getattr(model, "key", None), *(field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many))]
    return sorted(fields, key=lambda field: (field.name in LAST, order.index(field.name)))


class Published:
    """What published records of `model` have in `fields`, by primary key; None for those that the public may not see."""

    def __init__(self, model, *fields):
        self.records = model.objects.published().order_by().values_list("pk", *fields)
        self.known = {}

    def __call__(self, pks):
        """The mapping, which has at least all of `pks`; None, for no record, may be among them."""
        if len(self.known) > REMEMBERED:
            self.known = {}
        missing = set(pks) - self.known.keys()
        self.known.update(dict.fromkeys(missing))
        if missing := missing - {None}:
            self.known.update((pk, self.value(pk, values)) for pk, *values in self.records.filter(pk__in=Among(missing)))
        return self.known

    def value(self, pk, values):
        return values


def stored(field, prefix=""):
    """The expression for a field as the database has it: a partial date or JSON is not worth an object here."""
    value = F(prefix + field.attname)
    as_text = isinstance(field, (PartialDateField, models.JSONField, models.DateField))
    return ExpressionWrapper(value, models.TextField()) if as_text else value


def shown_behind(lookup, target, *names):
    """What a column shows of other records when it has `names`, fields of the row of `target` to which `lookup` leads.

    {lookup that leads to a record: (its model, the names of the fields on which the column depends, None for all)}
    """
    shown = {named: (model, {"state"}) for named, model in named_with(target, f"{lookup}__")}
    if owner := getattr(target, "owner", None):  # in whose account alone the ledger has what changes in a part, or moves to it
        shown[f"{lookup}__{owner}"] = (target._meta.get_field(owner).related_model, None)
    if hasattr(target, "State"):
        shown[lookup] = (target, {"state", target.key, *names})
    return shown


def shown_in_rows(lookup, part):
    """As `shown_behind`, for columns that have all the foreign keys of `part`."""
    shown = shown_behind(lookup, part)
    for field in plain_fields(part):
        if field.many_to_one:
            shown |= shown_behind(f"{lookup}__{field.name}", field.related_model)
    return shown


def as_days(values):
    return [value and str(value) for value in values]  # SQLite has text here, PostgreSQL dates


def as_objects(values):
    # PostgreSQL keeps the keys in an order of its own.
    return [dict(sorted(json.loads(value).items())) if value != "{}" else {} for value in values]


# The readers. Each has one or more `columns`, and `needs`: the expressions that it wants of the rows themselves. `read` takes
# the rows' primary keys and a list for each of `needs`, and returns a list for each of `columns`. What else they show than the
# record and its parts `shows` says, as shown_behind does.


class Reader:
    """Whatever shows nothing but the record's own."""

    needs = []
    shows = {}


class Value(Reader):
    """A field's value."""

    def __init__(self, field):
        self.columns = [column_of(field)]
        self.needs = [stored(field)]
        self.convert = {"date": as_days, "object": as_objects}.get(self.columns[0].type, list)

    def read(self, pks, values):
        return [self.convert(values)]


class Permalink(Reader):
    """The record's address."""

    needs = [F("slug")]

    def __init__(self, model, base_url):
        self.columns = [Column("permalink", "string", "The address of its page, which stays.")]
        self.before, self.after = f"{base_url}{model(slug=PLACEHOLDER).permalink}".split(PLACEHOLDER)

    def read(self, pks, slugs):
        return [[f"{self.before}{slug}{self.after}" for slug in slugs]]


class Reference(Reader):
    """The key of the record that a foreign key names, and `also` fields of that record: what it is called, when it was.

    What `published` gives of the record takes the place of these.
    """

    def __init__(self, field, also=(), published=None):
        target = field.related_model
        fields = [target._meta.get_field(name) for name in also]
        self.columns = [column_of(field), *(column_of_that(one, field) for one in fields)]
        self.needs = [F(field.attname)]
        self.published = published or Published(target, target.key, *map(stored, fields))
        self.shows = shown_behind(field.name, target, *also)

    def read(self, pks, ids):
        known, nothing = self.published(ids), [None] * len(self.columns)
        columns = zip(*(known[pk] or nothing for pk in ids), strict=True)
        return [as_days(values) if column.type == "date" else values for column, values in zip(self.columns, columns, strict=True)]


def column_of_that(field, reference):
    """The column of a field of the record that `reference`, a foreign key, names."""
    meaning = f"Of that {reference.related_model._meta.verbose_name}: {column_of(field).meaning}"
    return column_of(field, name=f"{reference.name}_{field.name}", meaning=meaning)


class Keys(Reader):
    """The keys of the records that a many-to-many field names, or what else `published` gives of them; in alphabetical order."""

    def __init__(self, field, published=None):
        self.columns = [column_of(field, type="list")]
        self.source, target = field.m2m_field_name(), field.m2m_reverse_field_name()
        self.links = field.remote_field.through.objects.values_list(f"{self.source}_id", f"{target}_id")
        self.published = published or Published(field.related_model, field.related_model.key)
        self.shows = shown_behind(field.name, field.related_model)

    def read(self, pks):
        links = list(self.links.filter(**{f"{self.source}__in": Among(pks)}))
        known, keys = self.published(target for _, target in links), defaultdict(list)
        for pk, target in links:
            keys[pk] += known[target] or []
        return [[sorted(keys[pk]) if pk in keys else [] for pk in pks]]


class WrittenOut(Reader):
    """What a many-to-many field names that has no key, as an object for each: the passages, with document and quote."""

    def __init__(self, field):
        target = field.related_model
        self.columns = [column_of(field, type="array")]
        self.source, prefix = field.m2m_field_name(), f"{field.m2m_reverse_field_name()}__"
        self.names = [one.name for one in plain_fields(target)]
        paths = [f"{prefix}{one.name}" + (f"__{one.related_model.key}" if one.many_to_one else "") for one in plain_fields(target)]
        links = field.remote_field.through.objects.filter(published_rule(target, prefix))
        self.links = links.order_by(*paths[:-1]).values_list(f"{self.source}_id", *paths)
        self.shows = shown_in_rows(field.name, target)

    def read(self, pks):
        objects = defaultdict(list)
        for pk, *values in self.links.filter(**{f"{self.source}__in": Among(pks)}):
            objects[pk].append(dict(zip(self.names, values, strict=True)))
        return [[objects.get(pk, []) for pk in pks]]


class Rows(Reader):
    """Rows of a list, each by its key, and in parallel lists whom each names, when, and as what; "" is nobody, or not known.

    `accessor` leads to parts of the record itself, or, through a many-to-many field, to those of another.
    """

    def __init__(self, model, accessor):
        relation = model._meta.get_field(accessor)
        part = relation.related_model
        if relation.many_to_many:
            self.source, prefix = relation.m2m_field_name(), f"{relation.m2m_reverse_field_name()}__"
            rows = relation.remote_field.through.objects.filter(published_rule(part, prefix))
        else:
            self.source, prefix, rows = part.owner, "", part.objects.published()
        fields = [part._meta.get_field(part.key), *told_in_lists(part)]
        self.columns = [list_column(accessor, field, relation) for field in fields]
        self.rows = rows.order_by(f"{self.source}_id", f"{prefix}order", f"{prefix}pk").values_list(
            f"{self.source}_id", *(stored(field, prefix) for field in fields)
        )
        self.published = {
            place: Published(field.related_model, field.related_model.key)
            for place, field in enumerate(fields)
            if field.many_to_one
        }
        self.shows = shown_in_rows(accessor, part)
        if relation.one_to_many:
            del self.shows[f"{accessor}__{part.owner}"]  # the record itself

    def read(self, pks):
        found = list(self.rows.filter(**{f"{self.source}__in": Among(pks)}))
        owners, *columns = zip(*found, strict=True) if found else [()] * (1 + len(self.columns))
        for place, published in self.published.items():
            known = published(columns[place])
            columns[place] = [known[pk][0] if pk else "" for pk in columns[place]]  # a public row names nobody who is not
        columns = [[value or "" for value in values] if None in values else values for values in columns]
        places = spans_of(owners)
        spans = [places.get(pk, NOWHERE) for pk in pks]
        return [[values[span] for span in spans] for values in columns]


def spans_of(owners):
    """Where the rows of each owner stand, as slices, in `owners`, a sequence in which equals are neighbours."""
    starts = [place for place, owner in enumerate(owners) if not place or owner != owners[place - 1]]
    return {owners[start]: slice(start, end) for start, end in pairwise([*starts, len(owners)])}


def told_in_lists(part):
    """The fields of `part` that its owner's columns repeat."""
    told = getattr(part, "told_in_lists", ())
    return [
        field
        for field in public_fields(part)
        if field.many_to_one or field.flatchoices or type_of(field) == "edtf" or field.name in told
    ]


def list_column(accessor, field, relation):
    """The column of one field of the rows behind `accessor`."""
    part = relation.related_model
    if field.name != part.key:
        meaning = f"Of each of “{accessor}”, in the same order: {column_of(field).meaning}"
        kind = "array" if field.name in getattr(part, "told_in_lists", ()) else "list"
        return column_of(field, name=f"{accessor}_{field.name}", type=kind, meaning=meaning)
    which = relation.help_text if relation.many_to_many else f"Its {part._meta.verbose_name_plural}, in order."
    kind = "list" if isinstance(field, models.SlugField) else "array"
    return Column(accessor, kind, f"{which} Each by its {field.verbose_name}.")


class Table:
    """The rows of `model` under the columns of `readers`, which show of other records what `shows` says."""

    def __init__(self, model, readers):
        self.readers = readers
        self.shows = {lookup: (target, {"state"}) for lookup, target in named_with(model)}
        if owner := getattr(model, "owner", None):
            self.shows[owner] = (model._meta.get_field(owner).related_model, None)
        for lookup, (target, names) in (item for reader in readers for item in reader.shows.items()):
            _, others = self.shows.get(lookup, (target, set()))
            self.shows[lookup] = (target, None if None in (names, others) else names | others)
        self.columns = [column for reader in readers for column in reader.columns]
        needs = [need for reader in readers for need in reader.needs]
        self.rows = model.objects.published().order_by().values_list("pk", *needs)

    def read(self, pks):
        """Those of `pks` that are published, in their order, and a list of their values for each column."""
        found = {row[0]: row for row in self.rows.filter(pk__in=Among(pks))}
        rows = [found[pk] for pk in pks if pk in found]
        if not rows:
            return [], [[] for _ in self.columns]
        pks, *values = zip(*rows, strict=True)
        values = iter(values)
        return pks, [column for reader in self.readers for column in reader.read(pks, *islice(values, len(reader.needs)))]

    def blocks(self, pks, write):
        """Yields what `write` makes of the columns of some of `pks` after the other, as bytes of about the same length."""
        return in_blocks(pks, lambda some: write(self.read(some)[1]), BLOCK)


def in_blocks(pks, write, length):
    """Yields what `write` makes of some of `pks` after the other, a list of them, as bytes of about that `length`."""
    numbers, size = map(int, pks), FIRST  # the databases do not know numpy's numbers
    while some := list(islice(numbers, size)):
        with garbage_left():
            block = write(some)
        yield block
        size = max(1, min(MOST, 4 * size, len(some) * length // (len(block) + 1)))


def list_table(model, base_url):
    """The table in which a list of `model` is exported: its own fields, who and what it names, and its evidence.

    `base_url` stands before the path of each permalink: https://example.org.
    """
    key, *fields = public_fields(model)
    readers = [Value(key), Permalink(model, base_url)]
    if owner := getattr(model, "owner", None):
        readers.append(Reference(model._meta.get_field(owner), also=told_of_owner(model._meta.get_field(owner).related_model)))
    evidence = [field for field in fields if field.name in LAST]
    readers += [list_reader(model, field) for field in fields if field not in evidence]
    parts = [accessor for accessor in model.parts if not hasattr(model._meta.get_field(accessor).related_model, "State")]
    readers += [Rows(model, accessor) for accessor in parts]  # a record among the parts is in a list of its own
    return Table(model, readers + [list_reader(model, field) for field in evidence])


def list_reader(model, field):
    if field.many_to_one:
        return Reference(field, also=[label_of(field.related_model)])
    if not field.many_to_many:
        return Value(field)
    if hasattr(field.related_model, "by_value"):
        return WrittenOut(field)
    return Rows(model, field.name) if hasattr(field.related_model, "owner") else Keys(field)


def label_of(model):
    """The name of the field that says what a record of `model` is called."""
    names = {field.name for field in model._meta.concrete_fields}
    return next(name for name in LABELS if name in names)


def told_of_owner(model):
    """The fields that every row of a list repeats of its owner of `model`: what it is called and when it was."""
    return [label_of(model), *(name for name in ("date", "date_earliest", "date_latest") if hasattr(model, name))]
