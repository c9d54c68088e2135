"""Lists as files: every format has the same rows, says what they mean, and shows the public nothing that is not its own."""

import csv
import io
import json
import zipfile
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from archive.core import columns, ledger, xlsx
from archive.core.columns import FIRST, list_table
from archive.core.exports import FORMATS, csv_lines, export
from archive.core.xlsx import Workbook
from archive.sources.models import Document
from events.models import Event, Statement, Topic
from people.models import Country, Organization, Person
from tests.cast import country, document, event, organization, participation, passage, person, statement, topic

SITE = "https://archive.example"
LISTS = [Event, Statement, Person, Organization, Country, Topic, Document]
SECRET = "Sekret"
INJECTIONS = [
    "=1+1",
    '=HYPERLINK("http://x.example";"y")',
    "@SUM(A1)",
    "+1",
    "-1",
    "\t=1",
    "\r=1",
    "http://x.example",
    "1e5",
    "0012",
]
TEXTS = [
    "a, b; c",
    'the "best"',
    "two\nlines",
    "two\r\nlines",
    "Раҳмон ва Ҷумабоев",
    "\u202eעברית",
    "𝒳 & <b>",
    "_x0041_",
    "\x01\ufffe",
]

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")) | st.text(',;"\r\n _x0')


def export_all(format, model):
    pks = model.objects.order_by("pk").values_list("pk", flat=True)
    return b"".join(export(format, model, pks, SITE))


def as_rows(format, model):
    """The exported rows as dicts of what each format holds."""
    content = export_all(format, model)
    if format == "csv":
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    if format == "jsonl":
        return [json.loads(line) for line in content.decode().split("\n")[:-1]]
    header, *rows = sheets(content)["Data"]
    return [dict(zip(header, row, strict=True)) for row in rows]


