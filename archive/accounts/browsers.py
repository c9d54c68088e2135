"""Browsers in which somebody has logged in before: their guesses are counted apart from their neighbours'."""

import secrets

from django.conf import settings
from django.core import signing
from django.urls import reverse

COOKIE, SALT = "known", "archive.accounts.browsers"
AGE = 180 * 24 * 60 * 60  # seconds


def known_browser(request, name):
    """By what the browser is known that `name` (in small letters) has logged in with before; None for any other."""
    try:
        of, browser = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=AGE)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return browser if of == name else None


def know(response, user):
    """Lets the browser that gets `response` be known, after `user` has logged in with it."""
    value = signing.dumps([user.get_username().casefold(), secrets.token_urlsafe(12)], salt=SALT)
    flags = {"httponly": True, "samesite": "Lax", "secure": settings.SESSION_COOKIE_SECURE}
    response.set_cookie(COOKIE, value, max_age=AGE, path=reverse("admin:login"), **flags)
