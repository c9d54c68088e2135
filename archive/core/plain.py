"""The plain form: a record with everything it owns as dicts, lists, strings and numbers.

The YAML in fixtures/records/ is written in it, and whatever else reads, keeps, compares or restores a record uses it too.
The rules, which `to_plain` and `from_plain` share:

- A record is a dict of its fields; a field at its default is left out.
- A reference is the key of what it names: a slug, a country's code, or, for a part of the same record, that part's slug.
- What a model names in `parts` is a list of dicts in order; the part's link to its owner and its number go without saying.
- A model that is `by_value` (a passage) is written out instead of named; it says how in its own to_plain and from_plain.

`to_plain(save(from_plain(model, plain)))` is `plain`, but for what saving fills in (a row's slug, a person's sort name) and the
order of what is a set (topics, passages).
"""

import difflib
from dataclasses import dataclass, field
from functools import cache

from django.core.exceptions import ValidationError
from django.db import models, transaction

from archive.core.addresses import leads_to

SCALAR = (str, int, float)
LAST = ("passages", "supplied")  # evidence reads best behind what it is evidence for


class PlainError(ValueError):
    """What is wrong with a plain form: `problems` is a list of (place, sentence)."""

    def __init__(self, problems):
        self.problems = problems
        super().__init__("\n".join(f"{place}: {sentence}" if place else sentence for place, sentence in problems))


@dataclass
class Draft:
    """A record read from its plain form and checked, not saved: the instance, its many-to-many values and its parts."""

    instance: models.Model
    related: dict = field(default_factory=dict)  # many-to-many field name -> instances
    parts: dict = field(default_factory=dict)  # accessor -> drafts, in order
    stays: bool = False  # a part that is saved just so already, and need not be written

    def walk(self):
        """This draft and those of its parts, owners first."""
        yield self
        for drafts in self.parts.values():
            for draft in drafts:
                yield from draft.walk()


@cache
def plain_fields(model):
    """The fields of `model` that its plain form has, in its order: no primary keys, owners, numbers or derived columns."""
    fields = [
        field
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many)
        if field.editable and field.serialize and field.name not in (getattr(model, "owner", None), "order")
    ]
    return sorted(fields, key=lambda field: field.name in LAST)


# Record to plain


def to_plain(record):
    """The plain form of `record` and its parts. Prefetch its relations to write many."""
    rows = {accessor: [to_plain(part) for part in getattr(record, accessor).all()] for accessor in record.parts}
    return write_plain(record, lambda name: getattr(record, name).all(), rows)


def draft_to_plain(draft):
    """The plain form that the record of `draft` will have when it is saved."""
    rows = {accessor: [draft_to_plain(part) for part in parts] for accessor, parts in draft.parts.items()}
    return write_plain(draft.instance, lambda name: draft.related.get(name, []), rows)


def write_plain(record, related, rows):
    plain = {}
    for model_field in plain_fields(type(record)):
        name = model_field.name
        value = [*map(reference, related(name))] if model_field.many_to_many else value_to_plain(record, model_field)
        if value not in (None, "", [], {}) and not is_default(model_field, value):
            plain[name] = value
    return plain | {accessor: parts for accessor, parts in rows.items() if parts}


def value_to_plain(record, model_field):
    value = getattr(record, model_field.name)
    if model_field.many_to_one:
        return value and reference(value)
    return value if isinstance(value, (int, float, dict)) else value and model_field.value_to_string(record)


def reference(target):
    return target.to_plain() if hasattr(target, "by_value") else getattr(target, target.key)


def is_default(model_field, value):
    return model_field.has_default() and value == model_field.get_default()


def with_plain(queryset):
    """`queryset` with everything loaded that its records' plain forms need, in as many queries for many as for one."""
    fields = plain_fields(queryset.model)
    parts = [(accessor, queryset.model._meta.get_field(accessor).related_model) for accessor in queryset.model.parts]
    return queryset.select_related(*[field.name for field in fields if field.many_to_one]).prefetch_related(
        *[lookup for field in fields if field.many_to_many for lookup in reference_lookups(field)],
        *[models.Prefetch(accessor, with_plain(part._default_manager.all())) for accessor, part in parts],
    )


def reference_lookups(model_field):
    """What to prefetch so that the targets of a many-to-many field can be written as references."""
    target = model_field.related_model
    if not hasattr(target, "by_value"):
        return [model_field.name]
    return [f"{model_field.name}__{field.name}" for field in target._meta.concrete_fields if field.many_to_one]


# Plain to record


def find_in_database(model, key):
    """The saved record of `model` that `key` names, or None."""
    return model.objects.filter(**{model.key: key}).first()


