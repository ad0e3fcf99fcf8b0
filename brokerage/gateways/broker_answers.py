"""What the Broker API answers, as small frozen dataclasses, read leniently.

Called by the gateways of the broker. An unknown word is kept as it is, a missing field is empty; only an answer that
names no id at all is no answer. Amounts are Decimal US dollars; times are aware, or None.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from brokerage import money
from brokerage.gateways.broker_words import day, dollars, lines, part, text, time, told, word
from brokerage.gateways.errors import OutcomeUnknown


@dataclass(frozen=True)
class TrustedContactAnswer:
    """Whom the broker may call when it cannot reach the customer."""

    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    street: tuple[str, ...] = field(repr=False)
    city: str = field(repr=False)
    state: str = field(repr=False)
    postal_code: str = field(repr=False)
    country: str = field(repr=False)


@dataclass(frozen=True)
class AccountAnswer:
    """A brokerage account as the broker tells it; `status` is its own word. What is not told is empty."""

    alpaca_id: str
    status: str
    account_number: str
    kyc_results: dict[str, Any] = field(repr=False)
    created_at: datetime | None = None
    email: str = field(default="", repr=False)
    given_name: str = field(default="", repr=False)
    middle_name: str = field(default="", repr=False)
    family_name: str = field(default="", repr=False)
    date_of_birth: str = field(default="", repr=False)  # YYYY-MM-DD
    phone: str = field(default="", repr=False)
    street: tuple[str, ...] = field(default=(), repr=False)  # at most three lines
    unit: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    postal_code: str = field(default="", repr=False)
    country: str = field(default="", repr=False)  # three letters
    employment_status: str = field(default="", repr=False)  # lower case, though the broker may shout it
    employment_sector: str = field(default="", repr=False)
    employer_name: str = field(default="", repr=False)
    employer_address: str = field(default="", repr=False)
    employment_position: str = field(default="", repr=False)
    trusted_contact: TrustedContactAnswer | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Balances:
    """What an account holds and what the broker forbids it. Cash may be below zero; what is not told is None.

    `blocks` are the names of the broker's flags that are set, and `liquidation_only` its reasons for letting the
    account sell and nothing else, both sorted. `balance_as_of` is the day whose close the figures stand on.
    """

    cash: Decimal
    withdrawable: Decimal
    equity: Decimal | None
    buying_power: Decimal | None
    positions_value: Decimal | None
    blocks: tuple[str, ...]
    liquidation_only: tuple[str, ...]
    balance_as_of: date | None


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
    updated_at: datetime | None = None  # when it came to stand as it does
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
    """News of one brokerage account; `status` is empty where only flags changed.

    `blocks` and `liquidation_only` hold the flags that the event tells, by the names of Balances, and no others.
    """

    event_id: str
    at: datetime | None
    account_id: str
    status: str
    account_number: str
    kyc_results: dict[str, Any] | None = field(repr=False)
    blocks: dict[str, bool] = field(default_factory=dict)
    liquidation_only: dict[str, bool] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict, repr=False)  # as it came; its prose may tell of a person


# The broker's flags, and those that it keeps among an account's `admin_configurations`.
FLAGS = ("account_blocked", "trading_blocked", "transfers_blocked", "trade_suspended_by_user")
ADMIN_FLAGS = ("incoming_transfers_blocked", "outgoing_transfers_blocked")


def account(row: dict[str, Any]) -> AccountAnswer:
    contact, identity, disclosures = (part(row, name) for name in ("contact", "identity", "disclosures"))
    return AccountAnswer(
        alpaca_id=str(row["id"]),
        status=word(row, "status"),
        account_number=text(row, "account_number")[:40],
        kyc_results=part(row, "kyc_results"),
        created_at=time(row.get("created_at")),
        email=text(contact, "email_address"),
        given_name=text(identity, "given_name"),
        middle_name=text(identity, "middle_name"),
        family_name=text(identity, "family_name"),
        date_of_birth=text(identity, "date_of_birth"),
        phone=text(contact, "phone_number"),
        street=lines(contact, "street_address"),
        unit=text(contact, "unit"),
        city=text(contact, "city"),
        state=text(contact, "state"),
        postal_code=text(contact, "postal_code"),
        country=text(contact, "country"),
        employment_status=text(disclosures, "employment_status").lower(),
        employment_sector=text(disclosures, "employment_sector"),
        employer_name=text(disclosures, "employer_name"),
        employer_address=text(disclosures, "employer_address"),
        employment_position=text(disclosures, "employment_position"),
        trusted_contact=_trusted_contact(part(row, "trusted_contact")),
    )


def _trusted_contact(row: dict[str, Any]) -> TrustedContactAnswer | None:
    if not row:
        return None
    return TrustedContactAnswer(
        given_name=text(row, "given_name"),
        family_name=text(row, "family_name"),
        email=text(row, "email_address"),
        phone=text(row, "phone_number"),
        street=lines(row, "street_address"),
        city=text(row, "city"),
        state=text(row, "state"),
        postal_code=text(row, "postal_code"),
        country=text(row, "country"),
    )


def balances(row: dict[str, Any]) -> Balances:
    """Read a trading account. Raises OutcomeUnknown where the broker names no cash."""
    cash, withdrawable = dollars(row, "cash"), dollars(row, "cash_withdrawable")
    if cash is None or withdrawable is None:
        raise OutcomeUnknown("GET: the broker named no cash", http_status=200)
    blocks, reasons = flags(row)
    return Balances(
        cash=cash,
        withdrawable=withdrawable,
        equity=dollars(row, "equity"),
        buying_power=dollars(row, "buying_power"),
        positions_value=dollars(row, "position_market_value"),
        blocks=tuple(sorted(name for name, is_set in blocks.items() if is_set)),
        liquidation_only=tuple(sorted(name for name, is_set in reasons.items() if is_set)),
        balance_as_of=day(row.get("balance_asof")),
    )


def flags(row: dict[str, Any]) -> tuple[dict[str, bool], dict[str, bool]]:
    """Return the broker's blocks, and its reasons for liquidation only, as far as an account or its news tells them."""
    admin = part(row, "admin_configurations")
    reasons = part(admin, "restrict_to_liquidation_reasons")
    return told(row, FLAGS) | told(admin, ADMIN_FLAGS), told(reasons, reasons)


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
        updated_at=time(row.get("updated_at")),
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
    blocks, reasons = flags(row)
    return AccountEvent(
        event_id=text(row, "event_ulid")[:64],
        at=time(row.get("at")),
        account_id=text(row, "account_id"),
        status=word(row, "status_to"),
        account_number=text(row, "account_number")[:40],
        kyc_results=row["kyc_results"] if isinstance(row.get("kyc_results"), dict) else None,
        blocks=blocks,
        liquidation_only=reasons,
        raw=row,
    )
