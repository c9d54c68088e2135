"""Writing a record as a whole from its plain form: what restores, imports, approvals and trials have in common."""

from contextlib import contextmanager
from functools import cache
from itertools import count

from django.core.exceptions import ValidationError

from archive.core import ledger
from archive.core.among import Among
from archive.core.difference import part_models
from archive.core.plain import Draft, PlainError, find_in_database, from_plain, save, to_plain, with_plain


def lock(model, pks):
    """The records `pks` of `model` that are there, in order: nobody else changes them until the commit.

    Nor what they are parts of, nor the records that are their parts. Everybody locks owners first and in order, so that two who
    lock the same records wait for each other instead of for ever; those who only refer to a record need not wait.
    """
    records = model._base_manager.filter(pk__in=Among(pks)).order_by("pk")
    for owner, attribute in ledger.accounts(model):
        if attribute != "pk":
            hold(owner._base_manager.filter(pk__in=Among(records.order_by().values_list(attribute, flat=True))))
    held = list(records.select_for_update(no_key=True))
    for part in part_models(model).values():
        if hasattr(part, "State"):
            hold(part._base_manager.filter(**{f"{part.owner}__in": Among(pks)}))
    return held


def hold(rows):
    list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def present(model, pk):
    """The plain form of a record as it is now; None when it is gone."""
    record = with_plain(model._base_manager.all()).filter(pk=pk).first()
    return record and to_plain(record)


def read(model, plain, pk=None, owner=None, lookup=None) -> Draft:
    """The checked Draft of `plain` as the record `pk` of `model`, or as a new one; a record that is gone keeps its number.

    A new record that is a part of another, a statement, needs that as its `owner`; `lookup` is that of `from_plain`. Raises
    PlainError with every problem: besides those of `from_plain`, an address that another record has, and what the record lacks to
    be published when it says that it is. Parts that are there just so already are marked: of an event's 300 statements mostly few
    change.
    """
    draft = draft_of(model, plain, pk, owner, lookup)
    if draft.instance.is_published and (missing := model.lacks(plain)):
        raise PlainError([("", sentence) for sentence in missing])
    return draft


def draft_of(model, plain, pk=None, owner=None, lookup=None):
    """As `read`, of what need not be whole."""
    instance = pk and model._base_manager.filter(pk=pk).first()
    if instance is None:
        instance = model(pk=pk, **({model.owner: owner} if owner else {}))
    draft = from_plain(model, plain, lookup or cache(find_in_database), instance)
    mark_what_stays(draft, plain)
    problems = [
        problem for part in draft.walk() if hasattr(part.instance, "State") and not part.stays for problem in taken(part.instance)
    ]
    if problems:
        raise PlainError(problems)
    return draft


def mark_what_stays(draft, plain):
    for accessor, parts in draft.parts.items():
        are_there = any(part.instance.pk for part in parts)
        rows = with_plain(getattr(draft.instance, accessor).all()).in_bulk() if are_there else {}
        for part, written in zip(parts, plain.get(accessor) or [], strict=True):
            row = rows.get(part.instance.pk)
            part.stays = row is not None and row.order == part.instance.order and to_plain(row) == written


def taken(record):
    """(place, sentence) for each value of `record` that only one record may have, and another has."""
    try:
        record.validate_unique()
    except ValidationError as error:
        return [(name if name != "__all__" else "", " ".join(sentences)) for name, sentences in error.message_dict.items()]
    return []


def revise(model, plain, pk=None):
    """Writes `plain` as the record `pk` of `model`, or as a new one, in the unit of work around it, and returns the record."""
    with ledger.unit():
        return save(read(model, plain, pk))


@contextmanager
def as_if(model, plain, pk=None):
    """Within it the record is as `plain` says, for whoever asks in this transaction; nothing of it stays.

    What the archive does not have yet bears negative numbers, the same ones each time: a form that was made within it can be read
    within another.
    """
    with ledger.trial():
        draft, numbers = draft_of(model, plain, pk), count(1)
        for part in draft.walk():
            if part.instance.pk is None:
                part.instance.pk = -next(numbers)
        yield save(draft)
