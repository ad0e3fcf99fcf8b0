"""Whether a bank account is the customer's own: the names that the bank tells, held against the applicant's.

Called by operations; knows no models, no settings, no HTTP. The caller decides on the score, with two thresholds: from
PASSES_FROM it is the same person beyond reasonable doubt, below REFUSED_BELOW plainly somebody else, and between them a
person should look.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from funding.owner_names import bank_text, person, words
from funding.owner_names.bank_text import Owners
from funding.owner_names.person import Person
from funding.owner_names.person_match import Match, match

__all__ = ["PASSES_FROM", "REFUSED_BELOW", "NameMatch", "compare"]

PASSES_FROM, REFUSED_BELOW = 80, 50
_AT_MOST_WITH_A_MARK = 75  # a business is not its owner
_AT_LEAST_WITH_THE_FAMILY_NAME = 55
_AT_LEAST_IN_ANOTHER_ALPHABET = 50


@dataclass(frozen=True)
class NameMatch:
    """A score from 0 to 100, and for operations what it comes from, in words that hold nothing of either name."""

    score: int
    reasons: tuple[str, ...]


def compare(*, applicant: str, owners: Sequence[str]) -> NameMatch:
    """Return how well the owner who fits best fits the applicant, whose given name comes first.

    `owners` is what Plaid's /identity/get calls `names`: a text may hold several persons, or a business.
    """
    ours = person.of(words.tokens(applicant))
    if ours is None:
        return NameMatch(0, ("no name of the applicant to read",))
    told = [(text, bank_text.read(text, applicant=ours)) for text in owners]
    foreign = words.is_foreign(applicant)
    found = [_of_text(ours, each, is_guess=foreign != words.is_foreign(text)) for text, each in told if each.persons]
    if not found:
        return NameMatch(0, ("no name of an owner to read",))
    best = max(found, key=lambda each: each.score)
    count = sum({each.persons: each.count for _, each in told}.values())  # one person written twice is one
    return NameMatch(best.score, (*best.reasons, *_which(best.score, count)))


def _of_text(ours: Person, owners: Owners, *, is_guess: bool) -> Match:
    best = max((match(ours, owner) for owner in owners.persons), key=lambda found: found.score)
    if owners.meaning:
        least = _AT_LEAST_WITH_THE_FAMILY_NAME if _bears_family_name(owners, ours) else 0
        score = min(max(best.score, least), _AT_MOST_WITH_A_MARK)
        return Match(score, (*best.reasons, owners.meaning))
    if is_guess and best.score < _AT_LEAST_IN_ANOTHER_ALPHABET:
        return Match(_AT_LEAST_IN_ANOTHER_ALPHABET, ("another alphabet, read by guessing",))
    return best


def _bears_family_name(owners: Owners, ours: Person) -> bool:
    family = (ours.family or ours.words)[-1]
    return any(family.is_same(word) for owner in owners.persons for word in owner.all_words)


def _which(score: int, count: int) -> tuple[str, ...]:
    if count < 2:
        return ()
    return (f"one of {count} owners" if score >= REFUSED_BELOW else f"none of {count} owners",)
