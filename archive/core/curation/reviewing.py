"""What happens when a record's form is posted, before anything is written.

A form is saved as Django's admin saves it, in a transaction. At the end of it the record's plain form says what it would be now.
Then, for whoever may not publish, a public record is set back and that plain form is proposed; where somebody else has changed
the record meanwhile, it is set back and both changes are shown side by side; where the archive promises something of what it
publishes and the record lacks it, the form says so and keeps every word.
"""

from contextlib import contextmanager

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import HttpResponseRedirect

from archive.core import ledger
from archive.core.curation import conflicts, proposals
from archive.core.curation.steps import (
    LONGEST_REASON,
    PROBLEMS,
    asked_step,
    number,
    reason,
    refuse_lacking,
    sentences,
    steps_for,
    take,
)
from archive.core.plain import PlainError
from archive.core.revising import as_if, lock
from archive.core.states import MAY_PUBLISH


class Tried(Exception):  # noqa: N818 (it is no error)
    """Ends the trial of a form: `plain` is what the record would be."""

    def __init__(self, plain):
        super().__init__()
        self.plain = plain


class Visit:
    """One request for a record's form: what was shown, what is asked, and what is in the way."""

    def __init__(self, admin, request, object_id):
        self.admin, self.request, self.model, self.user = admin, request, admin.model, request.user
        self.problems = []
        # A number from before anything else is read: what changes from now on is news to whoever sees the form.
        self.now = ledger.state()[0]
        self.record = admin.get_object(request, object_id) if object_id else None
        self.pk = self.record.pk if self.record else number(object_id, 0) if object_id else None
        self.proposal = proposals.waiting(self.record) if self.is_proposing else None

    @property
    def is_proposing(self):
        """Whether what is saved waits for an editor."""
        return self.record is not None and self.record.has_public_address and not self.user.has_perm(MAY_PUBLISH)

    def context(self):
        """What the form shows besides its fields."""
        posted = self.request.POST
        return {
            "loaded": posted.get("loaded", self.now),
            "loaded_proposal": posted.get("loaded_proposal", self.proposal.pk if self.proposal else ""),
            "why": posted.get("why", ""),
            "steps": [] if self.is_proposing else steps_for(self.user, self.record),
            "is_proposing": self.is_proposing,
            "proposal": self.proposal,
            "waiting": proposals.waiting(self.record),
        }

    @contextmanager
    def shown(self, proposal):
        """Within it the record is as its form shows it: with what is proposed, where something is."""
        if proposal is None:
            yield
            return
        with as_if(self.model, proposals.rebased(proposal, self.record), self.record.pk):
            yield

    # What was posted

    def read(self):
        """Reads what the form carries besides its fields; raises PermissionDenied for a step that is not the user's."""
        posted = self.request.POST
        self.why, asked = reason(self.request), posted.get("why", "").strip()
        if self.why != asked:
            self.problems.append(f"A reason has at most {LONGEST_REASON} characters, and no control characters.")
        self.step = asked_step(self.request)
        self.loaded = min(number(posted.get("loaded"), self.now), self.now)
        self.read_proposals()

    def read_locked(self):
        """Locks the record, and reads it again: it may have become public while somebody else held it."""
        lock(self.model, [self.pk])
        self.record = self.admin.get_object(self.request, str(self.pk))
        self.proposal = proposals.waiting(self.record) if self.is_proposing else None
        self.read_proposals()
        ledger.keep_found(self.model, [self.pk])

    def read_proposals(self):
        """Finds the proposed change that the form showed, if it showed any."""
        loaded = number(self.request.POST.get("loaded_proposal"), 0)
        self.loaded_proposal = proposals.of(self.record).filter(pk=loaded).first() if self.is_proposing else None

    @property
    def is_stale(self):
        """Whether what the form showed is not what is there any more."""
        proposal = proposals.waiting(self.record) if self.is_proposing else None
        return self.loaded_proposal != proposal or ledger.changed_since(self.loaded, self.model, [self.pk])

    def shown_then(self):
        """The plain form that the form showed; of a record that was never there, and is not now, None."""
        shown = conflicts.shown_then(self.model, self.pk, self.loaded, self.loaded_proposal)
        return shown or ({} if self.record else None)

    def finish(self, record):
        """Decides, when the form has been saved, whether it stays saved."""
        if ledger.is_trial():
            raise Tried(proposals.present(record))
        if self.step:
            take(self.step, record, self.user)
        refuse_lacking(record)


class ReviewedForms:
    """The form of a record, reviewed: see the module."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        visit = request.visit = Visit(self, request, unquote(object_id) if object_id else None)
        if request.method == "POST":
            return self.posted(visit, object_id, form_url, extra_context)
        try:
            with visit.shown(visit.proposal):
                response = self.form_of(visit, object_id, form_url, extra_context)
                return response.render() if visit.proposal else response
        except PlainError as error:
            problems = " ".join(sentence for _, sentence in error.problems)
            messages.warning(request, f"The proposed change cannot be shown in the form any more, and is kept as it is: {problems}")
            visit.proposal = None
            return self.form_of(visit, object_id, form_url, extra_context)

    def form_of(self, visit, object_id, form_url, extra_context):
        return super().changeform_view(visit.request, object_id, form_url, {**(extra_context or {}), **visit.context()})

    def posted(self, visit, object_id, form_url, extra_context):
        visit.read()
        try:
            with ledger.unit(by=visit.user, why=visit.why):
                return self.write(visit, object_id, form_url, extra_context)
        except Tried as tried:
            return self.settle(visit, tried.plain)
        except PROBLEMS as refused:
            visit.problems += sentences(refused)
        with ledger.unit(by=visit.user):  # the form again, with what is in the way
            try:
                return self.write(visit, object_id, form_url, extra_context)
            except PlainError:  # what it showed cannot be brought back
                return self.form_of(visit, object_id, form_url, extra_context)

    def write(self, visit, object_id, form_url, extra_context):
        if visit.pk:
            visit.read_locked()
        shown = visit.shown_then() if visit.pk and visit.is_stale else None
        if shown is None and not visit.is_proposing:
            return self.form_of(visit, object_id, form_url, extra_context)
        with ledger.trial(), visit.shown(visit.loaded_proposal):
            if shown is not None:
                conflicts.show_again(visit.request, self.model, visit.pk, shown)
            # Not valid, or it would not come back: rendered while what it shows is there.
            return self.form_of(visit, object_id, form_url, extra_context).render()

    def settle(self, visit, mine):
        """Answers a form that has been tried: a change that is proposed, or that somebody else's is in the way of."""
        with ledger.unit():
            visit.read_locked()
            if visit.is_stale:
                return conflicts.Conflict(self, visit.request, visit.pk, mine).page().render()
            proposals.propose(visit.record, mine, visit.user, visit.why, visit.proposal)
        messages.success(visit.request, f"The change of “{visit.record}” waits for an editor. Readers see the record as it is.")
        return HttpResponseRedirect(self.page_url("changelist"))

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        request.visit.finish(form.instance)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form, visit = super().get_form(request, obj, change, **kwargs), getattr(request, "visit", None)
        return refusing(form, visit.problems) if visit and visit.problems else form


def refusing(form_class, problems):
    """`form_class`, whose forms are not valid because of `problems`."""

    def clean(self):
        data = super(refused, self).clean()
        for problem in problems:
            self.add_error(None, problem)
        return data

    refused = type(form_class.__name__, (form_class,), {"clean": clean})
    return refused
