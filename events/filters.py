"""What lists of events, statements and topics can be filtered by."""

from archive.core.facets import Facet, Years
from archive.core.filters import ChoiceFilter, ChoicesFilter, RecordsFilter, SortFilter, WordsFilter, YearsFilter
from archive.core.filtersets import RecordFilterSet
from archive.sources.filters import documents
from events.models import AgendaItem, Event, Participation, Statement, Topic
from people.filters import countries, organizations, people
from people.models import Country, Organization, Person

ROLES = [
    ("either", "Hosting or taking part"),
    ("host", "Hosting"),
    ("participant", "Taking part"),
    ("mentioned", "Spoken of"),
]
INVOLVED = {
    "either": "{} hosting or taking part",
    "host": "hosted by {}",
    "participant": "{} taking part",
    "mentioned": "speaking of {}",
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
    year = YearsFilter(label="Year")
    country = RecordsFilter(
        queryset=countries,
        label="Country",
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
        label="The country’s part",
        empty_label=None,
        default="either",
        method="with_country",
        phrase=lambda name, data: "",
    )
    kind = ChoicesFilter(choices=Event.Kind, label="Kind", facet=Facet("kind"), phrase=lambda names, data: names.lower())
    standing = ChoicesFilter(
        choices=Event.Standing, label="Held or planned", facet=Facet("standing"), phrase=lambda names, data: names.lower()
    )
    format = ChoicesFilter(choices=Event.Format, label="Format", facet=Facet("format"), phrase=lambda names, data: names.lower())
    person = RecordsFilter(queryset=people, label="Person", facet=Facet("participations__person"), phrase="with {}")
    organization = RecordsFilter(
        queryset=organizations, label="Organization", facet=Facet("participations__organization"), phrase="with {}"
    )
    topic = RecordsFilter(queryset=topics, label="Topic", facet=Facet("topics"), phrase="on {}")
    document = RecordsFilter(queryset=documents, label="Document", facet=Facet(*DOCUMENTS), phrase="resting on “{}”")
    sort = SortFilter(
        {
            "-date": ("Newest first", ["-date_earliest", "-date_latest", "-pk"]),
            "date": ("Oldest first", ["date_earliest", "date_latest", "pk"]),
            "title": ("By title", ["title", "pk"]),
        }
    )

    class Meta:
        model = Event
        fields = []

    def with_country(self, queryset, name, role):
        return queryset  # says how `country` is meant, nothing by itself


class StatementFilter(RecordFilterSet):
    q = WordsFilter(names={"person": Person, "organization": Organization, "country": Country})
    year = YearsFilter(label="Year", facet=Years("event"))
    person = RecordsFilter(queryset=people, label="Speaker", facet=Facet("speakers__person"), phrase="by {}")
    country = RecordsFilter(queryset=countries, label="For country", facet=Facet("speakers__country"), phrase="made for {}")
    organization = RecordsFilter(
        queryset=organizations, label="For organization", facet=Facet("speakers__organization"), phrase="made for {}"
    )
    topic = RecordsFilter(queryset=topics, label="Topic", facet=Facet("topics"), phrase="on {}")
    kind = ChoicesFilter(choices=Statement.Kind, label="Kind", facet=Facet("kind"), phrase=lambda names, data: names.lower())
    event = RecordsFilter(queryset=events, label="Event", facet=Facet("event"), phrase="made at {}")
    sort = SortFilter(
        {
            "-date": ("Newest first", ["-event__date_earliest", "event", "order", "pk"]),
            "date": ("Oldest first", ["event__date_earliest", "event", "order", "pk"]),
        }
    )

    class Meta:
        model = Statement
        fields = []


class TopicFilter(RecordFilterSet):
    q = WordsFilter(label="Name")
    broader = RecordsFilter(queryset=topics, label="Under", facet=Facet("broader"), phrase="under {}")
    sort = SortFilter({"name": ("A to Z", ["name", "pk"]), "-name": ("Z to A", ["-name", "-pk"])})

    class Meta:
        model = Topic
        fields = []
