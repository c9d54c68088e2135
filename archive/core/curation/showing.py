"""Plain forms and their differences in words: choices by their labels, references by what they name, rows by what they are."""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db.models import TextField

from archive.core.curation.wording import between, cut
from archive.core.difference import Change, changes, fields_of, label, part_models

MOST = 200  # places that a list of differences shows of one record
LONG = 60  # characters from which two values are compared word by word


@dataclass
class Line:
    """A field and what became of it: [(tag, text)], tag "del", "ins" or ""; `running` where the texts are pieces of one."""

    label: str
    pieces: list
    running: bool = False


@dataclass
class Group:
    """The lines of one row, or of the record itself, which has no heading; `what` is "added" or "removed" of a whole row."""

    heading: str = ""
    what: str = ""
    lines: list = field(default_factory=list)


@dataclass
class Shown:
    """A difference in words: `total` places, and their groups, or none when they are `too_many` for a list."""

    total: int
    groups: list
    too_many: bool = False


@dataclass
class Difference:
    """What leads from one plain form of a record of `model` to another; from None, the `whole` of it."""

    model: type
    before: dict | None
    after: dict | None
    found: list = field(init=False)

    def __post_init__(self):
        self.found = changes(self.model, self.before, self.after)

    @property
    def whole(self):
        return self.before is None or self.after is None

    def row(self, accessor, key):
        """(before, after) of a part; None where it is not there."""
        key_field = part_models(self.model)[accessor].key
        rows = [next((row for row in (plain or {}).get(accessor, []) if row[key_field] == key), None) for plain in self.plains]
        return tuple(rows)

    @property
    def plains(self):
        return self.before, self.after

    def references(self):
        """(model, key) of all that has to be named to show it."""
        rows = set()
        for change in self.found:
            model_field = field_at(self.model, change.place)
            if model_field is not None:
                yield from references(model_field, change.before)
                yield from references(model_field, change.after)
            if len(change.place) > 1:
                rows.add(change.place[:2])
        for accessor, part in part_models(self.model).items():
            needed = {key for name, key in rows if name == accessor} | set(self.siblings_named(part))
            for plain in self.plains:
                for row in (plain or {}).get(accessor, []):
                    if row[part.key] in needed:
                        yield from row_references(part, row)

    def siblings_named(self, part):
        """The keys of the rows of `part` that other changed places refer to, or whose order changed."""
        for change in self.found:
            model_field = field_at(self.model, change.place)
            if model_field is None and len(change.place) == 1 and part_models(self.model).get(change.place[0]) is part:
                yield from [*(change.before or []), *(change.after or [])]
            elif model_field is not None and model_field.related_model is part:
                for value in (change.before, change.after):
                    yield from value if isinstance(value, list) else [value]


def field_at(model, place):
    """The field at a place of a plain form of `model`; None for a list of parts, or for what the model no longer has."""
    name, *rest = place
    if name in fields_of(model):
        return fields_of(model)[name]
    part = part_models(model).get(name)
    return field_at(part, tuple(rest[1:])) if part and len(rest) > 1 else None


def is_sibling(target):
    return hasattr(target, "owner") and not hasattr(target, "by_value")


def references(model_field, value):
    """(model, key) of what a value of a field refers to, but for other parts of the same record."""
    target = model_field.related_model
    if target is None or is_sibling(target):
        return
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield target, one
        elif isinstance(one, dict):
            yield from ((part.related_model, one.get(part.name)) for part in target._meta.concrete_fields if part.many_to_one)


def row_references(model, row):
    """(model, key) of what the row of a plain form names itself by."""
    for name, model_field in fields_of(model).items():
        if model_field.many_to_one:
            yield from references(model_field, row.get(name))


class Names:
    """What references are called: the records themselves where they are still there, asked for once for each kind."""

    def __init__(self, wanted, siblings=None):
        self.siblings = siblings or {}  # (model, key) -> words, of rows that the plain forms do not have
        self.records = {}
        keys = defaultdict(set)
        for model, key in wanted:
            keys[model].add(key)
        for model, some in keys.items():
            long = [model_field.name for model_field in model._meta.concrete_fields if isinstance(model_field, TextField)]
            for record in model._base_manager.defer(*long).filter(**{f"{model.key}__in": [key for key in some if key]}):
                self.records[model, getattr(record, model.key)] = record

    @classmethod
    def of(cls, differences, siblings=None):
        return cls((pair for difference in differences for pair in difference.references()), siblings)

    def record(self, model, key):
        return str(self.records.get((model, key), key))

    def row(self, model, row):
        """What a row of a plain form calls itself; its key where it names what is gone."""
        instance = model()
        for name, model_field in fields_of(model).items():
            value = row.get(name)
            if value is None or model_field.many_to_many or (model_field.many_to_one and is_sibling(model_field.related_model)):
                continue
            if model_field.many_to_one:
                if (value := self.records.get((model_field.related_model, value))) is None:
                    return row[model.key]
            else:
                try:
                    value = model_field.to_python(value)
                except ValidationError:
                    continue
            setattr(instance, name, value)
        return str(instance) or row[model.key]


