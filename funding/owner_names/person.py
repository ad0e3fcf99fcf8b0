"""One person's name, and the ways to read which of its words is the given name and which the family name.

Called by bank_text and person_match. Titles and degrees are gone; Jr and the like stand apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from funding.owner_names.words import COMMA, Token, Word, joined, word_set

_TITLES = word_set("mr mrs ms miss mx dr prof rev sr sra srta")
_DEGREES = word_set("md phd esq esquire dds dmd dvm jd cpa mba rn lcsw")
_GENERATIONS = word_set("jr sr ii iii iv")
PARTICLES = word_set("de del dela la las los da do dos das di della van von der den ter ten bin bint ibn al el")
# Written first, and followed by middle name and given name: NGUYEN VAN AN is An.
_STANDS_FIRST = word_set("nguyen tran pham huynh hoang phan vu vo dang bui dinh ngo duong truong trinh le ly")
_MOST_WORDS = 12

Words = tuple[Word, ...]


@dataclass(frozen=True)
class Reading:
    """A way to read a name. It is `turned` where the family name stands first, `unsure` where that is a guess."""

    given: Word
    middles: Words
    family: Words
    turned: bool = False
    unsure: bool = False


@dataclass(frozen=True)
class Person:
    """The words of a name as they stand; where a comma tells the family name, that apart and the others in `words`."""

    words: Words
    family: Words = ()
    generation: str = ""

    @property
    def all_words(self) -> Words:
        return (*self.words, *self.family)

    @property
    def is_complete(self) -> bool:
        """Say whether there is a family name too; `Ada M` has none."""
        return any(not word.is_initial for word in self.all_words[1:])

    def readings(self) -> Iterator[Reading]:
        """Yield the ways to read a name of two words or more, the likeliest first."""
        if self.family:
            yield from _given_first(self.words, self.family)
            return
        if len(self.words) == 2 or not self.words[-1].is_initial:
            begins = len(self.words) - _length_of_compound(self.words[::-1])
            yield from _given_first(self.words[:begins], self.words[begins:])
        yield from _family_first(self.words)


def of(tokens: Sequence[Token]) -> Person | None:
    """Return whose name it is; None where no word of it is more than an initial, or where it goes on and on."""
    parts, generation = _without_generation(_between_commas(tokens))
    parts = _without_titles_and_degrees(parts)
    if all(word.is_initial for part in parts for word in part) or sum(map(len, parts)) > _MOST_WORDS:
        return None
    if len(parts) == 2 and not parts[0][0].is_same(parts[1][0]):
        return Person(parts[1], parts[0], generation)
    return Person(_as_one_where_it_is_one(tuple(word for part in parts for word in part)), (), generation)


def between_commas(tokens: Sequence[Token]) -> list[Words]:
    """Return what commas separate, without titles, degrees and generations."""
    return _without_titles_and_degrees(_without_generation(_between_commas(tokens))[0])


def _between_commas(tokens: Sequence[Token]) -> list[Words]:
    parts: list[list[Word]] = [[]]
    for token in tokens:
        if isinstance(token, Word):
            parts[-1].append(token)
        elif token == COMMA:
            parts.append([])
    return [tuple(part) for part in parts if part]


def _without_generation(parts: list[Words]) -> tuple[list[Words], str]:
    """Take Jr and the like out, wherever they stand but at the front."""
    words = [word for part in parts for word in part]
    found = [word for word in words[1:] if word.letters in _GENERATIONS]
    if not found:
        return parts, ""
    left = [tuple(word for word in part if word not in found) for part in parts]
    return [part for part in left if part], found[-1].letters


def _without_titles_and_degrees(parts: list[Words]) -> list[Words]:
    """Take them off both ends of each part, as long as a name is left: Md may be Mohammed."""
    left, count = [], sum(map(len, parts))
    for part in parts:
        begins, ends = 0, len(part)
        while count > 1 and begins < ends and part[begins].letters in _TITLES:
            begins, count = begins + 1, count - 1
        while count > 2 and begins < ends and part[ends - 1].letters in _DEGREES:
            ends, count = ends - 1, count - 1
        left.append(part[begins:ends])
    return [part for part in left if part]


def _as_one_where_it_is_one(words: Words) -> Words:
    """Return one word for a name entered as given name and as family name too, and for one of hyphens alone."""
    if all(word.is_same(words[0]) for word in words):
        return words[:1]
    return (joined(words),) if _length_of_compound(words) == len(words) else words


def _length_of_compound(words: Words) -> int:
    """Return how many words from the front belong together by hyphens; at least one."""
    length = 1
    while length < len(words) and words[0].compound and words[length].compound == words[0].compound:
        length += 1
    return length


def _given_first(names: Words, family: Words) -> Iterator[Reading]:
    yield Reading(names[0], names[1:], family)
    if names[0].is_initial and len(names) > 1 and not names[1].is_initial:
        yield Reading(names[1], (names[0], *names[2:]), family)  # J Robert goes by Robert


def _family_first(words: Words) -> Iterator[Reading]:
    """Yield what is sure where nothing or initials follow: BYRON ADA M. Scott Thomas James may be anybody."""
    begins = 0
    while begins < len(words) - 2 and words[begins].letters in PARTICLES:
        begins += 1
    ends = begins + min(_length_of_compound(words[begins:]), len(words) - begins - 1)
    family, (given, *middles) = words[:ends], words[ends:]
    vietnamese = words[0].letters in _STANDS_FIRST
    unsure = not vietnamese and any(not word.is_initial for word in middles)
    if not (unsure and given.is_initial):
        yield Reading(given, tuple(middles), family, turned=True, unsure=unsure)
    if vietnamese and middles:
        yield Reading(middles[-1], (given, *middles[:-1]), family, turned=True)
