"""Undoing a whole step: every record that a unit of work touched is again as it was before it, as one new step."""

from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from django.apps import apps
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format

from archive.core import ledger
from archive.core.among import Among
from archive.core.curation.restoring import keep_found, write_back
from archive.core.curation.showing import title_of
from archive.core.difference import fields_of, part_models
from archive.core.models import Entry, Moved
from archive.core.plain import PlainError
from archive.core.revising import lock
from archive.core.states import State

BATCH = 500


class UndoError(ValueError):
    """Why a step cannot be undone: `reasons`, as sentences."""

    def __init__(self, reasons):
        self.reasons = reasons
        super().__init__("\n".join(reasons))


@dataclass
class Touched:
    """A record that a step touched: its entry, and the one before it, None for the first."""

    entry: Entry
    before: Entry | None

    @property
    def model(self):
        return apps.get_model(self.entry.model)

    @property
    def pk(self):
        return self.entry.record

    @property
    def was_there(self):
        return self.before is not None and self.before.action != Entry.Action.DELETED

    @property
    def is_there(self):
        return self.entry.action != Entry.Action.DELETED

    @property
    def plain_before(self):
        return self.before and self.before.plain

    @property
    def words(self):
        plain = self.entry.plain or self.plain_before
        name = title_of(self.model, plain) if plain else self.entry.key
        return f"{self.model._meta.verbose_name.capitalize()} “{name}”"


def entries_of(unit):
    """The entries of a step that stand for a record each: statements are told of by the event that they are made at.

    Their plain forms are not loaded: of 10,000 imported records a page shows a few.
    """
    entries = Entry.objects.filter(unit=unit).exclude(action=Entry.Action.FOUND)
    entries = list(entries.select_related("by").defer("plain").order_by("pk"))
    models = {entry.model for entry in entries}
    return [entry for entry in entries if not is_told_of(entry, models)]


def is_told_of(entry, models):
    model = apps.get_model(entry.model) if entry.model else None
    owner = getattr(model, "owner", None)
    return bool(owner) and model._meta.get_field(owner).related_model._meta.label_lower in models


def with_before(entries):
    """[Touched] of entries of one step, by a query for each kind of record; without plain forms."""
    pks = {}
    for entry in entries:
        if entry.model:
            pks.setdefault(entry.model, []).append(entry)
    before = {}
    for model, some in pks.items():
        earlier = Entry.objects.filter(model=model, record__in=Among(entry.record for entry in some), pk__lt=some[0].pk)
        before |= {(model, entry.record): entry for entry in ledger.newest_of(earlier).defer("plain")}
    return [Touched(entry, before.get((entry.model, entry.record))) for entry in entries]


def with_plains(touched):
    """The same with the plain forms loaded, in one query."""
    entries = [entry for one in touched for entry in (one.entry, one.before) if entry]
    loaded = Entry.objects.select_related("by").in_bulk([entry.pk for entry in entries])
    return [Touched(loaded[one.entry.pk], one.before and loaded[one.before.pk]) for one in touched]


def hindrances(unit, touched, most=20):
    """Sentences that say why a step cannot be undone: what is unknown, and what has been done to its records since."""
    if not touched:
        return ["There is no such step."]
    if any(not one.entry.model for one in touched):
        return ["In this step anything may have changed: what was there before is not known."]
    unknown = islice(unknown_before(touched), most)
    return ([f"What {one.words} was before is not known." for one in unknown] + later_steps(unit, touched, most))[:most]


def unknown_before(touched):
    """Those of which the ledger does not say what they were before the step."""
    everything = Entry.objects.filter(model="", pk__lt=touched[0].entry.pk).aggregate(last=Max("pk"))["last"] or 0
    for one in touched:
        is_known = one.was_there and one.before.pk > everything
        if one.entry.action != Entry.Action.CREATED and not is_known:
            yield one


def later_steps(unit, touched, most):
    found, last = [], max(one.entry.pk for one in touched)
    for model in {one.entry.model for one in touched}:
        mine = {one.pk: one for one in touched if one.entry.model == model}
        later = Entry.objects.filter(model=model, record__in=Among(mine), pk__gt=min(one.entry.pk for one in mine.values()))
        later = later.exclude(unit=unit).exclude(action=Entry.Action.FOUND)
        newest = ledger.newest_of(later).select_related("by").order_by("-pk")[:most]
        found += [f"{mine[entry.record].words} {what_happened(entry)}." for entry in newest]
    everything = Entry.objects.filter(model="", pk__gt=last).order_by("-pk").first()
    return found + (
        [f"Since then anything may have changed: data was loaded around the forms {when(everything)}."] if everything else []
    )


def what_happened(entry):
    by = f" by {entry.by.get_full_name() or entry.by.get_username()}" if entry.by else ""
    return f"was {entry.get_action_display().lower()} later{by}, {when(entry)}"


def when(entry):
    return date_format(timezone.localtime(entry.at), "j F Y, H:i")


def touches_public(touched):
    """Whether undoing would change anything that is or was public, or publish it."""
    return any(is_public_in(plain) for one in touched for plain in (one.entry.plain, one.plain_before))


