"""A curator's process: so many edits a second, each a unit of work, until it is told to end; says how many it made.

`python -m bench.editing 10` is what readers are disturbed by while their answers are timed.
"""

import random
import signal
import sys
import time

import django

EDITED = " It has been edited."  # the right answers of the other cases do not depend on it


def main(rate):
    django.setup()
    from archive.core.ledger import unit
    from events.models import Event

    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    rng = random.Random(1)  # noqa: S311
    last, made, start = Event.objects.order_by("-pk").first().pk, 0, time.monotonic()
    while not ended:
        time.sleep(max(0, start + made / rate - time.monotonic()))
        with unit(why="bench"):
            event = Event.objects.get(pk=rng.randint(1, last))
            event.summary = event.summary.removesuffix(EDITED) if event.summary.endswith(EDITED) else event.summary + EDITED
            event.save()
        made += 1
    print(made / (time.monotonic() - start))


if __name__ == "__main__":
    main(float(sys.argv[1]))
