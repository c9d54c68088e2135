"""The admin as a place that is entered: by name and password, and by a code where that is required."""

import time
from functools import update_wrapper

from django.conf import settings
from django.contrib import admin, auth, messages
from django.contrib.auth.views import PasswordChangeView, redirect_to_login
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.http import urlencode

from archive.accounts import views
from archive.accounts.browsers import know
from archive.accounts.forms import ChangeForm, LoginForm, with_refusal
from archive.accounts.models import factor_of

RENEWED = 15 * 60  # seconds after which work renews a session


class GuardedSite(admin.AdminSite):
    """The admin, whose log-in counts guesses, and in which everybody has a second factor where that is required."""

    login_form = LoginForm

    def login(self, request, extra_context=None):
        mail = {"sends_mail": bool(settings.EMAIL_HOST)}
        response = with_refusal(super().login(request, {**mail, **(extra_context or {})}))
        if request.method == "POST" and response.status_code == 302:
            know(response, request.user)
        return response

    def password_change(self, request, extra_context=None):
        shown = {**self.each_context(request), **(extra_context or {})}
        done = reverse("admin:password_change_done")
        view = PasswordChangeView.as_view(form_class=ChangeForm, success_url=done, extra_context=shown)
        return with_refusal(view(request))

    def get_urls(self):
        for_all_staff = super().admin_view
        return [
            path("second-factor/", for_all_staff(views.second_factor), name="second-factor"),
            path("second-factor/qr.svg", for_all_staff(views.qr), name="second-factor-qr"),
            path("logout/", for_all_staff(self.logout), name="logout"),
            *super().get_urls(),
        ]

    def admin_view(self, view, cacheable=False):
        inner = super().admin_view(view, cacheable)

        def guarded(request, *args, **kwargs):
            if self.has_permission(request):
                keep_alive(request.session)
                if (way := way_round(request)) is not None:
                    return way
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)


def keep_alive(session):
    """Lets a session that is used end later; not at every request, since each time it is written."""
    if time.time() - session.get("renewed", 0) > RENEWED:
        session["renewed"] = int(time.time())


def way_round(request):
    """Where somebody of the staff must go first, as an answer; None where they may go on."""
    if not settings.REQUIRE_SECOND_FACTOR:
        return None
    factor = factor_of(request.user)
    if factor is None:
        return HttpResponseRedirect(f"{reverse('admin:second-factor')}?{urlencode({'next': request.get_full_path()})}")
    if request.session.get("second_factor") != factor.pk:
        auth.logout(request)
        messages.warning(request, "Log in again, with a code: this archive asks it of everybody.")
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    return None


def remember(sender, request, user, **kwargs):
    """Notes in a new session when it began, and with which second factor."""
    shown = getattr(user, "shown", None)
    request.session["renewed"] = int(time.time())
    request.session["second_factor"] = shown and shown.pk
