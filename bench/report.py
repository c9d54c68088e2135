"""What was measured, as a table in Markdown."""

from dataclasses import dataclass, field


@dataclass
class Figure:
    """One number beside what it has to reach: at least (`reach` and `stretch` are floors) or, with `most`, at most."""

    name: str
    value: float | None  # None: could not be measured
    unit: str
    reach: float | None = None
    stretch: float | None = None
    most: bool = False

    def __str__(self):
        if self.value is None:
            return f"{self.name}: —"
        marks = ", ".join(filter(None, [self.limit(self.reach, "to reach"), self.limit(self.stretch, "stretch")]))
        return f"{self.name} **{number(self.value)}{self.unit}**{f' ({marks})' if marks else ''}"

    def limit(self, bound, name):
        if bound is None:
            return ""
        held = self.value <= bound if self.most else self.value >= bound
        return f"{name} {'≤' if self.most else '≥'} {number(bound)}{self.unit} {'✓' if held else '✗'}"


@dataclass
class Row:
    """One row of the table: a case, its figures, and the medians that they come from."""

    case: str
    figures: list
    measured: dict = field(default_factory=dict)  # name -> what was measured, in words
    notes: list = field(default_factory=list)

    def __str__(self):
        measured = "; ".join(f"{name} {value}" for name, value in self.measured.items())
        return f"| {' | '.join([self.case, '<br>'.join(map(str, self.figures)), measured, '; '.join(self.notes)])} |"


HEAD = "| case | figure | medians | notes |\n|---|---|---|---|"


def number(value):
    """Three figures of it: 0.0123, 1.23, 12.3, 1,234."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def milliseconds(seconds):
    return f"{number(seconds * 1000)} ms"


def ratio(slower, faster):
    """How many times `faster` goes into `slower`, None when either was not measured."""
    return slower / faster if slower and faster else None
