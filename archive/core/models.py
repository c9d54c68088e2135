"""The tables of curation: the ledger, what was proposed, old addresses, and pairs that may be one. None of them is public."""

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from archive.core.states import STEPS


class Entry(models.Model):
    """What one unit of work did to one record. Entries are only ever added; their numbers grow in the order of commits."""

    class Action(models.TextChoices):
        CREATED = "created", "Created"
        CHANGED = "changed", "Changed"
        DELETED = "deleted", "Deleted"
        FOUND = "found", "Found as it was"  # a record older than the ledger, before its first change
        EVERYTHING = "everything", "Anything may have changed"

    unit = models.UUIDField(help_text="The unit of work: entries that share it are one step.")
    action = models.CharField(max_length=10, choices=Action)
    model = models.CharField(
        max_length=60, blank=True, help_text="The record's kind: events.event. Empty when it is about everything."
    )
    record = models.BigIntegerField(null=True, help_text="The record's primary key.")
    key = models.CharField(max_length=120, blank=True, help_text="The record's slug or code, for when the record is gone.")
    step = models.CharField(
        max_length=10,
        blank=True,
        choices=[(name, name) for name in STEPS],
        help_text="What was decided about the record's state, if anything.",
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", help_text="Who did it.")
    at = models.DateTimeField(default=timezone.now, help_text="When it was done.")
    why = models.CharField(max_length=500, blank=True, help_text="For what reason, or by which command.")
    plain = models.JSONField(null=True, help_text="The record's plain form afterwards; null when it is gone.")

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "entries"
        default_permissions = ["view"]
        permissions = [
            ("publish_record", "Can publish and withdraw records, and decide on what is proposed"),
            ("restore_record", "Can restore earlier states and undo steps"),
            ("merge_record", "Can merge records"),
            ("import_record", "Can import records"),
        ]
        indexes = [
            models.Index(fields=["model", "record", "-id"], name="core_entry_of_record"),
            models.Index(fields=["unit"], name="core_entry_of_unit"),
            models.Index(fields=["model", "record", "-id"], condition=~Q(step=""), name="core_entry_of_step"),
            models.Index(fields=["model", "-id"], condition=Q(action="deleted"), name="core_entry_of_deletion"),
        ]

    def __str__(self):
        return f"{self.pk}: {self.model} {self.key} {self.action}".strip()


class Proposal(models.Model):
    """A change of a published record that waits for an editor; the public goes on reading the record as it is."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting for an editor"
        RETURNED = "returned", "Returned to its curator"
        APPROVED = "approved", "Approved"
        DROPPED = "dropped", "Dropped"
        REPLACED = "replaced", "Replaced by a later one"

    OPEN = (Status.WAITING, Status.RETURNED)

    model = models.CharField(max_length=60, help_text="The record's kind: events.event.")
    record = models.BigIntegerField(help_text="The record's primary key.")
    title = models.CharField(max_length=500, help_text="What the record was called.")
    before = models.JSONField(help_text="The record's plain form from which the change started.")
    plain = models.JSONField(help_text="The plain form that it shall have.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", help_text="Who proposes it.")
    at = models.DateTimeField(default=timezone.now, help_text="When it was last proposed.")
    why = models.CharField(max_length=500, blank=True, help_text="For what reason.")
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=500, blank=True, help_text="What the editor says of it.")
    unit = models.UUIDField(null=True, help_text="The step of the ledger by which it was made.")

    class Meta:
        verbose_name = "proposed change"
        ordering = ["-at", "-pk"]
        default_permissions = ["view"]
        indexes = [models.Index(fields=["status", "by"], name="core_proposal_of_status")]
        constraints = [
            models.UniqueConstraint(
                name="core_proposal_one_open",
                fields=["model", "record"],
                condition=Q(status__in=["waiting", "returned"]),
                violation_error_message="There is a proposed change of this record already.",
            )
        ]

    def __str__(self):
        return f"{self.title}: {self.get_status_display().lower()}"

    @property
    def record_model(self):
        return apps.get_model(self.model)

    def record_now(self):
        """The record as it is, or None when it is gone."""
        return self.record_model._base_manager.filter(pk=self.record).first()


class Moved(models.Model):
    """An address that once was public, and whose record has another now: it is led there for good (301)."""

    model = models.CharField(max_length=60, help_text="The record's kind: events.event.")
    slug = models.CharField(max_length=120, help_text="The last part of the old address.")
    record = models.BigIntegerField(help_text="The primary key of the record that it leads to.")
    unit = models.UUIDField(null=True, help_text="The step of the ledger by which it moved.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = "old address", "old addresses"
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(
                name="core_moved_once", fields=["model", "slug"], violation_error_message="This address leads elsewhere already."
            )
        ]
        indexes = [models.Index(fields=["model", "record"], name="core_moved_to_record")]

    def __str__(self):
        return f"{self.model} {self.slug}"


class Compared(models.Model):
    """Up to which entry of the ledger the records of one kind have been compared with one another."""

    model = models.CharField(max_length=60, unique=True, help_text="The records' kind: people.person.")
    entry = models.BigIntegerField(help_text="The number of the newest entry that is taken into account.")

    class Meta:
        default_permissions = []

    def __str__(self):
        return f"{self.model} up to {self.entry}"


class Pair(models.Model):
    """Two records of one kind that may be the same, or that somebody has judged to be different."""

    model = models.CharField(max_length=60, help_text="The records' kind: people.person.")
    first = models.BigIntegerField(help_text="The lower primary key.")
    second = models.BigIntegerField(help_text="The higher primary key.")
    score = models.PositiveSmallIntegerField(default=0, help_text="How likely they are the same, from 0 to 100.")
    reasons = models.JSONField(default=list, help_text="Why, as sentences.")
    different = models.BooleanField(default=False, help_text="Somebody looked, and they are two.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", help_text="Who judged it.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-score", "pk"]
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(name="core_pair_once", fields=["model", "first", "second"]),
            models.CheckConstraint(name="core_pair_in_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self):
        return f"{self.model} {self.first} and {self.second}"
