"""The same fields of many records changed at once: chosen, previewed record by record, then done as one step."""

from functools import cache

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.utils.html import format_html

from archive.core import ledger
from archive.core.curation.history import ReasonForm, link_to_step
from archive.core.curation.restoring import keep_found
from archive.core.curation.showing import Difference, Names, show
from archive.core.plain import Draft, PlainError, find_in_database, is_default, save, to_plain, with_plain
from archive.core.revising import lock, read
from archive.core.states import MAY_PUBLISH

MOST = 500  # records at once
SHOWN = 100  # of their changes in a preview, and of the problems


class BatchForm(ReasonForm):
    """What shall be changed: a field's new value, or that it is emptied; of a field of many, what is added and taken away."""

    def __init__(self, *args, model_admin, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.batch_fields = {name: model_admin.opts.get_field(name) for name in model_admin.batch_fields}
        for name, model_field in self.batch_fields.items():
            label = str(model_field.verbose_name).capitalize()
            if model_field.many_to_many:
                self.fields[f"{name}_add"] = self.plain_field(model_admin, request, model_field, f"Add to {label.lower()}")
                self.fields[f"{name}_remove"] = self.plain_field(model_admin, request, model_field, f"Take from {label.lower()}")
            else:
                self.fields[name] = self.plain_field(model_admin, request, model_field, label)
                if model_field.blank:
                    self.fields[f"{name}_empty"] = forms.BooleanField(required=False, label="Empty it")

    def plain_field(self, model_admin, request, model_field, label):
        """The form field of `model_field`, which left alone means no change."""
        if model_field.choices:
            return forms.ChoiceField(required=False, label=label, choices=[("", "—"), *model_field.choices])
        if model_field.many_to_many:
            field = model_admin.formfield_for_manytomany(model_field, request)
        elif model_field.many_to_one:
            field = model_admin.formfield_for_foreignkey(model_field, request)
        else:
            field = model_field.formfield()
        field.required, field.initial, field.label, field.help_text = False, None, label, ""
        return field

    def rows(self):
        """[(field, the box that empties it, or None)] for the page."""
        names = [name for name in self.fields if name not in ("why", "loaded") and not name.endswith("_empty")]
        return [(self[name], self[f"{name}_empty"] if f"{name}_empty" in self.fields else None) for name in names]

    def clean(self):
        data = super().clean()
        for name, model_field in self.batch_fields.items():
            if data.get(f"{name}_empty") and data.get(name):
                self.add_error(name, "Give a value, or empty the field: not both.")
            if model_field.many_to_many:
                for one in set(data.get(f"{name}_add") or []) & set(data.get(f"{name}_remove") or []):
                    self.add_error(f"{name}_add", f"“{one}” cannot be both added and taken away.")
        if not self.errors and not any(self.wanted(name) for name in self.batch_fields):
            raise ValidationError("Say what shall be changed: every field that is left as it is here stays as it is there.")
        return data

    def wanted(self, name):
        """Whether the form changes the field `name`."""
        return any(self.cleaned_data.get(f"{name}{suffix}") for suffix in ("", "_empty", "_add", "_remove"))

    def applied(self, plain):
        """The plain form `plain` with the changes in it."""
        plain = dict(plain)
        for name, model_field in self.batch_fields.items():
            if self.wanted(name):
                plain.pop(name, None) if (value := self.value(name, model_field, plain.get(name))) is None else plain.update(
                    {name: value}
                )
        return plain

    def value(self, name, model_field, before):
        """The new value of a field in the plain form; None where that leaves it out."""
        data = self.cleaned_data
        if model_field.many_to_many:
            added, removed = ([getattr(one, one.key) for one in data[f"{name}_{what}"]] for what in ("add", "remove"))
            kept = [one for one in before or [] if one not in removed]
            return [*kept, *(one for one in added if one not in kept)] or None
        value = None if data.get(f"{name}_empty") else data[name]
        value = getattr(value, value.key) if value and model_field.many_to_one else value
        return None if value in (None, "") or is_default(model_field, value) else value


class WithBatchEdit:
    """An admin with an action that changes `batch_fields` of the chosen records."""

    batch_fields = ()

    def pages(self):
        return [*super().pages(), *([("batch", "batch/", self.batch_view)] if self.batch_fields else [])]

    def get_actions(self, request):
        actions = super().get_actions(request)
        if self.batch_fields and self.has_change_permission(request) and actions is not None and "_popup" not in request.GET:
            actions["change_fields"] = (type(self).change_fields, "change_fields", "Change fields of the selected…")
        return actions

    def change_fields(self, request, queryset):
        """The action: leads to the page on which the changes are chosen."""
        pks = list(queryset.order_by().values_list("pk", flat=True)[: MOST + 1])
        if len(pks) > MOST:
            messages.error(request, f"At most {MOST} records can be changed at once: choose fewer.")
            return None
        return self.batch_page(request, pks, self.batch_form(request))

    def batch_form(self, request, data=None):
        return BatchForm(data, model_admin=self, request=request)

    def batch_view(self, request):
        if not self.has_change_permission(request):
            raise PermissionDenied
        pks = keys(request.POST.getlist("record"))
        if request.method != "POST" or not pks:
            messages.error(request, "Choose the records in the list first.")
            return HttpResponseRedirect(self.page_url("changelist"))
        if len(pks) > MOST:
            messages.error(request, f"At most {MOST} records can be changed at once: choose fewer.")
            return HttpResponseRedirect(self.page_url("changelist"))
        form = self.batch_form(request, request.POST)
        if not form.is_valid() or "back" in request.POST:
            return self.batch_page(request, pks, form)
        if "apply" not in request.POST:
            return self.batch_page(request, pks, form, Batch(self, request, pks, form))
        with ledger.unit(by=request.user, why=form.cleaned_data["why"] or "Changed together") as work:
            batch = Batch(self, request, pks, form, is_locked=True)
            if batch.problems:
                return self.batch_page(request, pks, form, batch)
            total = batch.write()
        if not total:
            messages.info(request, "Nothing had to be changed.")
            return HttpResponseRedirect(self.page_url("changelist"))
        records = f"{total} {self.opts.verbose_name if total == 1 else self.opts.verbose_name_plural}"
        messages.success(request, format_html("{} changed. {}.", records, link_to_step(work.id)))
        return HttpResponseRedirect(self.page_url("changelist"))

    def batch_page(self, request, pks, form, batch=None):
        return self.page(
            request,
            "admin/record/batch.html",
            f"Change {len(pks)} {self.opts.verbose_name if len(pks) == 1 else self.opts.verbose_name_plural}",
            pks=pks,
            form=form,
            batch=batch,
            loaded=ledger.state()[0],
            address=self.page_url("batch"),
            changelist=self.page_url("changelist"),
            media=self.media + form.media,
        )


class Batch:
    """What a valid form makes of the records `pks`: what changes of each, and every problem that is in the way."""

    def __init__(self, model_admin, request, pks, form, is_locked=False):
        self.model, self.request, self.form, self.problems = model_admin.model, request, form, []
        # The number is read before the records: what changes in between is then noticed.
        self.loaded = ledger.state()[0]
        if is_locked:
            lock(self.model, pks)
        records = with_plain(self.model._base_manager.all()).in_bulk(pks)
        self.records = [records[pk] for pk in pks if pk in records]
        if gone := len(pks) - len(self.records):
            self.problems.append(("", f"{gone} of the chosen records {'is' if gone == 1 else 'are'} not there any more."))
        if is_locked and ledger.changed_since(form.cleaned_data["loaded"], self.model, pks):
            self.problems.append(("", "Some of them have been changed since the preview was made. Look at the new one."))
        self.compare(model_admin)

    def compare(self, model_admin):
        self.changed, self.drafts, self.lookup = [], [], cache(find_in_database)
        for record in self.records:
            before = to_plain(record)
            difference = Difference(self.model, before, self.form.applied(before))
            if difference.found:
                self.check(model_admin, record, difference)
        self.unchanged = len(self.records) - len(self.changed)
        names = Names.of([difference for _, difference in self.changed[:SHOWN]])
        self.preview = [(record, show(difference, names)) for record, difference in self.changed[:SHOWN]]
        self.more = len(self.changed) - len(self.preview)

    def check(self, model_admin, record, difference):
        self.changed.append((record, difference))
        if not model_admin.has_change_permission(self.request, record):
            self.problems.append((str(record), "You may not change this record."))
        elif record.has_public_address and not self.request.user.has_perm(MAY_PUBLISH):
            self.problems.append((str(record), "It is or was public: only editors change such records together."))
        try:
            draft = read(self.model, difference.after, record.pk, lookup=self.lookup)
        except PlainError as error:
            self.problems += [(f"{record}: {place}" if place else str(record), sentence) for place, sentence in error.problems]
        else:
            named = {change.place[0] for change in difference.found}
            self.drafts.append(Draft(draft.instance, {name: rows for name, rows in draft.related.items() if name in named}))

    @property
    def shown_problems(self):
        return self.problems[:SHOWN]

    @property
    def more_problems(self):
        return max(len(self.problems) - SHOWN, 0)

    def write(self):
        """Writes the changes, and returns how many records they are in."""
        keep_found(self.model, [draft.instance.pk for draft in self.drafts])
        for draft in self.drafts:
            save(draft)
        return len(self.drafts)


def keys(values):
    """The primary keys among posted `values`, each once, in order."""
    return list(dict.fromkeys(int(value) for value in values if value.isascii() and value.isdecimal() and len(value) < 19))
