"""How alike two records are, and in what: what makes a probable duplicate. Nothing here asks the database."""

from dataclasses import dataclass, field
from datetime import date

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from archive.core.romanization import romanized

ENOUGH = 75  # from 0 to 100: a pair is worth a look
SLIP, TWO_SLIPS = 4, 8  # letters of a word that may have one slip, or two
SMALL = 3  # letters of a word that says little: of, the, für
MOST_WORDS = 12  # of a name
MOST_SPAN = 62  # days of an event that can be told from another by its date


@dataclass(frozen=True)
class Likeness:
    """What tells two records of a model apart: the fields with a name, whether its date does, and the field with its place."""

    names: tuple = ("name",)
    dated: bool = False
    place: str = ""


@dataclass
class Facts:
    """What is compared of one record."""

    pk: int | None
    names: list = field(default_factory=list)  # as they are written
    identifiers: set = field(default_factory=set)  # of (scheme, identifier)
    first: date | None = None
    last: date | None = None
    place: str = ""

    @property
    def worded(self):
        """(name, its words in one spelling) for each name."""
        if "kept" not in self.__dict__:
            self.kept = [(name, words) for name in dict.fromkeys(self.names) if (words := words_of(name))]
        return self.kept


def words_of(name):
    """The words of a name in one spelling, without those that say little where enough are left."""
    found = romanized(name)[:MOST_WORDS]
    telling = [word for word in found if len(word) > SMALL or word.isdigit()]
    return tuple(telling if len(telling) > 1 and len(found) > SMALL else found)


def compare(likeness, one, other):
    """(score from 0 to 100, reasons as sentences) of two Facts."""
    shared = sorted(one.identifiers & other.identifiers)
    reasons = [f"Both have the identifier {scheme} {identifier}." for scheme, identifier in shared]
    score, sentence = best_names(one, other, long=likeness.dated)
    if likeness.dated:
        score, sentences = in_time(likeness, one, other, score)
        sentence = " ".join(filter(None, [sentence, *sentences]))
    if score >= ENOUGH:
        reasons.append(sentence)
    return (100 if shared else score), reasons


def best_names(one, other, long=False):
    """How alike the names are that are most alike, and a sentence about them."""
    best, pair = 0, ("", "")
    for name, words in one.worded:
        for other_name, other_words in other.worded:
            score = alike(words, other_words)
            if long:
                score = max(score, round(fuzz.token_sort_ratio(" ".join(words), " ".join(other_words))))
            if score == 100 and name != other_name:
                score = 98
            if score > best:
                best, pair = score, (name, other_name)
    same = f"Both are called “{pair[0]}”." if pair[0] == pair[1] else f"“{pair[0]}” is like “{pair[1]}”."
    return best, same


def alike(words, others):
    """How alike two names are: each word of the shorter one must be one of the other's, but for its order and a slip or two.

    A letter by itself may be the beginning of a word. One word is not enough for a name of several.
    """
    shorter, longer = sorted([words, others], key=len)
    if len(shorter) < min(2, len(longer)):
        return 0
    left, worth, whole = list(longer), 0, 0
    for word in sorted(shorter, key=len, reverse=True):
        value, found = max(((likeness_of(word, other), other) for other in left), default=(0, ""))
        if not value:
            return 0
        left.remove(found)
        worth += value
        whole += len(word) > 1 and len(found) > 1
    if not whole:
        return 0
    return round(worth / len(shorter) - 40 * len(left) / len(longer))


def likeness_of(word, other):
    """How alike two words are, from 0 to 100."""
    if word == other:
        return 100
    shortest = min(len(word), len(other))
    if shortest == 1:
        return 85 if word[0] == other[0] else 0
    allowed = 0 if shortest < SLIP or word.isdigit() or other.isdigit() else 1 if shortest < TWO_SLIPS else 2
    slips = OSA.distance(word, other, score_cutoff=allowed)
    return 0 if slips > allowed else 100 - 8 * slips


def in_time(likeness, one, other, score):
    """The score of two dated records whose names are so alike, and sentences on when and where."""
    sentences = []
    if one.first and other.first:
        if not (one.first <= other.last and other.first <= one.last):
            return 0, []
        if max((facts.last - facts.first).days for facts in (one, other)) > MOST_SPAN and one.first != other.first:
            return 0, []
        sentences.append(
            "They are of the same date." if (one.first, one.last) == (other.first, other.last) else "Their dates overlap."
        )
    elif score < 98:
        return 0, []
    else:
        score -= 15
    places = [words_of(facts.place) for facts in (one, other)]
    if all(places) and set(places[0]) & set(places[1]):
        score += 5
        sentences.append(
            f"Both took place in {one.place}." if places[0] == places[1] else f"“{one.place}” is like “{other.place}”."
        )
    return min(score, 100), sentences


# Which are worth comparing


def keys(likeness, facts):
    """Short keys, of which two records that are alike have one in common."""
    found = {("is", *identifier) for identifier in facts.identifiers}
    for _, words in facts.worded:
        found.add(("=", *sorted(words)))
        if likeness.dated:
            continue
        if len(words) == 1:
            found.add(("~", words[0][:4]))
        found |= {(word, other[0]) for word in words for other in words if word is not other and len(word) > 1}
    if likeness.dated and facts.first:
        found.add(("on", facts.first))
        found |= {("in", facts.first.year, facts.first.month, word) for _, words in facts.worded for word in longest(words)}
    return found


def longest(words):
    return sorted(words, key=len, reverse=True)[:2]
