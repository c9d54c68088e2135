"""What the admin of every record has in common."""

from contextlib import nullcontext

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import NestedObjects
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import router
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from archive.core import ledger
from archive.core.curation.addressing import FixedRows, WithAddresses
from archive.core.curation.batch import WithBatchEdit
from archive.core.curation.conflicts import WithConflicts
from archive.core.curation.desk import WithGaps
from archive.core.curation.duplicate_pages import WithDuplicates
from archive.core.curation.history import WithHistory
from archive.core.curation.importing import Tables
from archive.core.curation.merge_pages import WithMerging
from archive.core.curation.pages import WithPages
from archive.core.curation.preview import WithPreview
from archive.core.curation.proposed import ProposalAdmin
from archive.core.curation.reviewing import ReviewedForms
from archive.core.curation.steps import WithSteps, reason
from archive.core.models import Proposal
from archive.core.text import words

MOST_ROWS = 500  # of one kind in one form


class BoundedSearch:
    """A search whose cost has a limit: SQLite refuses longer patterns and longer lists of words than these."""

    def get_search_results(self, request, queryset, search_term):
        words = search_term[:200].split()[:20]
        return super().get_search_results(request, queryset, " ".join(words))


class FoldedSearch(BoundedSearch):
    """A search that finds a record by any of its names, in any case, with or without diacritics."""

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, " ".join(words(search_term)))


class BoundedChangeList(ChangeList):
    """A list that answers numbers beyond the calendar's and the database's as it answers any other nonsense."""

    def get_filters(self, request):
        try:
            return super().get_filters(request)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error

    def get_results(self, request):
        try:
            super().get_results(request)
        except OverflowError as error:
            raise IncorrectLookupParameters(error) from error


class KnownKeys:
    """An autocomplete that ignores what can be no primary key: Django would hand it to the database."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [key for key in value if is_key(key)], attr)


class RecordSelect(KnownKeys, AutocompleteSelect):
    pass


class RecordSelectMultiple(KnownKeys, AutocompleteSelectMultiple):
    pass


class KeysField(forms.ModelMultipleChoiceField):
    """Several records by primary key, with the same guard."""

    def _check_values(self, value):
        for key in value:
            if not is_key(key):
                raise ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": str(key)[:80]}
                )
        return super()._check_values(value)


def is_key(value):
    """Whether `value` can be a primary key: a decimal number of 64 bits, negative where a row is only proposed."""
    digits = str(value).removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 19


class GuardedRelations:
    """Forms whose choices of other records take any input without an error of ours."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RecordSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RecordSelectMultiple(db_field, self.admin_site))
        if db_field.name != "passages":
            kwargs.setdefault("form_class", KeysField)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class PublicLink:
    """Offers "view on site" for what is on the site."""

    def get_view_on_site_url(self, obj=None):
        is_public = obj is not None and type(obj).objects.published().filter(pk=obj.pk).exists()
        return super().get_view_on_site_url(obj) if is_public else None


class InLedger:
    """An admin whose every form is a unit of work by whoever is logged in."""

    def changeform_view(self, request, *args, **kwargs):
        with work_of(request):
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request, *args, **kwargs):
        with work_of(request):
            return super().changelist_view(request, *args, **kwargs)

    def delete_view(self, request, *args, **kwargs):
        with work_of(request):
            return super().delete_view(request, *args, **kwargs)


def work_of(request):
    # Only what may write opens a transaction: on SQLite it would wait for the one writer that there can be.
    return ledger.unit(by=request.user, why=reason(request)) if request.method == "POST" else nullcontext()


class RecordAdmin(
    WithAddresses,
    WithDuplicates,
    WithMerging,
    Tables,
    ReviewedForms,
    WithConflicts,
    WithSteps,
    WithPreview,
    WithGaps,
    WithHistory,
    WithBatchEdit,
    WithPages,
    InLedger,
    GuardedRelations,
    FoldedSearch,
    PublicLink,
    admin.ModelAdmin,
):
    """The admin of a record: found by its words, seen on the site when it is there."""

    save_on_top = True
    list_per_page = 50
    search_fields = ["folded"]
    address_from = "title"
    actions = [*WithSteps.actions, *Tables.actions]  # Django takes those of one class only

    def get_changelist(self, request, **kwargs):
        return BoundedChangeList

    def has_delete_permission(self, request, obj=None):
        may_delete = super().has_delete_permission(request, obj)
        return may_delete and (obj is None or not obj.has_public_address or self.has_publish_permission(request))

    def get_deleted_objects(self, objs, request):
        """As Django's, but what protects a record says where it stands: "Participation: Rufus Firefly (Summit of Freedonia)"."""
        deleted, counts, permissions, _ = super().get_deleted_objects(objs, request)
        collector = NestedObjects(using=router.db_for_write(self.model), origin=objs)
        collector.collect(objs)
        if not self.has_publish_permission(request) and any(obj.has_public_address for obj in objs):
            permissions = {*permissions, "public record"}
        return deleted, counts, permissions, [in_its_place(row) for row in collector.protected]

    @admin.display(description="date", ordering="date_earliest")
    def date_words(self, obj):
        return obj.date.words if obj.date else ""


def in_its_place(row):
    owner = getattr(row, row.owner) if getattr(row, "owner", None) else None
    return f"{row._meta.verbose_name.capitalize()}: {row}{f' ({owner})' if owner else ''}"


class RowInline(FixedRows, GuardedRelations, admin.StackedInline):
    """Rows that a record owns, below its form."""

    extra = 0
    max_num = MOST_ROWS
    show_change_link = False
    view_on_site = False

    def get_queryset(self, request):
        return super().get_queryset(request).with_labels()

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, **{"absolute_max": MOST_ROWS, **kwargs})


class ShownRows(admin.TabularInline):
    """Rows that another record owns, shown where they lead to: they are edited with their owner."""

    extra = 0
    view_on_site = False

    def get_queryset(self, request):
        return super().get_queryset(request).with_labels()

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission


class IdentifiersInline(RowInline):
    """What other systems call the record. A row's short name is made from it."""

    fields = [("scheme", "identifier", "order")]
    verbose_name, verbose_name_plural = "identifier", "identifiers"


def count_of(accessor):
    """A column that counts the rows behind `accessor` (a reverse foreign key), by a subquery of the list's own query."""

    @admin.display(description=accessor.replace("_", " "), ordering=f"{accessor}_total")
    def column(self, obj):
        return getattr(obj, f"{accessor}_total")

    column.accessor = accessor
    return column


class Counted:
    """A changelist whose `count_of` columns cost no query of their own."""

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        for name in self.list_display:
            accessor = getattr(getattr(self, name, None), "accessor", None)
            if accessor:
                queryset = queryset.annotate(**{f"{accessor}_total": total(self.model, accessor)})
        return queryset


def total(model, accessor):
    relation = model._meta.get_field(accessor)
    rows = relation.related_model._default_manager.order_by().filter(**{relation.field.name: OuterRef("pk")})
    return Coalesce(Subquery(rows.values(relation.field.name).annotate(total=Count("pk")).values("total")), 0)


admin.site.register(Proposal, ProposalAdmin)
