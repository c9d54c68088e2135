"""Two records become one: nothing that had to do with either is lost, and every old address leads on."""

import pytest
from django.apps import apps
from django.db import connection, models

from archive.core import ledger
from archive.core.curation.merging import merge, preview
from archive.core.curation.moving import MergeError, StaleError, relations
from archive.core.curation.undoing import undo
from archive.core.models import Entry, Moved, Proposal
from archive.core.plain import to_plain
from events.models import AgendaItem, Event, Participation, Statement, Topic
from people.models import Country, Organization, Person
from tests import cast as make

SAID = "Leaders met"


def made_one(kept, lost, **how):
    """The kept record as it is in the database once `lost` is merged into it."""
    merge(type(kept), kept.pk, lost.pk, **how)
    assert not type(kept).objects.filter(pk=lost.pk).exists()
    return type(kept).objects.get(pk=kept.pk)


def told(kept, lost, **how):
    """{kind: [sentence]} of what a merge would do."""
    steps, problems = preview(type(kept), kept.pk, lost.pk, **how)
    assert problems == []
    found = {}
    for step in steps:
        found.setdefault(step.kind, []).append(" | ".join(filter(None, [step.what, step.where, step.why])))
    return found


@pytest.fixture
def double(cast):
    """The same person as `cast.firefly`, found in other documents."""
    return make.person("R. T. Firefly", titles="Dr", state="draft")


# What moves


def test_what_belongs_to_the_lost_person_belongs_to_the_kept_one(cast, double):
    quote = make.passage(cast.gazette, SAID)
    double.passages.add(quote)
    double.names.create(name="Firefly the Elder", language="en")
    double.positions.create(title="President", organization=cast.league, slug="president-lon")
    other = make.event("Second summit")
    make.participation(other, person=double, role="chair", capacity="Chair")
    kept = made_one(cast.firefly, double)
    assert kept.titles == "Dr"
    assert list(kept.passages.all()) == [quote]
    assert [(name.name, name.kind) for name in kept.names.all()] == [
        ("Руфус Файрфлай", "variant"),
        ("Firefly the Elder", "variant"),
        ("R. T. Firefly", "variant"),
    ]
    assert [position.slug for position in kept.positions.all()] == ["president-lon", "president-lon-2"]
    assert other.participations.get().person == kept


def test_a_preview_says_what_the_merge_does_and_changes_nothing(cast, double):
    double.names.create(name="Руфус Файрфлай", language="ru")
    make.participation(make.event("Second summit"), person=double)
    before = [to_plain(record) for record in (cast.firefly, double)], Entry.objects.count()
    assert told(cast.firefly, double) == {
        "moved": ["Participation “R. T. Firefly” (person) | Second summit"],
        "joined": ["Person name “Руфус Файрфлай” | It says the same as the row that is there."],
        "added": ["Variant “R. T. Firefly”"],
    }
    assert ([to_plain(Person.objects.get(pk=one.pk)) for one in (cast.firefly, double)], Entry.objects.count()) == before


def test_two_rows_of_one_event_become_one_with_the_statements_of_both(cast, double):
    row = make.participation(
        cast.summit, person=double, organization=cast.league, country=cast.freedonia, role="speaker", talk="On peace"
    )
    row.passages.add(make.passage(cast.gazette, SAID))
    said = make.statement(cast.summit, "War is dear", slug="war")
    said.speakers.set([row])
    both = make.statement(cast.summit, "Both said so", slug="both")
    both.speakers.set([row, cast.speaker])
    made_one(cast.firefly, double)
    [kept] = Participation.objects.filter(event=cast.summit, person=cast.firefly)
    assert (kept.pk, kept.capacity, kept.talk, kept.passages.count()) == (cast.speaker.pk, "President", "On peace", 2)
    assert [list(one.speakers.all()) for one in (said, both)] == [[kept], [kept]]


@pytest.mark.parametrize("other", [{"role": "chair"}, {"capacity": "Private citizen"}, {"organization": None}])
def test_rows_that_say_different_things_both_stay(cast, double, other):
    same = {"organization": cast.league, "country": cast.freedonia, "role": "speaker"}
    make.participation(cast.summit, person=double, **(same | other))
    made_one(cast.firefly, double)
    assert cast.summit.participations.filter(person=cast.firefly).count() == 2


