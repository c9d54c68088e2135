"""The page on which an editor reads what a curator proposes for a public record, and decides."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse

from archive.core import ledger
from archive.core.curation import proposals
from archive.core.curation.conflicts import chosen_in, clashes_in_words, difference_of
from archive.core.curation.pages import WithPages
from archive.core.curation.steps import LONGEST_REASON, PROBLEMS, Refused, number, reason, refuse_lacking, sentences
from archive.core.models import Proposal
from archive.core.revising import lock, revise
from archive.core.states import MAY_PUBLISH

Status = Proposal.Status


class ProposalAdmin(WithPages, admin.ModelAdmin):
    """What waits for an editor. A curator sees what became of it, and may take it back."""

    list_display = ["title", "kind", "by", "at", "why", "status", "decided_by", "comment"]
    list_filter = ["status", ("by", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["by", "decided_by"]
    list_per_page = 50
    actions = None

    def has_add_permission(self, request):
        return False

    has_delete_permission = has_change_permission = lambda self, request, obj=None: False

    @admin.display(description="of")
    def kind(self, obj):
        return obj.record_model._meta.verbose_name

    def change_view(self, request, object_id, form_url="", extra_context=None):
        proposal = self.record_or_404(request, object_id)
        problems = []
        if request.method == "POST":
            try:
                return self.decided(request, proposal)
            except PROBLEMS as refused:
                problems = sentences(refused)
        return self.reading(request, self.get_object(request, unquote(object_id)), problems)

    def get_object(self, request, object_id, from_field=None):
        return super().get_object(request, object_id, from_field) if number(object_id, 0) else None

    def reading(self, request, proposal, problems=()):
        """The page: what would change, what clashes with what was changed meanwhile, and the buttons of whoever reads it."""
        seen = ledger.state()[0]
        record, model = proposal.record_now(), proposal.record_model
        is_open = proposal.status in Proposal.OPEN and record is not None
        chosen = chosen_in(request.POST)
        result = proposals.approved(proposal, record, {}) if is_open else None
        before, after = (proposals.present(record), result.plain) if is_open else (proposal.before, proposal.plain)
        context = {
            "proposal": proposal,
            "of": record,
            "shown": difference_of(self.admin_site._registry[model], record, before, after),
            "clashes": clashes_in_words(model, result.clashes, chosen) if is_open else [],
            "may_decide": is_open and request.user.has_perm(MAY_PUBLISH),
            "may_drop": is_open and (request.user == proposal.by or request.user.has_perm(MAY_PUBLISH)),
            "change_url": reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[proposal.record]),
            "problems": problems,
            "seen": seen,
            "comment": request.POST.get("comment", ""),
        }
        return self.page(request, "admin/record/proposal.html", "Proposed change", proposal, **context)

    def decided(self, request, proposal):
        """Does what was asked; raises Refused or PlainError when it cannot be done, and then nothing is."""
        comment = reason(request, "comment")
        if comment != request.POST.get("comment", "").strip():
            raise Refused([f"A comment has at most {LONGEST_REASON} characters, and no control characters."])
        model, editor = proposal.record_model, request.user.has_perm(MAY_PUBLISH)
        with ledger.unit(by=request.user, why=self.why(proposal, comment)) as work:
            lock(model, [proposal.record])
            proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
            if proposal.status not in Proposal.OPEN:
                raise Refused([f"Somebody has decided already: {proposal.get_status_display().lower()}."])
            if "_approve" in request.POST and editor:
                return self.approve(request, proposal, comment, work)
            if "_return" in request.POST and editor:
                proposals.decide(proposal, Status.RETURNED, request.user, comment)
                said = "It is returned, with your comment."
            elif "_drop" in request.POST and (editor or proposal.by == request.user):
                proposals.decide(proposal, Status.DROPPED, request.user, comment)
                said = "It is dropped: the record stays as it is."
            else:
                raise PermissionDenied
        messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:index"))

    def approve(self, request, proposal, comment, work):
        record = proposal.record_now()
        if record is None:
            raise Refused(["The record has been deleted meanwhile."])
        if ledger.changed_since(number(request.POST.get("seen"), 0), proposal.record_model, [proposal.record]):
            raise Refused(["The record was changed meanwhile: look again."])
        result = proposals.approved(proposal, record, chosen_in(request.POST))
        if result.clashes:
            raise Refused(["The record was changed since this was proposed: choose for each of the places below which one stays."])
        ledger.keep_found(proposal.record_model, [proposal.record])
        refuse_lacking(revise(proposal.record_model, result.plain, proposal.record))
        proposals.decide(proposal, Status.APPROVED, request.user, comment, unit=work.id)
        messages.success(request, f"“{proposal.title}” is changed as {proposal.by or 'somebody'} proposed.")
        return HttpResponseRedirect(reverse("admin:index"))

    def why(self, proposal, comment):
        """What the record's history says of an approved change: who proposed it, why, and what the editor said of it."""
        said = ". ".join(text.rstrip(".") for text in (f"Proposed by {proposal.by or 'somebody'}", proposal.why, comment) if text)
        return said[:LONGEST_REASON]

    def record_or_404(self, request, object_id):
        proposal = self.get_object(request, unquote(object_id))
        if proposal is None:
            raise Http404("There is no such proposed change.")
        if not self.has_view_permission(request, proposal):
            raise PermissionDenied
        return proposal
