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

from django.db.models import Exists, Max, OuterRef, Q

from archive.core import ledger
from archive.core.addresses import PUBLIC
from archive.core.among import Among
from archive.core.models import Entry
from archive.site.feeds import LONG_AGO
from archive.site.records import LISTS
from events.models import Event, Statement

FEWEST, MOST = 200, 5_000  # entries that are looked through at once
CHUNK = 500  # records without an entry that are looked up at once
KINDS = {name: model for name, (model, _filters) in LISTS.items()}  # the sets; the ranks are in their order
MODELS = list(KINDS.values())
RANKS = {model: rank for rank, model in enumerate(MODELS)}
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
    number, width = start[0], FEWEST
    while number <= end:
        there = Entry.objects.filter(pk__gte=number, pk__lte=end, model__in=labels(models)).order_by("pk")
        entries = list(there.values_list("pk", "at", "model", "record", "step", named=True)[:width])
        found = list(at_entries(entries, models, base))
        yield from (item for item in found if item.place >= start)
        if len(entries) < width:
            return
        number, width = entries[-1].pk + 1, width if found else min(2 * width, MOST)  # over what nobody hears of in longer steps


def labels(models):
    return {model._meta.label_lower for model in models} | ({EVENT} if Statement in models else set())


def at_entries(entries, models, base):
    """The Items whose places are at `entries`, in order."""
    at = {entry.pk: entry.at for entry in entries}
    places = own_entries(entries, models) | (statements_of_steps(entries) if Statement in models else {})
    there = {model: [pk for one, pk in places if one is model] for model in models}
    public = {model: published_among(model, pks) for model, pks in there.items()}
    gone = {model: once_public(model, set(pks) - public[model]) for model, pks in there.items()}
    for number, rank, pk, model in in_order(places):
        is_public = pk in public[model]
        if (is_public and number > base) or pk in gone[model]:
            yield Item((number, rank, pk), at[number], model, pk, is_public)


def in_order(places):
    """[(number, rank, key, model)] of {(model, key): number}."""
    ranked = sorted((number, RANKS[model], pk) for (model, pk), number in places.items())
    return [(number, rank, pk, MODELS[rank]) for number, rank, pk in ranked]


def own_entries(entries, models):
    """{(model, key): number} of the records whose newest entry is among `entries`.

    A statement whose event has taken a step since stands there.
    """
    found = {}
    for model in models:
        numbers = {entry.record: entry.pk for entry in entries if LABELS[entry.model] is model}
        last = newest(Entry.objects.filter(model=model._meta.label_lower), numbers)
        found |= {(model, pk): number for pk, number in numbers.items() if last[pk] == number}
    said = [pk for model, pk in found if model is Statement]
    events = dict(Statement.objects.filter(pk__in=Among(said)).order_by().values_list("pk", "event"))
    stepped = newest(steps(), events.values())
    overtaken = {(Statement, pk) for pk in said if stepped.get(events.get(pk), 0) > found[Statement, pk]}
    return {key: number for key, number in found.items() if key not in overtaken}


def statements_of_steps(entries):
    """{(model, key): number} of the statements for which an event's newest step, among `entries`, speaks.

    That are those that no entry has named since.
    """
    numbers = {entry.record: entry.pk for entry in entries if entry.model == EVENT and entry.step}
    last = newest(steps(), numbers)
    numbers = {pk: number for pk, number in numbers.items() if last[pk] == number}
    events = dict(Statement.objects.filter(event__in=Among(numbers)).order_by().values_list("pk", "event"))
    named = newest(Entry.objects.filter(model=STATEMENT), events)
    return {(Statement, pk): numbers[event] for pk, event in events.items() if named.get(pk, 0) < numbers[event]}


def newest(entries, pks):
    """{key: number of the newest entry} of those records `pks` that have one among `entries`, which are of one kind."""
    there = entries.filter(record__in=Among(list(pks))).order_by().values_list("record")
    return dict(there.annotate(last=Max("pk"))) if pks else {}


def published_among(model, pks):
    return set(model.objects.published().filter(pk__in=Among(pks)).values_list("pk", flat=True)) if pks else set()


def once_public(model, pks):
    """Those of the records `pks`, which are not public, that once were."""
    entries = Entry.objects.filter(model=model._meta.label_lower, record__in=Among(list(pks)))
    return set(entries.filter(was_public()).order_by().values_list("record", flat=True)) if pks else set()


def was_public():
    """That an entry shows its record published or withdrawn, as a step or as it was found."""
    return Q(step__in=PUBLIC) | Q(action=Entry.Action.FOUND, plain__state__in=PUBLIC)


def steps():
    return Entry.objects.filter(model=EVENT).exclude(step="")


def entries_of(label):
    """The entries of the row of an outer query on the records themselves."""
    return Entry.objects.filter(model=label, record=OuterRef("pk"))


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
