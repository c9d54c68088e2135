"""Tables in and out of the admin: what a file would change is shown first, and exactly that is written, or nothing."""

import csv
import html
import io
import json
import re
import threading
import time
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from archive.core.curation.importing import planned
from archive.core.models import Entry
from archive.core.plain import to_plain
from archive.site.roles import make_groups
from archive.sources.models import Document
from events.models import Event, Statement, Topic
from people.models import Country, Organization, Person
from tests import cast as make


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def logged_in(name, *groups, permissions=()):
    user = get_user_model().objects.create_user(name, is_staff=True)
    user.groups.add(*Group.objects.filter(name__in=groups))
    user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def editor(db):
    return logged_in("edith", "Editors")


def as_csv(rows):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_xlsx(rows, formats=()):
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    for place, shown_as in dict(formats).items():
        book.active[place].number_format = shown_as
    book.save(file)
    return file.getvalue()


class Preview:
    """The page that says what a file would change."""

    def __init__(self, client, model, content, name="people.csv"):
        answer = client.post(address(model, "import"), {"file": SimpleUploadedFile(name, content)})
        self.refused = answer
        if answer.status_code != 302:
            self.text = html.unescape(answer.content.decode())
            return
        self.client, self.model, self.url = client, model, answer.url
        self.read()

    def read(self):
        page = self.client.get(self.url)
        self.raw = b"".join(page).decode()
        assert self.raw.rstrip().endswith("</html>")
        self.text = html.unescape(re.sub(r"<[^>]+>", " ", self.raw))
        found = re.search(r'name="seen" value="(\w+)"', self.raw)
        self.seen = found and found[1]
        self.counts = tuple(map(int, re.search(r"(\d+) new, (\d+) changed, (\d+) as they are", self.text).groups()))

    def problems(self):
        return re.findall(r'<tr><th scope="row">([^<]*)</th><td>([^<]*)</td></tr>', html.unescape(self.raw))

    def apply(self, **data):
        return self.client.post(self.url, {"seen": self.seen or "", "why": "A list from the embassy", "_import": "1"} | data)


def exported(client, model, format):
    return b"".join(client.get(address(model, "export", format)))


def test_a_file_adds_and_changes_records_in_one_step(editor, cast):
    rows = [
        {"slug": "rufus-firefly", "titles": "President", "summary": ""},
        {"slug": "", "titles": "", "summary": "A spy.", "name": "Chicolini"},
    ]
    rows[0]["name"] = "Rufus T. Firefly"
    preview = Preview(editor, Person, as_csv(rows))
    assert preview.counts == (1, 1, 0)
    assert all(words in preview.text for words in ("Rufus T. Firefly", "President", "Chicolini", "A spy."))
    assert not Person.objects.filter(name="Chicolini").exists()
    before = Entry.objects.count()
    answer = preview.apply()
    assert answer.url == address(Person, "changelist")
    cast.firefly.refresh_from_db()
    assert (cast.firefly.name, cast.firefly.titles, cast.firefly.state) == ("Rufus T. Firefly", "President", "published")
    chicolini = Person.objects.get(slug="chicolini")
    assert (chicolini.state, chicolini.sort_name, chicolini.summary) == ("draft", "Chicolini", "A spy.")
    entries = Entry.objects.all()[before:]
    assert {(entry.key, entry.action, entry.by, entry.why) for entry in entries} == {
        ("rufus-firefly", "changed", editor.user, "A list from the embassy"),
        ("chicolini", "created", editor.user, "A list from the embassy"),
    }
    assert len({entry.unit for entry in entries}) == 1
    assert editor.get(preview.url).url == address(Person, "import")  # the file is gone
    assert reverse("step", args=[entries[0].unit]) in editor.get(answer.url).content.decode()


