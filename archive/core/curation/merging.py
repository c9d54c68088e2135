"""Making one record of two: whatever has to do with the lost one has to do with the kept one afterwards.

Nothing here knows what a person or an event is. Every relation to the lost record is found in the models, and so are those of a
model that is not there yet: its rows move, or the merge is refused. A preview is the merge itself, within a trial.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.utils.text import capfirst

from archive.core import ledger
from archive.core.curation.sameness import choosable, differences, differs, fields_of, in_words, is_blank, is_same, united, worth
from archive.core.curation.steps import Refused, refuse_lacking
from archive.core.models import Moved, Pair, Proposal
from archive.core.plain import plain_fields
from archive.core.revising import lock
from archive.core.states import MAY_PUBLISH

MOST_NAMED = 20  # of rows that stand in the way
MOVED, JOINED, DROPPED, ADDED = "moved", "joined", "dropped", "added"


class MergeError(ValueError):
    """Why two records cannot be made one: `problems` is a list of sentences."""

    def __init__(self, problems):
        self.problems = problems
        super().__init__("\n".join(problems))


class StaleError(MergeError):
    """Something that the merge changes is not as it was when the page was shown."""

    def __init__(self, what):
        super().__init__([f"“{what}” has changed since this page was shown. Look at it as it is now, and merge again."])


@dataclass(frozen=True)
class Step:
    """What happens to one row: its `kind`, what it is, where it stands, and, of what does not simply move, why."""

    kind: str
    what: str
    where: str = ""
    why: str = ""


# What has to do with a record


def relations(model):
    """Every foreign key and many-to-many field by which a row of any model refers to one of `model`, hidden ones too.

    Not the rows by which Django keeps a many-to-many field: they are that field's.
    """
    found = [
        relation for relation in model._meta.get_fields(include_hidden=True) if relation.auto_created and not relation.concrete
    ]
    return [relation.field for relation in found if not relation.related_model._meta.auto_created and is_written(relation.field)]


def is_written(relation):
    """Whether a field holds what it says itself: a many-to-many field with a table that somebody wrote is only a view of that."""
    return not relation.many_to_many or relation.remote_field.through._meta.auto_created


# The merge


class Merge:
    """Makes `lost` a part of what `kept` is: `steps` says what has happened to every row.

    `chosen` is {field name: "kept" or "lost"}; `loaded` the number of the ledger's state in which all of it was looked at, None for
    whoever has not looked; `by` the user who does it.
    """

    def __init__(self, kept, lost, chosen=None, loaded=None, by=None):
        self.kept, self.lost, self.chosen, self.loaded, self.by = kept, lost, chosen or {}, loaded, by
        self.model = type(kept)
        self.steps = []
        self.known = set()  # (model, primary key) of the records whose state before is in the ledger
        self.changed = []  # rows to be looked at when all is done

    def run(self):
        """Does it, within the unit of work around it; raises MergeError, and then nothing may be kept."""
        self.refuse_strangers()
        self.prepare([self.kept, self.lost])
        found = differences(self.kept, self.lost, self.chosen)
        self.refuse_publishing(found)
        names = self.names_to_keep(found)
        self.move_relations(self.kept, self.lost)
        self.take_values(found)
        self.unite(self.kept, self.lost, {one.name: one.chosen for one in found})
        self.leave_address()
        self.remove(self.lost)
        self.save(self.kept)
        self.add_names(names)
        self.check()

    def refuse_strangers(self):
        if not self.model.mergeable:
            raise MergeError([f"{capfirst(self.model._meta.verbose_name_plural)} cannot be merged."])
        if type(self.lost) is not self.model or self.lost.pk == self.kept.pk:
            raise MergeError([f"Choose another {self.model._meta.verbose_name}."])
        waiting = Proposal.objects.filter(model=self.model._meta.label_lower, record=self.lost.pk, status__in=Proposal.OPEN)
        if waiting.exists():
            raise MergeError([f"A proposed change of “{self.lost}” is waiting: decide on it first."])

    def refuse_publishing(self, found):
        state = next((one for one in found if one.name == "state" and one.chosen == "lost"), None)
        if state and self.by is not None and not self.by.has_perm(MAY_PUBLISH):
            raise MergeError([f"You cannot make “{self.kept}” {state.lost.lower()}: keep its own state."])

    def prepare(self, rows):
        """Has the records that `rows` are or belong to locked, and known to the ledger, before they change.

        Returns whether there were any that were not; raises StaleError for one that is not as it was when somebody looked.
        """
        touched = {}
        for row in rows:
            for model, attribute in ledger.accounts(type(row)):
                if (model, pk := getattr(row, attribute)) not in self.known:
                    touched.setdefault(model, set()).add(pk)
        for model, pks in touched.items():
            self.known |= {(model, pk) for pk in pks}
            lock(model, pks)
            if self.loaded is not None and ledger.changed_since(self.loaded, model, pks):
                changed = [pk for pk in pks if ledger.changed_since(self.loaded, model, [pk])]
                raise StaleError(model._base_manager.get(pk=min(changed)))
            ledger.keep_found(model, pks)
        return bool(touched)

    def rows_of(self, relation, target):
        rows = relation.model._base_manager.filter(**{relation.name: target})
        order = [name for name in ("order", "pk") if name == "pk" or hasattr(relation.model, "order")]
        return list(rows.order_by(*order))

    # Relations

    def move_relations(self, kept, lost):
        """Has every row that refers to `lost`, a record or a part, refer to `kept`."""
        for relation in relations(type(lost)):
            while self.prepare(rows := self.rows_of(relation, lost)):
                pass  # whose rows they are is locked now: no others come to them
            for row in rows:
                if row == lost:
                    continue  # it goes
                if relation.many_to_many:
                    self.exchange(relation, row, kept, lost)
                else:
                    self.move(relation, row, kept, lost)

    def exchange(self, relation, row, kept, lost):
        values = getattr(row, relation.name)
        had_both = values.filter(pk=kept.pk).exists()
        values.remove(lost)
        if row == kept:
            self.tell(DROPPED, row, relation, between(kept))
            return
        values.add(kept)
        why = f"It has both already, and will have “{kept}” once." if had_both else ""
        self.tell(JOINED if had_both else MOVED, row, relation, why)

    def move(self, relation, row, kept, lost):
        if row == kept:  # what it has instead is among its values
            if relation.null:
                type(row)._base_manager.filter(pk=row.pk).update(**{relation.name: None})
            self.tell(DROPPED, row, relation, between(kept))
            return
        before = str(row)
        setattr(row, relation.name, kept)
        if getattr(row, "owner", None) == relation.name:
            self.make_room(row)
        if refused := self.refused(row):
            self.tell(DROPPED, row, relation, refused, before)
            self.remove(row)
        elif twin := self.twin_of(relation, row, kept):
            self.join(twin, row, relation)
        else:
            self.save(row)
            self.tell(MOVED, row, relation, before=before)

    def refused(self, row):
        """Why a part cannot be, now that both of those whom it is about are one: a member of itself. "" if it can."""
        rules = [] if hasattr(row, "State") or not hasattr(row, "owner") else row._meta.constraints
        for rule in rules:
            try:
                if isinstance(rule, models.CheckConstraint):
                    rule.validate(type(row), row)
            except ValidationError as error:
                return " ".join(error.messages)
        return ""

    def make_room(self, row):
        """Gives a part that comes to another owner a place behind, and a short name that is free there."""
        row.order = 0
        if hasattr(row, "free_slug"):
            taken = set(row.siblings().values_list("slug", flat=True))
            if row.slug in taken:
                for relation in relations(type(row)):  # their plain forms call it by its short name
                    self.prepare(self.rows_of(relation, row))
                row.slug = row.free_slug(taken)

    # Rows that become one

    def twin_of(self, relation, row, kept):
        """The row of the kept record that says the same as `row`, which has just come to it; None if there is none."""
        owner = getattr(row, "owner", None)
        if owner is None or hasattr(row, "State"):
            return None
        same = {owner: getattr(row, owner), relation.name: kept}
        others = type(row)._base_manager.filter(**same).exclude(pk=row.pk).order_by("order", "pk")
        return next((other for other in others if is_same(other, row)), None)

    def join(self, twin, row, relation):
        """Makes `row` one with its `twin`, which stays: what is blank in it is filled, the rest united."""
        self.prepare([twin])
        lost = [model_field for model_field in fields_of(row) if differs(twin, row, model_field)]
        for model_field in fields_of(row):
            if is_blank(getattr(twin, model_field.name)):
                setattr(twin, model_field.name, getattr(row, model_field.name))
        notes = [f"; {one.verbose_name} “{in_words(one, getattr(row, one.name))}” falls away" for one in lost]
        self.tell(JOINED, row, relation, f"It says the same as the row that is there{''.join(notes)}.")
        self.move_relations(twin, row)
        self.unite(twin, row)
        self.remove(row)
        self.save(twin)

    def unite(self, kept, lost, chosen=None):
        """Gives `kept` what `lost` has of things of which one may have many; saves nothing else."""
        for model_field in plain_fields(type(kept)):
            if model_field.many_to_many and is_written(model_field):
                values = getattr(lost, model_field.name).all()
                getattr(kept, model_field.name).add(*(value for value in values if value != kept))
            elif isinstance(model_field, models.JSONField):
                setattr(kept, model_field.name, united(kept, lost, model_field.name, chosen or {}))

    # The record itself

    def take_values(self, found):
        for one in found:
            setattr(self.kept, one.name, one.values[one.chosen])
        for model_field in choosable(self.model):  # also where neither has any other value
            value = worth(self.kept, model_field, (self.kept, self.lost))
            if value is None and not model_field.null:
                raise MergeError([f"“{self.kept}” needs a {model_field.verbose_name} other than itself: change it first."])
            setattr(self.kept, model_field.name, value)

    def names_to_keep(self, found):
        """The names that either record bears in fields of its own and that the merged one will not have there."""
        if "names" not in self.model.parts:
            return []
        names = [getattr(record, name) for record in (self.kept, self.lost) for name in self.model.borne]
        chosen = {one.name: one.values[one.chosen] for one in found}
        there = {chosen.get(name, getattr(self.kept, name)) for name in self.model.borne}
        return [name for name in dict.fromkeys(names) if name and name not in there]

    def add_names(self, names):
        for row in self.kept.names.filter(name=self.kept.name) if names else ():
            self.prepare([row])
            self.unite(self.kept, row)
            self.remove(row)
            self.steps.append(Step(JOINED, f"Name “{row}”", "", "It is the record’s own name."))
        for name in names:
            if not self.kept.names.filter(name=name).exists():
                row = self.kept.names.create(name=name)
                self.changed.append(row)
                self.steps.append(Step(ADDED, f"{row._meta.get_field('kind').value_from_object(row).capitalize()} “{name}”"))

    def leave_address(self):
        """Has the address of the lost record lead to the kept one, for good."""
        with ledger.unit() as work:
            row = {"model": self.model._meta.label_lower, "slug": self.lost.slug}
            Moved.objects.update_or_create(**row, defaults={"record": self.kept.pk, "unit": work.id})
        Pair.objects.filter(models.Q(first=self.lost.pk) | models.Q(second=self.lost.pk), model=row["model"]).delete()

    # Writing, and looking at what was written

    def save(self, row):
        try:
            row.validate_unique()
            row.validate_constraints()
        except ValidationError as error:
            raise MergeError([f"{in_place(row)}: {sentence}" for sentence in error.messages]) from None
        row.save()
        self.changed.append(row)

    def remove(self, row):
        """Deletes a row to which nothing refers any more; raises MergeError when something would go or be changed with it."""
        if left := left_behind(row):
            raise MergeError([f"{in_place(one)} refers to “{row}” still, and cannot be moved." for one in left])
        self.changed = [one for one in self.changed if one != row]
        row.delete()

    def check(self):
        """Raises MergeError with everything that is not as it has to be, now that all is done."""
        problems = []
        for model, pk in dict.fromkeys((type(row), row.pk) for row in self.changed):
            row = model._base_manager.get(pk=pk)
            try:
                row.clean()
            except ValidationError as error:
                problems += [f"{in_place(row)}: {sentence}" for sentence in error.messages]
        try:
            refuse_lacking(self.kept)
        except Refused as error:
            problems += error.problems
        if problems:
            raise MergeError(list(dict.fromkeys(problems)))

    def tell(self, kind, row, relation, why="", before=None):
        as_what = "" if getattr(row, "owner", None) == relation.name else f" ({relation.verbose_name})"
        what = f"{capfirst(row._meta.verbose_name)} “{before or row}”{as_what}"
        self.steps.append(Step(kind, what, str(place_of(row, relation) or ""), why))


def place_of(row, relation=None):
    """The record that a part belongs to, unless it belongs to what it is moved with."""
    owner = getattr(row, "owner", None)
    return getattr(row, owner) if owner and (relation is None or owner != relation.name) else None


def in_place(row):
    return f"{capfirst(row._meta.verbose_name)} “{row}”{f' ({place})' if (place := place_of(row)) else ''}"


def between(kept):
    return f"It is between the two, and “{kept}” cannot be that to itself."


def left_behind(row):
    """What would be deleted with `row`, or changed by that, or does not let it go: of all that, nothing may be left."""
    collector = Collector(using=row._state.db, origin=row)
    try:
        collector.collect([row])
    except ProtectedError as error:
        return list(error.protected_objects)
    except RestrictedError as error:
        return list(error.restricted_objects)
    own = {model_field.remote_field.through for model_field in type(row)._meta.many_to_many}
    found = [one for rows in collector.data.values() for one in rows if one != row]
    found += [one for rows in collector.fast_deletes for one in rows[:MOST_NAMED]]
    found += [one for many in collector.field_updates.values() for rows in many for one in rows]
    return [one for one in found if type(one) not in own]


# Doing it, and looking at it


def merge(model, kept_pk, lost_pk, chosen=None, loaded=None, by=None, why=""):
    """Makes the record `lost_pk` one with `kept_pk`, as one unit of work by `by`; returns its number (a UUID) and the Merge.

    `chosen` is {field name: "kept" or "lost"}; `loaded` the number of the ledger's state in which `by` has looked at them. Raises
    MergeError, and writes nothing, when it cannot be.
    """
    try:
        with ledger.unit(by=by, why=why) as work, transaction.atomic():
            return work.id, merged(model, kept_pk, lost_pk, chosen, loaded, by)
    except IntegrityError as error:
        raise refused_by_database(error) from error


def preview(model, kept_pk, lost_pk, chosen=None, by=None):
    """(steps, problems) of what `merge` would do; nothing is changed."""
    try:
        with ledger.trial():
            return merged(model, kept_pk, lost_pk, chosen, None, by).steps, []
    except MergeError as error:
        return [], error.problems
    except IntegrityError as error:
        return [], refused_by_database(error).problems


def merged(model, kept_pk, lost_pk, chosen, loaded, by):
    records = {record.pk: record for record in lock(model, [kept_pk, lost_pk])}
    if len(records) < 2:
        raise MergeError([f"Choose two {model._meta.verbose_name_plural} that are there."])
    work = Merge(records[kept_pk], records[lost_pk], chosen, loaded, by)
    work.run()
    return work


def refused_by_database(error):
    return MergeError([f"The database refuses it: {str(error).splitlines()[0]}"])
