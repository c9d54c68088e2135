"""The admin of documents and passages, and what the admin of everything cited shares."""

import copy

from django import forms
from django.contrib import admin
from django.db.models import Prefetch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from archive.core.admin import Counted, RecordAdmin, RowInline, count_of
from archive.sources.forms import CitedForm, VerbatimField
from archive.sources.models import Document, Passage
from archive.sources.quotes import shorten
from archive.sources.views import cited_passages

EVIDENCE = ("passages", "supplied")


class CitedAdmin(RecordAdmin):
    form = CitedForm


class CitedInline(RowInline):
    """Rows that rest on passages; a new row starts with the document that its record rests on."""

    form = CitedForm

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related(Prefetch("passages", Passage.objects.select_related("document")))

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        passage = obj and obj.passages.order_by("pk").first()
        field = copy.deepcopy(formset.form.base_fields["passages"])
        field.widget.default_document = passage and passage.document_id
        formset.form.base_fields["passages"] = field
        return formset


class DocumentForm(forms.ModelForm):
    text = VerbatimField(
        widget=forms.Textarea(attrs={"rows": 30, "class": "vLargeTextField"}), help_text=Document._meta.get_field("text").help_text
    )


@admin.register(Document)
class DocumentAdmin(Counted, RecordAdmin):
    form = DocumentForm
    list_display = ["title", "date_words", "publisher", "language", "passage_count", "state"]
    list_filter = ["state", "language"]
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
        """Every passage of the document with how much rests on it, drafts included."""
        rows = (
            [(passage.start, passage.end, shorten(passage.exact)) for passage in obj.passages.order_by("start", "end")]
            if obj.pk
            else []
        )
        if not rows:
            return "None yet: passages are marked from the records that rest on them."
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{}–{}: “{}”</li>", rows))


@admin.register(Passage)
class PassageAdmin(admin.ModelAdmin):
    """Passages come from the records that rest on them; here they are found, checked and, when nothing needs them, deleted."""

    list_display = ["quote", "document", "start", "end"]
    list_filter = [("document", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["document"]
    search_fields = ["exact"]
    autocomplete_fields = ["document"]
    fields = ["document", "start", "end", "exact", "rests"]
    readonly_fields = ["rests"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("document__text", "document__folded")

    @admin.display(ordering="exact")
    def quote(self, obj):
        return shorten(obj.exact)

    @admin.display(description="what rests on it")
    def rests(self, obj):
        for passage in cited_passages(obj.document) if obj.pk else []:
            if passage.pk == obj.pk:
                return (
                    format_html_join(mark_safe("<br>"), "{}: {}", [(r._meta.verbose_name, r) for r in passage.rests]) or "Nothing."
                )
        return "Nothing yet."
