"""Records by their names: any name that a record bears finds it, in any spelling that the archive knows."""

from django.db.models import Q

from archive.core.search.fulltext import matching
from archive.core.search.language import Query


def bearing(model, term):
    """The records of `model` that have `term` in their own words, or in one of their names."""
    query = Query(((term.wanted(),),))
    if "names" not in model.parts:
        return matching(model, query)
    names = model._meta.get_field("names").related_model
    others = matching(names, query).order_by().values(names.owner)
    return model._default_manager.filter(Q(pk__in=matching(model, query).order_by().values("pk")) | Q(pk__in=others))


def named(models, term):
    """`bearing` for each of `models`: {model: its records}."""
    return {model: bearing(model, term) for model in models}
