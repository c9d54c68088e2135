"""What has become of a record, step by step; earlier states restored, and deleted records brought back."""

from django import forms
from django.apps import apps
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from archive.core import ledger
from archive.core.curation import restoring
from archive.core.curation.pages import needs
from archive.core.curation.showing import Difference, Names, is_sibling, row_references, show, title_of
from archive.core.curation.undoing import when
from archive.core.models import Entry
from archive.core.plain import PlainError, plain_fields
from archive.core.revising import lock, present, read
from archive.core.states import MAY_PUBLISH

MAY_RESTORE = "core.restore_record"
AT_ONCE = 25  # steps, or deleted records, on one page
LARGEST = 2**63 - 1


class ReasonForm(forms.Form):
    """Why something is done, and the number at which the ledger stood when the page was made."""

    why = forms.CharField(label="Reason", max_length=500, required=False, widget=forms.TextInput(attrs={"class": "vTextField"}))
    loaded = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=LARGEST)


def step_url(unit):
    """The address of the page that shows a whole step, by the number of its unit of work."""
    return reverse("step", args=[unit])


def link_to_step(unit, words="See what changed, or undo it"):
    return format_html('<a href="{}">{}</a>', step_url(unit), words)


def headings_of(model_admin):
    """{accessor: words} for the lists of rows in a record's form."""
    found = {}
    for inline in model_admin.inlines:
        if (inline.fk_name or inline.model.owner) == inline.model.owner:
            accessor = inline.model._meta.get_field(inline.model.owner).remote_field.get_accessor_name()
            words = inline.verbose_name_plural or inline.model._meta.verbose_name_plural
            found[accessor] = words[:1].upper() + words[1:]
    return found


