"""Requests that no page could answer are refused before any page sees them."""

from functools import cache

from django.conf import settings
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from archive.core.localnames import level

LONGEST = 8_000  # characters of an address with its parameters: some hundred values


def speak_language_of_address(get_response):
    """Answers in the language that the address begins with, /ru/, or else in that of LANGUAGE_CODE.

    Django's LocaleMiddleware would go by the browser's languages, too, and say so to every cache; here one address is one page, so
    that /RU/ is none: Django would take it for a language of its own.
    """

    def middleware(request):
        asked = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = asked.lower()
        with translation.override(request.LANGUAGE_CODE), level(getattr(request, "ledger_state", None)):
            response = get_response(request)
        response.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response

    return middleware


@cache
def admin_root():
    return reverse("admin:index")


def is_for_curators(request):
    """Whether the request is for the admin, and not for one of the public's pages."""
    return request.path.startswith(admin_root())


def refuse_unreadable(get_response):
    """Answers 414 to an address that is too long for any page of the public's, and 400 to one with a NUL byte in it.

    No text here has one, and PostgreSQL cannot even be asked.
    """

    def middleware(request):
        length = len(request.path) + len(request.META.get("QUERY_STRING", ""))
        if length > LONGEST and not is_for_curators(request):
            return render(request, "414.html", status=414)
        # request.GET replaces what is not UTF-8, so only a real NUL is met here, encoded or not.
        if "\x00" in request.path or any("\x00" in part for pair in request.GET.lists() for part in (pair[0], *pair[1])):
            return render(request, "400.html", status=400)
        return get_response(request)

    return middleware
