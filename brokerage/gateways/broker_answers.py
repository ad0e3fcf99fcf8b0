"""What the Broker API answers, as small frozen dataclasses, read leniently.

Called by gateways.broker. An unknown word is kept as it is, a missing field is empty; only an answer that names no id
at all is no answer. Amounts are Decimal US dollars; times are aware, or None.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from brokerage import money
from brokerage.gateways.errors import OutcomeUnknown


@dataclass(frozen=True)
class AccountAnswer:
    """A brokerage account as the broker tells it; `status` is its own word."""

    alpaca_id: str
    status: str
    account_number: str
    email: str
    given_name: str
    family_name: str
    kyc_results: dict[str, Any]
    date_of_birth: str = field(default="", repr=False)  # YYYY-MM-DD, or empty where it is not told


@dataclass(frozen=True)
class Cash:
    """Ledger cash and how much of it may leave; both may be below zero."""

    cash: Decimal
    withdrawable: Decimal


@dataclass(frozen=True)
class RelationshipAnswer:
    """An ACH relationship as the broker tells it."""

    alpaca_id: str
    account_id: str
    status: str
    created_at: datetime | None


@dataclass(frozen=True)
class TransferAnswer:
    """One transfer as the broker tells it. Only `alpaca_id` is certain; the rest may be missing or odd."""

    alpaca_id: str
    account_id: str
    relationship_id: str
    direction: str
    amount: Decimal | None
    status: str
    reason: str
    created_at: datetime | None
    request_id: str = ""
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FundingEvent:
    """News of one transfer or relationship. It carries no amount and no direction."""

    event_id: str
    at: datetime | None
    entity_type: str
    entity_id: str
    account_id: str
    status: str
    reason: str


@dataclass(frozen=True)
class AccountEvent:
    """News of one brokerage account; `status` is empty where only flags changed."""

    event_id: str
    at: datetime | None
    account_id: str
    status: str
    account_number: str
    kyc_results: dict[str, Any] | None


def one(answer: Any) -> dict[str, Any]:
    """Return the one object of an answer; without an id we cannot tell what happened."""
    if not isinstance(answer, dict) or not answer.get("id"):
        raise OutcomeUnknown("the answer names no id", http_status=200)
    return answer


def rows(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, list):
        raise OutcomeUnknown("GET: the answer is no list", http_status=200)
    return [row for row in answer if isinstance(row, dict)]


def text(row: dict[str, Any], key: str) -> str:
    """Return a word or a sentence of the broker's, without NULs and halves of characters, which a database refuses."""
    value = row.get(key)
    return value.replace("\x00", "").encode(errors="replace").decode() if isinstance(value, str) else ""


def word(row: dict[str, Any], key: str) -> str:
    """Return one of the broker's words in upper case, as long as a column holds; no word of theirs is half as long."""
    return text(row, key).upper()[:40]


def time(value: object) -> datetime | None:
    """Return an RFC 3339 time; the broker sends up to nine digits of a second, Python keeps six."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else None


def account(row: dict[str, Any]) -> AccountAnswer:
    contact = row["contact"] if isinstance(row.get("contact"), dict) else {}
    identity = row["identity"] if isinstance(row.get("identity"), dict) else {}
    return AccountAnswer(
        alpaca_id=str(row["id"]),
        status=word(row, "status"),
        account_number=text(row, "account_number")[:40],
        email=text(contact, "email_address"),
        given_name=text(identity, "given_name"),
        family_name=text(identity, "family_name"),
        date_of_birth=text(identity, "date_of_birth"),
        kyc_results=row["kyc_results"] if isinstance(row.get("kyc_results"), dict) else {},
    )


def relationship(row: dict[str, Any]) -> RelationshipAnswer:
    return RelationshipAnswer(
        alpaca_id=str(row["id"]),
        account_id=text(row, "account_id"),
        status=word(row, "status"),
        created_at=time(row.get("created_at")),
    )


def transfer(row: dict[str, Any], *, request_id: str = "") -> TransferAnswer:
    return TransferAnswer(
        alpaca_id=str(row["id"]),
        account_id=text(row, "account_id"),
        relationship_id=text(row, "relationship_id"),
        direction=word(row, "direction"),
        amount=requested_amount(row),
        status=word(row, "status"),
        reason=text(row, "reason")[:500],
        created_at=time(row.get("created_at")),
        request_id=request_id,
        raw=row,
    )


def requested_amount(row: dict[str, Any]) -> Decimal | None:
    """Return what was asked for; a fee that the customer pays makes `amount` smaller than that."""
    try:
        return money.from_vendor(row.get("requested_amount") or row.get("amount"))
    except ValueError:
        return None


def funding_event(row: dict[str, Any]) -> FundingEvent:
    return FundingEvent(
        event_id=text(row, "event_id")[:64],
        at=time(row.get("at")),
        entity_type=text(row, "entity_type"),
        entity_id=text(row, "entity_id"),
        account_id=text(row, "account_id"),
        status=word(row, "status_to"),
        reason=text(row, "reason")[:500],
    )


def account_event(row: dict[str, Any]) -> AccountEvent:
    return AccountEvent(
        event_id=text(row, "event_ulid")[:64],
        at=time(row.get("at")),
        account_id=text(row, "account_id"),
        status=word(row, "status_to"),
        account_number=text(row, "account_number")[:40],
        kyc_results=row["kyc_results"] if isinstance(row.get("kyc_results"), dict) else None,
    )
