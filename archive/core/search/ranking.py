"""The best first, of a bounded number of records."""

from math import log

from archive.core.search.fulltext import bears_names, texts_of
from archive.core.search.language import needle
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
    texts = {pk: f" {text} " for pk, text in texts_of(model, pks, CONSIDERED)} if len(pks) > 1 else {}
    terms = [[needle(words, term.prefix) for words in term.spellings(bears_names(model))] for term in query.wanted]
    scores = dict.fromkeys(pks, 0)
    lengths = [len(text) - 2 for text in texts.values()]
    mean = sum(lengths) / len(lengths) if any(lengths) else 1
    dampings = [SATURATION * (1 - LENGTH + LENGTH * length / mean) for length in lengths]
    for needles in terms:
        column = [occurrences(text, needles) for text in texts.values()]
        weight = log(1 + len(texts) / (1 + len(column) - column.count(0)))
        for pk, count, damping in zip(texts, column, dampings, strict=True):
            if count:
                scores[pk] += weight * count / (count + damping)
    return sorted(pks, key=scores.__getitem__, reverse=True)[:limit]


def occurrences(text, needles):
    """How often any of `needles` stands in `text`, and in its first field HEAD times that."""
    found = 0
    for one in needles:
        if count := text.count(one):
            found += count + (HEAD - 1) * text.partition(BARRIER)[0].count(one)
    return found
