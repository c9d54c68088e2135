"""Names in any spelling: a key that a name has in Cyrillic letters, and in whichever Latin ones it was written.

Джумабоев, Ҷумабоев, Dzhumaboyev and Jumaboev have one key. It is made to be compared, not to be read, and says less than the
name: what the standards (ISO 9, BGN/PCGN, ICAO 9303) and common passports write differently, it writes alike.

Cyrillic letters are romanized by cyrtranslit, which knows Russian and Tajik and is kept up; iuliia has more standards for
Russian, but no Tajik letters, and takes four times as long.
"""

import re
import unicodedata
from functools import lru_cache

from cyrtranslit import to_latin

from archive.core.text import BARRIER, LONGEST_WORD, SILENT, fold, indexed, letters

# Cyrillic letters of other languages than Russian and Tajik, and the one that ISO 9 writes as a "c" of its own.
OTHERS = str.maketrans(
    dict(zip("әөүұіїңһўґєѓќћјѕ", "аоууиинхугегкчйз", strict=True)) | {"ц": "тс", "љ": "ль", "њ": "нь", "џ": "дж", "ђ": "дж"}
)
# Latin letters whose mark says a sound; all other marks are only folded.
MARKED = str.maketrans({"ž": "zh", "č": "ch", "š": "sh", "ş": "sh", "ŝ": "sh", "ç": "j", "û": "yu", "â": "ya", "ə": "a"})
# One after another. What the standards spell differently, on the left, is on the right one spelling, whichever is shortest.
SPELLINGS = [
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        ("tsch|tch", "ch"),
        ("shch|shh|sch|sc", "sh"),  # щ, also as ш
        ("dzh|dj", "j"),  # дж, ҷ
        ("kh|ks|x", "h"),  # х, ҳ; х is written x, and so is кс
        ("gh", "g"),  # ғ
        ("ck|q", "k"),  # қ
        ("ph", "f"),
        ("w", "v"),
        ("tz|cz|c(?=[bdefgijmnpvyz])", "ts"),  # ц, which ISO 9 writes c
        ("c(?!h)", "k"),
        ("[jy]o", "e"),  # ё
        ("[jy]", "i"),  # й, ы, ю, я; ҷ, where it is written j
        ("i+e", "e"),  # е, also after a vowel or a soft sign
        (r"([a-z])\1+", r"\1"),
    )
]


def romanized(text):
    """The keys of the words of `text`, in order: "Валерий Семериков" and "Valery Semerikov" are ["valeri", "semerikov"].

    An apostrophe is part of its word, unlike in `text.words`: it is how Latin writes a soft sign.
    """
    text = "".join(character for character in text if fold(character) not in "'ʹʺ´ʻ")
    keys = (key(text[word.start() : word.end()]) for word in re.finditer(r"\S+", letters(text)))
    return [key for key in keys if key]


def indexed_names(texts):
    """What is indexed of `texts` that are names: their words, and then their keys, where those are others."""
    found = indexed(texts)
    keys = indexed(" ".join(romanized(text)) for text in texts)
    return f"{found} {BARRIER} {keys}" if keys != found else found


@lru_cache(maxsize=20_000)
def key(word):
    """The key of one word, written in any script; a word in neither Latin nor Cyrillic letters is only folded."""
    word = unicodedata.normalize("NFC", word[: 2 * LONGEST_WORD]).lower().translate(OTHERS)
    latin = word if word.isascii() else to_latin(to_latin(word, "tj"), "ru")
    folded = letters(latin.translate(MARKED)).replace(SILENT, "").replace(" ", "")
    for pattern, spelling in SPELLINGS:
        folded = pattern.sub(spelling, folded)
    return folded[:LONGEST_WORD]
