"""Querysets whose SQL is written once in a process: a page asks the same of another record each time.

To write the SQL of one event's page takes the ORM longer than the databases take to answer it, and prefetching asks for it anew
for every relation. A Prepared keeps what the ORM made of a queryset and of its prefetches, and gives the instances that the
queryset would.
"""

import json
from functools import cache
from operator import attrgetter

from django.db import connection, models
from django.db.models import Expression, F, Prefetch
from django.db.models.query import get_related_populators

GIVEN = object()  # stands among the parameters of a query for what is given when it is asked
OWNER = "owner_given"  # which of the given records a row of a many-to-many relation is for


class Given(Expression):
    """What is given later for a column of the kind of `output_field`: one value, or a list of them, in a single parameter."""

    def __init__(self, output_field, several):
        super().__init__(output_field=output_field)
        self.several = several

    def as_postgresql(self, compiler, connection):
        kind = "bigint" if isinstance(self.output_field, models.BigIntegerField) else "text"
        # An array, and not a subquery, tells the planner how few there are. It is compared by "=".
        return (f"ANY(%s::{kind}[])" if self.several else "%s"), [GIVEN]

    def as_sqlite(self, compiler, connection):
        return ("(SELECT value FROM json_each(%s))" if self.several else "%s"), [GIVEN]


class Loaded(list):
    """The rows of a relation, where its manager looks for what was prefetched; it is whole, and can be asked nothing more."""

    def all(self):
        return self


class Prepared:
    """`queryset`, filtered by a `lookup` whose value is given when it is called: Prepared(Event.objects.published(), "slug")("a").

    With a lookup that ends in `__in` it takes several values. Calling it returns a list of instances, with all that the queryset's
    select_related(), annotate() and prefetch_related() add; prefetches go one relation at a time, without "__" in them.
    """

    def __init__(self, queryset, lookup, **annotations):
        self.queryset, self.annotations = queryset, annotations
        self.name, self.several = lookup.removesuffix("__in"), lookup.endswith("__in")
        self.relations = [Relation(queryset.model, prefetch) for prefetch in queryset._prefetch_related_lookups]
        self.statements = {}  # by the kind of database

    def __call__(self, given):
        if self.several and not given:
            return []
        found = self.read(self.statement(), in_parameter(given) if self.several else given)
        if found:
            for relation in self.relations:
                relation.load(found)
        return found

    def read(self, statement, given):
        return statement.instances(given)

    def statement(self):
        """The Statement for this kind of database."""
        if connection.vendor not in self.statements:
            self.statements[connection.vendor] = Statement(self.filtered())
        return self.statements[connection.vendor]

    def filtered(self):
        """The queryset with its filter, as this kind of database wants it."""
        given = Given(column_behind(self.queryset.model, self.name), self.several)
        lookup = f"{self.name}__in" if self.several and connection.vendor == "sqlite" else self.name
        # In this order an annotation along the lookup's relation is about the very row that the lookup has found.
        return self.queryset.filter(**{lookup: given}).annotate(**self.annotations)


class PreparedRows(Prepared):
    """As Prepared, of a values_list(): gives its tuples."""

    def read(self, statement, given):
        return statement.rows(given)


def column_behind(model, lookup):
    """The field whose column `lookup`, a field's or a relation's name, compares."""
    field = model._meta.pk if lookup == "pk" else model._meta.get_field(lookup)
    return models.BigIntegerField() if field.is_relation or field.primary_key else field


def in_parameter(values):
    return json.dumps(list(values)) if connection.vendor == "sqlite" else list(values)


class Statement:
    """The SQL of a queryset, and how its rows become instances: what django.db.models.query.ModelIterable works out each time."""

    def __init__(self, queryset):
        compiler = self.compiler = queryset.query.get_compiler(connection=connection)
        sql, self.params = compiler.as_sql()
        self.sql = sql.replace("(ANY(%s::", "ANY((%s::")  # Django puts brackets around it, PostgreSQL takes none
        self.converters = compiler.get_converters([column for column, *_ in compiler.select])
        if compiler.klass_info:
            columns = compiler.klass_info["select_fields"]
            self.model, self.columns = compiler.klass_info["model"], slice(columns[0], columns[-1] + 1)
            self.names = [column.target.attname for column, *_ in compiler.select[self.columns]]
            self.related = get_related_populators(compiler.klass_info, compiler.select, connection.alias)
            self.annotations = list(compiler.annotation_col_map.items())

    def rows(self, given):
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [given if param is GIVEN else param for param in self.params])
            rows = cursor.fetchall()
        return list(self.compiler.apply_converters(rows, self.converters)) if self.converters and rows else rows

    def instances(self, given):
        alias = connection.alias
        return [self.instance(alias, row) for row in self.rows(given)]

    def instance(self, alias, row):
        one = self.model.from_db(alias, self.names, row[self.columns])
        for populator in self.related:
            populator.populate(row, one)
        for name, column in self.annotations:
            setattr(one, name, row[column])
        return one


class Relation:
    """One prefetched relation of `model`, as a Prefetch or its name."""

    def __init__(self, model, prefetch):
        prefetch = prefetch if isinstance(prefetch, Prefetch) else Prefetch(prefetch)
        self.name, self.as_list = prefetch.prefetch_through, prefetch.to_attr != prefetch.prefetch_through and prefetch.to_attr
        field = model._meta.get_field(self.name)
        rows = field.related_model._default_manager.all() if prefetch.queryset is None else prefetch.queryset
        if field.one_to_many:
            self.owner, self.owner_of = field.field, attrgetter(field.field.attname)
            self.rows = Prepared(rows, f"{self.owner.name}__in")
        else:
            self.owner, self.owner_of = None, attrgetter(OWNER)  # a row is nobody's own, and is there for each that has it
            back = field.field.name if field.auto_created else field.related_query_name()
            self.rows = Prepared(rows, f"{back}__in", **{OWNER: F(back)})

    def load(self, instances):
        """Gives every one of `instances` its rows."""
        owners, found = {one.pk: one for one in instances}, {}
        for row in self.rows(owners):
            owner = self.owner_of(row)
            found.setdefault(owner, Loaded()).append(row)
            if self.owner:
                self.owner.set_cached_value(row, owners[owner])
        for one in instances:
            rows = found.get(one.pk) or Loaded()
            if self.as_list:
                setattr(one, self.as_list, rows)
            else:
                one.__dict__.setdefault("_prefetched_objects_cache", {})[self.name] = rows


@cache
def page_of(model):
    """The Prepared of published records of `model` with all that their page shows, by their slug."""
    return Prepared(model.objects.published().for_page(), "slug")


@cache
def list_of(model, whole):
    rows = model.objects.published().for_list()
    return Prepared(rows.defer(None) if whole else rows, "pk__in")


def listed(model, pks, whole=False):
    """The published ones of the records `pks` of `model`, in their order, with all that a row of a list shows.

    `whole` ones have the columns, too, that a list does without.
    """
    records = {record.pk: record for record in list_of(model, whole)(pks)}
    return [records[pk] for pk in pks if pk in records]
