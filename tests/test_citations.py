"""An event, a statement and a document can be cited, in every format and with what is known of their dates."""

import json
import re

import pytest
from django.template import engines

from archive.core.citations import Citation, author, bibtex, csl, ris
from archive.core.dates import PartialDate
from tests.cast import document, event, participation, person, statement

FORMS = ["bib", "ris", "json"]


def cited(client, record, form):
    answer = client.get(f"{record.get_absolute_url()}cite.{form}")
    assert answer.status_code == 200
    return answer.content.decode()


def fields(entry):
    """The fields of a BibTeX entry, by name."""
    return dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry, re.MULTILINE))


def tags(record):
    """The tags of an RIS record, each with its values."""
    found = {}
    for line in record.split("\r\n")[:-1]:
        found.setdefault(line[:2], []).append(line[6:])
    return found


def citation(**given):
    return Citation(
        **{"key": "annals-event-fair", "kind": "event", "title": "Fair", "url": "https://archive.example/events/fair/"} | given
    )


def test_a_statement_is_cited_by_its_speakers_and_its_event(cast, client):
    cast.said.speakers.add(participation(cast.summit, organization=cast.league))
    assert cited(client, cast.said, "bib") == (
        "@online{annals-statement-peace-is-cheap,\n"
        "  author = {Firefly, Rufus and {League of Nations}},\n"
        "  title = {{peace is cheap}},\n"
        "  titleaddon = {Reported statement, Summit of Freedonia, Freedonia},\n"
        "  date = {2015-05-03},\n"
        "  organization = {Annals},\n"
        "  url = {http://testserver/statements/peace-is-cheap/},\n"
        "}\n"
    )
    assert cited(client, cast.said, "ris").split("\r\n") == [
        "TY  - ELEC",
        "ID  - annals-statement-peace-is-cheap",
        "AU  - Firefly, Rufus",
        "AU  - League of Nations",
        "TI  - peace is cheap",
        "T2  - Summit of Freedonia",
        "M3  - Reported statement, Summit of Freedonia, Freedonia",
        "PY  - 2015",
        "DA  - 2015/05/03/",
        "CY  - Freedonia",
        "PB  - Annals",
        "UR  - http://testserver/statements/peace-is-cheap/",
        "ER  - ",
        "",
    ]
    assert json.loads(cited(client, cast.said, "json")) == [
        {
            "id": "annals-statement-peace-is-cheap",
            "type": "speech",
            "title": "peace is cheap",
            "author": [{"family": "Firefly", "given": "Rufus"}, {"literal": "League of Nations"}],
            "genre": "Reported statement, Summit of Freedonia, Freedonia",
            "event-title": "Summit of Freedonia",
            "event-place": "Freedonia",
            "issued": {"date-parts": [[2015, 5, 3]]},
            "publisher": "Annals",
            "URL": "http://testserver/statements/peace-is-cheap/",
        }
    ]


def test_a_statement_of_nobody_named_is_cited_as_the_document_attributes_it(cast, client):
    said = statement(cast.summit, "It is late", attribution="the experts")
    assert tags(cited(client, said, "ris"))["AU"] == ["the experts"]
    assert "AU" not in tags(cited(client, statement(cast.summit, "It is not"), "ris"))


def test_a_document_is_cited_by_its_publisher(cast, client):
    paper = document("Вестник", slug="herald", publisher="{Herald} & Sons", language="ru", date="2001")
    (item,) = json.loads(cited(client, paper, "json"))
    assert (item["type"], item["title"], item["language"]) == ("document", "Вестник", "ru")
    assert item["author"] == [{"literal": "{Herald} & Sons"}]
    assert tags(cited(client, paper, "ris"))["LA"] == ["ru"]
    entry = fields(cited(client, paper, "bib"))
    assert entry["author"] == r"{\textbraceleft{}Herald\textbraceright{} \& Sons}"
    assert entry["title"] == "{Вестник}"


def test_an_event_that_was_not_held_says_so(cast, client):
    gala = event("Gala", standing="planned", place="Sylvania")
    assert json.loads(cited(client, gala, "json"))[0]["genre"] == "Meeting (planned), Sylvania"


