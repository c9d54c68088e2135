"""Events, who took part in them, what they discussed, and the statements that were made."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from archive.core.curation.likeness import Likeness
from archive.core.fields import DerivedTextField
from archive.core.naming import PublicName
from archive.core.records import Dated, Identifier, Name, Owned, Record, SluggedPart, refuse_circle
from archive.core.states import State
from archive.core.text import indexed
from archive.sources.models import Cited
from archive.sources.quotes import shorten
from events.querysets import EventQuerySet, ParticipationQuerySet, StatementQuerySet, TopicQuerySet
from people.models import Country, Organization, Person

PARTS = 100  # events of a series that its page and its linked data list


class Topic(Record, Cited):
    """A concept of the archive's thesaurus (SKOS): `name` is its preferred label."""

    public_name = PublicName("topics", _("Topic"), _("Topics"), ngettext_lazy("%(number)s topic", "%(number)s topics", "count"))
    parts = ("names",)
    folded_fields = ("name", "scope_note")
    likeness = Likeness()

    name = models.CharField("preferred label", max_length=200, help_text="What readers know the topic as: Soft power.")
    broader = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="narrower", help_text="The wider topic that this belongs under."
    )
    scope_note = models.TextField(blank=True, help_text="What belongs under the topic, and what does not.")

    objects = TopicQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["name"]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        refuse_circle(self, "broader")


class TopicName(Name, Cited):
    """Another label of a topic (SKOS altLabel; a misprint is a hiddenLabel)."""

    owner = "topic"

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="names")

    class Meta(Name.Meta):
        constraints = [
            models.UniqueConstraint(
                name="events_topicname_unique",
                fields=["topic", "name"],
                violation_error_message="The topic already bears this label.",
            )
        ]


class Event(Record, Dated, Cited):
    """Something that happened, or was to happen: a conference, a session, a launch, a series of them."""

    class Kind(models.TextChoices):
        CONFERENCE = "conference", _("Conference")
        MEETING = "meeting", _("Meeting")
        SESSION = "session", _("Session of a body")
        TRAINING = "training", _("School or training")
        SERIES = "series", _("Series or programme")
        LAUNCH = "launch", _("Launch or foundation")
        ADOPTION = "adoption", _("Adoption of a document")
        OTHER = "other", _("Other")

    class Standing(models.TextChoices):
        HELD = "held", _("Held")
        PLANNED = "planned", _("Planned")
        CANCELLED = "cancelled", _("Cancelled")

    class Format(models.TextChoices):
        IN_PERSON = "in-person", _("In person")
        ONLINE = "online", _("Online")
        HYBRID = "hybrid", _("In person and online")

    public_name = PublicName("events", _("Event"), _("Events"), ngettext_lazy("%(number)s event", "%(number)s events", "count"))
    parts = ("identifiers", "participations", "agenda", "statements")
    folded_fields = ("title", "place", "summary")
    likeness = Likeness(names=("title",), dated=True, place="place")

    title = models.CharField(max_length=500, help_text="The event's title, as its documents give it.")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.MEETING, db_index=True)
    standing = models.CharField(
        max_length=10,
        choices=Standing,
        default=Standing.HELD,
        db_index=True,
        help_text="As the documents tell it: what they call planned stays planned until a document says that it was held.",
    )
    format = models.CharField(max_length=10, choices=Format, blank=True, help_text="Empty when the documents do not say.")
    place = models.CharField(max_length=200, blank=True, help_text="City or building, as printed: Moscow, CSTO Secretariat.")
    host_country = models.ForeignKey(
        Country,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="hosted_events",
        help_text="The country on whose soil it took place.",
    )
    part_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        help_text="The series, or the larger event, that this belongs to.",
    )
    summary = models.TextField(blank=True, help_text="What happened, in two or three sentences, from the documents alone.")
    topics = models.ManyToManyField(Topic, blank=True, related_name="events")

    objects = EventQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["-date_earliest", "title"]
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="events_event_not_part_of_itself",
                condition=~Q(part_of=F("pk")) | Q(part_of=None),
                violation_error_message="An event cannot be part of itself.",
            ),
        ]

    def __str__(self):
        return self.title

    def clean(self):
        super().clean()
        refuse_circle(self, "part_of")

    @cached_property
    def public_parts(self):
        """The newest PARTS published events of this series, or of this event, as a list shows them; and how many there are."""
        parts = list(self.events.published().for_list()[: PARTS + 1])
        return parts[:PARTS], len(parts) if len(parts) <= PARTS else self.events.published().count()

    @classmethod
    def lacks(cls, plain):
        missing = [] if plain.get("date") else ["An event is published with its date: say when it was, as exactly as is known."]
        if not plain.get("passages"):
            missing.append("An event is published with its evidence: quote at least one passage.")
        said = [row for row in plain.get("statements", []) if row.get("state") == State.PUBLISHED]
        return missing + [f"“{shorten(row['text'], limit=60)}”: {sentence}" for row in said for sentence in Statement.lacks(row)]


class EventIdentifier(Identifier):
    owner = "event"

    event = models.ForeignKey(Event, models.CASCADE, related_name="identifiers")

    class Meta(Identifier.Meta):
        constraints = [
            models.UniqueConstraint(
                name="events_eventidentifier_unique",
                fields=["event", "scheme", "identifier"],
                violation_error_message="The event already bears this identifier.",
            ),
            models.UniqueConstraint(
                name="events_eventidentifier_slug_unique",
                fields=["event", "slug"],
                violation_error_message="The event has another identifier with this short name.",
            ),
        ]


