"""Documents, the passages that facts rest on, and the base of everything that cites them."""

import hashlib
import re

from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from archive.core.fields import DerivedCharField
from archive.core.naming import PublicName
from archive.core.plain import plain_fields
from archive.core.records import Dated, Ledgered, Record
from archive.sources.labels import label_of
from archive.sources.querysets import AROUND, DocumentQuerySet, PassageQuerySet, citing
from archive.sources.quotes import QuoteError, find_quote, occurrence_of, shorten

EVIDENCE = ("passages", "supplied")  # what says on what ground a record states its other fields
CONTEXT = 40  # characters of prefix and suffix in a TextQuoteSelector


class Document(Record, Dated):
    """A source text, kept verbatim: a press release, a report, a speech."""

    public_name = PublicName(
        "documents", _("Document"), _("Documents"), ngettext_lazy("%(number)s document", "%(number)s documents", "count")
    )
    folded_fields = ("title", "publisher", "text")
    mergeable = False  # the passages of one text stand nowhere in another

    title = models.CharField(max_length=500, help_text="The document's own heading, or [in brackets] one given by the archive.")
    publisher = models.CharField(
        max_length=300, blank=True, help_text="Who issued it, as printed. Empty when the document does not say."
    )
    language = models.CharField(max_length=35, default="en", help_text="BCP 47 tag of the language it is written in: en, ru, tg.")
    url = models.URLField("URL", max_length=1000, blank=True, help_text="Where it was published, if it is known.")
    retrieved = models.DateField(null=True, blank=True, help_text="The day it was copied from there.")
    rights = models.TextField(blank=True, help_text="Its licence, or on what ground it is shown here.")
    note = models.TextField(blank=True, help_text="What a reader should know of it that it does not say itself.")
    text = models.TextField(
        help_text="The whole text, verbatim, mistakes included. Records point into it: an edit that moves or changes a passage "
        "is refused."
    )
    sha256 = DerivedCharField("SHA-256", derive="hash_text", max_length=64)
    file = models.FileField(
        upload_to="documents/",
        blank=True,
        validators=[FileExtensionValidator(["pdf", "txt", "docx", "odt", "rtf"])],
        help_text="The file that the text was taken from: PDF, TXT, DOCX, ODT or RTF.",
    )

    objects = DocumentQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["-date_earliest", "title"]

    def __str__(self):
        return self.title

    def hash_text(self):
        return hashlib.sha256(self.text.encode()).hexdigest()

    def clean(self):
        super().clean()
        self.text = plain_newlines(self.text)
        self.refuse_broken_passages()

    @transaction.atomic
    def save(self, *args, **kwargs):
        self.refuse_broken_passages()
        for passage in self.broken_passages():
            passage.delete()  # nothing rests on it, or the edit would have been refused
        super().save(*args, **kwargs)

    def broken_passages(self):
        """The passages whose words the text no longer has in their place."""
        if self._state.adding or "text" in self.get_deferred_fields():
            return []
        return [passage for passage in self.passages.all() if self.text[passage.start : passage.end] != passage.exact]

    def refuse_broken_passages(self):
        """Raises ValidationError, naming each one, when the text would move or change a passage that a record rests on."""
        if not (broken := self.broken_passages()):
            return
        cited = set(self.passages.cited().values_list("pk", flat=True))
        if lost := [broken_passage(passage) for passage in broken if passage.pk in cited]:
            raise ValidationError({"text": ["This edit would break passages that records rest on.", *lost]})


def broken_passage(passage):
    return f"Characters {passage.start}–{passage.end}: “{shorten(passage.exact)}”"


