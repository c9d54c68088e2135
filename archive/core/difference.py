"""What differs between two plain forms of a record, and how two changes of the same one become one.

A plain form is compared place by place. A place is a path: ("title",) is a field, ("agenda",) the order of a list of parts by
their keys, ("agenda", "the-price") one part as a whole, and ("agenda", "the-price", "text") a field of it. Fields of many values
(topics, passages) are sets: their order says nothing.
"""

from dataclasses import dataclass, field
from functools import cache

from archive.core.plain import plain_fields


@dataclass(frozen=True)
class Change:
    """At `place`, what was `before` is `after`; None where there is nothing."""

    place: tuple
    before: object
    after: object


@dataclass(frozen=True)
class Clash:
    """A place that two people changed, each otherwise: what stood there before, what they and what I would have there."""

    place: tuple
    before: object
    theirs: object
    mine: object


@dataclass
class Merged:
    """The plain form that two changes make together, and the clashes in which somebody has to choose."""

    plain: dict
    clashes: list = field(default_factory=list)


@cache
def part_models(model):
    """{accessor: model} of the parts of `model`, in order."""
    return {accessor: model._meta.get_field(accessor).related_model for accessor in model.parts}


@cache
def fields_of(model):
    return {model_field.name: model_field for model_field in plain_fields(model)}


def flat(model, plain):
    """`plain` (None is an empty one) as {place: value}: a row's own place is not among them, nor is a list without rows."""
    plain, places = plain or {}, {}
    for name, model_field in fields_of(model).items():
        if name in plain:
            places[name,] = in_order(plain[name]) if model_field.many_to_many else plain[name]
    for accessor, part in part_models(model).items():
        if rows := plain.get(accessor):
            places[accessor,] = [row[part.key] for row in rows]
            for row in rows:
                places |= {(accessor, row[part.key], *place): value for place, value in flat(part, row).items()}
    return places


def in_order(values):
    return sorted(values, key=repr)


def changes(model, before, after):
    """The Changes that lead from one plain form of a record of `model` to another, in the order of its form."""
    old, new = flat(model, before), flat(model, after)
    places = [*new, *(place for place in old if place not in new)]
    found = [Change(place, old.get(place), new.get(place)) for place in places if old.get(place) != new.get(place)]
    return sorted(found, key=lambda change: in_form(model, change.place))  # stable: rows stay as they come


def in_form(model, place):
    """Where a place stands in the form of `model`."""
    names = [*fields_of(model), *model.parts]
    return (names.index(place[0]) if place[0] in names else len(names)), len(place) > 1


def merged(model, base, theirs, mine, chosen=None):
    """The Merged of two changes of `base`: plain forms `theirs`, which is there already, and `mine`, which shall be.

    What only one of them changed is as that one has it. Where both changed the same otherwise, `chosen` ({place: "theirs" or
    "mine"}) decides; a clash that it does not name is as `mine` has it, and is among the clashes.
    """
    chosen, clashes = chosen or {}, []

    def decide(place, before, their, my):
        if place not in chosen:
            clashes.append(Clash(place, before, their, my))
        return their if chosen.get(place) == "theirs" else my

    return Merged(merge_record(model, (base or {}, theirs or {}, mine or {}), (), decide), clashes)


def merge_record(model, three, at, decide):
    plain = {}
    for name, model_field in fields_of(model).items():
        merge = merge_sets if model_field.many_to_many else merge_values
        value = merge([one.get(name) for one in three], (*at, name), decide)
        if value not in (None, []):
            plain[name] = value
    for accessor, part in part_models(model).items():
        if rows := merge_rows(part, [one.get(accessor, []) for one in three], (*at, accessor), decide):
            plain[accessor] = rows
    return plain


def merge_values(three, place, decide):
    base, theirs, mine = three
    if theirs == mine or mine == base:
        return theirs
    return mine if theirs == base else decide(place, base, theirs, mine)


def merge_sets(three, place, decide):
    """What both have, and what either has added."""
    base, theirs, mine = (values or [] for values in three)
    kept = [value for value in mine if value in theirs or value not in base]
    return kept + [value for value in theirs if value not in mine and value not in base]


def merge_rows(model, three, place, decide):
    """The rows that both have, and that either has added; one that either has removed only where the other left it as it was."""
    base, theirs, mine = ({row[model.key]: row for row in rows} for rows in three)
    rows = {}
    for key in merge_orders(list(base), list(theirs), list(mine)):
        before, their, my = base.get(key), theirs.get(key), mine.get(key)
        if their is None or my is None:
            row = merge_values([before, their, my], (*place, key), decide)
        else:
            row = merge_record(model, (before or {}, their, my), (*place, key), decide)
        if row is not None:
            rows[key] = row
    return list(rows.values())


def merge_orders(base, theirs, mine):
    """All keys of the two lists: in my order if I moved any of them, else in theirs; each further key behind its neighbour."""
    moved = [key for key in mine if key in base] != [key for key in base if key in mine]
    first, second = (mine, theirs) if moved else (theirs, mine)
    keys = list(first)
    for number, key in enumerate(second):
        if key not in keys:
            keys.insert(keys.index(second[number - 1]) + 1 if number else 0, key)
    return keys


def label(model, place):
    """A place in words: "Participants › firefly › Capacity"."""
    names = fields_of(model)
    name, *rest = place
    if name in names:
        return str(names[name].verbose_name).capitalize()
    part = part_models(model).get(name)
    if part is None:  # a field that the model no longer has
        return name.replace("_", " ").capitalize()
    words = name.replace("_", " ").capitalize()
    if not rest:
        return words if len(place) > 1 else f"{words} (order)"
    key, *inner = rest
    return " › ".join(filter(None, [words, str(key), label(part, tuple(inner)) if inner else ""]))
