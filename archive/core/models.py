"""The table of the ledger; what writes and reads it is in `ledger`."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Entry(models.Model):
    """What one unit of work did to one record. Entries are only ever added; their numbers grow in the order of commits."""

    class Action(models.TextChoices):
        CREATED = "created", "Created"
        CHANGED = "changed", "Changed"
        DELETED = "deleted", "Deleted"
        EVERYTHING = "everything", "Anything may have changed"

    unit = models.UUIDField(help_text="The unit of work: entries that share it are one step.")
    action = models.CharField(max_length=10, choices=Action)
    model = models.CharField(
        max_length=60, blank=True, help_text="The record's kind: events.event. Empty when it is about everything."
    )
    record = models.BigIntegerField(null=True, help_text="The record's primary key.")
    key = models.CharField(max_length=120, blank=True, help_text="The record's slug or code, for when the record is gone.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", help_text="Who did it.")
    at = models.DateTimeField(default=timezone.now, help_text="When it was done.")
    why = models.CharField(max_length=500, blank=True, help_text="For what reason, or by which command.")
    plain = models.JSONField(null=True, help_text="The record's plain form afterwards; null when it is gone.")

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["model", "record", "-id"], name="core_entry_of_record")]

    def __str__(self):
        return f"{self.pk}: {self.model} {self.key} {self.action}".strip()