def title_of(model, plain):
    """What a record calls itself in its plain form."""
    return Names(row_references(model, plain)).row(model, plain)


def show(difference, names, headings=None, most=MOST):
    """The Shown of a Difference; `headings` are words for the lists of parts."""
    if len(difference.found) > most:
        return Shown(len(difference.found), [], too_many=True)
    groups = {}
    for change in difference.found:
        key = change.place[:2] if len(change.place) > 1 else ()
        if key not in groups:
            groups[key] = group_of(difference, names, headings or {}, key)
        if line := line_of(difference, names, headings or {}, change):
            groups[key].lines.append(line)
    return Shown(len(difference.found), [group for group in groups.values() if group.lines])


def group_of(difference, names, headings, key):
    if not key:
        return Group()
    accessor, row_key = key
    before, after = difference.row(accessor, row_key)
    what = "" if difference.whole or (before and after) else "added" if after else "removed"
    part = part_models(difference.model).get(accessor)
    return Group(f"{heading(headings, accessor)} › {names.row(part, after or before)}", what)


def heading(headings, accessor):
    return headings.get(accessor) or accessor.replace("_", " ").capitalize()


def line_of(difference, names, headings, change):
    model_field = field_at(difference.model, change.place)
    if model_field is None and len(change.place) == 1 and change.place[0] in part_models(difference.model):
        return order_line(difference, names, headings, change)
    place = change.place[2:] or change.place
    model = part_models(difference.model)[change.place[0]] if len(change.place) > 1 else difference.model
    pieces, running = pieces_of(difference, names, model_field, with_defaults(difference, model_field, change))
    if difference.whole:
        pieces = [("", text) for tag, text in pieces if tag]
    return Line(label(model, place), pieces, running and not difference.whole)


def with_defaults(difference, model_field, change):
    """`change` with the value of a field at its default, which a plain form leaves out."""
    if model_field is None or not model_field.has_default():
        return change
    there = difference.plains if len(change.place) == 1 else difference.row(*change.place[:2])
    values = (change.before, change.after)
    default = model_field.get_default()
    old, new = (default if plain and value is None else value for plain, value in zip(there, values, strict=True))
    return Change(change.place, old, new)


def order_line(difference, names, headings, change):
    """The order of a list of rows, where those that stay have changed theirs."""
    old, new = change.before or [], change.after or []
    if [key for key in old if key in new] == [key for key in new if key in old]:
        return None
    words = [", ".join(row_words(difference, names, change.place[0], key) for key in keys) for keys in (old, new)]
    return Line(f"{heading(headings, change.place[0])} (order)", [("del", words[0]), ("", "→"), ("ins", words[1])])


def row_words(difference, names, accessor, key):
    before, after = difference.row(accessor, key)
    row = after or before
    return names.row(part_models(difference.model)[accessor], row) if row else key


def pieces_of(difference, names, model_field, change):
    """([(tag, text)], whether they are pieces of one text) of a Change of one field."""
    many = [value for value in (change.before, change.after) if isinstance(value, (list, dict))]
    if many:
        old, new = (items(value) for value in (change.before, change.after))
        gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
        say = [("del", one) for one in gone] + [("ins", one) for one in come]
        return [(tag, in_words(difference, names, model_field, one)) for tag, one in say], False
    old, new = (in_words(difference, names, model_field, value) for value in (change.before, change.after))
    if old == new:  # two that are called the same
        old, new = str(change.before), str(change.after)
    if old and new and len(old) + len(new) > LONG and " " in old and " " in new and not getattr(model_field, "related_model", None):
        return between(old, new), True
    pieces = [("del", old), ("", "→"), ("ins", new)]
    return [piece for piece in pieces if piece[1]] if old and new else [
        piece for piece in (pieces[0], pieces[2]) if piece[1]
    ], False


def items(value):
    if isinstance(value, dict):
        return [f"{key}: {one}" for key, one in value.items()]
    return value or []


def in_words(difference, names, model_field, value):
    """One value of a field as a reader would say it."""
    if value in (None, ""):
        return ""
    target = getattr(model_field, "related_model", None)
    if isinstance(value, dict) and hasattr(target, "plain_in_words"):
        return target.plain_in_words(value, names.record)
    if target is not None and isinstance(value, str):
        return sibling_words(difference, names, target, value) if is_sibling(target) else names.record(target, value)
    if model_field is None or isinstance(value, dict):
        return cut(str(value))
    words = dict(model_field.flatchoices).get(value, value)
    with suppress(ValidationError):  # what was allowed once
        words = getattr(model_field.to_python(value), "words", words)
    return str(words)


def sibling_words(difference, names, target, key):
    for accessor, part in part_models(difference.model).items():
        if part is target:
            return row_words(difference, names, accessor, key)
    return names.siblings.get((target, key), key)
