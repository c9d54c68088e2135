"""Requests that no page could answer are refused before any page sees them."""

from django.shortcuts import render


def refuse_nul_bytes(get_response):
    """Answers 400 to an address with a NUL byte in it: no text here has one, and PostgreSQL cannot even be asked."""

    def middleware(request):
        # request.GET replaces what is not UTF-8, so only a real NUL is met here, encoded or not.
        if "\x00" in request.path or any("\x00" in part for pair in request.GET.lists() for part in (pair[0], *pair[1])):
            return render(request, "400.html", status=400)
        return get_response(request)

    return middleware
