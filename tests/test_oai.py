"""OAI-PMH: what a harvester is told, in the protocol's own form, and that it hears of every change and of nothing secret."""

import random
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from archive.core import ledger
from archive.core.models import Entry
from archive.core.states import State
from archive.site.oai import harvest, views
from archive.site.records import LISTS
from events.models import Event, Statement
from tests.cast import event, person, statement, topic
from tests.test_hostile import HOSTILE

OAI, DC = "{http://www.openarchives.org/OAI/2.0/}", "{http://purl.org/dc/elements/1.1/}"
SECOND = timedelta(seconds=1)
VERBS = {  # verb -> its children by the schema: (name, least, most)
    "Identify": [
        ("repositoryName", 1, 1),
        ("baseURL", 1, 1),
        ("protocolVersion", 1, 1),
        ("adminEmail", 1, 9),
        ("earliestDatestamp", 1, 1),
        ("deletedRecord", 1, 1),
        ("granularity", 1, 1),
        ("compression", 0, 9),
    ],
    "ListMetadataFormats": [("metadataFormat", 1, 9)],
    "ListSets": [("set", 1, 99), ("resumptionToken", 0, 1)],
    "GetRecord": [("record", 1, 1)],
    "ListIdentifiers": [("header", 1, 999), ("resumptionToken", 0, 1)],
    "ListRecords": [("record", 1, 999), ("resumptionToken", 0, 1)],
}


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    harvest.last_unnamed.cache_clear()


def ask(client, method="get", **parameters):
    """The answer's XML, checked against the protocol's rules; `since` stands for `from`, which is a word of Python's."""
    if "since" in parameters:
        parameters["from"] = parameters.pop("since")
    answer = getattr(client, method)("/oai/", parameters)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")
    xml = ElementTree.fromstring(answer.content)  # noqa: S314 (it is ours)
    date, request, *rest = list(xml)
    assert [one.tag for one in (xml, date, request)] == [f"{OAI}OAI-PMH", f"{OAI}responseDate", f"{OAI}request"]
    datetime.strptime(date.text, "%Y-%m-%dT%H:%M:%SZ")
    assert request.text == "http://testserver/oai/"
    if rest[0].tag == f"{OAI}error":
        is_unclear = rest[0].get("code") in ("badVerb", "badArgument")
        assert request.attrib == ({} if is_unclear else {name: str(value) for name, value in parameters.items()})
        return xml
    [verb] = rest
    assert (verb.tag, request.attrib) == (f"{OAI}{parameters['verb']}", {name: str(value) for name, value in parameters.items()})
    names = [child.tag.removeprefix(OAI) for child in verb]
    rules = VERBS[parameters["verb"]]
    assert sorted(names, key=[name for name, _, _ in rules].index) == names
    assert all(least <= names.count(name) <= most for name, least, most in rules)
    for record in verb.iter(f"{OAI}record"):
        is_deleted = record[0].get("status") == "deleted"
        assert [child.tag for child in record] == [f"{OAI}header", *([] if is_deleted else [f"{OAI}metadata"])]
    for header in verb.iter(f"{OAI}header"):
        assert [child.tag for child in header] == [f"{OAI}identifier", f"{OAI}datestamp", f"{OAI}setSpec"]
        assert header.attrib in ({}, {"status": "deleted"})
    return xml


def error(client, method="get", **parameters):
    xml = ask(client, method, **parameters)
    found = xml.find(f"{OAI}error")
    assert found.text
    return found.get("code")


def gather(client, verb="ListIdentifiers", **parameters):
    """All that a list has, page by page: [(identifier, "deleted" or None)]."""
    found, given = [], {"metadataPrefix": "oai_dc", **parameters}
    while given:
        xml = ask(client, verb=verb, **given)
        if xml.find(f"{OAI}error") is not None:
            assert xml.find(f"{OAI}error").get("code") == "noRecordsMatch"
            return found
        found += [(header.find(f"{OAI}identifier").text, header.get("status")) for header in xml.iter(f"{OAI}header")]
        token = xml.find(f".//{OAI}resumptionToken")
        given = {"resumptionToken": token.text} if token is not None and token.text else None
    return found


