"""Import and export in the admin: a file is chosen, what it would change is read, and then exactly that is written."""

import re
import time
import uuid
from pathlib import Path

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, SuspiciousFileOperation
from django.db import IntegrityError
from django.http import Http404, HttpResponseRedirect, StreamingHttpResponse
from django.utils.html import format_html
from django.utils.text import get_valid_filename

from archive.core import ledger
from archive.core.curation import tables
from archive.core.curation.files import read_file, too_large
from archive.core.curation.filling import fill
from archive.core.curation.history import headings_of, link_to_step
from archive.core.curation.pages import needs
from archive.core.curation.plans import Plan
from archive.core.curation.showing import Difference, Names, show
from archive.core.curation.steps import reason
from archive.core.exports import csv_lines
from archive.core.plain import PlainError

MAY_IMPORT = "core.import_record"
DAY = 24 * 60 * 60
SHOWN = 300  # problems
HERE = "<!-- what is streamed -->"
FORMATS = {"xlsx": "Excel", "csv": "CSV", "json": "JSON"}


class UploadForm(forms.Form):
    file = forms.FileField(help_text="A workbook (.xlsx), CSV or JSON, in the columns of the template.")

    def clean_file(self):
        if self.cleaned_data["file"].size > settings.IMPORT_MOST_BYTES:
            raise forms.ValidationError(too_large(), code="too-large")
        return self.cleaned_data["file"]


# The uploaded files: each in the folder of who uploaded it, which no address can leave.


def folder_of(user, model):
    return Path(settings.MEDIA_ROOT) / "imports" / str(user.pk) / model._meta.label_lower


def keep_upload(user, model, file):
    """Keeps an uploaded file until it is imported, or for a day; returns the token by which its owner has it again."""
    remove_old(Path(settings.MEDIA_ROOT) / "imports")
    try:
        name = get_valid_filename(file.name)[-80:]
    except SuspiciousFileOperation:
        name = "file"
    token, folder = uuid.uuid4().hex, folder_of(user, model)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{token}-{name}").open("wb") as kept:
        kept.writelines(file.chunks())
    return token


def kept_upload(user, model, token):
    """The path of the file that `user` uploaded, or None."""
    return next(iter(folder_of(user, model).glob(f"{token.hex}-*")), None)


def remove_old(folder):
    for path in folder.rglob("*-*"):
        try:
            if path.is_file() and path.stat().st_mtime < time.time() - DAY:
                path.unlink()
        except FileNotFoundError:
            continue  # another process was as tidy


def planned(user, model, path):
    """The Plan of a file, not checked yet; what no table can be read from is its only problem."""
    plan = Plan(user)
    try:
        fill(plan, model, read_file(path, [column.name for column in tables.columns(model)]))
    except PlainError as error:
        plan.problems += error.problems
    return plan


def response(format, content, name):
    answer = StreamingHttpResponse(content, content_type=tables.TYPES[format])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    return answer


def as_action(format):
    @admin.action(description=f"Export the selected %(verbose_name_plural)s as {FORMATS[format]}", permissions=["view"])
    def action(modeladmin, request, queryset):
        return modeladmin.exported(format, list(queryset.values_list("pk", flat=True)))

    action.__name__ = f"export_{format}"
    return action


