"""Changes of public records that wait for an editor: a plain form that is not applied yet."""

from django.utils import timezone

from archive.core import ledger, revising
from archive.core.difference import merged, part_models
from archive.core.models import Proposal
from archive.core.states import State


def of(record):
    """The proposed changes of `record`, newest first."""
    return Proposal.objects.filter(model=record._meta.label_lower, record=record.pk)


def waiting(record):
    """The one proposed change of `record` that nobody has decided on, or None."""
    return record and of(record).filter(status__in=Proposal.OPEN).select_related("by", "decided_by").first()


def present(record):
    """The plain form of `record` as it is in the database now."""
    return revising.present(type(record), record.pk)


def rebased(proposal, record):
    """What `proposal` would make of `record` as it is now; where both changed the same, as the proposal has it."""
    return merged(type(record), proposal.before, present(record), proposal.plain).plain


def propose(record, plain, by, why, earlier=None):
    """Keeps `plain` as the change of `record` that `by` proposes, instead of the `earlier` one."""
    with ledger.unit():
        of(record).filter(status__in=Proposal.OPEN).update(status=Proposal.Status.REPLACED)
        return Proposal.objects.create(
            model=record._meta.label_lower,
            record=record.pk,
            title=str(record)[:500],
            before=present(record),
            plain=plain,
            by=by,
            why=why or (earlier.why if earlier else ""),
        )


def decide(proposal, status, by, comment, unit=None):
    proposal.status, proposal.decided_by, proposal.decided_at, proposal.comment = status, by, timezone.now(), comment
    proposal.unit = unit
    proposal.save()


def approved(proposal, record, chosen):
    """The plain form that `record` has once `proposal` is approved, and the clashes that nobody has chosen in.

    New statements of a published event are published with it: that is what was asked for, and what the editor has read.
    """
    now = present(record)
    result = merged(type(record), proposal.before, now, proposal.plain, chosen)
    for accessor, part in part_models(type(record)).items():
        if hasattr(part, "State") and record.is_published:
            known = {row[part.key] for row in now.get(accessor, [])}
            for row in result.plain.get(accessor, []):
                if row[part.key] not in known:
                    row["state"] = str(State.PUBLISHED)
    return result
