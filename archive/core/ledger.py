"""The ledger: every change of a record is one entry, written in the transaction that makes the change.

A unit of work is a form saved, an import, a command: `with unit(by=user, why="…"):`. At its end it writes one entry for each
record that it touched, with the record's plain form as it then is. Signals notice what is saved, deleted and related;
`RecordQuerySet` notices what its bulk methods do. What happens outside of any unit is a unit by itself.

The newest entry's number is the archive's state: page caches and ETags carry it, and the facet index catches up by it.
"""

import uuid
from contextlib import contextmanager
from contextvars import ContextVar

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Max, Q, signals

from archive.core import addresses
from archive.core.among import Among
from archive.core.models import Entry
from archive.core.plain import to_plain, with_plain
from archive.core.states import step_between

BATCH = 500  # records whose plain forms are in memory at once
NEWEST = "SELECT id, unit FROM core_entry ORDER BY id DESC LIMIT 1"
TUPLES_OK = 2  # PGRES_TUPLES_OK
LOCK = 20_011_992  # any number that nobody else locks in the same PostgreSQL database

current = ContextVar("unit of work", default=None)


class Unit:
    """One step of work: who does it, why, and which records it has touched so far."""

    def __init__(self, by, why):
        self.id = uuid.uuid4()
        self.by = by if by is not None and by.is_authenticated else None
        self.why = why
        self.touched = {}  # (model, primary key) -> the key it was deleted with, or None
        self.made = set()  # (model, primary key)
        self.found = {}  # (model, primary key) -> the Entry of what it was before, of a record that the ledger did not know

    def touch(self, model, pk, deleted_key=None):
        self.touched[model, pk] = deleted_key

    def write(self):
        """Writes the entries of all that was touched; nothing for what is as its last entry says."""
        if not self.touched:
            return
        take_numbers_in_turn()
        Entry.objects.bulk_create([self.found[key] for key in self.touched if key in self.found], batch_size=BATCH)
        touched = list(self.touched.items())
        for start in range(0, len(touched), BATCH):
            Entry.objects.bulk_create(self.entries(touched[start : start + BATCH]))

    def entries(self, touched):
        pks_by_model = {}
        for (model, pk), _ in touched:
            pks_by_model.setdefault(model, []).append(pk)
        records = {model: with_plain(model.objects.all()).in_bulk(pks) for model, pks in pks_by_model.items()}
        before = {model: last_entries(model, pks) for model, pks in pks_by_model.items()}
        entries = [self.entry(model, pk, records[model].get(pk), before[model].get(pk), key) for (model, pk), key in touched]
        return [entry for entry in entries if entry]

    def entry(self, model, pk, record, before, deleted_key):
        if before and before.action == Entry.Action.DELETED:
            before = None
        if record is None:
            if not before and ((model, pk) in self.made or not deleted_key):
                return None  # made and undone within the unit
            key, action, plain = deleted_key or before.key, Entry.Action.DELETED, None
        else:
            key, plain = getattr(record, record.key), to_plain(record)
            if before and before.plain == plain and before.key == key and before.pk > last_of_everything():
                return None
            action = Entry.Action.CHANGED if before else Entry.Action.CREATED
        step = step_between(state_of(model, before and before.plain), state_of(model, plain)) if plain else ""
        return Entry(
            unit=self.id,
            by=self.by,
            why=self.why,
            action=action,
            step=step,
            model=model._meta.label_lower,
            record=pk,
            key=key,
            plain=plain,
        )


def state_of(model, plain):
    """The review state in a plain form, which leaves it out while it is the default; that, too, of no plain form."""
    return (plain or {}).get("state", model.State.DRAFT)


def last_entries(model, pks):
    """The newest entry of each record of `model` in `pks` that has one, by primary key."""
    return {entry.record: entry for entry in newest_of(Entry.objects.filter(model=model._meta.label_lower, record__in=pks))}


def newest_of(entries):
    """Of `entries`, all about one kind of record, the newest of each record."""
    newest = entries.order_by().values("record").annotate(last=Max("pk")).values("last")
    return Entry.objects.filter(pk__in=newest).order_by()


def last_of_everything():
    """The number of the newest entry that is about everything, 0 for none: what older ones say of a record may hold no longer."""
    about_everything = Entry.objects.filter(model="", action=Entry.Action.EVERYTHING)
    return about_everything.order_by().aggregate(last=Max("pk"))["last"] or 0


