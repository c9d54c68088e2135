"""Which records a harvester is told of: each once, where the ledger last named it.

A place is (number of an entry, rank of a kind, primary key), and places never move backwards: what changes during a harvest comes
again behind it, so that nothing is missed, and every page is found by its first place. At an entry stands the record that it is
the newest of. Two kinds of entries speak for others: a step of an event publishes or withdraws its statements, which have no entry
of it; and an entry about everything speaks for all public records that have none behind it.

What is not public is told of as deleted if it ever was. Nobody hears of what never was.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Exists, OuterRef, Q

from archive.core import ledger
from archive.core.addresses import PUBLIC
from archive.core.models import Entry
from archive.site.feeds import LONG_AGO
from archive.site.records import LISTS
from events.models import Event, Statement

WINDOW = 5_000  # entries that are looked through at once
CHUNK = 500  # records without an entry that are looked up at once
KINDS = {name: model for name, (model, _filters) in LISTS.items()}  # the sets; the ranks are in their order
RANKS = {model: rank for rank, model in enumerate(KINDS.values())}
LABELS = {model._meta.label_lower: model for model in RANKS}
EVENT, STATEMENT = Event._meta.label_lower, Statement._meta.label_lower


@dataclass(frozen=True)
class Item:
    """A record of `model` as a harvester is told of it: where, since when, and whether it is there."""

    place: tuple[int, int, int]
    at: datetime
    model: type
    pk: int
    is_public: bool


def earliest():
    """When the ledger begins: before that nothing is known to have changed."""
    return Entry.objects.order_by("pk").values_list("at", flat=True).first() or LONG_AGO


def number_at(time):
    """The number from which on entries are not older than `time`, all before it being older; they are in the order of time."""
    numbers = Entry.objects.order_by("pk").values_list("pk", flat=True)
    low, high = numbers.first() or 1, (numbers.last() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        number, at = Entry.objects.filter(pk__gte=middle).order_by("pk").values_list("pk", "at").first()
        low, high = (low, middle) if at >= time else (number + 1, high)
    return low


def items(models, start, end):
    """The Items of `models` from the place `start` to the entry `end`, in order, as a generator."""
    base = ledger.last_of_everything()
    yield from changed(models, start, min(end, base - 1), base)
    if start[0] <= base <= end:
        yield from unnamed(models, start if start[0] == base else (base, 0, 0), base)
    yield from changed(models, max(start, (base + 1, 0, 0)), end, base)


def find(model, pk):
    """The Item of one record, None when there is none that ever was public."""
    is_public = model.objects.published().filter(pk=pk).exists()
    entries = Entry.objects.filter(model=model._meta.label_lower, record=pk)
    if not is_public and not entries.filter(was_public()).exists():
        return None
    base = ledger.last_of_everything()
    named = [entries.order_by("-pk").first()]
    if model is Statement and (owner := Statement.objects.filter(pk=pk).values_list("event", flat=True).first()):
        named.append(steps().filter(record=owner).order_by("-pk").first())
    named = [entry for entry in named if entry and (entry.pk > base or not is_public)]
    last = max(named, key=lambda entry: entry.pk, default=None)
    number, at = (last.pk, last.at) if last else (base, time_of(base))
    return Item((number, RANKS[model], pk), at, model, pk, is_public)


# Records that entries name


def changed(models, start, end, base):
    """The Items whose places are at entries from `start` to `end`. Of entries older than `base`, only what is gone still holds."""
    number = start[0]
    while number <= end:
        there = Entry.objects.filter(pk__gte=number, pk__lte=end).order_by("pk")
        first = there.values_list("pk", flat=True).first()
        if first is None:
            return
        last = min(first + WINDOW - 1, end)
        for item in at_entries(models, first, last, base):
            if item.place >= start:
                yield item
        number = last + 1


def at_entries(models, first, last, base):
    entries = Entry.objects.filter(pk__gte=first, pk__lte=last, model__in=labels(models)).order_by("pk")
    entries = entries.annotate(public=is_public(), own=is_newest() & ~is_overtaken(), others=speaks_for_statements())
    for entry in entries.filter(Q(own=True) | Q(others=True)).annotate(was=ever_public()).defer("plain").iterator():
        model = LABELS[entry.model]
        if entry.own and model in models and told(entry, entry.pk, base):
            yield Item((entry.pk, RANKS[model], entry.record), entry.at, model, entry.record, entry.public)
        if entry.others and Statement in models:
            yield from statements_at(entry, base)


def told(row, number, base):
    """Whether a harvester hears of `row` at the entry `number`."""
    return (row.public and number > base) or (not row.public and row.was)


def statements_at(entry, base):
    """The Items of the statements that an event's step, the `entry`, has published or withdrawn."""
    rows = Statement.objects.filter(event=entry.record).exclude(Exists(entries_of(STATEMENT).filter(pk__gt=entry.pk)))
    here = Exists(Statement.objects.published().filter(pk=OuterRef("pk")))
    for row in rows.annotate(public=here, was=Exists(entries_of(STATEMENT).filter(was_public()))).only("pk").order_by("pk"):
        if told(row, entry.pk, base):
            yield Item((entry.pk, RANKS[Statement], row.pk), entry.at, Statement, row.pk, row.public)


