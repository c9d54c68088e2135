"""The pages in their languages: the address says which one, and nothing else does."""

import re
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import translation

from archive.core import ledger
from archive.core.caching import release
from archive.core.dates import PartialDate
from archive.core.html import count_of, date_in, link, thousands
from archive.core.jinja import translated
from archive.core.localnames import CYRILLIC, called
from archive.site.management.commands.make_messages import as_mo, catalogues, extracted, is_translated, read
from archive.site.records import LISTS
from archive.sources.labels import KINDS, LABELS
from archive.sources.models import Cited, Document
from events.models import Event
from people.models import Country
from tests.cast import country, event, participation, person

pytestmark = pytest.mark.django_db


def test_the_address_chooses_the_language_and_the_browser_does_not(cast, client):
    gala = event("Gala")
    english = client.get(f"/events/{gala.slug}/", headers={"accept-language": "ru"})
    russian = client.get(f"/ru/events/{gala.slug}/")
    assert (english["Content-Language"], russian["Content-Language"]) == ("en-gb", "ru")
    assert '<html lang="ru">' in russian.text
    assert f'href="/events/{gala.slug}/"' in russian.text
    assert f'href="/ru/events/{gala.slug}/"' in english.text
    assert 'href="/ru/people/"' in russian.text
    assert "Accept-Language" not in english.get("Vary", "")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/ru/nowhere/", 404),
        ("/RU/", 404),
        ("/Ru/events/", 404),
        ("/ru/events/?q=a%00b", 400),
        ("/ru/events/%00/", 400),
        (f"/ru/events/?q={'x' * 9_000}", 414),
        (f"/ru/{'x' * 9_000}/", 414),
    ],
)
def test_what_is_refused_is_refused_in_the_language_of_the_address(client, address, status):
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Language"]) == (status, "ru")
    assert '<html lang="ru">' in answer.text
    assert 'href="/ru/people/"' in answer.text


def test_files_and_machines_have_one_address_for_all_languages(cast, client):
    gala = event("Gala")
    page = client.get("/ru/events/").text
    assert 'href="/events/list.csv"' in page
    assert 'href="/events/feed.atom"' in page
    assert "/ru/" not in client.get("/events/list.csv").getvalue().decode()
    assert client.get("/ru/events/list.csv").status_code == 404
    assert f'href="/events/{gala.slug}/cite.bib"' in client.get(f"/ru/events/{gala.slug}/").text


def test_a_page_keeps_its_filters_when_its_language_changes(cast, client):
    assert 'href="/ru/events/?year=2015"' in client.get("/events/?year=2015").text
    assert "2015" in client.get("/ru/events/?year=2015").context["heading"]


@pytest.mark.parametrize("path", ["/tg/events/", "/en-gb/events/", "/ru/admin/", "/ru/ru/"])
def test_a_language_that_is_not_offered_is_no_address(cast, client, path):
    assert client.get(path).status_code == 404


# Dates and numbers


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("2015", "2015"),
        ("2012-11", "ноябрь 2012"),
        ("2015-06-25", "25 июня 2015"),
        ("2015-06-25/2015-06-27", "25–27 июня 2015"),
        ("2015-06-25/2015-07-03", "25 июня – 3 июля 2015"),
        ("2015-06/2015-08", "июнь–август 2015"),
        ("2003~", "около 2003"),
        ("2003-05~", "около мая 2003"),
        ("2003?", "предположительно 2003"),
        ("2003%", "предположительно около 2003"),
        ("2021/..", "с 2021"),
        ("2012-11/..", "с ноября 2012"),
        ("../2012-03-08", "до 8 марта 2012 включительно"),
        ("2012-11/", "с ноября 2012, окончание неизвестно"),
        ("/2012", "начало неизвестно, до 2012"),
        ("2003~/..", "с примерно 2003"),
        ("201X", "2010-е годы"),
        ("201X/..", "с 2010-х годов"),
        ("19XX", "1900–1999 годы"),
        ("2012-21", "весна 2012"),
        ("2012-24/..", "с зимы 2012"),
        ("2012-XX", "2012 (месяц неизвестен)"),
        ("2012-11-XX", "ноябрь 2012 (день неизвестен)"),
    ],
)
def test_dates_are_said_in_russian(edtf, words):
    date = PartialDate.parse(edtf)
    with translation.override("ru"):
        assert date.words == words
    assert not CYRILLIC.search(date.words)