@pytest.mark.parametrize("chosen", [{}, {"name": "lost", "titles": "kept", "state": "lost"}])
def test_of_each_field_that_differs_the_value_that_was_chosen_is_kept(cast, double, chosen):
    kept = made_one(cast.firefly, double, chosen=chosen)
    expected = ("R. T. Firefly", "", "draft") if chosen else ("Rufus Firefly", "Dr", "published")
    assert (kept.name, kept.titles, kept.state) == expected
    assert kept.slug == "rufus-firefly"
    assert kept.names.filter(name="Rufus Firefly" if chosen else "R. T. Firefly", kind="variant").exists()


def test_a_name_that_becomes_the_records_own_is_no_other_name_of_it(cast, double):
    double.names.create(name="Rufus Firefly")
    assert sorted(name.name for name in made_one(cast.firefly, double).names.all()) == ["R. T. Firefly", "Руфус Файрфлай"]


def test_the_reason_for_a_value_comes_with_the_value(cast, double):
    Person.objects.filter(pk=double.pk).update(supplied={"titles": "From her card", "name": "Initials of the archive"})
    assert made_one(cast.firefly, double).supplied == {"titles": "From her card"}


def test_topics_and_events_and_countries_become_one(cast):
    war, other = make.topic("War"), make.event("Summit", place="Sylvania")
    other.topics.set([war, cast.peace])
    make.topic("Small wars", slug="small", broader=war)
    made_one(cast.peace, war)
    assert list(other.topics.all()) == [cast.peace]
    assert Topic.objects.get(slug="small").broader == cast.peace

    item = AgendaItem.objects.create(event=other, text="The price of peace")
    row = make.participation(other, person=cast.firefly, organization=cast.league, slug=cast.guest.slug)
    said = make.statement(other, "It is dear", slug="dear", agenda_item=item)
    said.speakers.add(row)
    said.passages.add(make.passage(cast.gazette, SAID))
    summit = made_one(cast.summit, other)
    said.refresh_from_db()
    assert (said.event, said.agenda_item) == (summit, cast.question)
    assert [speaker.slug for speaker in said.speakers.all()] == ["rufus-firefly-2"]
    assert to_plain(said)["speakers"] == ["rufus-firefly-2"]
    assert summit.agenda.count() == 1
    assert summit.place == "Freedonia"

    freedonia = made_one(cast.freedonia, cast.sylvania)
    assert freedonia.participations.count() == 2
    assert freedonia.names.get().name == "Sylvania"


# What two organizations are to one another


def test_what_two_organizations_are_to_one_another_falls_away(cast):
    office, league = cast.secretariat, cast.league
    office.members.create(member=league, role="observer")
    make.organization("Desk", parent=office)
    assert told(league, office)["dropped"] == [
        "Membership “League of Nations observer” | An organization cannot be a member of itself."
    ]
    kept = made_one(league, office)
    assert (kept.parent, [body.name for body in kept.bodies.all()], kept.memberships.count()) == (None, ["Desk"], 0)


def test_a_body_takes_the_place_of_its_parent(cast):
    above = make.organization("World")
    Organization.objects.filter(pk=cast.league.pk).update(parent=above)
    cast.secretariat.refresh_from_db()
    assert told(cast.secretariat, cast.league)["dropped"] == [
        "Organization “Secretariat of the League” (parent) | It is between the two, and “Secretariat of the League” cannot be "
        "that to itself."
    ]
    kept = made_one(cast.secretariat, cast.league)
    assert kept.parent == above


def test_a_circle_is_named_and_nothing_is_merged(cast):
    desk = make.organization("Desk", parent=cast.secretariat)
    before = [to_plain(one) for one in Organization.objects.all()]
    with pytest.raises(MergeError, match="would stand above itself"):
        merge(Organization, desk.pk, cast.league.pk, chosen={"parent": "kept"})
    assert [to_plain(one) for one in Organization.objects.all()] == before
    assert made_one(desk, cast.league, chosen={"parent": "lost"}).parent is None


# Addresses


def test_the_addresses_of_the_lost_record_lead_to_the_kept_one(cast, client):
    person = make.person("First")
    person.slug = "second"
    person.save()
    middle = make.person("Middle")
    made_one(middle, person)
    made_one(cast.firefly, middle)
    cast.firefly.refresh_from_db()
    cast.firefly.slug = "firefly"
    cast.firefly.save()
    for old in ("first", "second", "middle", "rufus-firefly"):
        answer = client.get(f"/people/{old}/")
        assert (answer.status_code, answer.headers.get("Location")) == (301, "/people/firefly/")


