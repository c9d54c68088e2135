"""What was probably meant, where a query finds nothing: "Semerkov" for "Semerikov", in either script."""

import re
from dataclasses import replace
from itertools import islice

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from archive.core.romanization import key
from archive.core.search.language import Query, parse
from archive.core.text import fold, letters, words

MOST_WORDS = 100_000
SHORTEST = 4  # letters of a word that can be misspelt; shorter ones are all near to one another
TWO_SLIPS = 6  # letters of a word that can have two


class Vocabulary:
    """The words of `names`, as they are written: what a misspelt word may have been meant to be.

    The names are those of published records alone; the first MOST_WORDS different words count.
    """

    def __init__(self, names):
        written = dict.fromkeys(word for name in names for word in written_words(name))
        self.written = {}  # a folded word or a key -> the words that have it
        for word in islice(written, MOST_WORDS):
            for form in forms(word):
                self.written.setdefault(form, []).append(word)
        self.forms = list(self.written)

    def closest(self, word):
        """The known word that is fewest slips from `word` (a letter more, less or other, or two swapped), in the spelling nearest
        to it; None when there is none near, or `word` is known."""
        if any(form in self.written for form in forms(word)):
            return None
        near = (
            one
            for form in forms(word)  # a key may be much shorter than its word
            if len(form) >= SHORTEST
            for one in process.extract(form, self.forms, scorer=OSA.distance, score_cutoff=1 if len(form) < TWO_SLIPS else 2)
        )
        likely = (
            (-distance, fuzz.ratio(fold(word), fold(known)), known) for form, distance, _ in near for known in self.written[form]
        )
        return max(likely, default=(None,))[-1]


def forms(word):
    """What a word may be known by: itself, folded, and its key."""
    return {"".join(words(word)), key(word)}


def written_words(text):
    """The words of `text` as they stand there."""
    return [text[match.start() : match.end()] for match in re.finditer(r"\S+", letters(text))]


def suggest(query, vocabulary, finds):
    """The text of a query that finds something where `query` does not, with misspelt words put right; None when there is none.

    `finds(query)` says whether a query finds anything that the public may see. Words that find something by themselves stay.
    """
    clauses = tuple(tuple(mended(term, vocabulary, finds) for term in clause) for clause in query.clauses)
    if clauses == query.clauses:
        return None
    text = str(Query(clauses))
    return text if finds(parse(text)) else None


def mended(term, vocabulary, finds):
    if term.excluded or term.prefix or finds(Query(((term,),))):
        return term
    typed = " ".join(vocabulary.closest(word) or word for word in written_words(term.typed))
    return replace(term, typed=typed) if fold(typed) != " ".join(term.words) else term
