"""The command import_records: YAML, data packages and Popolo, checked first, written in one step, safe to run again."""

import json
import shutil

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from archive.core.models import Entry
from archive.core.plain import to_plain
from archive.site.fixtures import as_fixture
from archive.site.records import MODELS
from archive.sources.models import Document
from events.models import Event, Statement
from people.models import Organization, Person

FIXTURES = settings.BASE_DIR / "fixtures"
AGAIN = "Nothing has changed."


def run(*arguments, **options):
    from io import StringIO

    out = StringIO()
    call_command("import_records", *map(str, arguments), stdout=out, stderr=out, **options)
    return out.getvalue()


def rows():
    """Every row of the archive as a fixture has it, whatever its order."""
    text = as_fixture([row for model in MODELS for row in model._base_manager.all()])
    return sorted(json.dumps(in_order(row), sort_keys=True) for row in json.loads(text))


def in_order(value):
    if isinstance(value, dict):
        return {key: in_order(one) for key, one in value.items()}
    return sorted(map(in_order, value), key=repr) if isinstance(value, list) else value


def test_the_fixtures_are_imported_as_loaddata_loads_them_in_one_step_and_only_once(db):
    run(FIXTURES, why="The press releases")
    imported = rows()
    [_unit] = set(Entry.objects.values_list("unit", flat=True))
    assert set(Entry.objects.values_list("why", flat=True)) == {"The press releases"}
    entries = Entry.objects.count()
    assert AGAIN in run(FIXTURES)
    assert AGAIN in run(FIXTURES / "records" / "people", FIXTURES / "records" / "events" / "csto-academy-2015.yaml")
    assert Entry.objects.count() == entries
    call_command("loaddata", "archive", verbosity=0)
    assert rows() == imported


def test_a_package_is_imported_into_an_archive_that_has_most_of_it(archive, tmp_path):
    call_command("export_package", tmp_path / "annals.zip", verbosity=0)
    before = rows()
    event = Event.objects.get(statements__text__contains="counterpart to NATO")
    Statement.objects.filter(event=event).first().delete()
    Event.objects.filter(pk=event.pk).update(place="Elsewhere")
    assert "0 new, 1 changed" in run(tmp_path / "annals.zip")
    assert rows() == before
    assert AGAIN in run(tmp_path / "annals.zip")


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(FIXTURES, tmp_path / "fixtures")


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("records/people/people.yaml", "slug: victor-vasilyev", "slug: victor-vasilyev\n  nmae: V", "Did you mean “name”?"),
        ("records/people/people.yaml", "- slug:", "- slgu:", "A person needs a slug."),
        ("records/organizations/organizations.yaml", "parent: csto", "parent: nowhere", "There is no organization “nowhere”."),
        ("records/events/csto-academy-2015.yaml", "date: 2015", "date: in 2015", "is not a date"),
        ("records/people/people.yaml", "slug:", "slug: [", "not well-formed YAML"),
    ],
)
def test_every_problem_is_named_by_file_record_and_place_and_nothing_is_written(db, copy, file, old, new, sentence):
    path = copy / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(CommandError, match="nothing was written") as refused:
        run(copy)
    assert sentence in str(refused.value)
    assert file in str(refused.value)
    assert not Document.objects.exists()
    assert not Entry.objects.exists()


def test_a_check_writes_nothing(db):
    assert "70 would be new" in run(FIXTURES, check=True)
    assert not Document.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.parametrize("name", ["nothing.yaml", "people.txt", "empty.json", "empty.zip"])
def test_what_is_no_import_is_answered_in_words(db, tmp_path, name):
    path = tmp_path / name
    if name != "nothing.yaml":
        path.write_bytes(b"")
    with pytest.raises(CommandError):
        run(path)
    with pytest.raises(CommandError, match="no user"):
        run(FIXTURES, by="nobody")
    with pytest.raises(CommandError, match="500 characters"):
        run(FIXTURES, why="x" * 501)


# Popolo


