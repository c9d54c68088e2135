"""Making one record of two: whatever has to do with the lost one has to do with the kept one afterwards.

Nothing here knows what a person or an event is. A preview is the merge itself, within a trial.
"""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.text import capfirst

from archive.core import ledger
from archive.core.curation.moving import ADDED, JOINED, MergeError, Mover, Step, in_place
from archive.core.curation.sameness import choosable, differences, worth
from archive.core.curation.steps import Refused, refuse_lacking
from archive.core.models import Moved, Pair, Proposal
from archive.core.revising import lock
from archive.core.states import MAY_PUBLISH


class Merge(Mover):
    """Makes `lost` a part of what `kept` is: `steps` says what has happened to every row.

    `chosen` is {field name: "kept" or "lost"}; `loaded` the number of the ledger's state in which all of it was looked at, None for
    whoever has not looked; `by` the user who does it.
    """

    def __init__(self, kept, lost, chosen=None, loaded=None, by=None):
        super().__init__(loaded)
        self.kept, self.lost, self.chosen, self.by = kept, lost, chosen or {}, by
        self.model = type(kept)

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
        if "names" not in self.model.parts:
            return
        for row in self.kept.names.filter(name=self.kept.name):
            if getattr(row, "supplied", None):
                continue  # it says more than the name does
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
