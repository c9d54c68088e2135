"""What lists of events, statements and topics can be filtered by."""

from django.utils.translation import gettext_lazy as _

from archive.core.facets import Facet, Years
from archive.core.filters import ChoiceFilter, ChoicesFilter, RecordsFilter, SortFilter, WordsFilter, YearsFilter
from archive.core.filtersets import RecordFilterSet
from archive.sources.filters import documents
from events.models import AgendaItem, Event, Participation, Statement, Topic
from people.filters import countries, organizations, people
from people.models import Country, Organization, Person

ROLES = [
    ("either", _("Hosting or taking part")),
    ("host", _("Hosting")),
    ("participant", _("Taking part")),
    ("mentioned", _("Spoken of")),
]
INVOLVED = {
    "either": _("{} hosting or taking part"),
    "host": _("hosted by {}"),
    "participant": _("{} taking part"),
    "mentioned": _("speaking of {}"),
}


def topics(request):
    return Topic.objects.published()


def events(request):
    return Event.objects.published()


def involved(names, data):
    return INVOLVED[data.get("role") or "either"].format(names)


TAKING_PART = [role for role in Participation.Role if role not in Participation.ABSENT]
DOCUMENTS = ("passages__document", "participations__passages__document", "statements__passages__document")


class EventFilter(RecordFilterSet):
    q = WordsFilter(
        names={"person": Person, "organization": Organization, "country.either": Country, "country.mentioned": Country},
        beside=[AgendaItem],
    )
    year = YearsFilter(label=_("Year"))
    country = RecordsFilter(
        queryset=countries,
        label=_("Country"),
        phrase=involved,
        varied_by="role",
        facet={
            "either": Facet("host_country", "participations__country", only={"participations__role": TAKING_PART}),
            "host": Facet("host_country"),
            "participant": Facet("participations__country", only={"participations__role": TAKING_PART}),
            "mentioned": Facet("participations__country", only={"participations__role": [Participation.Role.MENTIONED]}),
        },
    )
    role = ChoiceFilter(
        choices=ROLES,
        label=_("The country’s part"),
        empty_label=None,
        default="either",
        method="with_country",
        phrase=lambda name, data: "",
    )
    kind = ChoicesFilter(choices=Event.Kind, label=_("Kind"), facet=Facet("kind"), phrase=lambda names, data: names.lower())
    standing = ChoicesFilter(
        choices=Event.Standing, label=_("Held or planned"), facet=Facet("standing"), phrase=lambda names, data: names.lower()
    )
    format = ChoicesFilter(choices=Event.Format, label=_("Format"), facet=Facet("format"), phrase=lambda names, data: names.lower())
    person = RecordsFilter(queryset=people, label=_("Person"), facet=Facet("participations__person"), phrase=_("with {}"))
    organization = RecordsFilter(
        queryset=organizations, label=_("Organization"), facet=Facet("participations__organization"), phrase=_("with {}")
    )
    topic = RecordsFilter(queryset=topics, label=_("Topic"), facet=Facet("topics"), phrase=_("on {}"))
    document = RecordsFilter(queryset=documents, label=_("Document"), facet=Facet(*DOCUMENTS), phrase=_("resting on “{}”"))
    sort = SortFilter(
        {
            "-date": (_("Newest first"), ["-date_earliest", "-date_latest", "-pk"]),
            "date": (_("Oldest first"), ["date_earliest", "date_latest", "pk"]),
            "title": (_("By title"), ["title", "pk"]),
        }
    )

    class Meta:
        model = Event
        fields = []

    def with_country(self, queryset, name, role):
        return queryset  # says how `country` is meant, nothing by itself


class StatementFilter(RecordFilterSet):
    q = WordsFilter(names={"person": Person, "organization": Organization, "country": Country})
    year = YearsFilter(label=_("Year"), facet=Years("event"))
    person = RecordsFilter(queryset=people, label=_("Speaker"), facet=Facet("speakers__person"), phrase=_("by {}"))
    country = RecordsFilter(queryset=countries, label=_("For country"), facet=Facet("speakers__country"), phrase=_("made for {}"))
    organization = RecordsFilter(
        queryset=organizations, label=_("For organization"), facet=Facet("speakers__organization"), phrase=_("made for {}")
    )
    topic = RecordsFilter(queryset=topics, label=_("Topic"), facet=Facet("topics"), phrase=_("on {}"))
    kind = ChoicesFilter(choices=Statement.Kind, label=_("Kind"), facet=Facet("kind"), phrase=lambda names, data: names.lower())
    event = RecordsFilter(queryset=events, label=_("Event"), facet=Facet("event"), phrase=_("made at {}"))
    sort = SortFilter(
        {
            "-date": (_("Newest first"), ["-event__date_earliest", "event", "order", "pk"]),
            "date": (_("Oldest first"), ["event__date_earliest", "event", "order", "pk"]),
        }
    )

    class Meta:
        model = Statement
        fields = []


class TopicFilter(RecordFilterSet):
    q = WordsFilter(label=_("Name"))
    broader = RecordsFilter(queryset=topics, label=_("Under"), facet=Facet("broader"), phrase=_("under {}"))
    sort = SortFilter({"name": (_("A to Z"), ["name", "pk"]), "-name": (_("Z to A"), ["-name", "-pk"])})

    class Meta:
        model = Topic
        fields = []
