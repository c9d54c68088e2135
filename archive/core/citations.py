"""How a record is cited: as BibTeX, RIS, CSL-JSON, and as a line to copy.

BibTeX is biblatex's (an `@online` whose `date` is EDTF), RIS is the format's 2011 description, CSL-JSON is that of CSL 1.0.2. What
is not known of a date is left out, never filled in. No format says when the page was read: only its reader knows.
"""

import json
import re
from dataclasses import dataclass

from django.http import Http404, HttpResponse

from archive.core.dates import OPEN, QUALIFIED, SEASONS, PartialDate
from archive.core.pages import RecordPage

ARCHIVE = "Annals"
SEASON = {str(month): number for number, month in enumerate(SEASONS, 1)}  # CSL counts them from 1
BIBTEX = {character: f"\\{character}" for character in "#$%&_"} | {
    "{": r"\textbraceleft{}",  # braces must balance even behind a backslash
    "}": r"\textbraceright{}",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True)
class Citation:
    """What a citation of a record says, in plain text.

    `kind` is the CSL type of what is cited. An author is (family name, given names), or a body's or an attribution's whole name.
    `description` says what kind of thing it is and, for what was said or done somewhere, at which event and where.
    """

    key: str
    kind: str
    title: str
    url: str
    authors: tuple[tuple[str, str] | str, ...] = ()
    description: str = ""
    event: str = ""
    place: str = ""
    date: PartialDate | None = None
    language: str = ""

    @property
    def line(self):
        """The citation in one line: who, “what”, of which kind, where and when, in which archive, and the address."""
        authors = ", ".join(author if isinstance(author, str) else f"{author[1]} {author[0]}" for author in self.authors)
        what = ", ".join(filter(None, [self.description, self.date and self.date.words]))
        return " ".join([*(sentence(part) for part in (authors, f"“{one_line(self.title)}”", what, ARCHIVE) if part), self.url])


def author(filed_name):
    """A person's name as it is filed ("Firefly, Rufus") as (family, given); a name that has not these two parts as it stands."""
    family, _, given = (part.strip() for part in filed_name.partition(","))
    return (family, given) if family and given and "," not in given else filed_name


def one_line(text):
    """`text` without line breaks and control characters, which no citation can hold."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())


def sentence(text):
    return text if text.endswith((".", "…", "?", "!")) else f"{text}."


# BibTeX


def bibtex(citation):
    """The citation as a biblatex entry."""
    fields = {
        "author": " and ".join(map(bibtex_author, citation.authors)),
        "title": f"{{{bibtex_text(citation.title)}}}",  # in braces of its own: its capitals are names, which styles would lower
        "titleaddon": bibtex_text(citation.description),
        "date": citation.date and citation.date.edtf,
        "organization": ARCHIVE,
        "url": citation.url,
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@online{{{citation.key},\n{lines}}}\n"


def bibtex_author(name):
    if isinstance(name, str):
        return f"{{{bibtex_text(name)}}}"
    return ", ".join(f"{{{part}}}" if " and " in part.lower() else part for part in map(bibtex_text, name))


def bibtex_text(text):
    return "".join(BIBTEX.get(character, character) for character in one_line(text))


# RIS


def ris(citation):
    """The citation as an RIS record."""
    year, slashed = ris_date(citation.date)
    tags = [
        ("TY", "ELEC"),
        ("ID", citation.key),
        *(("AU", name if isinstance(name, str) else ", ".join(name)) for name in citation.authors),
        ("TI", citation.title),
        ("T2", citation.event),
        ("M3", citation.description),
        ("PY", year),
        ("DA", slashed),
        ("CY", citation.place),
        ("PB", ARCHIVE),
        ("LA", citation.language),
        ("UR", citation.url),
    ]
    lines = [f"{tag}  - {one_line(value)}" for tag, value in tags if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def ris_date(date):
    """(year, "YYYY/MM/DD/other") of a PartialDate: blank where it says nothing, in words behind where it says more than that."""
    if date is None:
        return "", ""
    start, _, end = date.edtf.partition("/")
    parts, _ = known(end if start in OPEN else start)
    year, month, day = (*parts, "", "", "")[:3]
    return year, f"{year}/{month}/{day}/{'' if '-'.join(parts) == date.edtf else date.words}"


# CSL-JSON


def csl(citation):
    """The citation as a CSL-JSON list of one item."""
    item = {
        "id": citation.key,
        "type": citation.kind,
        "title": one_line(citation.title),
        "author": [
            {"literal": one_line(name)}
            if isinstance(name, str)
            else dict(zip(("family", "given"), map(one_line, name), strict=True))
            for name in citation.authors
        ],
        "genre": one_line(citation.description),
        "event-title": one_line(citation.event),
        "event-place": one_line(citation.place),
        "issued": citation.date and csl_date(citation.date),
        "publisher": ARCHIVE,
        "language": citation.language,
        "URL": citation.url,
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2) + "\n"


def csl_date(date):
    """A PartialDate as a CSL date: the parts that are known, `circa` for what is not certain, words where parts say too little."""
    sides = [known(side) for side in date.edtf.split("/")]
    value = {"date-parts": [[int(part) for part in parts] for parts, _ in sides if parts]}
    if not all(parts for parts, _ in sides) or (len(sides) == 2 and any(season for _, season in sides)):
        value["literal"] = date.words
    else:
        value["season"] = sides[0][1]
    value["circa"] = bool(re.search("[?~%]", date.edtf))
    return {name: given for name, given in value.items() if given}


def known(side):
    """One side of an EDTF date as far as it is known: (["2012", "11"], None), or (["2012"], 3) for the third season."""
    parts = [] if side in OPEN else [part for part in QUALIFIED.fullmatch(side).groups()[:3] if part]
    parts = parts[: next((place for place, part in enumerate(parts) if "X" in part), len(parts))]
    season = SEASON.get(parts[1]) if len(parts) > 1 else None
    return (parts[:1] if season else parts), season


# The files


FORMATS = {
    "bib": (bibtex, "application/x-bibtex; charset=utf-8"),
    "ris": (ris, "application/x-research-info-systems; charset=utf-8"),
    "json": (csl, "application/vnd.citationstyles.csl+json"),
}


class CitationFile(RecordPage):
    """The citation of a published record as a file; answers as the record's page does when there is none."""

    cite = None  # what makes the Citation of (record, its absolute address)

    def get_queryset(self):
        return self.model.objects.published().for_list()

    def get(self, request, *args, **kwargs):
        if kwargs["form"] not in FORMATS:
            raise Http404("A citation is a .bib, .ris or .json file.")
        return super().get(request, *args, **kwargs)

    def render_to_response(self, context, **kwargs):
        write, content_type = FORMATS[self.kwargs["form"]]
        citation = self.cite(self.object, self.request.build_absolute_uri(self.object.permalink))
        name = f'attachment; filename="{citation.key}.{self.kwargs["form"]}"'
        return HttpResponse(write(citation), content_type=content_type, headers={"Content-Disposition": name})