POPOLO = {
    "meta": {"sources": ["https://parliament.example"]},
    "persons": [
        {
            "id": "p/1",
            "name": "Rufus T. Firefly",
            "sort_name": "Firefly",
            "honorific_prefix": "H. E.",
            "birth_date": "1890",
            "identifiers": [{"scheme": "wikidata", "identifier": "Q5"}],
            "other_names": [
                {"name": "Руфус Файрфлай", "lang": "ru"},
                {"name": "Hugo", "note": "former name"},
                {"name": "Rufus T. Firefly"},
            ],
            "memberships": [{"organization_id": "o/2", "role": "Speaker", "start_date": "2012-05"}],
        },
        {"id": 2, "name": "Chicolini"},
        {"id": "p/3", "name": "Chicolini", "birth_date": "1891"},
    ],
    "organizations": [
        {"id": "o/1", "name": "Parliament", "classification": "legislature", "founding_date": "1901"},
        {"id": "o/2", "name": "Lower House", "parent_id": "o/1", "classification": "Government body"},
        {"id": "o/3", "name": "Union", "founding_date": "1950", "dissolution_date": "1960-05"},
    ],
    "posts": [{"id": "king", "label": "President", "organization_id": "o/1"}],
    "memberships": [
        {"person_id": "p/1", "post_id": "king", "start_date": "2012", "end_date": "2014-05", "on_behalf_of_id": "o/3"},
        {"person_id": "p/3", "organization_id": "o/2"},
        {"member_id": "o/1", "organization_id": "o/3", "role": "observer"},
    ],
    "events": [
        {
            "id": "e/1",
            "name": "First session",
            "start_date": "2012-05-01T10:00",
            "end_date": "2012-05-03",
            "location": "Fredonia",
            "classification": "session",
            "attendees": [{"id": "p/1"}],
        }
    ],
    "areas": [{"id": "a/1", "name": "Freedonia"}],
}


@pytest.fixture
def popolo(tmp_path):
    path = tmp_path / "popolo.json"
    path.write_text(json.dumps(POPOLO))
    return path


def test_popolo_becomes_records_with_ids_kept_and_dates_as_partial_as_they_were(db, popolo):
    said = run(popolo)
    firefly = Person.objects.get(identifiers__scheme="popolo", identifiers__identifier="p/1")
    plain = to_plain(firefly)
    assert (firefly.slug, firefly.sort_name, firefly.titles, firefly.state) == ("rufus-t-firefly", "Firefly", "H. E.", "draft")
    assert [(row["scheme"], row["identifier"]) for row in plain["identifiers"]] == [("popolo", "p/1"), ("wikidata", "Q5")]
    assert plain["names"] == [{"name": "Руфус Файрфлай", "language": "ru"}, {"name": "Hugo", "kind": "former"}]
    positions = {(row["title"], row["organization"], row.get("date")) for row in plain["positions"]}
    assert positions == {("Speaker", "lower-house", "2012-05/"), ("President", "parliament", "2012/2014-05")}
    assert set(Person.objects.filter(name="Chicolini").values_list("slug", flat=True)) == {"chicolini", "chicolini-2"}
    house = Organization.objects.get(name="Lower House")
    assert (house.kind, house.parent.kind, str(house.parent.date)) == ("government", "other", "1901/")
    member = Organization.objects.get(name="Union").members.get()
    assert (member.member.name, member.role) == ("Parliament", "observer")
    event = Event.objects.get()
    assert (str(event.date), event.kind, event.place) == ("2012-05-01/2012-05-03", "session", "Fredonia")
    assert event.participations.get().person == firefly
    for left_out in (
        "people: birth_date (2)",
        "areas (1)",
        "memberships: on_behalf_of_id (1)",
        "“legislature”",
        "time of day",
        "meta",
    ):
        assert left_out in said


def test_popolo_is_matched_by_its_ids_when_it_is_imported_again(db, popolo):
    run(popolo)
    person = Person.objects.get(slug="rufus-t-firefly")
    person.summary, person.state = "A president.", "published"
    person.save()
    entries = Entry.objects.count()
    assert AGAIN in run(popolo)
    assert Entry.objects.count() == entries
    popolo.write_text(popolo.read_text().replace("Rufus T. Firefly", "Rufus Firefly"))
    run(popolo)
    person.refresh_from_db()
    assert (person.name, person.slug, person.summary, person.state) == (
        "Rufus Firefly",
        "rufus-t-firefly",
        "A president.",
        "published",
    )
    assert Person.objects.count() == 3


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        {"persons": {}},
        {"persons": [1]},
        {"persons": [{"name": "A"}]},
        {"persons": [{"id": "1", "name": ["A"]}]},
        {"persons": [{"id": "1", "name": "A\0"}]},
        {"persons": [{"id": "1", "name": "A", "other_names": [{"name": "x" * 400}]}]},
        {"persons": [{"id": "1", "name": "A"}, {"id": "1", "name": "B"}]},
        {"persons": [{"id": "1", "name": "A"}], "memberships": [{"person_id": "2"}]},
        {"persons": [{"id": "1", "name": "A"}], "memberships": [{"person_id": "1", "start_date": "last year"}]},
        {"organizations": [{"id": "1", "name": "A", "parent_id": "1"}]},
        {"organizations": [{"id": "1", "name": "A", "parent_id": "2"}, {"id": "2", "name": "B", "parent_id": "1"}]},
    ],
    ids=repr,
)
def test_popolo_that_cannot_be_read_is_refused_in_words(db, tmp_path, data):
    path = tmp_path / "popolo.json"
    path.write_text(json.dumps(data))
    with pytest.raises(CommandError, match="nothing was written"):
        run(path)
    assert not (Person.objects.exists())
    assert not (Organization.objects.exists())
