"""What the broker says of relationships and transfers: from its event stream, its lists, its answers, or by ops' hand.

Called by the worker, commands, admin and the other operations. All news ends in `apply` or `apply_to_relationship`.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from brokerage.gateways.broker_answers import FundingEvent
from brokerage.status import IllegalMove, LostRace, note
from funding import return_codes, states, verbatim
from funding.models import ACHRelationship, RelationshipEvent, Transfer, TransferEvent
from funding.operations import returns, telling, telling_banks
from funding.operations.telling_banks import Kind

log = logging.getLogger(__name__)

STREAM = "funding/status"
# What the broker calls what its news is about.
TRANSFER, BANK_RELATIONSHIP = "Transfer", "BankRelationship"


def apply(
    *,
    transfer: Transfer,
    status: str,
    actor: str,
    at: datetime | None = None,
    since: datetime | None = None,
    reason: str = "",
    vendor_event_id: str | None = None,
) -> bool:
    """Take one piece of news about a transfer; return whether its status moved.

    News seen before, or older than what was applied already, changes nothing, so neither order nor repetition matters.
    `at` is the time of the news; a list has none, and tells `since` when a transfer stands so.
    """
    status, reason = verbatim.text(status, 40), verbatim.text(reason, 500)
    with transaction.atomic(durable=True):
        transfer = Transfer.objects.select_for_update().get(pk=transfer.pk)
        if vendor_event_id and TransferEvent.objects.filter(vendor_event_id=vendor_event_id).exists():
            return False
        if status == states.COMPLETE and at:
            _settled_before_its_return(transfer, at, actor=actor, vendor_event_id=vendor_event_id)
        if at and transfer.news_at and at < transfer.news_at:
            return False
        before = transfer.status
        if states.status_may_move(before, status):
            moment = at or _within(transfer, since)
            _move(transfer, status, actor, at, moment, reason=reason, vendor_event_id=vendor_event_id)
        elif at:
            Transfer.objects.filter(pk=transfer.pk).update(news_at=at)
    if transfer.status == before:
        return False
    if status not in states.RANK:
        log.error("transfer %s: unfamiliar status %r kept", transfer.pk, status)
    log.info("transfer %s %s → %s", transfer.pk, before or "new", status)
    return True


def _within(transfer: Transfer, since: datetime | None) -> datetime | None:
    """Return since when a transfer stands as it is listed; never before it was asked for, nor in times to come."""
    return min(max(since, transfer.created_at), timezone.now()) if since else None


def _move(
    transfer: Transfer,
    status: str,
    actor: str,
    at: datetime | None,
    moment: datetime | None,
    *,
    reason: str,
    vendor_event_id: str | None,
) -> None:
    """Move the broker's half of a locked transfer, with all that the new status brings."""
    before = transfer.status
    also: dict[str, object] = {"reason": reason} if reason else {}
    if at:
        also["news_at"] = at
    if status == states.RETURNED:
        also["return_code"] = return_codes.read(reason or transfer.reason).code
    transfer.move_status(status, actor=actor, at=moment, vendor_event_id=vendor_event_id, **also)
    if status == states.RETURNED:
        returns.take_back(transfer=transfer)
    telling.tell_status(transfer, before=before)


def _settled_before_its_return(transfer: Transfer, at: datetime, *, actor: str, vendor_event_id: str | None) -> None:
    """Make the entry that a return calls for where we hear of the settling only after the return."""
    if transfer.status != states.RETURNED or transfer.settled_at or (transfer.ended_at and at > transfer.ended_at):
        return
    transfer.settled_at = at
    transfer.save(update_fields=["settled_at"])
    returns.reverse(transfer)
    because = "heard of after the return"
    note(transfer, field="settled", after="settled", actor=actor, because=because, vendor_event_id=vendor_event_id)


def apply_to_relationship(
    *,
    relationship: ACHRelationship,
    status: str,
    actor: str,
    at: datetime | None = None,
    reason: str = "",
    vendor_event_id: str | None = None,
) -> bool:
    """Take one piece of news about an ACH relationship; as `apply`. An ended one withdraws what waited for it."""
    status, reason = verbatim.text(status, 40), verbatim.text(reason, 500)
    with transaction.atomic(durable=True):
        relationship = ACHRelationship.objects.select_for_update().get(pk=relationship.pk)
        if vendor_event_id and RelationshipEvent.objects.filter(vendor_event_id=vendor_event_id).exists():
            return False
        if at and relationship.news_at and at < relationship.news_at:
            return False
        if at:
            ACHRelationship.objects.filter(pk=relationship.pk).update(news_at=at)
        if not states.relationship_may_move(relationship.status, status):
            return False
        also: dict[str, object] = {"reason": reason} if reason else {}
        relationship.move_status(status, actor=actor, because=reason, vendor_event_id=vendor_event_id, **also)
        _tell_of_bank(relationship)
    if status not in states.RELATIONSHIP_RANK:
        log.error("relationship %s: unfamiliar status %r kept", relationship.pk, status)
    log.info("relationship %s → %s", relationship.pk, status)
    if status in states.RELATIONSHIP_ENDED:
        withdraw_waiting(relationship=relationship)
    return True


def _tell_of_bank(relationship: ACHRelationship) -> None:
    """Tell where the broker's half of a relationship has come to, if that is news to its customer."""
    if relationship.status == states.APPROVED:
        telling_banks.tell(relationship, Kind.LINKED)
    elif relationship.status == states.REJECTED:
        telling_banks.tell(relationship, Kind.REFUSED)
    elif relationship.status == states.CANCELED and relationship.ending_because != ACHRelationship.Ending.RENEWED:
        replaced = relationship.ending_because == ACHRelationship.Ending.REPLACED
        telling_banks.tell(relationship, Kind.REPLACED if replaced else Kind.UNLINKED)


def withdraw_waiting(*, relationship: ACHRelationship, because: str = states.NOT_APPROVED) -> None:
    """Give up transfers that waited for a bank account which will not be used. None of them was sent."""
    for transfer in Transfer.objects.unsent().filter(relationship=relationship):
        try:
            with transaction.atomic(durable=True):
                transfer.move_sending(states.WITHDRAWN, actor="broker", because=because, reason=because)
                telling.tell_sending(transfer)
        except (IllegalMove, LostRace):
            continue


def apply_event(event: FundingEvent) -> Transfer | ACHRelationship | None:
    """Apply one event of the funding stream. Return what it moved, as that stood before; None where nothing moved.

    What we do not know is passed over: reconciliation adopts it, or reports it.
    """
    news: dict[str, Any] = {
        "status": event.status,
        "actor": "broker",
        "at": event.at,
        "reason": event.reason,
        "vendor_event_id": event.event_id or None,
    }
    if event.entity_type == BANK_RELATIONSHIP:
        relationship = ACHRelationship.objects.filter(alpaca_id=event.entity_id).first()
        moved = relationship is not None and apply_to_relationship(relationship=relationship, **news)
        return relationship if moved else None
    transfer = Transfer.objects.select_related("brokerage_account").filter(alpaca_id=event.entity_id).first()
    if transfer and event.account_id not in ("", transfer.brokerage_account.alpaca_id):
        log.error("transfer %s: news of it names another account", transfer.pk)
    return transfer if transfer is not None and apply(transfer=transfer, **news) else None


def is_known(event: FundingEvent) -> bool:
    """Say whether we hold the transfer, or the relationship, that this is news of."""
    kind = ACHRelationship if event.entity_type == BANK_RELATIONSHIP else Transfer
    return kind._default_manager.filter(alpaca_id=event.entity_id).exists()
