"""How often one may guess: a guess is counted before it is looked at, so that no crowd of them at once gets more."""

import ipaddress
from contextlib import contextmanager
from datetime import timedelta
from math import ceil

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from archive.accounts.models import Guesses, digest

PAUSE = timedelta(minutes=15)
FEW = 5  # wrong guesses in that time: for one name from one address, for the codes of one account
MANY = 100  # and for one address, behind which may be a whole house


class TooManyGuessesError(Exception):
    """No more guesses for `seconds`; in words for whoever guessed."""

    def __init__(self, seconds):
        self.seconds = max(1, ceil(seconds))
        minutes = ceil(self.seconds / 60)
        super().__init__(f"Too many wrong attempts. Try again in {minutes} minute{'' if minutes == 1 else 's'}.")


@contextmanager
def guess(*limits):
    """A guess, counted for each of `limits` (what it is about, how many may be wrong) unless the block ends well.

    Raises TooManyGuessesError, without running the block, where one of them is reached. The first is forgotten by a right guess.
    """
    for about, most in limits:
        count(about, most)
    yield
    (first, _), *others = limits
    Guesses.objects.filter(who=key(first)).delete()
    Guesses.objects.filter(who__in=[key(about) for about, _ in others], number__gt=0).update(number=F("number") - 1)


def count(about, most):
    """Counts one guess `about` something; raises TooManyGuessesError where there were `most` within the pause."""
    now = timezone.now()
    rows = Guesses.objects.filter(who=key(about))
    seen = rows.filter(since__gt=now - PAUSE).first()
    if seen is None:
        Guesses.objects.filter(since__lte=now - PAUSE).delete()
        Guesses.objects.bulk_create([Guesses(who=key(about), since=now)], ignore_conflicts=True)
    is_full = seen and seen.number >= most  # asked first: to refuse somebody who hammers at the door writes nothing
    if is_full or not rows.filter(number__lt=most).update(number=F("number") + 1):
        raise TooManyGuessesError(((seen.since if seen else now) + PAUSE - now).total_seconds())


def key(about):
    return digest("\n".join(map(str, about)))


def address_of(request):
    """Where a request comes from: an address, for IPv6 the network that one customer has.

    Behind the proxy it is what the proxy has seen: the last in X-Forwarded-For. What readers send in it themselves stands before.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip()
    seen = (settings.BEHIND_PROXY and forwarded) or request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:
        return seen[:100]
    if address.version == 6 and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address) if address.version == 4 else str(ipaddress.ip_network((int(address), 64), strict=False))
