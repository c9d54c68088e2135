"""Taking a step with a record: submitting, returning, publishing, withdrawing, reopening."""

import re

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError

from archive.core import ledger
from archive.core.difference import part_models
from archive.core.plain import PlainError
from archive.core.revising import lock, present
from archive.core.states import MAY_PUBLISH, PUBLISH, STEPS, State

NAMED = 10  # records that a message names
LONGEST_REASON = 500  # characters


class Refused(Exception):  # noqa: N818 (it is no error of the program's)
    """A change that somebody asked for and that cannot be made: `problems` are sentences."""

    def __init__(self, problems):
        super().__init__(" ".join(problems))
        self.problems = problems


# What stands in the way of a change without being an error of the program's.
PROBLEMS = (Refused, PlainError, ValidationError, IntegrityError)


def number(text, default):
    """The whole number that a form carries as `text`; `default` when it carries none, 0 when it is nonsense."""
    if text in (None, ""):
        return default
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def sentences(refused):
    """What one of the PROBLEMS says, as sentences, each with its place where it has one."""
    if isinstance(refused, ValidationError):
        return refused.messages
    if isinstance(refused, IntegrityError):
        return ["Somebody else has just saved what this cannot stand beside: look at it, and save again."]
    return [problem if isinstance(problem, str) else ": ".join(filter(None, problem)) for problem in refused.problems]


def reason(request, name="why"):
    """The reason that a form gives for what it does, as the ledger can keep it."""
    return request.POST.get(name, "").replace("\x00", "").strip()[:LONGEST_REASON]


def may_take(user, step):
    return not step.needs or user.has_perm(step.needs)


def asked_step(request):
    """The Step that a form asks for by its button, or None; raises PermissionDenied when the user may not take it."""
    names = [name.removeprefix("_step_") for name in request.POST if name.startswith("_step_")]
    step = STEPS.get(names[0]) if names else None
    if step and not may_take(request.user, step):
        raise PermissionDenied
    return step


def record_parts(record):
    """The records among the parts of `record`: an event's statements."""
    for accessor, part in part_models(type(record)).items():
        if hasattr(part, "State"):
            yield from getattr(record, accessor).all()


def steps_for(user, record=None):
    """The steps that `user` may take with `record`, or with one that is being added."""
    if record is None:
        states = {PUBLISH.before[0]}
    else:
        # A published event whose statements are drafts can be published again: they follow.
        states = {
            record.state,
            *(part.state for part in record_parts(record) if record.is_published and part.state != State.WITHDRAWN),
        }
    return [step for step in STEPS.values() if states & set(step.before) and may_take(user, step)]


def take(step, record, user):
    """Takes `step` with `record`, a saved one, and with those of its parts that stand where the step begins.

    Raises PermissionDenied when `user` may not, and Refused when the record is elsewhere or lacks what the public is promised.
    """
    if not may_take(user, step):
        raise PermissionDenied
    rows = [row for row in (record, *record_parts(record)) if row.state in step.before and follows(row, record)]
    if not rows or (rows[0] is not record and step is not PUBLISH):
        raise Refused([f"This {record._meta.verbose_name} is {record.get_state_display().lower()}: it cannot be {step.name}."])
    with ledger.unit():
        for row in rows:
            row.state = step.after
            row.save(update_fields=["state"])
        refuse_lacking(record)


def follows(row, record):
    """Whether `row`, the record or one of its parts, goes where the record goes: not what was withdrawn by itself."""
    return row.state != State.WITHDRAWN or record.state == State.WITHDRAWN


def refuse_lacking(record):
    """Raises Refused when `record` is published and lacks something that the archive promises of what it publishes."""
    if record.is_published and (missing := type(record).lacks(present(type(record), record.pk))):
        raise Refused(missing)


def take_all(step, records, user):
    """Takes `step` with each of `records` that can; returns how many it took, and (record, sentences) for each of the others."""
    taken, refused = 0, []
    with ledger.unit():
        for record in records:
            try:
                with ledger.attempt():
                    take(step, record, user)
                taken += 1
            except Refused as reason:
                refused.append((record, reason.problems))
    return taken, refused


def as_action(step):
    """`step` as an action of a list."""

    @admin.action(
        description=f"{step.verb}: the selected %(verbose_name_plural)s", permissions=["publish" if step.needs else "change"]
    )
    def action(modeladmin, request, queryset):
        pks = list(queryset.values_list("pk", flat=True))
        records = lock(queryset.model, pks)
        ledger.keep_found(queryset.model, pks)
        loaded = number(request.POST.get("loaded"), ledger.state()[0])
        unseen = [record for record in records if ledger.changed_since(loaded, queryset.model, [record.pk])]
        taken, refused = take_all(step, [record for record in records if record not in unseen], request.user)
        refused += [(record, ["Somebody has changed it since you saw this list: look again."]) for record in unseen]
        if taken:
            modeladmin.message_user(request, f"{taken} {step.name}.", messages.SUCCESS)
        for record, problems in refused[:NAMED]:
            modeladmin.message_user(request, f"“{record}” is as it was. {' '.join(problems)}", messages.WARNING)
        if len(refused) > NAMED:
            modeladmin.message_user(request, f"So are {len(refused) - NAMED} more.", messages.WARNING)

    action.__name__ = f"step_{step.name}"
    return action


class WithSteps:
    """An admin whose records are taken from state to state, in their list together; never by a field of a form."""

    actions = [as_action(step) for step in STEPS.values()]

    def has_publish_permission(self, request):
        return request.user.has_perm(MAY_PUBLISH)

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), "state"]
