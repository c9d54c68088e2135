"""What a list's facets look like to a reader: values with their counts, each a link to the list that it leads to."""

from dataclasses import dataclass

from django.core.paginator import EmptyPage, Paginator
from django.http import Http404

from archive.core.axis import YearAxis
from archive.core.filters import ChoiceFilter, Faceted, YearsFilter

SHOWN = 8  # values of a facet on the list's page; the rest is a page of its own
LISTED = 100  # values on a page of that
BARS = 60  # at most, in a histogram
FEWEST = 12  # places for bars: one alone would fill the whole width
TALL = 60  # units of the tallest bar


@dataclass
class Value:
    """One value of a facet: its name, how many records have it, whether it is chosen, and the list with it chosen or not."""

    label: str
    count: int
    is_chosen: bool
    url: str
    language: str = ""  # the BCP 47 tag of the label's; empty for that of the page


class Panel:
    """All the facets of a list as it is filtered now."""

    def __init__(self, filterset, selection, list_path):
        self.filterset = filterset
        self.selection = selection
        self.list_path = list_path

    @property
    def facets(self):
        """A FacetView, Histogram or Switch for each filter that is one, in the list's order."""
        if self.selection is None:
            return []
        views = [self.view(name, one) for name, one in self.filterset.filters.items()]
        return [view for view in views if view]

    def view(self, name, one):
        if isinstance(one, YearsFilter):
            return Histogram(self, name, one)
        if isinstance(one, Faceted):
            return FacetView(self, name, one)
        if isinstance(one, ChoiceFilter) and name in self.filterset.varying():
            return Switch(self, name, one)
        return None

    @property
    def hidden(self):
        """(name, value) of everything in use that the form has no field for, so that sending it loses nothing."""
        shown = {field.name for field in self.filterset.visible_fields}
        return [(name, value) for name, value in self.filterset.parameters() if name not in shown]

    def with_values(self, name, values):
        """The address of the list with `values` chosen of the filter `name`, and all else as it is."""
        return self.filterset.address(self.list_path, instead={name: values})


class FacetView:
    """The most frequent values of a facet, and those that are chosen."""

    macro = "facet"  # of core/_facets.html

    def __init__(self, panel, name, one):
        self.panel = panel
        self.name = name
        self.filter = one
        self.label = one.label
        self.chosen = panel.filterset.chosen_values(name)
        self.index_name = one.index_name(name, panel.filterset.form.cleaned_data)
        top, self.has_more = panel.selection.top(self.index_name, SHOWN)
        self.counts = dict(top)

    @property
    def is_open(self):
        return bool(self.chosen)

    @property
    def values(self):
        missing = {value: self.panel.selection.count(self.index_name, value) for value in self.chosen if value not in self.counts}
        return links(self, self.counts | missing)

    @property
    def more(self):
        """The address of all the values, when there are more than these."""
        if not self.has_more:
            return ""
        return self.panel.filterset.address(f"{self.panel.list_path}by/{self.name}/")


def links(view, counts):
    """The Values of `counts` (value -> number), the chosen ones first, each leading to the list with it chosen, or no longer."""
    panel = view.panel
    if panel.selection is None:
        return []
    labels = view.filter.labels([*counts, *(value for value in view.chosen if value not in counts)], panel.selection.snapshot.state)
    in_address = {value: label.value for value, label in labels.items()}
    chosen = [value for value in view.chosen if value in labels]
    address, values = panel.filterset.changed(panel.list_path, view.name), []
    for value in [*filter(counts.__contains__, chosen), *(value for value in counts if value not in view.chosen)]:
        if value not in labels:
            continue  # gone since the count was made
        is_chosen = value in view.chosen
        now = [one for one in chosen if one != value] if is_chosen else [*chosen, value]
        label, url = labels[value], address([in_address[one] for one in now])
        values.append(Value(label.text, counts[value], is_chosen, url, label.language))
    return values


class Switch:
    """What the values of another facet are asked about: hosting, taking part. One of the choices is always made."""

    macro = "switch"
    is_open = True

    def __init__(self, panel, name, one):
        self.name = name
        self.label = one.label
        self.of = panel.filterset.varying()[name]
        now = panel.filterset.form.cleaned_data.get(name) or one.default
        self.is_used = bool(panel.filterset.chosen_values(self.of))
        self.values = [Value(label, None, key == now, panel.with_values(name, [key])) for key, label in one.field.choices]


@dataclass
class Bar:
    """One bar of a histogram: the years from `first` to `last`, and how many records touch them."""

    first: int
    last: int
    count: int
    is_chosen: bool
    url: str
    x: int
    height: float
    language: str = ""

    @property
    def label(self):
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"

    @property
    def y(self):
        return TALL - self.height


class Histogram:
    """How many records touch each year, as bars that lead to the list of that year."""

    macro = "histogram"

    def __init__(self, panel, name, one):
        self.panel = panel
        self.name = name
        self.label = one.label
        self.chosen = panel.filterset.form.cleaned_data.get(name)
        self.spans = panel.selection.counts(name)
        self.years = YearAxis.of(self.spans, BARS)

    @property
    def bars(self):
        counts = self.years.counts(self.spans)
        most = max(counts, default=0)
        address = self.panel.filterset.changed(self.panel.list_path, self.name)
        return [
            self.bar(number, edge, count, most, address)
            for number, (edge, count) in enumerate(zip(self.years.edges, counts, strict=True))
        ]

    def bar(self, number, edge, count, most, address):
        first, last = self.years.years(edge)
        is_chosen = bool(self.chosen) and self.chosen[0] <= last and self.chosen[1] >= first
        url = address([self.years.value(edge)]) if count else ""
        height = max(2, round(TALL * count / most, 1)) if count else 0
        return Bar(first, last, count, is_chosen, url, number * 10, height)

    @property
    def axis(self):
        """What stands below the bars: the years at both ends, or side by side where the bars do not reach that far."""
        ends = list(dict.fromkeys([str(self.years.first), str(self.years.last)]))
        return ends if self.width > 10 * FEWEST else ["–".join(ends)]

    @property
    def width(self):
        return 10 * max(FEWEST, len(self.years))


class FacetPage:
    """All the values of one facet of a list, or those that are called `find`."""

    def __init__(self, filterset, selection, list_path, name, find):
        self.panel = Panel(filterset, selection, list_path)
        self.name = name
        self.find = find
        self.filter = filterset.filters[name]
        self.label = self.filter.label
        self.chosen = filterset.chosen_values(name) if selection else []
        self.back = filterset.address(list_path)
        self.counts = self.sorted_counts(filterset, selection) if selection else []

    def sorted_counts(self, filterset, selection):
        counts = selection.counts(self.filter.index_name(self.name, filterset.form.cleaned_data))
        if self.find:
            called = self.filter.called(self.find, counts)
            counts = {value: count for value, count in counts.items() if value in called}
        return sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))

    def page(self, number):
        try:
            page = Paginator(self.counts, LISTED).page(int(number))
        except (ValueError, EmptyPage) as error:
            raise Http404("There is no such page.") from error
        self.values = links(self, dict(page.object_list))
        self.pages = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
        return page