class Participation(SluggedPart, Cited):
    """One row of a delegation list: who, of which organization, for which country, as what."""

    class Role(models.TextChoices):
        ORGANIZER = "organizer", _("Organizer")
        HOST = "host", _("Host")
        CHAIR = "chair", _("Chair")
        SPEAKER = "speaker", _("Speaker")
        PARTICIPANT = "participant", _("Participant")
        INVITED = "invited", _("Invited")
        MENTIONED = "mentioned", _("Spoken of")

        @property
        def heading(self):
            """What stands above the rows of several who had the role."""
            return Participation.HEADINGS[self]

    WHO = {"person": Person, "organization": Organization, "country": Country}  # whom a row may name
    ABSENT = (Role.INVITED, Role.MENTIONED)  # roles that do not say that anybody was there
    HEADINGS = {
        Role.ORGANIZER: _("Organizers"),
        Role.HOST: _("Hosts"),
        Role.CHAIR: _("Chairs"),
        Role.SPEAKER: _("Speakers"),
        Role.PARTICIPANT: _("Participants"),
        Role.INVITED: pgettext_lazy("several", "Invited"),
        Role.MENTIONED: pgettext_lazy("several", "Spoken of"),
    }

    owner = "event"

    event = models.ForeignKey(Event, models.CASCADE, related_name="participations")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="participations")
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="participations", help_text="Of which organization."
    )
    country = models.ForeignKey(
        Country, models.PROTECT, null=True, blank=True, related_name="participations", help_text="For which country."
    )
    role = models.CharField(max_length=12, choices=Role, default=Role.PARTICIPANT)
    capacity = models.CharField(
        max_length=500, blank=True, help_text="As printed: “Deputy Director of the Center…”, “young scientists”."
    )
    printed = models.CharField(
        "name as printed",
        max_length=300,
        blank=True,
        help_text="How the document writes the name, where that differs from the record that it was resolved to.",
    )
    talk = models.CharField(max_length=500, blank=True, help_text="The title of the talk or report that was given.")

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="events_participation_slug_unique",
                fields=["event", "slug"],
                violation_error_message="The event has another participant with this short name.",
            ),
            models.CheckConstraint(
                name="events_participation_names_somebody",
                condition=Q(person__isnull=False) | Q(organization__isnull=False) | Q(country__isnull=False),
                violation_error_message="Say who took part: a person, an organization or a country.",
            ),
        ]

    def __str__(self):
        return str(self.who)

    @property
    def who(self):
        """The record that the row is first of all about: the person, else the organization, else the country."""
        return next(filter(None, (getattr(self, field) for field in self.WHO)), None)


class AgendaItem(SluggedPart, Cited):
    """One of the questions that an event discussed."""

    owner = "event"

    event = models.ForeignKey(Event, models.CASCADE, related_name="agenda")
    text = models.TextField(help_text="The question, as the document words it.")
    folded = DerivedTextField(derive="fold_text")

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="events_agendaitem_slug_unique",
                fields=["event", "slug"],
                violation_error_message="The event has another agenda item with this short name.",
            )
        ]

    def __str__(self):
        return shorten(self.text, limit=60)

    def fold_text(self):
        return indexed([self.text])


class Statement(Record, Owned, Cited):
    """What was said at an event: by named speakers, or by whom the document only describes ("the experts")."""

    class Kind(models.TextChoices):
        QUOTED = "quoted", _("Quoted")
        REPORTED = "reported", _("Reported")

    public_name = PublicName(
        "statements", _("Statement"), _("Statements"), ngettext_lazy("%(number)s statement", "%(number)s statements", "count")
    )
    owner = "event"
    mergeable = False  # two statements are two, word for word the same though they be
    folded_fields = ("text", "attribution")

    event = models.ForeignKey(Event, models.CASCADE, related_name="statements")
    text = models.TextField(help_text="What was said: the speaker's words, or the document's report of them.")
    kind = models.CharField(
        max_length=10,
        choices=Kind,
        default=Kind.REPORTED,
        help_text="Quoted: the document gives the speaker's words. Reported: it tells what was said.",
    )
    speakers = models.ManyToManyField(
        Participation, blank=True, related_name="statements", help_text="Everybody who made it, from the event's participants."
    )
    attribution = models.CharField(
        max_length=300, blank=True, help_text="Whom the document says it is by, as printed: “the experts”, “it was stressed”."
    )
    agenda_item = models.ForeignKey(
        AgendaItem, models.SET_NULL, null=True, blank=True, related_name="statements", help_text="The question that it answers."
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="statements")

    objects = StatementQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["event", "order", "pk"]

    def __str__(self):
        return shorten(self.text)

    def clean(self):
        super().clean()
        if self.agenda_item and self.agenda_item.event_id != self.event_id:
            raise ValidationError({"agenda_item": "This is a question of another event."})

    @classmethod
    def lacks(cls, plain):
        missing = [] if plain.get("passages") else ["A statement is published with its evidence: quote the passage that has it."]
        if not (plain.get("speakers") or plain.get("attribution")):
            missing.append("A statement is published with its speaker, or with whom the document says it is by (attribution).")
        return missing

    @property
    def attributed_because(self):
        """Why the archive names these speakers, or nobody, where the document leaves it to the context; else ""."""
        return self.supplied.get("speakers") or self.supplied.get("attribution") or ""

    @property
    def tombstone(self):
        # Its own words are what was withdrawn.
        if not self.event.has_public_address:
            return gettext("Statement")
        return gettext("Statement made at “%(event)s”") % {"event": self.event}
