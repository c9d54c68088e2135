"""The abstract models that every record of the archive is made of."""

from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Max, Q
from django.db.models.base import ModelState
from django.urls import reverse
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from archive.core import addresses, ledger
from archive.core.fields import DerivedDateField, DerivedTextField, PartialDateField
from archive.core.querysets import RecordQuerySet
from archive.core.romanization import indexed_names
from archive.core.states import State
from archive.core.text import indexed


@cache
def folder(name, language):
    """The address of all records of the kind `name` in `language`, in which each has its slug: to reverse each would be a third
    of a page."""
    with translation.override(language):
        return reverse(name, args=["-"]).removesuffix("-/")


@cache
def labels_of_choices(field):
    return dict(field.flatchoices)


class Ledgered(models.Model):
    """Rows whose every save and deletion is a unit of work, or a part of one."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        # What a database returns needs none of the defaults and checks of __init__, which take four times as long; nor does
        # anybody here wait for the signals that it sends. A page makes some hundred instances.
        one = cls.__new__(cls)
        one.__dict__.update(zip(field_names, values, strict=True), _state=ModelState())
        one._state.adding, one._state.db = False, db
        return one

    def _get_FIELD_display(self, field):  # noqa: N802 (Django's name: what get_kind_display() calls)
        # Django's own translates every choice of the field to find one.
        value = getattr(self, field.attname)
        return str(labels_of_choices(field).get(value, value))

    def save(self, *args, **kwargs):
        with ledger.unit():
            super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        with ledger.unit():
            return super().delete(*args, **kwargs)


class Record(Ledgered):
    """A public record: it has a permanent address, a review state, and words to be found by."""

    State = State
    key = "slug"  # the field that names a record in the plain form and in natural keys
    parts = ()  # accessors of what a record owns: read, written and shown with it, in this order
    folded_fields = ()  # the text fields whose words find it
    public_name = None  # what readers call records of its kind: a PublicName
    mergeable = True  # whether two of them can be made one
    borne = ("name",)  # of a record with other names: the fields that are names, too
    filed_by = "name"  # of a record with other names: the field that its lists are sorted by
    filed = staticmethod(str)  # another name of it as it would stand in that field
    likeness = None  # how two of them that may be one are found: see curation/likeness.py

    slug = models.SlugField(
        "address",
        max_length=120,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z", "Lower-case letters and digits, with hyphens between them.")],
        help_text="The last part of the page's address: lower-case letters, digits and hyphens. Permanent once published.",
    )
    state = models.CharField(
        max_length=10,
        choices=State,
        default=State.DRAFT,
        db_index=True,
        help_text="Only published records are public. A withdrawn record's address says that it was withdrawn.",
    )
    folded = DerivedTextField(derive="fold_fields")

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_state_known",
                condition=Q(state__in=State.values),
                violation_error_message="The state must be draft, in review, published or withdrawn.",
            ),
        ]

    def validate_unique(self, exclude=None):
        super().validate_unique(exclude)
        if self.key not in (exclude or ()):
            self.refuse_old_address()

    def refuse_old_address(self):
        """Raises ValidationError when the record's address is one that leads to another record."""
        address = getattr(self, self.key)
        there = addresses.leads_to(type(self), address.lower()) if address else None
        if there is not None and there.pk != self.pk:
            raise ValidationError({self.key: f"“{address}” is an old address of “{there}”, and leads there for good."})

    def natural_key(self):
        return (getattr(self, self.key),)

    def get_absolute_url(self):
        """The address of the record's page in the language that is spoken now."""
        return f"{folder(self._meta.model_name, translation.get_language())}{self.slug}/"

    @property
    def permalink(self):
        """The record's one address for machines and for good, whatever language is spoken."""
        return f"{folder(self._meta.model_name, settings.LANGUAGE_CODE)}{self.slug}/"

    def fold_fields(self):
        texts = [getattr(self, field) for field in self.folded_fields]
        return indexed_names(texts) if "names" in self.parts else indexed(texts)

    @classmethod
    def lacks(cls, plain):
        """What the archive promises of a record that it publishes and the plain form `plain` does not have, as sentences."""
        return []

    @property
    def is_published(self):
        return self.state == State.PUBLISHED

    @property
    def has_public_address(self):
        return self.state in (State.PUBLISHED, State.WITHDRAWN)

    @property
    def tombstone(self):
        """What the record's address says of it when it has been withdrawn."""
        return str(self)


class Dated(models.Model):
    """Something that happened, or held, at a partial date."""

    date = PartialDateField(
        null=True,
        blank=True,
        help_text="As exact as the documents are, in EDTF: 2015, 2012-11, 2015-06-25, 2003~ (about), 2015-06-25/2015-06-27, "
        "2021/.. (since), ../2021 (until).",
    )
    date_earliest = DerivedDateField(derive="first_day", null=True, db_index=True)
    date_latest = DerivedDateField(derive="last_day", null=True, db_index=True)

    class Meta:
        abstract = True

    def first_day(self):
        return self.date and self.date.earliest

    def last_day(self):
        return self.date and self.date.latest


