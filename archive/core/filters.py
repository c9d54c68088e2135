"""The filters that lists are made of, and how each says in words what it lets through."""

import copy
import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import NamedTuple

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django_filters.constants import EMPTY_VALUES
from pyroaring import BitMap

from archive.core.facets import Years
from archive.core.index.segment import as_array_of
from archive.core.localnames import called, called_by, language_of, names_now
from archive.core.prepared import Prepared
from archive.core.search import Query, bearing_ids, evaluate, owners_of, parse
from archive.core.search.places import Places
from archive.core.search.texts import Texts
from archive.core.text import fold, words

LONGEST_QUERY = 200  # characters
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
        found = records_by(self.queryset.model, "slug__in")(set(value))
        if missing := set(value) - {record.slug for record in found}:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": min(missing)[:80]})
        return found


class ChoicesField(django_filters.fields.MultipleChoiceField):
    def clean(self, value):
        refuse_too_many(value)
        return super().clean([str(one)[:80] for one in value or []])


def refuse_too_many(values):
    if len(values or []) > MOST_VALUES:
        raise ValidationError(_("Choose at most %(most)s."), params={"most": MOST_VALUES})


class YearsField(forms.CharField):
    """A year ("2015") or a span of years ("2012–2015", "2012–"), as (first, last), both from 1 to 9999."""

    def clean(self, value):
        value = super().clean(value)
        if not value:
            return None
        match = YEARS.fullmatch(value)
        if not match or not (match["first"] or match["last"]) or (match["first"] and match["last"] and not match["to"]):
            raise ValidationError(_("Write a year (2015) or a span of years (2012–2015)."))
        first, last = int(match["first"] or 1), int(match["last"] or (9999 if match["to"] else match["first"]))
        if not 1 <= first <= last:
            raise ValidationError(_("A span of years begins with its earlier year, from 1 to 9999."))
        return first, last


class Phrased:
    """A filter that says itself in words: `phrase` is a template with {} for the values, or a function of (values, data).

    `data` is what all the filters were given: some need their neighbours to say what they mean.
    """

    def __init__(self, *args, phrase="{}", **kwargs):
        self.phrase = phrase
        super().__init__(*args, **kwargs)

    def __deepcopy__(self, memo):
        # A FilterSet copies its filters for each request; all that is ever set on a copy is its parent, its model and its field.
        one = copy.copy(self)
        one.extra = dict(self.extra)
        one.method = self.method  # which is bound to the filter that it was set on
        return one

    def describe(self, value, data):
        values = self.name_values(value)
        return self.phrase(values, data) if callable(self.phrase) else self.phrase.format(values)

    def name_values(self, value):
        return str(value)


class Label(NamedTuple):
    """One value of a facet: as it stands in an address, and what readers call it, in which language."""

    value: str
    text: str
    language: str = ""  # a BCP 47 tag; empty for that of the page


def found_among(labels, find):
    """Those values of `labels` (value -> Label) whose text has all the words of `find`, or their beginnings."""
    return {value for value, label in labels.items() if all(word in fold(label.text) for word in words(find))}


class Faceted(Phrased):
    """A filter by the values of a facet, several of which widen each other.

    `facet` is a Facet. Where another filter chooses what is meant (hosting, or taking part), `facet` maps its values to
    Facets and `varied_by` names it.
    """

    def __init__(self, *args, facet, varied_by=None, **kwargs):
        self.facets = facet if varied_by else {"": facet}
        self.varied_by = varied_by
        super().__init__(*args, **kwargs)

    def variant(self, data):
        """Which of the facets `data`, what all the filters were given, means."""
        if not self.varied_by:
            return ""
        return data.get(self.varied_by) or self.parent.filters[self.varied_by].default

    def index_name(self, name, data):
        """What the index calls the facet that is meant."""
        variant = self.variant(data)
        return f"{name}.{variant}" if variant else name

    def filter(self, queryset, value):
        if value in EMPTY_VALUES:
            return queryset
        facet = self.facets[self.variant(self.parent.form.cleaned_data)]
        return queryset.filter(facet.rule(queryset.model, facet.values(value)))


class RecordsFilter(Faceted, django_filters.ModelMultipleChoiceFilter):
    """Records that have to do with any of the chosen ones."""

    field_class = RecordsField

    def name_values(self, value):
        return any_of(called(record).text for record in value)

    def labels(self, pks, state):
        """{primary key: its Label} of those of `pks` that are public."""
        known = labels_of(self.model_named, state, get_language())
        if missing := [pk for pk in pks if pk not in known]:
            names, records = names_now(self.model_named, state), records_by(self.model_named, "pk__in")(missing)
            known.update((record.pk, Label(record.slug, *called_by(names, record))) for record in records)
        return {pk: known[pk] for pk in pks if pk in known}

    @property
    def model_named(self):
        """The model of the records that are chosen."""
        return model_of(self.queryset)

    def called(self, find, values):
        """Those of `values` that bear a name with all the words of `find`."""
        model, found = self.model_named, set(values)
        for term in parse(find).wanted:  # what is typed may go on
            found &= set(bearing_ids(model, replace(term, prefix=len("".join(term.words)) > 1)))
        return found


@cache
def model_of(queryset):
    """The model of what `queryset` returns, a function of the request: to write its SQL each time took a tenth of a page."""
    return queryset(None).model


@lru_cache(maxsize=32)
def labels_of(model, state, language):
    """What is known already of the labels of records of `model`, at one state of the ledger; filled by whoever asks."""
    return {}


@cache
def records_by(model, lookup):
    """The Prepared of the published records of `model` by `lookup`."""
    return Prepared(model.objects.published(), lookup)