def from_plain(model, plain, lookup=find_in_database, instance=None):
    """The Draft that `plain` describes: of `instance`, or of the saved record with its key, or of a new one.

    `lookup(model, key)` finds what is referred to, None where there is nothing. Raises PlainError, which names every problem
    by its place, when a key is unknown, a value is no value of its field, or a reference or a quote leads nowhere.
    """
    reader = Reader(lookup)
    draft = reader.read(model, plain, instance, "")
    if reader.problems:
        raise PlainError(reader.problems)
    return draft


class Reader:
    """Reads one record and its parts, and collects what is wrong with them."""

    def __init__(self, lookup):
        self.lookup = lookup
        self.problems = []
        self.siblings = {}  # (model, slug) -> the parts of the record read so far

    def problem(self, place, sentence):
        self.problems.append((place, sentence))

    def read(self, model, plain, instance, place, owner=None):
        if not isinstance(plain, dict):
            self.problem(place, f"Here belongs a record (keys and values), not {plain!r:.60}.")
            return None
        if instance is None:
            instance = self.saved(model, plain, owner) or model()
        draft = Draft(instance)
        self.refuse_unknown(model, plain, place)
        if owner is not None:
            setattr(instance, model.owner, owner)
        elif getattr(model, "owner", None):
            self.know_siblings(model, instance, plain)
        for model_field in plain_fields(model):
            self.read_field(draft, model_field, plain.get(model_field.name), join(place, model_field.name))
        self.check(instance, place)
        for accessor in model.parts:
            draft.parts[accessor] = self.read_parts(model, instance, accessor, plain.get(accessor) or [], join(place, accessor))
        return draft

    def saved(self, model, plain, owner):
        key = plain.get(model.key)
        if not isinstance(key, str):
            return None
        if owner is None:
            return self.lookup(model, key)
        if owner.pk is None or owner._state.adding:
            return None
        accessor = model._meta.get_field(model.owner).remote_field.get_accessor_name()
        if (rows := getattr(owner, "_prefetched_objects_cache", {}).get(accessor)) is not None:  # loaded by with_plain
            return next((row for row in rows if getattr(row, model.key) == key), None)
        return model.objects.filter(**{model.owner: owner, model.key: key}).first()

    def know_siblings(self, model, instance, plain):
        """A part that is read by itself may refer to the other parts of the record that it belongs to."""
        owner = getattr(instance, model.owner, None)
        named = {model_field.related_model for model_field in plain_fields(model) if plain.get(model_field.name)}
        for target in named if owner else ():
            if getattr(target, "owner", None):
                for row in target._default_manager.filter(**{target.owner: owner}):
                    self.siblings[target, getattr(row, target.key)] = row

    def refuse_unknown(self, model, plain, place):
        known = [model_field.name for model_field in plain_fields(model)] + list(model.parts)
        for key in plain:
            if key not in known:
                near = difflib.get_close_matches(str(key), known, 1)
                meant = f" Did you mean “{near[0]}”?" if near else f" It has {', '.join(known)}."
                self.problem(join(place, str(key)), f"{model._meta.verbose_name.capitalize()} has no key “{key}”.{meant}")

    def read_field(self, draft, model_field, value, place):
        if model_field.many_to_many:
            draft.related[model_field.name] = self.read_references(model_field.related_model, value, place)
        elif model_field.many_to_one:
            target = None if value in (None, "") else self.refer(model_field.related_model, value, place)
            if target is None and not model_field.null and value in (None, ""):
                self.problem(place, "This is required.")
            setattr(draft.instance, model_field.name, target)
        elif value is None:
            setattr(draft.instance, model_field.name, model_field.get_default())
        elif isinstance(model_field, models.JSONField) or isinstance(value, SCALAR):
            try:
                setattr(draft.instance, model_field.name, model_field.to_python(value))
            except ValidationError as error:
                self.problem(place, " ".join(error.messages))
        else:
            self.problem(place, f"Here belongs one value, not {value!r:.60}.")

    def read_references(self, model, values, place):
        if not isinstance(values or [], list):
            self.problem(place, f"Here belongs a list, not {values!r:.60}.")
            return []
        targets = [self.refer(model, value, f"{place}[{number}]") for number, value in enumerate(values or [], 1)]
        return [target for target in targets if target is not None]

    def refer(self, model, value, place):
        """What `value`, a key or a thing written out, refers to; None, with a problem named, when there is no such thing."""
        if hasattr(model, "by_value"):
            try:
                return model.from_plain(value, self.find)
            except ValueError as error:
                return self.problem(place, str(error))
        if not isinstance(value, str):
            return self.problem(place, f"Here belongs the {model.key} of a {model._meta.verbose_name}, not {value!r:.60}.")
        target = self.siblings.get((model, value)) if hasattr(model, "owner") else self.find(model, value)
        if target is None:
            return self.problem(place, f"There is no {model._meta.verbose_name} “{value}”.")
        return target

    def find(self, model, key):
        """The record that `key` names, or, in the database, named before it was renamed or merged."""
        found = self.lookup(model, key)
        in_database = getattr(self.lookup, "__wrapped__", self.lookup) is find_in_database  # or a cache of it
        return leads_to(model, key.lower()) if found is None and in_database else found

    def read_parts(self, model, owner, accessor, rows, place):
        part_model = model._meta.get_field(accessor).related_model
        if not isinstance(rows, list):
            self.problem(place, f"Here belongs a list, not {rows!r:.60}.")
            return []
        drafts, numbers, taken = [], [], {row[part_model.key] for row in rows if is_named(part_model, row)}
        for number, row in enumerate(rows, 1):
            row_place = f"{place}[{number}]"
            draft = self.read(part_model, row, None, row_place, owner)
            if draft is None:
                continue
            draft.instance.order = number
            self.name_part(part_model, draft.instance, taken, row_place)
            drafts.append(draft)
            numbers.append(number)
        self.refuse_twins(part_model, drafts, [f"{place}[{number}]" for number in numbers])
        return drafts

    def refuse_twins(self, model, drafts, places):
        """Names the rows that are alike in what the rows of one owner may not share, besides their key."""
        for rule in model._meta.constraints:
            if not isinstance(rule, models.UniqueConstraint) or model.key in rule.fields:
                continue
            names, seen = [name for name in rule.fields if name != model.owner], set()
            for draft, place in zip(drafts, places, strict=True):
                values = tuple(getattr(draft.instance, name) for name in names)
                if values in seen:
                    self.problem(place, rule.violation_error_message)
                seen.add(values)

    def name_part(self, model, part, taken, place):
        """Gives a part without a slug one, and knows it from now on by its key."""
        if model.key == "slug" and not part.slug and hasattr(part, "free_slug"):
            part.slug = part.free_slug(taken)
            taken.add(part.slug)
        key = model, getattr(part, model.key)
        if key in self.siblings:
            self.problem(place, f"“{key[1]}” is here already: each {model._meta.verbose_name} needs its own {model.key}.")
        self.siblings[key] = part

    def check(self, instance, place):
        """The model's own rules: its fields', its clean(), and its check constraints."""
        references = {model_field.name for model_field in instance._meta.concrete_fields if model_field.many_to_one}
        checks = [lambda: instance.clean_fields(exclude=references), instance.clean]
        checks += [lambda rule=rule: rule.validate(type(instance), instance) for rule in rules_of(type(instance))]
        for check in checks:
            try:
                check()
            except ValidationError as error:
                self.refuse(place, getattr(error, "message_dict", {"": error.messages}))
                return

    def refuse(self, place, messages):
        known = {place for place, _ in self.problems}
        for name, sentences in messages.items():
            where = join(place, "" if name == "__all__" else name)
            if where not in known:  # what could not even be read is also missing: the first problem is the cause
                self.problem(where, " ".join(sentences))