class Owned(Ledgered):
    """Something in a list that another record owns: read and written with it, in order."""

    owner = None  # the name of the foreign key to the owner

    order = models.PositiveIntegerField(
        default=0, validators=[MaxValueValidator(1_000_000)], help_text="Lower comes first; left at 0, the row comes last."
    )

    class Meta:
        abstract = True

    def siblings(self):
        return type(self)._default_manager.filter(**{self.owner: getattr(self, self.owner)}).exclude(pk=self.pk)

    def save(self, *args, **kwargs):
        if not self.order:
            self.order = (self.siblings().aggregate(last=Max("order"))["last"] or 0) + 1
        super().save(*args, **kwargs)


class Part(Owned):
    """An owned row that has no state of its own: it is public as far as its owner is."""

    parts = ()
    told_in_lists = ()  # fields that a list of owners tells of each row, beside its key, references, kinds and dates

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    def natural_key(self):
        return (*getattr(self, self.owner).natural_key(), getattr(self, self.key))

    def get_absolute_url(self):
        """The row's place on its owner's page."""
        return f"{getattr(self, self.owner).get_absolute_url()}#{self.anchor}"

    @property
    def permalink(self):
        return f"{getattr(self, self.owner).permalink}#{self.anchor}"

    @property
    def anchor(self):
        return f"{self._meta.model_name}-{getattr(self, self.key)}"


class SluggedPart(Part):
    """A part with a short name within its owner, by which others refer to it and pages lead to it."""

    key = "slug"

    slug = models.SlugField(
        "short name",
        max_length=120,
        blank=True,
        help_text="Names the row within its record, and in the page's address after “#”. Left empty, it is made from the row.",
    )

    class Meta:
        abstract = True

    def free_slug(self, taken):
        """A slug made from the row that is not among `taken`, the slugs of its siblings."""
        base = slugify(str(self))[:100].strip("-") or self._meta.model_name
        candidates = (f"{base}-{number}" if number > 1 else base for number in range(1, len(taken) + 2))
        return next(slug for slug in candidates if slug not in taken)

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = self.free_slug(set(self.siblings().values_list("slug", flat=True)))
        super().save(*args, **kwargs)


class Name(Part):
    """One of the names that a record bears beside its own: any of them finds it."""

    class Kind(models.TextChoices):
        OFFICIAL = "official", _("Official name")
        VARIANT = "variant", _("Variant")
        FORMER = "former", _("Former name")
        MISPRINT = "misprint", _("Misprint")

    key = "name"

    name = models.CharField(max_length=300, help_text="The name exactly as it is written, misprints included.")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.VARIANT)
    language = models.CharField(
        max_length=35, blank=True, help_text="BCP 47 tag of the name's language: en, ru, tg. Empty when it is the record's own."
    )
    script = models.CharField(
        max_length=4, blank=True, help_text="ISO 15924 code of the name's script where the language has several: Cyrl, Latn."
    )
    folded = DerivedTextField(derive="fold_name")

    class Meta:
        abstract = True
        ordering = ["order", "pk"]

    def __str__(self):
        return self.name

    def fold_name(self):
        return indexed_names([self.name])

    @property
    def anchor(self):
        return "_names"

    @property
    def lang(self):
        """The name's BCP 47 tag with its script, for HTML's `lang`."""
        return "-".join(filter(None, [self.language, self.script]))


class Identifier(SluggedPart):
    """What another system calls the record: its number in Wikidata, its address in another archive."""

    told_in_lists = ("scheme", "identifier")

    scheme = models.CharField(
        max_length=100, help_text="Whose identifier it is, in a short word or as an address: wikidata, isni, https://viaf.org."
    )
    identifier = models.CharField(
        max_length=500, help_text="The identifier exactly as that system writes it: Q42. An http(s) address is shown as a link."
    )

    class Meta:
        abstract = True
        ordering = ["order", "pk"]

    def __str__(self):
        return f"{self.scheme}: {self.identifier}"

    @property
    def anchor(self):
        return "_identifiers"

    @property
    def is_link(self):
        return self.identifier.startswith(("https://", "http://"))


def refuse_circle(record, field):
    """Raises ValidationError when following `field` (a foreign key to the same model) from `record` leads back to it."""
    seen, above = {record.pk} if record.pk else set(), getattr(record, field)
    while above is not None:
        if above is record or above.pk in seen:
            raise ValidationError({field: f"“{record}” would stand above itself."})
        seen.add(above.pk)
        above = getattr(above, field)