def sheets(content):
    """The rows of each sheet, read by a library that knows nothing of how they were written; an empty cell is ""."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: [["" if value is None else value for value in row] for row in sheet.values] for sheet in book}


def test_every_format_has_the_same_columns_and_rows(cast):
    for model in LISTS:
        names = [column.name for column in list_table(model, SITE).columns]
        for format in FORMATS:
            rows = as_rows(format, model)
            assert [row["permalink"] for row in rows] == [f"{SITE}{one.get_absolute_url()}" for one in model.objects.order_by("pk")]
            assert all(list(row) == names for row in rows)


def test_an_event_says_when_where_who_and_on_what_evidence(cast):
    [row] = as_rows("jsonl", Event)
    assert row == {
        "slug": "summit-of-freedonia",
        "permalink": "https://archive.example/events/summit-of-freedonia/",
        "date": "2015-05-03",
        "date_earliest": "2015-05-03",
        "date_latest": "2015-05-03",
        "title": "Summit of Freedonia",
        "kind": "meeting",
        "standing": "held",
        "format": "",
        "place": "Freedonia",
        "host_country": "FR",
        "host_country_name": "Freedonia",
        "part_of": None,
        "part_of_title": None,
        "summary": "",
        "topics": ["peace"],
        "identifiers": [],
        "identifiers_scheme": [],
        "identifiers_identifier": [],
        "participations": ["rufus-firefly", "ambassador-trentino"],
        "participations_person": ["rufus-firefly", "ambassador-trentino"],
        "participations_organization": ["league-of-nations", ""],
        "participations_country": ["FR", "SY"],
        "participations_role": ["speaker", "participant"],
        "agenda": ["the-price-of-peace"],
        "supplied": {},
        "passages": [
            {"document": "the-freedonia-gazette", "start": 0, "end": 39, "exact": "Leaders met in Freedonia on 3 May 2015."}
        ],
    }


def test_in_csv_lists_are_parallel_and_what_is_more_is_json(cast):
    cast.summit.supplied = {"place": "The text names “the capital”."}
    cast.summit.save()
    [row] = as_rows("csv", Event)
    assert row["participations"] == "rufus-firefly;ambassador-trentino"
    assert row["participations_organization"] == "league-of-nations;"
    assert json.loads(row["passages"])[0]["exact"] == "Leaders met in Freedonia on 3 May 2015."
    assert json.loads(row["supplied"]) == cast.summit.supplied
    assert (row["part_of"], row["summary"]) == ("", "")
    assert as_rows("xlsx", Event) == [row]


def test_a_statement_says_who_made_it_and_when(cast):
    [row] = as_rows("jsonl", Statement)
    assert (row["event"], row["event_title"], row["event_date"]) == ("summit-of-freedonia", "Summit of Freedonia", "2015-05-03")
    assert (row["speakers_person"], row["speakers_country"]) == (["rufus-firefly"], ["FR"])
    assert (row["agenda_item"], row["agenda_item_text"]) == ("the-price-of-peace", "The price of peace")


def test_dates_are_edtf_with_their_bounds(cast):
    event("Summer school", date="2012-11")
    event("Programme", date="2021/..")
    event("Some day")
    dates = [(row["date"], row["date_earliest"], row["date_latest"]) for row in as_rows("csv", Event)[1:]]
    assert dates == [("2012-11", "2012-11-01", "2012-11-30"), ("2021/..", "2021-01-01", "9999-12-31"), ("", "", "")]


def test_rows_come_in_the_order_asked_for_and_what_is_gone_is_left_out(cast):
    others = [event(f"Event {number}") for number in range(5)]
    others[3].state = "withdrawn"
    others[3].save()
    asked = np.array([others[2].pk, 999_999, others[3].pk, cast.summit.pk, others[0].pk])
    rows = csv.DictReader(io.StringIO(b"".join(export("csv", Event, asked, SITE)).decode(), newline=""))
    assert [row["slug"] for row in rows] == ["event-2", "summit-of-freedonia", "event-0"]


def test_an_empty_list_has_its_columns(db):
    for model in LISTS:
        assert export_all("csv", model).count(b"\r\n") == 1
        assert export_all("jsonl", model) == b""
        assert len(sheets(export_all("xlsx", model))["Data"]) == 1


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_not_published_is_in_no_export(cast, format):
    hidden = {"state": "draft"}
    secret_person = person(f"{SECRET} Person", **hidden)
    secret_body = organization(f"{SECRET} Body", **hidden)
    secret_country = country(f"{SECRET} Country", "SE", **hidden)
    secret_topic = topic(f"{SECRET} Topic", **hidden)
    secret_paper = document(f"{SECRET} Paper", **hidden)
    secret_event = event(f"{SECRET} Event", host_country=cast.freedonia, **hidden)
    statement(cast.summit, f"{SECRET} statement", **hidden)
    statement(secret_event, f"{SECRET} word", slug="published-at-a-secret-event")
    for holder in (cast.summit, cast.said):
        holder.topics.add(secret_topic)
        holder.passages.add(passage(secret_paper, "Leaders met"))
    cast.summit.part_of, cast.summit.host_country = secret_event, secret_country
    cast.summit.save()
    row = participation(cast.summit, person=secret_person, country=cast.freedonia, slug=f"{SECRET}-row")
    cast.said.speakers.add(row, participation(cast.summit, organization=secret_body, country=cast.sylvania, slug=f"{SECRET}-too"))
    cast.firefly.positions.create(title="Member", organization=secret_body, slug=f"{SECRET}-post")
    cast.league.members.create(member=secret_body, slug=f"{SECRET}-member")
    cast.league.parent, cast.league.country = secret_body, secret_country
    cast.league.save()
    cast.peace.broader = secret_topic
    cast.peace.save()
    for model in LISTS:
        for row in as_rows(format, model):
            assert SECRET.lower() not in json.dumps(row).lower(), model
    [row] = as_rows("jsonl", Event)
    assert (row["host_country"], row["part_of"], row["topics"]) == (None, None, ["peace"])
    assert len(row["participations"]) == 2


@pytest.mark.parametrize("text", INJECTIONS + TEXTS)
def test_data_files_are_raw_and_in_the_spreadsheet_every_text_is_text(cast, text):
    event(text, slug="hostile", supplied={"title": text})
    assert as_rows("csv", Event)[1]["title"] == text
    assert as_rows("jsonl", Event)[1]["title"] == text
    content = export_all("xlsx", Event)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Data"]
    assert {cell.data_type for row in sheet for cell in row if cell.value is not None} <= {"s", "inlineStr"}
    assert not any(cell.hyperlink for row in sheet for cell in row)
    assert {xlsx_unescaped(cell) for cell in inline_texts(content)} >= {text}


def inline_texts(content):
    """The texts of a workbook's first sheet as XML has them: openpyxl reads the escapes of the format only in part."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        tree = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 (our own)
    assert {cell.get("t") for cell in tree.iter(f"{{{xlsx.MAIN}}}c")} == {"inlineStr"}
    return [text.text for text in tree.iter(f"{{{xlsx.MAIN}}}t")]


