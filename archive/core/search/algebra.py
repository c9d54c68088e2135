"""What words find and what names find, joined by the query's own logic, over any kind of set."""

from functools import reduce
from operator import or_

from archive.core.search.language import Query


def evaluate(query, text_ids, name_ids, everything):
    """The records of `everything` that `query` finds, where a term is found in a record's text or in the name of whom it involves.

    `text_ids(query, within)` returns the records of `within` whose texts match a query, or all of them when `within` is None; the
    query never has exclusions alone. `name_ids(term)` returns the records that involve somebody whose name has `term`
    (`excluded` is false). Sets are anything with `&`, `|`, `-` and a truth value: BitMaps, sets.

    Texts are asked for all that is wanted at once, which is quick however common each word is by itself. What is then missing
    has a wanted word in a name alone, and is looked for among those few.
    """
    names = {term: name_ids(term) for term in {term.wanted() for term in query.terms}}
    wanted = [clause for clause in query.clauses if not any(term.excluded for term in clause)]
    unwanted = [clause for clause in query.clauses if len(clause) == 1 and clause[0].excluded]
    mixed = [clause for clause in query.clauses if clause not in wanted and clause not in unwanted]

    def of_names(clause):
        return reduce(or_, (names[term.wanted()] for term in clause))

    def of_texts(clause, within=None):
        return text_ids(Query((tuple(term.wanted() for term in clause),)), within)

    def by_name(clause):
        """What has `clause` in a name, and everything else that is wanted in either."""
        found = of_names(clause) & everything
        for other in wanted:
            if found and other is not clause:
                by_text = found - of_names(other)
                found = found - by_text | (of_texts(other, by_text) & by_text if by_text else by_text)
        for other in unwanted:
            found = found - of_texts(other, found) if found else found
        return found

    def of_mixed(clause):
        parts = ((term, of_texts((term,)) | names[term.wanted()]) for term in clause)
        return reduce(or_, (everything - found if term.excluded else found for term, found in parts))

    found = everything
    if wanted:
        named = [by_name(clause) for clause in wanted]  # first: it may come to know what is then wanted together
        found = reduce(or_, named, text_ids(Query((*wanted, *unwanted)), None) & everything)
    for clause in unwanted:
        found = found - of_names(clause)
        found = found if wanted else found - of_texts(clause)
    for clause in mixed:
        found = found & of_mixed(clause)
    return found
