"""Cases: pages of lists, records and searches, one at a time, each of them a first visit unless the case is about repetition."""

from django.db import DatabaseError

from bench import queries
from bench.client import throughput
from bench.context import AS_IT_COMES, TUNED
from bench.measuring import race
from bench.report import Figure, Row, milliseconds, number, ratio
from bench.truth import WrongAnswerError, datasette_list, expect, expect_equal, of_country, site_facet, site_list
from events.models import Event
from people.models import Country

SITE, BARE, SQL = "site", "bare view", "SQL"
SECONDS = 3  # of each run for throughput


def run(bench, contenders):
    return race(contenders, bench.rounds, (WrongAnswerError, DatabaseError))


def medians(times):
    """{name: what the table says of it}, and what went wrong, as notes."""
    said = {name: milliseconds(one.median) for name, one in times.items() if one.median}
    return said, [f"{name}: {one.wrong}" for name, one in times.items() if one.wrong]


def check_events(answer, total, page, kinds=None):
    """Raises WrongAnswerError unless the site shows the right total, the right rows and, of the facet Kind, the right counts."""
    expect_equal(site_list(answer, "event"), (total, [slug for _, slug in page]), "the list")
    if kinds is not None:
        right = {Event.Kind(kind).label: count for kind, count in kinds.items()}
        expect_equal(site_facet(answer, "Kind"), right, "the facet Kind")
    return answer.seconds


class Events:
    """The contenders for a list of events: `filters` are (query, where) by round, and `pages` the page of each."""

    def __init__(self, bench, filters, pages=None):
        self.bench, self.filters = bench, filters
        self.pages = pages or [1] * len(filters)
        self.size, self.given_up = 0, 0

    def site(self, round_number):
        (query, where), page, truth = self.filters[round_number], self.pages[round_number], self.bench.truth
        address = "&".join(filter(None, [query, f"page={page}" if page > 1 else ""]))
        answer = self.bench.reader.get(f"/events/?{address}" if address else "/events/")
        self.size = len(answer.body)
        return check_events(answer, truth.total(where), truth.page(where, page), truth.facet("kind", where))

    def datasette(self, name):
        def ask(round_number):
            where, truth = self.filters[round_number][1], self.bench.truth
            answer = self.bench.table(name, where)
            total, rows, given_up = datasette_list(answer)
            self.given_up = max(self.given_up, len(given_up))
            # What it gave up counting it shows as such: only what it shows has to be right.
            expect(total == truth.total(where) or (total is None and name == AS_IT_COMES), f"the total is {total}")
            expect(not given_up or name == AS_IT_COMES, f"{len(given_up)} facets are missing")
            expect_equal(rows, [place for place, _ in truth.page(where)], "the rows")
            return answer.seconds

        return ask

    def bare(self, _):
        return self.bench.bare(self.size)

    def notes(self):
        return [f"{AS_IT_COMES} gave up {self.given_up} of 9 facets"] if self.given_up else []

    def contenders(self):
        return {SITE: self.site, AS_IT_COMES: self.datasette(AS_IT_COMES), TUNED: self.datasette(TUNED), BARE: self.bare}


def against_datasette(times, at_least):
    """Figures for how many times slower each Datasette was; `at_least` maps its name to (to reach, stretch)."""
    return [Figure(f"{name} ÷ site", ratio(times[name].median, times[SITE].median), " ×", *at_least[name]) for name in at_least]


def filtered(bench):
    """The list filtered by country (host or taking part) and year, all facets, exact total."""
    filters = bench.next_filters()
    events = Events(bench, [(one.query, one.where) for one in filters])
    keys = dict(Country.objects.values_list("code", "pk"))

    def sql(round_number):
        one = filters[round_number]
        seconds, (total, slugs) = queries.timed(queries.filtered, keys[one.country], one.year)
        expect_equal((total, slugs), (one.total, [slug for _, slug in bench.truth.page(one.where)]), "the rows")
        return seconds

    times = run(bench, events.contenders() | {SQL: sql})
    said, wrong = medians(times)
    figures = against_datasette(times, {AS_IT_COMES: (100, 300), TUNED: (50, 150)})
    return [Row("list filtered by country and year, all facets, exact total", figures, said, wrong + events.notes())]


