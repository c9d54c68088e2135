"""The admin's pages on which two records become one: choose the other, compare, see what will happen, do it."""

from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.utils.html import format_html

from archive.core import ledger
from archive.core.curation.history import link_to_step
from archive.core.curation.merging import merge, preview
from archive.core.curation.moving import ADDED, DROPPED, JOINED, MOVED, MergeError, relations
from archive.core.curation.pages import needs
from archive.core.curation.sameness import choosable, differences, in_words
from archive.core.difference import part_models

MAY_MERGE = "core.merge_record"
MOST_SHOWN = 300  # steps of one kind on a page
MOST_ROWS = 8  # of one part in the comparison
HEADINGS = {
    MOVED: "Will be of “{kept}”",
    JOINED: "Will be one with what is there",
    DROPPED: "Falls away",
    ADDED: "Is added to the names",
}


class DecisionForm(forms.Form):
    loaded = forms.IntegerField(
        min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput, error_messages={"required": "Look at both records again."}
    )
    why = forms.CharField(
        label="Why they are one",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Is kept with the step, for whoever wonders later. It may be left empty.",
    )


class WithMerging:
    """An admin whose records can be merged, by those who may: from a form, from two in the list, from a probable duplicate."""

    def pages(self):
        return [*super().pages(), ("merge", "<path:object_id>/merge/", self.merge_view)]

    def tools(self, request, record):
        own = [("Merge with…", self.page_url("merge", quote(record.pk)))] if self.may_merge(request) else []
        return [*super().tools(request, record), *own]

    def get_actions(self, request):
        actions = super().get_actions(request)
        if actions and self.may_merge(request):
            name, action = "merge_selected", type(self).merge_selected
            actions[name] = (action, name, action.short_description)
        return actions

    @admin.action(description="Merge two selected %(verbose_name_plural)s")
    def merge_selected(self, request, queryset):
        if not self.may_merge(request):
            raise PermissionDenied
        chosen = list(queryset.order_by("pk")[:3])
        if len(chosen) != 2:
            self.message_user(request, "Select two records, no more and no fewer.", messages.WARNING)
            return None
        return HttpResponseRedirect(self.merge_url(*chosen))

    def may_merge(self, request):
        return self.model.mergeable and request.user.has_perm(MAY_MERGE) and self.has_change_permission(request)

    def merge_url(self, one, other):
        """Where two records are compared; the one that the public sees is kept, or else the older."""
        kept, lost = sorted([one, other], key=lambda record: (not record.is_published, record.pk))
        return self.comparison_url(kept, lost)

    def comparison_url(self, kept, lost):
        return f"{self.page_url('merge', quote(kept.pk))}?{urlencode({'with': lost.pk})}"

    @needs(MAY_MERGE)
    def merge_view(self, request, object_id):
        kept = self.record_or_404(request, object_id)
        if not self.may_merge(request):
            raise PermissionDenied
        if "with" not in request.GET:
            return self.choose(request, kept)
        loaded = ledger.state()[0]
        kept.refresh_from_db()
        lost = self.other(request, kept)
        if lost is None:
            return self.choose(request, kept, f"Choose another {self.opts.verbose_name}, to be merged into this one.")
        return self.compare(request, kept, lost, loaded)

    def other(self, request, kept):
        """The record that shall be merged into `kept`, as the address names it; None when there is no such one."""
        key = request.GET["with"]
        is_number = key.isascii() and key.isdecimal() and len(key) < 19
        return self.get_queryset(request).exclude(pk=kept.pk).filter(pk=key).first() if is_number else None

    def choose(self, request, kept, problem=""):
        source = next(field for field in relations(self.model) if not field.many_to_many)
        widget = AutocompleteSelect(source, self.admin_site, attrs={"required": True})
        field = forms.ModelChoiceField(self.get_queryset(request).none(), widget=widget, label=f"Other {self.opts.verbose_name}")
        form = type("ChooseForm", (forms.Form,), {"with": field})()
        shown = {"kept": kept, "form": form, "problem": problem, "media": self.media + form.media}
        return self.page(request, "admin/record/merge_choose.html", "Merge", kept, **shown)

    def compare(self, request, kept, lost, loaded):
        """Both side by side and what will happen; or does it, and leads to what they have become."""
        chosen = {name.removeprefix("choice-"): side for name, side in request.POST.items() if name.startswith("choice-")}
        form = DecisionForm(request.POST or None, initial={"loaded": loaded})
        problems = []
        if "merge" in request.POST and form.is_valid():
            try:
                return self.do_merge(request, kept, lost, chosen, **form.cleaned_data)
            except MergeError as error:
                problems = error.problems
                loaded = ledger.state()[0]
                form = DecisionForm({**request.POST.dict(), "loaded": loaded})
        found = differences(kept, lost, chosen)
        steps, forbidden = preview(self.model, kept.pk, lost.pk, chosen, request.user)
        shown = {
            "kept": kept,
            "lost": lost,
            "swap": self.comparison_url(lost, kept),
            "form": form,
            "differences": found,
            "same": same_values(kept, lost, found),
            "parts": parts_of(kept, lost),
            "groups": grouped(steps, kept),
            "problems": list(dict.fromkeys([*problems, *forbidden])),
            "is_possible": not forbidden,
        }
        return self.page(request, "admin/record/merge.html", f"Merge with “{lost}”", kept, **shown)

    def do_merge(self, request, kept, lost, chosen, loaded, why):
        said = f"“{lost}” ({lost.slug}) merged into “{kept}”"
        unit, _ = merge(self.model, kept.pk, lost.pk, chosen, loaded, request.user, f"{said}: {why}" if why else said)
        kept.refresh_from_db()
        self.log_change(request, kept, f"Merged with “{lost}”.")
        self.message_user(request, format_html("“{}” and “{}” are one now. {}", kept, lost, link_to_step(unit)), messages.SUCCESS)
        return HttpResponseRedirect(self.record_url(kept))

    def record_url(self, record):
        return self.page_url("change", quote(record.pk))


def same_values(kept, lost, found):
    """[(label, value)] of the fields in which both say the same."""
    differing = {one.name for one in found}
    fields = [model_field for model_field in choosable(type(kept)) if model_field.name not in differing]
    values = [(model_field.verbose_name, in_words(model_field, getattr(kept, model_field.name))) for model_field in fields]
    return [(label, value) for label, value in values if value]


def parts_of(kept, lost):
    """[(label, the first rows of the one, those of the other)] of what both own: it will be united."""
    found = [
        (accessor.replace("_", " "), first_rows(kept, accessor), first_rows(lost, accessor)) for accessor in part_models(type(kept))
    ]
    return [(label, mine, theirs) for label, mine, theirs in found if mine or theirs]


def first_rows(record, accessor):
    rows = getattr(record, accessor).all()
    words = [str(row) for row in rows[: MOST_ROWS + 1]]
    return words if len(words) <= MOST_ROWS else [*words[:MOST_ROWS], f"and {rows.count() - MOST_ROWS:,} more"]


def grouped(steps, kept):
    """[(heading, steps, how many more)] by what happens."""
    found = []
    for kind, heading in HEADINGS.items():
        if of_kind := [step for step in steps if step.kind == kind]:
            shown = of_kind[:MOST_SHOWN]
            found.append((f"{heading.format(kept=kept)} ({len(of_kind):,})", shown, len(of_kind) - len(shown)))
    return found