def is_public_in(plain):
    """Whether a record in a plain form is or was public: itself, or one of its parts."""
    rows = [row for value in (plain or {}).values() if isinstance(value, list) for row in value if isinstance(row, dict)]
    public = (State.PUBLISHED, State.WITHDRAWN)
    return (plain or {}).get("state") in public or any(row.get("state") in public for row in rows)


def undo(unit, by, why):
    """Reverts every record that the step `unit` touched, and returns the number of the new step that does.

    What it deleted comes back under its old number, what it changed is as before, what it made is deleted; addresses that it moved
    are free again. Raises UndoError, and has then written nothing, when anything has been done to one of them since, or when
    something needs what would go or needs what is gone.
    """
    with ledger.unit(by=by, why=why) as work:
        for model, pks in by_model(entries_of(unit)).items():
            lock(model, pks)
        ledger.take_numbers_in_turn()  # what is gone cannot be locked: nobody else brings it back meanwhile
        entries = entries_of(unit)
        touched = with_before(entries)
        if reasons := hindrances(unit, touched):
            raise UndoError(reasons)
        keep_all_found(entries)
        Moved.objects.filter(unit=unit).delete()
        write_all([one for one in touched if one.was_there])
        delete_all([one for one in touched if one.is_there and not one.was_there])
    return work.id


def by_model(entries):
    """{model: primary keys} of entries."""
    found = {}
    for entry in entries:
        if entry.model:
            found.setdefault(apps.get_model(entry.model), []).append(entry.record)
    return found


def keep_all_found(entries):
    for model, pks in by_model(entries).items():
        for start in range(0, len(pks), BATCH):
            keep_found(model, pks[start : start + BATCH])


def bring_back_bare(one):
    """Writes a record that was deleted as far as it refers to nothing: so that those that come back can refer to each other."""
    fields = fields_of(one.model)
    bare = {name: value for name, value in one.plain_before.items() if name in fields and not is_spared(fields[name])}
    with suppress(PlainError):  # `write_all` tries again, and names what is wrong
        write_back(one.model, bare, one.pk)


def is_spared(model_field):
    return model_field.many_to_many or (model_field.many_to_one and model_field.null)


def write_all(touched):
    """Writes each as it was before, in any order in which each finds what it refers to."""
    is_bare = False
    while touched:
        left, problems = [], []
        for one in touched:
            try:
                write_back(one.model, one.plain_before, one.pk)
            except PlainError as error:
                left.append(one)
                problems += [": ".join(filter(None, (one.words, *problem))) for problem in error.problems]
        if len(left) == len(touched):
            if is_bare:
                raise UndoError(problems)
            is_bare = True
            for one in left:
                if not one.is_there:
                    bring_back_bare(one)
        touched = left


def delete_all(touched):
    """Deletes what the step made, those first that nothing refers to."""
    while touched:
        needed = {}
        for model in {one.model for one in touched}:
            mine = {one.pk: one for one in touched if one.model is model}
            needed |= {(model, pk): row for pk, row in referring(model, mine).items()}
            delete_some(model, [pk for pk in mine if (model, pk) not in needed])
        left = [one for one in touched if (one.model, one.pk) in needed]
        if len(left) == len(touched):
            strip(left, needed)
        touched = left


def delete_some(model, pks):
    for start in range(0, len(pks), BATCH):
        model.objects.filter(pk__in=pks[start : start + BATCH]).delete()


def referring(model, pks):
    """{pk: a row that refers to it} for those of `pks` that need to stay; what is written out and rests on nothing goes."""
    found = {}
    for relation in model._meta.related_objects:
        field, other = relation.field, relation.related_model
        if field.name == getattr(other, "owner", None):
            continue
        if hasattr(other, "by_value"):
            for row in other._base_manager.filter(**{f"{field.name}__in": Among(pks)}):
                if not row.holders():
                    row.delete()
        rows = other._base_manager.filter(**{f"{field.name}__in": Among(pks)}).order_by()
        first = rows.values_list(field.name).annotate(first=Max("pk")).values_list(field.name, "first")
        found |= {pk: (other, number) for pk, number in first if pk in pks}
    return found


def strip(touched, needed):
    """Takes from records that are to go what they refer to, where they only need each other; raises UndoError otherwise."""
    going = {(one.model, one.pk) for one in touched}
    reasons = []
    for one in touched:
        other, number = needed[one.model, one.pk]
        row = other._base_manager.get(pk=number)
        owners = [(model, getattr(row, attribute)) for model, attribute in ledger.accounts(other)]
        if not any(owner in going for owner in owners):
            reasons.append(f"{one.words} is needed by {in_its_place(row)}.")
    if reasons:
        raise UndoError(reasons)
    for one in touched:
        row = one.model._base_manager.get(pk=one.pk)
        loose = [name for name, model_field in fields_of(one.model).items() if model_field.many_to_one and model_field.null]
        for name in loose:
            setattr(row, name, None)
        row.save()
        for accessor, part in part_models(one.model).items():
            if not hasattr(part, "State"):
                getattr(row, accessor).all().delete()


def in_its_place(row):
    owner = getattr(row, row.owner) if getattr(row, "owner", None) else None
    return f"{row._meta.verbose_name} “{row}”{f' of “{owner}”' if owner else ''}"
