"""Pages are compressed once, before they are kept.

Public pages hold no secret that could be guessed from their length (BREACH); the admin's, which do, are not compressed. Neither is
what is streamed: its first line would wait for the compressor, and a proxy does it as well.
"""

import gzip
import re
from functools import lru_cache

import brotli
from django.utils.cache import patch_vary_headers

from archive.core.middleware import is_for_curators

SHORTEST = 500  # bytes below which nothing is saved
TEXT = re.compile(r"text/|(application|image)/([\w.-]*\+)?(json|xml)\b")
ENCODINGS = {
    "br": lambda content: brotli.compress(content, quality=5),
    "gzip": lambda content: gzip.compress(content, compresslevel=6, mtime=0),
}
WEIGHT = re.compile(r"q=(0(\.\d{0,3})?|1(\.0{0,3})?)")


def compress(get_response):
    """Compresses whole texts as their readers understand it, by Brotli or else gzip."""

    def middleware(request):
        response = get_response(request)
        if is_for_curators(request) or response.streaming or "Content-Encoding" in response or not is_text(response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        encoding = encoding_for(request)
        if encoding and len(response.content) >= SHORTEST:
            response.content = ENCODINGS[encoding](response.content)
            response["Content-Encoding"] = encoding
            response["Content-Length"] = str(len(response.content))
        return response

    return middleware


def is_text(response):
    return TEXT.match(response.get("Content-Type", "")) is not None


def encoding_for(request):
    """The name of the encoding that the reader likes best (RFC 9110, 12.5.3), Brotli before others as good; "" for none."""
    return best_of(request.META.get("HTTP_ACCEPT_ENCODING", ""))


@lru_cache(maxsize=1_000)  # browsers say the same each time
def best_of(accepted):
    parts = ["".join(part.split()).lower().partition(";") for part in accepted.split(",")]
    asked = {name: weight(said) for name, _, said in parts}
    weights = {name: asked.get(name, asked.get("*", 0)) for name in ENCODINGS}
    best = max(weights, key=weights.get)
    return best if weights[best] and weights[best] >= asked.get("identity", 0) else ""


def weight(said):
    """A weight as a number from 0 to 1: 1 where none is said, and 0 for what is none."""
    read = WEIGHT.fullmatch(said)
    return float(read[1]) if read else float(not said)