def xlsx_unescaped(text):
    """`text` as a spreadsheet program reads it: _x0041_ is the character U+0041 (ECMA-376, ST_Xstring)."""
    return xlsx.re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)


@given(st.lists(ANY_TEXT, max_size=4))
def test_a_workbook_holds_any_text(texts):
    book = Workbook()
    content = book.open("Data", ["x"]) + book.write([[text] for text in texts]) + book.finish()
    assert [xlsx_unescaped(text) for text in inline_texts(content)] == ["x", *filter(None, texts)]


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=4))
def test_csv_holds_any_text(rows):
    content = csv_lines(zip(*[("a", "b"), *rows], strict=True)).decode()
    assert list(csv.reader(io.StringIO(content, newline=""), strict=True)) == [["a", "b"], *map(list, rows)]


def test_a_text_too_long_for_a_cell_says_so_and_is_whole_in_the_data_files(cast):
    long = "𝒳" * 20_000
    statement(cast.summit, long, slug="long")
    statement(cast.summit, "x" * 32_767, slug="just-fits")
    rows = {row["slug"]: row["text"] for row in as_rows("xlsx", Statement)}
    assert rows["long"].startswith("𝒳" * 10_000)
    assert rows["long"].endswith(
        "[…cut here: a cell holds 32,767 of these 40,000 characters; the CSV and JSON Lines exports have them all]"
    )
    assert len(rows["long"].encode("utf-16-le")) <= 2 * 32_767
    assert rows["just-fits"] == "x" * 32_767
    for format in ("csv", "jsonl"):
        assert {row["slug"]: row["text"] for row in as_rows(format, Statement)}["long"] == long


def test_a_full_sheet_goes_on_in_another(cast, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_ROWS", 3)
    for number in range(4):
        event(f"Event {number}")
    read = sheets(export_all("xlsx", Event))
    assert list(read)[:3] == ["Data", "Data 2", "Data 3"]
    assert [len(read[name]) for name in ("Data", "Data 2", "Data 3")] == [3, 3, 2]
    assert read["Data 3"][0] == read["Data"][0]
    assert read["Data 3"][1][0] == "event-3"


def test_the_workbook_explains_its_columns(cast):
    explained = dict(sheets(export_all("xlsx", Event))["Columns"])
    assert explained["standing"] == Event._meta.get_field("standing").help_text
    assert list(explained) == ["Column", *sheets(export_all("xlsx", Event))["Data"][0]]


def test_the_same_rows_are_the_same_bytes(cast):
    for format in FORMATS:
        assert export_all(format, Event) == export_all(format, Event)


@pytest.mark.parametrize("model", LISTS)
def test_more_rows_are_no_more_queries(cast, model):
    def ask():
        pks = list(model.objects.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as queries:
            list(export("csv", model, pks, SITE))
        return len(queries)

    more(cast, model, 0)
    few = ask()
    with ledger.unit():
        for number in range(1, FIRST - 2):
            more(cast, model, number)
    assert ask() == few


def more(cast, model, number):
    if model is Event:
        one = event(f"More {number}", host_country=country(f"Land {number}", f"L{chr(65 + number)}"), part_of=cast.summit)
        participation(one, person=person(f"Guest {number}"))
        one.topics.add(topic(f"Topic {number}"))
        one.passages.add(passage(cast.gazette, "Leaders met"))
    elif model is Statement:
        one = statement(event(f"More {number}"), f"{number}", slug=f"more-{number}")
        one.speakers.add(participation(one.event, person=person(f"Guest {number}")))
    elif model is Country:
        country(f"Land {number}", f"L{chr(65 + number)}").names.create(name="Another")
    else:
        {Person: person, Organization: organization, Topic: topic, Document: document}[model](f"More {number}")


def test_long_lists_are_read_and_given_in_pieces(cast):
    for number in range(FIRST * 6):
        topic(f"Topic {number}")
    pieces = list(export("csv", Topic, Topic.objects.values_list("pk", flat=True), SITE))
    assert [piece.count(b"\r\n") for piece in pieces] == [1, FIRST, 4 * FIRST, FIRST + 1]


def test_documents_are_read_fewer_at_a_time_the_longer_they_are(cast, monkeypatch):
    monkeypatch.setattr(columns, "BLOCK", 20_000)
    for number in range(FIRST + 10):
        document(f"Paper {number}", text="x" * 5_000)
    pieces = list(export("csv", Document, Document.objects.order_by("pk").values_list("pk", flat=True), SITE))
    assert [piece.count(b"\r\n") for piece in pieces] == [1, FIRST, 4, 3, 3, 1]
