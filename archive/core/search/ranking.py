"""The best first, of a bounded number of records."""

from math import log

from django.db.models.functions import Left

from archive.core.querysets import Among
from archive.core.search.fulltext import bears_names
from archive.core.text import BARRIER

CONSIDERED = 10_000  # characters of each text
HEAD = 3  # how many times a word counts in the first field: a title, a name
SATURATION, LENGTH = 1.2, 0.75  # k1 and b of BM25


def ranked(model, query, pks, limit):
    """The `limit` best of `pks`, primary keys of records of `model`, by how well their texts match `query`; of equals, the first.

    Meant for up to about 1,000 records that were found already: the newest, where there are more. The score is BM25 over the
    first CONSIDERED characters, with words of the first field counted HEAD times, and with the weights of the words taken from
    the records at hand. The databases' own ranks were measured and left: each weighs differently, and at a million statements
    FTS5's bm25() took 1.7 s for two common words, and over 9 s when it was given 1,000 records, because it counts a word's
    occurrences in the whole table for each of them.
    """
    texts = dict(model._base_manager.filter(pk__in=Among(pks)).values_list("pk", Left("folded", CONSIDERED)))
    terms = [[needle(words, term.prefix) for words in term.spellings(bears_names(model))] for term in query.wanted]
    counts = {pk: [occurrences(text, needles) for needles in terms] for pk, text in texts.items()}
    weights = [log(1 + len(texts) / (1 + sum(map(bool, column)))) for column in zip(*counts.values(), strict=True)]
    mean = sum(map(len, texts.values())) / len(texts) if texts else 0

    def score(pk):
        if pk not in texts:
            return 0
        damping = SATURATION * (1 - LENGTH + LENGTH * len(texts[pk]) / mean) if mean else 1
        return sum(weight * count / (count + damping) for weight, count in zip(weights, counts[pk], strict=True))

    return sorted(pks, key=score, reverse=True)[:limit]


def needle(words, prefix):
    return f" {' '.join(words)}{'' if prefix else ' '}"


def occurrences(text, needles):
    """How often any of `needles` stands in `text`, and in its first field HEAD times that."""
    padded = f" {text} "
    head = padded.partition(BARRIER)[0]
    return sum(padded.count(needle) + (HEAD - 1) * head.count(needle) for needle in needles)
