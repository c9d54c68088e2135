"""What every queryset of the archive can do: say what is published, find by natural key, overlap in time."""

from datetime import date

from django.db import models
from django.db.models import Q

from archive.core import addresses, ledger
from archive.core.among import Among


class RecordQuerySet(models.QuerySet):
    """The queryset of records and of their parts."""

    # The ways to write that send no signals tell the ledger themselves.

    def update(self, **values):
        with ledger.unit() as work:
            left = {}
            if "slug" in values and hasattr(self.model, "State"):
                left = {pk: (slug, state) for pk, slug, state in self.order_by().values_list("pk", "slug", "state")}
            pks = list(self.values_list("pk", flat=True)) if getattr(self.model, "owner", None) in values else None
            ledger.touch_all(self)
            changed = super().update(**values)
            if pks is not None:  # the new owner's account too
                ledger.touch_all(self.model._base_manager.filter(pk__in=pks))
            addresses.keep_all(self.model, left, work.id)
        return changed

    update.alters_data = True

    def bulk_create(self, objs, *args, **kwargs):
        with ledger.unit():
            rows = super().bulk_create(objs, *args, **kwargs)
            for row in rows:
                ledger.touch(row)
        return rows

    def delete(self):
        with ledger.unit():  # its signals then make one step
            return super().delete()

    delete.alters_data = True
    delete.queryset_only = True

    def published(self):
        """What the public may see: the one rule, for lists, pages, counts, search, feeds and exports alike."""
        return self.filter(published_rule(self.model))

    def for_list(self):
        """With all that a row of a list shows."""
        return self

    def with_labels(self):
        """With the records that a row names: whatever says what it is in a line."""
        return self.select_related(*[field.name for field in self.model._meta.concrete_fields if field.many_to_one])

    def withdrawn(self):
        """Records that were withdrawn, or cannot be shown without one that was: their addresses answer 410."""
        gone = Q(state="withdrawn")
        for field in records_asked_for(self.model):
            gone |= Q(state="published", **{f"{field.name}__state": "withdrawn"})
        return self.filter(gone)

    def get_by_natural_key(self, *key):
        return self.get(**dict(zip(natural_key_lookups(self.model), key, strict=True)))


def in_order_of(pks, queryset):
    """The records of `queryset` with the primary keys `pks`, as a list in their order; what is not there is passed over."""
    records = queryset.filter(pk__in=Among(pks)).in_bulk() if pks else {}
    return [records[pk] for pk in pks if pk in records]


def overlap_rule(first_year, last_year, prefix=""):
    """The Q that holds for dated rows (behind the lookup `prefix`) whose time may touch the years, both included."""
    return Q(**{f"{prefix}date_earliest__lte": date(last_year, 12, 31), f"{prefix}date_latest__gte": date(first_year, 1, 1)})


def published_rule(model, prefix=""):
    """The Q that holds for rows of `model` that the public may see.

    A record must be published itself, and so must what it cannot be without (a statement's event). A part has no state
    of its own: it is public when its owner and every record that it names are, so that no row betrays a draft.
    """
    is_record = hasattr(model, "State")
    rule = Q(**{f"{prefix}state": model.State.PUBLISHED}) if is_record else Q()
    for field in records_asked_for(model):
        named = published_rule(field.related_model, f"{prefix}{field.name}__")
        rule &= (Q(**{f"{prefix}{field.name}": None}) | named) if field.null else named
    return rule


def records_asked_for(model):
    """The foreign keys of `model` to records that must be public for a row to be: of a record, those that it cannot be without."""
    named = [field for field in model._meta.concrete_fields if field.many_to_one and hasattr(field.related_model, "State")]
    return [field for field in named if not (hasattr(model, "State") and field.null)]


def names_of(model):
    """The model of the other names that records of `model` bear."""
    return model._meta.get_field("names").related_model


def natural_key_lookups(model):
    """The lookups that a natural key of `model` answers: ("slug",), or ("event__slug", "slug") for an event's part."""
    owner = getattr(model, "owner", None)
    if not owner or hasattr(model, "State"):
        return (model.key,)
    owner_model = model._meta.get_field(owner).related_model
    return (*(f"{owner}__{lookup}" for lookup in natural_key_lookups(owner_model)), model.key)
