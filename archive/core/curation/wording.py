"""What differs between two texts, word by word, for people to read."""

import re
from difflib import SequenceMatcher

WORD = re.compile(r"\S+\s*|\s+")
MOST = 10_000  # characters that are compared word by word; of more, the one is shown instead of the other
ALIKE = 0.3  # of texts that have less in common than this, no word is worth matching
SHOWN = 2_000  # characters of one text
AROUND = 100  # characters that stay of what did not change, before and behind what did


def between(before, after):
    """[(tag, text)] that tells how `before` became `after`: tag is "del", "ins", or "" for what they share, cut short."""
    start, end = shared(before, after)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    pieces = instead(old, new) if max(len(old), len(new)) > MOST else words_between(WORD.findall(old), WORD.findall(new))
    same = start + end + sum(len(text) for tag, text in pieces if not tag)
    if same < ALIKE * max(len(before), len(after)) or not any(tag for tag, _ in pieces):
        return instead(before, after)
    return shortened([("", after[:start]), *pieces, ("", after[len(after) - end :])])


def shared(before, after):
    """How many characters two texts share at their start and at their end, in whole words."""
    most = min(len(before), len(after))
    start = greatest(most, lambda length: before[:length] == after[:length])
    while start and not before[start - 1].isspace():
        start -= 1
    end = greatest(most - start, lambda length: before[len(before) - length :] == after[len(after) - length :])
    while end and not before[len(before) - end].isspace():
        end -= 1
    return start, end


def greatest(most, holds):
    """The greatest length up to `most` for which something holds that holds for each smaller one too."""
    low, high = 0, most
    while low < high:
        half = (low + high + 1) // 2
        low, high = (half, high) if holds(half) else (low, half - 1)
    return low


def words_between(old, new):
    """As `between`, of two lists of words with the white space behind them, which counts for nothing."""
    matcher, pieces = SequenceMatcher(None, [word.strip() for word in old], [word.strip() for word in new]), []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(("", "".join(max(pair, key=len) for pair in zip(old[i1:i2], new[j1:j2], strict=True))))
            continue
        pieces += instead("".join(old[i1:i2]), "".join(new[j1:j2]))
    return pieces


def instead(old, new):
    return [(tag, cut(text)) for tag, text in (("del", old), ("ins", new)) if text]


def shortened(pieces):
    """`pieces`, of what did not change only what is next to what did."""
    pieces = [(tag, text) for tag, text in pieces if text]
    last = len(pieces) - 1
    return [(tag, text if tag else near(text, not number, number == last)) for number, (tag, text) in enumerate(pieces)]


def near(text, is_first, is_last):
    if len(text) <= 2 * AROUND + 20:
        return text
    return f"{'' if is_first else text[:AROUND]} … {'' if is_last else text[-AROUND:]}"


def cut(text):
    """`text`, or its beginning and how long it is."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} … ({len(text):,} characters)"
