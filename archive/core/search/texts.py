"""The records of a list by the words of their own texts.

A rare word, or words that rarely stand together, the database finds at once. A common word takes it long, and is asked for again
and again; so its records are remembered, as a set of positions in the list's segment, in each process and beside the segment's
files for the others. What has changed since the segment was read is looked into each time, and so no set is ever behind.
"""

from collections import Counter

from pyroaring import BitMap

from archive.core import ledger
from archive.core.search.fulltext import engine_of, found_among, found_pks, texts_of
from archive.core.search.known import known_sets
from archive.core.search.language import Query, Term
from archive.core.search.places import Places
from archive.core.search.ranking import CONSIDERED
from archive.core.text import BARRIER

COMMON = 2_000  # records from which those of a word are remembered
MOST = 20_000  # records that the database is asked for at once; of more, each word by itself
SAMPLE, COMMONEST = 2_000, 64  # records in which common words are looked for, and how many of these are remembered beforehand


class Texts:
    """The texts of the records of some Places."""

    def __init__(self, places):
        self.places = places
        self.segment = places.segment
        self.model = places.segment.layout.model
        self.engine = engine_of(self.model)
        self.known = known_sets(places.segment)
        self.seen = {}  # positions by term, of this query alone

    def matching(self, query, within=None):
        """The places of the records whose texts match `query`; of those in `within`, where it is given."""
        known, rest = [], []
        for clause in query.clauses:
            sets = [self.known_set(term) for term in clause]
            (rest if None in sets else known).append((clause, sets))
        if not rest:
            return self.joined(known) | self.changed(query)
        wanted = [clause for clause, _ in rest if not clause[0].excluded]
        if wanted and self.engine.READ > 1 and any(not clause[0].excluded for clause, _ in known):
            # The database would go through all the records of a common word.
            some = self.joined(known) if within is None else self.joined(known) & within
            return self.asked(Query(tuple(clause for clause, _ in rest)), some) & some | self.changed(query)
        return self.asked(query, within)

    def known_set(self, term):
        """The positions of the records that have `term`, or None where they are not known yet."""
        key = key_of(term)
        return self.seen[key] if key in self.seen else self.known.get(key)

    def asked(self, query, within):
        """As `matching`, by the database."""
        if within is not None and len(within) <= self.engine.FEW:
            return self.among(query, within)
        most = MOST if within is None else min(MOST, self.engine.READ * len(within))
        if (pks := found_pks(self.model, query, most)) is not None:
            found = self.places.of_pks(pks)
            if len(query.terms) == 1:
                self.learn(query.terms[0], found & self.segment.everything)
            return found
        if within is not None and len(within) <= COMMON:
            return self.among(query, within)
        wholes = [(clause, [self.whole(term) for term in clause]) for clause in query.clauses]
        return self.joined(wholes) | self.changed(query)

    def among(self, query, within):
        return self.places.of_pks(found_among(self.model, query, self.places.pks_of(within)))

    def changed(self, query):
        """The places of the changed records that match `query`: known sets tell nothing of them."""
        pks = [row.pk for row in self.places.changed]
        return self.places.of_pks(found_among(self.model, query, pks)) if pks else BitMap()

    def joined(self, sets):
        """What is left of `sets`, clauses with the positions of each of their terms, by the logic of a query."""
        wanted = [BitMap.union(*terms) for clause, terms in sets if not clause[0].excluded]
        unwanted = [terms[0] for clause, terms in sets if clause[0].excluded]
        found = BitMap.intersection(*wanted) if len(wanted) > 1 else wanted[0]
        return found - BitMap.union(*unwanted) if unwanted else found

    def whole(self, term):
        """The positions of all the records that have `term`, by itself."""
        if (found := self.known_set(term)) is None:
            before = ledger.state()
            pks = found_pks(self.model, Query(((term.wanted(),),)))
            found = self.places.of_positions(self.segment.positions(pks))
            self.learn(term, found, before)
        return found

    def learn(self, term, found, state=None):
        """Keeps the positions of all the records that have `term`: for this query, and for others when they are many."""
        self.seen[key_of(term)] = found
        if len(found) >= COMMON:
            self.known.keep(key_of(term), found, state)


def key_of(term):
    return " ".join(term.words) + "*" * term.prefix


def remember_common_words(snapshot):
    """Stores the records of the words that most of a list's texts have: a reader who looks for two of them need not wait."""
    texts = Texts(Places(snapshot))
    if texts.known.folder and "names" not in texts.model.parts:  # names are looked for among names
        for word in common_words(snapshot.segment):
            texts.whole(Term(word, (word,), ()))


def common_words(segment):
    """The words that stand in most of the records, by a sample of these."""
    pks = segment.arrays["pks"][:: max(1, segment.total // SAMPLE)].tolist()
    counts = Counter(word for _, text in texts_of(segment.layout.model, pks, CONSIDERED) for word in {*text.split()} - {BARRIER})
    return [word for word, count in counts.most_common(COMMONEST) if count / len(pks) * segment.total >= COMMON]