def name_of(record):
    return f"oai:testserver:{record.public_name.list}/{record.pk}"


def pages_of(monkeypatch, most):
    monkeypatch.setattr(views, "MOST", dict.fromkeys(views.MOST, most))


# The protocol


def test_the_archive_introduces_itself(cast, client, settings):
    settings.DEFAULT_FROM_EMAIL = "Annals <annals@example.org>"
    xml = ask(client, verb="Identify")
    said = {child.tag.removeprefix(OAI): child.text for child in xml[2]}
    assert (said["baseURL"], said["protocolVersion"], said["adminEmail"]) == ("http://testserver/oai/", "2.0", "annals@example.org")
    assert (said["deletedRecord"], said["granularity"]) == ("persistent", "YYYY-MM-DDThh:mm:ssZ")
    assert said["earliestDatestamp"] == views.stamp(Entry.objects.order_by("pk").first().at)
    assert [one.text for one in ask(client, verb="ListMetadataFormats").iter(f"{OAI}metadataPrefix")] == ["oai_dc"]
    assert [one.text for one in ask(client, verb="ListSets").iter(f"{OAI}setSpec")] == list(LISTS)
    assert ask(client, "post", verb="Identify")[2].tag == f"{OAI}Identify"


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("badVerb", {}),
        ("badVerb", {"verb": "Nothing"}),
        ("badVerb", {"verb": ["Identify", "Identify"]}),
        ("badArgument", {"verb": "Identify", "set": "events"}),
        ("badArgument", {"verb": "ListRecords"}),
        ("badArgument", {"verb": "ListRecords", "metadataPrefix": ["oai_dc", "oai_dc"]}),
        ("badArgument", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "resumptionToken": "x"}),
        ("badArgument", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2015-13-01"}),
        ("badArgument", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2015"}),
        ("badArgument", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "until": "9999-12-31"}),
        ("badArgument", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2016-01-01", "until": "2015-01-01"}),
        ("badArgument", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2015-01-01", "until": "2016-01-01T00:00:00Z"}),
        ("badArgument", {"verb": "GetRecord", "identifier": "x"}),
        ("badResumptionToken", {"verb": "ListRecords", "resumptionToken": "x"}),
        ("badResumptionToken", {"verb": "ListSets", "resumptionToken": "x"}),
        ("cannotDisseminateFormat", {"verb": "ListRecords", "metadataPrefix": "marc"}),
        ("cannotDisseminateFormat", {"verb": "GetRecord", "metadataPrefix": "marc", "identifier": "x"}),
        ("idDoesNotExist", {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:testserver:events/999999"}),
        ("idDoesNotExist", {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:elsewhere:events/1"}),
        ("idDoesNotExist", {"verb": "ListMetadataFormats", "identifier": "oai:testserver:nothing/1"}),
        ("noRecordsMatch", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "nothing"}),
        ("noRecordsMatch", {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "until": "1999-12-31"}),
        ("noRecordsMatch", {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "from": "9000-01-01"}),
    ],
)
def test_every_mistake_has_its_code(cast, client, code, asked):
    assert {error(client, method, **asked) for method in ("get", "post")} == {code}


@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if kind not in ("NUL", "megabyte", "surrogate", "list")])
def test_nonsense_is_answered_in_the_protocols_words(cast, client, kind):
    asked = [("GetRecord", "identifier"), *(("ListRecords", name) for name in ("resumptionToken", "from", "set"))]
    for verb, name in asked:
        extra = {} if name == "resumptionToken" else {"metadataPrefix": "oai_dc"}
        assert error(client, verb=verb, **extra, **{name: HOSTILE[kind]})
    assert client.put("/oai/").status_code == 405


# What is told


def test_a_record_is_told_in_dublin_core(cast, client):
    xml = ask(client, verb="GetRecord", metadataPrefix="oai_dc", identifier=name_of(cast.summit))
    assert [(one.tag.removeprefix(DC), one.text) for one in next(xml.iter(f"{OAI}metadata"))[0]] == [
        ("title", "Summit of Freedonia"),
        ("subject", "Peace"),
        ("contributor", "Rufus Firefly"),
        ("contributor", "Ambassador Trentino"),
        ("date", "2015-05-03"),
        ("type", "Event"),
        ("type", "Meeting"),
        ("identifier", "http://testserver/events/summit-of-freedonia/"),
        ("source", "http://testserver/documents/the-freedonia-gazette/"),
        ("coverage", "Freedonia"),
        ("rights", "https://spdx.org/licenses/CC-BY-4.0.html"),
    ]


def test_a_list_has_every_published_record_once_and_its_pages_the_same(cast, client, monkeypatch):
    event("Secret", state="draft")
    topic("Control", scope_note="a\x0bb & <c>")
    there = {name_of(record) for model, _ in LISTS.values() for record in model.objects.published()}
    whole = gather(client)
    assert sorted(whole) == sorted((name, None) for name in there)
    assert ">Secret<" not in client.get("/oai/", {"verb": "ListRecords", "metadataPrefix": "oai_dc"}).text
    assert "a b &amp; &lt;c&gt;" in client.get("/oai/", {"verb": "ListRecords", "metadataPrefix": "oai_dc"}).text
    pages_of(monkeypatch, 3)
    assert gather(client) == gather(client, "ListRecords") == whole
    for name in LISTS:
        assert gather(client, set=name) == [(found, status) for found, status in whole if f":{name}/" in found]


def test_a_harvester_hears_of_changes_withdrawals_and_deletions_alone(cast, client):
    Entry.objects.update(at=timezone.now() - timedelta(days=3))
    never = event("Never public", state="draft")
    gone = person("Gone")
    Entry.objects.filter(model="people.person", record=gone.pk).update(at=timezone.now() - timedelta(days=3))
    identifier = name_of(gone)
    yesterday = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%d")
    assert gather(client, since=yesterday) == []
    cast.firefly.summary = "President"
    cast.firefly.save()
    cast.peace.state = State.WITHDRAWN
    cast.peace.save()
    gone.delete()
    never.delete()
    told = [(name_of(cast.firefly), None), (name_of(cast.peace), "deleted"), (identifier, "deleted")]
    assert gather(client, since=yesterday) == told
    assert identifier not in dict(gather(client, until=yesterday))
    xml = ask(client, verb="GetRecord", metadataPrefix="oai_dc", identifier=identifier)
    assert next(xml.iter(f"{OAI}header")).get("status") == "deleted"


def test_what_happens_to_an_event_happens_to_its_statements(cast, client):
    Entry.objects.update(at=timezone.now() - timedelta(days=3))
    yesterday = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%d")
    cast.summit.state = State.WITHDRAWN
    cast.summit.save()
    names = [name_of(cast.summit), name_of(cast.said)]
    assert gather(client, since=yesterday) == [(name, "deleted") for name in names]
    assert gather(client, since=yesterday, set="statements") == [(names[1], "deleted")]
    cast.summit.state = State.PUBLISHED
    cast.summit.save()
    assert gather(client, since=yesterday) == [(name, None) for name in names]
    assert names[1] not in dict(gather(client, until=yesterday))


def test_records_that_the_ledger_does_not_know_are_told_of_too(cast, client, monkeypatch):
    whole = dict(gather(client))
    Entry.objects.all().delete()
    harvest.last_unnamed.cache_clear()
    assert dict(gather(client)) == whole
    ledger.everything_changed("by hand")
    today = timezone.now().strftime("%Y-%m-%d")
    assert dict(gather(client, since=today)) == whole
    pages_of(monkeypatch, 2)
    cast.firefly.summary = "President"
    cast.firefly.save()
    found = gather(client)
    assert (dict(found), len(found)) == (whole, len(whole))
    assert found[-1] == (name_of(cast.firefly), None)


def test_what_changes_during_a_harvest_is_not_missed(cast, client, monkeypatch):
    pages_of(monkeypatch, 4)
    first = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc")
    early = next(first.iter(f"{OAI}identifier")).text
    token = first.find(f".//{OAI}resumptionToken").text
    late = gather(client)[-1][0]
    model, pk = harvest.KINDS[late.split(":")[2].split("/")[0]], int(late.rpartition("/")[2])
    model.objects.filter(pk=pk).update(state=State.WITHDRAWN)
    rest = []
    while token:
        xml = ask(client, verb="ListIdentifiers", resumptionToken=token)
        rest += [(one.find(f"{OAI}identifier").text, one.get("status")) for one in xml.iter(f"{OAI}header")]
        found = xml.find(f".//{OAI}resumptionToken")
        token = found.text if found is not None else None
    assert early not in dict(rest)
    today = timezone.now().strftime("%Y-%m-%d")
    assert (late, "deleted") in gather(client, since=today)


@pytest.mark.parametrize("seed", range(3))
def test_after_any_history_two_harvests_know_what_one_knows(cast, client, monkeypatch, seed):
    """Whoever asks in the middle and again for what has changed since knows as much as who asks once, at the end."""
    chance = random.Random(seed)  # noqa: S311
    pages_of(monkeypatch, 3)
    for step in range(40):
        if step == 20:
            middle = timezone.now().replace(microsecond=0) - timedelta(days=1)
            Entry.objects.update(at=middle - SECOND)
            known = dict(gather(client, until=middle.strftime("%Y-%m-%dT%H:%M:%SZ")))
        happens(chance)
    known |= dict(gather(client, since=middle.strftime("%Y-%m-%dT%H:%M:%SZ")))
    once = gather(client)
    assert len(dict(once)) == len(once)
    there = {name_of(record) for model, _ in LISTS.values() for record in model.objects.published()}
    assert {name for name, status in once if not status} == there
    assert {name for name, status in known.items() if not status} == there


def happens(chance):
    """Something to one event or statement, or to everything."""
    kind = chance.choice(["event", "statement", "state", "state", "event state", "event state", "edit", "delete", "everything"])
    states = [State.DRAFT, State.PUBLISHED, State.PUBLISHED, State.WITHDRAWN]
    events, statements = list(Event.objects.order_by("pk")), list(Statement.objects.order_by("pk"))
    if kind == "event" or not events:
        event("Gala", slug=f"gala-{chance.random()}".replace(".", "-"), state=chance.choice(states))
    elif kind == "statement" or not statements:
        statement(chance.choice(events), slug=f"said-{chance.random()}".replace(".", "-"), state=chance.choice(states))
    elif kind == "everything":
        ledger.everything_changed("by hand")
    elif kind == "delete":
        chance.choice([*events, *statements]).delete()
    else:
        record = chance.choice(events if kind == "event state" else statements)
        if kind == "edit":
            record.text += "!"
        else:
            record.state = chance.choice(states)
        record.save()


def test_a_moment_is_found_among_entries_with_gaps(db):
    start = datetime(2020, 1, 1, tzinfo=UTC)
    for number in (3, 10, 11, 500):
        Entry.objects.create(pk=number, unit="0" * 32, action="everything", at=start + number * SECOND)
    for seconds in (0, 3, 4, 10, 11, 12, 500, 501):
        time = start + seconds * SECOND
        behind = Entry.objects.filter(pk__gte=harvest.number_at(time))
        assert set(behind) == set(Entry.objects.filter(at__gte=time)), seconds
