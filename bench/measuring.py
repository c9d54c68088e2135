"""Timing several contenders in turn, round after round, so that whatever else the machine does meets all of them alike."""

import statistics
from dataclasses import dataclass, field

BUDGET = 90  # seconds after which a contender has been asked often enough
LEAST = 3  # rounds of each contender


@dataclass
class Times:
    """The seconds of each round, and why there are none when an answer was wrong."""

    seconds: list = field(default_factory=list)
    wrong: str = ""

    @property
    def median(self):
        return None if self.wrong or not self.seconds else statistics.median(self.seconds)

    @property
    def is_done(self):
        return bool(self.wrong) or (len(self.seconds) >= LEAST and sum(self.seconds) > BUDGET)


def race(contenders, rounds, wrong):
    """Times by name of `contenders`, functions from the number of the round to seconds; `wrong` is what they raise."""
    times = {name: Times() for name in contenders}
    for number in range(rounds):
        for name, ask in contenders.items():
            if not times[name].is_done:
                try:
                    times[name].seconds.append(ask(number))
                except wrong as error:
                    times[name].wrong = str(error)
    return times


def percentile(values, part):
    """The value below which `part` (0 to 1) of `values` lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
