"""Facets: what the records of a list can be narrowed by, each declared once, in the list's FilterSet.

A facet is the values that a record has at the end of one or several paths of lookups, as far as the public may see them:
`Facet("participations__person")` is everybody with a public row at a public event. `rule` says what that means to the ORM, and is
the reference; `index` reads the same paths into bitmaps.
"""

from django.db.models import Case, CharField, F, Q, When
from django.db.models.functions import Cast

from archive.core.querysets import overlap_rule, published_rule, records_asked_for


class Facet:
    """The values at the ends of `paths`; `only` (lookup -> values) leaves out rows of a relation on the way.

    Facet("host_country", "participations__country", only={"participations__role": ["speaker"]})
    """

    def __init__(self, *paths, only=None):
        self.paths = paths
        self.only = only or {}

    def __deepcopy__(self, memo):
        return self  # a FilterSet copies its filters for each request, and this never changes

    def rule(self, model, values):
        """The Q for records of `model` that have any of `values`, public ones."""
        found = Q(pk__in=[])
        for path in self.paths:
            rows = model._base_manager.filter(path_rule(model, path), self.condition(model, path), **{f"{path}__in": values})
            found |= Q(pk__in=rows.values("pk"))
        return found

    def condition(self, model, path):
        """The Q of `only`, as far as it is about the relation that `path` takes."""
        relation = relation_of(model, path)
        mine = {lookup: values for lookup, values in self.only.items() if relation_of(model, lookup) == relation}
        return Q(**{f"{lookup}__in": values for lookup, values in mine.items()})

    def values(self, chosen):
        """`chosen` (records, or values as they are) as the values that the paths end in."""
        return [getattr(one, "pk", one) for one in chosen]


class Years(Facet):
    """The years that a dated record may touch; `dated` is the lookup to what has the date, empty for the record itself."""

    def __init__(self, dated=""):
        prefix = f"{dated}__" if dated else ""
        super().__init__(f"{prefix}date_earliest", f"{prefix}date_latest")
        self.prefix = prefix

    def rule(self, model, values):
        return overlap_rule(*values, self.prefix)

    def values(self, chosen):
        return chosen


# The index has such a date as a span: one number for its first and its last year, alone or in an array.


def span(first, last):
    return first * 10_000 + last


def years_of(span):
    """The first and the last year of a span."""
    return span // 10_000, span % 10_000


def touches(span, years):
    """Whether a span has a year in common with `years`, a pair."""
    first, last = years_of(span)
    return (first <= years[1]) & (last >= years[0])


def steps(model, path):
    """(lookup so far, field) for each step of `path`, which may end in a column or in a relation."""
    names = path.split("__")
    for number, name in enumerate(names, 1):
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        yield "__".join(names[:number]), field
        model = field.related_model


def relation_of(model, path):
    """The part of `path` behind which a record may have several rows: "participations" of "participations__person"."""
    several = [lookup for lookup, field in steps(model, path) if field.one_to_many or field.many_to_many]
    return several[-1] if several else ""


def path_rule(model, path):
    """The Q for "everything on the way along `path` is public"."""
    rule = Q()
    for lookup, field in steps(model, path):
        if field.is_relation:
            rule &= published_rule(field.related_model, f"{lookup}__")
    return rule


def last_field(model, path):
    return list(steps(model, path))[-1][1]


def column(model, path):
    """The expression that reads the end of `path`: a date as ISO text, a record only where it is public."""
    field = last_field(model, path)
    if field.get_internal_type() == "DateField":
        return Cast(path, CharField())  # numpy reads a million of these faster than Python makes them dates
    if field.is_relation and not relation_of(model, path):
        return Case(When(path_rule(model, path), then=F(path)))
    return F(path)


def rows_of(model, relation, paths):
    """(pk, value, …) of the public records of `model`, a row for each row of `relation`, with what `paths` lead to.

    Rows come in no order, and may repeat.
    """
    # In one call, so that the rule and the values are about the same row of the relation.
    rule = path_rule(model, relation) if relation else Q()
    records = model._base_manager.filter(published_rule(model), rule)
    names = {f"value_{number}": column(model, path) for number, path in enumerate(paths)}
    return records.order_by().annotate(**names).values_list("pk", *names)


def behind(model, lookup, records):
    """The rows of `model` from which `lookup` leads to any of `records`, perhaps several times.

    Step by step: of a join, and of DISTINCT, SQLite makes a search through the whole table.
    """
    first, _, rest = lookup.partition("__")
    if rest:
        records = behind(model._meta.get_field(first).related_model, rest, records).values("pk")
    return model._base_manager.filter(**{f"{first}__in": records}).order_by()


def dependencies(model, paths):
    """Which other records the facets of `model` depend on: {record model: (lookups that lead to it, whether its columns are read)}.

    When such a record becomes public, or no longer is, or has columns that are read and changes, the records of `model` behind
    those lookups have to be read again.
    """
    found = {}

    def note(target, lookup, is_read=False):
        if target is not model:
            lookups, was_read = found.get(target, (set(), False))
            found[target] = (lookups | {lookup}, was_read or is_read)

    for lookup, target in named_with(model):
        note(target, lookup)
    for path in paths:
        for lookup, field in steps(model, path):
            if not field.is_relation:
                continue
            is_read = not relation_of(model, path) and path not in (lookup, f"{lookup}__pk")
            if hasattr(field.related_model, "State"):
                note(field.related_model, lookup, is_read)
            for named, target in named_with(field.related_model, f"{lookup}__"):
                note(target, named)
    return found


def named_with(model, prefix=""):
    """(lookup, model) of every record that must be public for a row of `model` to be: what published_rule asks for."""
    for field in records_asked_for(model):
        yield f"{prefix}{field.name}", field.related_model
        yield from named_with(field.related_model, f"{prefix}{field.name}__")
