"""Every address of the admin, asked as everybody: curators change nothing public, and make nothing public, by any of them."""

import uuid

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, get_resolver, reverse

from archive.core.models import Entry, Proposal
from archive.core.plain import to_plain
from tests.test_review import curator, editor  # noqa: F401 (fixtures)

FORGED = {
    "_step_published": "1",
    "state": "published",
    "post": "yes",
    "why": "forged",
    "_approve": "1",
    "confirm": "1",
    "merge": "1",
    "undo": "1",
    "restore": "1",
    "action": "step_published",
    "name": "Forged",
    "title": "Forged",
    "text": "Forged",
}
EDITORS_ALONE = ("restore", "import", "import_preview", "import_template", "merge")


def addresses(record):
    """(name, address) of every page of the admin of `record`."""
    entry = Entry.objects.filter(model=record._meta.label_lower, record=record.pk).last()
    for pattern in admin.site._registry[type(record)].get_urls():
        if not pattern.name:
            continue
        given = {"object_id": record.pk, "number": entry.pk, "token": uuid.uuid4(), "format": "csv"}
        given = {name: value for name, value in given.items() if f":{name}>" in str(pattern.pattern)}
        name = pattern.name.removeprefix(f"{record._meta.app_label}_{record._meta.model_name}_")
        yield name, reverse(f"admin:{pattern.name}", kwargs=given)


@pytest.mark.parametrize("index", range(7))
def test_strangers_are_sent_to_the_log_in(client, cast, index):
    for name, address in addresses(cast.records[index]):
        for answer in (client.get(address), client.post(address, FORGED)):
            assert answer.status_code == 302, name
            assert answer["Location"].startswith("/admin/login/"), name


@pytest.mark.parametrize("index", range(7))
def test_a_curator_changes_nothing_public_by_any_door(curator, cast, index):  # noqa: F811
    record, before = cast.records[index], [to_plain(one) for one in cast.records]
    for name, address in addresses(record):
        chosen = FORGED | {"_selected_action": [record.pk], "other": record.pk}
        answers = [curator.get(address), curator.post(address, chosen)]
        assert {answer.status_code for answer in answers} <= {200, 302, 403, 404, 405, 409}, name
        if name in EDITORS_ALONE:
            assert {answer.status_code for answer in answers} <= {403, 404, 405}, name
    assert [to_plain(type(one).objects.get(pk=one.pk)) for one in cast.records] == before
    assert not Entry.objects.filter(by=curator.user, step="published").exists()


@pytest.mark.parametrize("index", range(7))
def test_a_curator_publishes_no_draft_by_any_door(curator, cast, index):  # noqa: F811
    for one in cast.records:
        type(one).objects.update(state="draft")
    record = cast.records[index]
    for _, address in addresses(record):
        curator.post(address, FORGED | {"_selected_action": [record.pk], "other": record.pk})
    assert {one.state for kind in {*map(type, cast.records)} for one in kind.objects.all()} <= {"draft", "in-review"}


def test_steps_and_proposals_are_not_undone_or_approved_by_curators(curator, cast):  # noqa: F811
    entry = Entry.objects.filter(model="events.event").last()
    proposal = Proposal.objects.create(
        model="events.topic",
        record=cast.peace.pk,
        title="Peace",
        before=to_plain(cast.peace),
        plain={"name": "War", "slug": "peace"},
    )
    for address in (reverse("step", args=[entry.unit]), reverse("admin:core_proposal_change", args=[proposal.pk])):
        assert curator.get(address).status_code == 200
        assert curator.post(address, FORGED | {"loaded": Entry.objects.last().pk}).status_code == 403
    cast.peace.refresh_from_db()
    assert cast.peace.name == "Peace"


def test_these_are_all_the_doors(editor, cast):  # noqa: F811
    """Whoever adds an address beside the admin's own adds it to a test of who may open it."""
    beside = [str(one.pattern) for one in get_resolver().url_patterns if str(one.pattern).startswith("admin/")]
    assert beside == ["admin/step/<uuid:unit>/", "admin/parts/", "admin/", "admin/"]
    with pytest.raises(NoReverseMatch):
        reverse("admin:core_entry_changelist")
