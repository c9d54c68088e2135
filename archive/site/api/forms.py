"""The public form of a record: its plain form (`archive.core.plain`) with addresses, and without anything that is not published.

`public_rows(model)` loads the records, `public_form(model)` is the serializer that writes them; both walk the same fields, so
that what one shows the other has at hand. In a list, what is long and can be asked for by itself is left out (LONG).
"""

from functools import cache

from django.db import models
from django.db.models import Prefetch
from django.urls import reverse
from rest_framework import serializers

from archive.core.fields import PartialDateField
from archive.core.plain import plain_fields
from archive.sources.models import Document, Passage
from events.models import Event

LONG = {Event: ("statements",), Document: ("text",)}
HIDDEN = ("state",)  # it says "published"


def public_rows(model, whole=True):
    """The published rows of `model` with all that their public form shows, in as many queries whatever their number."""
    shown, left_out = public_fields(model), () if whole else LONG.get(model, ())
    unused = [field.name for field in model._meta.concrete_fields if field.name in ("folded", *left_out)]
    parts = [accessor for accessor in model.parts if accessor not in left_out]
    return (
        model.objects.published()
        .select_related(*[path for field in shown if field.many_to_one for path in joins(field)])
        .defer(*unused)
        .prefetch_related(
            *[Prefetch(field.name, named_rows(field.related_model)) for field in shown if field.many_to_many],
            *[Prefetch(accessor, public_rows(part_model(model, accessor))) for accessor in parts],
        )
    )


def joins(field):
    """What is loaded with a foreign key: a part is addressed on its owner's page."""
    owner = getattr(field.related_model, "owner", None)
    return [field.name, f"{field.name}__{owner}"] if owner else [field.name]


def named_rows(model):
    """The published rows of `model`, with what a reference to them shows."""
    if model is Passage:
        return Passage.objects.published().prefetch_related(Prefetch("document", Document.objects.defer("folded")))
    return model.objects.published().with_labels()


def public_fields(model):
    """The fields of `model` that its public form has; a record that is also a part (a statement) names its owner."""
    owner = [model._meta.get_field(model.owner)] if hasattr(model, "owner") and hasattr(model, "State") else []
    return [*owner, *(field for field in plain_fields(model) if field.name not in ("slug", *HIDDEN))]


def part_model(model, accessor):
    return model._meta.get_field(accessor).related_model


def is_public(record):
    """Whether the public may see what a foreign key leads to; a part is as public as its owner."""
    return record.is_published if hasattr(record, "State") else is_public(getattr(record, record.owner))


# The pieces of a form


class Permalink(serializers.URLField):
    """The absolute address of the page that shows the record or row."""

    def __init__(self, **kwargs):
        super().__init__(**{"source": "*", "read_only": True, "help_text": "The permanent address of its page.", **kwargs})

    def to_representation(self, record):
        return self.context["base"] + record.permalink


class FileLink(Permalink):
    """The absolute address of the file that a document came from."""

    def to_representation(self, document):
        return self.context["base"] + reverse("document-file", args=[document.slug]) if document.file else None


class Reference(serializers.Serializer):
    """Another record or row that is named: its slug, what it is called, and the address of its page."""

    slug = serializers.CharField(read_only=True, help_text="The last part of its address, or the row's short name.")
    label = serializers.CharField(read_only=True, source="__str__", help_text="What it is called, in a line.")
    url = Permalink()

    def get_attribute(self, record):
        target = super().get_attribute(record)
        return target if target is not None and is_public(target) else None


class PartialDate(serializers.Serializer):
    """A date as exact as its documents are."""

    edtf = serializers.CharField(read_only=True, help_text="EDTF (ISO 8601-2, levels 0 and 1): 2015, 2012-11, 2003~, 2021/..")
    earliest = serializers.DateField(
        read_only=True, allow_null=True, help_text="The first day that it may mean; null where it is open."
    )
    latest = serializers.DateField(
        read_only=True, allow_null=True, help_text="The last day that it may mean; null where it is open."
    )
    words = serializers.CharField(read_only=True, help_text="In plain English: November 2012, about 2003, since 2021.")

    def to_representation(self, date):
        first, last = date.years
        return {
            "edtf": date.edtf,
            "earliest": date.earliest.isoformat() if first else None,
            "latest": date.latest.isoformat() if last else None,
            "words": date.words,
        }


class Selector(serializers.Serializer):
    """Where a passage stands in its document: a W3C Web Annotation TextPositionSelector or TextQuoteSelector."""

    type = serializers.ChoiceField(["TextPositionSelector", "TextQuoteSelector"], read_only=True)
    start = serializers.IntegerField(
        required=False, help_text="Offset of the first character, from 0, in Unicode characters (position)."
    )
    end = serializers.IntegerField(required=False, help_text="Offset behind the last character (position).")
    exact = serializers.CharField(required=False, help_text="The words (quote).")
    prefix = serializers.CharField(required=False, help_text="The words before them (quote).")
    suffix = serializers.CharField(required=False, help_text="The words behind them (quote).")

    def to_representation(self, selector):
        return selector


class Evidence(serializers.Serializer):
    """A passage that a record or row rests on."""

    document = Reference(read_only=True)
    quote = serializers.CharField(read_only=True, source="exact", help_text="The document's words, verbatim.")
    url = Permalink(help_text="The passage's place on its document's page.")
    selectors = Selector(many=True, read_only=True, help_text="Its place in the document's text.")


class Supplied(serializers.DictField):
    """What the archive supplied, and why; nothing of a field whose value is not shown."""

    def to_representation(self, record):
        return {name: reason for name, reason in record.supplied.items() if not self.is_hidden(record, name)}

    def is_hidden(self, record, name):
        field = record._meta.get_field(name)
        target = getattr(record, name) if field.many_to_one else None
        return target is not None and not is_public(target)


# The forms


def public_form(model, whole=True):
    """The serializer class of `model`: of a record by itself, or of one in a list when it is not `whole`."""
    return form_without(model, () if whole else LONG.get(model, ()))


@cache
def form_without(model, left_out):
    has_slug = any(field.name == "slug" for field in model._meta.concrete_fields)
    fields = {"slug": text_field(model._meta.get_field("slug"))} if has_slug else {}
    fields |= {"url": Permalink()} | {field.name: form_field(field) for field in public_fields(model)}
    fields |= {accessor: public_form(part_model(model, accessor))(many=True, read_only=True) for accessor in model.parts}
    shown = {name: field for name, field in fields.items() if name not in left_out}
    name = f"{model.__name__}InList" if left_out else model.__name__
    return type(name, (serializers.Serializer,), {"__doc__": model.__doc__, "__module__": __name__, **shown})


def form_field(field):
    """The serializer field that shows a model's `field`; its help_text is the data dictionary's."""
    said = {"read_only": True, "help_text": field.help_text}
    if field.related_model is Passage:
        return Evidence(many=True, **said)
    if field.many_to_many:
        return Reference(many=True, **said)
    if field.many_to_one:
        return Reference(allow_null=field.null, **said)
    if isinstance(field, PartialDateField):
        return PartialDate(allow_null=True, **said)
    if isinstance(field, models.JSONField):
        return Supplied(source="*", child=serializers.CharField(), **said)
    if isinstance(field, models.FileField):
        return FileLink(allow_null=True, help_text=field.help_text)
    if isinstance(field, models.DateField):
        return serializers.DateField(allow_null=True, **said)
    if field.choices:
        return serializers.ChoiceField(field.choices, allow_blank=field.blank, **said)
    return text_field(field)


def text_field(field):
    return serializers.CharField(read_only=True, help_text=field.help_text)
