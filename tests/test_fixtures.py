"""From the documents to the fixture: what is checked, what is built, and that the committed archive says what its documents say."""

import hashlib
import json

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from archive.core.plain import to_plain
from archive.site.fixtures import read_yaml
from archive.site.records import MODELS, RECORDS
from archive.sources.models import Cited, Document, Passage
from events.models import Event, Participation, Statement
from people.models import Country, Membership, Organization, Person

DOCUMENT = "state: published\ntitle: Gazette\n"
TEXT = "Firefly said that war is cheap. Trentino said that peace is cheap.\n"
COUNTRY = """
- code: "NO"
  name: Norway
  passages:
    - {document: gazette, quote: Firefly said}
"""


@pytest.fixture
def folder(tmp_path):
    """A small archive's documents/ and records/, and a way to write into them."""
    for name in ["documents", *(f"records/{name}" for name in RECORDS)]:
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "documents/gazette.yaml").write_text(DOCUMENT)
    (tmp_path / "documents/gazette.txt").write_text(TEXT)
    (tmp_path / "records/countries/all.yaml").write_text(COUNTRY)
    return tmp_path


def build(folder, **options):
    call_command("build_fixtures", folder=folder, verbosity=0, **options)
    return json.loads((folder / "archive.json").read_text())


def refused(folder):
    with pytest.raises(CommandError) as caught:
        build(folder)
    assert not (folder / "archive.json").exists()
    return str(caught.value)


@pytest.mark.django_db
def test_documents_and_records_become_one_fixture(folder):
    document, passage, country = build(folder)
    assert document["fields"]["text"] == TEXT
    assert passage["fields"] == {"document": ["gazette"], "start": 0, "end": 12, "exact": "Firefly said"}
    assert (country["fields"]["code"], country["fields"]["passages"]) == ("NO", [["gazette", 0, 12]])


@pytest.mark.django_db
def test_building_twice_gives_the_same_bytes(folder):
    build(folder)
    first = (folder / "archive.json").read_bytes()
    build(folder)
    assert (folder / "archive.json").read_bytes() == first


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        (
            "records/countries/all.yaml",
            COUNTRY.replace("Firefly said", "Chico said"),
            "countries/all.yaml: NO: passages[1]: The quote “Chico said” is not",
        ),
        ("records/countries/all.yaml", COUNTRY.replace("Firefly said", "is cheap"), "“is cheap” stands 2 times in the text"),
        ("records/countries/all.yaml", COUNTRY.replace("gazette", "herald"), "passages[1]: There is no document 'herald'"),
        ("records/countries/all.yaml", f"{COUNTRY}  date: yesterday\n", "NO: date: “yesterday” is not a date."),
        ("records/countries/all.yaml", f"{COUNTRY}  nmae: x\n", "nmae: Country has no key “nmae”. Did you mean “name”?"),
        ("records/countries/all.yaml", COUNTRY + COUNTRY, "There is another country with the code “NO”."),
        ("records/countries/all.yaml", f"{COUNTRY}  name: Sweden\n", "the key “name” is here twice"),
        ("records/countries/all.yaml", "- code: [", "all.yaml:1: This is not well-formed YAML"),
        ("records/countries/all.yaml", "code: NO", "Here belongs a list of records."),
        ("records/countries/all.yaml", "- Norway", "record 1: A country needs a code."),
        ("records/countries/all.yaml", "- name: Norway", "A country needs a code."),
        ("records/topics/all.yaml", "- {slug: war, name: War, broader: peace}", "There is no topic “peace”."),
        (
            "records/topics/all.yaml",
            "- {slug: a, name: A, broader: b}\n- {slug: b, name: B, broader: a}",
            "would stand above itself",
        ),
        ("records/party/all.yaml", "[]", "records/party: This belongs into one of countries"),
        ("documents/herald.yaml", DOCUMENT, "Its text, herald.txt, is missing."),
        ("documents/herald.txt", TEXT, "documents/herald.txt: What is known of it, herald.yaml, is missing."),
        ("documents/herald.yml", DOCUMENT, "documents/herald.yml: Here belong .txt and .yaml files."),
        ("records/countries/more.yml", "[]", "records/countries/more.yml: Here belong .yaml files."),
        ("documents/gazette.yaml", "title", "Here belong keys and values."),
        ("documents/gazette.yaml", f"{DOCUMENT}text: other\n", "documents/gazette.yaml"),
    ],
)
@pytest.mark.django_db
def test_what_is_wrong_is_said_with_its_file_and_place(folder, path, content, message):
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text(content)
    if "text: other" in content:  # the text has one place, the file beside
        assert build(folder)[0]["fields"]["text"] == TEXT
    else:
        assert message in refused(folder)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["records/countries/all.yaml", "documents/gazette.txt"])
def test_a_file_that_is_not_utf_8_is_named(folder, path):
    (folder / path).write_bytes(b"\xff\xfe")
    assert f"{path}: This is not UTF-8 text (byte 0)." in refused(folder)


@pytest.mark.django_db
def test_all_problems_are_counted_at_once(folder):
    (folder / "records/countries/all.yaml").write_text(f"{COUNTRY}  date: x\n  nmae: y\n")
    assert "2 problems; nothing was written." in refused(folder)