@contextmanager
def unit(by=None, why=""):
    """A unit of work, in one transaction: `by` a user, `why` in at most 500 characters. Within another it is a part of that."""
    outer = current.get()
    if outer is not None:
        yield outer
        return
    work = Unit(by, why[:500])
    token = current.set(work)
    try:
        with transaction.atomic():
            yield work
            work.write()
    finally:
        current.reset(token)


@contextmanager
def attempt():
    """A part of a unit of work that leaves nothing when it raises."""
    with unit() as work:
        touched, made = dict(work.touched), set(work.made)
        try:
            with transaction.atomic():
                yield
        except BaseException:
            work.touched, work.made = touched, made
            raise


trying = ContextVar("trial", default=False)


@contextmanager
def trial():
    """Whatever is written within it is seen there, and nowhere else, and is undone at its end.

    What a process remembers of the archive (its index, its labels) must not be read from within: see `is_trial`.
    """
    with unit() as work:
        touched, made = dict(work.touched), set(work.made)
        token = trying.set(True)
        try:
            with transaction.atomic():
                yield
                transaction.set_rollback(True)
        finally:
            trying.reset(token)
            work.touched, work.made = touched, made


def is_trial():
    """Whether the database may hold, just here and now, what nobody else must see."""
    return trying.get()


def keep_found(model, pks):
    """Remembers what the records `pks` are now, of those that the ledger does not know, for when this unit of work changes them.

    It is called before the change. What is found is written with the unit's own entries, before them.
    """
    with unit() as work:
        since, pks = last_of_everything(), sorted(pks)
        for start in range(0, len(pks), BATCH):
            some = pks[start : start + BATCH]
            known = last_entries(model, some)
            unknown = [pk for pk in some if (pk not in known or known[pk].pk < since) and (model, pk) not in work.found]
            for pk, record in with_plain(model.objects.all()).in_bulk(unknown).items() if unknown else ():
                work.found[model, pk] = Entry(
                    unit=uuid.uuid4(),
                    action=Entry.Action.FOUND,
                    model=model._meta.label_lower,
                    record=pk,
                    key=getattr(record, record.key),
                    plain=to_plain(record),
                )


def changed_since(number, model, pks):
    """Whether any of the records `pks` may have changed since the ledger stood at `number`."""
    later = Entry.objects.filter(pk__gt=number).exclude(action=Entry.Action.FOUND)
    return later.filter(Q(model=model._meta.label_lower, record__in=Among(pks)) | Q(model="")).exists()


def plain_at(model, pk, number):
    """The plain form that a record had when the ledger stood at `number`; None when it was not there, or nobody knows."""
    entries = Entry.objects.filter(model=model._meta.label_lower, record=pk).order_by()
    since = Entry.objects.filter(model="", pk__lte=number).aggregate(last=Max("pk"))["last"] or 0
    last = entries.filter(pk__lte=number, pk__gt=since).order_by("-pk").first()
    return (last or entries.filter(pk__gt=number, action=Entry.Action.FOUND).order_by("pk").first() or Entry()).plain


