"""The Broker API: what moved an account's cash by ACH or wire, as it was booked.

Called by operations; calls alpaca-py through broker_client. Raises NotSent, Refused or OutcomeUnknown. Amounts are
Decimal US dollars, below zero where cash left; times are UTC. A row names no transfer.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from brokerage.gateways import broker_calls as calls
from brokerage.gateways import broker_words as words
from brokerage.gateways.errors import OutcomeUnknown

# Cash in and cash out; TRANS, which means both elsewhere, is no word of this API.
# https://docs.alpaca.markets/reference/getaccountactivities-1
KINDS = "CSD,CSW"
PER_PAGE = 100


@dataclass(frozen=True)
class CashAnswer:
    """One row of cash as the broker tells it; `status` is its own word, `booked_on` its settle date."""

    alpaca_id: str
    account_id: str
    kind: str
    amount: Decimal
    booked_on: date
    status: str
    created_at: datetime


@calls.reading("list of activities")
def cash_page(*, after: datetime, until: datetime, account_id: str = "", after_row: str = "") -> list[CashAnswer]:
    """Return a page of the cash rows created between two times, oldest first: of all accounts, or of one.

    `after_row`, the broker's id of the last row of the page before, asks for the next one, within the same times; an
    empty page is the end. Raises OutcomeUnknown where a row cannot be read, since what is left out would look like
    missing cash, and where a page does not go on behind that row.
    """
    query = {"activity_types": KINDS, "after": _iso(after), "until": _iso(until), "direction": "asc"}
    query |= {"page_size": str(PER_PAGE)} | ({"account_id": account_id} if account_id else {})
    answer = calls.client().read("/accounts/activities", query | ({"page_token": after_row} if after_row else {}))
    rows = words.rows(answer)
    page = [_row(row) for row in rows if words.word(row, "activity_type") in KINDS.split(",")]
    if len(page) < len(answer) or any(row.alpaca_id == after_row for row in page):
        raise OutcomeUnknown("GET: the list of activities is not what was asked for", http_status=200)
    return page


def _row(row: dict[str, Any]) -> CashAnswer:
    amount = words.dollars(row, "net_amount")
    created_at = words.time(row.get("created_at"))
    booked_on = words.day(row.get("date")) or (created_at.date() if created_at else None)
    if amount is None or booked_on is None or not words.text(row, "id"):
        raise OutcomeUnknown("GET: a row of cash names no amount, day or id", http_status=200)
    return CashAnswer(
        alpaca_id=words.text(row, "id")[:100],
        account_id=words.text(row, "account_id")[:64],
        kind=words.word(row, "activity_type")[:10],
        amount=amount,
        booked_on=booked_on,
        status=words.word(row, "status")[:20] or "EXECUTED",
        created_at=created_at or datetime(booked_on.year, booked_on.month, booked_on.day, tzinfo=UTC),
    )


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
