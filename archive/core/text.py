"""Folding: the one meaning of "the same word" in names, filters and search."""

import unicodedata

# Letters that Unicode does not take apart into a plain letter and a mark, and typography that readers type plainly:
# each pair is the character and what it folds to.
PAIRS = """
łl đd øo ħh ıi ßs þt ðd æa œo
әа өо ұу үу һх іи ңн қк ғг ҳх ҷч ґг єе ђд ћч љл њн џц ѕз ји
’' ‘' ʼ' `' “" ”" „" «" »" –- —- ‑- −-
"""
LETTERS = str.maketrans({pair[0]: pair[1] for pair in PAIRS.split()} | {"\u00a0": " ", "\u202f": " "})


def fold(text):
    """`text` without case, diacritics and national letters, for comparing: "Раҳмон" and "рахмон" fold alike.

    One character in gives one character out, so that an offset into the folded text is an offset into the text. Every
    character is folded alike wherever it stands; `fold(fold(x)) == fold(x)`.
    """
    return "".join(map(fold_character, text))


def fold_character(character):
    plain = unicodedata.normalize("NFD", character)[0].lower()[:1]
    return plain.translate(LETTERS)


def words(query):
    """The folded words of a reader's query, in order, without repeats."""
    return list(dict.fromkeys(fold(query).split()))
