"""Folding, and the words of a text: the one meaning of "the same word" in names, filters and search."""

import unicodedata

# Letters that Unicode does not take apart into a plain letter and a mark, and typography that readers type plainly:
# each pair is the character and what it folds to.
PAIRS = """
łl đd øo ħh ıi ßs ſs þt ðd æa œo əa ςσ
әа өо ұу үу һх іи ңн қк ғг ҳх ҷч ґг єе ђд ћч љл њн џц ѕз ји
’' ‘' ʼ' `' “" ”" „" «" »" –- —- ‑- −-
"""
LETTERS = str.maketrans({pair[0]: pair[1] for pair in PAIRS.split()} | {"\u00a0": " ", "\u202f": " "})

SILENT = "\u0301"  # stands for whatever is within a word and no part of it: a combining accent, a soft hyphen
VIRAMA = 9  # Unicode's marks of higher combining classes are accents and vowel points; those up to here are letters of Indic words
LONGEST_WORD = 100  # characters; what comes after them is not told apart
MOST_WORDS = 1_000_000  # bytes of different words in one text: PostgreSQL's tsvector ends at 1,048,575
BARRIER = "¶"  # stands between the fields of an indexed text, so that no phrase reaches from one into the next
REMEMBERED = 20_000  # characters of a Table


class Table(dict):
    """A function of one character as a table for `str.translate`, which is ten times as fast as a call for each."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def __missing__(self, code):
        value = self.function(chr(code))
        if len(self) < REMEMBERED:
            self[code] = value
        return value


def fold(text):
    """`text` without case, diacritics and national letters, for comparing: "Раҳмон" and "рахмон" fold alike.

    One character in gives one character out, so that an offset into the folded text is an offset into the text. Every
    character is folded alike wherever it stands; `fold(fold(x)) == fold(x)`.
    """
    return text.translate(FOLDED)


def fold_character(character):
    plain, *marks = unicodedata.normalize("NFD", character)
    if not all(map(unicodedata.combining, marks)):
        plain = character  # a Korean syllable comes apart into letters, not into a letter and its marks
    return plain.lower()[:1].translate(LETTERS)


def letters(text):
    """`text` folded, with a space for every character that is not part of a word, and SILENT for those within words that
    do not count. One character in gives one character out."""
    return text.translate(OF_WORDS)


def letter(character):
    plain = fold_character(character)
    if plain.isalnum():
        return plain
    category = unicodedata.category(plain)
    if category == "Cf" or unicodedata.combining(plain) > VIRAMA:
        return SILENT
    return plain if category.startswith("M") else " "


def words(text):
    """The folded words of `text`, in order: letters and digits are words, everything else stands between them."""
    return [word[:LONGEST_WORD] for word in letters(text).replace(SILENT, "").split()]


def indexed(texts):
    """The words of `texts` as the databases' full text wants them: words by single spaces, " ¶ " between one text and the next.

    Both databases take this apart at the spaces and nowhere else, so that they cannot disagree on what a word is. Of a text
    with more than MOST_WORDS bytes of different words, the beginning.
    """
    found = []
    for text in texts:
        if new := words(text):
            found += [BARRIER, *new] if found else new
    return " ".join(beginning(found))


def beginning(found):
    if sum(map(len, found)) <= MOST_WORDS // 4:  # no character has more than four bytes
        return found
    seen, size = set(), 0
    for place, word in enumerate(found):
        if word not in seen:
            seen.add(word)
            size += len(word.encode())
            if size > MOST_WORDS:
                return found[:place]
    return found


FOLDED = Table(fold_character)
OF_WORDS = Table(letter)
