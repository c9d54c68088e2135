"""A prepared queryset gives what the queryset itself gives, in as many queries, whoever is asked for."""

import itertools

import pytest
from django.db import connection
from django.db.models import Prefetch, QuerySet
from django.test.utils import CaptureQueriesContext

from archive.core.prepared import Loaded, Prepared, listed, page_of
from archive.site.records import LISTS
from events.models import Event, Participation, Statement, Topic
from people.models import Country

MODELS = [model for model, _ in LISTS.values()]


def tree(record, above=()):
    """Everything that a record was loaded with, as plain data; of those `above`, from which it was reached, who they are."""
    if record is None or (who := (type(record).__name__, record.pk)) in above:
        return record and who
    above = (*above, who)
    own = {name: value for name, value in record.__dict__.items() if not name.startswith("_") and name != "owner_given"}
    own = {name: trees(value, above) if isinstance(value, list) else value for name, value in own.items()}
    joined = {name: tree(one, above) for name, one in record._state.fields_cache.items()}
    rows = {name: trees(rows.all(), above) for name, rows in getattr(record, "_prefetched_objects_cache", {}).items()}
    return who, own, joined, rows


def trees(records, above=()):
    return [tree(record, above) for record in records]


def test_pages_have_what_the_queryset_has(archive):
    for model in MODELS:
        for record in model.objects.published().for_page():
            (found,) = page_of(model)(record.slug)
            assert tree(found) == tree(record)


def test_lists_have_what_the_queryset_has(archive):
    for model, whole in itertools.product(MODELS, [False, True]):
        rows = model.objects.published().for_list()
        records = list(rows.defer(None) if whole else rows)
        assert trees(listed(model, [record.pk for record in records], whole)) == trees(records), (model, whole)


def test_rows_stand_in_the_order_in_which_they_are_asked_for(archive):
    pks = list(Statement.objects.published().order_by("text").values_list("pk", flat=True))
    assert [record.pk for record in listed(Statement, pks[:7])] == pks[:7]
    assert [record.pk for record in listed(Statement, [pks[3], 0, pks[1]])] == [pks[3], pks[1]]
    assert listed(Statement, []) == []


def test_drafts_are_not_among_them(cast):
    Event.objects.update(state="draft")
    assert page_of(Event)(cast.summit.slug) == []
    assert listed(Event, [cast.summit.pk]) == []


def test_a_page_takes_as_many_queries_however_much_is_on_it(archive):
    counts = set()
    for event in Event.objects.published():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page_of(Event)(event.slug)
        counts.add(len(asked))
    assert max(counts) <= 16


def test_each_owner_of_a_row_has_it(cast):
    """Along both directions of a many-to-many relation, and as a list of another name."""
    for queryset, name in [
        (Topic.objects.prefetch_related("events"), "events"),
        (Statement.objects.prefetch_related("speakers"), "speakers"),
        (Event.objects.prefetch_related(Prefetch("participations", Participation.objects.order_by("-pk"), to_attr="rows")), "rows"),
    ]:
        pks = list(queryset.model.objects.values_list("pk", flat=True))
        prepared = {record.pk: record for record in Prepared(queryset, "pk__in")(pks)}
        some = False
        for record in queryset:
            expected, found = getattr(record, name), getattr(prepared[record.pk], name)
            expected, found = (list(rows) if isinstance(rows, list) else list(rows.all()) for rows in (expected, found))
            assert found == expected
            some = some or len(found) > 0
        assert some


def test_a_part_knows_the_very_record_that_it_was_loaded_for(cast):
    (event,) = page_of(Event)(cast.summit.slug)
    assert event.participations.all()
    assert all(row.event is event for row in [*event.participations.all(), *event.statements.all()])


def test_texts_are_compared_whole(cast):
    """A code of two letters is no beginning of a longer value that somebody asks for."""
    codes = Prepared(Country.objects.all(), "code__in")
    assert [country.code for country in codes([cast.freedonia.code])] == [cast.freedonia.code]
    assert codes([cast.freedonia.code + "X" * 300, "", "'; --", "100%"]) == []


def test_what_was_loaded_can_be_asked_nothing_more(cast):
    """It would have to be asked of the database, and the rows at hand are only the public ones."""
    (event,) = page_of(Event)(cast.summit.slug)
    assert isinstance(event.participations.all(), Loaded)
    assert not isinstance(event.participations.all(), QuerySet)
    with pytest.raises(AttributeError):
        event.participations.filter(role="host")