@cache
def rules_of(model):
    """The check constraints of `model` that say more than the choices of its fields: to ask the database of one takes a query."""
    chosen = [model_field for model_field in model._meta.concrete_fields if model_field.flatchoices]
    known = [models.Q(**{f"{one.name}__in": [value for value, _ in one.flatchoices]}) for one in chosen]
    rules = [rule for rule in model._meta.constraints if isinstance(rule, models.CheckConstraint)]
    return [rule for rule in rules if rule.condition not in known]


def is_named(model, row):
    return isinstance(row, dict) and isinstance(row.get(model.key), str) and row[model.key] != ""


def join(place, name):
    return f"{place}.{name}" if place and name else place or name


@transaction.atomic
def save(draft):
    """Writes `draft` with its parts in one transaction, deletes the parts that it no longer has, and returns the record."""
    draft.instance.save()
    for accessor, parts in draft.parts.items():
        kept = [part.instance.pk for part in parts if part.instance.pk]
        getattr(draft.instance, accessor).exclude(pk__in=kept).delete()
        for part in parts:
            if part.stays:
                continue
            setattr(part.instance, part.instance.owner, draft.instance)
            save(part)
    for name, targets in draft.related.items():
        getattr(draft.instance, name).set(
            [type(target).keep(target) if hasattr(target, "by_value") else target for target in targets]
        )
    return draft.instance
