"""The desk: what waits for whom, what has a gap, and what happened last. Every count leads to the list that it counts."""

from contextlib import suppress
from dataclasses import dataclass

from django.apps import apps
from django.contrib import admin
from django.core.cache import cache
from django.db import OperationalError
from django.db.models import Exists, OuterRef, Subquery
from django.urls import NoReverseMatch, reverse

from archive.core import ledger
from archive.core.curation.duplicates import catch_up, open_pairs
from archive.core.models import Entry, Proposal
from archive.core.states import RETURN, SUBMIT, State

RECENT = 10  # steps that the desk shows
LOOKED_BACK = 200  # entries among which they are looked for


@dataclass(frozen=True)
class Gap:
    """Something that records lack and should not: its name in an address, in words, and `of(queryset)`, which finds them."""

    name: str
    words: str
    of: object


class WorkFilter(admin.SimpleListFilter):
    """Of a list, what somebody has to do something about."""

    title, parameter_name = "work", "work"

    def __init__(self, request, params, model, model_admin):
        self.gaps = {gap.name: gap for gap in model_admin.gaps}
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        own = [("mine", "My drafts"), ("back", "Came back to me")] if hasattr(model_admin.model, "State") else []
        return [*own, *((gap.name, gap.words.capitalize()) for gap in self.gaps.values())]

    def queryset(self, request, queryset):
        find = {"mine": drafts_of, "back": back_to}.get(self.value())
        if find and hasattr(queryset.model, "State"):
            return find(request.user, queryset)
        return self.gaps[self.value()].of(queryset) if self.value() in self.gaps else queryset


def entries_of(model):
    return Entry.objects.filter(model=model._meta.label_lower).order_by()


def drafts_of(user, records):
    """The drafts that `user` began."""
    begun = entries_of(records.model).filter(by=user, action=Entry.Action.CREATED)
    return records.filter(state=State.DRAFT, pk__in=begun.values("record"))


def back_to(user, records):
    """The drafts that `user` submitted and that somebody returned."""
    steps = entries_of(records.model).filter(record=OuterRef("pk")).exclude(step="")
    last = Subquery(steps.order_by("-pk").values("step")[:1])
    return (
        records.filter(Exists(steps.filter(step=SUBMIT.name, by=user)), state=State.DRAFT).alias(last=last).filter(last=RETURN.name)
    )


class WithGaps:
    """A list that the desk counts in. A subclass names its `gaps`."""

    gaps = ()

    def get_list_filter(self, request):
        return [*super().get_list_filter(request), WorkFilter]


# The page


def sections(request, site):
    """[(heading, [(words, count, address)])] of what there is to do for `request.user`; nothing that there is none of."""
    lists = [model_admin for model_admin in site._registry.values() if model_admin.has_view_permission(request)]
    records = [model_admin for model_admin in lists if hasattr(model_admin.model, "State")]
    found = [
        ("Waits for review", [*waiting(request), *in_state(records, State.IN_REVIEW)]),
        ("Came back to me", [*returned(request), *mine(request, records, "back", back_to)]),
        ("My drafts", mine(request, records, "mine", drafts_of)),
        ("Gaps", [*gaps(lists), *probable_duplicates(request, records)]),
    ]
    return [(heading, [line for line in lines if line[1]]) for heading, lines in found]


def list_address(model, query):
    return f"{reverse(f'admin:{model._meta.app_label}_{model._meta.model_name}_changelist')}?{query}"


def line(model, count, query, words=""):
    meta = model._meta
    name = meta.verbose_name if count == 1 else meta.verbose_name_plural
    return (f"{name.capitalize()} {words}".strip(), count, list_address(model, query))


def waiting(request):
    count = Proposal.objects.filter(status=Proposal.Status.WAITING).count()
    return [("Proposed changes of public records", count, list_address(Proposal, "status__exact=waiting"))]


def returned(request):
    count = Proposal.objects.filter(status=Proposal.Status.RETURNED, by=request.user).count()
    query = f"status__exact=returned&by__id__exact={request.user.pk}"
    return [("Proposed changes, with a comment", count, list_address(Proposal, query))]


def in_state(lists, state):
    return [line(one.model, one.model.objects.filter(state=state).count(), f"state__exact={state}") for one in lists]


def mine(request, lists, work, find):
    return [line(one.model, find(request.user, one.model.objects.all()).count(), f"work={work}") for one in lists]


def gaps(lists):
    """The gaps of every list: counted once for each state of the archive, since they take reading much of it."""
    state = "-".join(map(str, ledger.state()))
    found = []
    for one in lists:
        for gap in getattr(one, "gaps", ()):
            key = f"gap:{one.model._meta.label_lower}:{gap.name}:{state}"
            count = cache.get_or_set(key, lambda one=one, gap=gap: gap.of(one.model.objects.all()).count(), timeout=None)
            found.append(line(one.model, count, f"work={gap.name}", gap.words))
    return found


def probable_duplicates(request, lists):
    """How many pairs of each list wait for somebody's judgement, those among them that have just become alike."""
    found = []
    for one in lists:
        if one.model.likeness and one.has_change_permission(request):
            with suppress(OperationalError):  # somebody writes for long: the pairs that are known will do
                catch_up(one.model)
            words = f"{one.model._meta.verbose_name_plural.capitalize()} that may be there twice (pairs)"
            found.append((words, open_pairs(one.model).count(), one.page_url("duplicates")))
    return found


def recent():
    """The last steps of work: the entry of the record that each was about first, its title, and how many others it touched."""
    entries = Entry.objects.exclude(action__in=[Entry.Action.EVERYTHING, Entry.Action.FOUND]).select_related("by").defer("plain")
    steps = {}
    for entry in entries.order_by("-pk")[:LOOKED_BACK]:
        steps.setdefault(entry.unit, []).append(entry)
    first = [touched[-1] for touched in [*steps.values()][:RECENT]]
    titles = titles_of(first)
    return [(entry, titles.get(entry.pk, entry.key), len(steps[entry.unit]) - 1, address_of(entry)) for entry in first]


def titles_of(entries):
    """{entry's primary key: title} of those of whose records there still are."""
    pks = {}
    for entry in entries:
        pks.setdefault(entry.model, set()).add(entry.record)
    records = {}
    for label, wanted in pks.items():
        with suppress(LookupError):  # a kind of record that is no more
            records |= {(label, record.pk): record for record in apps.get_model(label)._base_manager.filter(pk__in=wanted)}
    return {entry.pk: str(record) for entry in entries if (record := records.get((entry.model, entry.record)))}


def address_of(entry):
    """The form of the record that `entry` is about, while there is one."""
    with suppress(NoReverseMatch):
        if entry.action != Entry.Action.DELETED:
            return reverse(f"admin:{entry.model.replace('.', '_')}_change", args=[entry.record])
    return ""