def test_columns_that_the_file_has_not_and_lists_stay_as_they_are(editor, cast):
    Preview(editor, Person, as_csv([{"slug": "rufus-firefly", "summary": "He rules."}])).apply()
    cast.firefly.refresh_from_db()
    assert cast.firefly.summary == "He rules."
    assert [row.name for row in cast.firefly.names.all()] == ["Руфус Файрфлай"]
    assert cast.firefly.positions.get().title == "President"


def test_an_empty_cell_empties_the_field_but_takes_no_step(editor, cast):
    cast.firefly.titles = "Professor"
    cast.firefly.save()
    Preview(editor, Person, as_csv([{"slug": "rufus-firefly", "titles": "", "state": "", "names": ""}])).apply()
    cast.firefly.refresh_from_db()
    assert (cast.firefly.titles, cast.firefly.state, cast.firefly.names.count()) == ("", "published", 0)


@pytest.mark.parametrize("model", [Country, Organization, Person, Topic, Document, Event, Statement])
@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_what_was_exported_changes_nothing(editor, cast, model, format):
    cast.league.summary = "=1+1\nline two; “quoted” _x0041_ \x0b"
    cast.league.save()
    cast.gazette.text += "long " * 10_000  # longer than a cell of a workbook
    cast.gazette.save()
    make.event("Draft", state="draft", kind="conference")
    preview = Preview(editor, model, exported(editor, model, format))
    assert preview.counts == (0, 0, model.objects.count())
    assert "Nothing would change" in preview.text


@pytest.mark.parametrize("format", ["csv", "json"])
def test_only_what_was_edited_is_changed(editor, cast, format):
    before = {one.pk: to_plain(one) for one in Event.objects.all()}
    content = exported(editor, Event, format).replace(b"Summit of Freedonia", b"Peace Summit")
    Preview(editor, Event, content).apply()
    assert to_plain(Event.objects.get(pk=cast.summit.pk)) == before[cast.summit.pk] | {"title": "Peace Summit"}


def test_a_spreadsheet_that_was_edited_changes_only_what_was_edited(editor, cast):
    book, file = load_workbook(io.BytesIO(exported(editor, Person, "xlsx"))), io.BytesIO()
    sheet = book.worksheets[0]
    column = [cell.value for cell in sheet[1]].index("titles")
    [row] = [row for row in sheet.iter_rows(min_row=2) if row[0].value == "rufus-firefly"]
    row[column].value = "President"
    book.save(file)
    preview = Preview(editor, Person, file.getvalue())
    assert preview.counts == (0, 1, 1)
    preview.apply()
    cast.firefly.refresh_from_db()
    assert (cast.firefly.titles, cast.firefly.names.count()) == ("President", 1)


# What is wrong with a file is said, by its row and column, and nothing is written


