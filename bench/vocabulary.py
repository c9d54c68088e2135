"""Seeded words and names: pronounceable, in two scripts, some common and most of them rare (Zipf's law)."""

import itertools
from importlib.resources import files

from django.utils.text import slugify

SMALL = "the of and to in on for with that a by as is at from this it be its are or not has was will an which their all".split()  # noqa: SIM905
COMMON = """
countries states security cooperation development international region regional peace member council organization water
border economic political joint new support common measures issues between national trade energy youth culture education
science threats terrorism extremism drugs migration information information-security stability sovereignty law rights
agreement programme plan report meeting session conference forum summit delegation experts parliament government ministry
assembly secretariat observers partners dialogue exchange training exercise prevention protection environment climate river
glacier transport corridor railway road investment market finance bank customs industry agriculture food health medicine
language history heritage tourism sport women children family veterans media press digital technology innovation space nuclear
disaster emergency rescue aid refugees humanitarian charter treaty protocol resolution declaration strategy concept reform
future past century year decade people society public private local global other central eastern western northern southern
""".split()  # noqa: SIM905 (a list of a hundred strings is not read by anybody)

ONSETS = [*"bdfghklmnprstvz", "ch", "sh", "br", "dr", "kr", "pr", "st", "tr"]
VOWELS = ["a", "e", "i", "o", "u", "ai", "ei", "ö", "é"]
VOWEL_WEIGHTS = [20, 20, 20, 20, 20, 5, 5, 1, 1]
CODAS = ["", "", "", "n", "r", "l", "s", "m", "t"]

CITIES = """Dushanbe Moscow Astana Almaty Bishkek Tashkent Yerevan Minsk Tbilisi Baku Kyiv Chișinău Vilnius Riga Tallinn Warsaw Łódź
Prague Vienna Geneva Brussels Paris Berlin Rome Madrid Lisbon Ankara Tehran Delhi Beijing Ulaanbaatar Seoul Tokyo Hanoi
Khujand Osh Samarkand Bukhara Gyumri Brest Grodno Vitebsk Kazan Ufa Omsk Sochi""".split()  # noqa: SIM905

ALPHABET = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфқҳҷӣӯ", "abvgdeziyklmnoprstufqhjiu", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "ю": "yu", "я": "ya", "ғ": "gh"}
)
GIVEN = """Рустам Фарҳод Шерзод Парвиз Далер Бахтиер Олег Валерий Николай Сергей Андрей Виктор Игор Анна Мария Олга Наталия
Елена Гулнора Мадина Зарина Нигора Айгул Динара Алия Марат Нурлан Ерлан Асел Карен Арам Ануш Левон Георгий Нино Тамара Ион
Мирзо Ҷамшед Қодир Ғайрат Ҳасан""".split()  # noqa: SIM905
STEM_ONSETS = "бвгджзклмнпрстфхчшқҳҷ"
STEM_VOWELS = "аеиоуӣяю"
STEM_VOWEL_WEIGHTS = [30, 20, 20, 20, 15, 3, 4, 3]
ENDINGS = ["ов", "ев", "зода", "ян", "енко", "ин", "оева", "ова", "швили", "бек"]


class Word(str):
    """A word that knows what it is in an address."""

    def __new__(cls, text):
        self = super().__new__(cls, text)
        self.slug = slugify(text)
        return self


class Zipf:
    """`items` of which the one of rank r is drawn with a weight of 1 / r ** `exponent`."""

    def __init__(self, items, exponent=1.0):
        self.items = list(items)
        self.weights = list(itertools.accumulate(rank**-exponent for rank in range(1, len(self.items) + 1)))

    def draw(self, rng, count=1):
        return rng.choices(self.items, cum_weights=self.weights, k=count)


def make_words(rng, count):
    """`count` different Words, the commonest first; the first of all are English."""
    words = dict.fromkeys([*SMALL, *COMMON])
    while len(words) < count:
        words["".join(syllable(rng) for _ in range(rng.randint(1, 3)))] = None
    return [Word(word) for word in words]


def syllable(rng):
    return rng.choice(ONSETS) + rng.choices(VOWELS, VOWEL_WEIGHTS)[0] + rng.choice(CODAS)


def make_names(rng, count):
    """`count` different names of people, each as (in Latin letters, in Cyrillic)."""
    names = {}
    while len(names) < count:
        cyrillic = f"{rng.choice(GIVEN)} {family(rng)}"
        names.setdefault(latin(cyrillic), cyrillic)
    return list(names.items())


def family(rng):
    stem = "".join(
        rng.choice(STEM_ONSETS) + rng.choices(STEM_VOWELS, STEM_VOWEL_WEIGHTS)[0] for _ in range(rng.randint(1, 3))
    ) + rng.choice(STEM_ONSETS)
    return (stem + rng.choice(ENDINGS)).capitalize()


def latin(cyrillic):
    return cyrillic.lower().translate(ALPHABET).title()


def make_countries(rng):
    """(code, name) of the countries of ISO 3166-1, in the order in which the archive speaks of them."""
    # The time zone data, which Django needs on some systems and the archive therefore has, lists them; it is public domain.
    lines = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8").splitlines()
    countries = dict(line.split("\t") for line in lines if not line.startswith("#"))
    first = ["RU", "TJ", "KZ", "BY", "AM", "KG", "UZ", "CN", "DE", "US"]
    others = sorted(set(countries) - set(first))
    rng.shuffle(others)
    return [(code, countries[code]) for code in first + others]
