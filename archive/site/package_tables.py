"""The tables of the data package: what each has as columns, and what identifies and links their rows.

Each model is a table, and so is each many-to-many relation. What refers to a row does so in one column, by the row's key.
"""

from array import array
from collections import defaultdict
from itertools import islice

from django.db import connection
from django.db.models import F
from django.db.models.functions import Collate
from django.utils.text import slugify
from pyroaring import BitMap

from archive.core.among import Among
from archive.core.columns import MOST, Column, Keys, Published, Reader, Reference, Value, column_of, public_fields
from archive.core.columns import Table as Reading
from archive.core.exports import as_text, csv_lines
from archive.site.records import MODELS
from archive.sources.models import Passage

# What identifies a row. A record has a key; a part is named within its owner, and a passage by its place in its document, as
# they are in the addresses of pages.


def owner_of(model):
    """The name of the foreign key to the record that a row of `model` cannot be named without, or None."""
    if model is Passage:
        return "document"
    return None if hasattr(model, "State") else model.owner


def key_of(model):
    """The name of the column that identifies a row of `model`."""
    return "id" if owner_of(model) else model.key


def identity(model):
    """(lookups, template) of the text that identifies a row of `model`."""
    if model is Passage:
        return ["document__slug", "start", "end"], "{}#char={},{}"
    if owner := owner_of(model):
        return [f"{owner}__{model._meta.get_field(owner).related_model.key}", model.key], "{}/{}"
    return [model.key], "{}"


class Identified(Published):
    """What identifies the published rows of `model`, by primary key; None for those that the public may not see."""

    def __init__(self, model):
        lookups, self.template = identity(model)
        super().__init__(model, *lookups)
        self.met = BitMap()

    def value(self, pk, values):
        self.met.add(pk)
        return [self.template.format(*values)]


# The readers of what only the package has; see columns.Table.


class Identity(Reader):
    """What identifies a row."""

    def __init__(self, model):
        lookups, self.template = identity(model)
        kind = model._meta.verbose_name
        self.columns = [Column("id", "string", f"What other tables name the {kind} by: “{self.template.format(*lookups)}”.")]
        self.needs = [F(lookup) for lookup in lookups]

    def read(self, pks, *values):
        return [[self.template.format(*row) for row in zip(*values, strict=True)]]


class Place(Reader):
    """The place of a row among its owner's public ones, which have to be read one after the other."""

    def __init__(self, model):
        meaning = f"Its place among the {model._meta.verbose_name_plural} of the {model.owner}, from 1."
        self.columns = [Column("order", "integer", meaning)]
        self.needs = [F(f"{model.owner}_id")]
        self.owner, self.place = None, 0

    def read(self, pks, owners):
        places = []
        for owner in owners:
            self.place = self.place + 1 if owner == self.owner else 1
            self.owner = owner
            places.append(self.place)
        return [places]


def reference(field):
    """The reader of a foreign key as one column."""
    target = field.related_model
    reader = Reference(field, published=Identified(target))
    meaning = f"{field.help_text or str(field.verbose_name).capitalize() + '.'} The {key_of(target)} in “{table_name(target)}”."
    reader.columns = [column_of(field, meaning=meaning)]
    return reader


# The tables


def table_name(model):
    return slugify(str(model._meta.verbose_name_plural))


def column_name(model):
    return slugify(model._meta.verbose_name).replace("-", "_")


class RowTable:
    """The table of the published rows of `model`. `references` are the models that columns name, by column."""

    def __init__(self, model):
        self.model, self.name, self.key = model, table_name(model), [key_of(model)]
        self.description = "" if model.__doc__.startswith(f"{model.__name__}(") else " ".join(model.__doc__.split())
        fields = [field for field in public_fields(model) if not field.many_to_many]
        readers = [reference(field) if field.many_to_one else Value(field) for field in fields]
        if owner := getattr(model, "owner", None):
            fields.append(model._meta.get_field(owner))
            behind_key = int(hasattr(model, "State"))
            readers[behind_key:behind_key] = [reference(fields[-1]), Place(model)]
        if owner_of(model):
            readers.insert(0, Identity(model))
        self.fields = {field.name: field for field in fields}
        self.references = {field.name: field.related_model for field in fields if field.many_to_one}
        self.reading = Reading(model, readers)
        self.columns = self.reading.columns

    def blocks(self, quoted):
        """Yields the rows as CSV. `quoted` holds the passages that other tables name: a draft's evidence shows nowhere."""
        pks = public_pks(self.model)
        if self.model is Passage:
            pks = filter(quoted.__contains__, pks)
        return self.reading.blocks(pks, lambda values: csv_lines(map(as_text, self.columns, values)))


class LinkTable:
    """The table of the many-to-many `field` of `model`: a row for each pair."""

    def __init__(self, model, field):
        self.model, self.field = model, field
        self.name, self.description = f"{slugify(model._meta.verbose_name)}-{field.name}", str(field.help_text)
        self.references = {column_name(one): one for one in (model, field.related_model)}
        self.columns = [
            Column(name, "string", f"The {key_of(one)} in “{table_name(one)}”.") for name, one in self.references.items()
        ]
        self.key, self.fields = list(self.references), {}

    def blocks(self, quoted):
        """Yields the rows as CSV, and adds the passages among them to `quoted`."""
        keys = Keys(self.field, Identified(self.field.related_model))
        source = Identity(self.model) if owner_of(self.model) else Value(self.model._meta.get_field(self.model.key))
        yield from Reading(self.model, [source, keys]).blocks(public_pks(self.model), write_pairs)
        if self.field.related_model is Passage:
            quoted |= keys.published.met


def write_pairs(columns):
    pairs = [(source, target) for source, targets in zip(*columns, strict=True) for target in targets]
    return csv_lines(zip(*pairs, strict=True)) if pairs else b""


def tables():
    """Every table. Passages are last: which of them are public is known when all that rests on them has been read."""
    rows = [model for model in MODELS if model is not Passage]
    links = [LinkTable(model, field) for model in rows for field in model._meta.many_to_many]
    return [*map(RowTable, rows), *links, RowTable(Passage)]


def path_of(table):
    """Where the table's file is in the package."""
    return f"data/{table.name}.csv"


def public_pks(model):
    """The primary keys of the published rows of `model`: records by key, the same in every database; others by owner, in order."""
    owner = "document" if model is Passage else getattr(model, "owner", None)
    if not owner:
        by_code_point = Collate(F(model.key), "C" if connection.vendor == "postgresql" else "BINARY")
        yield from array("q", model.objects.published().order_by(by_code_point).values_list("pk", flat=True).iterator())
        return
    order = ["start", "end"] if model is Passage else ["order", "pk"]
    owners = public_pks(model._meta.get_field(owner).related_model)
    while some := list(islice(owners, MOST)):
        rows = defaultdict(list)
        for pk, row in model.objects.published().filter(**{f"{owner}__in": Among(some)}).order_by(*order).values_list(owner, "pk"):
            rows[pk].append(row)
        for pk in some:
            yield from rows[pk]
