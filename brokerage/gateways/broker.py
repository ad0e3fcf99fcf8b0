"""The Broker API: ACH relationships, transfers.

Called by operations; calls alpaca-py through broker_client. Plain values and small frozen dataclasses in and out.
Requests are built with the SDK's models; answers are read leniently, since the SDK's own reading raises on a word it
does not know, after the money has moved. Everything here raises NotSent, Refused or OutcomeUnknown, and nothing else.
Amounts are Decimal US dollars; times are UTC.
"""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from brokerage.gateways import broker_answers as read
from brokerage.gateways import broker_calls as calls
from brokerage.gateways import broker_words as words
from brokerage.gateways.broker_answers import RelationshipAnswer, TransferAnswer
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused

# The broker documents no largest page; its SDK asks for 50 at a time.
TRANSFERS_PER_PAGE = 50
MAX_TRANSFER_PAGES = 200

# --- ACH relationships ------------------------------------------------------------------------------------------------


def create_relationship(*, account_id: str, processor_token: str) -> RelationshipAnswer:
    """Hand Plaid's processor token to the broker, who reads the bank account's numbers from Plaid.

    Raises OutcomeUnknown with http_status 409 where an active relationship exists.
    https://docs.alpaca.markets/reference/createachrelationship
    """
    from alpaca.broker.requests import CreatePlaidRelationshipRequest

    body = CreatePlaidRelationshipRequest(processor_token=processor_token).to_request_fields()
    return read.relationship(words.one(calls.client().write("POST", f"/accounts/{account_id}/ach_relationships", body)))


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
    return read.relationship(words.one(calls.client().write("POST", f"/accounts/{account_id}/ach_relationships", body)))


@calls.reading("list of relationships")
def list_relationships(account_id: str) -> list[RelationshipAnswer]:
    """Return an account's relationships, ended ones perhaps included."""
    rows = calls.of_account(account_id, words.rows(calls.client().read(f"/accounts/{account_id}/ach_relationships")))
    return [read.relationship(row) for row in rows if "id" in row]


def delete_relationship(*, account_id: str, relationship_id: str) -> None:
    """Have a relationship canceled, which may take a while: whether it is, the list tells. Not there is done, too.

    https://docs.alpaca.markets/reference/deleteachrelationship
    """
    try:
        answer = calls.client().write("DELETE", f"/accounts/{account_id}/ach_relationships/{relationship_id}")
    except Refused as refusal:
        if refusal.http_status != 404:
            raise
        return
    calls.about(relationship_id, account_id, answer)


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
    our_client = calls.client()
    row = words.one(our_client.write("POST", f"/accounts/{account_id}/transfers", request.to_request_fields()))
    return read.transfer(row, request_id=our_client.request_id)


@calls.reading("list of transfers")
def list_transfers(account_id: str, *, direction: str | None = None) -> list[TransferAnswer]:
    """Return all of an account's transfers, newest first as the broker lists them.

    Complete, or an error: OutcomeUnknown where the list does not end. A row that slips to the next page while we read
    appears twice, and is returned once.
    """
    query = {"limit": TRANSFERS_PER_PAGE} | ({"direction": direction} if direction else {})
    found: dict[str, TransferAnswer] = {}
    offset = 0
    for _ in range(MAX_TRANSFER_PAGES):
        page = calls.client().read(f"/accounts/{account_id}/transfers", query | {"offset": offset})
        rows = calls.of_account(account_id, words.rows(page))
        if len(rows) < len(page) or not all(row.get("id") for row in rows):  # one that we left out would look not made
            raise OutcomeUnknown("GET: the list of transfers holds what is no transfer", http_status=200)
        if not rows:
            return list(found.values())
        found |= {str(row["id"]): read.transfer(row) for row in rows}
        offset += len(rows)
    raise OutcomeUnknown("GET: the list of transfers does not end")


def cancel_transfer(*, account_id: str, transfer_id: str) -> None:
    """Ask the broker to cancel; whether it did, only its list of transfers tells. Refused where it is too late."""
    calls.about(
        transfer_id, account_id, calls.client().write("DELETE", f"/accounts/{account_id}/transfers/{transfer_id}")
    )


# --- Time -------------------------------------------------------------------------------------------------------------


def clock_ahead() -> timedelta:
    """Return how far the broker's clock is ahead of ours, by its last answer to this thread; as a rule nothing.

    Its event ids carry its own time, so a cursor made from ours would miss what it says.
    """
    return calls.client().clock_ahead
