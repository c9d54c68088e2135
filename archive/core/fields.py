"""Model fields: a partial date, and columns derived from the rest of their record."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from archive.core.dates import PartialDate


class PartialDateFormField(forms.CharField):
    """An EDTF date typed by a person; cleans to a PartialDate, or None when left empty."""

    def __init__(self, **kwargs):
        kwargs.setdefault("max_length", 30)
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 24, "placeholder": "2015-06-25", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value):
        return to_partial_date(super().to_python(value))


class PartialDateAttribute(DeferredAttribute):
    """Makes what is assigned a PartialDate at once, so that `event.date.words` never meets plain text."""

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = to_partial_date(value)


class PartialDateField(models.Field):
    """A PartialDate kept as its EDTF text; None, when there is no date, is NULL.

    The bounds that queries need stand beside it in DerivedDateFields: see `records.Dated`.
    """

    description = "Partial date (EDTF level 1)"
    descriptor_class = PartialDateAttribute

    def __init__(self, *args, **kwargs):
        kwargs["max_length"] = 30
        super().__init__(*args, **kwargs)

    def get_internal_type(self):
        return "CharField"

    def from_db_value(self, value, expression, connection):
        return to_partial_date(value)

    def to_python(self, value):
        return to_partial_date(value)

    def get_prep_value(self, value):
        value = to_partial_date(super().get_prep_value(value))
        return value and value.edtf

    def value_to_string(self, obj):
        return self.get_prep_value(self.value_from_object(obj))

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": PartialDateFormField, "max_length": self.max_length, **kwargs})


def to_partial_date(value):
    """`value` (text, a PartialDate, None) as a PartialDate or None; raises ValidationError for text that is no date."""
    if value in (None, ""):
        return None
    if isinstance(value, PartialDate):
        return value
    try:
        return PartialDate.parse(value)
    except ValueError as error:
        raise ValidationError(str(error), code="invalid") from None


class Derived:
    """A column that repeats, for the sake of queries, what the record's other fields already say.

    Its value is what the method named by `derive` returns whenever the column is read from an instance, so it is right
    on every way to the database that goes through instances: save, bulk_create, loaddata. It is in no form and no fixture.
    """

    def __init__(self, *args, derive=None, **kwargs):
        self.derive = derive
        super().__init__(*args, **kwargs | {"editable": False, "serialize": False})

    def deconstruct(self):
        # A migration needs the column, not the rule that fills it: historical models have no methods.
        name, path, args, kwargs = super().deconstruct()
        del kwargs["editable"], kwargs["serialize"]
        return name, path, args, kwargs

    def contribute_to_class(self, cls, name, **kwargs):
        super().contribute_to_class(cls, name, **kwargs)
        if self.derive:
            setattr(cls, name, DerivedValue(name, self.derive))


class DerivedValue:
    def __init__(self, name, derive):
        self.name = name
        self.derive = derive

    def __get__(self, instance, owner=None):
        return self if instance is None else getattr(instance, self.derive)()

    def __set__(self, instance, value):
        # Never read again, but Django takes a field that is not in __dict__ for deferred, and would not save it.
        instance.__dict__[self.name] = value


class DerivedTextField(Derived, models.TextField):
    pass


class DerivedCharField(Derived, models.CharField):
    pass


class DerivedDateField(Derived, models.DateField):
    pass
