"""Old addresses: where a record's address leads that it no longer has.

A row of Moved points at a record's primary key, so that however often the record moves on, one step leads there. A record that was
merged is gone: its last entry in the ledger says under which address, and that one leads to the record that was kept. No row is
ever pointed elsewhere, so that to undo a step is to delete the rows that it wrote.
"""

from archive.core.models import Entry, Moved
from archive.core.states import State

PUBLIC = (State.PUBLISHED, State.WITHDRAWN)
FURTHEST = 100  # merges of merges that are followed


def keep(model, pk, old, new, state, unit):
    """Lets the address `old` lead to the record `pk`, which has `new` from now on, if `old` was public at any time.

    `state` is the record's while it had `old`, and `unit` the number of the step. An old address that the record takes back leads
    nowhere else any more.
    """
    rows = Moved.objects.filter(model=model._meta.label_lower)
    rows.filter(slug=new, record=pk).delete()
    if state in PUBLIC or has_been_public(model, pk):
        rows.update_or_create(slug=old, defaults={"model": model._meta.label_lower, "record": pk, "unit": unit})


def has_been_public(model, pk):
    steps = Entry.objects.filter(model=model._meta.label_lower, record=pk).exclude(step="").order_by()
    return steps.filter(step__in=PUBLIC).exists()


def keep_all(model, before, unit):
    """The same for several records: `before` is {primary key: (address, state)} of what has just been written."""
    if not before:
        return
    after = dict(model._base_manager.filter(pk__in=before).order_by().values_list("pk", "slug"))
    for pk, (old, state) in before.items():
        if pk in after and after[pk] != old:
            keep(model, pk, old, after[pk], state, unit)


def leads_to(model, slug):
    """The record of `model`, public or not, to which the old address `slug` leads; None when there is none any more."""
    for _ in range(FURTHEST):
        target = Moved.objects.filter(model=model._meta.label_lower, slug=slug).values_list("record", flat=True).first()
        if target is None:
            return None
        if record := model._base_manager.filter(pk=target).first():
            return record
        last = Entry.objects.filter(model=model._meta.label_lower, record=target).order_by("-pk").first()
        if last is None or last.key.lower() == slug:
            return None
        slug = last.key.lower()  # of a country the key is its code, and the address that in small letters
    return None


def old_addresses(record):
    """The addresses that lead to `record`, those of records that were merged into it among them, sorted."""
    model, found, at = type(record), set(), [record.pk]
    while at:
        slugs = set(Moved.objects.filter(model=model._meta.label_lower, record__in=at).values_list("slug", flat=True)) - found
        found |= slugs
        at = list(merged_at(model, slugs)) if slugs and len(found) < FURTHEST else []
    return sorted(found)


def merged_at(model, slugs):
    """The primary keys of the records that are gone and had one of the addresses `slugs` when they went."""
    keys = [*slugs, *map(str.upper, slugs)]
    gone = Moved.objects.filter(model=model._meta.label_lower).exclude(record__in=model._base_manager.order_by().values("pk"))
    entries = Entry.objects.filter(model=model._meta.label_lower, record__in=gone.values("record"), action=Entry.Action.DELETED)
    return entries.filter(key__in=keys).order_by().values_list("record", flat=True).distinct()
