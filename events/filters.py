"""What lists of events, statements and topics can be filtered by."""

from archive.core.filters import ChoiceFilter, ChoicesFilter, RecordFilterSet, RecordsFilter, SortFilter, WordsFilter, YearsFilter
from events.models import Event, Statement, Topic
from people.filters import countries, organizations, people

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


class EventFilter(RecordFilterSet):
    q = WordsFilter()
    year = YearsFilter(label="Year or years")
    country = RecordsFilter(queryset=countries, label="Country", phrase=involved, method="of_country")
    role = ChoiceFilter(
        choices=ROLES,
        label="The country’s part",
        empty_label=None,
        default="either",
        method="with_country",
        phrase=lambda name, data: "",
    )
    kind = ChoicesFilter(choices=Event.Kind, label="Kind", phrase=lambda names, data: names.lower())
    standing = ChoicesFilter(choices=Event.Standing, label="Held or planned", phrase=lambda names, data: names.lower())
    topic = RecordsFilter(queryset=topics, label="Topic", phrase="on {}", method="on_topic")
    person = RecordsFilter(queryset=people, label="Person", phrase="with {}", method="with_participant")
    organization = RecordsFilter(queryset=organizations, label="Organization", phrase="with {}", method="with_participant")
    sort = SortFilter(
        {
            "-date": ("Newest first", ["-date_earliest", "-date_latest", "pk"]),
            "date": ("Oldest first", ["date_earliest", "date_latest", "pk"]),
            "title": ("By title", ["title", "pk"]),
        }
    )

    class Meta:
        model = Event
        fields = []

    def of_country(self, queryset, name, chosen):
        return queryset.involving(chosen, self.form.cleaned_data.get("role") or "either")

    def with_country(self, queryset, name, role):
        return queryset  # says how `country` is meant, nothing by itself

    def on_topic(self, queryset, name, chosen):
        return queryset.on_topics(chosen)

    def with_participant(self, queryset, name, chosen):
        return queryset.with_participant(**{f"{name}__in": chosen})


class StatementFilter(RecordFilterSet):
    q = WordsFilter()
    year = YearsFilter(label="Year or years")
    person = RecordsFilter(queryset=people, label="Speaker", phrase="by {}", method="by_speaker")
    country = RecordsFilter(queryset=countries, label="For country", phrase="made for {}", method="by_speaker")
    organization = RecordsFilter(queryset=organizations, label="For organization", phrase="made for {}", method="by_speaker")
    topic = RecordsFilter(queryset=topics, label="Topic", phrase="on {}", method="on_topic")
    kind = ChoicesFilter(choices=Statement.Kind, label="Kind", phrase=lambda names, data: names.lower())
    event = RecordsFilter(queryset=events, label="Event", phrase=lambda names, data: f"made at {names}", method="at_event")
    sort = SortFilter(
        {
            "-date": ("Newest first", ["-event__date_earliest", "event", "order", "pk"]),
            "date": ("Oldest first", ["event__date_earliest", "event", "order", "pk"]),
        }
    )

    class Meta:
        model = Statement
        fields = []

    def by_speaker(self, queryset, name, chosen):
        return queryset.by(**{f"{name}__in": chosen})

    def on_topic(self, queryset, name, chosen):
        return queryset.on_topics(chosen)

    def at_event(self, queryset, name, chosen):
        return queryset.filter(event__in=chosen)


class TopicFilter(RecordFilterSet):
    q = WordsFilter(label="Name")
    broader = RecordsFilter(queryset=topics, label="Under", phrase="under {}", method="under")
    sort = SortFilter({"name": ("A to Z", ["name", "pk"]), "-name": ("Z to A", ["-name", "-pk"])})

    class Meta:
        model = Topic
        fields = []

    def under(self, queryset, name, chosen):
        return queryset.filter(broader__in=chosen)