class ChoicesFilter(Faceted, django_filters.MultipleChoiceFilter):
    """Records whose field has any of the chosen values."""

    field_class = ChoicesField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"widget": forms.CheckboxSelectMultiple, **kwargs})

    def name_values(self, value):
        labels = dict(self.field.choices)
        return any_of(labels[one] for one in value)

    def labels(self, values, state=None):
        labels = dict(self.field.choices)
        return {value: Label(value, str(labels[value])) for value in values if value in labels}

    def called(self, find, values):
        return found_among(self.labels(values), find)


class TextsField(forms.Field):
    """Any texts, of which each is as long as a column may be."""

    widget = forms.SelectMultiple

    def clean(self, value):
        refuse_too_many(value)
        return [str(one)[:300] for one in value or [] if one]


class TextsFilter(Faceted, django_filters.Filter):
    """Records whose field is exactly one of the texts; `label_of` says how readers know a text."""

    field_class = TextsField

    def __init__(self, *args, label_of=str, **kwargs):
        self.label_of = label_of
        super().__init__(*args, **kwargs)

    def name_values(self, value):
        return any_of(map(self.label_of, value))

    def labels(self, values, state=None):
        if self.label_of is str:  # as printed
            return {value: Label(value, value, language_of(value)) for value in values}
        return {value: Label(value, str(self.label_of(value))) for value in values}

    def called(self, find, values):
        return found_among(self.labels(values), find)


class ChoiceFilter(Phrased, django_filters.ChoiceFilter):
    """Records whose field has the chosen value. `default`, if there is one, is what an address without the filter means."""

    def __init__(self, *args, default=None, **kwargs):
        self.default = default
        super().__init__(*args, **kwargs)

    def name_values(self, value):
        return str(dict(self.field.choices)[value])


class YearsFilter(Faceted, django_filters.Filter):
    """Dated records whose time may touch the years."""

    field_class = YearsField

    def __init__(self, *args, **kwargs):
        widget = forms.TextInput(attrs={"placeholder": _("2015 or 2012–2015"), "inputmode": "text"})
        super().__init__(*args, **{"facet": Years(), "widget": widget, "max_length": 20, **kwargs})

    def name_values(self, value):
        first, last = value
        if first == last:
            return str(first)
        if last == 9999:
            return gettext("since %(year)s") % {"year": first}
        return gettext("until %(year)s") % {"year": last} if first == 1 else f"{first}–{last}"


class QueryField(forms.CharField):
    """What a reader types into a search box, as a Query; None when it says nothing."""

    def clean(self, value):
        return parse(super().clean(value)) or None


class WordsFilter(Phrased, django_filters.Filter):
    """Records with the words of a query in their own text, or in a name of somebody or something that they involve.

    `names` maps facets of the list to the models whose names count, and `beside` is the models whose rows are found instead
    of the record that owns them (a question of an agenda).
    """

    field_class = QueryField

    def __init__(self, *args, names=None, beside=(), **kwargs):
        self.names = names or {}
        self.beside = beside
        widget = forms.TextInput(attrs={"type": "search"})
        super().__init__(*args, **{"max_length": LONGEST_QUERY, "label": _("Words"), "phrase": "{}", "widget": widget, **kwargs})

    def name_values(self, query):
        return query.phrase

    def found(self, snapshot, query):
        """The public records that `query` finds, as a Selection takes them: see `Places.parted`."""
        places, model = Places(snapshot), snapshot.segment.layout.model
        text_ids = nothing if "names" in model.parts else Texts(places).matching  # a record's own name is one of its names

        def name_ids(term):
            return BitMap.union(BitMap(), *self.involved(places, model, term))

        return places.parted(evaluate(query, text_ids, name_ids, places.everything))

    def involved(self, places, model, term):
        """Sets of the places of records that have `term` in a name or a row that is not their own text."""
        snapshot, called = places.snapshot, {}
        for facet, named in self.names.items():
            if named not in called:
                called[named] = bearing_ids(named, term, snapshot.state) & snapshot.public[named]
            if called[named]:
                yield places.having(facet, called[named])
        for rows in self.beside:
            yield places.of_pks(owners_of(rows, Query(((term,),))))
        if "names" in model.parts:
            yield places.of_pks(as_array_of(bearing_ids(model, term, snapshot.state)))


def nothing(query, within):
    return BitMap()


BEST = "best"  # the order of a list in which words were looked for


class SortFilter(ChoiceFilter):
    """The order of a list: `orders` maps a key to (label, order_by). The first goes without saying, unless words are looked for:
    then it is the best first."""

    def __init__(self, orders, **kwargs):
        self.orders = orders
        choices = [(BEST, _("Best first")), *((key, label) for key, (label, _) in orders.items())]
        super().__init__(
            choices=choices,
            label=_("Order"),
            empty_label=None,
            default=next(iter(orders)),
            phrase=lambda name, data: name.lower(),
            **kwargs,
        )

    def default_for(self, asked):
        """The order of a list for which `asked` (name -> values) was asked."""
        return BEST if any(asked.get("q", ())) else self.default

    def filter(self, queryset, value):
        return queryset.order_by(*map(in_order, self.orders[value if value in self.orders else self.default][1]))


def in_order(lookup):
    """`lookup`, descending with a hyphen before it, as a database should sort by it: what has no value comes last."""
    column = F(lookup.lstrip("-"))
    return column.desc(nulls_last=True) if lookup.startswith("-") else column.asc(nulls_last=True)


def any_of(names):
    """ "Armenia, Belarus or Georgia", in the language that is spoken now."""
    *others, last = map(str, names)
    return gettext("%(names)s or %(last)s") % {"names": ", ".join(others), "last": last} if others else last
