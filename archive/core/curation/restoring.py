"""Writing back what the ledger remembers: the states that stay, the numbers that come back, the record that a part belongs to."""

from archive.core import ledger
from archive.core.difference import part_models
from archive.core.models import Entry
from archive.core.plain import save as save_draft
from archive.core.revising import draft_of


def in_present_states(model, plain, now, may_publish):
    """`plain`, which shall be restored, with the review states that hold in `now`: restoring neither publishes nor withdraws.

    What is not there any more (all of it, where `now` is None) comes back in its old state, or as a draft unless `may_publish`.
    """
    kept = {name: value for name, value in plain.items() if name != "state"}
    state = now.get("state") if now is not None else plain.get("state") if may_publish else None
    if state:
        kept["state"] = state
    for accessor, part in part_models(model).items():
        if hasattr(part, "State") and accessor in plain:
            there = {row[part.key]: row for row in (now or {}).get(accessor, [])}
            kept[accessor] = [in_present_states(part, row, there.get(row[part.key]), may_publish) for row in plain[accessor]]
    return kept


def write_back(model, plain, pk, owner=None):
    """Writes `plain` as the record `pk` of `model`, in the unit of work around it, and returns the record.

    A record that is gone has its old number again, and so have the records that are its parts. Raises PlainError with every
    problem, and has then written nothing. What is there has to be known to the ledger before: see `keep_found`.
    """
    draft = draft_of(model, plain, pk, owner)  # undoing brings back what was, whole or not
    for accessor, parts in draft.parts.items():
        give_old_numbers(model, pk, accessor, [part.instance for part in parts])
    return save_draft(draft)


def keep_found(model, pks):
    """`ledger.keep_found` of records, of the records that are their parts, and of those whose parts they are."""
    ledger.keep_found(model, pks)
    for part in part_models(model).values():
        if hasattr(part, "State"):
            rows = part._base_manager.filter(**{f"{part.owner}__in": pks})
            ledger.keep_found(part, list(rows.values_list("pk", flat=True)))
    if owner := getattr(model, "owner", None):
        owner = model._meta.get_field(owner)
        ledger.keep_found(owner.related_model, list(model._base_manager.filter(pk__in=pks).values_list(owner.attname, flat=True)))


def give_old_numbers(model, pk, accessor, instances):
    """Numbers those of `instances`, parts of the record `pk`, that the ledger knows as records of their own."""
    part = part_models(model)[accessor]
    new = {getattr(instance, part.key): instance for instance in instances if instance.pk is None}
    if not hasattr(part, "State") or not new:
        return
    units = Entry.objects.filter(model=model._meta.label_lower, record=pk).order_by().values("unit")
    known = Entry.objects.filter(unit__in=units, model=part._meta.label_lower, key__in=new).order_by("pk")
    numbers = dict(known.values_list("key", "record"))
    # One that is there has another key now: it becomes again what it was, if it is still this record's and not in the form as well.
    there = dict(part._base_manager.filter(pk__in=numbers.values()).values_list("pk", f"{part.owner}_id"))
    used = {instance.pk for instance in instances}
    for key, number in numbers.items():
        if there.get(number, pk) == pk and number not in used:
            new[key].pk = number
            used.add(number)


def owner_of_deleted(model, entry):
    """The record that a deleted one was a part of, by the deletion's `entry`; None when that is gone too."""
    field = model._meta.get_field(model.owner)
    accessor, owner_model = field.remote_field.get_accessor_name(), field.related_model
    for touched in Entry.objects.filter(unit=entry.unit, model=owner_model._meta.label_lower):
        before = entry_before(touched)
        if before and any(row[model.key] == entry.key for row in (before.plain or {}).get(accessor, [])):
            return owner_model._base_manager.filter(pk=touched.record).first()
    return None


def entry_before(entry):
    """The entry of the same record before `entry`, None for the first."""
    earlier = Entry.objects.filter(model=entry.model, record=entry.record, pk__lt=entry.pk)
    return earlier.order_by("-pk").first()
