"""Two people with the same record open: the second to save sees what the first one changed beside what they typed, and chooses."""

import json

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect

from archive.core import ledger
from archive.core.curation import proposals
from archive.core.curation.history import LARGEST, headings_of, siblings_of
from archive.core.curation.restoring import in_present_states
from archive.core.curation.showing import Difference, Names, show
from archive.core.curation.steps import PROBLEMS, asked_step, number, reason, refuse_lacking, sentences, take
from archive.core.difference import label, merged, part_models
from archive.core.models import Entry
from archive.core.plain import save
from archive.core.revising import draft_of, lock, revise


def shown_then(model, pk, loaded, proposal):
    """The plain form that a form showed when the ledger stood at `loaded`, with what `proposal` changes; None when nobody knows."""
    plain = ledger.plain_at(model, pk, loaded)
    return merged(model, proposal.before, plain, proposal.plain).plain if proposal and plain else plain


def show_again(request, model, pk, shown):
    """Brings back, for a trial, what a form showed (`shown`, a plain form) and somebody else has deleted meanwhile.

    Every row gets the number under which it was posted, so that the form is read as if it had been posted in time.
    """
    record = model._base_manager.filter(pk=pk).first()
    plain, numbers = proposals.present(record) if record else dict(shown), {}
    data = request.POST.copy()
    for accessor, part in part_models(model).items():
        there = {getattr(row, part.key): row.pk for row in getattr(record, accessor).all()} if record else {}
        rows = shown.get(accessor, [])
        for place, row in enumerate(rows if number(data.get(f"{accessor}-INITIAL_FORMS"), 0) == len(rows) else []):
            name, key = f"{accessor}-{place}-id", row[part.key]
            if key in there:
                data[name] = str(there[key])  # the same one, or another with its name
            elif posted := number(data.get(name), 0):
                numbers[accessor, key] = posted
                if record:
                    plain[accessor] = [*plain.get(accessor, []), row]
    request.POST = data
    if numbers or not record:
        draft = draft_of(model, plain, pk)
        for accessor, parts in draft.parts.items():
            for part in parts:
                key = getattr(part.instance, part.instance.key)
                part.instance.pk = part.instance.pk or numbers.get((accessor, key))
        save(draft)


# Both changes, side by side


class Conflict:
    """What a form showed (`base`), what is there now (`theirs`) and what was typed (`mine`), as plain forms."""

    def __init__(self, admin, request, pk, mine):
        self.admin, self.request, self.model, self.pk, self.mine = admin, request, admin.model, pk, mine
        self.record = admin.get_object(request, str(pk))
        posted = request.POST
        self.now = ledger.state()[0]
        self.loaded = number(posted.get("loaded"), self.now)
        if self.record is None:
            self.base, self.theirs = shown_then(self.model, pk, self.loaded, None), None
            return
        self.is_proposing = self.record.has_public_address and not admin.has_publish_permission(request)
        self.proposal = proposals.waiting(self.record) if self.is_proposing else None
        earlier = number(posted.get("loaded_proposal"), 0) if self.is_proposing else 0
        self.base = shown_then(self.model, pk, self.loaded, proposals.of(self.record).filter(pk=earlier).first())
        self.theirs = proposals.rebased(self.proposal, self.record) if self.proposal else proposals.present(self.record)

    @property
    def since(self):
        """The entries of the ledger that the form did not know."""
        entries = Entry.objects.filter(model=self.model._meta.label_lower, record=self.pk, pk__gt=self.loaded)
        return entries.exclude(action=Entry.Action.FOUND).select_related("by").order_by("-pk")[:20]

    def merged(self, chosen):
        result = merged(self.model, self.base, self.theirs, self.mine, chosen)
        result.plain = in_present_states(self.model, result.plain, self.theirs or {}, may_publish=False)
        return result

    def page(self, chosen=(), problems=()):
        """The page on which somebody chooses; what they chose and typed already is in it."""
        clashes = merged(self.model, self.base, self.theirs, self.mine).clashes if self.theirs is not None else []
        places = {clash.place for clash in clashes}
        context = {
            "clashes": clashes_in_words(self.model, clashes, dict(chosen)),
            "theirs": difference_of(self.admin, self.record, self.base, self.theirs, places) if self.theirs is not None else None,
            "mine": difference_of(self.admin, self.record, self.base, self.mine, places),
            "since": self.since,
            "is_gone": self.theirs is None,
            "problems": problems,
            "plain": signing.dumps(self.mine, salt=salt(self.model, self.pk), compress=True),
            "seen": self.now,
            "posted": {name: self.request.POST.get(name, "") for name in ("loaded", "loaded_proposal", "why")},
            "step": next((name for name in self.request.POST if name.startswith("_step_")), ""),
            "address": self.admin.page_url("settle", self.pk),
        }
        title = "Somebody else deleted this meanwhile" if self.theirs is None else "Somebody else changed this meanwhile"
        return self.admin.page(self.request, "admin/record/conflict.html", title, self.record, status=409, **context)


