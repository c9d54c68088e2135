"""What a harvester asks, read by the protocol's rules: the verb, its arguments, dates and resumption tokens."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.core import signing

from archive.site.oai.harvest import KINDS, earliest, number_at

PREFIX = "oai_dc"
SALT = "oai"
LONGEST = 500  # characters of a token; ours have some 100
DAY, SECOND = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
LISTING = {"from", "until", "set", "metadataPrefix"}
VERBS = {  # verb -> (arguments that it needs, arguments that it may have)
    "Identify": (set(), set()),
    "ListMetadataFormats": (set(), {"identifier"}),
    "ListSets": (set(), set()),
    "GetRecord": ({"identifier", "metadataPrefix"}, set()),
    "ListIdentifiers": ({"metadataPrefix"}, LISTING),
    "ListRecords": ({"metadataPrefix"}, LISTING),
}
RESUMED = ("ListSets", "ListIdentifiers", "ListRecords")


class OAIError(Exception):
    """What is wrong with a request: `code` is the protocol's word for it, and the message a sentence."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Listing:
    """Which part of a list is asked for: `kind` a set or "", from the place `start` to the entry `end`."""

    kind: str = ""
    start: tuple = field(default=(0, 0, 0))
    end: int = 0

    @property
    def models(self):
        return [KINDS[self.kind]] if self.kind else list(KINDS.values())

    def token(self, place):
        """The resumption token of what follows from `place` on."""
        return signing.dumps([self.kind, list(place), self.end], salt=SALT)


def read(parameters):
    """(verb, arguments) of a QueryDict; raises OAIError for what the protocol does not allow."""
    verbs = parameters.getlist("verb")
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise OAIError("badVerb", f"The verb is one of {', '.join(VERBS)}, once.")
    given = {name: values for name, values in parameters.lists() if name != "verb"}
    if repeated := sorted(name for name, values in given.items() if len(values) > 1):
        raise OAIError("badArgument", f"{repeated[0]} is given more than once.")
    given = {name: value for name, [value] in given.items()}
    needed, allowed = VERBS[verbs[0]]
    if "resumptionToken" in given and verbs[0] in RESUMED:
        needed, allowed = {"resumptionToken"}, set()
    if unknown := sorted(given.keys() - needed - allowed):
        raise OAIError("badArgument", f"{verbs[0]} takes no {unknown[0]:.60} here.")
    if missing := sorted(needed - given.keys()):
        raise OAIError("badArgument", f"{verbs[0]} needs {missing[0]}.")
    return verbs[0], given


def refuse_format(given):
    """Raises OAIError for any format but the one that there is."""
    if given.get("metadataPrefix", PREFIX) != PREFIX:
        raise OAIError("cannotDisseminateFormat", f"Records come as {PREFIX} alone.")


def listing(given):
    """The Listing that the arguments of ListIdentifiers or ListRecords mean."""
    if "resumptionToken" in given:
        return resumed(given["resumptionToken"])
    first, last = moment(given, "from"), moment(given, "until")
    if first and last and len(given["from"]) != len(given["until"]):
        raise OAIError("badArgument", "from and until are written alike: both to the day, or both to the second.")
    if first and last and first > last:
        raise OAIError("badArgument", "from is later than until.")
    kind = given.get("set", "")
    if kind and kind not in KINDS:
        raise OAIError("noRecordsMatch", "There is no such set: see ListSets.")
    begin = earliest().replace(microsecond=0)
    start = number_at(first) if first and first > begin else 0
    end = number_at(max(last, begin)) - 1 if last else number_at(datetime.max.replace(tzinfo=UTC)) - 1
    return Listing(kind, (start, 0, 0), end if not last or last > begin else -1)


def resumed(token):
    try:
        kind, (number, rank, pk), end = signing.loads(token[: LONGEST + 1], salt=SALT)
    except signing.BadSignature:
        raise OAIError("badResumptionToken", "This token is not of this archive.") from None
    return Listing(kind, (number, rank, pk), end)


def moment(given, name):
    """The first moment that `from` includes, or that `until` no longer does; None where it is not given."""
    text = given.get(name)
    if text is None:
        return None
    try:
        if DAY.fullmatch(text):
            begin, lasts = datetime.combine(date.fromisoformat(text), time(), UTC), timedelta(days=1)
        elif SECOND.fullmatch(text):
            begin, lasts = datetime.fromisoformat(text), timedelta(seconds=1)
        else:
            raise ValueError
        return begin + lasts if name == "until" else begin
    except (ValueError, OverflowError):
        raise OAIError("badArgument", f"{name} is a day (2015-06-25) or a second in UTC (2015-06-25T10:30:00Z).") from None
