"""The admin of documents and passages, and what the admin of everything cited shares."""

import copy

from django import forms
from django.contrib import admin
from django.db.models import Prefetch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from archive.core.admin import (
    BoundedChangeList,
    BoundedSearch,
    Counted,
    GuardedRelations,
    InLedger,
    PublicLink,
    RecordAdmin,
    RowInline,
    count_of,
    in_its_place,
)
from archive.core.curation.desk import Gap, WithGaps
from archive.sources.forms import CitedForm, VerbatimField
from archive.sources.models import Document, Passage
from archive.sources.quotes import shorten


class CitedAdmin(RecordAdmin):
    form = CitedForm


class CitedInline(RowInline):
    """Rows that rest on passages; a new row starts with the document that its record rests on."""

    form = CitedForm

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related(Prefetch("passages", Passage.objects.select_related("document")))

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        passage = obj and obj.passages.with_document().first()
        field = copy.deepcopy(formset.form.base_fields["passages"])
        field.widget.default_document = passage and passage.document
        formset.form.base_fields["passages"] = field
        return formset


class DocumentForm(forms.ModelForm):
    url = forms.URLField(
        label="URL", required=False, max_length=1000, assume_scheme="https", help_text=Document._meta.get_field("url").help_text
    )
    text = VerbatimField(
        widget=forms.Textarea(attrs={"rows": 30, "class": "vLargeTextField"}), help_text=Document._meta.get_field("text").help_text
    )


@admin.register(Document)
class DocumentAdmin(Counted, RecordAdmin):
    form = DocumentForm
    list_display = ["title", "date_words", "publisher", "language", "passage_count", "state"]
    list_filter = ["state", "language"]
    batch_fields = ["publisher", "language", "rights"]
    date_hierarchy = "date_earliest"
    readonly_fields = ["sha256", "marked_passages"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "state"]}),
        ("Where it is from", {"fields": ["publisher", "date", "language", "url", "retrieved", "rights", "file", "note"]}),
        ("Text", {"fields": ["text", "sha256", "marked_passages"]}),
    ]
    passage_count = count_of("passages")

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        is_list = request.resolver_match.url_name.endswith(("_changelist", "autocomplete"))
        return queryset.defer("text", "folded") if is_list else queryset

    @admin.display(description="passages")
    def marked_passages(self, obj):
        """Every passage of the document, drafts' included, and whether anything rests on it."""
        if not obj.pk or not obj.passages.exists():
            return "None yet: passages are marked from the records that rest on them."
        cited = set(obj.passages.cited().values_list("pk", flat=True))
        rows = [(p.start, p.end, shorten(p.exact), "" if p.pk in cited else " (nothing rests on it)") for p in obj.passages.all()]
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{}–{}: “{}”{}</li>", rows))


class RestsFilter(admin.SimpleListFilter):
    """Passages that something rests on, and those left behind."""

    title, parameter_name = "use", "rests"

    def lookups(self, request, model_admin):
        return [("yes", "Something rests on it"), ("no", "Nothing rests on it")]

    def queryset(self, request, queryset):
        cited = Passage.objects.cited().values("pk")
        return {"yes": queryset.filter(pk__in=cited), "no": queryset.exclude(pk__in=cited)}.get(self.value(), queryset)


class PassageForm(forms.ModelForm):
    exact = VerbatimField(label="Quote", widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}))


@admin.register(Passage)
class PassageAdmin(InLedger, GuardedRelations, BoundedSearch, PublicLink, WithGaps, admin.ModelAdmin):
    """Passages come from the records that rest on them; here they are found, checked and, when nothing needs them, deleted."""

    form = PassageForm
    list_display = ["quote", "document", "start", "end"]
    list_filter = [RestsFilter, ("document", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["document"]
    search_fields = ["exact"]
    autocomplete_fields = ["document"]
    fields = ["document", "start", "end", "exact", "rests"]
    readonly_fields = ["rests"]
    gaps = [Gap("broken", "that no longer match their document", lambda passages: passages.broken())]

    def get_changelist(self, request, **kwargs):
        return BoundedChangeList

    def get_queryset(self, request):
        return super().get_queryset(request).defer("document__text", "document__folded")

    def get_deleted_objects(self, objs, request):
        """Names what rests on the passages as what protects them: they would lose their evidence without a word."""
        deleted, counts, permissions, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, permissions, [*protected, *(in_its_place(row) for passage in objs for row in passage.holders())]

    @admin.display(ordering="exact")
    def quote(self, obj):
        return shorten(obj.exact)

    @admin.display(description="what rests on it")
    def rests(self, obj):
        rows = [(record._meta.verbose_name, record) for record in obj.holders()] if obj.pk else []
        return format_html_join(mark_safe("<br>"), "{}: {}", rows) or "Nothing."
