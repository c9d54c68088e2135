"""The data package: it is valid, the same archive is the same bytes, no draft is in it, and loading it gives the archive back."""

import csv
import fcntl
import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor

import frictionless
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection

from archive.core.models import Entry
from archive.core.plain import to_plain
from archive.site.package import snapshot
from archive.site.records import MODELS, RECORDS
from archive.sources.models import Document
from events.models import Event, Statement
from tests.cast import Cast, document, event, organization, participation, passage, person, statement, topic

SECRET = "Sekret"
HOSTILE = [
    "=1+1",
    "@SUM(A1)",
    "+1",
    "-1",
    "\tx",
    ' "a", b;c ',
    "a\nb",
    "a\r\nb\rc",
    "Раҳмон",
    "\u202eעברית",
    "𝒳_x0041_",
    "x" * 200_000,
]


@pytest.fixture(autouse=True)
def index_root(settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "index"


def export(path):
    call_command("export_package", path, verbosity=0)
    return read(path)


def read(path):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def write(path, members):
    with zipfile.ZipFile(path, "w") as package:
        for name, content in members.items():
            package.writestr(name, content)


def load(path):
    call_command("load_package", path, verbosity=0)


def rows(members, name):
    return list(csv.DictReader(io.StringIO(members[f"data/{name}.csv"].decode(), newline="")))


def undated(members):
    """The members with a datapackage.json that does not say when it was made."""
    described = json.loads(members["datapackage.json"])
    assert described.pop("created")
    return {**members, "datapackage.json": described}


def empty_the_archive():
    """Takes away every row, whatever protects it, and its history."""
    for model in reversed(MODELS):
        for relation in model._meta.many_to_many:
            relation.remote_field.through.objects.all()._raw_delete("default")
    for model in reversed(MODELS):
        model._base_manager.all()._raw_delete("default")
    Entry.objects.all()._raw_delete("default")


def public_records():
    """The plain forms of all public records."""
    return {
        model: {record.slug: to_plain(record) for record in model.objects.published()} for model in [*RECORDS.values(), Document]
    }


def draft_something_everywhere(cast):
    """Unpublished records, and published ones that name them, in every relation that there is."""
    hidden = {"state": "draft"}
    secret_person = person(f"{SECRET} Person", **hidden)
    secret_body = organization(f"{SECRET} Body", parent=cast.league, country=cast.freedonia, **hidden)
    secret_topic = topic(f"{SECRET} Topic", broader=cast.peace, **hidden)
    secret_paper = document(f"{SECRET} Paper", **hidden)
    secret_event = event(f"{SECRET} Event", part_of=cast.summit, host_country=cast.freedonia, **hidden)
    secret_event.passages.add(passage(cast.gazette, "The next summit is planned"))
    statement(cast.summit, f"{SECRET} statement", **hidden)
    statement(secret_event, f"{SECRET} word", slug="published-at-a-secret-event").topics.add(cast.peace)
    cast.summit.topics.add(secret_topic)
    cast.summit.passages.add(passage(secret_paper, "Leaders met"))
    participation(cast.summit, person=secret_person, country=cast.freedonia, capacity=f"{SECRET} capacity")
    cast.said.speakers.add(participation(cast.summit, organization=secret_body, country=cast.sylvania))
    cast.firefly.positions.create(title="Member", organization=secret_body)
    cast.league.members.create(member=secret_body)
    event("Published part of a secret", part_of=secret_event)
    organization("Body of a secret", parent=secret_body)
    topic("Under a secret", broader=secret_topic)


def test_the_package_is_a_valid_data_package(archive, tmp_path):
    export(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as package:
        package.extractall(tmp_path)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["type", "message"])
    assert {"events", "statements", "passages", "statement-speakers"} <= {task.name for task in report.tasks}


def test_a_relation_that_leads_nowhere_makes_the_package_invalid(cast, tmp_path):
    members = export(tmp_path / "a.zip")
    members["data/event-topics.csv"] = members["data/event-topics.csv"].replace(b"peace", b"truth")
    for name, content in members.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert {kind for (kind,) in report.flatten(["type"])} >= {"foreign-key", "hash-count"}


def test_every_column_says_what_it_means_and_the_date_is_the_last_change(cast, tmp_path):
    described = json.loads(export(tmp_path / "a.zip")["datapackage.json"])
    tables = {resource["name"]: resource["schema"] for resource in described["resources"]}
    assert all(field["description"] for schema in tables.values() for field in schema["fields"])
    standing = next(field for field in tables["events"]["fields"] if field["name"] == "standing")
    assert standing["description"] == Event._meta.get_field("standing").help_text
    assert standing["constraints"] == {"required": True, "enum": ["held", "planned", "cancelled"]}
    assert {"fields": ["host_country"], "reference": {"resource": "countries", "fields": ["code"]}} in tables["events"][
        "foreignKeys"
    ]
    assert described["created"] == Entry.objects.latest("pk").at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_same_archive_is_the_same_bytes(archive, tmp_path):
    export(tmp_path / "a.zip")
    export(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    Event.objects.filter(pk=Event.objects.published().first().pk).update(title="Another title")
    export(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() != (tmp_path / "b.zip").read_bytes()


def test_what_is_loaded_is_the_archive_that_was_exported(archive, tmp_path):
    before, records = export(tmp_path / "a.zip"), public_records()
    assert len(rows(before, "statements")) == Statement.objects.published().count() > 10
    empty_the_archive()
    load(tmp_path / "a.zip")
    assert public_records() == records
    assert undated(export(tmp_path / "b.zip")) == undated(before)
    newest = Entry.objects.latest("pk")
    assert (newest.why, newest.action) == ("load_package a.zip", "created")
    assert Entry.objects.filter(unit=newest.unit).count() == sum(map(len, records.values())) + Statement.objects.count()


def test_curators_go_on_where_the_package_ended(cast, tmp_path):
    export(tmp_path / "a.zip")
    empty_the_archive()
    load(tmp_path / "a.zip")
    assert event("The next summit").pk > Event.objects.get(slug=cast.summit.slug).pk


def test_no_draft_is_in_the_package_and_what_is_in_it_loads(cast, tmp_path):
    draft_something_everywhere(cast)
    before = export(tmp_path / "a.zip")
    for name, content in before.items():
        assert SECRET.lower() not in content.decode().lower(), name
    assert [row["id"] for row in rows(before, "participations")] == [
        "summit-of-freedonia/rufus-firefly",
        "summit-of-freedonia/ambassador-trentino",
    ]
    assert not any("next summit" in row["exact"] for row in rows(before, "passages"))  # only a draft rests on it
    empty_the_archive()
    load(tmp_path / "a.zip")
    assert undated(export(tmp_path / "b.zip")) == undated(before)


def test_any_text_comes_back_as_it_was(cast, tmp_path):
    for number, text in enumerate(HOSTILE):
        statement(cast.summit, text, slug=f"said-{number}", attribution=text[:300], supplied={"text": text})
        participation(cast.summit, country=cast.freedonia, printed=text[:300], slug=f"who-{number}")
        cast.firefly.names.create(name=f"{number}{text[:290]}")
    before = export(tmp_path / "a.zip")
    empty_the_archive()
    load(tmp_path / "a.zip")
    assert undated(export(tmp_path / "b.zip")) == undated(before)
    said = Statement.objects.filter(slug__startswith="said-")
    assert {one.slug: one.text for one in said} == {f"said-{number}": text for number, text in enumerate(HOSTILE)}


def test_a_quote_that_stands_several_times_keeps_its_place(cast, tmp_path):
    cast.said.passages.add(passage(cast.gazette, "peace is cheap", 2))
    export(tmp_path / "a.zip")
    empty_the_archive()
    load(tmp_path / "a.zip")
    kept = Statement.objects.get(slug=cast.said.slug).passages.get(exact="peace is cheap")
    assert kept.start == cast.gazette.text.rindex("peace is cheap")


def test_the_files_of_documents_travel_with_them(cast, tmp_path):
    cast.gazette.file.save("gazette.txt", ContentFile(b"the original"))
    name = cast.gazette.file.name
    before = export(tmp_path / "a.zip")
    assert before[f"files/{name}"] == b"the original"
    empty_the_archive()
    cast.gazette.file.storage.delete(name)
    load(tmp_path / "a.zip")
    kept = Document.objects.get(slug=cast.gazette.slug).file
    assert (kept.name, kept.read()) == (name, b"the original")
    assert undated(export(tmp_path / "b.zip")) == undated(before)


def test_a_lost_file_is_named(cast, tmp_path, capsys):
    cast.gazette.file.save("gazette.txt", ContentFile(b"the original"))
    cast.gazette.file.storage.delete(cast.gazette.file.name)
    export(tmp_path / "a.zip")
    assert f"The file {cast.gazette.file.name}, which a document names, is not in the storage" in capsys.readouterr().err
    empty_the_archive()
    with pytest.raises(CommandError, match=r"data/documents.csv, row 2, file: The package has no “files/documents/"):
        load(tmp_path / "a.zip")


def test_an_archive_with_anything_in_it_is_left_alone(cast, tmp_path):
    export(tmp_path / "a.zip")
    with pytest.raises(CommandError, match="into an empty archive only; this one has documents, passages, countries"):
        load(tmp_path / "a.zip")


def test_an_empty_archive_is_a_package_too(db, tmp_path):
    export(tmp_path / "a.zip")
    load(tmp_path / "a.zip")
    assert not any(model._base_manager.exists() for model in MODELS)


def replace(name, old, new):
    def change(members):
        assert old in members[f"data/{name}.csv"]
        members[f"data/{name}.csv"] = members[f"data/{name}.csv"].replace(old, new, 1)

    return change


def without(name):
    return lambda members: members.pop(name)


def with_member(name, content):
    return lambda members: members.update({name: content})


WRONG = [
    (without("data/topics.csv"), "data/topics.csv: This file is missing."),
    (with_member("data/notes.txt", b"x"), "data/notes.txt: This is no file of an archive’s package."),
    (with_member("data/topics.csv", b"slug\xff\n"), "data/topics.csv: This is not UTF-8 text."),
    (with_member("data/topics.csv", b""), "data/topics.csv: The column “slug” is missing."),
    (replace("topics", b"slug,", b"slug,slug,"), "data/topics.csv: The column “slug” is here twice."),
    (
        replace("topics", b"scope_note", b"scope-note"),
        "data/topics.csv: There is no column “scope-note”. Did you mean “scope_note”?",
    ),
    (replace("topics", b"peace,", b""), "data/topics.csv, row 2: Here are 4 cells, under 5 columns."),
    (replace("topics", b"Peace", b"Pe\x00ce"), "data/topics.csv, row 2: Here is a NUL character."),
    (replace("topics", b"Peace", b'"Pe"ace'), "data/topics.csv: This is not well-formed CSV"),
    (replace("topics", b"Peace,", b","), "data/topics.csv, row 2, name: "),
    (replace("organizations", b"secretariat-of", b"Secretariat of"), "data/organizations.csv, row 3, slug: "),
    (replace("topics", b"Peace,,", b"Peace,war,"), "data/topics.csv, row 2, broader: There is no topic “war”."),
    (replace("topics", b"Peace,,", b"Peace,peace,"), "data/topics.csv, row 2, broader: “Peace” would stand above itself."),
    (
        replace("topics", b"peace,Peace,,,\r\n", b"peace,Peace,,,\r\n" * 2),
        "data/topics.csv, row 3: There is another row with the slug",
    ),
    (replace("topics", b"Peace,,,", b"Peace,,,{"), "data/topics.csv, row 2, supplied: “{” is no object."),
    (replace("events", b"2015-05-03,2015-05-03", b"3 May,2015-05-03"), "data/events.csv, row 2, date: “3 May” is not a date."),
    (replace("events", b"meeting,held", b"meeting,seen"), "data/events.csv, row 2, standing: "),
    (
        replace("participations", b",rufus-firefly,league", b",nobody,league"),
        "data/participations.csv, row 2, person: There is no person",
    ),
    (replace("participations", b"ia,1,", b"ia,one,"), "data/participations.csv, row 2, order: “one” is no integer."),
    (
        replace("participations", b"summit-of-freedonia,1", b"gala,1"),
        "data/participations.csv, row 2, event: There is no event “gala”.",
    ),
    (replace("participations", b"summit-of", b"meeting-of"), "data/participations.csv, row 2, id: This should be"),
    (replace("statements", b"freedonia/the-price", b"gala/the-price"), "data/statements.csv, row 2, agenda_item: "),
    (
        replace("statements", b"freedonia/the-price", b"freedonia/a-price"),
        "data/statements.csv, row 2, agenda_item: There is no agenda item",
    ),
    (replace("statement-speakers", b"/rufus", b"/groucho"), "data/statement-speakers.csv, row 2, participation: There is no"),
    (replace("event-topics", b"summit", b"gala"), "data/event-topics.csv, row 2, event: There is no event"),
    (replace("passages", b"Leaders met", b"Leaders ate"), "data/passages.csv, row 2, exact: The quote “Leaders ate"),
    (replace("passages", b"te,0,39", b"te,1,39"), "data/passages.csv, row 2, id: This should be"),
    (replace("passages", b"te,0,39", b"te,zero,39"), "data/passages.csv, row 2, start: “zero” is no integer."),
    (replace("documents", b"Leaders met", b"We all met"), "data/passages.csv, row 2, exact: The quote “Leaders met"),
]


def test_what_is_wrong_is_told_by_file_row_and_column_and_nothing_is_written(cast, tmp_path):
    members = export(tmp_path / "a.zip")
    empty_the_archive()
    for change, said in WRONG:
        changed = dict(members)
        change(changed)
        write(tmp_path / "b.zip", changed)
        with pytest.raises(CommandError) as caught:
            load(tmp_path / "b.zip")
        assert f"\n{said}" in f"\n{caught.value}"
        assert "nothing was written" in str(caught.value)
        assert not any(model._base_manager.exists() for model in [*MODELS, Entry])


def test_a_zip_that_is_none_or_a_bomb_is_refused(db, tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK nonsense")
    with pytest.raises(CommandError, match="is no zip"):
        load(tmp_path / "a.zip")
    with pytest.raises(CommandError, match="No such file"):
        load(tmp_path / "none.zip")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as package, package.open("files/x.txt", "w") as member:
        for _ in range(120):
            member.write(bytes(1_000_000))
    with pytest.raises(CommandError, match="unpacks to more than 100 times its size"):
        load(tmp_path / "bomb.zip")


def test_a_damaged_member_is_named(cast, tmp_path):
    export(tmp_path / "a.zip")
    damaged = bytearray((tmp_path / "a.zip").read_bytes())
    place = damaged.index(b"data/documents.csv") + 200
    damaged[place : place + 20] = bytes(20)
    (tmp_path / "a.zip").write_bytes(damaged)
    empty_the_archive()
    with pytest.raises(CommandError, match=r"data/documents.csv: This file is damaged"):
        load(tmp_path / "a.zip")


def test_a_package_that_cannot_be_finished_leaves_the_old_one(cast, tmp_path, monkeypatch):
    export(tmp_path / "a.zip")
    before = (tmp_path / "a.zip").read_bytes()
    monkeypatch.setattr("archive.site.package.datapackage", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == before
    assert [path.name for path in tmp_path.glob("*.part")] == []
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        export(tmp_path / "no-folder/a.zip")


@pytest.mark.django_db(transaction=True)
def test_it_is_written_as_of_one_moment(tmp_path):
    Cast()
    with ThreadPoolExecutor(1) as another, snapshot():
        assert Event.objects.count() == 1
        if connection.vendor == "postgresql":  # SQLite has its test database in memory, where it keeps no snapshots
            another.submit(meanwhile).result()
        assert Event.objects.count() == 1
    event("Finale")
    titles = {row["title"] for row in rows(export(tmp_path / "a.zip"), "events")}
    assert titles == {one.title for one in Event.objects.all()} > {"Finale"}


def meanwhile():
    """Another process's edit, seen by whoever asks anew."""
    event("Gala")
    assert Event.objects.count() == 2
    connection.close()


def test_the_page_gives_the_package_of_the_archive_as_it_is(cast, client, tmp_path):
    first = client.get("/data/annals.zip")
    assert first["Content-Disposition"] == 'attachment; filename="annals.zip"'
    (tmp_path / "page.zip").write_bytes(b"".join(first.streaming_content))
    assert read(tmp_path / "page.zip") == export(tmp_path / "command.zip")
    cast.summit.title = "Another title"
    cast.summit.save()
    (tmp_path / "page.zip").write_bytes(b"".join(client.get("/data/annals.zip").streaming_content))
    assert [row["title"] for row in rows(read(tmp_path / "page.zip"), "events")] == ["Another title"]
    assert len(list((settings.INDEX_ROOT / "packages").glob("*.zip"))) == 1


def test_the_page_does_not_write_what_is_written_already_or_by_another(cast, client, monkeypatch):
    call_command("export_package", verbosity=0)
    monkeypatch.setattr("archive.site.package.write_package", lambda *given: pytest.fail("written again"))
    assert client.get("/data/annals.zip").status_code == 200
    cast.summit.save()
    event("Gala")
    with (settings.INDEX_ROOT / "packages/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        busy = client.get("/data/annals.zip")
        with pytest.raises(CommandError, match="Another process is writing it"):
            call_command("export_package", verbosity=0)
    assert (busy.status_code, busy["Retry-After"]) == (503, "30")
    assert client.post("/data/annals.zip").status_code == 405


def test_the_page_explains_every_column(cast, client):
    page = client.get("/data/").content.decode()
    for words in [Event._meta.get_field("standing").help_text, "participations_person", "event_date_earliest", "/data/annals.zip"]:
        assert words in page