HEADER = "slug,name,state,names,positions"
WRONG = {
    "an unknown reference": (
        'groucho,Groucho,,,"[{""title"": ""King"", ""organization"": ""nowhere""}]"',
        "positions[1].organization",
        "no organization “nowhere”",
    ),
    "a date that is none": (
        'groucho,Groucho,,,"[{""title"": ""King"", ""date"": ""yesterday""}]"',
        "positions[1].date",
        "is not a date",
    ),
    "a wrong type": ('groucho,Groucho,,"{""name"": 1}",', "names", "Here belongs a list"),
    "a row without a list": ('groucho,Groucho,,"[[1]]",', "names[1]", "Here belongs a record"),
    "an unhashable key": ('groucho,Groucho,,"[{""name"": [1]}]",', "names[1].name", "Here belongs one value"),
    "broken JSON": ("groucho,Groucho,,[{],", "names", "not well-formed JSON"),
    "deep JSON": ("groucho,Groucho,," + "[" * 5_000 + ",", "names", "JSON"),
    "a number that is none": ("groucho,Groucho,,[NaN],", "names", "JSON"),
    "a huge number": ("groucho,Groucho,,[" + "9" * 40 + "],", "names", "too large"),
    "half a character": ('groucho,Groucho,,"[{""name"": ""\\ud800""}]",', "names", "half a character"),
    "a NUL": ("groucho,Grou\x00cho,,,", "name", "NUL"),
    "a hidden NUL": ('groucho,Groucho,,"[{""name"": ""\\u0000""}]",', "names", "NUL"),
    "an unknown state": ("groucho,Groucho,gone,,", "state", "not a valid choice"),
    "an address that is none": ("Grou cho,Groucho,,,", "slug", "Lower-case letters"),
    "no name": (",,draft,,", "name", "needs a name"),
    "too long a name": (f"groucho,{'G' * 300},,,", "name", "at most 200"),
    "the same name twice": ('groucho,Groucho,,"[{""name"": ""G""}, {""name"": ""G""}]",', "names[2]", "here already"),
    "a step that there is none": ("rufus-firefly,Rufus,draft,,", "state", "No step"),
    "too many cells": ("groucho,Groucho,,,,more", "", "under 5 columns"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_one_bad_row_is_named_and_nothing_is_written(editor, cast, settings, wrong):
    line, column, sentence = WRONG[wrong]
    preview = Preview(editor, Person, f"{HEADER}\nharpo,Harpo,,,\n{line}\n".encode())
    [(place, said)] = preview.problems()
    assert place.removesuffix(f", {column}") == "Row 3", place
    assert sentence in said
    assert preview.seen is None
    [path] = (settings.MEDIA_ROOT / "imports").rglob("*-people.csv")
    plan = planned(editor.user, Person, path)
    list(plan.check())
    preview.apply(seen=plan.fingerprint)  # as if the page had offered it
    assert set(Person.objects.values_list("slug", flat=True)) == {"rufus-firefly", "ambassador-trentino"}


FILES = {
    "empty": (b"", "empty"),
    "only spaces": (b" \n \n", "empty"),
    "only a header": (b"slug,name\n", "no rows"),
    "no header": (b"groucho,Groucho\n", "has to name the columns: slug"),
    "an unknown column": (b"slug,nmae\na,b\n", "There is no column “nmae”. Did you mean “name”?"),
    "a column twice": (b"slug,name,name\na,b,c\n", "This column is here twice."),
    "a nameless column": (b"slug,,name\na,b,c\n", "This column has no name."),
    "Latin-1": ("slug,name\na,José\n".encode("latin-1"), "byte 16 is 0xE9"),
    "half of UTF-16": ("slug,name\na,b".encode("utf-16")[:-1], "UTF-16"),
    "an open quote": (b'slug,name\na,"b\n', "well-formed CSV"),
    "a broken workbook": (b"PK\x03\x04 nothing", "cannot be read"),
    "a zip that is no workbook": (b"PK\x05\x06" + bytes(18), "cannot be read"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx"),
    "a JSON object": (b'{"slug": "a"}', "a list of records"),
    "a JSON list of texts": (b'["a"]', "Here belongs a record"),
    "an empty JSON list": (b"[]", "no rows"),
    "broken JSON": (b'[{"slug": "a"', "not well-formed JSON"),
    "an unknown JSON key": (b'[{"slug": "a", "nmae": "b"}]', "Did you mean “name”?"),
    "a JSON key of a wrong type": (b'[{"slug": ["a"], "name": "b"}]', "Here belongs one text"),
}


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_no_table_is_answered_in_words(editor, file):
    content, sentence = FILES[file]
    preview = Preview(editor, Person, content)
    assert sentence in preview.text
    assert not Person.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_write_is_read(editor, encoding, delimiter):
    text = f"slug{delimiter}name\r\njose{delimiter}José Раҳмон\r\n\r\n"
    assert Preview(editor, Person, text.encode(encoding)).counts == (1, 0, 0)


def test_a_key_that_is_here_twice_is_named_with_its_first_row(editor):
    preview = Preview(editor, Person, b"slug,name\ngroucho,Groucho\nharpo,Harpo\ngroucho,G\n")
    assert preview.problems() == [("Row 4", "“groucho” is here twice: it is in row 2 too.")]


def test_a_workbook_gives_values_and_dates_as_they_were_shown(editor, cast):
    rows = [["slug", "title", "date"], *([f"event-{number}", 2015, date(2012, 11, 1)] for number in range(3))]
    content = as_xlsx(rows, {"C2": "yyyy-mm-dd", "C3": "mmm yyyy", "C4": "yyyy"})
    Preview(editor, Event, content, "events.xlsx").apply()
    found = Event.objects.filter(slug__startswith="event-").order_by("slug").values_list("title", "date")
    assert [(title, str(day)) for title, day in found] == [("2015", "2012-11-01"), ("2015", "2012-11"), ("2015", "2012")]


def test_a_formula_is_refused_and_a_text_that_looks_like_one_is_kept(editor, cast):
    [problem] = Preview(editor, Person, as_xlsx([["slug", "name"], ["a", '=HYPERLINK("x")']])).problems()
    assert problem[0] == "Row 2, name"
    assert "formula" in problem[1]
    cast.firefly.titles = "=1+1"
    cast.firefly.save()
    assert Preview(editor, Person, exported(editor, Person, "xlsx")).counts == (0, 0, 2)


def test_a_zip_bomb_is_not_unpacked(editor, settings):
    settings.IMPORT_MOST_BYTES = 100_000
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"0" * 10_000_000)
    assert "unpacks to more than" in Preview(editor, Person, file.getvalue()).text


def test_too_large_a_file_is_refused_in_the_form(editor, settings):
    settings.IMPORT_MOST_BYTES = 1_000_000
    for size in (1_000_001, 1_200_000):
        preview = Preview(editor, Person, b"x" * size)
        assert preview.refused.status_code == 413
        assert "larger than 0 MB" in preview.text or "larger than 1 MB" in preview.text
        assert 'type="file"' in preview.text


# New records


def test_an_address_is_made_from_the_name_and_namesakes_are_pointed_out(editor, cast):
    names = ["Валерий Семериков", "Firefly, Rufus", "Валерий Семериков", "???"]
    preview = Preview(editor, Person, as_csv([{"name": name} for name in names]))
    assert preview.counts == (4, 0, 0)
    assert "There is already “Rufus Firefly” (rufus-firefly)." in preview.text
    assert "The same name is in row 2." in preview.text
    preview.apply()
    assert set(Person.objects.filter(state="draft").values_list("slug", flat=True)) == {
        "valerij-semerikov",
        "valerij-semerikov-2",
        "firefly-rufus",
        "person",
    }


def test_rows_may_refer_to_one_another_in_any_order(editor):
    rows = [("committee", "council"), ("council", "union"), ("union", "")]
    Preview(editor, Organization, as_csv([{"slug": slug, "name": slug, "parent": above} for slug, above in rows])).apply()
    assert Organization.objects.get(slug="committee").parent.parent.slug == "union"


def test_rows_that_make_a_circle_together_are_refused(editor, cast):
    rows = [("league-of-nations", "union"), ("union", "secretariat-of-the-league")]
    preview = Preview(editor, Organization, as_csv([{"slug": slug, "name": slug, "parent": above} for slug, above in rows]))
    assert "would stand above itself" in preview.text
    assert preview.seen is None


def test_parts_and_evidence_are_imported_with_their_record(editor, cast):
    plain = {
        "slug": "second-summit",
        "title": "Second summit",
        "date": "2016",
        "topics": ["peace"],
        "host_country": "SY",
        "participations": [{"person": "rufus-firefly", "role": "chair"}],
        "statements": [{"slug": "war", "text": "War!", "speakers": ["rufus-firefly"], "topics": ["peace"]}],
        "passages": [{"document": "the-freedonia-gazette", "quote": "The next summit is planned for 2016 in Sylvania."}],
        "identifiers": [{"scheme": "wikidata", "identifier": "Q1"}],
    }
    Preview(editor, Event, json.dumps([plain]).encode(), "events.json").apply()
    event = Event.objects.get(slug="second-summit")
    assert (event.statements.get().speakers.get().person, event.passages.count()) == (cast.firefly, 1)
    assert Preview(editor, Event, exported(editor, Event, "json")).counts == (0, 0, 2)


def test_an_address_of_a_statement_that_another_event_has_is_refused(editor, cast):
    plain = {"slug": "second", "title": "Second", "statements": [{"slug": cast.said.slug, "text": "Again"}]}
    preview = Preview(editor, Event, json.dumps([plain]).encode())
    assert [place for place, _ in preview.problems()] == ["Row 1, slug"]


def test_statements_are_imported_into_their_events(editor, cast):
    row = {"slug": "war", "event": "summit-of-freedonia", "text": "War!", "speakers": "rufus-firefly; ambassador-trentino"}
    Preview(editor, Statement, as_csv([row, row | {"slug": "peace-again", "speakers": "rufus-firefly"}])).apply()
    said = Statement.objects.get(slug="war")
    assert (said.event, said.speakers.count(), said.order) == (cast.summit, 2, 2)
    other = make.event("Other")
    for wrong in ({"event": other.slug}, {"event": "nowhere"}, {"event": "", "slug": "new"}, {"speakers": "nobody"}):
        assert len(Preview(editor, Statement, as_csv([row | wrong])).problems()) == 1


def test_old_addresses_lead_to_the_record_and_are_given_to_no_other(editor, cast):
    old = [exported(editor, model, "csv") for model in (Person, Event, Statement)]
    cast.firefly.slug, cast.summit.slug = "rufus", "peace-summit"
    cast.firefly.save()
    cast.summit.save()
    for model, content in zip((Person, Event, Statement), old, strict=True):
        preview = Preview(editor, model, content)
        assert preview.problems() == []
        assert preview.counts == (0, 0, model.objects.count())
    Preview(editor, Person, b"slug,name,titles\nrufus-firefly,Rufus Firefly,King\n,Rufus Firefly,\n").apply()
    assert dict(Person.objects.filter(name="Rufus Firefly").values_list("slug", "titles")) == {
        "rufus": "King",
        "rufus-firefly-2": "",
    }


# Who may


def test_only_who_may_publish_changes_what_is_public(cast):
    importer = logged_in("ines", "Curators", permissions=["import_record"])
    for row in ({"slug": "rufus-firefly", "name": "R."}, {"slug": "new", "name": "New", "state": "published"}):
        preview = Preview(importer, Person, as_csv([row]))
        assert "only who may publish" in preview.text
        assert preview.seen is None
    preview = Preview(importer, Person, as_csv([{"slug": "new", "name": "New", "state": "in-review"}]))
    preview.apply()
    assert Person.objects.get(slug="new").state == "in-review"


def test_what_is_published_has_what_the_archive_promises(editor):
    preview = Preview(editor, Event, b"slug,title,state\nball,Ball,published\n")
    assert "published with its date" in preview.text


@pytest.mark.parametrize("page", ["import", "import_template", "import_preview"])
def test_nobody_imports_without_the_permission(cast, page):
    curator = logged_in("maria", "Curators")
    arguments = {"import_template": ["csv"], "import_preview": [uuid.uuid4()]}.get(page, [])
    for answer in (curator.get(address(Person, page, *arguments)), curator.post(address(Person, page, *arguments))):
        assert answer.status_code == 403
    assert "import/" not in curator.get(address(Person, "changelist")).content.decode()
    assert Client().get(address(Person, page, *arguments)).status_code == 302


def test_nobody_applies_the_upload_of_another(editor, cast):
    preview = Preview(editor, Person, b"slug,name\nnew,New\n")
    preview.client = logged_in("otis", "Editors")
    assert preview.apply().url == address(Person, "import")
    assert not Person.objects.filter(slug="new").exists()


@pytest.mark.parametrize("changed", ["the record", "a record that was new"])
def test_what_has_changed_since_the_preview_is_shown_anew(editor, cast, changed):
    preview = Preview(editor, Person, b"slug,titles,name\nrufus-firefly,King,Rufus Firefly\nnew,,New\n")
    if changed == "the record":
        cast.firefly.summary = "He rules."
        cast.firefly.save()
    else:
        make.person("New", state="draft", summary="Somebody else's")
    assert preview.apply().url == preview.url
    assert Person.objects.get(slug="rufus-firefly").titles == ""
    preview.read()
    assert "something was changed meanwhile" in preview.text
    preview.apply()
    assert Person.objects.get(slug="rufus-firefly").titles == "King"


def test_files_are_forgotten_after_a_day_or_when_thrown_away(editor, cast, settings, monkeypatch):
    first, second = (Preview(editor, Person, b"slug,name\nnew,New\n") for _ in range(2))
    editor.post(first.url, {"_cancel": "1"})
    assert editor.get(first.url).status_code == 302
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + 25 * 60 * 60)
    Preview(editor, Person, b"slug,name\nnew,New\n")
    assert editor.get(second.url).status_code == 302
    assert len([path for path in (settings.MEDIA_ROOT / "imports").rglob("*") if path.is_file()]) == 1


# Templates and exports


def test_a_template_explains_its_columns(editor):
    book = load_workbook(io.BytesIO(b"".join(editor.get(address(Event, "import_template", "xlsx")))))
    header = [cell.value for cell in book.worksheets[0][1]]
    meanings = {row[0].value: row[1].value for row in book.worksheets[1].iter_rows(min_row=2)}
    assert header == list(meanings)
    assert "EDTF" in meanings["date"]
    assert b"".join(editor.get(address(Event, "import_template", "csv"))).decode().strip().split(",") == header


def test_an_export_is_of_the_list_as_filtered_and_of_the_selected(editor, cast):
    make.event("Ball", state="draft", kind="launch")
    answer = editor.get(f"{address(Event, 'export', 'json')}?kind__exact=launch")
    assert [row["title"] for row in json.loads(b"".join(answer))] == ["Ball"]
    data = {"action": "export_csv", "_selected_action": [cast.summit.pk]}
    answer = editor.post(address(Event, "changelist"), data)
    assert [row["title"] for row in csv.DictReader(io.StringIO(b"".join(answer).decode()))] == ["Summit of Freedonia"]
    assert editor.get(f"{address(Event, 'export', 'csv')}?nonsense=1").status_code == 302
    assert editor.get(address(Event, "export", "exe")).status_code == 404


def test_many_rows_take_few_queries(editor, cast):
    rows = [{"slug": f"p-{number}", "name": f"P {number}"} for number in range(600)]
    preview = Preview(editor, Person, as_csv(rows))
    with CaptureQueriesContext(connection) as queries:
        preview.apply()
        assert Preview(editor, Person, as_csv(rows)).counts == (0, 0, 600)
    of_rules = ("SAVEPOINT", "RELEASE", "SELECT 1 AS")  # of the database's own rules, which ask no table
    assert len([query for query in queries if not query["sql"].startswith(of_rules)]) < 100
    assert Person.objects.count() == 602


@pytest.mark.django_db(transaction=True)
def test_two_who_import_the_same_at_once_make_each_record_once(settings):
    make_groups(apps)
    previews = [
        Preview(logged_in(name, "Editors"), Person, b"slug,name\ngroucho,Groucho\nharpo,Harpo\n") for name in ("edith", "otis")
    ]
    start = threading.Barrier(2)

    def apply(preview):
        start.wait()
        try:
            return preview.apply().url
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        urls = list(threads.map(apply, previews))
    assert sorted(urls) == sorted([address(Person, "changelist"), next(one.url for one in previews if one.url in urls)])
    assert Person.objects.count() == 2
    assert len(set(Entry.objects.values_list("unit", flat=True))) == 1
