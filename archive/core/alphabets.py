"""The order of names in the languages whose alphabet is not that of the archive's own order."""

from functools import cache

from archive.core.text import Table, fold

ALPHABETS = {
    "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "tg": "абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя",
}
ALIKE = {"ru": {"ё": "е"}}  # letters that stand where another one does

SPACE, FIRST_DIGIT, FIRST_LETTER, FOREIGN = "\x01", 0x02, 0x10, "\uffff"


def sort_key(text, language):
    """What `text` is sorted by in `language`, a code without a country: words before longer words, digits, the alphabet, and all
    other letters behind it. Punctuation does not count."""
    return " ".join(text.split()).casefold().translate(table(language))


@cache
def table(language):
    places = {letter: chr(FIRST_LETTER + place) for place, letter in enumerate(ALPHABETS.get(language, ""))}
    places |= {letter: places[other] for letter, other in ALIKE.get(language, {}).items()}

    def key(character):
        if character in places:
            return places[character]
        if character in "0123456789":
            return chr(FIRST_DIGIT + int(character))
        if character == " ":
            return SPACE
        return FOREIGN + fold(character) if character.isalnum() else ""

    return Table(key)
