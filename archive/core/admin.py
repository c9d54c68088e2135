"""What the admin of every record has in common."""

from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from archive.core.text import fold


class FoldedSearch:
    """A search that finds a record by any of its names, in any case, with or without diacritics."""

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, fold(search_term))


class RecordAdmin(FoldedSearch, admin.ModelAdmin):
    """The admin of a record: found by its words, its address fixed once it is public, seen on the site when it is there."""

    save_on_top = True
    list_per_page = 50
    search_fields = ["folded"]
    address_from = "title"

    class Media:
        css = {"all": ["annals/admin.css"]}

    def get_readonly_fields(self, request, obj=None):
        fixed = ["slug"] if obj and obj.has_public_address else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj and obj.has_public_address else {"slug": [self.address_from]}

    def get_view_on_site_url(self, obj=None):
        return super().get_view_on_site_url(obj) if obj and obj.is_published else None

    @admin.display(description="date", ordering="date_earliest")
    def date_words(self, obj):
        return obj.date.words if obj.date else ""


class RowInline(admin.StackedInline):
    """Rows that a record owns, below its form."""

    extra = 0
    show_change_link = False

    def get_queryset(self, request):
        return super().get_queryset(request).with_labels()


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
