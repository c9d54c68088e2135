"""The answers to OAI-PMH requests: one XML document for each, errors included."""

import re
from datetime import UTC, datetime
from email.utils import parseaddr
from itertools import islice

from django.conf import settings
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from archive.core.citations import ARCHIVE
from archive.core.compression import ENCODINGS
from archive.site.machines import site_of
from archive.site.oai import harvest
from archive.site.oai.dublin import elements, load
from archive.site.oai.requests import OAIError, listing, read, refuse_format

MOST = {"ListRecords": 100, "ListIdentifiers": 500}  # items in one answer
IDENTIFIER = re.compile(r"oai:([\w.-]+):([a-z]+)/([1-9]\d{0,17})", re.ASCII)


@csrf_exempt  # nothing is written, and harvesters may ask by POST
@require_http_methods(["GET", "HEAD", "POST"])
def oai(request):
    """Answers one OAI-PMH request."""
    context = {"base_url": request.build_absolute_uri(request.path), "now": stamp(datetime.now(UTC)), "given": {}, "name": ARCHIVE}
    try:
        verb, given = read(request.POST if request.method == "POST" else request.GET)
        context["given"] = {"verb": verb, **given}
        refuse_format(given)
        context |= {"verb": verb, **ANSWERS[verb](request, given)}
    except OAIError as error:
        if error.code in ("badVerb", "badArgument"):
            context["given"] = {}  # the protocol has none repeated that cannot be understood
        context["error"] = error
    answer = render(request, "site/oai.xml", context, content_type="text/xml; charset=utf-8")
    patch_cache_control(answer, no_store=True)  # the pages of a harvest would push all others out of the cache
    return answer


def stamp(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def domain(request):
    return request.get_host().partition(":")[0]


def identify(request, given):
    return {
        "email": parseaddr(settings.DEFAULT_FROM_EMAIL)[1] or f"postmaster@{domain(request)}",
        "earliest": stamp(harvest.earliest()),
        "compressions": list(ENCODINGS),
    }


def formats(request, given):
    if "identifier" in given:
        item_of(request, given["identifier"])
    return {}


def sets(request, given):
    if "resumptionToken" in given:
        raise OAIError("badResumptionToken", "All sets come at once.")
    return {"sets": [(name, model.public_name.many) for name, model in harvest.KINDS.items()]}


def record(request, given):
    return {"records": with_elements(request, [item_of(request, given["identifier"])])}


def identifiers(request, given):
    found, token = page(given, MOST["ListIdentifiers"])
    return {"records": [header(request, item) for item in found], "token": token}


def records(request, given):
    found, token = page(given, MOST["ListRecords"])
    return {"records": with_elements(request, found), "token": token}


ANSWERS = {
    "Identify": identify,
    "ListMetadataFormats": formats,
    "ListSets": sets,
    "GetRecord": record,
    "ListIdentifiers": identifiers,
    "ListRecords": records,
}


def page(given, most):
    """(Items, token): the next page of a list. The token is "" on the last of several, and None where there is only one."""
    asked = listing(given)
    found = list(islice(harvest.items(asked.models, asked.start, asked.end), most + 1))
    is_resumed = "resumptionToken" in given
    if not found and not is_resumed:
        raise OAIError("noRecordsMatch", "Nothing fits all of these.")
    if not found:  # what was left has changed since, and comes again to whoever asks from today on
        raise OAIError("badResumptionToken", "Nothing is left behind this token.")
    rest = asked.token(found[most].place) if len(found) > most else ""
    return found[:most], rest or ("" if is_resumed else None)


def item_of(request, identifier):
    """The Item that an identifier means; raises OAIError."""
    parts = IDENTIFIER.fullmatch(identifier)
    known = parts and parts[1] == domain(request) and parts[2] in harvest.KINDS
    item = harvest.find(harvest.KINDS[parts[2]], int(parts[3])) if known else None
    if item is None:
        raise OAIError("idDoesNotExist", "There is no such record.")
    return item


def header(request, item):
    name = item.model.public_name.list
    return {
        "identifier": f"oai:{domain(request)}:{name}/{item.pk}",
        "datestamp": stamp(item.at),
        "set": name,
        "is_deleted": not item.is_public,
    }


def with_elements(request, items):
    """The headers of `items`, each with the Dublin Core of its record, if it is there."""
    wanted = {}
    for item in items:
        if item.is_public:
            wanted.setdefault(item.model, []).append(item.pk)
    loaded = {model: load(model, pks) for model, pks in wanted.items()}
    found = []
    for item in items:
        there = loaded.get(item.model, {}).get(item.pk)  # none, too, when it was withdrawn since the list was made
        said = elements(there, site_of(request)) if there else []
        found.append(header(request, item) | {"is_deleted": there is None, "dc": said})
    return found
