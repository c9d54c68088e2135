"""Cases: the start of the server with and without a stored index, and the memory of its workers."""

import time

from bench.client import Client
from bench.report import Figure, Row, number
from bench.servers import memory


def starting(bench):
    """From the start of the server to its first faceted page, the index stored before, and not."""
    stored = [restart(bench) for _ in range(3)]
    bench.site.stop()
    bench.forget_index()
    rebuilt = restart(bench)
    bench.renew_readers()
    figures = [
        Figure("first faceted page, index stored", sorted(stored)[1], " s", 1, most=True),
        Figure("first faceted page, index rebuilt", rebuilt, " s", 30, most=True),
    ]
    return [Row("cold start", figures)]


def restart(bench):
    """Seconds from the start of the process to the first faceted page."""
    bench.site.stop()
    address = bench.next_address()
    start = time.perf_counter()
    bench.site.start()
    bench.site.wait()
    answer = Client(bench.site.port).get(address)
    seconds = time.perf_counter() - start
    if answer.status != 200:
        raise RuntimeError(f"{address}: status {answer.status}")
    return seconds


def memory_case(bench):
    """The memory of each worker, after whatever the cases before have asked of it."""
    sizes = [memory(worker) for worker in bench.site.workers()]
    most, share = max(rss for rss, _ in sizes), max(pss for _, pss in sizes)
    note = f"{number(share)} MB when what the workers share is divided among them"
    return [Row("memory of a worker", [Figure("resident", most, " MB", 350, 200, most=True)], notes=[note])]