def labels(models):
    return {model._meta.label_lower for model in models} | ({EVENT} if Statement in models else set())


def entries_of(label):
    """The entries of the row of an outer query on the records themselves."""
    return Entry.objects.filter(model=label, record=OuterRef("pk"))


def steps():
    return Entry.objects.filter(model=EVENT).exclude(step="")


# Conditions on an entry


def same_record():
    return Entry.objects.filter(model=OuterRef("model"), record=OuterRef("record"))


def is_newest():
    return ~Exists(same_record().filter(pk__gt=OuterRef("pk")))


def is_public():
    rule = Q()
    for label, model in LABELS.items():
        rule |= Q(model=label) & Exists(model.objects.published().filter(pk=OuterRef("record")))
    return rule


def was_public():
    """That an entry shows its record published or withdrawn, as a step or as it was found."""
    return Q(step__in=PUBLIC) | Q(action=Entry.Action.FOUND, plain__state__in=PUBLIC)


def ever_public():
    return Exists(same_record().filter(was_public()))


def is_overtaken():
    """A statement whose event has since taken a step: it stands there."""
    later = steps().filter(record=OuterRef("event"), pk__gt=OuterRef(OuterRef("pk")))
    return Q(model=STATEMENT) & Exists(Statement.objects.filter(pk=OuterRef("record")).filter(Exists(later)))


def speaks_for_statements():
    """The newest step of an event with statements that no entry has named since."""
    since = Entry.objects.filter(model=STATEMENT, record=OuterRef("pk"), pk__gt=OuterRef(OuterRef("pk")))
    silent = Statement.objects.filter(event=OuterRef("record")).exclude(Exists(since))
    newer = same_record().filter(pk__gt=OuterRef("pk")).exclude(step="")
    return Q(model=EVENT) & ~Q(step="") & ~Exists(newer) & Exists(silent)


# Records that no entry names


def unnamed(models, start, base):
    """The Items of public records that no entry behind `base` speaks for."""
    at = time_of(base)
    for model in sorted(models, key=RANKS.get):
        rank, pk = RANKS[model], start[2] if start[1] == RANKS[model] else 0
        if rank < start[1] or (last := last_unnamed(model, base)) is None:
            continue
        while pks := list(without_entry(model, base).filter(pk__gte=pk, pk__lte=last).values_list("pk", flat=True)[:CHUNK]):
            yield from (Item((base, rank, pk), at, model, pk, True) for pk in pks)
            pk = pks[-1] + 1


def without_entry(model, base):
    rows = model.objects.published().exclude(Exists(entries_of(model._meta.label_lower).filter(pk__gt=base))).order_by("pk")
    if model is Statement:
        rows = rows.exclude(Exists(steps().filter(record=OuterRef("event"), pk__gt=base)))
    return rows


@lru_cache(maxsize=100)
def last_unnamed(model, base):
    """The highest key of a record that has no entry behind `base`. They only get fewer: so it is asked once in a process."""
    named = entries_of(model._meta.label_lower).filter(pk__gt=base)
    return model._base_manager.exclude(Exists(named)).order_by("-pk").values_list("pk", flat=True).first()


def time_of(number):
    return Entry.objects.filter(pk=number).values_list("at", flat=True).first() or earliest()
