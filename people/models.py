"""People, organizations and countries: who the archive speaks of, under which names, in which positions."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from archive.core.curation.likeness import Likeness
from archive.core.localnames import called
from archive.core.naming import PublicName
from archive.core.records import Dated, Identifier, Name, Record, SluggedPart, refuse_circle
from archive.sources.models import Cited
from people.querysets import CountryQuerySet, MembershipQuerySet, OrganizationQuerySet, PersonQuerySet, PositionQuerySet


class Country(Record, Dated, Cited):
    """A country, former ones included. Its address is its code: /countries/tj/."""

    public_name = PublicName(
        "countries", _("Country"), _("Countries"), ngettext_lazy("%(number)s country", "%(number)s countries", "count")
    )
    key = "code"
    parts = ("names",)
    folded_fields = ("name", "code")

    slug = models.SlugField("address", max_length=4, unique=True, editable=False)  # the code in small letters
    code = models.CharField(
        max_length=4,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{2}(?:[A-Z]{2})?\Z", "Two capital letters (TJ), or four for a former country (SUHH).")],
        help_text="ISO 3166-1 alpha-2 code (TJ); for a country that no longer exists, its ISO 3166-3 code (SUHH).",
    )
    name = models.CharField(max_length=200, help_text="The short name in English: Tajikistan.")

    objects = CountryQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["name"]
        verbose_name_plural = "countries"

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        self.slug = self.code.lower()

    def save(self, *args, **kwargs):
        self.slug = self.code.lower()
        super().save(*args, **kwargs)


class Organization(Record, Dated, Cited):
    """An organization, a body of one, or a programme."""

    class Kind(models.TextChoices):
        INTERGOVERNMENTAL = "intergovernmental", _("Intergovernmental organization")
        GOVERNMENT = "government", _("Government body")
        BODY = "body", _("Body of an organization")
        RESEARCH = "research", _("Research or educational institution")
        FOUNDATION = "foundation", _("Foundation")
        ASSOCIATION = "association", _("Association or league")
        PROGRAMME = "programme", _("Programme")
        ARMED_GROUP = "armed-group", _("Armed group")
        OTHER = "other", _("Other")

    public_name = PublicName(
        "organizations",
        _("Organization"),
        _("Organizations"),
        ngettext_lazy("%(number)s organization", "%(number)s organizations", "count"),
    )
    parts = ("names", "identifiers", "members")
    folded_fields = ("name", "acronym")
    borne = ("name", "acronym")
    likeness = Likeness()

    name = models.CharField(max_length=300, help_text="The name that readers know it by, without “the”.")
    acronym = models.CharField(max_length=30, blank=True, help_text="Its usual short form: CSTO.")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.OTHER)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="bodies", help_text="The organization that this is a body of."
    )
    seat = models.CharField(max_length=200, blank=True, help_text="The place where it sits, as its documents name it.")
    country = models.ForeignKey(
        Country,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organizations",
        help_text="The country that it is of; empty for an international organization.",
    )
    summary = models.TextField(blank=True, help_text="What its documents say it is, in a sentence or two.")

    objects = OrganizationQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["name"]
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="people_organization_not_own_parent",
                condition=~Q(parent=F("pk")) | Q(parent=None),
                violation_error_message="An organization cannot be a body of itself.",
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        refuse_circle(self, "parent")

    @property
    def short_name(self):
        return self.acronym or self.name


def filed_name(name):
    """ "Valery Semerikov" as it is filed: "Semerikov, Valery". A single word stays as it is."""
    given, _, family = name.strip().rpartition(" ")
    return f"{family}, {given}" if given else family


class Person(Record, Cited):
    public_name = PublicName("people", _("Person"), _("People"), ngettext_lazy("%(number)s person", "%(number)s people", "count"))
    parts = ("names", "identifiers", "positions")
    folded_fields = ("name", "titles")
    filed_by = "sort_name"
    filed = staticmethod(filed_name)
    likeness = Likeness()

    name = models.CharField(max_length=200, help_text="The name that readers know the person by: Valery Semerikov.")
    sort_name = models.CharField(
        max_length=200, blank=True, help_text="The name as it is filed: Semerikov, Valery. Left empty, the last word comes first."
    )
    titles = models.CharField(max_length=200, blank=True, help_text="Degrees and honours: Doctor of Political Sciences, Professor.")
    summary = models.TextField(blank=True, help_text="Who the person is, in a sentence or two, as the documents say it.")

    objects = PersonQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["sort_name", "name"]
        verbose_name_plural = "people"

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        self.sort_name = self.sort_name or filed_name(self.name)

    def save(self, *args, **kwargs):
        self.sort_name = self.sort_name or filed_name(self.name)
        super().save(*args, **kwargs)


class CountryName(Name, Cited):
    owner = "country"

    country = models.ForeignKey(Country, models.CASCADE, related_name="names")

    class Meta(Name.Meta):
        constraints = [
            models.UniqueConstraint(
                name="people_countryname_unique",
                fields=["country", "name"],
                violation_error_message="The country already bears this name.",
            )
        ]


class OrganizationName(Name, Cited):
    owner = "organization"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="names")

    class Meta(Name.Meta):
        constraints = [
            models.UniqueConstraint(
                name="people_organizationname_unique",
                fields=["organization", "name"],
                violation_error_message="The organization already bears this name.",
            )
        ]


class PersonName(Name, Cited):
    owner = "person"

    person = models.ForeignKey(Person, models.CASCADE, related_name="names")

    class Meta(Name.Meta):
        constraints = [
            models.UniqueConstraint(
                name="people_personname_unique",
                fields=["person", "name"],
                violation_error_message="The person already bears this name.",
            )
        ]


class OrganizationIdentifier(Identifier):
    owner = "organization"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="identifiers")

    class Meta(Identifier.Meta):
        constraints = [
            models.UniqueConstraint(
                name="people_organizationidentifier_unique",
                fields=["organization", "scheme", "identifier"],
                violation_error_message="The organization already bears this identifier.",
            ),
            models.UniqueConstraint(
                name="people_organizationidentifier_slug_unique",
                fields=["organization", "slug"],
                violation_error_message="The organization has another identifier with this short name.",
            ),
        ]


class PersonIdentifier(Identifier):
    owner = "person"

    person = models.ForeignKey(Person, models.CASCADE, related_name="identifiers")

    class Meta(Identifier.Meta):
        constraints = [
            models.UniqueConstraint(
                name="people_personidentifier_unique",
                fields=["person", "scheme", "identifier"],
                violation_error_message="The person already bears this identifier.",
            ),
            models.UniqueConstraint(
                name="people_personidentifier_slug_unique",
                fields=["person", "slug"],
                violation_error_message="The person has another identifier with this short name.",
            ),
        ]


class Position(SluggedPart, Dated, Cited):
    """A post that a person held."""

    owner = "person"

    person = models.ForeignKey(Person, models.CASCADE, related_name="positions")
    title = models.CharField(max_length=300, help_text="The post, as the document names it: Deputy Secretary General.")
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="positions",
        help_text="Where the post is held.",
    )
    country = models.ForeignKey(
        Country,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="positions",
        verbose_name="on behalf of",
        help_text="The country that the post speaks for.",
    )

    objects = PositionQuerySet.as_manager()

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="people_position_slug_unique",
                fields=["person", "slug"],
                violation_error_message="The person has another position with this short name.",
            )
        ]

    def __str__(self):
        return f"{self.title}, {self.organization.short_name}" if self.organization else self.title


class Membership(SluggedPart, Dated, Cited):
    """A country or an organization in an organization. A presidency is a membership with the role of chair."""

    class Role(models.TextChoices):
        MEMBER = "member", _("Member")
        OBSERVER = "observer", _("Observer")
        CHAIR = "chair", _("Presidency")
        FOUNDER = "founder", _("Founder")

    owner = "organization"

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="members", help_text="The organization that has the member."
    )
    country = models.ForeignKey(
        Country, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="member country"
    )
    member = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="member organization"
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="people_membership_slug_unique",
                fields=["organization", "slug"],
                violation_error_message="The organization has another membership with this short name.",
            ),
            models.CheckConstraint(
                name="people_membership_one_member",
                condition=Q(country=None, member__isnull=False) | Q(country__isnull=False, member=None),
                violation_error_message="A membership is one country's or one organization's: choose exactly one.",
            ),
            models.CheckConstraint(
                name="people_membership_not_of_itself",
                condition=~Q(member=F("organization")) | Q(member=None),
                violation_error_message="An organization cannot be a member of itself.",
            ),
        ]

    def __str__(self):
        return " ".join(filter(None, [str(self.country or self.member or ""), self.get_role_display().lower(), self.date_words]))

    def in_words(self):
        """What the row says, in the language that is spoken now."""
        said = gettext("%(member)s: %(role)s, %(date)s") if self.date else gettext("%(member)s: %(role)s")
        member = called(self.country or self.member).text
        return said % {"member": member, "role": self.get_role_display().lower(), "date": self.date_words}

    @property
    def date_words(self):
        return self.date.words if self.date else ""
