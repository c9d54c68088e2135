"""Case: a list taken away as CSV, its first byte, and what the server's memory does meanwhile."""

import csv
import io
import threading
import time

from bench.context import AS_IT_COMES, TUNED
from bench.flat import years_to_take
from bench.measuring import race
from bench.reading import SITE
from bench.report import Figure, Row, number, ratio
from bench.servers import memory
from bench.truth import WrongAnswerError, expect, expect_equal

ROUNDS = 3


def taking(bench):
    """CSV of 100,000 events, or of all there are, and of the whole list for the memory."""
    query = "year={}-{}".format(*years_to_take(bench.truth.file))
    total = bench.truth.one("SELECT count(*) FROM event_file")
    first_bytes = []

    def site(_):
        answer = bench.reader.get(f"/events/list.csv?{query}")
        check_rows(answer, total)
        first_bytes.append(answer.first_byte)
        return answer.seconds

    def datasette(name):
        def ask(_):
            answer = bench.datasette(name, "/event_file.csv", [("_stream", "on"), ("_size", "max")])
            check_rows(answer, total)
            return answer.seconds

        return ask

    times = race({SITE: site, AS_IT_COMES: datasette(AS_IT_COMES), TUNED: datasette(TUNED)}, ROUNDS, WrongAnswerError)
    notes = [f"{name}: {one.wrong}" for name, one in times.items() if one.wrong]
    said = {name: f"{number(one.median)} s" for name, one in times.items() if one.median}
    rivals = [Figure(f"{name} ÷ site", ratio(times[name].median, times[SITE].median), " ×", 2, 8) for name in (AS_IT_COMES, TUNED)]
    first_byte = Figure("first byte", max(first_bytes) * 1000 if first_bytes else None, " ms", 100, most=True)
    return [Row(f"CSV of {total:,} events", [*rivals, first_byte, growth(bench)], said, notes)]


def check_rows(answer, total):
    expect(answer.status == 200, f"status {answer.status}")
    rows = sum(1 for _ in csv.reader(io.StringIO(answer.text, newline=""))) - 1
    expect_equal(rows, total, "the number of rows")


def growth(bench):
    """How much more memory the busiest worker takes while the whole list is read from it."""
    before = {worker: memory(worker)[0] for worker in bench.readers}
    most, is_done = dict(before), threading.Event()

    def watch():
        while not is_done.is_set():
            for worker in most:
                most[worker] = max(most[worker], memory(worker)[0])
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    size = bench.reader.drain("/events/list.csv")
    is_done.set()
    watcher.join()
    grown = max(most[worker] - before[worker] for worker in most)
    return Figure(f"growth over {size / 1e6:,.0f} MB", grown, " MB", 50, most=True)
