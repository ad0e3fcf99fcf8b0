"""What a bank says of an account's owners, in one text: whose names they are, and whether it is their own money.

Called by compare. Banks write ADA & CHARLES BYRON, BYRON, ADA M, or ADA BYRON UTMA; there is no rule.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from funding.owner_names import person, words
from funding.owner_names.person import Person
from funding.owner_names.words import BAR, SLASH, Token, Word, word_set

BUSINESS, TRUST, FOR_ANOTHER = "a business", "a trust or an estate", "held by or for somebody else"
_MARKS = {
    BUSINESS: "llc inc incorporated corp corporation ltd limited llp lp pllc plc gmbh company co dba holdings holding "
    "enterprises enterprise ventures partnership partners associates consulting services solutions properties "
    "investments realty group foundation association assn society nonprofit offices business ministries",
    TRUST: "trust trusts trustee trustees ttee ttees tr estate revocable irrevocable executor executrix administrator "
    "deceased decd",
    FOR_ANOTHER: "utma ugma custodian cust custodial fbo itf guardian gdn conservator poa careof payee pod minor "
    "beneficiary bene fiduciary death for",
}
_MEANING = {mark: meaning for meaning, marks in _MARKS.items() for mark in marks.split()}
# People have these names too; where the applicant has it, it is a name.
_MAY_BE_A_NAME = word_set("co minor cust tr partners group pod bene limited or and und ten")
_BETWEEN_OWNERS = word_set("and or und aka")
_OF_THE_ACCOUNT = word_set(
    "jtwros jt ten tenants joint wros tic entirety entireties survivorship checking savings acct account"
)
_BESIDE_THOSE = word_set(
    "of the an to by as in on with under dtd dated right rights rep payable transfer family living law"
)
_LONGEST_FAMILY_NAME = 3  # words, as in de la Fuente

Owner = list[Token]  # what stands between two bars: mostly one person


@dataclass(frozen=True)
class Owners:
    """The persons that a text may name, in every way it can be read; how many there are; and BUSINESS … or ""."""

    persons: tuple[Person, ...]
    count: int
    meaning: str


def read(text: str, *, applicant: Person) -> Owners:
    """Return the owners of an account; words that the applicant's own name has are taken for a name."""
    own = {word.letters for word in applicant.all_words} & _MAY_BE_A_NAME
    tokens = words.tokens(text)
    letters = [_letters(token) for token in tokens if _letters(token) not in own]
    marks = [mark for mark in letters if mark in _MEANING]
    beside = _BESIDE_THOSE if marks or _OF_THE_ACCOUNT.intersection(letters) else ()
    between = _BETWEEN_OWNERS.union(marks, _OF_THE_ACCOUNT, beside) - own
    owners = [owner for owner in _split(tokens, between) if any(isinstance(token, Word) for token in owner)]
    persons = tuple(dict.fromkeys(_persons(owners, is_slashed=SLASH in tokens)))
    if marks:
        return Owners(persons, 1, _MEANING[marks[0]])
    return Owners(persons, sum(max(1, len(_each_with_both_names(owner))) for owner in owners), "")


def _letters(token: Token) -> str:
    return token.letters if isinstance(token, Word) else token


def _split(tokens: Sequence[Token], between: frozenset[str]) -> Iterator[Owner]:
    owner: Owner = []
    for token in tokens:
        if token in (BAR, SLASH) or _letters(token) in between:
            yield owner
            owner = []
        else:
            owner.append(token)
    yield owner


def _persons(owners: list[Owner], *, is_slashed: bool) -> Iterator[Person]:
    alone = [person.of(owner) for owner in owners]
    for place, (owner, whole) in enumerate(zip(owners, alone, strict=True)):
        yield from _between_commas(owner)
        if whole:
            yield whole
        if not (whole and whole.is_complete):
            shared = list(_family_names(following=alone[place + 1 :], before=alone[:place]))
            given = next(iter(person.between_commas(owner)), ())
            yield from (Person(given, family, whole.generation if whole else "") for family in shared if given)
    known = [each for each in alone if each]
    if is_slashed and len(known) == 2 and not any(each.is_complete for each in known):
        yield Person(known[1].words, known[0].words)  # BYRON/ADA


def _between_commas(owner: Owner) -> Iterator[Person]:
    """Yield the persons of a list of persons: Ada Byron, Charles Babbage; or BYRON, ADA, BABBAGE, CHARLES."""
    parts = person.between_commas(owner)
    if several := _each_with_both_names(owner):
        yield from filter(None, map(person.of, several))
    elif len(parts) > 2:
        yield from (Person(given, family) for family, given in pairwise(parts))


def _each_with_both_names(owner: Owner) -> list[person.Words]:
    parts = person.between_commas(owner)
    complete = [part for part in parts if sum(not word.is_initial for word in part) > 1]
    return parts if len(parts) > 1 and len(complete) == len(parts) else []


def _family_names(*, following: list[Person | None], before: list[Person | None]) -> Iterator[person.Words]:
    """Yield the family names that somebody may share who is told without one: the Ada of ADA & CHARLES BYRON."""
    complete = next((each for each in (*following, *before[::-1]) if each and each.is_complete), None)
    if complete is None:
        return
    if complete.family:
        yield complete.family
        return
    for begins in range(max(1, len(complete.words) - _LONGEST_FAMILY_NAME), len(complete.words)):
        if not complete.words[begins].is_initial:
            yield complete.words[begins:]
    if complete in before:
        yield complete.words[:1]
