"""The cast that is written again is the cast that was made."""

from django.db import connection, transaction
from django.utils import timezone

from archive.core import ledger
from archive.core.models import Entry
from tests.cast import Cast, topic
from tests.kept import Kept, tables


def everything():
    """All rows of the archive and of its search, without times and units of work."""
    with connection.cursor() as cursor:
        words = [name for name in connection.introspection.table_names(cursor) if "_words" in name]
        found = {}
        for name in words:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")  # noqa: S608
            found[name] = sorted(map(repr, cursor.fetchall()))
    for model in tables():
        columns = [field.attname for field in model._meta.concrete_fields if field.attname not in ("at", "unit")]
        found[model._meta.label] = sorted(map(repr, model._base_manager.values_list(*columns)))
    return found


def made():
    with ledger.unit():
        return Cast()


def test_what_is_written_again_is_what_was_made(db):
    kept, seen, units = Kept(made), [], set()
    for _ in range(3):
        with transaction.atomic():
            before = timezone.now()
            cast = kept()
            seen.append(everything())
            assert before <= Entry.objects.first().at <= Entry.objects.last().at <= timezone.now()
            assert [type(one).objects.get(pk=one.pk) for one in cast.records] == cast.records
            last, new = Entry.objects.last(), topic("War")
            assert (new.pk, Entry.objects.last().pk) == (cast.peace.pk + 1, last.pk + 1)
            units.add(last.unit)
            transaction.set_rollback(True)
    assert seen[0] == seen[1] == seen[2]
    assert len(units) == 3


def test_where_something_is_it_is_made(db):
    kept = Kept(made)
    with transaction.atomic():
        kept()
        transaction.set_rollback(True)
    other = topic("War")
    assert kept().peace.pk > other.pk
