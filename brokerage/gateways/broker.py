"""The Broker API: accounts, cash, ACH relationships, transfers, event streams.

Called by operations; calls alpaca-py through broker_client. Plain values and small frozen dataclasses in and out.
Requests are built with the SDK's models; answers are read leniently, since the SDK's own reading raises on a word it
does not know, after the money has moved. Everything here raises NotSent, Refused or OutcomeUnknown, and nothing else.
Amounts are Decimal US dollars; times are UTC.
"""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings

from brokerage import money
from brokerage.gateways import broker_answers as read
from brokerage.gateways.broker_answers import (
    AccountAnswer,
    AccountEvent,
    Cash,
    FundingEvent,
    RelationshipAnswer,
    TransferAnswer,
)
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError

if TYPE_CHECKING:
    from brokerage.gateways.broker_client import TamedClient

log = logging.getLogger(__name__)

# The broker documents no largest page; its SDK asks for 50 at a time.
TRANSFERS_PER_PAGE = 50
MAX_TRANSFER_PAGES = 200
MAX_EVENTS = 500

_local = threading.local()


def client() -> "TamedClient":
    """Return this thread's client for the present credentials."""
    from brokerage.gateways.broker_client import TamedClient

    key = (settings.BROKER_BASE_URL, settings.BROKER_API_KEY, settings.BROKER_API_SECRET, settings.BROKER_CREDENTIALS)
    if getattr(_local, "key", None) != key:
        _local.client, _local.key = TamedClient(), key
    made: TamedClient = _local.client
    return made


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """Alarm where a read is refused, since only our keys or our code can be wrong; report an answer without sense."""
    try:
        yield
    except VendorError as fault:
        if isinstance(fault, Refused) or fault.http_status in (401, 403):
            log.error("%s: %s; check our keys, then our code", what, fault)
        elif fault.http_status == 200:
            log.warning("%s: %s; what we have stays", what, fault)
        raise


