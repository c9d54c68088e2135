"""Many records written together: what each row would change is known before anything is written; then all is, or nothing.

A row says of one record what it shall be; `Plan.check` compares it with what is there, and names every problem by its place.
References and what is there already are looked up for hundreds of rows at once. Rows may refer to one another.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from archive.core import ledger
from archive.core.addresses import leads_to
from archive.core.columns import label_of
from archive.core.curation.steps import may_take
from archive.core.difference import changes, part_models
from archive.core.ledger import state_of
from archive.core.models import Moved
from archive.core.plain import PlainError, Reader, draft_to_plain, plain_fields, save, to_plain, with_plain
from archive.core.revising import lock, taken
from archive.core.states import MAY_PUBLISH, STEPS, State

BATCH = 500  # rows that are looked up together
MOST_KEPT = 200  # outcomes of each kind, new and changed, that are listed; all are counted
MOST_KNOWN = 5_000  # records that are kept at hand to be referred to
PUBLIC = (State.PUBLISHED, State.WITHDRAWN)


@dataclass
class Row:
    """What shall become of one record. `change` makes its plain form of the one that it has, None when there is no record."""

    place: str
    model: type
    key: str
    change: Callable
    owner: str = ""  # the key of the record that it is a part of


@dataclass
class Outcome:
    """What a row does: the `changes` from `before` (None of a new record) to `after`."""

    place: str
    model: type
    key: str
    title: str
    pk: int | None
    before: dict | None
    after: dict
    changes: list
    warning: str = ""

    @property
    def is_new(self):
        return self.pk is None


class Plan:
    """Rows, what they would change, and what is wrong with them. `user` is who would do it; None may do everything."""

    def __init__(self, user=None):
        self.user = user
        self.rows = []
        self.problems = []  # (place, sentence)
        self.outcomes = []  # the first of them
        self.new = self.changed = self.unchanged = self.namesakes = 0
        self.names = defaultdict(list)  # model -> (name, place, outcome) of the new records
        self.instances = {}  # (model, key) -> the unsaved record of a row
        self.known = {}  # (model, key) -> a saved record, or None
        self.above = {}  # (model, field, key) -> the key above it, as the rows will have it
        self.drafts = []
        self.pks = defaultdict(list)  # model -> the records that are changed
        self.digest = hashlib.sha256()

    @cached_property
    def is_mixed(self):
        return len({row.model for row in self.rows}) > 1

    @property
    def fingerprint(self):
        """What tells this plan from any other: what it would change, and from what."""
        return self.digest.hexdigest()

    def problem(self, place, sentence):
        self.problems.append((place, sentence))

    # Checking

    def check(self, keep=False):
        """Checks every row, and yields meanwhile how many it has; with `keep` the plan can be written afterwards."""
        self.follow_old_addresses()
        self.refuse_twice()
        there = self.there()
        for number, row in enumerate(self.rows, 1):
            if (row.model, row.key) not in there:
                # A provisional primary key lets other rows refer to the record before it is saved.
                self.instances[row.model, row.key] = row.model(**{row.model.key: row.key}, pk=-number)
        done = 0
        for model, rows in in_batches(self.rows):
            self.check_batch(model, rows, keep)
            done += len(rows)
            yield done
        self.refuse_circles()
        self.warn_of_namesakes()

    def follow_old_addresses(self):
        """A row that names its record as it was before it was renamed or merged is about what it is now."""
        for model in {row.model for row in self.rows}:
            rows = [row for row in self.rows if row.model is model]
            there = keys_there(model, [row.key for row in rows])
            old = moved(model, [row.key for row in rows if row.key not in there])
            for row in rows:
                if row.key in old:
                    row.key = getattr(old[row.key], model.key)

    def refuse_twice(self):
        rows, first = [], {}
        for row in self.rows:
            if (row.model, row.key) in first:
                self.problem(row.place, f"“{row.key:.120}” is here twice: it is in {first[row.model, row.key]} too.")
            else:
                first[row.model, row.key] = row.place
                rows.append(row)
        self.rows = rows

    def there(self):
        """(model, key) of each row whose record there is."""
        keys = defaultdict(list)
        for row in self.rows:
            keys[row.model].append(row.key)
        return {(model, key) for model, some in keys.items() for key in keys_there(model, some)}

    def check_batch(self, model, rows, keep):
        saved = with_key(with_plain(model._base_manager.all()), [row.key for row in rows])
        asked = []
        for row in rows:
            before = to_plain(saved[row.key]) if row.key in saved else None
            try:
                after = row.change(before) | {model.key: row.key}
            except PlainError as error:
                self.problems += [(f"{row.place}{where}", sentence) for where, sentence in error.problems]
                continue
            if before is not None and after == before and not row.owner:
                self.unchanged += 1
            else:
                asked.append((row, before, after))
        self.look_up(model, asked)
        owners = self.owners(model, [row for row, *_ in asked], saved)
        for row, before, after in asked:
            record = saved.get(row.key) or self.instances[model, row.key]
            self.check_row(row, record, before, after, owners.get(row.key), keep)

    def look_up(self, model, asked):
        """Has at hand what the plain forms refer to."""
        if len(self.known) > MOST_KNOWN:
            self.known.clear()
        wanted = defaultdict(set)
        for _, _, after in asked:
            for target, key in references(model, after):
                if (target, key) not in self.known and (target, key) not in self.instances:
                    wanted[target].add(key)
        for target, keys in wanted.items():
            found = with_key(target._base_manager.all(), sorted(keys))
            found |= moved(target, sorted(keys - found.keys()))
            self.known.update({(target, key): found.get(key) for key in keys})

    def owners(self, model, rows, saved):
        """The record that each row's is a part of, by the row's key, with its parts."""
        if not hasattr(model, "owner"):
            return {}
        owner = model._meta.get_field(model.owner).related_model
        accessors = [accessor for accessor, part in part_models(owner).items() if part is not model]
        records = owner._base_manager.prefetch_related(*accessors)
        named = {row.owner for row in rows if row.owner}
        by_key = with_key(records, sorted(named))
        by_key |= moved(owner, sorted(named - by_key.keys()))
        by_pk = records.in_bulk({getattr(record, f"{model.owner}_id") for record in saved.values()})
        found = {}
        for row in rows:
            own = by_pk[getattr(saved[row.key], f"{model.owner}_id")] if row.key in saved else None
            found[row.key] = by_key.get(row.owner) if row.owner else own
            kind = owner._meta.verbose_name
            if row.owner and row.owner not in by_key:
                self.problem(f"{row.place}, {model.owner}", f"There is no {kind} “{row.owner:.120}”.")
            elif own and found[row.key] != own:
                self.problem(f"{row.place}, {model.owner}", f"It is of another {kind}, and stays there: “{own}”.")
                found[row.key] = None
            elif not found[row.key]:
                self.problem(f"{row.place}, {model.owner}", "This is required.")
        return {key: record for key, record in found.items() if record}

    def check_row(self, row, record, before, after, owner, keep):
        if hasattr(row.model, "owner") and owner is None:
            return
        reader = Reader(lambda model, key: self.instances.get((model, key)) or self.known.get((model, key)))
        if owner is not None:
            for accessor, part in part_models(type(owner)).items():
                if part is not row.model:
                    reader.siblings |= {(part, getattr(one, part.key)): one for one in getattr(owner, accessor).all()}
        draft = reader.read(row.model, after, record, "", owner)
        if reader.problems:
            self.problems += [(f"{row.place}, {where}" if where else row.place, sentence) for where, sentence in reader.problems]
            return
        self.refuse_taken(row, draft)
        after = draft_to_plain(draft)
        changed = changes(row.model, before, after)
        if before is not None and not changed:
            self.unchanged += 1
            return
        self.refuse_state(row, before, after)
        self.take(
            row,
            draft,
            Outcome(row.place, row.model, row.key, str(record), before and record.pk, before, after, changed),
            before,
            after,
        )
        if self.is_mixed:  # what later rows refer to, and quote, is what it will be
            self.instances[row.model, row.key] = record
        if keep:
            self.drafts.append(draft)

    def take(self, row, draft, outcome, before, after):
        self.digest.update(json.dumps([row.place, row.model._meta.label, row.key, before, after], sort_keys=True).encode())
        self.new += outcome.is_new
        self.changed += not outcome.is_new
        if not outcome.is_new:
            self.pks[row.model].append(outcome.pk)
        if (self.new if outcome.is_new else self.changed) <= MOST_KEPT:
            self.outcomes.append(outcome)
        if outcome.is_new and (name := label_of(row.model)) != "text":
            self.names[row.model].append((getattr(draft.instance, name), outcome))
        for one in plain_fields(row.model):
            if one.many_to_one and one.related_model is row.model:
                self.above[row.model, one.name, row.key] = after.get(one.name)

    # What may not be

    def refuse_state(self, row, before, after):
        """Names a change of state that is no step, one that the user may not make, and what a public record lacks."""
        old, new = state_of(row.model, before), state_of(row.model, after)
        kind = row.model._meta.verbose_name
        if self.user is not None:
            permission = f"{row.model._meta.app_label}.{'add' if before is None else 'change'}_{row.model._meta.model_name}"
            steps = [step for step in STEPS.values() if step.after == new and old in step.before]
            is_public = bool({old, new, *part_states(row.model, before), *part_states(row.model, after)} & set(PUBLIC))
            if not self.user.has_perm(permission):
                self.problem(
                    row.place, f"You may not {'add' if before is None else 'change'} {row.model._meta.verbose_name_plural}."
                )
            elif old != new and not steps:
                self.problem(f"{row.place}, state", f"No step leads a {kind} from {old} to {new}.")
            elif (old != new and not may_take(self.user, steps[0])) or (is_public and not self.user.has_perm(MAY_PUBLISH)):
                self.problem(f"{row.place}, state", f"This {kind} is public, or would be: only who may publish can change it.")
        if new == State.PUBLISHED:
            for sentence in row.model.lacks(after):
                self.problem(row.place, sentence)

    def refuse_taken(self, row, draft):
        """Names the records among the parts whose address another record has, here or in the archive."""
        for part in list(draft.walk())[1:]:
            if hasattr(part.instance, "State"):
                key = type(part.instance), getattr(part.instance, part.instance.key)
                self.problems += [(f"{row.place}, {where}", sentence) for where, sentence in taken(part.instance)]
                if key in self.instances:
                    self.problem(row.place, f"“{key[1]:.120}” is here twice.")
                self.instances[key] = part.instance

    def refuse_circles(self):
        """Names the rows that together put a record above itself: by itself each knows only what there is."""
        for (model, name, key), above in self.above.items():
            seen = {key}
            while above is not None and above not in seen:
                seen.add(above)
                above = self.next_above(model, name, above)
            if above == key:
                place = next((row.place for row in self.rows if row.model is model and row.key == key), "")
                self.problem(f"{place}, {name}", f"“{key}” would stand above itself.")

    def next_above(self, model, name, key):
        if (model, name, key) not in self.above:
            found = model._base_manager.filter(**{model.key: key}).values_list(f"{name}__{model.key}", flat=True).first()
            self.above = {**self.above, (model, name, key): found}  # not into the one that is gone through
        return self.above[model, name, key]

    def warn_of_namesakes(self):
        from archive.core.curation.namesakes import namesakes

        for model, named in self.names.items():
            found = namesakes(model, [name for name, _ in named])
            first = {}
            for (name, outcome), other in zip(named, found, strict=True):
                self.namesakes += bool(other or name in first)
                if other:
                    outcome.warning = f"There is already “{other[1]}” ({other[0]})."
                elif name in first:
                    outcome.warning = f"The same name is in {first[name]}."
                first.setdefault(name, outcome.place)

    # Writing

    def write(self):
        """Writes what was checked, in the unit of work around it, which locks what it changes."""
        for model, pks in self.pks.items():
            ledger.keep_found(model, pks)
        new = [draft for draft in self.drafts if draft.instance.pk < 0]
        while new:
            ready = [draft for draft in new if not refers_to_unsaved(draft)]
            if not ready:
                raise PlainError([("", "These records refer to one another in a circle.")])
            by_model = defaultdict(list)
            for draft in ready:
                by_model[type(draft.instance)].append(draft)
            for drafts in by_model.values():
                insert(drafts)
            new = [draft for draft in new if draft.instance.pk < 0]
        for draft in self.drafts:
            if draft.instance.pk in self.pks.get(type(draft.instance), ()):
                for part in draft.walk():
                    relink(part.instance)
                save(draft)

    def lock(self):
        """Locks the records that the rows are about; call it before `check`, in the same transaction."""
        for model in {row.model for row in self.rows}:
            keys = [row.key for row in self.rows if row.model is model]
            lock(model, [record.pk for record in with_key(model._base_manager.only("pk", model.key), keys).values()])


def in_batches(rows):
    """(model, rows) of some rows of one model after the other."""
    start = 0
    while start < len(rows):
        model, end = rows[start].model, start
        while end < len(rows) and end - start < BATCH and rows[end].model is model:
            end += 1
        yield model, rows[start:end]
        start = end


def with_key(queryset, keys):
    """The records of `queryset` whose keys are among `keys`, by key."""
    key, found = queryset.model.key, {}
    for start in range(0, len(keys), BATCH):
        found |= {getattr(record, key): record for record in queryset.filter(**{f"{key}__in": keys[start : start + BATCH]})}
    return found


def keys_there(model, keys):
    """Those of `keys` that records of `model` have."""
    found = set()
    for start in range(0, len(keys), BATCH):
        found.update(
            model._base_manager.filter(**{f"{model.key}__in": keys[start : start + BATCH]}).values_list(model.key, flat=True)
        )
    return found


def addresses_taken(model, keys):
    """Those of `keys` that a new record cannot have: the present ones of records, and the old ones, which lead to them for good."""
    return keys_there(model, keys) | moved(model, keys).keys()


def moved(model, keys):
    """The records to which those of `keys` lead that are old addresses, by key."""
    slugs, found = {key.lower(): key for key in keys}, {}
    for start in range(0, len(keys), BATCH):
        some = list(slugs)[start : start + BATCH]
        old = Moved.objects.filter(model=model._meta.label_lower, slug__in=some).values_list("slug", flat=True)
        found |= {slugs[slug]: record for slug in old if (record := leads_to(model, slug)) is not None}
    return found


def references(model, plain):
    """Yields (model, key) of the records to which `plain`, which may be anything, refers."""
    if not isinstance(plain, dict):
        return
    for one in plain_fields(model):
        target, values = one.related_model, plain.get(one.name)
        for value in (values if isinstance(values, list) else [values]) if target else ():
            if hasattr(target, "by_value"):
                yield from references(target, value)
            elif isinstance(value, str) and not hasattr(target, "owner"):
                yield target, value
    for accessor, part in part_models(model).items() if hasattr(model, "parts") else ():
        rows = plain.get(accessor)
        for row in rows if isinstance(rows, list) else ():
            yield from references(part, row)


def part_states(model, plain):
    """The states of the records among the parts in `plain`."""
    for accessor, part in part_models(model).items():
        if hasattr(part, "State"):
            yield from (state_of(part, row) for row in (plain or {}).get(accessor, []))


# Into the database


def relink(instance):
    """Gives the foreign keys of `instance` the numbers that what they lead to has by now."""
    for one in instance._meta.concrete_fields:
        if one.many_to_one and one.is_cached(instance):
            setattr(instance, one.name, one.get_cached_value(instance))


def refers_to_unsaved(draft):
    """Whether `draft` names a record that is not saved, other than itself."""
    for part in draft.walk():
        named = targets_of(part.instance)
        for target in (target for targets in part.related.values() for target in targets):
            named += targets_of(target) if hasattr(target, "by_value") else [target]
        if any(target is not draft.instance and (target.pk or 0) < 0 for target in named):
            return True
    return False


def targets_of(instance):
    fields = [one for one in instance._meta.concrete_fields if one.many_to_one and one.is_cached(instance)]
    return [target for one in fields if (target := one.get_cached_value(instance)) is not None]


def insert(drafts):
    """Saves new records of one model with their parts, all together where nothing is asked of each by itself."""
    model = type(drafts[0].instance)
    for draft in drafts:
        draft.instance.pk = None
        relink(draft.instance)
    if hasattr(model, "owner") and hasattr(model, "State") and not drafts[0].instance.order:
        for draft in drafts:
            save(draft)  # its place among its siblings is found by saving it
        return
    model.objects.bulk_create([draft.instance for draft in drafts], batch_size=BATCH)
    for accessor, part in part_models(model).items():
        rows = []
        for draft in drafts:
            for row in draft.parts[accessor]:
                setattr(row.instance, part.owner, draft.instance)
                rows.append(row)
        if rows:
            insert(rows)
    for one in model._meta.many_to_many:
        link(one, drafts)


def link(relation, drafts):
    through, links = relation.remote_field.through, []
    source, target = f"{relation.m2m_field_name()}_id", f"{relation.m2m_reverse_field_name()}_id"
    for draft in drafts:
        targets = draft.related.get(relation.name, [])
        kept = {(type(one).keep(one) if hasattr(one, "by_value") else one).pk for one in targets}
        links += [through(**{source: draft.instance.pk, target: pk}) for pk in sorted(kept)]
    through.objects.bulk_create(links, batch_size=BATCH)
