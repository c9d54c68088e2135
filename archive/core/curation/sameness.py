"""What two records or rows of one kind say: where they differ, whether they say the same, and what both say together."""

from dataclasses import dataclass, field

from django.db import models
from django.utils.text import capfirst

from archive.core.plain import plain_fields
from archive.core.states import State


@dataclass
class Difference:
    """A field in which two records differ: the value of each, in words, and whose is `chosen` ("kept" or "lost")."""

    name: str
    label: str
    kept: str
    lost: str
    chosen: str
    values: dict = field(repr=False, default_factory=dict)


def differences(kept, lost, chosen=None):
    """The Differences of two records, in the order of their form; `chosen` is {field name: "kept" or "lost"}."""
    found = []
    for model_field in choosable(type(kept)):
        values = {"kept": worth(kept, model_field, (kept, lost)), "lost": worth(lost, model_field, (kept, lost))}
        if values["kept"] == values["lost"]:
            continue
        choice = (chosen or {}).get(model_field.name)
        if choice not in values:
            choice = "lost" if is_better(model_field, values) else "kept"
        label = capfirst(model_field.verbose_name)
        words = {side: in_words(model_field, value) for side, value in values.items()}
        found.append(Difference(model_field.name, label, words["kept"], words["lost"], choice, values))
    return found


def choosable(model):
    """The fields of which a merged record has one value: not its address, and not what is united."""
    return [
        model_field
        for model_field in plain_fields(model)
        if model_field.name not in (model.key, "slug") and not is_united(model_field)
    ]


def is_united(model_field):
    return model_field.many_to_many or isinstance(model_field, models.JSONField)


def worth(record, model_field, two):
    """The value of a field; nothing, where one of the two records would refer to the other."""
    value = getattr(record, model_field.name)
    is_between = model_field.is_relation and model_field.related_model is type(record) and value in two
    return None if is_between else value


def is_better(model_field, values):
    """Whether the lost record's value is taken unless somebody says otherwise."""
    if model_field.name == "state":
        return values["lost"] == State.PUBLISHED
    return is_blank(values["kept"]) and not is_blank(values["lost"])


def is_blank(value):
    return value is None or value == ""


def in_words(model_field, value):
    if is_blank(value):
        return ""
    return str(dict(model_field.flatchoices).get(value, getattr(value, "words", value)))


# Rows


def fields_of(row):
    """The fields that say what a part says, and in which two of them may differ."""
    return [model_field for model_field in plain_fields(type(row)) if model_field.name != "slug" and not is_united(model_field)]


def is_same(one, other):
    """Whether two rows of one owner say the same: all alike but for texts that one of them leaves empty.

    Rows that are known by the same key within their owner cannot be two.
    """
    if one.key != "slug" and getattr(one, one.key) == getattr(other, one.key):
        return True
    return not any(
        getattr(one, model_field.name) != getattr(other, model_field.name)
        and not (is_text(model_field) and (is_blank(getattr(one, model_field.name)) or is_blank(getattr(other, model_field.name))))
        for model_field in fields_of(one)
    )


def is_text(model_field):
    return isinstance(model_field, (models.CharField, models.TextField)) and not model_field.choices


def differs(twin, row, model_field):
    mine, theirs = getattr(twin, model_field.name), getattr(row, model_field.name)
    return mine != theirs and not is_blank(mine) and not is_blank(theirs)


def united(kept, lost, name, chosen):
    """A dict of reasons by field, of both: the reason for a value is that of the record whose value it is."""
    mine, theirs = getattr(kept, name), getattr(lost, name)
    if not (isinstance(mine, dict) and isinstance(theirs, dict)):
        return mine or theirs
    taken = {key: reason for key, reason in mine.items() if chosen.get(key, "kept") == "kept"}
    return taken | {key: reason for key, reason in theirs.items() if chosen.get(key, "lost") == "lost" and key not in taken}