def test_the_code_of_a_lost_country_leads_on(cast, client):
    old = make.country("Old Freedonia", "FRXX")
    old.code = "FRYY"
    old.save()
    made_one(cast.freedonia, old)
    assert [client.get(f"/countries/{code}/").headers.get("Location") for code in ("frxx", "fryy")] == ["/countries/fr/"] * 2


# One step in the ledger


def test_a_merge_is_one_step_with_every_record_that_it_touched(cast, double, admin_user):
    Entry.objects.all().delete()  # a ledger that does not know what is there
    row = make.participation(make.event("Second summit"), person=double)
    make.participation(cast.summit, person=double, organization=cast.league, country=cast.freedonia, role="speaker")
    Entry.objects.all().delete()
    unit, _ = merge(Person, cast.firefly.pk, double.pk, by=admin_user, why="The same man")
    entries = {(entry.model, entry.record): entry for entry in Entry.objects.filter(unit=unit)}
    touched = {("people.person", cast.firefly.pk), ("people.person", double.pk), ("events.event", row.event_id)}
    assert set(entries) == touched | {("events.event", cast.summit.pk)}
    assert {(entry.by, entry.why) for entry in entries.values()} == {(admin_user, "The same man")}
    found = {(entry.model, entry.record): entry.plain for entry in Entry.objects.filter(action="found")}
    assert touched | {("events.event", cast.summit.pk)} <= set(found)
    assert found["people.person", double.pk]["name"] == "R. T. Firefly"
    assert found["events.event", row.event_id]["participations"][0]["person"] == double.slug
    assert {str(moved.unit) for moved in Moved.objects.all()} == {str(unit)}


def test_what_has_changed_since_it_was_looked_at_is_not_merged(cast, double):
    event = make.event("Second summit")
    make.participation(event, person=double)
    loaded = ledger.state()[0]
    event.title = "Another title"
    event.save()
    with pytest.raises(StaleError, match="“Another title” has changed"):
        merge(Person, cast.firefly.pk, double.pk, loaded=loaded)
    assert Person.objects.filter(pk=double.pk).exists()
    merge(Person, cast.firefly.pk, double.pk, loaded=ledger.state()[0])


# What is refused


def test_documents_and_statements_are_not_merged(cast):
    for record, other in [(cast.gazette, make.document("Another")), (cast.said, make.statement(cast.summit, "Another"))]:
        with pytest.raises(MergeError, match="cannot be merged"):
            merge(type(record), record.pk, other.pk)


def test_nonsense_is_refused_in_a_sentence(cast):
    for lost in (cast.firefly.pk, 10**9):
        with pytest.raises(MergeError, match="Choose two people that are there"):
            merge(Person, cast.firefly.pk, lost)


def test_a_record_with_a_change_that_waits_is_not_lost(cast, double):
    Proposal.objects.create(model="people.person", record=double.pk, title="", before={}, plain={})
    with pytest.raises(MergeError, match="decide on it first"):
        merge(Person, cast.firefly.pk, double.pk)


def test_what_a_merged_record_may_not_be_is_named_and_nothing_is_written(cast, double):
    Person.objects.filter(pk=double.pk).update(supplied={"nonsense": "none"})
    with pytest.raises(MergeError, match="“nonsense” is no field of this record"):
        merge(Person, cast.firefly.pk, double.pk)
    assert Person.objects.filter(pk=double.pk).exists()
    assert not Moved.objects.exists()


# No relation is forgotten


@pytest.mark.parametrize("model", [Person, Organization, Country, Topic, Event, Participation, AgendaItem])
def test_every_column_that_refers_to_a_record_is_among_its_relations(model):
    columns = {
        (table, field.column)
        for one in apps.get_models(include_auto_created=True)
        for table, field in [(one._meta.db_table, field) for field in one._meta.concrete_fields]
        if field.is_relation and field.related_model is model
    }
    own = {field.m2m_db_table() for field in model._meta.many_to_many}
    known = {
        (field.m2m_db_table(), field.m2m_reverse_name()) if field.many_to_many else (field.model._meta.db_table, field.column)
        for field in relations(model)
    }
    assert {column for column in columns if column[0] not in own} == known


