"""The plain form: a record as plain data, there and back without loss, and every mistake named by its place."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.core.plain import PlainError, from_plain, save, to_plain
from archive.site.records import MODELS
from archive.sources.models import Cited
from events.models import Event, Participation, Statement
from people.models import Organization, Person

QUOTE = {"document": "the-freedonia-gazette", "quote": "Rufus Firefly of Freedonia"}


def problems(model, plain):
    with pytest.raises(PlainError) as caught:
        from_plain(model, plain)
    return dict(caught.value.problems)


def test_an_event_is_one_thing_with_all_that_it_owns(cast):
    assert to_plain(cast.summit) == {
        "slug": "summit-of-freedonia",
        "state": "published",
        "date": "2015-05-03",
        "title": "Summit of Freedonia",
        "place": "Freedonia",
        "host_country": "FR",
        "topics": ["peace"],
        "passages": [{"document": "the-freedonia-gazette", "quote": "Leaders met in Freedonia on 3 May 2015."}],
        "participations": [
            {
                "slug": "rufus-firefly",
                "person": "rufus-firefly",
                "organization": "league-of-nations",
                "country": "FR",
                "role": "speaker",
                "capacity": "President",
                "passages": [QUOTE],
            },
            {"slug": "ambassador-trentino", "person": "ambassador-trentino", "country": "SY"},
        ],
        "agenda": [{"slug": "the-price-of-peace", "text": "The price of peace"}],
        "statements": [
            {
                "slug": "peace-is-cheap",
                "state": "published",
                "text": "peace is cheap",
                "agenda_item": "the-price-of-peace",
                "speakers": ["rufus-firefly"],
                "topics": ["peace"],
                "passages": [{**QUOTE, "quote": "Rufus Firefly of Freedonia said that peace is cheap."}],
            }
        ],
    }


def test_what_is_written_is_read_back_as_it_was(cast):
    for record in [*cast.records[:4], cast.summit]:
        plain = to_plain(record)
        save(from_plain(type(record), plain))
        assert to_plain(type(record).objects.get(pk=record.pk)) == plain


def test_a_record_is_made_from_its_plain_form_in_an_empty_place(cast):
    plain = {**to_plain(cast.summit), "slug": "second-summit", "statements": []}
    second = save(from_plain(Event, plain))
    assert second.pk != cast.summit.pk
    assert to_plain(Event.objects.get(pk=second.pk)) == {key: value for key, value in plain.items() if key != "statements"}


def test_writing_changes_parts_in_place_and_drops_those_that_are_gone(cast):
    plain = to_plain(cast.summit)
    plain["participations"] = [{**plain["participations"][0], "capacity": "Prime Minister"}]
    save(from_plain(Event, plain))
    (row,) = cast.summit.participations.all()
    assert (row.pk, row.capacity) == (cast.speaker.pk, "Prime Minister")
    assert not Participation.objects.filter(pk=cast.guest.pk).exists()


def test_parts_keep_the_order_in_which_they_are_written(cast):
    plain = to_plain(cast.summit)
    plain["participations"].reverse()
    save(from_plain(Event, plain))
    assert [row.slug for row in cast.summit.participations.all()] == ["ambassador-trentino", "rufus-firefly"]


def test_a_quote_that_stands_twice_is_written_with_its_occurrence(cast):
    plain = {**to_plain(cast.firefly), "passages": [{**QUOTE, "quote": "peace is cheap", "occurrence": "2"}]}
    save(from_plain(Person, plain))
    assert to_plain(cast.firefly)["passages"] == [{**QUOTE, "quote": "peace is cheap", "occurrence": 2}]


@pytest.mark.parametrize(
    ("plain", "place", "sentence"),
    [
        ({"titel": "x"}, "titel", "Event has no key “titel”. Did you mean “title”?"),
        ({"date": "June"}, "date", "“June” is not a date."),
        ({"title": ["a", "b"]}, "title", "Here belongs one value"),
        ({"title": "x" * 501}, "title", "at most 500 characters"),
        ({"kind": "party"}, "kind", "'party' is not a valid choice"),
        ({"host_country": "XX"}, "host_country", "There is no country “XX”."),
        ({"host_country": ["FR"]}, "host_country", "Here belongs the code of a country"),
        ({"topics": "peace"}, "topics", "Here belongs a list"),
        ({"topics": ["peace", "war"]}, "topics[2]", "There is no topic “war”."),
        ({"slug": ""}, "slug", "cannot be blank"),
        ({"state": "secret"}, "state", "is not a valid choice"),
        ({"supplied": {"planet": "why"}}, "supplied", "“planet” is no field"),
        ({"supplied": "place: why"}, "supplied", "a line for each field"),
        ({"passages": [{**QUOTE, "quote": "war is cheap"}]}, "passages[1]", "“war is cheap” is not in the text"),
        ({"passages": [{**QUOTE, "quote": "peace is cheap"}]}, "passages[1]", "stands 2 times"),
        ({"passages": [{**QUOTE, "occurrence": "first"}]}, "passages[1]", "a number from 1"),
        ({"passages": [{**QUOTE, "document": "no-such"}]}, "passages[1]", "There is no document 'no-such'"),
        ({"passages": [{**QUOTE, "page": "3"}]}, "passages[1]", "no “page”"),
        ({"passages": ["Rufus"]}, "passages[1]", "A passage is a document and a quote"),
        ({"participations": "all"}, "participations", "Here belongs a list"),
        ({"participations": ["all"]}, "participations[1]", "Here belongs a record"),
        ({"participations": [{"role": "host"}]}, "participations[1]", "Say who took part"),
        ({"participations": [{"person": "nobody"}]}, "participations[1].person", "There is no person “nobody”."),
        (
            {"participations": [{"slug": "a", "country": "FR"}, {"slug": "a", "country": "SY"}]},
            "participations[2]",
            "is here already",
        ),
        ({"agenda": [{"slug": "a"}]}, "agenda[1].text", "cannot be blank"),
        (
            {"statements": [{"slug": "s", "text": "x", "speakers": ["chico"]}]},
            "statements[1].speakers[1]",
            "no participation “chico”",
        ),
    ],
)
def test_each_mistake_is_named_by_its_place(cast, plain, place, sentence):
    whole = {"slug": "gala", "title": "Gala", **plain}
    found = problems(Event, whole)
    assert sentence in found[place]


def test_all_mistakes_are_named_at_once_and_nothing_is_written(cast):
    found = problems(Event, {"slug": "gala", "title": "", "date": "x", "participations": [{"country": "XX"}]})
    assert {"date", "title", "participations[1].country"} <= set(found)
    assert not Event.objects.filter(slug="gala").exists()


def test_a_circle_is_refused(cast):
    assert (
        "stand above itself" in problems(Organization, {**to_plain(cast.league), "parent": "secretariat-of-the-league"})["parent"]
    )


@pytest.mark.parametrize("model", [model for model in MODELS if issubclass(model, Cited)])
def test_every_cited_model_writes_its_evidence(model):
    assert {"passages", "supplied"} <= {field.name for field in model._meta.get_fields()}


slugs = st.text("abcdefg-0123", min_size=1, max_size=12)
line = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    str.strip
)
dates = st.sampled_from(["2015", "2012-11", "2015-06-25", "2003~", "201X", "2021/..", "../2021", "2015-06-25/2015-06-27"])


def optional(**fields):
    return st.fixed_dictionaries({}, optional=fields)


rows = optional(
    person=st.sampled_from(["rufus-firefly", "ambassador-trentino"]),
    organization=st.just("league-of-nations"),
    role=st.sampled_from(["speaker", "host", "mentioned"]),
    capacity=line,
    printed=line,
    talk=line,
    passages=st.just([QUOTE]),
).map(lambda row: {**row, "country": "FR"})
statements = st.fixed_dictionaries(
    {"text": line}, optional={"kind": st.just("quoted"), "attribution": line, "topics": st.just(["peace"])}
)
events = st.builds(
    lambda head, rows, agenda, said: {
        **head,
        "slug": "drawn",
        "participations": [{"slug": f"row-{number}", **row} for number, row in enumerate(rows)],
        "agenda": [{"slug": f"item-{number}", "text": text} for number, text in enumerate(agenda)],
        "statements": [
            {
                "slug": f"drawn-{number}",
                **row,
                **({"speakers": ["row-0"]} if rows else {}),
                **({"agenda_item": "item-0"} if agenda else {}),
            }
            for number, row in enumerate(said)
        ],
    },
    st.fixed_dictionaries(
        {"title": line},
        optional={
            "state": st.sampled_from(["in-review", "published", "withdrawn"]),
            "date": dates,
            "kind": st.sampled_from(["conference", "series"]),
            "standing": st.just("planned"),
            "format": st.just("hybrid"),
            "place": line,
            "host_country": st.just("SY"),
            "part_of": st.just("summit-of-freedonia"),
            "summary": line,
            "topics": st.just(["peace"]),
            "supplied": st.dictionaries(st.sampled_from(["date", "place"]), line, min_size=1),
        },
    ),
    st.lists(rows, max_size=3),
    st.lists(line, max_size=2),
    st.lists(statements, max_size=2),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(plain=events)
def test_plain_to_record_to_plain_is_the_identity(cast, plain):
    Event.objects.filter(slug="drawn").delete()
    Statement.objects.filter(slug__startswith="drawn").delete()
    save(from_plain(Event, plain))
    assert to_plain(Event.objects.get(slug="drawn")) == {key: value for key, value in plain.items() if value != []}
