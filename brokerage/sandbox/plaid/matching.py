"""How much a person whom an application names looks like the owner of an account, in scores from 0 to 100.

Always the same for the same two: 100 the same, 90 the same words or all of the shorter name, 80 but for a nickname,
and below 50 for somebody else. An owner may also be alike, by so much, to whoever is asked about.
"""

import re
from typing import Any

from brokerage.sandbox.plaid.bank_accounts import Owner

SAME, SAME_WORDS, NICKNAME, HALF, NOBODY = 100, 90, 80, 45, 0
BUSINESS = frozenset(["inc", "llc", "ltd", "corp", "co", "company", "trust", "bank"])
NICKNAMES = [
    frozenset(names.split())
    for names in (
        "alberta bertie berta allie", "robert rob bob bobby robbie", "william will bill billy",
        "elizabeth liz beth lizzie betty", "margaret maggie meg peggy", "james jim jimmy jamie",
        "john jack johnny", "katherine kate katie kathy", "michael mike mickey", "richard rick dick",
        "thomas tom tommy", "augusta ada", "edward ed ted eddie", "joseph joe joey",
    )
]  # fmt: skip
ADDRESS_PARTS = ("street", "city", "region", "postal_code", "country")


def scores(user: dict[str, Any], owner: Owner) -> dict[str, Any]:
    """All four blocks, always; of what the application did not say the values are null."""
    name, phone, email, address = (
        user.get(key) for key in ("legal_name", "phone_number", "email_address", "address")
    )  # fmt: skip
    return {
        "legal_name": _name_block(name, owner),
        "phone_number": {"score": _best(_phone_score, phone, owner.phone_numbers)},
        "email_address": {"score": _best(_email_score, email, owner.emails)},
        "address": _address_block(address, owner.addresses),
    }


def _best(score: Any, said: Any, known: tuple[Any, ...]) -> int | None:
    return max((score(said, one) for one in known), default=NOBODY) if said else None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _name_block(said: str | None, owner: Owner) -> dict[str, Any]:
    if not said:
        return dict.fromkeys(
            ("score", "is_first_name_or_last_name_match", "is_nickname_match", "is_business_name_detected")
        )
    ours, alike = _words(said), owner.likeness is not None
    return {
        "score": owner.likeness if alike else _best(_name_score, said, owner.names),
        "is_first_name_or_last_name_match": alike or any(_ends_agree(ours, _words(name)) for name in owner.names),
        "is_nickname_match": not alike and any(_by_nickname(ours, _words(name)) for name in owner.names),
        "is_business_name_detected": bool(BUSINESS & set(ours)),
    }


def _name_score(said: str, known: str) -> int:
    ours, theirs = _words(said), _words(known)
    if ours == theirs:
        return SAME
    shared = set(ours) & set(theirs)
    if len(shared) >= 2 and (shared == set(ours) or shared == set(theirs)):
        return SAME_WORDS
    if _by_nickname(ours, theirs):
        return NICKNAME
    return HALF * len(shared) // max(len(ours), len(theirs), 1)


def _ends_agree(ours: list[str], theirs: list[str]) -> bool:
    return bool(ours and theirs) and (ours[0] == theirs[0] or ours[-1] == theirs[-1])


def _by_nickname(ours: list[str], theirs: list[str]) -> bool:
    """The same family name, and given names that stand for each other."""
    if not ours or not theirs or ours[-1] != theirs[-1] or ours[0] == theirs[0]:
        return False
    return any({ours[0], theirs[0]} <= names for names in NICKNAMES)


def _phone_score(said: str, known: str) -> int:
    ours, theirs = (re.sub(r"\D", "", number)[-10:] for number in (said, known))
    return SAME if ours == theirs and ours else NOBODY


def _email_score(said: str, known: str) -> int:
    return SAME if said.strip().lower() == known.strip().lower() else NOBODY


def _address_block(said: dict[str, Any] | None, addresses: tuple[dict[str, str], ...]) -> dict[str, Any]:
    given = {part: str(value) for part, value in (said or {}).items() if part in ADDRESS_PARTS and value}
    if not given:
        return {"score": None, "is_postal_code_match": None}
    codes = [known.get("postal_code") for known in addresses]
    return {"score": _best(_address_score, given, addresses), "is_postal_code_match": given.get("postal_code") in codes}


def _address_score(said: dict[str, str], known: dict[str, str]) -> int:
    """The share of the parts that were given and agree."""
    agree = sum(_words(value) == _words(str(known.get(part) or "")) for part, value in said.items())
    return SAME * agree // len(said)
