"""What Plaid answers, as small frozen dataclasses, read leniently.

Called by gateways.plaid. An unknown word is kept as it is, a missing field is empty; only an answer that lacks what was
asked for is no answer. Balances are Decimal US dollars; times are aware, or None.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from brokerage import money
from brokerage.gateways.broker_answers import time
from brokerage.gateways.errors import OutcomeUnknown

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LinkToken:
    """What starts Link, until when, and by which request Plaid's support knows of it."""

    token: str = field(repr=False)
    expires_at: datetime | None
    request_id: str


@dataclass(frozen=True)
class Exchange:
    """What a public token turns into: our key to one login at one bank."""

    access_token: str
    plaid_item_id: str

    def __repr__(self) -> str:
        return f"Exchange(plaid_item_id={self.plaid_item_id!r})"


@dataclass(frozen=True)
class BankAccount:
    """One account of an item, with what a person recognises it by. `mask` is two to four characters, or empty."""

    plaid_account_id: str
    name: str
    mask: str
    kind: str
    subtype: str
    verification: str = ""  # Plaid's word; empty where the bank itself vouches for the account
    persistent_id: str = ""  # the same however often it is linked; only of banks that hand out numbers made for us

    @property
    def can_transfer(self) -> bool:
        """Say whether ACH can move money here; Plaid names no other kinds that Alpaca takes."""
        return self.kind == "depository" and self.subtype in ("checking", "savings")


@dataclass(frozen=True)
class Accounts:
    """An item's accounts, and the bank they are at (empty for banks linked by number)."""

    institution_id: str
    institution_name: str
    accounts: list[BankAccount]


@dataclass(frozen=True)
class ItemReading:
    """How a login is: Plaid's word for its trouble (empty where it is well), and what is known of its end."""

    error_code: str
    consent_expires_at: datetime | None
    webhook: str
    institution_id: str
    institution_name: str
    auth_method: str


@dataclass(frozen=True)
class Balance:
    """What a bank account holds as its bank says it now; None where the bank does not say."""

    available: Decimal | None
    current: Decimal | None

    @property
    def known(self) -> Decimal | None:
        """Return what may be debited as far as the bank tells."""
        return self.current if self.available is None else self.available


@dataclass(frozen=True)
class SignalAnswer:
    """Signal's word on one debit: ACCEPT, REVIEW or REROUTE by our ruleset, and its scores (1 to 99), if any."""

    result: str
    scores: dict[str, int] = field(default_factory=dict)


def required(answer: dict[str, Any], key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise OutcomeUnknown(f"the answer names no {key}", http_status=200)
    return value


def accounts(answer: dict[str, Any], item: dict[str, Any]) -> Accounts:
    """Return the accounts of an answer, and the bank that its item names."""
    rows = [row for row in answer.get("accounts") or [] if isinstance(row, dict) and row.get("account_id")]
    return Accounts(
        institution_id=str(item.get("institution_id") or "")[:40],
        institution_name=str(item.get("institution_name") or "")[:100],
        accounts=[bank_account(row) for row in rows],
    )


def item_reading(item: dict[str, Any]) -> ItemReading:
    error = item["error"] if isinstance(item.get("error"), dict) else {}
    return ItemReading(
        error_code=str(error.get("error_code") or "")[:60],
        consent_expires_at=time(item.get("consent_expiration_time")),
        webhook=str(item.get("webhook") or ""),
        institution_id=str(item.get("institution_id") or "")[:40],
        institution_name=str(item.get("institution_name") or "")[:100],
        auth_method=str(item.get("auth_method") or "")[:40],
    )


def link_token(answer: dict[str, Any]) -> LinkToken:
    return LinkToken(
        token=required(answer, "link_token"),
        expires_at=time(answer.get("expiration")),
        request_id=str(answer.get("request_id") or "")[:80],
    )


def webhook_key(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a public key as a JWK. Raises OutcomeUnknown where a part of it is missing."""
    key = answer.get("key")
    if not isinstance(key, dict):
        raise OutcomeUnknown("the answer names no key", http_status=200)
    for part in ("kid", "kty", "crv", "x", "y"):
        required(key, part)
    return key


def balance(row: dict[str, Any]) -> Balance:
    """Return an account's balances. Raises OutcomeUnknown where it names none."""
    if not isinstance(row.get("balances"), dict):
        raise OutcomeUnknown("the answer names no balances", http_status=200)
    return Balance(available=dollars(row["balances"], "available"), current=dollars(row["balances"], "current"))


def signal(answer: dict[str, Any]) -> SignalAnswer:
    ruleset = answer["ruleset"] if isinstance(answer.get("ruleset"), dict) else {}
    scores = answer["scores"] if isinstance(answer.get("scores"), dict) else {}
    found = {name: row.get("score") for name, row in scores.items() if isinstance(row, dict)}
    return SignalAnswer(
        result=str(ruleset.get("result") or "").upper()[:20],
        scores={name[:40]: score for name, score in found.items() if isinstance(score, int)},
    )


def owner_score(row: dict[str, Any]) -> int | None:
    """Return how much the owner's name is the one asked about, from 0 to 100, if the bank says."""
    match = row.get("legal_name")
    score = match.get("score") if isinstance(match, dict) else None
    return score if isinstance(score, int) and 0 <= score <= 100 else None


def owner_names(row: dict[str, Any]) -> list[str]:
    owners = [owner for owner in row.get("owners") or [] if isinstance(owner, dict)]
    return [name for owner in owners for name in owner.get("names") or [] if isinstance(name, str)]


def about(plaid_item_id: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer's item; one about another item is an alarm, and no answer."""
    item = answer.get("item")
    item = item if isinstance(item, dict) else {}
    if item.get("item_id", plaid_item_id) != plaid_item_id:
        log.error("Plaid was asked about one item, and answered about another")
        raise OutcomeUnknown("the answer is about another item", http_status=200)
    return item


def account_of(answer: dict[str, Any], plaid_account_id: str) -> dict[str, Any]:
    """Return the row of the account that was asked about; an answer without it is an alarm, and no answer."""
    rows = [row for row in answer.get("accounts") or [] if isinstance(row, dict)]
    found = next((row for row in rows if row.get("account_id") == plaid_account_id), None)
    if found is None:
        log.error("Plaid was asked about one account, and did not answer about it")
        raise OutcomeUnknown("the answer does not name the account", http_status=200)
    return found


def dollars(balances: dict[str, Any], key: str) -> Decimal | None:
    """Return one of the balances; None for one that is missing, no number, or in another currency."""
    if balances.get("iso_currency_code") not in (None, "USD"):
        return None
    try:
        return money.from_vendor(balances[key])
    except (KeyError, ValueError):
        return None


def bank_account(row: dict[str, Any]) -> BankAccount:
    return BankAccount(
        plaid_account_id=str(row["account_id"]),
        name=str(row.get("name") or ""),
        mask=str(row.get("mask") or "")[:4],
        kind=str(row.get("type") or ""),
        subtype=str(row.get("subtype") or ""),
        verification=str(row.get("verification_status") or "")[:40],
        persistent_id=str(row.get("persistent_account_id") or "")[:100],
    )