def take_numbers_in_turn():
    """Lets no other transaction write entries until this one has ended.

    PostgreSQL hands out numbers before the commit: without this a reader could see entry 8, take 8 for the state it knows, and
    never hear of 7. SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def state():
    """(number, unit) of the newest entry, as (int, str); (0, "") while there is none.

    The number says how far the archive has come. The unit tells two histories with equal numbers apart: those of a database
    and of the backup that it was restored from.
    """
    # By hand, since every request asks this: it costs a fifth of what the ORM takes to write the same query.
    if (newest := by_libpq(NEWEST)) is None:
        with connection.cursor() as cursor:
            cursor.execute(NEWEST)
            newest = cursor.fetchone()
    number, last = newest or (0, "")
    return int(number), str(last).replace("-", "")


def by_libpq(sql):
    """The first row of a query, as texts, () for none; None where it has to be asked through Django.

    PostgreSQL's library answers by itself in a third of the time that psycopg's cursor takes, and without the query by which
    Django first asks whether the connection still stands: when it does not, Django is asked, and makes another.
    """
    is_watched = connection.queries_logged or connection.execute_wrappers
    if connection.vendor != "postgresql" or connection.connection is None or is_watched:
        return None
    try:
        answer = connection.connection.pgconn.exec_(sql.encode())
    except connection.Database.Error:
        return None
    if answer.status != TUPLES_OK:
        return None
    return [answer.get_value(0, column).decode() for column in range(answer.nfields)] if answer.ntuples else ()


def everything_changed(why):
    """Writes that anything may have changed: for data that was written around the models, whatever by."""
    with transaction.atomic():
        take_numbers_in_turn()
        Entry.objects.create(unit=uuid.uuid4(), action=Entry.Action.EVERYTHING, why=why[:500])


# What a row belongs to


def accounts(model):
    """(record model, attribute with its primary key) for each record that a row of `model` is, or is a part of."""
    found = [(model, "pk")] if hasattr(model, "State") else []
    if owner := getattr(model, "owner", None):
        field = model._meta.get_field(owner)
        found.append((field.related_model, field.attname))
    return found


def touch(row, deleted=False):
    """Notes that `row` (a record, a part, or a value that rows hold) has changed."""
    with unit() as work:
        for model, attribute in accounts(type(row)):
            work.touch(model, getattr(row, attribute), getattr(row, row.key) if deleted and attribute == "pk" else None)
        if hasattr(row, "by_value"):
            for holder in row.holders():
                touch(holder)


def touch_all(rows):
    """Notes that all of `rows` (a queryset) have changed or will have, asking only for what says so."""
    with unit() as work:
        for model, attribute in accounts(rows.model):
            for pk in rows.order_by().values_list(attribute, flat=True).distinct():
                work.touch(model, pk)
        if hasattr(rows.model, "by_value"):
            for row in rows:
                touch(row)


def touch_referring(row):
    """Notes what refers to `row` by its key, or has it by value: all but its own parts."""
    for relation in row._meta.related_objects:
        if relation.field.name != getattr(relation.related_model, "owner", None):
            touch_all(relation.related_model._base_manager.filter(**{relation.field.name: row}))


# Signals


def watch():
    """Connects the signals of every model that has to do with records; called once, when all models are there."""
    for model in apps.get_models():
        if accounts(model):
            signals.pre_save.connect(before_save, sender=model)
        if accounts(model) or hasattr(model, "by_value"):
            signals.post_save.connect(on_save, sender=model)
            signals.pre_delete.connect(before_delete, sender=model)
            signals.post_delete.connect(on_delete, sender=model)
            for field in model._meta.many_to_many:
                signals.m2m_changed.connect(on_relate, sender=field.remote_field.through)


def before_save(instance, **kwargs):
    """Notes whom a row is taken from, who refers to it by the key that it loses, and the address that it leaves."""
    model = type(instance)
    owners = [(owner, attribute) for owner, attribute in accounts(model) if attribute != "pk"]
    is_record = hasattr(model, "State")
    columns = {model.key, *(attribute for _, attribute in owners), *(["slug", "state"] if is_record else [])}
    stored = instance.pk and model._base_manager.filter(pk=instance.pk).order_by().values(*columns).first()
    if not stored:
        return
    with unit() as work:
        for owner, attribute in owners:
            work.touch(owner, stored[attribute])
        if stored[model.key] != getattr(instance, model.key):
            touch_referring(instance)
        if is_record and stored["slug"] != instance.slug:
            addresses.keep(model, instance.pk, stored["slug"], instance.slug, stored["state"], work.id)


def on_save(instance, created, **kwargs):
    if created and hasattr(instance, "by_value"):
        return  # nothing can rest on it yet
    with unit() as work:
        if created:
            work.made.add((type(instance), instance.pk))
        touch(instance)


def before_delete(instance, **kwargs):
    """Notes the rows that will be changed without a signal of their own: they lose the instance, and stay."""
    for relation in instance._meta.related_objects:
        if relation.many_to_many or relation.on_delete is models.SET_NULL:
            touch_all(relation.related_model._base_manager.filter(**{relation.field.name: instance}))


def on_delete(instance, **kwargs):
    touch(instance, deleted=True)


def on_relate(instance, action, reverse, model, pk_set, **kwargs):
    if not reverse:
        if action.startswith("post_"):
            touch(instance)
    elif action == "pre_clear":
        field = next(field for field in model._meta.many_to_many if field.remote_field.through is kwargs["sender"])
        instance.cleared = set(model._base_manager.filter(**{field.name: instance}).values_list("pk", flat=True))
    elif action.startswith("post_"):
        touch_all(model._base_manager.filter(pk__in=instance.__dict__.pop("cleared", set()) if pk_set is None else pk_set))
