"""The filters that lists are made of, and how each says in words what it lets through."""

import re

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django_filters.constants import EMPTY_VALUES

from archive.core.text import words

MOST_VALUES = 50  # of one filter, in one address
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,120}")
YEARS = re.compile(r"(?P<first>\d{1,4})?\s*(?P<to>[-–/])?\s*(?P<last>\d{1,4})?", re.ASCII)


class RecordsField(forms.ModelMultipleChoiceField):
    """Published records by their slugs, as a list: asked for once, and empty where none is chosen, so that no filter runs."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, queryset, **kwargs):
        super().__init__(queryset, to_field_name="slug", **kwargs)

    def clean(self, value):
        # The field would ask the database for whatever came in; what no slug can be is refused here.
        value = [str(slug).lower() for slug in value or []]
        for slug in value:
            if not SLUG.fullmatch(slug):
                raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": slug[:80]})
        refuse_too_many(value)
        return list(super().clean(value))


class ChoicesField(django_filters.fields.MultipleChoiceField):
    def clean(self, value):
        refuse_too_many(value)
        return super().clean([str(one)[:80] for one in value or []])


def refuse_too_many(values):
    if len(values or []) > MOST_VALUES:
        raise ValidationError(f"Choose at most {MOST_VALUES}.")


class YearsField(forms.CharField):
    """A year ("2015") or a span of years ("2012–2015", "2012–"), as (first, last), both from 1 to 9999."""

    def clean(self, value):
        value = super().clean(value)
        if not value:
            return None
        match = YEARS.fullmatch(value)
        if not match or not (match["first"] or match["last"]) or (match["first"] and match["last"] and not match["to"]):
            raise ValidationError("Write a year (2015) or a span of years (2012–2015).")
        first, last = int(match["first"] or 1), int(match["last"] or (9999 if match["to"] else match["first"]))
        if not 1 <= first <= last:
            raise ValidationError("A span of years begins with its earlier year, from 1 to 9999.")
        return first, last


class Phrased:
    """A filter that says itself in words: `phrase` is a template with {} for the values, or a function of (values, data).

    `data` is what all the filters were given: some need their neighbours to say what they mean.
    """

    def __init__(self, *args, phrase="{}", **kwargs):
        self.phrase = phrase
        super().__init__(*args, **kwargs)

    def describe(self, value, data):
        values = self.name_values(value)
        return self.phrase(values, data) if callable(self.phrase) else self.phrase.format(values)

    def name_values(self, value):
        return str(value)


class RecordsFilter(Phrased, django_filters.ModelMultipleChoiceFilter):
    """Records that have to do with any of the chosen ones; how, says the FilterSet's method."""

    field_class = RecordsField

    def name_values(self, value):
        return any_of(value)


class ChoicesFilter(Phrased, django_filters.MultipleChoiceFilter):
    """Records whose field has any of the chosen values."""

    field_class = ChoicesField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"widget": forms.CheckboxSelectMultiple, **kwargs})

    def name_values(self, value):
        labels = dict(self.field.choices)
        return any_of(labels[one] for one in value)


class ChoiceFilter(Phrased, django_filters.ChoiceFilter):
    """Records whose field has the chosen value. `default`, if there is one, is what an address without the filter means."""

    def __init__(self, *args, default=None, **kwargs):
        self.default = default
        super().__init__(*args, **kwargs)

    def name_values(self, value):
        return str(dict(self.field.choices)[value])


class YearsFilter(Phrased, django_filters.Filter):
    """Dated records whose time may touch the years."""

    field_class = YearsField

    def __init__(self, *args, **kwargs):
        widget = forms.TextInput(attrs={"placeholder": "2015 or 2012–2015", "inputmode": "text"})
        super().__init__(*args, **{"widget": widget, "max_length": 20, **kwargs})

    def filter(self, queryset, value):
        return queryset.overlapping(*value) if value else queryset

    def name_values(self, value):
        first, last = value
        if first == last:
            return str(first)
        if last == 9999:
            return f"since {first}"
        return f"until {last}" if first == 1 else f"{first}–{last}"


class WordsFilter(Phrased, django_filters.CharFilter):
    """Records in which all the words stand, in any case and with or without diacritics."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"max_length": 200, "label": "Words", "phrase": "with the words “{}”", **kwargs})

    def filter(self, queryset, value):
        return queryset.with_words(value) if words(value or "") else queryset


class SortFilter(ChoiceFilter):
    """The order of a list: `orders` maps a key to (label, order_by); the first is the default and goes without saying."""

    def __init__(self, orders, **kwargs):
        self.orders = orders
        choices = [(key, label) for key, (label, _) in orders.items()]
        super().__init__(
            choices=choices,
            label="Order",
            empty_label=None,
            default=choices[0][0],
            phrase=lambda name, data: name.lower(),
            **kwargs,
        )

    def filter(self, queryset, value):
        key = value or self.default
        return queryset.order_by(*self.orders[key][1])


def any_of(names):
    """ "Armenia, Belarus or Georgia"."""
    *others, last = map(str, names)
    return f"{', '.join(others)} or {last}" if others else last


class RecordFilterSet(django_filters.FilterSet):
    """The filters of one list of records, which can say itself in words."""

    def describe(self):
        """(name, phrase) for each filter in use; nothing for filters with nonsense in them."""
        if not self.is_bound or not self.is_valid():
            return []
        data = self.form.cleaned_data
        said = [
            (name, self.filters[name].describe(data[name], data)) for name in self.filters if data.get(name) not in EMPTY_VALUES
        ]
        return [(name, phrase) for name, phrase in said if phrase]

    @classmethod
    def says_nothing(cls, name, values):
        """Whether `values` of the parameter `name` are what its absence would mean: all empty, or its default."""
        return not any(values) or values == [getattr(cls.base_filters.get(name), "default", None)]