def test_a_folder_without_documents_is_refused(tmp_path):
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("build_fixtures", folder=tmp_path)


# The committed archive


@pytest.mark.django_db
def test_the_committed_fixture_is_what_its_sources_build():
    call_command("build_fixtures", check=True, verbosity=0)


@pytest.mark.django_db
def test_a_stale_fixture_is_told(folder):
    build(folder)
    (folder / "records/countries/all.yaml").write_text(COUNTRY.replace("Norway", "Noreg"))
    with pytest.raises(CommandError, match="stale"):
        build(folder, check=True)


def everything():
    """All rows of the archive with their primary keys, as plain values."""
    rows = {model: list(model.objects.order_by("pk").values()) for model in MODELS}
    links = {
        (model, field.name): sorted(field.remote_field.through.objects.values_list())
        for model in MODELS
        for field in model._meta.many_to_many
    }
    return rows, links


def test_loading_twice_changes_nothing(archive):
    before = everything()
    call_command("loaddata", "archive", verbosity=0)
    assert everything() == before


def test_the_loaded_archive_says_what_is_written(archive):
    for name, model in RECORDS.items():
        for path in (settings.BASE_DIR / "fixtures/records" / name).glob("*.yaml"):
            for plain in read_yaml(path):
                record = model.objects.get_by_natural_key(plain[model.key])
                assert comparable(to_plain(record)) == comparable(plain), plain[model.key]


def comparable(plain):
    """The plain form without what loading may change: the order of what is a set, and white space in text."""
    if isinstance(plain, dict):
        return {key: comparable(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return sorted(map(comparable, plain), key=lambda item: json.dumps(item, sort_keys=True))
    return " ".join(str(plain).split())


def every_passage_is_verbatim_and_the_texts_are_untouched():
    for passage in Passage.objects.select_related("document"):
        assert passage.document.text[passage.start : passage.end] == passage.exact
    printed = "\n".join(Document.objects.values_list("text", flat=True))
    for misprint in ["fr om", "wh ere", "Muhmmadzoda", "Tamagambetov", "Social Security Council"]:
        assert misprint in printed
    hashes = {document.slug: document.sha256 for document in Document.objects.all()}
    for slug, sha256 in hashes.items():
        assert hashlib.sha256((settings.BASE_DIR / f"fixtures/documents/{slug}.txt").read_bytes()).hexdigest() == sha256


def every_fact_has_its_passage_or_is_marked_as_the_archives_own():
    bare = [
        f"{model._meta.model_name} {row}"
        for model in MODELS
        if issubclass(model, Cited)
        for row in model.objects.filter(passages=None)
        if not row.supplied
    ]
    assert bare == []


def the_presidencies_are_those_of_the_document():
    chairs = Membership.objects.filter(role="chair").select_related("country").order_by("date_earliest")
    assert [(str(row.country), str(row.date)) for row in chairs] == [
        ("Tajikistan", year) for year in ["2003", "2007", "2015", "2021"]
    ]


def a_statement_of_two_people_has_two_speakers_and_one_of_the_experts_has_none():
    both = Statement.objects.get(text__contains="counterpart to NATO")
    assert {row.person.slug for row in both.speakers.all()} == {"victor-vasilyev", "david-virabyan"}
    experts = Statement.objects.get(text__contains="does not strive for")
    assert (experts.attribution, experts.speakers.count()) == ("The experts", 0)


def dates_are_as_exact_as_the_text():
    dates = dict(Event.objects.values_list("slug", "date"))
    assert {"2015-06-25", "2023-06-23", "2021-08-23", "2012-11", "2015-10"} <= {str(date) for date in dates.values()}
    assert Event.objects.get(standing="planned").date.words == "October 2015"


def a_misprinted_name_stands_beside_the_record_that_it_was_resolved_to():
    person = Person.objects.get(names__name="I. N. Tamagambetov")
    assert person.name == "I. N. Tasmagambetov"
    assert "name" in person.supplied
    row = Participation.objects.get(person=person)
    assert row.printed == "I. N. Tamagambetov"
    council = Organization.objects.get(names__name="Social Security Council")
    assert council.parent.acronym == "CSTO"


def countries_are_known_by_code_and_their_codes_marked_as_supplied():
    assert set(Country.objects.values_list("code", flat=True)) == {"TJ", "RU", "BY", "KG", "AM", "KZ", "RS", "GE", "UA", "IR", "CN"}
    assert all("code" in country.supplied for country in Country.objects.all())


READINGS = [
    every_passage_is_verbatim_and_the_texts_are_untouched,
    every_fact_has_its_passage_or_is_marked_as_the_archives_own,
    the_presidencies_are_those_of_the_document,
    a_statement_of_two_people_has_two_speakers_and_one_of_the_experts_has_none,
    dates_are_as_exact_as_the_text,
    a_misprinted_name_stands_beside_the_record_that_it_was_resolved_to,
    countries_are_known_by_code_and_their_codes_marked_as_supplied,
]


def test_the_archive_reads_as_its_documents_do(archive, subtests):
    for reading in READINGS:  # loaded once: loading takes longer than all that is asked of it
        with subtests.test(reading.__name__):
            reading()