def _of(entity_id: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return an answer that is about what was asked for; one about another is an alarm, and no answer."""
    if row["id"] != entity_id:
        log.error("asked for %s, and was told of another", entity_id)
        raise OutcomeUnknown("the answer is about another", http_status=200)
    return row


def _in(account_id: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return an account’s rows as they came; one that names another account is an alarm, and the caller judges."""
    for row in rows:
        if row.get("account_id") not in (None, "", account_id):
            log.error("the list of account %s holds %s of another account", account_id, row.get("id"))
    return rows


def _about(entity_id: str, account_id: str, answer: Any) -> None:
    """Return where a deletion is answered as documented, with nothing, or speaks of what was to be deleted."""
    if isinstance(answer, dict) and "id" in answer:
        _of(entity_id, answer)
        _in(account_id, [answer])


# --- Accounts ---------------------------------------------------------------------------------------------------------


def create_account(application: dict[str, Any]) -> AccountAnswer:
    """Open an account with `contact`, `identity`, `disclosures` and `agreements` in the broker's own field names.

    Raises OutcomeUnknown with http_status 409 where the e-mail address is known there already.
    https://docs.alpaca.markets/reference/createaccount
    """
    from alpaca.broker.requests import CreateAccountRequest

    try:
        body = CreateAccountRequest(**application).to_request_fields()
    except (KeyError, ValueError):  # its text repeats what it was given, the tax id included
        raise Refused("POST: the SDK does not take the application") from None
    return read.account(read.one(client().write("POST", "/accounts", body)))


@_reading("account")
def get_account(account_id: str) -> AccountAnswer:
    """Return one account. An unknown id is Refused with http_status 401."""
    return read.account(_of(account_id, read.one(client().read(f"/accounts/{account_id}"))))


@_reading("accounts")
def find_accounts(email: str) -> list[AccountAnswer]:
    """Return the accounts with exactly this e-mail address; the broker itself searches for parts of words."""
    rows = read.rows(client().read("/accounts", {"query": email, "entities": "contact,identity"}))
    found = [read.account(row) for row in rows if "id" in row]
    return [account for account in found if account.email.lower() == email.lower()]


@_reading("cash")
def get_cash(account_id: str) -> Cash:
    """Return an account's cash. Raises OutcomeUnknown where the broker names no amounts."""
    row = _of(account_id, read.one(client().read(f"/trading/accounts/{account_id}/account")))
    try:
        return Cash(cash=money.from_vendor(row["cash"]), withdrawable=money.from_vendor(row["cash_withdrawable"]))
    except (KeyError, ValueError):
        raise OutcomeUnknown("GET: the broker named no cash", http_status=200) from None


# --- ACH relationships ------------------------------------------------------------------------------------------------


def create_relationship(*, account_id: str, processor_token: str) -> RelationshipAnswer:
    """Hand Plaid's processor token to the broker, who reads the bank account's numbers from Plaid.

    Raises OutcomeUnknown with http_status 409 where an active relationship exists.
    https://docs.alpaca.markets/reference/createachrelationship
    """
    from alpaca.broker.requests import CreatePlaidRelationshipRequest

    body = CreatePlaidRelationshipRequest(processor_token=processor_token).to_request_fields()
    return read.relationship(read.one(client().write("POST", f"/accounts/{account_id}/ach_relationships", body)))


def create_relationship_by_numbers(
    *, account_id: str, owner_name: str, kind: str, account_number: str, routing_number: str
) -> RelationshipAnswer:
    """Name a bank account to the broker by its numbers; `kind` is CHECKING or SAVINGS. Otherwise as above."""
    from alpaca.broker.enums import BankAccountType
    from alpaca.broker.requests import CreateACHRelationshipRequest

    try:
        request = CreateACHRelationshipRequest(
            account_owner_name=owner_name,
            bank_account_type=BankAccountType(kind),
            bank_account_number=account_number,
            bank_routing_number=routing_number,
        )
    except ValueError:  # its text repeats the numbers
        raise Refused("POST: the SDK does not take the numbers") from None
    body = request.to_request_fields()
    return read.relationship(read.one(client().write("POST", f"/accounts/{account_id}/ach_relationships", body)))


@_reading("list of relationships")
def list_relationships(account_id: str) -> list[RelationshipAnswer]:
    """Return an account's relationships, ended ones perhaps included."""
    rows = _in(account_id, read.rows(client().read(f"/accounts/{account_id}/ach_relationships")))
    return [read.relationship(row) for row in rows if "id" in row]


def delete_relationship(*, account_id: str, relationship_id: str) -> None:
    """Have a relationship canceled, which may take a while: whether it is, the list tells. Not there is done, too.

    https://docs.alpaca.markets/reference/deleteachrelationship
    """
    try:
        answer = client().write("DELETE", f"/accounts/{account_id}/ach_relationships/{relationship_id}")
    except Refused as refusal:
        if refusal.http_status != 404:
            raise
        return
    _about(relationship_id, account_id, answer)


# --- Transfers --------------------------------------------------------------------------------------------------------


def create_transfer(*, account_id: str, relationship_id: str, direction: str, amount: Decimal) -> TransferAnswer:
    """Ask for one ACH transfer. There is no idempotency key: the caller sends this at most once.

    https://docs.alpaca.markets/reference/createtransferforaccount
    """
    from alpaca.broker.enums import TransferDirection, TransferTiming
    from alpaca.broker.requests import CreateACHTransferRequest

    try:
        request = CreateACHTransferRequest(
            amount=f"{amount:.2f}",
            direction=TransferDirection(direction),
            timing=TransferTiming.IMMEDIATE,
            relationship_id=UUID(relationship_id),
        )
    except ValueError:  # an id that is no UUID, say
        raise NotSent("POST: the SDK does not take the transfer") from None
    our_client = client()
    row = read.one(our_client.write("POST", f"/accounts/{account_id}/transfers", request.to_request_fields()))
    return read.transfer(row, request_id=our_client.request_id)


@_reading("list of transfers")
def list_transfers(account_id: str, *, direction: str | None = None) -> list[TransferAnswer]:
    """Return all of an account's transfers, newest first as the broker lists them.

    Complete, or an error: OutcomeUnknown where the list does not end. A row that slips to the next page while we read
    appears twice, and is returned once.
    """
    query = {"limit": TRANSFERS_PER_PAGE} | ({"direction": direction} if direction else {})
    found: dict[str, TransferAnswer] = {}
    offset = 0
    for _ in range(MAX_TRANSFER_PAGES):
        page = client().read(f"/accounts/{account_id}/transfers", query | {"offset": offset})
        rows = _in(account_id, read.rows(page))
        if not rows:
            return list(found.values())
        found |= {str(row["id"]): read.transfer(row) for row in rows if row.get("id")}
        offset += len(rows)
    raise OutcomeUnknown("GET: the list of transfers does not end")


def cancel_transfer(*, account_id: str, transfer_id: str) -> None:
    """Ask the broker to cancel; whether it did, only its list of transfers tells. Refused where it is too late."""
    _about(transfer_id, account_id, client().write("DELETE", f"/accounts/{account_id}/transfers/{transfer_id}"))


# --- Event streams ----------------------------------------------------------------------------------------------------


def clock_ahead() -> timedelta:
    """Return how far the broker's clock is ahead of ours, by its last answer to this thread; as a rule nothing.

    Its event ids carry its own time, so a cursor made from ours would miss what it says.
    """
    return client().clock_ahead


def funding_events(*, since: str, until: str) -> Iterator[FundingEvent]:
    """Yield news of transfers and relationships between two ULIDs, oldest first; at most 500.

    Ends without an error only where everything up to `until` has been yielded, or 500 have.
    https://docs.alpaca.markets/us/docs/sse-events
    """
    for row in _events("v2", "/events/funding/status", {"since_id": since, "until_id": until}):
        yield read.funding_event(row)


def account_events(*, since: str, until: str) -> Iterator[AccountEvent]:
    """Yield news of brokerage accounts between two ULIDs; otherwise as `funding_events`."""
    for row in _events("v1", "/events/accounts/status", {"since_ulid": since, "until_ulid": until}):
        yield read.account_event(row)


def _events(version: str, path: str, cursor: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the JSON of each event. A comment that tells of a loss makes the rest untrustworthy: OutcomeUnknown."""
    data = ""
    count = 0
    for line in _lines(version, path, cursor):
        if line.startswith("data:"):
            data += line[5:].strip()
        elif line.startswith(":") and any(word in line for word in ("dropped", "internal server error")):
            raise OutcomeUnknown("GET: the stream lost events")
        elif not line and data:
            yield _event(data)
            data, count = "", count + 1
            if count == MAX_EVENTS:
                return
    if data:
        raise OutcomeUnknown("GET: the stream ended within an event")


def _lines(version: str, path: str, cursor: dict[str, str]) -> Iterator[str]:
    with _reading(path):
        yield from client().open_stream(version, path, cursor)


def _event(data: str) -> dict[str, Any]:
    try:
        row = json.loads(data)
    except (ValueError, RecursionError):
        log.warning("GET: an event is no JSON; the stream is read again")
        raise OutcomeUnknown("GET: an event is no JSON", http_status=200) from None
    return row if isinstance(row, dict) else {}
