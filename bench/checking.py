"""Whether the rows that were loaded around the models are what the models would have made of them."""

from random import Random

from django.core.exceptions import ValidationError

from archive.core.fields import Derived
from archive.site.records import MODELS
from events.models import Statement

SAMPLE = 200


class CheckError(Exception):
    """A row is not what its model says; the message names the row, the column and both values."""


def check_rows(progress, sample=SAMPLE, seed=0):
    """Compares `sample` random rows of every model with what it derives and allows; raises CheckError at the first difference."""
    rng = Random(seed)  # noqa: S311
    for model in MODELS:
        last = model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        pks = rng.sample(range(1, last + 1), min(sample, last))
        progress(f"{len(pks)} rows of {model._meta.verbose_name_plural}")
        for row in model.objects.filter(pk__in=pks):
            check_row(row)
    check_speakers(rng, sample)


def check_row(row):
    for field in row._meta.concrete_fields:
        if isinstance(field, Derived) and row.__dict__[field.attname] != getattr(row, field.attname):
            stored, derived = row.__dict__[field.attname], getattr(row, field.attname)
            raise CheckError(f"{row._meta.label} {row.pk}: {field.name} is {stored!r}, and should be {derived!r}.")
    try:
        row.full_clean(validate_unique=False)
    except ValidationError as error:
        raise CheckError(f"{row._meta.label} {row.pk}: {error}") from None


def check_speakers(rng, sample):
    last = Statement.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for statement in Statement.objects.filter(pk__in=rng.sample(range(1, last + 1), min(sample, last))):
        for speaker in statement.speakers.all():
            if speaker.event_id != statement.event_id:
                raise CheckError(f"Statement {statement.pk} is made by a participant of another event.")
