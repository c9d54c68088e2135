"""Finding a quote in a text. Pure: no database."""

import re


class QuoteError(ValueError):
    """A quote that does not say which part of the text it means; its text is a sentence for the curator."""


def find_quote(text, quote, occurrence=None):
    """Where `quote` stands in `text`, as character offsets (start, end).

    White space counts alike however it is written, since a quote copied from a page or folded in YAML has lost the
    text's own line breaks: what lies between the offsets is the text's own wording. Where the quote stands several times,
    `occurrence` (1 for the first) says which. Raises QuoteError when it is empty, not there, or there more than once
    without saying which.
    """
    if not quote.split():
        raise QuoteError("The quote is empty.")
    pattern = r"\s+".join(map(re.escape, quote.split()))
    # Looking ahead finds overlapping places too: “aa” stands twice in “aaa”.
    places = [(match.start(), match.end(1)) for match in re.finditer(f"(?=({pattern}))", text)]
    if not places:
        raise QuoteError(f"The quote “{shorten(quote)}” is not in the text.{nearest(text, quote)}")
    if occurrence is None:
        if len(places) > 1:
            raise QuoteError(
                f"The quote “{shorten(quote)}” stands {len(places)} times in the text: lengthen it, or say which is meant (1 to "
                f"{len(places)})."
            )
        return places[0]
    if not 1 <= occurrence <= len(places):
        raise QuoteError(f"The quote “{shorten(quote)}” has no occurrence {occurrence}: it stands {len(places)} times in the text.")
    return places[occurrence - 1]


def occurrence_of(text, start, end):
    """Which occurrence the passage from `start` to `end` is of its own words, or None where they stand only once."""
    pattern = r"\s+".join(map(re.escape, text[start:end].split()))
    starts = [match.start() for match in re.finditer(f"(?=({pattern}))", text)]
    return starts.index(start) + 1 if len(starts) > 1 and start in starts else None


def nearest(text, quote):
    """A sentence that says how far the quote can be followed in the text, for finding the mistyped word."""
    said = quote.split()
    low, high = 0, len(said)
    while low < high:  # the longest beginning that is in the text
        middle = (low + high + 1) // 2
        if re.search(r"\s+".join(map(re.escape, said[:middle])), text):
            low = middle
        else:
            high = middle - 1
    return f" It agrees as far as “{shorten(' '.join(said[:low]), end=True)}”." if low else ""


def shorten(quote, end=False, limit=80):
    """`quote` on one line, cut to `limit` characters at its end (or at its beginning)."""
    quote = " ".join(quote.split())
    if len(quote) <= limit:
        return quote
    return f"…{quote[-limit:]}" if end else f"{quote[:limit]}…"
