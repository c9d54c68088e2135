"""Moving rows from one record to another: whatever referred to the one refers to the other afterwards.

Every relation is found in the models, and so are those of a model that is not there yet: its rows move, or the merge is refused.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.utils.text import capfirst

from archive.core import ledger
from archive.core.curation.sameness import differs, fields_of, in_words, is_blank, is_same, united
from archive.core.plain import plain_fields
from archive.core.revising import lock

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


class Mover:
    """Moves rows, and notes in `steps` what has happened to each; `loaded` is the number of the state in which they were seen."""

    def __init__(self, loaded=None):
        self.loaded = loaded
        self.steps = []
        self.known = set()  # (model, primary key) of the records whose state before is in the ledger
        self.changed = []  # rows to be looked at when all is done

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