class WithHistory:
    """An admin whose records have a history that can be read and restored."""

    def pages(self):
        return [
            *super().pages(),
            ("restore", "<path:object_id>/restore/<int:number>/", self.restore_view),
            ("deleted", "deleted/", self.deleted_view),
        ]

    def list_tools(self, request):
        return [*super().list_tools(request), ("Deleted", self.page_url("deleted"))]

    # What the ledger must know before a record goes

    def delete_model(self, request, obj):
        keep_around(type(obj), [obj.pk])
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        keep_around(queryset.model, list(queryset.values_list("pk", flat=True)))
        super().delete_queryset(request, queryset)

    # The timeline

    def history_view(self, request, object_id, extra_context=None):
        pk, record = self.number_or_404(object_id), self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        entries = Entry.objects.filter(model=self.opts.label_lower, record=pk).select_related("by").order_by("-pk")
        page = Paginator(entries, AT_ONCE).get_page(request.GET.get("page"))
        shown = list(entries[page.start_index() - 1 : page.end_index() + 1]) if page.paginator.count else []
        if record is None and not shown:
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        steps = self.steps(shown, page.end_index() == page.paginator.count, siblings_of(record))
        may_restore = request.user.has_perm(MAY_RESTORE) and self.may_write(request, record)
        return self.page(
            request,
            "admin/record/history.html",
            f"History of {record or 'a deleted ' + self.opts.verbose_name}",
            record,
            steps=steps[: len(page)],
            pages=page,
            may_restore=may_restore,
            newest=None if record is None or page.number > 1 else shown and shown[0].pk,
            restore_name=f"{self.admin_site.name}:{self.page_name('restore')}",
        )

    def steps(self, entries, has_first, siblings):
        """[(entry, difference)] of entries of one record, newest first; the last is only compared with, unless it is the first."""
        before = [*entries[1:], *([None] if has_first else [])]
        differences = [
            Difference(self.model, earlier and earlier.plain, entry.plain) for entry, earlier in zip(entries, before, strict=False)
        ]
        names, headings, others = Names.of(differences, siblings), headings_of(self), self.others(entries)
        return [
            {
                "entry": entry,
                "difference": difference,
                "shown": show(difference, names, headings),
                "others": others.get(entry.unit, 0),
            }
            for entry, difference in zip(entries, differences, strict=False)
        ]

    def others(self, entries):
        """{unit: how many other records it touched}; statements are told of by their event."""
        units = {entry.unit for entry in entries}
        told_of = [
            model._meta.label_lower for model in apps.get_models() if hasattr(model, "State") and getattr(model, "owner", None)
        ]
        touched = Entry.objects.filter(unit__in=units).exclude(model__in=told_of)
        others = touched.exclude(model=self.opts.label_lower, record__in={entry.record for entry in entries})
        return dict(others.order_by().values_list("unit").annotate(Count("pk")))

    # Restoring

    @needs(MAY_RESTORE)
    def restore_view(self, request, object_id, number):
        """An earlier state beside what the record is now; posted, it is so again."""
        if request.method == "POST":
            with ledger.unit(by=request.user) as work:
                return self.restore_page(request, object_id, number, work)
        return self.restore_page(request, object_id, number)

    def restore_page(self, request, object_id, number, work=None):
        loaded, pk = ledger.state()[0], self.number_or_404(object_id)
        if work:
            lock(self.model, [pk])
            ledger.take_numbers_in_turn()  # a record that is gone cannot be locked
        record, entry = self.get_object(request, str(pk)), self.entry_or_404(pk, number)
        is_public = record is not None and record.has_public_address
        if not self.may_write(request, record) or (work and is_public and not request.user.has_perm(MAY_PUBLISH)):
            raise PermissionDenied
        now = present(self.model, pk)
        plain = restoring.in_present_states(self.model, entry.plain, now, request.user.has_perm(MAY_PUBLISH))
        form, problems = ReasonForm(request.POST or None), []
        if work and form.is_valid():
            if ledger.changed_since(form.cleaned_data["loaded"], self.model, [pk]):
                problems = [("", "The record has been changed since this page was made. Look again: nothing has been restored.")]
            else:
                work.why = form.cleaned_data["why"] or f"Restored as of {when(entry)}"
                problems = self.restore(pk, plain, record)
                if not problems:
                    return self.restored(request, pk, entry, work)
        elif work:
            problems = [("", sentence) for sentences in form.errors.values() for sentence in sentences]
        why = request.POST.get("why", f"Restored as of {when(entry)}")
        difference = Difference(self.model, now, plain)
        return self.page(
            request,
            "admin/record/restore.html",
            f"Restore the state of {when(entry)}",
            record,
            entry=entry,
            shown=show(difference, Names.of([difference], siblings_of(record)), headings_of(self), most=LARGEST),
            name=record or title_of(self.model, entry.plain),
            is_gone=record is None,
            problems=problems,
            form=ReasonForm(initial={"why": why[:500].replace("\x00", ""), "loaded": loaded}),
            history=reverse(f"{self.admin_site.name}:{self.page_name('history')}", args=[pk]),
        )

    def restore(self, pk, plain, record):
        """Writes `plain` as the record `pk`; returns every problem, and has then written nothing."""
        owner = None
        if record is None and getattr(self.model, "owner", None):
            deleted = Entry.objects.filter(model=self.opts.label_lower, record=pk, action=Entry.Action.DELETED).last()
            owner = deleted and restoring.owner_of_deleted(self.model, deleted)
            if owner is None:
                of = self.opts.get_field(self.model.owner).related_model._meta.verbose_name
                return [("", f"The {of} that it belongs to is gone too: restore that, and this comes back with it.")]
        try:
            read(self.model, plain, pk, owner)
            restoring.keep_found(self.model, [pk])
            restoring.write_back(self.model, plain, pk, owner)
        except PlainError as error:
            return error.problems
        return []

    def restored(self, request, pk, entry, work):
        sentence = format_html("The state of {} is restored. {}.", when(entry), link_to_step(work.id))
        messages.success(request, sentence)
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:{self.page_name('change')}", args=[pk]))

    def may_write(self, request, record):
        return self.has_change_permission(request, record) and (record is not None or self.has_add_permission(request))

    def entry_or_404(self, pk, number):
        entry = number <= LARGEST and Entry.objects.filter(pk=number, model=self.opts.label_lower, record=pk).first()
        if not entry or entry.plain is None:
            raise Http404("The ledger has no such state of this record.")
        return entry

    def number_or_404(self, object_id):
        pk = unquote(object_id)
        if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        return int(pk)

    # What was deleted

    def deleted_view(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied
        entries = Entry.objects.filter(model=self.opts.label_lower)
        later = entries.filter(record=OuterRef("record"), pk__gt=OuterRef("pk"))
        deleted = entries.filter(~Exists(later), action=Entry.Action.DELETED).select_related("by").order_by("-pk")
        page = Paginator(deleted, AT_ONCE).get_page(request.GET.get("page"))
        known = entries.filter(record__in=[entry.record for entry in page]).exclude(action=Entry.Action.DELETED)
        last = {entry.record: entry for entry in ledger.newest_of(known)}
        names = Names(pair for entry in last.values() for pair in row_references(self.model, entry.plain))
        rows = [
            {"entry": entry, "last": last.get(entry.record), "name": self.name_of(entry, last.get(entry.record), names)}
            for entry in page
        ]
        return self.page(
            request,
            "admin/record/deleted.html",
            f"Deleted {self.opts.verbose_name_plural}",
            rows=rows,
            pages=page,
            may_restore=request.user.has_perm(MAY_RESTORE) and self.may_write(request, None),
            restore_name=f"{self.admin_site.name}:{self.page_name('restore')}",
            history_name=f"{self.admin_site.name}:{self.page_name('history')}",
        )

    def name_of(self, entry, last, names):
        return names.row(self.model, last.plain) if last else entry.key


def siblings_of(record):
    """{(model, key): words} of the rows of the same owner that a record which is a part refers to."""
    owner = getattr(record, record.owner) if getattr(record, "owner", None) else None
    targets = {model_field.related_model for model_field in plain_fields(type(record))} if owner else set()
    return {
        (target, getattr(row, target.key)): str(row)
        for target in targets
        if target is not None and is_sibling(target)
        for row in with_labels(target._default_manager.filter(**{target.owner: owner}))
    }


def with_labels(rows):
    return rows.with_labels() if hasattr(rows, "with_labels") else rows


def keep_around(model, pks):
    """Lets the ledger know what records are, and what loses them, before they are deleted."""
    restoring.keep_found(model, pks)
    for relation in model._meta.related_objects:
        if relation.field.name == getattr(relation.related_model, "owner", None):
            continue
        rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": pks}).order_by()
        for record_model, attribute in ledger.accounts(relation.related_model):
            ledger.keep_found(record_model, list(rows.values_list(attribute, flat=True).distinct()))
