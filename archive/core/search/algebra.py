"""What words find and what names find, joined by the query's own logic, over any kind of set."""

from functools import reduce
from operator import and_, or_

from archive.core.search.language import Query


def evaluate(query, text_ids, name_ids, everything):
    """The records of `everything` that `query` finds, where a term is found in a record's text or in the name of whom it involves.

    `text_ids(query)` returns the records whose texts match a whole query; it is given as much of `query` at a time as no name
    has a part in, and never exclusions alone. `name_ids(term)` returns the records that involve somebody whose name has `term`
    (`excluded` is false). Sets are anything with `&`, `|`, `-` and a truth value: BitMaps, sets.
    """
    names = {term: name_ids(term) for term in {term.wanted() for term in query.terms}}

    def of_term(term):
        found = text_ids(Query(((term.wanted(),),))) | names[term.wanted()]
        return everything - found if term.excluded else found

    of_texts = [clause for clause in query.clauses if not any(names[term.wanted()] for term in clause)]
    if all(any(term.excluded for term in clause) for clause in of_texts):
        of_texts = []  # there would be nothing to subtract the exclusions from
    found = everything & text_ids(Query(tuple(of_texts))) if of_texts else everything
    rest = [clause for clause in query.clauses if clause not in of_texts]
    return reduce(and_, (reduce(or_, map(of_term, clause)) for clause in rest), found)
