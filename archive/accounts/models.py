"""What a log-in asks besides the password, and how often somebody has guessed. None of it is public."""

import hashlib
import re
import secrets

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models, transaction
from django.utils import timezone

from archive.accounts import totp

CODES = 10  # recovery codes at a time
CODE_DIGITS = 16


def plain_code(typed):
    """A code as it is compared: people type it with the spaces and hyphens that it is shown with."""
    return re.sub(r"[\s-]", "", typed)


class SecondFactor(models.Model):
    """That a user's log-in asks for a code: the secret that their phone has too, and the recovery codes."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_factor")
    secret = models.CharField(max_length=64)
    since = models.DateTimeField(default=timezone.now)
    last_step = models.BigIntegerField(help_text="The half minute of the last code that was used: no older one is accepted.")

    class Meta:
        default_permissions = ()

    def __str__(self):
        return f"second factor of {self.user}"

    def accepts(self, typed):
        """Whether `typed` is the present code or an unused recovery code. It is used up by this, whoever asks at the same time."""
        code = plain_code(typed)
        step = totp.step_of(self.secret, code)
        if step is not None:
            unused = SecondFactor.objects.filter(pk=self.pk, last_step__lt=step)
            return unused.update(last_step=step) == 1
        return self.recovery_codes.filter(digest=digest(code)).delete()[0] == 1

    def starts_with(self, typed):
        """Whether `typed` is a present code, for a factor that is not saved yet; noted as used."""
        self.last_step = totp.step_of(self.secret, plain_code(typed))
        return self.last_step is not None

    def renew_recovery_codes(self):
        """Ten new recovery codes in place of all others, as they are to be shown; only their digests are kept."""
        codes = [f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}" for _ in range(CODES)]
        self.recovery_codes.all().delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(factor=self, digest=digest(code)) for code in codes)
        return [" ".join(re.findall("....", code)) for code in codes]


class RecoveryCode(models.Model):
    """A code that works once, for when the phone is lost."""

    factor = models.ForeignKey(SecondFactor, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self):
        return f"recovery code {self.pk}"


class Guesses(models.Model):
    """How often a door was tried in vain lately, by a digest of who tried: a name may have a password in it by mistake."""

    who = models.CharField(max_length=64, unique=True)
    since = models.DateTimeField(db_index=True)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "guesses"
        default_permissions = ()

    def __str__(self):
        return f"{self.number} since {self.since}"


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def factor_of(user):
    """The second factor of `user`, or None."""
    return SecondFactor.objects.filter(user=user).first()


def remove(user, by=None):
    """Takes away the second factor of `user`, and says in the account's history that `by` did; whether there was one."""
    with transaction.atomic():
        was_there = bool(SecondFactor.objects.filter(user=user).delete()[0])
        if was_there:
            note(by or user, user, "Removed the second factor.")
    return was_there


def note(by, user, words):
    """Writes into the history of the account `user` what `by` did to it."""
    LogEntry.objects.log_actions(by.pk, [user], CHANGE, change_message=words, single_object=True)
