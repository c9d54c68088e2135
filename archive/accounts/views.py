"""One's own second factor: set up, given new recovery codes, switched off; and the way back for a forgotten password."""

import io

import segno
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import views as auth
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from archive.accounts import totp
from archive.accounts.forms import ProofForm, ResetForm, with_refusal
from archive.accounts.models import SecondFactor, factor_of, note
from archive.accounts.throttle import TooManyGuessesError, address_of, count

PENDING = "pending_secret"  # the session's, until a code proves that the phone has it too
MOST_MAILS, MOST_RESETS = 3, 20  # within the pause: to one address of mail, and from one of the net


@sensitive_post_parameters()
def second_factor(request):
    """The page of one's own second factor."""
    factor = factor_of(request.user)
    return change(request, factor) if factor else set_up(request)


def set_up(request):
    secret = request.session.get(PENDING)
    if not secret:
        secret = request.session[PENDING] = totp.new_secret()
    factor = SecondFactor(user=request.user, secret=secret)
    form = proof(request, factor.starts_with)
    if not form.is_valid():
        grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        return page(request, "set_up", "Set up a second factor", form, secret=grouped)
    try:
        with transaction.atomic():
            factor.save()
            codes = factor.renew_recovery_codes()
            note(request.user, request.user, "Set up a second factor.")
    except IntegrityError:  # it was set up in another window just now
        return redirect("admin:second-factor")
    del request.session[PENDING]
    request.session["second_factor"] = factor.pk
    return page(request, "codes", "Your second factor is set up", codes=codes)


def change(request, factor):
    form = proof(request, factor.accepts)
    if not form.is_valid():
        return page(request, "second_factor", "Your second factor", form, factor=factor, left=factor.recovery_codes.count())
    with transaction.atomic():
        if request.POST.get("do") == "off":
            factor.delete()
            note(request.user, request.user, "Switched the second factor off.")
        else:
            codes = factor.renew_recovery_codes()
            note(request.user, request.user, "Made new recovery codes.")
            return page(request, "codes", "Your new recovery codes", codes=codes)
    messages.success(request, "Your second factor is switched off.")
    return redirect("admin:second-factor" if settings.REQUIRE_SECOND_FACTOR else "admin:index")


def qr(request):
    """The secret that waits for its first code, for a phone's camera."""
    secret = request.session.get(PENDING)
    if not secret:
        raise Http404("No second factor is being set up.")
    image = io.BytesIO()
    address = totp.uri(secret, request.user.get_username(), request.get_host())
    segno.make(address, micro=False).save(image, kind="svg", scale=5, border=4, light="white")
    return HttpResponse(image.getvalue(), content_type="image/svg+xml")


def proof(request, accepts):
    return ProofForm(request.user, accepts, request.POST if request.method == "POST" else None)


def page(request, template, title, form=None, **context):
    shown = {"title": title, "form": form, "goes_on_to": goes_on_to(request), "required": settings.REQUIRE_SECOND_FACTOR}
    site = {**admin.site.each_context(request), "is_nav_sidebar_enabled": False}
    return with_refusal(TemplateResponse(request, f"accounts/{template}.html", {**site, **shown, **context}))


def goes_on_to(request):
    """Where whoever was sent here wanted to go, on this site; nowhere else."""
    address = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return address if is_ours else ""


class ByMail:
    """A page on the way to a new password, which is there only where mail can be sent."""

    def dispatch(self, request, *args, **kwargs):
        if not settings.EMAIL_HOST:
            raise Http404("This archive sends no mail.")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return {**admin.site.each_context(self.request), "is_nav_sidebar_enabled": False, **super().get_context_data(**kwargs)}


@method_decorator(never_cache, name="dispatch")
class Reset(ByMail, auth.PasswordResetView):
    """Answers the same for every address, whether anybody has it or not."""

    form_class = ResetForm

    def form_valid(self, form):
        try:
            count(("reset to", form.cleaned_data["email"].casefold()), MOST_MAILS)
            count(("reset from", address_of(self.request)), MOST_RESETS)
        except TooManyGuessesError as error:
            form.add_error("email", str(error))
            form.refused_for = error.seconds
            return with_refusal(self.form_invalid(form))
        return super().form_valid(form)


class ResetDone(ByMail, auth.PasswordResetDoneView):
    pass


class ResetConfirm(ByMail, auth.PasswordResetConfirmView):
    pass


class ResetComplete(ByMail, auth.PasswordResetCompleteView):
    pass
