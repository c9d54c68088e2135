"""Folding: which spellings are the same word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.core.romanization import indexed_names, romanized
from archive.core.text import SILENT, fold, indexed, letters, words


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Эмомалӣ Раҳмон", "эмомали рахмон"),
        ("Қазақстан", "Казакстан"),
        ("Łódź", "lodz"),
        ("İstanbul", "istanbul"),
        ("CSTO’s", "csto's"),
        ("Ёлка", "елка"),
        ("25\u00a0June", "25 june"),
    ],
)
def test_a_reader_may_type_it_plainly(written, typed):
    assert fold(written) == fold(typed)


@given(st.text())
def test_offsets_still_fit_and_folding_twice_is_folding_once(text):
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("  Peace  peace, War ", ["peace", "peace", "war"]),
        ("CSTO’s 25–27 well-known_words", ["csto", "s", "25", "27", "well", "known", "words"]),
        ("re\u0301union se\u00adcurity", ["reunion", "security"]),
        ("한국 हिन्दी ΛΌΓΟΣ", ["한국", "हिन्दी", "λογοσ"]),
        ("\x00\ud800 … ¶", []),
    ],
)
def test_words_are_letters_and_digits(text, found):
    assert words(text) == found


@given(st.text())
def test_every_character_is_of_a_word_or_between_words(text):
    assert len(letters(text)) == len(text)
    assert letters(text).replace(SILENT, "").split() == words(text)
    assert words(" ".join(words(text))) == words(text)


def test_the_fields_of_a_record_are_indexed_apart():
    assert indexed(["Peace, again", "", "!", "Moscow"]) == "peace again ¶ moscow"
    assert indexed([]) == ""


def test_what_is_indexed_has_bounds():
    assert indexed(["x" * 500]) == "x" * 100
    many = " ".join(f"{number}".zfill(90) for number in range(20_000))
    assert len(set(indexed([many]).split())) * 90 <= 1_000_000
    assert indexed(["peace " * 300_000]).count("peace") == 300_000


def test_a_name_is_indexed_with_its_keys():
    assert indexed_names(["Валерий Семериков"]) == "валерии семериков ¶ valeri semerikov"
    assert indexed_names(["Omsk", "Tomsk"]) == "omsk ¶ tomsk"


SPELLINGS = """
Семериков Semerikov Semerikow
Джумабоев Ҷумабоев Dzhumaboyev Jumaboev Džumaboev Djumaboev Çumaboev
Раҳмон Рахмон Rahmon Rakhmon Raxmon Raḩmon
Муҳаммадзода Muhammadzoda Mukhammadzoda
Васильев Vasilyev Vasil'ev Vasil’yev Vasiliev Vasilev
Вирабян Virabyan Virabian Virabân Virabjan
Валерий Valery Valeriy Valerii Valerij
Юрий Yuri Yury Yuriy Iurii Jurij Ûrij
Щербаков Shcherbakov Ščerbakov Ŝerbakov Scherbakov
Жуков Zhukov Žukov
Цветков Tsvetkov Cvetkov
Чехов Chekhov Čehov
Хрущёв Khrushchev Khrushchyov Xruščëv
Александр Aleksandr
Алексей Alexei Aleksey Alexey Aleksej
Горчаков Gorchakov Gorčakov
Тоқаев Токаев Tokayev Toqaev
Эмомалӣ Эмомали Emomali Èmomali
Виктор Victor Viktor
Илья Ilya Ilia Il'ja
Соловьёв Solovyov Soloviev Solov'ev
Ғафуров Гафуров Gafurov Ghafurov Ǧafurov
Қодиров Qodirov Kodirov
Пётр Pyotr Petr
Бахтиёр Bakhtiyor Baxtiyor Bahtiër
Ющенко Yushchenko Juščenko
Тасмагамбетов Tasmagambetov
ОДКБ ODKB
"""


@pytest.mark.parametrize("names", SPELLINGS.strip().splitlines())
def test_a_name_has_one_key_however_it_is_spelt(names):
    assert len({tuple(romanized(name)) for name in names.split()}) == 1


def test_names_that_differ_keep_different_keys():
    names = SPELLINGS.strip().splitlines()
    assert len({tuple(romanized(line.split()[0])) for line in names}) == len(names)


@given(st.text())
def test_every_text_has_keys_and_they_are_words(text):
    keys = romanized(text)
    assert words(" ".join(keys)) == keys
