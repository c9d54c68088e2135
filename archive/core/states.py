"""The states of a record, and the steps that lead from one to another."""

from dataclasses import dataclass

from django.db import models

MAY_PUBLISH = "core.publish_record"


class State(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in-review", "In review"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


@dataclass(frozen=True)
class Step:
    """A change of state: its `name` once it is done, what its button says, where it leads from and to, and who may take it."""

    name: str
    verb: str
    before: tuple
    after: State
    needs: str = ""  # a permission besides that to change the record


SUBMIT = Step("submitted", "Submit for review", (State.DRAFT,), State.IN_REVIEW)
RETURN = Step("returned", "Return to draft", (State.IN_REVIEW,), State.DRAFT)
PUBLISH = Step("published", "Publish", (State.DRAFT, State.IN_REVIEW, State.WITHDRAWN), State.PUBLISHED, MAY_PUBLISH)
WITHDRAW = Step("withdrawn", "Withdraw", (State.PUBLISHED,), State.WITHDRAWN, MAY_PUBLISH)
REOPEN = Step("reopened", "Reopen as a draft", (State.WITHDRAWN,), State.DRAFT, MAY_PUBLISH)
STEPS = {step.name: step for step in (SUBMIT, RETURN, PUBLISH, WITHDRAW, REOPEN)}


def step_between(before, after):
    """The name of the step that leads from the state `before` (a new record's is draft) to `after`; "" when they are the same."""
    taken = [step for step in STEPS.values() if step.after == after and before in step.before]
    # A command may take any step; what it is called is then where it led.
    taken += [step for step in STEPS.values() if step.after == after]
    return taken[0].name if before != after else ""