class Tables:
    """An admin whose records are imported and exported as tables."""

    actions = [as_action(format) for format in FORMATS]

    def pages(self):
        return [
            *super().pages(),
            ("import", "import/", self.import_view),
            ("import_preview", "import/<uuid:token>/", self.import_preview_view),
            ("import_template", "import/template.<str:format>", self.template_view),
            ("export", "export/<str:format>/", self.export_view),
        ]

    def list_tools(self, request):
        listed = request.GET.urlencode()
        tools = [(f"Export {words}", f"{self.page_url('export', format)}?{listed}") for format, words in FORMATS.items()]
        own = [("Import", self.page_url("import"))] if self.may_import(request) else []
        return [*super().list_tools(request), *own, *tools]

    def may_import(self, request):
        may_write = self.has_add_permission(request) or self.has_change_permission(request)
        return may_write and request.user.has_perm(MAY_IMPORT)

    # Export

    def export_view(self, request, format):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if format not in FORMATS:
            raise Http404("There is no such format.")
        try:
            listed = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{self.page_url('changelist')}?e=1")
        return self.exported(format, list(listed.values_list("pk", flat=True)))

    def exported(self, format, pks):
        return response(format, tables.export(format, self.model, pks), self.opts.verbose_name_plural.replace(" ", "-"))

    def template_view(self, request, format):
        if not self.may_import(request):
            raise PermissionDenied
        if format not in ("csv", "xlsx"):
            raise Http404("There is no such format.")
        if format == "csv":
            content = [csv_lines([[column.name] for column in tables.columns(self.model)])]
        else:
            content = tables.export(format, self.model, [])
        return response(format, content, f"{self.opts.verbose_name_plural.replace(' ', '-')}-template")

    # Import

    @needs(MAY_IMPORT)
    def import_view(self, request):
        if not self.may_import(request):
            raise PermissionDenied
        too_long = int(request.META.get("CONTENT_LENGTH") or 0) > settings.IMPORT_MOST_BYTES + 100_000
        form = (
            UploadForm(request.POST or None, request.FILES or None) if request.method == "POST" and not too_long else UploadForm()
        )
        if form.is_bound and form.is_valid():
            token = keep_upload(request.user, self.model, form.cleaned_data["file"])
            return HttpResponseRedirect(self.page_url("import_preview", uuid.UUID(token)))
        problems = [too_large()] if too_long else form.errors.get("file", [])
        status = 413 if too_long or form.has_error("file", "too-large") else 200
        context = {"form": form, "problems": problems, "columns": tables.columns(self.model), **self.import_urls()}
        return self.page(request, "admin/record/import.html", "Import", status=status, **context)

    def import_urls(self):
        return {
            "import_url": self.page_url("import"),
            "templates": [(FORMATS[format], self.page_url("import_template", format)) for format in ("xlsx", "csv")],
        }

    @needs(MAY_IMPORT)
    def import_preview_view(self, request, token):
        if not self.may_import(request):
            raise PermissionDenied
        path = kept_upload(request.user, self.model, token)
        if path is None:
            self.message_user(request, "This file was imported already, or is too old: choose it again.", messages.WARNING)
            return HttpResponseRedirect(self.page_url("import"))
        if request.method == "POST" and "_cancel" in request.POST:
            path.unlink(missing_ok=True)
            return HttpResponseRedirect(self.page_url("changelist"))
        if request.method == "POST":
            return self.apply(request, token, path)
        return StreamingHttpResponse(self.preview(request, path), content_type="text/html; charset=utf-8")

    def preview(self, request, path):
        """Yields the page: its head, a bar that fills while the rows are checked, and what they would change."""
        name = path.name.partition("-")[2]
        shell = self.page(request, "admin/record/import_preview.html", f"Import {name}", here=HERE).render().text
        head, foot = shell.split(HERE)
        yield head
        plan = planned(request.user, self.model, path)
        total, shown = len(plan.rows), 0
        try:
            for done in plan.check():
                if done * 50 // total > shown or done == total:
                    shown = done * 50 // total
                    yield f'<progress max="{total}" value="{done}"></progress>'
        except Exception:
            yield from ('<p class="errornote">Something went wrong while the file was checked; nothing was written.</p>', foot)
            raise
        yield from (f"</div>{self.result(request, name, plan)}", foot)

    def result(self, request, name, plan):
        context = {
            "plan": plan,
            "name": name,
            "problems": sorted(plan.problems, key=row_number)[:SHOWN],
            "more_problems": max(len(plan.problems) - SHOWN, 0),
            "rows": list(self.shown_rows(sorted(plan.outcomes, key=lambda outcome: outcome.is_new))),
            "more_rows": plan.new + plan.changed - len(plan.outcomes),
            "why": f"Import of {name}",
            **self.import_urls(),
        }
        return self.page(request, "admin/record/import_result.html", "Import", **context).render().text

    def change_url(self, outcome):
        return None if outcome.is_new else self.page_url("change", outcome.pk)

    def shown_rows(self, outcomes):
        """(outcome, address, Shown) of each."""
        differences = [Difference(self.model, outcome.before, outcome.after) for outcome in outcomes]
        names, headings = Names.of(differences), headings_of(self)
        for outcome, difference in zip(outcomes, differences, strict=True):
            yield outcome, self.change_url(outcome), show(difference, names, headings)

    def apply(self, request, token, path):
        """Writes what was previewed, if the archive is still as it was then; else the preview is shown anew."""
        try:
            with ledger.unit(by=request.user, why=reason(request) or "Import") as work:
                plan = planned(request.user, self.model, path)
                plan.lock()
                for _ in plan.check(keep=True):
                    pass
                if plan.problems or plan.fingerprint != request.POST.get("seen"):
                    raise Changed
                plan.write()
        except (Changed, PlainError, IntegrityError):
            words = "Nothing was written: what the file would change is not what you saw, because something was changed meanwhile. "
            messages.warning(request, f"{words}This is how it stands now.")
            return HttpResponseRedirect(self.page_url("import_preview", token))
        path.unlink(missing_ok=True)
        self.message_user(request, said_of(plan, work, self.opts), messages.SUCCESS)
        return HttpResponseRedirect(self.page_url("changelist"))


class Changed(Exception):  # noqa: N818 (it is no error of the program's)
    """What would be written is not what was seen."""


def said_of(plan, work, opts):
    words = f"Imported {opts.verbose_name_plural}: {plan.new:,} new, {plan.changed:,} changed."
    return format_html("{} {}", words, link_to_step(work.id))


def row_number(problem):
    found = re.match(r"row (\d+)", problem[0])
    return int(found[1]) if found else 0
