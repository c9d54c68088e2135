"""The filters of one list together: what they select, how the list says itself in words, and its address."""

from functools import cache, cached_property
from urllib.parse import urlencode

import django_filters
from django.forms.renderers import Jinja2
from django_filters.constants import EMPTY_VALUES

from archive.core.filters import BEST, Faceted, RecordsFilter, SortFilter, WordsFilter, YearsFilter
from archive.core.index import index_of
from archive.core.localnames import alphabet
from archive.core.ordering import Alphabetical, Ordered, Ranked

TYPED = WordsFilter | YearsFilter | SortFilter  # what no link can stand for
RENDERER = Jinja2()  # one for all forms: it keeps its templates


class RecordFilterSet(django_filters.FilterSet):
    """The filters of one list of records: they select, say themselves in words, and write the list's address."""

    def get_form_class(self):
        # Without what nobody has asked for and no form shows: most filters of most lists.
        names = [name for name, one in self.filters.items() if not self.is_bound or name in self.data or isinstance(one, TYPED)]
        return self.form_with(tuple(names))

    @classmethod
    @cache
    def form_with(cls, names):
        """The form with a field for each of the filters `names`."""
        filters = cls(queryset=cls._meta.model.objects.none()).filters
        # The project's renderer is the admin's, whose widgets have only Django's templates.
        renderer = {"default_renderer": RENDERER}
        return type(f"{cls.__name__}Form", (cls._meta.form,), renderer | {name: filters[name].field for name in names})

    def select(self):
        """The index's Selection of what the filters let through; the filters must be valid."""
        if not self.is_valid():
            raise ValueError(f"There is nonsense in the filters: {dict(self.errors)}")
        data = self.form.cleaned_data
        chosen = {
            one.index_name(name, data): self.chosen_values(name)
            for name, one in self.filters.items()
            if isinstance(one, Faceted) and data.get(name) not in EMPTY_VALUES
        }
        snapshot, query = index_of(type(self)).snapshot(), data.get("q")
        return snapshot.select(chosen, self.filters["q"].found(snapshot, query) if query else None)

    @classmethod
    def found(cls, query):
        """The Selection of what the words of `query` find, without any other filter, and without a form."""
        snapshot = index_of(cls).snapshot()
        return snapshot.select({}, cls.base_filters["q"].found(snapshot, query))

    def order(self):
        """The name of the order that was asked for, or that goes without saying; the filters must be valid."""
        return self.form.cleaned_data.get("sort") or self.filters["sort"].default_for({"q": [self.query]})

    @property
    def query(self):
        """The Query of the words that were looked for, or None."""
        return self.form.cleaned_data.get("q") if self.is_bound and self.is_valid() else None

    def ordered(self):
        """The selected records in the order that was asked for: an Ordered, or a Ranked when that is the best first."""
        selection, order = self.select(), self.order()
        if order != BEST:
            return self.by_name(selection, order) or Ordered(selection, order)
        return Ranked(selection, self.query) if self.query else Ordered(selection, None)

    def by_name(self, selection, order):
        """An Alphabetical where `order` is by name, and the language that is spoken now has names or an order of its own."""
        model, first = self._meta.model, self.filters["sort"].orders[order][1][0]
        keys = alphabet(model) if first.lstrip("-") == model.filed_by else {}
        return Alphabetical(selection, order, keys, first.startswith("-")) if keys else None

    def chosen_values(self, name):
        """The chosen values of a facet, as the index knows them."""
        one, value = self.filters[name], self.form.cleaned_data.get(name)
        return [] if value in EMPTY_VALUES else one.facets[one.variant(self.form.cleaned_data)].values(value)

    def describe(self):
        """(name, phrase) for each filter in use; nothing for filters with nonsense in them."""
        if not self.is_bound or not self.is_valid():
            return []
        data = self.form.cleaned_data
        said = [
            (name, self.filters[name].describe(data[name], data)) for name in self.filters if data.get(name) not in EMPTY_VALUES
        ]
        return [(name, phrase) for name, phrase in said if phrase]

    def in_use(self):
        """Each filter in use: its name, its phrase, and the query string of the list without it."""
        return [
            {"name": name, "phrase": phrase, "without": self.address("", instead={name: []}) or "?"}
            for name, phrase in self.describe()
        ]

    @classmethod
    @cache
    def varying(cls):
        """{name of a filter: name of the filter whose meaning it chooses}."""
        return {one.varied_by: name for name, one in cls.base_filters.items() if getattr(one, "varied_by", None)}

    @cached_property
    def visible_fields(self):
        """The fields that a form shows: those that no link can stand for. The order that goes without saying comes first."""
        sort = self.form.fields["sort"]
        choices = [choice for choice in sort.choices if self.query or choice[0] != BEST]
        sort.widget.choices = choices
        return [field for field in self.form if isinstance(self.filters[field.name], TYPED)]

    @cached_property
    def asked(self):
        """{name of a filter: the values that were asked for}."""
        return {name: self.data.getlist(name) for name in self.filters} if self.data else {name: [] for name in self.filters}

    def telling(self, name, values, asked):
        """Those of `values` that belong into an address: no empty ones, no defaults, and nothing that chooses the meaning of a
        filter that is not in use."""
        values, one = [value for value in values if value], self.filters[name]
        values = [value.lower() for value in values] if isinstance(one, RecordsFilter) else values  # ?country=TJ is ?country=tj
        several = isinstance(one, Faceted) and not isinstance(one, YearsFilter)
        values = sorted(set(values)) if several else values[-1:]
        varies = self.varying().get(name)
        if isinstance(one, SortFilter) and values == [BEST]:
            return []  # it goes without saying where words are looked for, and says nothing elsewhere
        default = one.default_for(asked) if isinstance(one, SortFilter) else getattr(one, "default", None)
        if values == [default] or (varies and not any(asked[varies])):
            return []
        return values

    @cached_property
    def told(self):
        """{name of a filter: its part of the query string}."""
        return {name: encoded(name, self.telling(name, values, self.asked)) for name, values in self.asked.items()}

    def parameters(self):
        """(name, value) of everything that was asked for, in the one order that a list's address has it in."""
        return [(name, value) for name in self.filters for value in self.telling(name, self.asked[name], self.asked)]

    def changed(self, path, name):
        """A function from values of the filter `name` to the address of the list with them, and all else as it is."""
        around = {}  # whether there are values -> what stands around their part of the address: no more depends on them

        def address(values):
            if (is_some := bool(values)) not in around:
                around[is_some] = self.address(path, instead={name: [MARK] if is_some else []}).partition(encoded(name, [MARK]))
            before, _, behind = around[is_some]
            if not is_some:
                return before
            return f"{before}{encoded(name, self.telling(name, values, self.asked | {name: values}))}{behind}"

        return address

    def address(self, path, extra=(), instead=None):
        """`path` with the query string of the list, which `instead` (name -> values) changes and `extra` parameters follow."""
        told = self.told
        if instead:
            asked = self.asked | instead
            # What else a change touches: the order that goes without saying, and what chooses the meaning of a filter.
            touched = {*instead, *(name for name, of in [("sort", "q"), *self.varying().items()] if of in instead)}
            told = told | {name: encoded(name, self.telling(name, asked[name], asked)) for name in touched}
        query = "&".join(part for part in (*told.values(), urlencode(extra)) if part)
        return f"{path}?{query}" if query else path


MARK = "0-value-0"  # no filter has such a value


def encoded(name, values):
    return urlencode([(name, value) for value in values])
