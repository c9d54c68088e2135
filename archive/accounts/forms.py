"""The forms that take a password or a code, and so count guesses."""

import logging
from threading import Thread

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth.forms import PasswordResetForm
from django.core.exceptions import ValidationError

from archive.accounts.browsers import known_browser
from archive.accounts.models import factor_of
from archive.accounts.throttle import FEW, MANY, TooManyGuessesError, address_of, guess

log = logging.getLogger(__name__)


class CodeField(forms.CharField):
    def __init__(self, **kwargs):
        asks_for_digits = {"autocomplete": "one-time-code", "inputmode": "numeric"}
        super().__init__(label="Code", max_length=40, widget=forms.TextInput(attrs=asks_for_digits), **kwargs)


class Counted:
    """A form that may be refused because of too many guesses, and then knows for how many seconds: `refused_for`."""

    refused_for = None

    def refusal(self, error, who):
        log.warning("Refused after too many wrong attempts: %s", who)
        self.refused_for = error.seconds
        return ValidationError(str(error), code="refused")


class LoginForm(Counted, AdminAuthenticationForm):
    """Name, password and code in one: whoever is refused does not learn which of them was wrong."""

    code = CodeField(required=False)
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": "Name, password and code do not go together, or the account may not enter. "
        "Capital letters count. The code is needed once a second factor is set up.",
    }

    def clean(self):
        name, address = self.cleaned_data.get("username"), address_of(self.request)
        if not name or not self.cleaned_data.get("password"):
            return self.cleaned_data
        try:
            with guess(*self.limits(name.casefold(), address)):
                super().clean()
                self.check_code(self.get_user())
        except TooManyGuessesError as error:
            raise self.refusal(error, f"log-in from {address}") from None
        return self.cleaned_data

    def limits(self, name, address):
        browser = known_browser(self.request, name)
        if browser:  # whoever else guesses at the same address cannot lock it out
            return [(("log-in", name, browser), FEW)]
        return [(("log-in", name, address), FEW), (("log-in", address), MANY)]

    def check_code(self, user):
        """Notes that `user` has shown a second factor, or that they have none; raises the same error as for a wrong password."""
        user.shown = factor_of(user)
        if user.shown is None:
            return
        try:
            # Counted for the account: it takes the password to get here, so that no stranger can use this up.
            with guess((("code", user.pk), FEW)):
                if not user.shown.accepts(self.cleaned_data.get("code", "")):
                    raise self.get_invalid_login_error()
        except TooManyGuessesError:
            log.warning("Too many wrong codes for account %s: somebody has its password", user.pk)
            raise self.get_invalid_login_error() from None


class ProofForm(Counted, forms.Form):
    """Password and code of who is logged in already, before their second factor changes."""

    password = forms.CharField(
        label="Your password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    code = CodeField()

    def __init__(self, user, accepts, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.accepts = user, accepts

    def clean(self):
        password, code = self.cleaned_data.get("password"), self.cleaned_data.get("code")
        if not password or not code:
            return self.cleaned_data
        try:
            with guess((("proof", self.user.pk), FEW)):
                if not (self.user.check_password(password) and self.accepts(code)):
                    raise ValidationError("The password or the code is wrong. A code works once: wait for the next one.")
        except TooManyGuessesError as error:
            raise self.refusal(error, f"account {self.user.pk}") from None
        return self.cleaned_data


class ChangeForm(Counted, AdminPasswordChangeForm):
    """A new password, for who knows the old one."""

    def clean_old_password(self):
        try:
            with guess((("proof", self.user.pk), FEW)):
                return super().clean_old_password()
        except TooManyGuessesError as error:
            raise self.refusal(error, f"account {self.user.pk}") from None


class ResetForm(PasswordResetForm):
    """Sends its mail after the answer: one that waited for it would tell by its time which addresses are known."""

    def send_mail(self, *args, **kwargs):
        Thread(target=super().send_mail, args=args, kwargs=kwargs).start()


def with_refusal(response):
    """`response`, as 429 when its form was refused because of too many guesses."""
    form = (getattr(response, "context_data", None) or {}).get("form")
    if seconds := getattr(form, "refused_for", None):
        response.status_code = 429
        response["Retry-After"] = str(seconds)
    return response