@pytest.mark.parametrize(("number", "said"), [(1, "1 событие"), (3, "3 события"), (11, "11 событий"), (1021, "1\xa0021 событие")])
def test_numbers_and_plurals_are_russian(number, said):
    with translation.override("ru"):
        assert count_of(number, Event) == said
    assert thousands(1_048_576) == "1,048,576"


def test_what_is_remembered_of_a_page_is_of_its_language(cast, client):
    pages = [client.get(f"{prefix}/events/").text for prefix in ("", "/ru", "", "/ru")]
    assert pages[0] == pages[2]
    assert pages[1] == pages[3]
    assert "3 May 2015" in pages[0]
    assert "3 мая 2015" in pages[1]
    assert ">Rufus Firefly<" in pages[0]  # in the facet
    assert ">Руфус Файрфлай<" in pages[1]


def test_a_page_whose_translation_has_changed_is_another(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    (catalogue := tmp_path / "archive" / "django.mo").parent.mkdir()
    states = []
    for content in ("привет", "здравствуйте"):
        catalogue.write_text(content)
        states.append(release.__wrapped__())
    assert states[0] != states[1]


# Names


def named_in_russian(client):
    return re.findall(r'<a [^>]*href="/ru/people/rufus-firefly/"[^>]*>(.*?)</a>', client.get("/ru/people/").text)


def test_somebody_is_called_by_the_name_in_the_reader_s_script(cast, client):
    page = client.get(f"/ru/events/{cast.summit.slug}/").text
    assert re.search(r'<a (?:class="\w+" )?href="/ru/people/rufus-firefly/">Руфус Файрфлай</a>', page)
    assert re.search(r'<a (?:class="\w+" )?href="/ru/people/ambassador-trentino/" lang="en">Ambassador Trentino</a>', page)
    assert "Руфус Файрфлай" in client.get("/ru/events/?person=rufus-firefly").context["heading"]
    assert named_in_russian(client) == ["Руфус Файрфлай"]
    assert "Руфус" not in client.get("/people/").text


def test_an_official_name_comes_first_and_a_former_one_or_a_misprint_never(cast, client):
    names = cast.firefly.names
    names.all().delete()
    for name, kind in [("Руфуз", "misprint"), ("Руфус Бывший", "former")]:
        names.create(name=name, kind=kind, language="ru")
    assert named_in_russian(client) == ['<span lang="en">Rufus Firefly</span>']
    names.create(name="Руфус", language="ru-Cyrl")
    assert named_in_russian(client) == ["Руфус"]
    names.create(name="Руфус Ф.", kind="official", language="ru")
    names.create(name="Rufus F.", kind="official", language="fr")
    assert named_in_russian(client) == ["Руфус Ф."]
    names.get(name="Руфус Ф.").delete()
    assert named_in_russian(client) == ["Руфус"]


def test_an_organization_has_its_acronym_in_the_reader_s_script(cast, client):
    names = cast.league.names
    names.create(name="ЛН", language="ru")
    names.create(name="Лига Наций", language="ru")
    names.create(name="ЛИГА", language="ru", kind="former")
    page = client.get("/ru/organizations/").text
    assert ">Лига Наций</a>" in page
    assert '<span class="acronym">ЛН</span>' in page
    assert '<span class="acronym">LON</span>' in client.get("/organizations/").text


def test_what_is_only_tried_changes_no_name_for_others(cast, client):
    with ledger.trial():
        cast.firefly.names.create(name="Проба", kind="official", language="ru")
        with translation.override("ru"):
            assert called(cast.firefly).text == "Проба"
    assert named_in_russian(client) == ["Руфус Файрфлай"]


def test_an_english_page_says_which_name_is_in_other_letters(cast, client):
    ivan = person("Иван Петров")
    assert f'<a href="{ivan.get_absolute_url()}" lang="und-Cyrl">Иван Петров</a>' in link(ivan)


def test_lists_by_name_go_by_the_alphabet_of_what_is_shown(cast, client):
    names = {"AA": "Ёлкино", "BB": "Елань", "CC": "Ежево", "DD": "«Ирия»", "EE": "Йемен", "FF": "Яффа"}
    for code, name in names.items():
        country(f"Land {code}", code).names.create(name=name, language="ru", kind="official")

    def codes(address):
        return [one.code for one in client.get(address).context["object_list"]]

    russian = ["CC", "BB", "AA", "DD", "EE", "FF", "FR", "SY"]
    assert codes("/ru/countries/") == russian
    assert codes("/ru/countries/?sort=-name") == russian[::-1]
    assert codes("/countries/") == ["FR", "AA", "BB", "CC", "DD", "EE", "FF", "SY"]
    cast.sylvania.names.create(name="Альвания", language="ru")
    assert codes("/ru/countries/")[0] == "SY"


def test_people_are_filed_by_their_last_names(cast, client):
    for name, russian in [("Ada Zorin", "Ада Зорин"), ("Zoe Abel", "Зоя Абель")]:
        person(name).names.create(name=russian, language="ru")
    listed = [one.name for one in client.get("/ru/people/").context["object_list"]]
    assert listed == ["Zoe Abel", "Ada Zorin", "Rufus Firefly", "Ambassador Trentino"]


def test_more_records_than_can_be_sorted_keep_the_archive_s_order(cast, client, monkeypatch):
    cast.sylvania.names.create(name="Альвания", language="ru")
    monkeypatch.setattr("archive.core.localnames.MOST_SORTED", 1)
    country("Zubrowka", "ZZ")
    assert [one.code for one in client.get("/ru/countries/").context["object_list"]] == ["FR", "SY", "ZZ"]


# What pages say


def test_every_message_is_in_the_catalogues_and_translated():
    template = extracted()
    wanted = {(message.context, message.id) for message in template if message.id}
    for path in catalogues():
        catalogue = read(path)
        assert {(message.context, message.id) for message in catalogue if message.id} == wanted, "run make messages"
        assert path.with_suffix(".mo").read_bytes() == as_mo(catalogue), "run make messages"
        if catalogue.locale.language in dict(settings.LANGUAGES):
            assert [message.id for message in catalogue if message.id and not is_translated(message)] == []
        for message in catalogue:
            if message.id and is_translated(message):
                assert list(message.check()) == []


def test_every_field_and_kind_of_which_evidence_speaks_has_a_name_for_readers():
    cited = [model for model in apps.get_models() if issubclass(model, Cited)]
    assert {str(field.verbose_name) for model in cited for field in model.suppliable().values()} == LABELS.keys()
    assert {str(model._meta.verbose_name) for model in (*cited, Document)} == KINDS.keys()


OPEN, CLOSE = "⟦", "⟧"
WORDS = re.compile("[A-Za-zА-Яа-яЁё]{2,}")
# What is called the same in every language.
SAME = ["Annals", "English", "Русский", "CSV", "JSON Lines", "Excel", "BibTeX", "RIS", "CSL-JSON", "JSON-LD", "JSON"]


@pytest.fixture
def bracketed(monkeypatch):
    """A language in which every message is itself between brackets, instead of Russian."""
    said = {name: getattr(translation._trans, name) for name in ("gettext", "ngettext", "pgettext", "npgettext")}

    def instead(name, choose):
        def say(*args):
            return f"{OPEN}{choose(*args)}{CLOSE}" if translation.get_language() == "ru" else said[name](*args)

        return say

    choices = {
        "gettext": lambda message: message,
        "ngettext": lambda one, many, number: one if number == 1 else many,
        "pgettext": lambda context, message: message,
        "npgettext": lambda context, one, many, number: one if number == 1 else many,
    }
    for name, choose in choices.items():
        monkeypatch.setattr(translation._trans, name, instead(name, choose), raising=False)
    for kept in (date_in, translated):
        kept.cache_clear()
    yield
    for kept in (date_in, translated):
        kept.cache_clear()


class Texts(HTMLParser):
    """What of a page is in its own language: texts, and what a browser says aloud or shows on pointing."""

    SPOKEN = ("title", "aria-label", "placeholder", "alt")
    ONLY_SPOKEN = False  # whether to leave out what is only seen
    LEFT_OUT = ("script", "style", "code")
    VOID = ("meta", "link", "input", "br", "hr", "img", "wbr", "rect", "path")

    def __init__(self, page):
        super().__init__()
        self.texts, self.path, self.depth = [], [], 0
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        foreign = attributes.get("lang", "ru") != "ru" or tag in self.LEFT_OUT or any(self.path[-1:])
        foreign = foreign or bool(self.ONLY_SPOKEN and attributes.get("aria-hidden"))
        if not foreign:
            self.texts += [outside(attributes[name], 0)[0] for name in self.SPOKEN if attributes.get(name)]
        if tag not in self.VOID:
            self.path.append(foreign)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.path.pop()

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            self.path.pop()

    def handle_data(self, text):
        rest, self.depth = outside(text, self.depth)  # a message may have elements in it
        if not any(self.path[-1:]):
            self.texts.append(rest)


def outside(text, depth):
    """What of `text` is in no brackets, where `depth` of them are open already; and how many are then."""
    rest = ""
    for character in text:
        depth += (character == OPEN) - (character == CLOSE)
        rest += character if depth == 0 else ""
    return rest, depth


def unmarked(page, known):
    """The texts of a page that are no message, and nothing that the archive's records say."""
    left = []
    for text in Texts(page).texts:
        rest = text
        for words in known:
            rest = rest.replace(words, "")
        if WORDS.search(rest):
            left.append(" ".join(text.split()))
    return left


def words_of(records):
    """Every text that records hold, the longest first."""
    values = (getattr(record, field.attname) for record in records for field in record._meta.concrete_fields if not field.choices)
    return sorted({value for value in values if isinstance(value, str) and len(value) > 1}, key=len, reverse=True)


class Read(Texts):
    """What of a page is read aloud in its own language, without what cannot say another: its title, and the labels of elements."""

    SPOKEN = ()
    ONLY_SPOKEN = True

    def handle_data(self, text):
        if self.lasttag != "title":
            super().handle_data(text)


def test_what_is_in_another_language_says_so(cast, client):
    event("Congress", kind="series", standing="cancelled", format="online", date="201X", part_of=cast.summit)
    with translation.override("ru"):
        records = [record.get_absolute_url() for record in cast.records]
    addresses = [
        "/ru/",
        *records,
        *(f"/ru/{name}/" for name in LISTS),
        *(f"/ru/events/by/{name}/" for name in ("country", "person")),
    ]
    addresses += [f"/ru/pictures/{name}" for name in ("", "years/", "network/", "topics/")]
    known = [*SAME, "Atom", "SHA-", *Country.objects.values_list("code", flat=True)]
    assert {address: left for address in addresses if (left := in_latin(client.get(address).text, known))} == {}


def in_latin(page, known):
    """The texts of a page that have words in Latin letters, but for those that are `known`."""
    texts = [" ".join(text.split()) for text in Read(page).texts]
    return [text for text in texts if set(re.findall("[A-Za-z][A-Za-z -]+", text)) - set(known)]


def test_no_page_says_anything_that_is_not_translated(cast, client, bracketed):
    cast.firefly.supplied = {"titles": "Из другого источника"}
    cast.firefly.titles = "Dr"
    cast.firefly.save()
    cast.question.passages.add(*cast.said.passages.all())
    event("Congress", kind="series", standing="cancelled", format="online", date="201X", part_of=cast.summit)
    gone = event("Gone", state="withdrawn")
    documented = [model.objects.all() for model in apps.get_models() if model._meta.app_label in ("people", "events", "sources")]
    known = [*words_of(record for records in documented for record in records), *SAME, "char="]
    lists = [f"/ru/{name}/" for name in LISTS]
    addresses = [
        "/ru/",
        "/ru/about/",
        "/ru/data/",
        *lists,
        *(f"{address}?q=peace" for address in lists),
        *(f"{address}?q=nobody+OR+nothing+-peace" for address in lists),
        "/ru/events/?year=2012-2020&country=fr&kind=series&kind=meeting&person=rufus-firefly&topic=peace&sort=date",
        "/ru/events/?year=nonsense&country=nowhere&kind=none",
        "/ru/statements/?country=fr&person=rufus-firefly&topic=peace&kind=reported&event=summit-of-freedonia",
        "/ru/people/?country=fr&organization=league-of-nations",
        "/ru/documents/?language=en",
        "/ru/events/by/country/",
        "/ru/events/by/country/?find=zz",
        *(f"/ru/pictures/{name}" for name in ("", "years/", "map/", "network/", "topics/", "topics/?of=statements")),
        "/ru/search/",
        "/ru/search/?q=peace",
        "/ru/search/?q=Firefli",
        "/ru/search/?q=" + "+".join(f"word{number}" for number in range(25)),
        "/ru/nowhere/",
        f"/ru/events/{gone.slug}/",
    ]
    with translation.override("ru"):
        addresses += [record.get_absolute_url() for record in cast.records]
    pages = {address: client.get(address, follow=True).text for address in addresses}
    assert {address: left for address, page in pages.items() if (left := unmarked(page, known))} == {}


def test_delegations_stand_in_the_reader_s_alphabet(cast, client):
    for name, code, russian in [("Hungary", "HU", "Венгрия"), ("Czechia", "CZ", "Чехия")]:
        nation = country(name, code)
        nation.names.create(name=russian, kind="official", language="ru")
        participation(cast.summit, country=nation)
    page = client.get(f"/ru{cast.summit.get_absolute_url()}").text
    assert page.index(">Венгрия<") < page.index(">Чехия<")
    page = client.get(cast.summit.get_absolute_url()).text
    assert page.index(">Czechia<") < page.index(">Hungary<")