@pytest.mark.parametrize(
    ("edtf", "year", "slashed", "issued"),
    [
        ("2015-05-03", "2015", "2015/05/03/", {"date-parts": [[2015, 5, 3]]}),
        ("2012-11", "2012", "2012/11//", {"date-parts": [[2012, 11]]}),
        ("2012", "2012", "2012///", {"date-parts": [[2012]]}),
        ("2003~", "2003", "2003///about 2003", {"date-parts": [[2003]], "circa": True}),
        ("2003-05?", "2003", "2003/05//perhaps May 2003", {"date-parts": [[2003, 5]], "circa": True}),
        ("2012-21", "2012", "2012///spring 2012", {"date-parts": [[2012]], "season": 1}),
        ("2015-XX", "2015", "2015///a month in 2015", {"date-parts": [[2015]]}),
        ("2015-06-XX", "2015", "2015/06//a day in June 2015", {"date-parts": [[2015, 6]]}),
        ("201X", None, "///the 2010s", {"literal": "the 2010s"}),
        ("2015-06-25/2015-06-27", "2015", "2015/06/25/25–27 June 2015", {"date-parts": [[2015, 6, 25], [2015, 6, 27]]}),
        ("2012-21/2013", "2012", "2012///spring 2012 – 2013", {"date-parts": [[2012], [2013]], "literal": "spring 2012 – 2013"}),
        ("2021/..", "2021", "2021///since 2021", {"date-parts": [[2021]], "literal": "since 2021"}),
        ("../2021-03", "2021", "2021/03//until March 2021", {"date-parts": [[2021, 3]], "literal": "until March 2021"}),
        (None, None, None, None),
    ],
)
def test_a_date_is_as_exact_as_it_is_known(edtf, year, slashed, issued):
    fair = citation(date=edtf and PartialDate.parse(edtf))
    assert fields(bibtex(fair)).get("date") == edtf
    assert (tags(ris(fair)).get("PY", [None]), tags(ris(fair)).get("DA", [None])) == ([year], [slashed])
    assert json.loads(csl(fair))[0].get("issued") == issued


def test_what_would_break_a_format_is_written_so_that_it_does_not():
    odd = citation(title="50% of {a_b}\\c~^ #1\r\n$2 & \x0cмир", authors=(("Brand and Sons", "A_"), "Rise and Fall"))
    entry = fields(bibtex(odd))
    assert entry["title"] == (
        r"{50\% of \textbraceleft{}a\_b\textbraceright{}\textbackslash{}c\textasciitilde{}\textasciicircum{} \#1 \$2 \& мир}"
    )
    assert entry["author"] == r"{Brand and Sons}, A\_ and {Rise and Fall}"
    assert bibtex(odd).count("{") == bibtex(odd).count("}")
    assert tags(ris(odd))["TI"] == [r"50% of {a_b}\c~^ #1 $2 & мир"]
    assert json.loads(csl(odd))[0]["title"] == r"50% of {a_b}\c~^ #1 $2 & мир"


@pytest.mark.parametrize(
    ("filed", "parts"),
    [
        ("Firefly, Rufus", ("Firefly", "Rufus")),
        ("Plato", "Plato"),
        ("King, Jr., Martin", "King, Jr., Martin"),
        ("Firefly,", "Firefly,"),
    ],
)
def test_a_name_has_two_parts_or_is_left_whole(filed, parts):
    assert author(filed) == parts


@pytest.mark.parametrize("form", FORMS)
def test_a_citation_is_a_file_to_be_saved(cast, client, form):
    for record in (cast.summit, cast.said, cast.gazette):
        answer = client.get(f"{record.get_absolute_url()}cite.{form}")
        name = f"annals-{record._meta.model_name}-{record.slug}.{form}"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize("form", FORMS)
def test_what_is_not_public_is_not_cited(cast, client, form):
    address = f"{cast.summit.get_absolute_url()}cite.{form}"
    for state, status in [("draft", 404), ("in-review", 404), ("withdrawn", 410)]:
        type(cast.summit).objects.update(state=state)
        assert client.get(address).status_code == status
        assert client.get(f"{cast.said.get_absolute_url()}cite.{form}").status_code == status


def test_a_speaker_who_is_not_public_is_not_named(cast, client):
    secret = participation(cast.summit, person=person("Secret Agent", state="draft"))
    cast.said.speakers.add(secret)
    for form in FORMS:
        assert "Agent" not in cited(client, cast.said, form)


def test_there_are_no_other_formats(cast, client):
    for address in ("cite.doc", "cite.", "cite", "cite.BIB"):
        assert client.get(f"{cast.summit.get_absolute_url()}{address}").status_code == 404
    assert client.get("/people/rufus-firefly/cite.bib").status_code == 404


def test_a_line_to_copy_says_who_what_where_when_and_the_address(cast, client, rf):
    page = engines["jinja2"].from_string('{% from "core/_cite.html" import cite %}{{ cite(record, request) }}')
    shown = page.render({"record": cast.said}, rf.get("/"))
    assert (
        "Rufus Firefly. “peace is cheap”. Reported statement, Summit of Freedonia, Freedonia, 3 May 2015. Annals. "
        "http://testserver/statements/peace-is-cheap/" in shown
    )
    mail, *addresses = sorted(re.findall(r'href="([^"]+)"', shown), key=lambda address: not address.startswith("mailto:"))
    assert "subject=peace%20is%20cheap&amp;body=Rufus%20Firefly" in mail
    for address in addresses:
        assert client.get(address).status_code == 200
    assert len(addresses) == len(FORMS) + 1  # and the page's own
