"""The query language: words, "phrases", beginnings*, -exclusions, and OR between two of these."""

import re
from dataclasses import dataclass, replace

from django.utils.translation import gettext, ngettext, pgettext

from archive.core.romanization import romanized
from archive.core.text import fold, letters, words

MOST_WORDS = 20  # of one query
SHORTEST_BEGINNING = 2  # letters before a *: one letter begins half of an archive's words
CHUNK = re.compile(r'(?P<minus>(?<![^\s"])-+)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))(?P<star>\*)?')
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Term:
    """A word, a phrase, or the beginning of either. A word that punctuation divides (CSTO’s) is a phrase too.

    `words` are as texts have them, folded; `keys` as names have them in any spelling (see `romanization`).
    """

    typed: str
    words: tuple
    keys: tuple
    prefix: bool = False  # the last word may go on
    excluded: bool = False

    def __str__(self):
        needs_quotes = re.search(r"\s", self.typed) or self.typed == "OR" or fold(self.typed[:1]) == "-"
        quoted = f'"{self.typed}"' if needs_quotes else self.typed
        return f"{'-' * self.excluded}{quoted}{'*' * self.prefix}"

    def spellings(self, of_names):
        """The sequences of words of which any is the term: in names, in any spelling."""
        return list(dict.fromkeys(filter(None, [self.words, self.keys] if of_names else [self.words])))

    def wanted(self):
        """The term without its exclusion."""
        return replace(self, excluded=False)


@dataclass(frozen=True)
class Query:
    """Clauses that must all hold; each holds when one of its terms does. Without any, it says nothing, and finds everything."""

    clauses: tuple = ()  # of tuples of Terms
    ignored: int = 0  # how many words too many were typed

    def __bool__(self):
        return bool(self.clauses)

    def __str__(self):
        """The query as one would type it."""
        return " ".join(" OR ".join(map(str, clause)) for clause in self.clauses)

    @property
    def terms(self):
        return [term for clause in self.clauses for term in clause]

    @property
    def wanted(self):
        """The terms that may stand in what is found: all but the exclusions."""
        return [term for term in self.terms if not term.excluded]

    @property
    def words(self):
        """The folded words to mark, once each."""
        return list(dict.fromkeys(word for term in self.wanted for word in term.words))

    @property
    def phrase(self):
        """The query in words: "with peace or war, with “soft power”, without Moscow"."""
        return ", ".join(joined(list(map(term_phrase, clause))) for clause in self.clauses)

    @property
    def notice(self):
        """A sentence that says what was left out, or ""."""
        if not self.ignored:
            return ""
        said = ngettext(
            "Only the first %(most)s words count: %(count)s more was left out.",
            "Only the first %(most)s words count: %(count)s more were left out.",
            self.ignored,
        )
        return said % {"most": MOST_WORDS, "count": self.ignored}


def term_phrase(term):
    said = str(replace(term, excluded=False)).replace('"', "")
    if " " in said:
        phrase = pgettext("a search", "without “%(words)s”") if term.excluded else pgettext("a search", "with “%(words)s”")
    else:
        phrase = pgettext("a search", "without %(words)s") if term.excluded else pgettext("a search", "with %(words)s")
    return phrase % {"words": said}


def joined(phrases):
    *others, last = phrases
    return gettext("%(names)s or %(last)s") % {"names": joined(others), "last": last} if others else last


def needle(words, prefix):
    """What stands in a folded text with a space before and behind it when it has `words` one after another."""
    return f" {' '.join(words)}{'' if prefix else ' '}"


def parse(text):
    """The Query that `text` means. Nothing is an error: an operator with nothing to work on is left out.

    OR joins the terms on its two sides, before all the terms are taken together: "peace war OR conflict" is peace, and one of the
    other two. The star of a single letter is left out.
    """
    text = UNPRINTABLE.sub(" ", text)
    clauses, room, ignored, joins = [], MOST_WORDS, 0, False
    for chunk in CHUNK.finditer(fold(text)):
        if text[chunk.start() : chunk.end()] == "OR":
            joins = bool(clauses)
            continue
        term = read_term(chunk, text)
        ignored += max(0, len(term.words) - room)
        term = shortened(term, room)
        if not term.words:
            continue
        room -= len(term.words)
        if joins:
            clauses[-1] += (term,)
        else:
            clauses.append((term,))
        joins = False
    return Query(tuple(clauses), ignored)


def read_term(chunk, text):
    """The Term of one match of CHUNK in `text`, folded."""
    part = "word" if chunk["phrase"] is None else "phrase"
    typed = text[chunk.start(part) : chunk.end(part)].rstrip()
    spread = letters(typed)
    bare = typed[len(spread) - len(spread.lstrip()) : len(spread.rstrip())]
    found = tuple(words(bare))
    return Term(
        typed=bare,
        words=found,
        keys=tuple(romanized(bare)),
        prefix=(bool(chunk["star"]) or typed.endswith("*")) and len("".join(found[-1:])) >= SHORTEST_BEGINNING,
        excluded=bool(chunk["minus"]),
    )


def shortened(term, room):
    """`term` with at most `room` words."""
    if len(term.words) <= room:
        return term
    kept = " ".join(term.words[:room])
    return replace(term, typed=kept, words=term.words[:room], keys=tuple(romanized(kept)), prefix=False)
