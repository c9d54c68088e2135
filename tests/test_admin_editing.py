"""A curator's work in the admin, form by form: what is kept, what is refused, and in which words."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from archive.core.plain import to_plain
from archive.sources.models import Document
from events.models import AgendaItem, Event, Participation, Statement, Topic
from people.models import Country, Person
from tests import cast as make
from tests.forms import Page, address, evidence, is_saved, says

HUGE = "1" + "0" * 30


def has_the_link_to_the_site(client, record):
    return "View on site" in client.get(address(type(record), "change", record.pk)).content.decode()


# Saving


def test_a_form_saved_as_it_was_opened_changes_nothing(admin_client, cast):
    before = [to_plain(record) for record in cast.records]
    for record in cast.records:
        assert is_saved(Page.of(admin_client, record).save()), record
    assert [to_plain(type(record).objects.get(pk=record.pk)) for record in cast.records] == before
    assert {entry.get_change_message() for entry in LogEntry.objects.all()} == {"No fields changed."}


def test_an_event_is_created_with_a_participant_a_question_and_a_statement(admin_client, cast):
    page = Page(admin_client, Event)
    page.add_row("participations", person=cast.firefly.pk, country=cast.freedonia.pk, role="chair", capacity="President")
    page.add_row("agenda", text="Whether to go to war")
    page.add_row("statements", text="This means war", slug="this-means-war")
    quoted = evidence(cast.gazette, "The next summit is planned for 2016 in Sylvania.")
    assert is_saved(page.save({"title": "Second summit", "slug": "second", "date": "2016", "topics": [cast.peace.pk], **quoted}))
    assert to_plain(Event.objects.get(slug="second")) == {
        "slug": "second",
        "title": "Second summit",
        "date": "2016",
        "topics": ["peace"],
        "passages": [{"document": "the-freedonia-gazette", "quote": "The next summit is planned for 2016 in Sylvania."}],
        "participations": [
            {"slug": "rufus-firefly", "person": "rufus-firefly", "country": "FR", "role": "chair", "capacity": "President"}
        ],
        "agenda": [{"slug": "whether-to-go-to-war", "text": "Whether to go to war"}],
        "statements": [{"slug": "this-means-war", "text": "This means war"}],
    }


def test_a_statement_is_given_its_speakers_its_question_and_its_evidence_on_its_events_page(admin_client, cast):
    page = Page.of(admin_client, cast.summit)
    who, answers = [cast.speaker.pk, cast.guest.pk], cast.question.pk
    quoted = evidence(cast.gazette, "Ambassador Trentino of Sylvania agreed.")
    page.add_row("statements", text="They agreed", slug="agreed", speakers=who, agenda_item=answers, **quoted)
    assert is_saved(page.save())
    agreed = Statement.objects.get(slug="agreed")
    assert (list(agreed.speakers.all()), agreed.agenda_item) == ([cast.speaker, cast.guest], cast.question)
    assert agreed.passages.get().exact == "Ambassador Trentino of Sylvania agreed."


def test_rows_added_together_are_each_given_a_short_name_and_a_place(admin_client, cast):
    page = Page(admin_client, Event)
    for country in (cast.freedonia, cast.sylvania):
        page.add_row("participations", country=country.pk)
        page.add_row("agenda", text="War")
    assert is_saved(page.save({"title": "Second summit", "slug": "second"}))
    event = Event.objects.get(slug="second")
    assert list(event.participations.values_list("slug", "order")) == [("freedonia", 1), ("sylvania", 2)]
    assert list(event.agenda.values_list("slug", "order")) == [("war", 1), ("war-2", 2)]


def test_a_participant_that_names_nobody_is_refused_in_the_words_of_the_rule(admin_client, cast):
    page = Page.of(admin_client, cast.summit)
    page.add_row("participations", capacity="young scientists")
    assert says(page.save(), "Say who took part: a person, an organization or a country.", 'value="young scientists"')
    assert cast.summit.participations.count() == 2


def test_a_row_can_follow_the_greatest_number_that_a_row_may_be_given(admin_client, cast):
    page = Page.of(admin_client, cast.peace)
    page.add_row("names", name="Мир", order=connection.ops.integer_field_range("PositiveIntegerField")[1])
    page.add_row("names", name="Pax")
    assert page.save().status_code in (200, 302)


# Evidence


def test_a_pasted_quote_finds_its_place_however_its_white_space_was_copied(admin_client, cast):
    quote = "  Freedonia on 3 May 2015.\r\n\r\nRufus   Firefly of\r\nFreedonia\t"
    assert is_saved(Page.of(admin_client, cast.peace).save(evidence(cast.gazette, quote)))
    passage = cast.peace.passages.get()
    assert passage.exact == "Freedonia on 3 May 2015.\n\nRufus Firefly of Freedonia"
    assert (passage.start, passage.end) == (make.TEXT.index("Freedonia on"), make.TEXT.index(" said that"))


def test_a_passage_marked_before_is_shared(admin_client, cast):
    assert is_saved(Page.of(admin_client, cast.peace).save(evidence(cast.gazette, "Rufus Firefly of Freedonia")))
    assert cast.peace.passages.get() == cast.speaker.passages.get()


def test_a_quote_that_is_not_there_is_refused_beside_the_words_typed(admin_client, cast):
    typed = {"scope_note": "All that is not war.", **evidence(cast.gazette, "Rufus Firefly of Sylvania")}
    response = Page.of(admin_client, cast.peace).save(typed)
    sentence = "The quote “Rufus Firefly of Sylvania” is not in the text. It agrees as far as “Rufus Firefly of”."
    assert says(response, sentence, ">\nRufus Firefly of Sylvania</textarea>", "All that is not war.</textarea>")
    cast.peace.refresh_from_db()
    assert (cast.peace.scope_note, cast.peace.passages.count()) == ("", 0)


def test_a_quote_without_its_document_is_refused(admin_client, cast):
    response = Page.of(admin_client, cast.peace).save({"passages-0-quote": "peace is cheap"})
    assert says(response, "Choose the document that the quote is from.", "peace is cheap</textarea>")
    assert not cast.peace.passages.exists()


def test_a_quote_that_stands_twice_is_refused_until_its_occurrence_is_given(admin_client, cast):
    page = Page.of(admin_client, cast.peace)
    response = page.save(evidence(cast.gazette, "peace is cheap"))
    assert says(response, "The quote “peace is cheap” stands 2 times in the text: lengthen it, or say which is meant (1 to 2).")
    assert not cast.peace.passages.exists()
    assert is_saved(page.save(evidence(cast.gazette, "peace is cheap", 2)))
    assert cast.peace.passages.get().start == make.TEXT.rindex("peace is cheap")


def test_the_occurrence_of_a_quote_is_shown_and_kept(admin_client, cast):
    cast.peace.passages.add(make.passage(cast.gazette, "peace is cheap", 2))
    page = Page.of(admin_client, cast.peace)
    assert page.data["passages-0-occurrence"] == 2
    assert is_saved(page.save({"scope_note": "Cheap."}))
    assert cast.peace.passages.get().start == make.TEXT.rindex("peace is cheap")


def test_an_occurrence_that_there_is_not_is_refused(admin_client, cast):
    response = Page.of(admin_client, cast.peace).save(evidence(cast.gazette, "peace is cheap", 3))
    assert says(response, "has no occurrence 3: it stands 2 times in the text.")


def test_emptying_a_quote_takes_the_passage_away_from_this_record_only(admin_client, cast):
    shared = cast.speaker.passages.get()
    cast.peace.passages.add(shared, make.passage(cast.gazette, "The experts noted"))
    assert is_saved(Page.of(admin_client, cast.peace).save({"passages-0-quote": ""}))
    assert [passage.exact for passage in cast.peace.passages.all()] == ["The experts noted"]
    assert cast.speaker.passages.get() == shared


def test_a_quote_refused_in_a_row_is_shown_in_that_row_and_nothing_is_saved(admin_client, cast):
    page = Page.of(admin_client, cast.summit)
    response = page.save({"title": "Renamed", "agenda-0-passages-0-document": cast.gazette.pk, "agenda-0-passages-0-quote": "War"})
    assert says(response, "The quote “War” is not in the text.")
    [form] = [form for form in response.context["inline_admin_formsets"][1].formset.forms if form.errors]
    assert (form.instance, list(form.errors)) == (cast.question, ["passages"])
    assert Event.objects.get().title == "Summit of Freedonia"


def test_a_passage_over_several_lines_can_be_saved_on_its_own_page(admin_client, cast):
    passage = make.passage(cast.gazette, "3 May 2015. Rufus Firefly")
    assert is_saved(Page.of(admin_client, passage).save())


def test_a_passage_that_is_not_what_the_document_has_there_is_refused(admin_client, cast):
    passage = cast.speaker.passages.get()
    assert says(Page.of(admin_client, passage).save({"start": 0}), "This is not what the document has there.")


# Documents


def test_an_edit_that_breaks_passages_is_refused_and_names_them(admin_client, cast):
    edited = "Correction. " + make.TEXT
    response = Page.of(admin_client, cast.gazette).save({"title": "Another title", "text": edited})
    broken = [f"Characters {p.start}–{p.end}: “{p.exact}”" for p in cast.gazette.passages.all()]
    assert len(broken) == 3
    assert says(response, "This edit would break passages that records rest on.", *broken, "Correction. Leaders met")
    document = Document.objects.get()
    assert (document.title, document.text) == ("The Freedonia Gazette", make.TEXT)


def test_an_edit_behind_every_passage_is_kept_with_its_new_hash(admin_client, cast):
    before = cast.gazette.sha256
    assert is_saved(Page.of(admin_client, cast.gazette).save({"text": make.TEXT + "\r\nCorrected.\r\n"}))
    document = Document.objects.get()
    assert document.text == make.TEXT + "\nCorrected.\n"
    assert document.sha256 != before


def test_a_text_is_kept_with_its_white_space_and_plain_line_ends(admin_client, db):
    page = Page(admin_client, Document)
    assert is_saved(page.save({"title": "Gazette", "slug": "gazette", "text": "\r\n  Leaders met.\r\rNothing came of it.\r\n\r\n"}))
    document = Document.objects.get()
    assert document.text == "\n  Leaders met.\n\nNothing came of it.\n\n"
    assert is_saved(Page.of(admin_client, document).save())
    assert Document.objects.values_list("text", "sha256").get() == (document.text, document.sha256)


def test_a_file_is_kept_only_when_it_is_of_a_kind_that_runs_nothing(admin_client, cast):
    page = Page.of(admin_client, cast.gazette)
    for name in ("gazette.html", "gazette.pdf.svg", "gazette"):
        refused = page.save({"file": SimpleUploadedFile(name, b"<script>alert(1)</script>")})
        assert says(refused, "is not allowed. Allowed extensions are: pdf, txt, docx, odt, rtf."), name
    assert not Document.objects.get().file
    assert is_saved(page.save({"file": SimpleUploadedFile("gazette.pdf", b"%PDF-1.7")}))
    assert Document.objects.get().file.read() == b"%PDF-1.7"


# Fields


def test_a_date_that_is_none_is_refused(admin_client, cast):
    page = Page.of(admin_client, cast.gazette)
    for date, sentence in [("3 May 2015", "“3 May 2015” is not a date."), ("2016/2015", "“2016/2015” ends before it begins.")]:
        assert says(page.save({"date": date}), sentence, f'value="{date}"')
    assert Document.objects.get().date.edtf == "2015-05-04"


def test_what_the_archive_supplied_is_written_a_line_for_each_field(admin_client, cast):
    lines = "broader: as we see it\r\n\r\n scope_note : ours: not the document’s "
    assert is_saved(Page.of(admin_client, cast.peace).save({"supplied": lines}))
    cast.peace.refresh_from_db()
    assert cast.peace.supplied == {"broader": "as we see it", "scope_note": "ours: not the document’s"}
    assert Page.of(admin_client, cast.peace).data["supplied"] == "broader: as we see it\r\nscope_note: ours: not the document’s"


def test_what_cannot_have_been_supplied_is_refused(admin_client, cast):
    refused = {
        "colour: it is red": "“colour” is no field of this record.",
        "we know it": "“we know it” is not of the form “field: reason”.",
        "broader:": "“broader:” is not of the form “field: reason”.",
        "name: one\nname: two": "“name” is here twice.",
    }
    page = Page.of(admin_client, cast.peace)
    for lines, sentence in refused.items():
        assert says(page.save({"supplied": lines}), sentence, f"{lines}</textarea>")
    assert Topic.objects.get().supplied == {}


# Whose a statement is


@pytest.fixture
def elsewhere(cast):
    """Another event, with a speaker and a question of its own."""
    event = make.event("Second summit")
    event.speaker = make.participation(event, person=cast.trentino)
    event.question = AgendaItem.objects.create(event=event, text="War")
    return event


@pytest.mark.parametrize(("record", "prefix"), [("said", ""), ("summit", "statements-0-")])
def test_a_speaker_and_a_question_of_another_event_are_refused(admin_client, cast, elsewhere, record, prefix):
    page = Page.of(admin_client, getattr(cast, record))
    response = page.save({f"{prefix}speakers": [elsewhere.speaker.pk], f"{prefix}agenda_item": elsewhere.question.pk})
    assert says(response, f"{elsewhere.speaker.pk} is not one of the available choices.", "That choice is not one of the available")
    cast.said.refresh_from_db()
    assert (cast.said.speakers.get(), cast.said.agenda_item) == (cast.speaker, cast.question)


def test_a_statement_cannot_take_its_speakers_and_question_to_another_event(admin_client, cast, elsewhere):
    response = Page.of(admin_client, cast.said).save({"event": elsewhere.pk})
    assert says(response, "Select a valid choice.")
    assert set(response.context["adminform"].form.errors) == {"speakers", "agenda_item"}
    assert Statement.objects.get().event == cast.summit


def test_a_statement_without_its_event_is_refused(admin_client, cast):
    page = Page(admin_client, Statement)
    page.url += f"?event={cast.summit.pk}"
    typed = {"event": "", "text": "War", "slug": "war", "agenda_item": cast.question.pk, "speakers": [cast.speaker.pk]}
    assert says(page.save(typed), "This field is required.")


@pytest.mark.parametrize("removed", ["agenda", "participations"])
def test_a_row_removed_while_its_statement_is_edited_leaves_nothing_dangling(admin_client, cast, removed):
    page = Page.of(admin_client, cast.summit)
    with transaction.atomic():
        response = page.save({f"{removed}-0-DELETE": "on", "statements-0-text": "Peace is very cheap"})
        speakers = Statement.speakers.through.objects.values_list("participation", flat=True)
        dangling = set(speakers) - set(Participation.objects.values_list("pk", flat=True))
        dangling |= {Statement.objects.get().agenda_item_id} - {None, *AgendaItem.objects.values_list("pk", flat=True)}
        transaction.set_rollback(True)  # what the database would do at the end of the request, with an error
    assert response.status_code in (200, 302)
    assert dangling == set()


# What holds the archive together


def test_nothing_stands_above_itself(admin_client, cast):
    topic, series = make.topic("Cheap peace", broader=cast.peace), make.event("Series")
    part = make.event("Second day", part_of=series)
    above = [(cast.league, {"parent": cast.secretariat.pk}), (cast.peace, {"broader": topic.pk}), (series, {"part_of": part.pk})]
    for record, change in above:
        assert says(Page.of(admin_client, record).save(change), f"“{record}” would stand above itself.")
        assert to_plain(type(record).objects.get(pk=record.pk)) == to_plain(record)


def test_a_person_who_took_part_is_not_deleted(admin_client, cast):
    url = address(Person, "delete", cast.firefly.pk)
    for response in (admin_client.get(url), admin_client.post(url, {"post": "yes"})):
        assert says(response, "would require deleting the following protected related objects", "Participation: Rufus Firefly")
    chosen = {"action": "delete_selected", "_selected_action": [cast.firefly.pk], "post": "yes"}
    assert says(admin_client.post(address(Person, "changelist"), chosen), "Participation: Rufus Firefly")
    assert Person.objects.filter(pk=cast.firefly.pk).exists()


def test_where_a_person_took_part_is_said_to_whoever_would_delete_the_person(admin_client, cast):
    assert says(admin_client.get(address(Person, "delete", cast.firefly.pk)), "Summit of Freedonia")


def test_a_person_of_whom_nothing_depends_is_deleted(admin_client, cast):
    nobody = make.person("Nobody")
    assert is_saved(admin_client.post(address(Person, "delete", nobody.pk), {"post": "yes"}))
    assert not Person.objects.filter(pk=nobody.pk).exists()


# What is public


@pytest.mark.parametrize("before", ["draft", "published"])
def test_a_form_that_was_refused_with_a_step_can_be_corrected(admin_client, cast, before):
    Topic.objects.update(state=before)
    step = {"draft": "published", "published": "withdrawn"}[before]
    page = Page.of(admin_client, cast.peace)
    refused = page.save({f"_step_{step}": "1", **evidence(cast.gazette, "War")})
    assert says(refused, "The quote “War” is not in the text.")
    page.read(refused)
    assert is_saved(page.save({f"_step_{step}": "1", **evidence(cast.gazette, "Leaders met")}))
    assert Topic.objects.values_list("state", "slug").get() == (step, "peace")


def test_the_address_of_a_draft_changes(admin_client, db):
    draft, country = make.topic(state="draft"), make.country(state="draft")
    assert is_saved(Page.of(admin_client, draft).save({"slug": "peace-of-a-kind"}))
    assert is_saved(Page.of(admin_client, country).save({"code": "ZZ"}))
    assert Topic.objects.get().slug == "peace-of-a-kind"
    assert Country.objects.values_list("code", "slug").get() == ("ZZ", "zz")


def test_a_code_that_no_country_could_have_is_refused(admin_client, db):
    page, sentence = Page(admin_client, Country), "Two capital letters (TJ), or four for a former country (SUHH)."
    assert [
        code for code in ("fr", "F", "FRE", "F1", "ФР") if not says(page.save({"name": "Osterlich", "code": code}), sentence)
    ] == []


@pytest.mark.parametrize("record", ["peace", "gazette", "said"])
def test_a_record_leads_to_the_site_only_when_it_is_published(admin_client, cast, record):
    record = getattr(cast, record)
    assert has_the_link_to_the_site(admin_client, record)
    for state in ("draft", "withdrawn"):
        type(record).objects.filter(pk=record.pk).update(state=state)
        assert not has_the_link_to_the_site(admin_client, record)


def test_the_rows_of_a_draft_do_not_lead_to_the_site(admin_client, cast):
    Event.objects.update(state="draft")
    assert not has_the_link_to_the_site(admin_client, cast.summit)


def test_a_published_statement_of_a_draft_does_not_lead_to_the_site(admin_client, cast):
    Event.objects.update(state="draft")
    assert not has_the_link_to_the_site(admin_client, cast.said)


def test_a_passage_of_a_draft_does_not_lead_to_the_site(admin_client, cast):
    assert has_the_link_to_the_site(admin_client, cast.speaker.passages.get())
    Document.objects.update(state="draft")
    assert not has_the_link_to_the_site(admin_client, cast.speaker.passages.get())


# Nonsense


def breaks(page, *changes):
    """Those of `changes` that the form does not come back from with a message, each with its status."""
    page.client.raise_request_exception = False
    answers = [(change, page.save(change)) for change in changes]
    return [(change, answer.status_code) for change, answer in answers if not says(answer, "Please correct the error")]


def test_no_nul_byte_in_any_field_breaks_a_form(admin_client, cast):
    page = Page.of(admin_client, make.topic("War", state="draft"))
    page.data |= evidence(cast.gazette, "peace is cheap", 1)
    fields = ["name", "slug", "broader", "scope_note", "supplied", "why"]
    fields += ["passages-0-document", "passages-0-quote", "passages-0-occurrence"]
    assert breaks(page, *({field: "name: peace\x00"} for field in fields)) == []


def test_no_choice_that_there_is_not_breaks_a_form(admin_client, cast):
    page = Page.of(admin_client, cast.peace)
    changes = [{field: value} for field in ["broader"] for value in (HUGE, "-1", "🕊️")]
    changes += [evidence(cast.gazette, "Leaders met") | {"passages-0-document": value} for value in (HUGE, "-1", "🕊️")]
    assert breaks(page, *changes) == []


@pytest.mark.parametrize("field", ["loaded", "loaded_proposal"])
@pytest.mark.parametrize("value", [HUGE, "-1", "🕊️", "1\x00"])
def test_a_form_that_carries_nonsense_is_not_saved_over_anything(admin_client, cast, field, value):
    answer = Page.of(admin_client, cast.peace).save({field: value, "name": "War"})
    assert answer.status_code == (409 if field == "loaded" else 302)


def test_no_choice_of_several_that_there_are_not_breaks_a_form(admin_client, cast):
    page = Page.of(admin_client, cast.said)
    assert breaks(page, *({field: [value]} for field in ("topics", "speakers", "event") for value in (HUGE, "x\x00", "🕊️"))) == []


def test_no_number_breaks_a_form(admin_client, cast):
    page = Page.of(admin_client, cast.peace)
    page.data |= evidence(cast.gazette, "peace is cheap", 1)
    page.add_row("names", name="Мир")
    fields = ("names-0-order", "passages-0-occurrence")
    assert breaks(page, *({field: number} for field in fields for number in (HUGE, "-1", "1\x00"))) == []


def test_no_forged_count_of_passages_breaks_a_form(admin_client, cast):
    page = Page.of(admin_client, cast.peace)
    forged = [{f"passages-{count}": number} for count in ("TOTAL_FORMS", "INITIAL_FORMS") for number in ("-1", "", "1\x00")]
    page.client.raise_request_exception = False
    assert {page.save(change).status_code for change in forged} <= {200, 302}


# Participants whom the same form adds


def test_a_new_participant_is_a_speaker_at_once(admin_client, cast):
    page = Page(admin_client, Event)
    page.data |= {"title": "Talks", "slug": "talks"}
    page.add_row("participations", person=cast.trentino.pk)
    page.add_row("participations", country=cast.sylvania.pk)
    page.add_row("statements", text="War", slug="war", speakers=["new-1", "new-0"])
    assert is_saved(page.save())
    speakers = Statement.objects.get(slug="war").speakers.values_list("slug", flat=True)
    assert set(speakers) == {"ambassador-trentino", "sylvania"}


def test_new_and_old_participants_speak_together(admin_client, cast):
    page = Page.of(admin_client, cast.summit)
    page.add_row("participations", organization=cast.league.pk)
    assert is_saved(page.save({"statements-0-speakers": [cast.guest.pk, "new-2"]}))
    assert set(cast.said.speakers.values_list("slug", flat=True)) == {"ambassador-trentino", "league-of-nations"}


@pytest.mark.parametrize("row", ["new-0", "new-7", "new-2"])
def test_a_speaker_who_is_no_new_participant_is_refused_and_what_was_chosen_stays(admin_client, cast, row):
    page = Page.of(admin_client, cast.summit)
    page.add_row("participations")  # left empty
    answer = page.save({"statements-0-speakers": [row], "place": "Typed"})
    assert says(answer, "new participant that is not there", "Typed", f'value="{row}"')
    assert list(cast.said.speakers.all()) == [cast.speaker]
