"""Two names, and how sure it is that they are one person's.

Called by compare. The scores are made for two thresholds: a pass from 80, a refusal below 50, a person between.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from funding.owner_names import likeness
from funding.owner_names.likeness import Likeness
from funding.owner_names.person import PARTICLES, Person, Reading, Words
from funding.owner_names.words import Word, joined


class Given(Enum):
    SAME = "given names agree"
    SPELLED_OTHERWISE = "given name spelled in another way"
    SHORT_FORM = "given name by nickname"
    SLIP = "a slip in the given name"
    INITIAL_AND_MIDDLE = "initial, and the middle name agrees"
    PART = "part of a double given name"
    INITIAL = "initial only"
    MIDDLE = "middle name of one is given name of the other"
    TWO_SHORT_FORMS = "two nicknames of one given name"
    NEAR = "given names nearly agree"
    DIFFERENT = "given names differ"


class Family(Enum):
    SAME = "family names agree"
    SLIP = "a slip in the family name"
    PART = "part of a double family name"
    NEAR = "family names nearly agree"
    INITIAL = "initial for the family name"
    DIFFERENT = "family names differ"


# Another family name may be a married one; another given name is a relative's.
_SCORES = {
    given: dict(zip(Family, scores, strict=True))
    for given, scores in {
        # family name: SAME, SLIP, PART, NEAR, INITIAL, DIFFERENT
        Given.SAME: (100, 90, 72, 68, 62, 60),
        Given.SPELLED_OTHERWISE: (94, 78, 66, 60, 55, 55),
        Given.SHORT_FORM: (92, 78, 66, 60, 55, 55),
        Given.SLIP: (90, 75, 62, 55, 55, 55),
        Given.INITIAL_AND_MIDDLE: (88, 75, 60, 50, 45, 40),
        Given.PART: (72, 65, 60, 52, 45, 40),
        Given.INITIAL: (70, 62, 55, 40, 20, 15),
        Given.MIDDLE: (65, 55, 45, 35, 20, 10),
        Given.TWO_SHORT_FORMS: (65, 55, 45, 35, 25, 15),
        Given.NEAR: (62, 55, 45, 35, 20, 10),
        Given.DIFFERENT: (30, 25, 15, 10, 5, 0),
    }.items()
}
_SAME_WORDS, _SAME_SINGLE_WORD, _SAME_INITIAL, _AMONG_OTHERS, _ONE_WORD, _ONE_WORD_SLIP = 100, 85, 75, 55, 55, 52
_AT_MOST_WHEN_UNSURE = 75
_ELIDED = ("d", "l", "n", "o")  # d'Angelo, L'Heureux, N'Diaye, O'Brien
_EXTRA_MIDDLE, _EXTRA_GENERATION, _CONTRADICTION = 2, 3, 35  # what they take away


@dataclass(frozen=True)
class Match:
    """A score from 0 to 100, and what it comes from, in words that hold nothing of either name."""

    score: int
    reasons: tuple[str, ...]


_NOTHING = Match(0, ("nothing agrees",))


def match(applicant: Person, owner: Person) -> Match:
    """Return how sure it is that two names are one person's; the order of an applicant's words is trusted more."""
    found = _of_names(_with_words_joined(applicant, owner), _with_words_joined(owner, applicant))
    if not found.score or applicant.generation == owner.generation:
        return found
    if applicant.generation and owner.generation:
        return _less(found, _CONTRADICTION, "Jr, Sr or number differ")
    return _less(found, _EXTRA_GENERATION, "Jr, Sr or number on one side only")


def _less(found: Match, points: int, reason: str) -> Match:
    return Match(max(0, found.score - points), (*found.reasons, reason))


def _with_words_joined(name: Person, other: Person) -> Person:
    """Write as one word what the other name writes as one: O Brien, De La Cruz, Min Jun."""
    written = {letters for word in other.all_words for letters in (word.letters, word.spelled)}
    return replace(name, words=_joined(name.words, written), family=_joined(name.family, written))


def _joined(words: Words, written: set[str]) -> Words:
    for length in range(min(4, len(words)), 1, -1):
        for begins in range(len(words) - length + 1):
            run = words[begins : begins + length]
            spellings = ("".join([word.letters for word in run]), "".join([word.spelled for word in run]))
            if written.intersection(spellings) and _may_be_one_word(run):
                before, after = words[:begins], words[begins + length :]
                return (*_joined(before, written), joined(run), *_joined(after, written))
    return words


def _may_be_one_word(run: Words) -> bool:
    """Say whether the initials among some words, if any, can be a part of a word: O BRIEN, J R, but not ANN A."""
    initials = [word.letters for word in run if word.is_initial]
    return len(initials) in (0, len(run)) or (initials == [run[0].letters] and initials[0] in _ELIDED)


def _of_names(one: Person, other: Person) -> Match:
    shorter = min(len(one.all_words), len(other.all_words))
    if not _unmatched(one.all_words, other.all_words) and not _unmatched(other.all_words, one.all_words):
        return _of_same_words(one.all_words, other.all_words)
    if shorter == 1:
        return _of_one_word(one.all_words, other.all_words)
    best = max(_of_readings(one, other), key=lambda found: found.score)
    if best.score < _AMONG_OTHERS and (_is_among(one, other) or _is_among(other, one)):
        return Match(_AMONG_OTHERS, ("whole name among other words",))
    return best


def _is_among(one: Person, other: Person) -> bool:
    """Say whether a whole name stands somewhere in a longer one: the Ada of CHARLES BYRON ADA BYRON."""
    full_words = [word for word in one.all_words if not word.is_initial]
    return len(full_words) > 1 and not _unmatched(full_words, other.all_words)


def _of_same_words(words: Words, others: Words) -> Match:
    if len(words) == 1:
        return Match(_SAME_SINGLE_WORD, ("same single word",))
    if len(words) == 2 and (words[0].is_initial or others[0].is_initial):
        return Match(_SAME_INITIAL, ("same words", Given.INITIAL.value))
    return Match(_SAME_WORDS, ("same words",))


def _of_one_word(one: Words, other: Words) -> Match:
    likenesses = {likeness.of_family(word, other_word) for word in one for other_word in other}
    if Likeness.SAME in likenesses:
        return Match(_ONE_WORD, ("one word only",))
    if Likeness.SLIP in likenesses:
        return Match(_ONE_WORD_SLIP, ("one word only", "with a slip"))
    return _NOTHING


def _of_readings(one: Person, other: Person) -> Iterator[Match]:
    yield _NOTHING
    others = list(other.readings())
    for reading in one.readings():
        for other_reading in others:
            if not (reading.turned and other_reading.turned):
                yield _of_reading(reading, other_reading)


def _of_reading(one: Reading, other: Reading) -> Match:
    """Compare given name with given name and family name with family name, then what stands between."""
    family, families = _family(one, other)
    if (one.turned or other.turned) and family == Family.DIFFERENT:
        return _NOTHING  # or James Thomas would be Thomas Becker
    given, unsure = _given(one, other), _is_unsure(one, other)
    if unsure and family == Family.PART:
        return _NOTHING
    found = Match(_SCORES[given][family], (given.value, family.value))
    if unsure:
        found = Match(min(found.score, _AT_MOST_WHEN_UNSURE), (*found.reasons, "order of names uncertain"))
    return _with_middles(found, _middles(one, other, families), _middles(other, one, families))


def _is_unsure(applicant: Reading, owner: Reading) -> bool:
    """Say whether it is a guess which names are family names: is ELLISON JAMES ROBERT a Robert Ellison?"""
    mistaken = applicant.turned and any(not word.is_initial for word in owner.middles)
    return applicant.unsure or owner.unsure or mistaken


def _family(one: Reading, other: Reading) -> tuple[Family, Words]:
    """Return how the family names agree, and the words that belong to them, some of which were taken for middles."""
    names, others = _of_weight(one.family), _of_weight(other.family)
    names, others = (*names, *_shared(one.middles, others)), (*others, *_shared(other.middles, names))
    words = (*names, *others)
    if not _unmatched(names, others) and not _unmatched(others, names):
        return Family.SAME, words
    if _shared(names, others):
        return Family.PART, words
    found = likeness.of_family(joined(names), joined(others))
    return Family[found.name], words


def _given(one: Reading, other: Reading) -> Given:
    found = likeness.of_given(one.given, other.given)
    if found == Likeness.SAME:
        halves = (*_unmatched(_other_half(one), other.middles), *_unmatched(_other_half(other), one.middles))
        return Given.PART if halves else Given.SAME
    if found == Likeness.INITIAL and any(not word.is_initial for word in _shared(one.middles, other.middles)):
        return Given.INITIAL_AND_MIDDLE
    if found in (Likeness.NEAR, Likeness.DIFFERENT) and (
        _shared(one.middles, (other.given,)) or _shared(other.middles, (one.given,))
    ):
        return Given.MIDDLE
    if found == Likeness.DIFFERENT and (_begins_with(one.given, other) or _begins_with(other.given, one)):
        return Given.NEAR
    return Given[found.name]


def _begins_with(given: Word, other: Reading) -> bool:
    """Say whether a given name is written in two parts with the second cut to an initial: Xiaoming as XIAO M."""
    return bool(other.middles) and given.letters.startswith(joined((other.given, other.middles[0])).letters)


def _middles(one: Reading, other: Reading, families: Words) -> Words:
    """Return the middle names that say something of their own."""
    elsewhere = (*families, *_other_half(one), other.given)
    return tuple(word for word in _of_weight(one.middles, 0) if not _shared((word,), elsewhere))


def _with_middles(found: Match, middles: Words, others: Words) -> Match:
    left, other_left = list(middles), list(others)
    for word in middles:
        alike = (each for each in other_left if likeness.of_given(word, each) != Likeness.DIFFERENT)
        if (partner := next(alike, None)) is not None:
            left.remove(word)
            other_left.remove(partner)
    if left and other_left:
        return _less(found, _CONTRADICTION, "middle names differ")
    if left or other_left:
        return _less(found, _EXTRA_MIDDLE, "middle name or initial on one side only")
    return found


def _other_half(reading: Reading) -> Words:
    """Return the Pierre of Jean-Pierre."""
    compound = reading.given.compound
    return tuple(word for word in reading.middles if compound and word.compound == compound)


def _of_weight(words: Words, least: int = 1) -> Words:
    """Leave out the de, la and van of a name, which come and go; of particles alone, none."""
    heavy = tuple(word for word in words if word.letters not in PARTICLES)
    return heavy if len(heavy) >= least else words


def _shared(words: Sequence[Word], others: Sequence[Word]) -> Words:
    return tuple(word for word in words if any(word.is_same(other) for other in others))


def _unmatched(words: Sequence[Word], others: Sequence[Word]) -> Words:
    """Return the words that have no partner among the others, each partner being one word's only."""
    left, unmatched = list(others), []
    for word in words:
        partner = next((other for other in left if word.is_same(other)), None)
        if partner is None:
            unmatched.append(word)
        else:
            left.remove(partner)
    return tuple(unmatched)
