"""Case: facets, total and page ids in the process itself, without a server, rows or templates; each checked against SQL."""

import statistics
import time

from archive.core.index import index_of
from bench.measuring import percentile
from bench.report import Figure, Row, milliseconds
from bench.truth import WrongAnswerError, expect_equal
from events.filters import EventFilter
from events.models import Event
from people.models import Country

FILTERS = 200  # random ones
SHOWN = 8  # values of each facet, as on a page


def inside(bench):
    """The index's answers to random filters, timed and compared with what SQL counts."""
    index = index_of(EventFilter)
    index.snapshot()
    shown = [name for name in index.layout.facets if name == "country.either" or not ("." in name or name == "year")]
    filters = bench.truth.filters(2 * FILTERS)  # the first half of them to have the commonest sets at hand, as a server has
    keys = dict(Country.objects.values_list("code", "pk"))
    seconds, wrong = [], []
    for one in filters:
        chosen, where = widened(one, bench.truth.rng, keys)
        start = time.perf_counter()
        selection = index.snapshot().select(chosen)  # all that a page asks of the index
        facets = {name: selection.top(name, SHOWN) for name in shown}
        years = selection.counts("year")
        found = selection.total, selection.pks(0, 25)
        seconds.append(time.perf_counter() - start)
        if len(seconds) <= FILTERS:
            continue
        try:
            compare(bench.truth, where, chosen, selection, found)
        except WrongAnswerError as error:
            wrong.append(f"{where}: {error}")
    seconds = seconds[FILTERS:]
    median = statistics.median(seconds)
    figures = [
        Figure("median", median * 1000, " ms", 1, most=True),
        Figure("right answers", len(seconds) - len(wrong), "", len(seconds)),
    ]
    said = {
        "95 of 100 within": milliseconds(percentile(seconds, 0.95)),
        "facets": f"{len(facets)}, and {len(years)} spans of years",
    }
    return [Row(f"facets, total and page ids in process, {len(seconds)} random filters", figures, said, wrong[:2])]


def widened(one, rng, keys):
    """A Filter with some of its parts left out and others put in, as the index and as SQL take it: (chosen, where)."""
    chosen, where = {}, []
    if rng.random() < 0.7:
        chosen["country.either"] = [keys[one.country]]
        where.append(one.where[0])
    if rng.random() < 0.7:
        chosen["year"] = (one.year, one.year)
        where.append(one.where[1])
    for column, values in {"kind": Event.Kind.values, "standing": Event.Standing.values, "format": Event.Format.values}.items():
        if rng.random() < 0.3:
            chosen[column] = rng.sample(values, rng.randint(1, 2))
            where.append(f"{column} in ({', '.join(map(repr, chosen[column]))})")
    return chosen, where


def compare(truth, where, chosen, selection, found):
    """Raises WrongAnswerError unless total, page and the counts of the plain facets are what SQL finds."""
    total, pks = found
    slugs = dict(Event.objects.filter(pk__in=pks).values_list("pk", "slug"))
    expect_equal((total, [slugs[pk] for pk in pks]), (truth.total(where), [slug for _, slug in truth.page(where)]), "the rows")
    for column in ("kind", "standing", "format"):
        others = [rule for rule in where if not rule.startswith(column)]
        right = {value: count for value, count in truth.facet(column, others).items() if value}
        expect_equal(dict(selection.counts(column)), right, f"the facet {column}")