@pytest.fixture
def bookmarks(transactional_db):
    """A model of the future: marks a person, once for each shelf, and other people beside it."""

    class Mark(models.Model):  # noqa: DJ008
        person = models.ForeignKey(Person, models.CASCADE, related_name="+")
        others = models.ManyToManyField(Person, related_name="+")
        shelf = models.CharField(max_length=10, default="")

        class Meta:
            app_label = "people"
            constraints = [models.UniqueConstraint(name="one_mark", fields=["person", "shelf"])]

    with connection.schema_editor() as editor:
        editor.create_model(Mark)
    apps.clear_cache()
    yield Mark
    with connection.schema_editor() as editor:
        editor.delete_model(Mark)
    del apps.all_models["people"]["mark"], apps.all_models["people"]["mark_others"]
    apps.clear_cache()


def test_a_relation_of_a_future_model_is_moved_or_the_merge_refuses(bookmarks):
    kept, lost = make.person("Kept"), make.person("Lost")
    mark = bookmarks.objects.create(person=lost)
    mark.others.set([lost])
    twin = bookmarks.objects.create(person=kept)
    with pytest.raises(MergeError, match="with this Person and Shelf already exists"):
        merge(Person, kept.pk, lost.pk)
    assert Person.objects.filter(pk=lost.pk).exists()
    twin.delete()
    merge(Person, kept.pk, lost.pk)
    mark.refresh_from_db()
    assert (mark.person, list(mark.others.all())) == (kept, [kept])


def test_what_cannot_be_moved_holds_the_record(cast, double, monkeypatch):
    make.participation(make.event("Second summit"), person=double)
    double.positions.create(title="Chair")
    for forgotten in ("positions", "participations"):
        known = [field for field in relations(Person) if field.remote_field.get_accessor_name() != forgotten]
        monkeypatch.setattr("archive.core.curation.moving.relations", lambda model, known=known: known if model is Person else [])
        with pytest.raises(MergeError, match="cannot be moved"):
            merge(Person, cast.firefly.pk, double.pk)
    assert Statement.objects.count() == 1


# What a merge did can be undone


def everything():
    """{(model, primary key): plain form} of all records that can be merged, and the addresses that lead elsewhere."""
    records = {
        (model, one.pk): to_plain(one) for model in (Person, Organization, Topic, Event, Country) for one in model.objects.all()
    }
    return records, list(Moved.objects.order_by("pk").values("model", "slug", "record", "unit"))


def twice_a_person(cast):
    double, earlier = make.person("R. T. Firefly", titles="Dr", state="draft"), make.person("Earlier")
    same = {"organization": cast.league, "country": cast.freedonia, "role": "speaker"}
    row = make.participation(cast.summit, person=double, talk="On peace", **same)
    make.statement(cast.summit, "War is dear", slug="war", state="draft").speakers.set([row])
    make.participation(make.event("Second summit", state="draft"), person=double)
    double.positions.create(title="President", slug=cast.position.slug)
    made_one(double, earlier)
    return cast.firefly, double


def an_organization_and_its_parent(cast):
    cast.league.members.create(member=cast.secretariat)
    make.organization("Desk", parent=cast.league)
    return cast.secretariat, cast.league


def two_topics(cast):
    war = make.topic("War", broader=cast.peace)
    cast.said.topics.add(war)
    return cast.peace, war


def two_countries(cast):
    return cast.freedonia, cast.sylvania


def two_events(cast):
    other = make.event("Another summit", state="draft", part_of=cast.summit)
    row = make.participation(other, person=cast.firefly, slug=cast.guest.slug)
    item = AgendaItem.objects.create(event=other, text="The price of peace")
    make.statement(other, "It is dear", slug="dear", agenda_item=item, state="draft").speakers.set([row])
    return cast.summit, other


@pytest.mark.parametrize("case", [twice_a_person, an_organization_and_its_parent, two_topics, two_countries, two_events])
def test_a_merge_is_undone_as_one_step(cast, admin_user, case):
    kept, lost = case(cast)
    before = everything()
    unit, _ = merge(type(kept), kept.pk, lost.pk)
    assert everything() != before
    undo(unit, admin_user, "They are two")
    assert everything() == before