def chosen_in(posted):
    """{place: "theirs" or "mine"} of what was chosen on a page."""
    found = {}
    for name, value in posted.items():
        if name.startswith("at:") and value in ("theirs", "mine"):
            try:
                found[tuple(json.loads(name.removeprefix("at:")))] = value
            except (ValueError, TypeError, RecursionError):
                continue  # no name of ours
    return found


def difference_of(admin, record, before, after, without=()):
    """The Shown of what differs between two plain forms of `record`, but for the places that are `without` and what is in them."""
    difference = Difference(admin.model, before, after)
    is_shown = lambda change: not any(change.place[: len(place)] == place for place in without)  # noqa: E731
    difference.found = [change for change in difference.found if is_shown(change)]
    return show(difference, Names.of([difference], siblings_of(record)), headings_of(admin), most=LARGEST)


def clashes_in_words(model, clashes, chosen):
    """Clashes as a page shows them, each with the name under which it is chosen in."""
    return [
        {
            "name": name_of(clash.place),
            "label": label(model, clash.place),
            "before": in_words(clash.before),
            "theirs": in_words(clash.theirs),
            "mine": in_words(clash.mine),
            "chosen": chosen.get(clash.place, ""),
        }
        for clash in clashes
    ]


def salt(model, pk):
    return f"{model._meta.label_lower} {pk}"


def name_of(place):
    return f"at:{json.dumps(place, ensure_ascii=False)}"


def in_words(value):
    """A value of a plain form as text, one line for each thing."""
    if isinstance(value, dict):
        return "\n".join(f"{key.replace('_', ' ')}: {in_words(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return "\n".join(in_words(inner) for inner in value)
    return "" if value is None else str(value)


class WithConflicts:
    """The page on which two changes of a record become one."""

    def pages(self):
        return [("settle", "<path:object_id>/settle/", self.settle_view), *super().pages()]

    def settle_view(self, request, object_id):
        pk = number(unquote(object_id), 0)
        if request.method != "POST":
            return HttpResponseRedirect(self.page_url("change", object_id))
        if not self.has_change_permission(request):
            raise PermissionDenied
        mine = self.plain_of(request, pk)
        try:
            with ledger.unit(by=request.user, why=reason(request)):
                lock(self.model, [pk])
                return self.settled(Conflict(self, request, pk, mine))
        except PROBLEMS as refused:
            with ledger.unit():
                conflict = Conflict(self, request, pk, mine)
                return conflict.page(chosen_in(request.POST), sentences(refused)).render()

    def plain_of(self, request, pk):
        """The plain form that the page carries, signed: only what a form here has made comes back."""
        try:
            return signing.loads(request.POST.get("plain", ""), salt=salt(self.model, pk))
        except signing.BadSignature:
            raise Http404("This page carries what was typed, and has lost it.") from None

    def settled(self, conflict):
        """Writes what was chosen, or asks again: for what is not chosen yet, and when somebody has changed the record once more."""
        request, chosen = conflict.request, chosen_in(conflict.request.POST)
        seen = number(request.POST.get("seen"), 0)
        if ledger.changed_since(seen, self.model, [conflict.pk]):
            return conflict.page(chosen, ["The record was changed once more: look again."]).render()
        if conflict.theirs is None:
            return self.brought_back(conflict)
        result = conflict.merged(chosen)
        if result.clashes:
            return conflict.page(chosen, ["Choose for each of them which one stays."]).render()
        if conflict.is_proposing:
            proposals.propose(conflict.record, result.plain, request.user, reason(request), conflict.proposal)
            messages.success(request, f"The change of “{conflict.record}” waits for an editor.")
            return HttpResponseRedirect(self.page_url("changelist"))
        record = revise(self.model, result.plain, conflict.pk)
        if step := asked_step(request):
            take(step, record, request.user)
        refuse_lacking(record)
        self.log_change(request, record, "Both changes kept.")
        messages.success(request, f"“{record}” has both changes.")
        return HttpResponseRedirect(self.page_url("change", record.pk))

    def brought_back(self, conflict):
        request = conflict.request
        if not self.has_add_permission(request):
            raise PermissionDenied
        record = revise(self.model, in_present_states(self.model, conflict.mine, None, may_publish=False), conflict.pk)
        messages.success(request, f"“{record}” is there again, as a draft.")
        return HttpResponseRedirect(self.page_url("change", record.pk))
