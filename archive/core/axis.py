"""An axis of years in even steps, and how much falls on each: what histograms and pictures stand on."""

from archive.core.facets import years_of

STEPS = (1, 10, 100, 1000)  # years


class YearAxis:
    """The years from `first` to `last` in at most `most` steps of a year, a decade, a century or a millennium.

    `edges` has the year at which each step begins; a false axis has none.
    """

    def __init__(self, first, last, most):
        self.first, self.last = first, last
        self.step = next(step for step in STEPS if (last - first) // step < most)
        self.edges = range(first - first % self.step, last + 1, self.step)

    @classmethod
    def of(cls, spans, most):
        """The axis that shows all of `spans`, as a Years facet counts them: {span: number}."""
        # An open end reaches to the calendar's: it is counted in every step, and makes none.
        known = [year for span in spans for year in years_of(span) if 1 < year < 9999]
        return cls(min(known), max(known), most) if known else cls(0, -1, most)

    def __len__(self):
        return len(self.edges)

    def counts(self, spans):
        """How many of `spans` touch each step."""
        step, begin, changes = self.step, self.edges.start, [0] * (len(self.edges) + 1)
        if not self.edges:
            return []
        for span, count in spans.items():
            first, last = years_of(span)
            if last >= begin and first <= self.edges[-1] + step - 1:
                changes[max(0, (first - begin) // step)] += count
                changes[min(len(self.edges) - 1, (last - begin) // step) + 1] -= count
        counts, so_far = [], 0
        for change in changes[:-1]:
            so_far += change
            counts.append(so_far)
        return counts

    def years(self, edge):
        """The first and the last year of the step that begins at `edge`."""
        return max(1, edge), edge + self.step - 1

    def label(self, edge):
        first, last = self.years(edge)
        return str(first) if first == last else f"{first}–{last}"

    def value(self, edge):
        """The step as a filter by years has it in an address."""
        first, last = self.years(edge)
        return str(first) if first == last else f"{first}-{last}"

    def edtf(self, edge):
        """The step as the text of a PartialDate: "2015", "201X"."""
        first, last = (f"{year:04}" for year in self.years(edge))
        if first == last:
            return first
        return f"{first[:3]}X" if self.step == 10 and edge else f"{first}/{last}"  # no decade has a year 0
