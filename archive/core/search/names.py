"""Records by their names: any name that a record bears finds it, in any spelling that the archive knows."""

from pyroaring import BitMap

from archive.core.querysets import Among, names_of
from archive.core.search.fulltext import found_ids
from archive.core.search.language import Query


def bearing(model, term):
    """The records of `model` that have `term` in their own words, or in one of their names: drafts too."""
    return model._default_manager.filter(pk__in=Among(bearing_ids(model, term)))


def bearing_ids(model, term):
    """The primary keys of `bearing`, a BitMap."""
    query = Query(((term.wanted(),),))
    found = found_ids(model, query)
    return found | owners_of(names_of(model), query) if "names" in model.parts else found


def owners_of(rows, query):
    """The primary keys, a BitMap, of the records that own a row of the model `rows` with the query in its text."""
    found = found_ids(rows, query)
    return BitMap(rows.objects.filter(pk__in=Among(found)).order_by().values_list(rows.owner, flat=True)) if found else found
