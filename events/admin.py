"""The admin of events, statements and topics."""

import re

from django import forms
from django.contrib import admin

from archive.core.admin import Counted, IdentifiersInline, KeysField, count_of
from archive.core.curation.desk import Gap
from archive.core.curation.steps import Refused
from archive.sources.admin import CitedAdmin, CitedInline
from archive.sources.forms import CitedForm
from archive.sources.models import EVIDENCE
from events.models import AgendaItem, Event, EventIdentifier, Participation, Statement, Topic, TopicName
from people.admin import NamedAdmin, NamesInline

NEW_ROW = re.compile(r"new-[0-9]{1,4}")  # a participant whom the same form adds, in a statement's speakers


class TopicNames(NamesInline):
    model = TopicName
    verbose_name, verbose_name_plural = "other label", "other labels"


@admin.register(Topic)
class TopicAdmin(NamedAdmin):
    list_display = ["name", "broader", "narrower_count", "state"]
    list_filter = ["state", ("broader", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["broader"]
    batch_fields = ["broader"]
    autocomplete_fields = ["broader"]
    fields = ["name", "slug", "state", "broader", "scope_note", *EVIDENCE]
    inlines = [TopicNames]
    narrower_count = count_of("narrower")


class EventIdentifiers(IdentifiersInline):
    model = EventIdentifier


class Participations(CitedInline):
    model = Participation
    verbose_name, verbose_name_plural = "participant", "participants"
    autocomplete_fields = ["person", "organization", "country"]
    fields = [("person", "organization", "country"), ("role", "capacity", "printed"), "talk", ("order", "slug"), *EVIDENCE]


class Agenda(CitedInline):
    model = AgendaItem
    verbose_name, verbose_name_plural = "agenda item", "agenda"
    fields = ["text", ("order", "slug"), *EVIDENCE]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "text":
            field.widget.attrs["rows"] = 2
        return field


class SpeakersWidget(forms.CheckboxSelectMultiple):
    """A box for each participant of the event, and for each new row of participants that is chosen (its label comes by script)."""

    class Media:
        js = ["annals/speakers.js"]

    def optgroups(self, name, value, attrs=None):
        groups, rows = super().optgroups(name, value, attrs), [row for row in value if NEW_ROW.fullmatch(row)]
        boxes = [
            self.create_option(name, row, f"New participant {int(row[4:]) + 1}", True, len(groups) + place, attrs=attrs)
            for place, row in enumerate(rows)
        ]
        return groups + [(None, [box], len(groups) + place) for place, box in enumerate(boxes)]


class SpeakersField(KeysField):
    """Participants by primary key, and as `rows` those that the same form adds, by the number of their row: "new-3"."""

    widget = SpeakersWidget
    rows = ()

    def clean(self, value):
        self.rows = [one for one in value or [] if NEW_ROW.fullmatch(str(one))]
        return super().clean([one for one in value or [] if one not in self.rows])


class StatementForm(CitedForm):
    """A statement, whose speakers and question are those of its event."""

    def clean(self):
        data = super().clean()
        event = data.get("event") or getattr(self.instance, "event", None)
        for speaker in data.get("speakers") or []:
            if event and speaker.event_id != event.pk:
                self.add_error("speakers", f"“{speaker}” is a participant of another event.")
        return data


class OfOneEvent:
    """Offers the participants and questions of one event as a statement's speakers and question, loaded once for all rows."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "agenda_item":
            self.offer(field, AgendaItem.objects.filter(event=self.event_of(request)), empty=[("", "---------")])
        return field

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "speakers":
            kwargs |= {"form_class": SpeakersField, "widget": SpeakersWidget}
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "speakers":
            self.offer(field, Participation.objects.filter(event=self.event_of(request)).with_names(), empty=[])
            field.help_text = "Everybody who made it, from the event's participants."
        return field

    def offer(self, field, rows, empty):
        field.queryset = rows
        field.choices = [*empty, *((row.pk, str(row)) for row in rows)]

    def event_of(self, request):
        """The primary key of the event that the form is about, None on a form that has none yet."""
        return request.resolver_match.kwargs.get("object_id")


class Statements(OfOneEvent, CitedInline):
    model = Statement
    form = StatementForm
    show_change_link = True
    autocomplete_fields = ["topics"]
    prepopulated_fields = {"slug": ["text"]}
    readonly_fields = ["state"]  # it follows the event's steps, or takes its own
    fields = ["text", ("kind", "state", "slug", "order"), "speakers", ("attribution", "agenda_item"), "topics", *EVIDENCE]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "text":
            field.widget.attrs["rows"] = 3
        return field


@admin.register(Event)
class EventAdmin(Counted, CitedAdmin):
    list_display = [
        "title",
        "date_words",
        "kind",
        "standing",
        "place",
        "host_country",
        "participation_count",
        "statement_count",
        "state",
    ]
    list_filter = ["state", "kind", "standing", "format", ("host_country", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["host_country"]
    batch_fields = ["kind", "standing", "format", "host_country", "part_of", "topics"]
    date_hierarchy = "date_earliest"
    autocomplete_fields = ["host_country", "part_of", "topics"]
    fieldsets = [
        (None, {"fields": ["title", "slug", ("state", "kind", "standing")]}),
        ("When and where", {"fields": ["date", ("place", "host_country", "format")]}),
        ("What", {"fields": ["summary", "topics", "part_of"]}),
        ("Evidence", {"fields": EVIDENCE}),
    ]
    gaps = [Gap("no-place", "without a place", lambda events: events.filter(place="", host_country=None))]
    inlines = [Participations, Agenda, Statements, EventIdentifiers]
    participation_count = count_of("participations")
    statement_count = count_of("statements")

    def save_formset(self, request, form, formset, change):
        if formset.model is Statement:
            forget_deleted(formset.forms)
            choose_new(formset.forms, request.new_participants)
        super().save_formset(request, form, formset, change)
        if formset.model is Participation:
            rows = {f"new-{number}": row.instance for number, row in enumerate(formset.forms)}
            request.new_participants = {name: row for name, row in rows.items() if row in formset.new_objects}


def choose_new(statement_forms, participants):
    """Adds to statements' speakers those `participants` that the same page has just made; raises Refused where one is not there."""
    for form in statement_forms:
        rows = form.fields["speakers"].rows if form.cleaned_data and not form.cleaned_data.get("DELETE") else []
        if missing := [row for row in rows if row not in participants]:
            raise Refused([f"A speaker is a new participant that is not there: row {int(missing[0][4:]) + 1}. Choose anew."])
        if rows:
            form.cleaned_data["speakers"] = [*form.cleaned_data["speakers"], *(participants[row] for row in rows)]


def forget_deleted(statement_forms):
    """Takes out of statements' forms the participants and questions that the same page has just deleted."""
    for form in statement_forms:
        if "speakers" in form.cleaned_data:
            form.cleaned_data["speakers"] = form.cleaned_data["speakers"].all()  # asks anew
        question = form.instance.agenda_item
        if question and not AgendaItem.objects.filter(pk=question.pk).exists():
            form.instance.agenda_item = None


@admin.register(Statement)
class StatementAdmin(OfOneEvent, CitedAdmin):
    form = StatementForm
    list_display = ["shortened", "event", "kind", "speaker_names", "attribution", "state"]
    list_filter = ["state", "kind", ("topics", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["event"]
    batch_fields = ["kind", "topics"]
    date_hierarchy = "event__date_earliest"
    search_fields = ["folded", "event__folded"]
    autocomplete_fields = ["event", "topics"]
    gaps = [Gap("no-evidence", "without evidence", lambda statements: statements.filter(passages=None))]
    address_from = "text"
    fieldsets = [
        (None, {"fields": ["event", "text", "slug", ("state", "kind", "order")]}),
        ("Who said it", {"fields": ["speakers", "attribution"]}),
        ("What about", {"fields": ["agenda_item", "topics"]}),
        ("Evidence", {"fields": EVIDENCE}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("speakers__person", "speakers__organization", "speakers__country")

    def get_readonly_fields(self, request, obj=None):
        # It stays in its event, whose form has the order of all its statements.
        return [*super().get_readonly_fields(request, obj), *(["event", "order"] if obj else [])]

    def event_of(self, request):
        if chosen := request.POST.get("event") or request.GET.get("event"):
            return chosen if chosen.isdecimal() and len(chosen) < 19 else None
        statement = request.resolver_match.kwargs.get("object_id")
        return Statement.objects.filter(pk=statement).values_list("event", flat=True).first() if statement else None

    @admin.display(description="statement", ordering="text")
    def shortened(self, obj):
        return str(obj)

    @admin.display(description="speakers")
    def speaker_names(self, obj):
        return ", ".join(str(speaker) for speaker in obj.speakers.all())