def plain_newlines(text):
    r"""`text` with \n line ends: a browser posts \r\n, and every offset would be off by a line."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Passage(Ledgered):
    """The words of a document that a fact rests on (the target of a W3C Web Annotation)."""

    by_value = True  # in the plain form a passage is its quote, not a reference

    document = models.ForeignKey(Document, models.PROTECT, related_name="passages")
    start = models.PositiveIntegerField(help_text="Offset of the first character, counted from 0 in Unicode characters.")
    end = models.PositiveIntegerField(help_text="Offset behind the last character.")
    exact = models.TextField("quote", help_text="The document's words from start to end, verbatim.")

    objects = PassageQuerySet.as_manager()

    class Meta:
        ordering = ["document", "start", "end"]
        constraints = [
            models.CheckConstraint(
                name="sources_passage_not_empty",
                condition=Q(end__gt=F("start")),
                violation_error_message="A passage has at least one character.",
            ),
            models.UniqueConstraint(
                name="sources_passage_unique",
                fields=["document", "start", "end"],
                violation_error_message="This passage is already marked in the document.",
            ),
        ]

    def __str__(self):
        return f"“{shorten(self.exact)}”"

    @classmethod
    def find(cls, document, quote, occurrence=None):
        """The passage of `document` that `quote` means, saved or not; raises QuoteError when it means none or several."""
        start, end = find_quote(document.text, quote, occurrence)
        return cls(document=document, start=start, end=end, exact=document.text[start:end])

    @classmethod
    def keep(cls, passage):
        """The saved passage at the place of `passage`, an unsaved one."""
        place = {"document": passage.document, "start": passage.start, "end": passage.end}
        return cls.objects.get_or_create(**place, defaults={"exact": passage.exact})[0]

    def natural_key(self):
        return (*self.document.natural_key(), self.start, self.end)

    natural_key.dependencies = ["sources.document"]

    def holders(self):
        """Every record and part that rests on the passage, published or not."""
        return [row for relation in citing(Passage) for row in getattr(self, relation.get_accessor_name()).with_labels()]

    def clean(self):
        if self.document_id and self.document.text[self.start or 0 : self.end or 0] != self.exact:
            raise ValidationError({"exact": f"This is not what the document has there. {self.what_is_there()}"})

    def what_is_there(self):
        try:
            start, end = find_quote(self.document.text, self.exact)
        except QuoteError as error:
            return str(error)
        return f"The quote stands at characters {start}–{end}."

    def save(self, *args, **kwargs):
        self.clean()
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return f"{self.document.get_absolute_url()}#{self.anchor}"

    @property
    def permalink(self):
        return f"{self.document.permalink}#{self.anchor}"

    @property
    def anchor(self):
        """The passage's fragment in its document's page, after RFC 5147's character ranges."""
        return f"char={self.start},{self.end}"

    def selectors(self):
        """The W3C Web Annotation selectors of the passage: TextPositionSelector and TextQuoteSelector."""
        text = self.document.text
        return [
            {"type": "TextPositionSelector", "start": self.start, "end": self.end},
            {
                "type": "TextQuoteSelector",
                "exact": self.exact,
                "prefix": text[max(0, self.start - CONTEXT) : self.start],
                "suffix": text[self.end : self.end + CONTEXT],
            },
        ]

    @property
    def paragraph(self):
        """(offset, text, is_cut_before, is_cut_behind) of the paragraphs that the passage is in, as far as `with_document()` has
        read them: a longer one is cut between two words."""
        before, behind = self.before.rpartition("\n")[2], self.behind.partition("\n")[0]
        is_cut_before, is_cut_behind = len(before) == AROUND < self.start, len(behind) == AROUND
        before = before.partition(" ")[2] or before if is_cut_before else before
        behind = behind.rpartition(" ")[0] or behind if is_cut_behind else behind
        return self.start - len(before), before + self.exact + behind, is_cut_before, is_cut_behind

    @classmethod
    def from_plain(cls, plain, lookup):
        """The passage that `plain` means, unsaved; `lookup(Document, slug)` finds its document.

        Raises ValueError, with a sentence that says what is wrong with it.
        """
        if not isinstance(plain, dict) or not isinstance(plain.get("quote"), str):
            raise ValueError(f"A passage is a document and a quote, not {plain!r:.60}.")
        if unknown := set(plain) - {"document", "quote", "occurrence"}:
            raise ValueError(f"A passage has a document, a quote and an occurrence, no “{min(unknown)}”.")
        occurrence = plain.get("occurrence")
        if occurrence is not None and not re.fullmatch(r"[1-9][0-9]{0,5}", str(occurrence)):
            raise ValueError(f"The occurrence is a number from 1, not {occurrence!r:.60}.")
        slug = plain.get("document")
        document = lookup(Document, slug) if isinstance(slug, str) else None
        if document is None:
            raise ValueError(f"There is no document {slug!r:.60}.")
        return cls.find(document, plain["quote"], occurrence and int(occurrence))

    def to_plain(self):
        """The passage in the plain form: its document's slug, its quote, and which occurrence where the quote has several."""
        plain = {"document": self.document.slug, "quote": self.exact}
        occurrence = occurrence_of(self.document.text, self.start, self.end)
        return plain | ({"occurrence": occurrence} if occurrence else {})

    @staticmethod
    def plain_in_words(plain, name):
        """A passage in the plain form as a reader would say it; `name(Document, slug)` is what its document is called."""
        which = f" ({plain['occurrence']})" if plain.get("occurrence") else ""
        return f"“{shorten(plain.get('quote', ''), limit=300)}”{which}, {name(Document, plain.get('document', ''))}"


class Cited(models.Model):
    """The base of all that rests on passages."""

    passages = models.ManyToManyField(
        Passage, blank=True, help_text="The document's own words that say so. A record without any is the archive's own knowledge."
    )
    supplied = models.JSONField(
        "supplied by the archive",
        default=dict,
        blank=True,
        help_text="What this record says that its documents do not, a line for each field: “host_country: Moscow is in Russia; the "
        "text names only the city.” Readers see such values in [brackets], with the reason.",
    )

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        self.check_supplied()

    @classmethod
    def suppliable(cls):
        """{name: field} of what `supplied` may speak of: all but the evidence itself."""
        owner = getattr(cls, "owner", None)
        fields = [*([cls._meta.get_field(owner)] if owner else []), *plain_fields(cls)]
        return {field.name: field for field in fields if field.name not in EVIDENCE}

    def check_supplied(self):
        """Raises ValidationError unless `supplied` maps names of the record's own fields to reasons."""
        if not isinstance(self.supplied, dict):
            raise ValidationError({"supplied": "Write a line for each field: the field's name, a colon, and the reason."})
        names = self.suppliable()
        for name, reason in self.supplied.items():
            if name not in names:
                raise ValidationError({"supplied": f"“{name}” is no field of this record. It has {', '.join(names)}."})
            if not (isinstance(reason, str) and reason.strip() and "\x00" not in reason):
                raise ValidationError({"supplied": f"Say why “{name}” was supplied."})

    def supplied_notes(self):
        """(label, reason) for each supplied field, in the record's own order, for readers."""
        return [(label_of(field), self.supplied[name]) for name, field in self.suppliable().items() if name in self.supplied]
