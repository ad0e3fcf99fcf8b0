"""The customer whom a test writes itself: the username `user_custom`, and as the password this JSON.

https://plaid.com/docs/sandbox/user-custom/
"""

import json
import re
from typing import Any

from brokerage.sandbox.plaid.bank_accounts import BankAccount, Owner
from brokerage.sandbox.plaid.refusal import PlaidRefusal
from brokerage.sandbox.plaid.words import words

LONGEST = 55_000
MOST_ACCOUNTS = 10
FORCIBLE = words(
    """INSTITUTION_NOT_RESPONDING INSTITUTION_NO_LONGER_SUPPORTED INVALID_CREDENTIALS INVALID_MFA ITEM_LOCKED
    ITEM_LOGIN_REQUIRED ITEM_NOT_SUPPORTED INVALID_LINK_TOKEN MFA_NOT_SUPPORTED NO_ACCOUNTS PLAID_ERROR
    USER_INPUT_TIMEOUT USER_SETUP_REQUIRED"""
)
Story = dict[str, Any]


def read(password: str) -> Story:
    """Raises PlaidRefusal: what is not such a story is a wrong password."""
    try:
        story = json.loads(password, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _not_a_story() from None
    if not isinstance(story, dict) or len(password) > LONGEST:
        raise _not_a_story()
    if story.get("force_error") and story["force_error"] not in FORCIBLE:
        raise _not_a_story()
    accounts_of(story)
    return story


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def check(story: Story) -> None:
    """Raises the error that the story asks for, if it asks for one."""
    if story.get("force_error"):
        raise PlaidRefusal(story["force_error"])
    if story.get("recaptcha") == "bad":
        raise PlaidRefusal("RECAPTCHA_BAD")


def accounts_of(story: Story) -> tuple[BankAccount, ...]:
    """Raises PlaidRefusal."""
    rows = story.get("override_accounts") or []
    if not isinstance(rows, list) or len(rows) > MOST_ACCOUNTS:
        raise _not_a_story()
    try:
        return tuple(_account(row, place) for place, row in enumerate(rows))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _not_a_story() from None


def _account(row: dict[str, Any], place: int) -> BankAccount:
    meta, numbers = row.get("meta") or {}, row.get("numbers") or {}
    starting = float(row.get("starting_balance", 100))
    mask = meta.get("mask", f"{place}" * 4)
    if mask and not re.fullmatch(r"[0-9A-Za-z]{2,4}", mask):
        raise ValueError(mask)
    return BankAccount(
        name=str(meta.get("name") or f"Plaid {row['subtype'].title()}"),
        mask=mask or None,
        type=str(row["type"]),
        subtype=str(row["subtype"]),
        available=_available(row, starting),
        current=starting,
        limit=None if meta.get("limit") is None else float(meta["limit"]),
        official_name=meta.get("official_name"),
        currency=str(row.get("currency") or "USD"),
        number=_digits(numbers.get("account")),
        routing=_digits(numbers.get("ach_routing")),
        wire_routing=_digits(numbers.get("ach_wire_routing")),
        owner=_owner(row.get("identity") or {}),
    )


def _available(row: dict[str, Any], starting: float) -> float | None:
    if row.get("has_null_available_balance"):
        return None
    return float(row.get("force_available_balance", starting))


def _digits(value: Any) -> str | None:
    if value is None:
        return None
    if not re.fullmatch(r"\d{4,17}", str(value)):
        raise ValueError(value)
    return str(value)


def _owner(identity: dict[str, Any]) -> Owner:
    """Of what the story does not say, everybody's."""
    said: dict[str, Any] = {}
    if identity.get("names"):
        said["names"] = tuple(map(str, identity["names"]))
    for name in ("emails", "phone_numbers", "addresses"):
        if name in identity:
            said[name] = tuple(row["data"] for row in sorted(identity[name], key=lambda row: not row.get("primary")))
    return Owner(**said)


def _not_a_story() -> PlaidRefusal:
    return PlaidRefusal("INVALID_CREDENTIALS", "the password of user_custom is not a valid configuration")