def unfiltered(bench):
    """The whole list with all facets."""
    pages = bench.next_pages()
    events = Events(bench, [("", ())] * bench.rounds, pages)

    def sql(round_number):
        seconds, (total, slugs) = queries.timed(queries.unfiltered, pages[round_number])
        page = bench.truth.page((), pages[round_number])
        expect_equal((total, slugs), (bench.truth.events, [slug for _, slug in page]), "the rows")
        return seconds

    times = run(bench, events.contenders() | {SQL: sql})
    said, wrong = medians(times)
    figures = against_datasette(times, {AS_IT_COMES: (100, 300), TUNED: (15, 70)})
    return [Row("unfiltered list with all facets", figures, said, wrong + events.notes())]


def worst(bench):
    """The filter that lets the most through, against the median filter."""
    code = bench.truth.biggest
    biggest = f"country={code.lower()}", [of_country(code)]
    usual = Events(bench, [(one.query, one.where) for one in bench.next_filters()])
    worst = Events(bench, [biggest] * bench.rounds, list(range(1, bench.rounds + 1)))
    times = run(bench, {SITE: worst.site, "median filter": usual.site})
    said, wrong = medians(times)
    share = bench.truth.total(biggest[1]) / bench.truth.events
    slower = ratio(times[SITE].median, times["median filter"].median)
    figure = Figure("worst ÷ median", slower, " ×", 5, 2, most=True)
    return [Row("the worst filter", [figure], said, [*wrong, f"{code} has to do with {share:.0%} of all events"])]


