"""How alike two words of two names are: the same, a slip of the pen, near, or different.

Called by person_match. A slip is no other name: in a long word, and not where endings tell brother from sister.
"""

from enum import Enum, auto

from funding.owner_names import given_names
from funding.owner_names.words import Word

SHORTEST_NEAR = 3
LONG, VERY_LONG = 8, 11  # letters that may hide any slip, or two
FAIRLY_LONG = 6  # letters that may hide a slip which the ear doesn't notice
_SOUND_ALIKE = ({"s", "z"}, {"i", "y"}, {"c", "k"}, {"v", "w"})
_CUT_OFF = 5  # so many letters are left, at least, of a name that a bank has cut off


class Likeness(Enum):
    SAME = auto()
    SPELLED_OTHERWISE = auto()
    SHORT_FORM = auto()
    SLIP = auto()
    INITIAL = auto()
    TWO_SHORT_FORMS = auto()
    NEAR = auto()
    DIFFERENT = auto()


_KINSHIPS = {
    given_names.SPELLED_OTHERWISE: Likeness.SPELLED_OTHERWISE,
    given_names.SHORT_FORM: Likeness.SHORT_FORM,
    given_names.TWO_SHORT_FORMS: Likeness.TWO_SHORT_FORMS,
}


def of_given(one: Word, other: Word) -> Likeness:
    """Return how alike two given names are."""
    if not one.is_same(other) and (kinship := given_names.kinship(one.letters, other.letters)):
        return _KINSHIPS[kinship]
    return of_family(one, other)


def of_family(one: Word, other: Word) -> Likeness:
    """Return how alike two family names are, or any two words."""
    if one.is_initial or other.is_initial:
        return Likeness.INITIAL if one.letters[0] == other.letters[0] else Likeness.DIFFERENT
    if one.is_same(other):
        return Likeness.SAME
    if _is_slip(one.letters, other.letters):
        return Likeness.SLIP
    return Likeness.NEAR if _is_near(one.letters, other.letters) else Likeness.DIFFERENT


def _is_slip(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    start = _same_start(short, long)
    end = _same_start(short[start:][::-1], long[start:][::-1])
    left, more = short[start : len(short) - end], long[start : len(long) - end]
    if len(left) > 1 or len(more) > 1:
        if len(short) >= FAIRLY_LONG and left == more[::-1] and len(left) == 2:
            return start > 0 and end > 0
        return len(short) >= VERY_LONG and start > 0 and end > 0 and _edits_suffice(left, more, 2)
    if _ear_does_not_notice(left, more, long, start):
        return len(long) >= (FAIRLY_LONG - 1 if more == "e" else FAIRLY_LONG)
    return len(short) >= LONG and start > 0 and end > 1


def _ear_does_not_notice(left: str, more: str, long: str, start: int) -> bool:
    """Say whether one letter in a word makes hardly a difference: s for z, n for nn, ue for u."""
    if left:
        return {left, more} in _SOUND_ALIKE
    before, after = long[start - 1 : start], long[start + 1 : start + 2]
    return more in (before, after) or (more == "e" and after != "" and before in ("a", "o", "u"))


def _is_near(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) < SHORTEST_NEAR or (len(short) < FAIRLY_LONG and short[0] != long[0]):
        return False  # Minh is no slip for Linh
    if len(short) >= _CUT_OFF and long.startswith(short):
        return True
    return _edits_suffice(short, long, 2 if len(short) >= LONG else 1)


def _edits_suffice(one: str, other: str, most: int) -> bool:
    """Say whether at most so many letters must be put in, left out, exchanged or swapped with the next."""
    start = _same_start(one, other)
    one, other = one[start:], other[start:]
    if not one or not other or not most or abs(len(one) - len(other)) > most:
        return len(one) + len(other) <= most
    swapped = one[:2] == other[1::-1] and len(one) > 1
    return (
        _edits_suffice(one[1:], other[1:], most - 1)
        or _edits_suffice(one[1:], other, most - 1)
        or _edits_suffice(one, other[1:], most - 1)
        or (swapped and _edits_suffice(one[2:], other[2:], most - 1))
    )


def _same_start(one: str, other: str) -> int:
    for place, (letter, other_letter) in enumerate(zip(one, other, strict=False)):
        if letter != other_letter:
            return place
    return min(len(one), len(other))
