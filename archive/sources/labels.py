"""What readers call the fields and the kinds of records: a verbose_name is the curators' word, and not translated."""

from django.utils.translation import pgettext_lazy

KINDS = {
    "agenda item": pgettext_lazy("kind", "agenda item"),
    "country": pgettext_lazy("kind", "country"),
    "country name": pgettext_lazy("kind", "country name"),
    "document": pgettext_lazy("kind", "document"),
    "event": pgettext_lazy("kind", "event"),
    "membership": pgettext_lazy("kind", "membership"),
    "organization": pgettext_lazy("kind", "organization"),
    "organization name": pgettext_lazy("kind", "organization name"),
    "participation": pgettext_lazy("kind", "participation"),
    "person": pgettext_lazy("kind", "person"),
    "person name": pgettext_lazy("kind", "person name"),
    "position": pgettext_lazy("kind", "position"),
    "statement": pgettext_lazy("kind", "statement"),
    "topic": pgettext_lazy("kind", "topic"),
    "topic name": pgettext_lazy("kind", "topic name"),
}
LABELS = {
    "acronym": pgettext_lazy("field", "acronym"),
    "address": pgettext_lazy("field", "address"),
    "agenda item": pgettext_lazy("field", "agenda item"),
    "attribution": pgettext_lazy("field", "attribution"),
    "broader": pgettext_lazy("field", "broader"),
    "capacity": pgettext_lazy("field", "capacity"),
    "code": pgettext_lazy("field", "code"),
    "country": pgettext_lazy("field", "country"),
    "date": pgettext_lazy("field", "date"),
    "event": pgettext_lazy("field", "event"),
    "format": pgettext_lazy("field", "format"),
    "host country": pgettext_lazy("field", "host country"),
    "kind": pgettext_lazy("field", "kind"),
    "language": pgettext_lazy("field", "language"),
    "member country": pgettext_lazy("field", "member country"),
    "member organization": pgettext_lazy("field", "member organization"),
    "name": pgettext_lazy("field", "name"),
    "name as printed": pgettext_lazy("field", "name as printed"),
    "on behalf of": pgettext_lazy("field", "on behalf of"),
    "organization": pgettext_lazy("field", "organization"),
    "parent": pgettext_lazy("field", "parent"),
    "part of": pgettext_lazy("field", "part of"),
    "person": pgettext_lazy("field", "person"),
    "place": pgettext_lazy("field", "place"),
    "preferred label": pgettext_lazy("field", "preferred label"),
    "role": pgettext_lazy("field", "role"),
    "scope note": pgettext_lazy("field", "scope note"),
    "script": pgettext_lazy("field", "script"),
    "seat": pgettext_lazy("field", "seat"),
    "short name": pgettext_lazy("field", "short name"),
    "sort name": pgettext_lazy("field", "sort name"),
    "speakers": pgettext_lazy("field", "speakers"),
    "standing": pgettext_lazy("field", "standing"),
    "state": pgettext_lazy("field", "state"),
    "summary": pgettext_lazy("field", "summary"),
    "talk": pgettext_lazy("field", "talk"),
    "text": pgettext_lazy("field", "text"),
    "title": pgettext_lazy("field", "title"),
    "titles": pgettext_lazy("field", "titles"),
    "topic": pgettext_lazy("field", "topic"),
    "topics": pgettext_lazy("field", "topics"),
}


def label_of(field):
    """What readers call a model's `field`, in the language that is spoken now: "Host country"."""
    name = str(field.verbose_name)
    return str(LABELS.get(name, name)).capitalize()


def kind_of(record):
    """What readers call records and parts of the kind of `record`, in the language that is spoken now: "agenda item"."""
    name = record._meta.verbose_name
    return str(KINDS.get(name, name))