def search(bench):
    """Two words in statements, ranked: pairs that stand together now and then, and the commonest."""
    most = max(100, bench.truth.events // 1000)
    return [
        search_row(
            bench, "two-word search over statements, ranked, with facets and total", bench.truth.pairs(bench.rounds, 2, most)
        ),
        search_row(bench, "the same with common words", bench.truth.common_pairs(bench.rounds)),
    ]


def search_row(bench, case, pairs):
    def site(round_number):
        words, total = pairs[round_number % len(pairs)]
        # A second visit to the same words would come from the page cache.
        page = round_number // len(pairs)
        answer = bench.reader.get(f"/statements/?q={'+'.join(words)}{f'&page={page + 1}' if page else ''}")
        found, slugs = site_list(answer, "statement")
        expect_equal(found, total, f"the total of {' '.join(words)}")
        expect_equal(len(slugs), min(25, total - 25 * page), "the number of rows")
        expect(all(bench.truth.has_words(slug, words) for slug in slugs), "a row has not the words")
        return answer.seconds

    def datasette(name):
        def ask(round_number):
            words, total = pairs[round_number % len(pairs)]
            answer = bench.ranked(name, words)
            expect(answer.status == 200, f"status {answer.status}")
            expect_equal(answer.text.count('<td class="col-slug">'), min(25, total), "the number of rows")
            return answer.seconds

        return ask

    def sql(round_number):
        words, _ = pairs[round_number % len(pairs)]
        seconds, slugs = queries.timed(queries.ranked, " ".join(words))
        expect_equal(len(slugs), min(25, bench.truth.statements(words, "text")), "the number of rows")
        return seconds

    times = run(bench, {SITE: site, AS_IT_COMES: datasette(AS_IT_COMES), TUNED: datasette(TUNED), SQL: sql})
    said, wrong = medians(times)
    totals = sorted(total for _, total in pairs)
    notes = [*wrong, f"{totals[0]:,} to {totals[-1]:,} statements found" if totals else "no such pairs"]
    return Row(case, against_datasette(times, {AS_IT_COMES: (2, 5), TUNED: (2, 5)}), said, notes)


def event(bench):
    """An event's page against Datasette's page of its row."""
    slugs = bench.truth.slugs(bench.rounds)
    size = 0

    def site(round_number):
        nonlocal size
        answer = bench.reader.get(f"/events/{slugs[round_number]}/")
        size = len(answer.body)
        expect(answer.status == 200 and "<h1" in answer.text, f"status {answer.status}")
        title = bench.truth.one("SELECT title FROM event WHERE slug = ?", slugs[round_number])
        expect(title in answer.text, "the title is missing")
        return answer.seconds

    def datasette(name):
        def ask(round_number):
            slug = slugs[round_number]
            answer = bench.datasette(name, f"/event/{bench.truth.place(slug)}")
            expect(answer.status == 200 and slug in answer.text, f"status {answer.status}")
            return answer.seconds

        return ask

    def sql(round_number):
        seconds, rows = queries.timed(queries.event, slugs[round_number])
        expect(rows > 3, "rows are missing")
        return seconds

    rivals = {AS_IT_COMES: datasette(AS_IT_COMES), TUNED: datasette(TUNED)}
    times = run(bench, {SITE: site, **rivals, BARE: lambda _: bench.bare(size), SQL: sql})
    said, wrong = medians(times)
    return [Row("event page", against_datasette(times, {AS_IT_COMES: (1, 5), TUNED: (1, 5)}), said, wrong)]


def deep(bench):
    """The 20,000th page of the list, or the last there is, against the first ones."""
    last = min(20_000, bench.truth.events // 25)
    whole = [("", ())] * bench.rounds
    first = Events(bench, whole, bench.next_pages())
    far = Events(bench, whole, [last - round_number for round_number in range(bench.rounds)])
    times = run(bench, {SITE: far.site, "first pages": first.site})
    said, wrong = medians(times)
    figure = Figure("deep ÷ first", ratio(times[SITE].median, times["first pages"].median), " ×", 1.5, 1.1, most=True)
    return [Row(f"the {last:,}th page of the list", [figure], said, wrong)]


def repeated(bench):
    """The same address again and again: whole, and as 304, against the bare view with as many bytes; answers a second."""
    one = bench.next_filter()
    slug, words = bench.truth.slugs(1)[0], bench.truth.common_pairs(1)[0][0]
    paths = {
        "filtered list": f"/events/?{one.query}",
        "list": "/events/",
        "event page": f"/events/{slug}/",
        "search": f"/statements/?q={'+'.join(words)}",
    }
    return [repeated_row(bench, name, path) for name, path in paths.items()]


def repeated_row(bench, name, path):
    for reader in bench.readers.values():
        answer = reader.get(path)
    case, tag = f"{name} again, unchanged", answer.headers.get("ETag") or answer.headers.get("Etag") or answer.headers.get("etag")
    if answer.status != 200 or not tag:
        return Row(case, [Figure("again ÷ bare", None, " ×")], notes=[f"status {answer.status}, ETag {tag}"])
    known = {"If-None-Match": tag}
    again = bench.reader.get(path, **known)
    if again.status != 304:
        return Row(case, [Figure("304 ÷ bare", None, " ×")], notes=[f"status {again.status} to its own ETag"])
    contenders = {
        SITE: lambda _: throughput(bench.site.port, path, SECONDS),
        "site, 304": lambda _: throughput(bench.site.port, path, SECONDS, **known),
        BARE: lambda _: throughput(bench.bare_server.port, f"/{len(answer.body)}", SECONDS),
    }
    times = race(contenders, min(bench.rounds, 5), ValueError)
    rates = {name: one.median for name, one in times.items()}
    figures = [
        Figure("again ÷ bare", ratio(rates[SITE], rates[BARE]), " ×", 0.4, 0.5),
        Figure("304 ÷ bare", ratio(rates["site, 304"], rates[BARE]), " ×", 0.4, 0.5),
    ]
    return Row(case, figures, {name: f"{number(rate)}/s" for name, rate in rates.items() if rate}, [f"{len(answer.body):,} bytes"])
