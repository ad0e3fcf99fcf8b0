"""What makes a long password easy to guess all the same: words about its owner, rows of keys, a common one dressed up.

Pure functions, called by validators. Each takes away what a guesser tries first and looks at what is left: a good
password may hold a name or a year, as long as it is good without it.
"""

import re
from collections.abc import Collection, Container, Iterable

from accounts.passwords import LONGEST, normal

# Fewer letters than this, besides what is guessed first, are too few.
ENOUGH = 8
_FEWEST_DIFFERENT = 5
_SHORTEST_WORD = 3
# As long as this, letters that stand side by side on a keyboard or in the alphabet are a row.
_ROW = 4
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "azertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "!@#$%^&*()",
)
_ALL_ROWS = (*_ROWS, *(row[::-1] for row in _ROWS))
_FOR_LETTERS = str.maketrans("@4031!$57", "aaoeiisst")


def is_about(text: str, words: Iterable[str]) -> bool:
    """Say whether little is left of a password without these words."""
    left = _folded(text)
    for word in sorted({_folded(word) for word in words}, key=len, reverse=True):
        left = left.replace(word, "")
    return len(left) < ENOUGH and left != _folded(text)


def words_of(email: str) -> list[str]:
    """Return what an address is made of, without the short parts that stand in many words."""
    return [email, *(part for part in re.split(r"[^\w]|[_\d]", email) if len(part) >= _SHORTEST_WORD)]


def is_a_row(text: str) -> bool:
    """Say whether a password is hardly more than rows of keys, or one thing again and again."""
    left = _folded(text)
    if len(set(left)) < _FEWEST_DIFFERENT or len(_unit(left)) < ENOUGH:
        return True
    return len(_without_rows(left)) < ENOUGH - _ROW


def _unit(text: str) -> str:
    """Return the shortest beginning that makes the whole when it is written again and again."""
    sizes = range(1, len(text))
    return next((text[:size] for size in sizes if text.startswith(text[size:])), text)


def _without_rows(text: str) -> str:
    left, at = "", 0
    while at < len(text):
        length = _row_at(text, at)
        left += "" if length else text[at]
        at += length or 1
    return left


def _row_at(text: str, at: int) -> int:
    """Return how long the row is that begins here; 0 where none does."""
    longest = 0
    while at + longest < len(text) and any(text[at : at + longest + 1] in row for row in _ALL_ROWS):
        longest += 1
    return longest if longest >= _ROW else 0


def is_common(text: str, common: Container[str]) -> bool:
    """Say whether a password is one of those that many have, also with digits, signs or a year before or after it."""
    folded = _folded(text)
    return any(each in common for each in _undressed(folded))


def _undressed(text: str) -> Collection[str]:
    """Return a password as it is, and without what is put around one to make it longer or look harder."""
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    plain = re.sub(r"[^a-z]", "", text.translate(_FOR_LETTERS))
    tail = re.sub(r"[\W_]*\d*[\W_]*$", "", text)
    found = {text, bare, tail, tail.translate(_FOR_LETTERS), bare.translate(_FOR_LETTERS)}
    found |= {_unit(bare), plain} if bare else set()
    return {each for each in found if len(each) >= _SHORTEST_WORD}


def _folded(text: str) -> str:
    return normal(text).casefold()[:LONGEST]  # what is longer is refused for that
