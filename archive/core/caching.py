"""Every public page says which state of the archive it shows, and is made once for each.

The ETag and the cache's keys carry the newest entry's number in the ledger, so that an answer is never older than the last
commit: nothing has to be thrown away when a record changes, because nothing asks for the old number again.
"""

import hashlib
from functools import cache as once

import django
import jinja2
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils.cache import get_conditional_response

from archive.core import ledger
from archive.core.compression import encoding_for
from archive.core.middleware import is_for_curators

LARGEST = 256 * 1024  # bytes of a page that is kept


def answer_from_state(get_response):
    """Answers 304 where the reader has the page in its present state, and from the cache where it was made before."""

    def middleware(request):
        # While somebody works on a template, its pages change without a word in the ledger.
        if settings.DEBUG or request.method not in ("GET", "HEAD") or is_for_curators(request) or is_file(request):
            return get_response(request)
        number, unit = request.ledger_state = ledger.state()
        state = f"{number}-{unit[:8]}-{release()}"
        etag = f'W/"{state}"'
        # "*" asks for any state at all of a page that may not even be there.
        if request.headers.get("If-None-Match") != "*" and (unchanged := get_conditional_response(request, etag=etag)):
            unchanged["ETag"] = etag
            unchanged["Vary"] = "Accept-Encoding"
            return unchanged
        address = f"{state} {encoding_for(request)} {request.scheme}://{request.get_host()}{request.get_full_path()}"
        key = f"page:{hashlib.sha256(address.encode()).hexdigest()}"
        if kept := cache.get(key):
            content, headers = kept
            return HttpResponse(content, headers=headers)
        response = get_response(request)
        if response.status_code == 200:
            response["ETag"] = etag
            response.setdefault("Cache-Control", "no-cache")  # keep it, but ask each time whether it still holds
            if is_worth_keeping(request, response):
                cache.set(key, (response.content, dict(response.items())), timeout=None)
        return response

    return middleware


def is_file(request):
    """Whether the request is for a static file, which no state of the archive changes."""
    return request.path.startswith(settings.STATIC_URL)


def is_worth_keeping(request, response):
    is_whole = request.method == "GET" and not response.streaming and not response.cookies
    return is_whole and "no-store" not in response["Cache-Control"] and len(response.content) <= LARGEST


@once
def release():
    """What is different for every version of the code and the templates: a page may change although no record did."""
    seen = hashlib.sha256(f"{django.__version__} {jinja2.__version__}".encode())
    for folder in ("archive", "events", "people", "templates"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*.*")):
            if path.suffix in (".py", ".html", ".mo", ".css", ".svg", ".json"):
                seen.update(f"{path.relative_to(settings.BASE_DIR)}".encode() + path.read_bytes())
    return seen.hexdigest()[:8]
