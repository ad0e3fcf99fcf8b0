"""Canceling a transfer while that is possible, and saying honestly what came of it.

Called by views, admin and the worker, who sees to wishes that were left without an answer; calls gateways.broker.
"""

import logging

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.operations import audit
from brokerage import stopping
from brokerage.gateways import broker
from brokerage.gateways.errors import NotSent, Refused, VendorError
from brokerage.status import LEASE, IllegalMove, LostRace, note
from funding import states
from funding.models import Transfer, TransferEvent
from funding.models.transfer_rows import TransferQuerySet
from funding.operations import settlement, telling

log = logging.getLogger(__name__)


class TooLateToCancel(Exception):
    """The transfer is past the point where it can be stopped."""

    customer_message = "This transfer is past the point where it can be canceled."


class BrokerAway(Exception):
    """The wish could not be delivered; nothing has changed."""

    customer_message = "We can’t reach the broker right now, so the transfer goes on. Please try again in a minute."


def cancel(*, transfer: Transfer, actor: str) -> bool:
    """Cancel a transfer, or ask the broker to; return whether it is certain that no money moves.

    Raises TooLateToCancel, BrokerAway.
    """
    if not transfer.can_cancel:
        raise TooLateToCancel
    if transfer.sending in states.UNSENT:
        return _withdraw(transfer, actor)
    _ask_broker(transfer, actor)
    return transfer.status == states.CANCELED


def _withdraw(transfer: Transfer, actor: str) -> bool:
    """Cancel what was never sent."""
    try:
        with transaction.atomic(durable=True):
            transfer.move_sending(states.WITHDRAWN, actor=actor, because="canceled before it was sent")
            telling.tell_sending(transfer)
            audit.record(audit.Deed.TRANSFER_CANCELED, actor=actor, about=audit.subject(transfer), sent=False)
    except (IllegalMove, LostRace):
        raise TooLateToCancel from None
    return True


def _ask_broker(transfer: Transfer, actor: str) -> None:
    """Record the wish, pass it on, and read from the broker's list what became of it."""
    assert transfer.alpaca_id  # noqa: S101 - accepted ones have it, by constraint
    with transaction.atomic(durable=True):
        Transfer.objects.filter(pk=transfer.pk).update(cancel_asked_at=timezone.now(), cancel_answer="asked")
        note(transfer, field="cancel", after="asked", actor=actor)
        audit.record(audit.Deed.TRANSFER_CANCELED, actor=actor, about=audit.subject(transfer), sent=True)
    try:
        broker.cancel_transfer(account_id=transfer.brokerage_account.alpaca_id, transfer_id=transfer.alpaca_id)
    except NotSent:
        _answer(transfer, "", asked_at=None)
        raise BrokerAway from None
    except Refused as refusal:
        _take_refusal(transfer, refusal)
    except VendorError as doubt:
        log.info("transfer %s: asked to cancel, no clear answer (%s)", transfer.pk, doubt)
        _read_whether_heard(transfer)
    else:
        read_again(transfer=transfer)
    transfer.refresh_from_db()
    if transfer.cancel_answer == "too late" and transfer.status != states.CANCELED:
        raise TooLateToCancel


def _take_refusal(transfer: Transfer, refusal: Refused) -> None:
    """Take the broker's no: it is too late, or our keys are wrong, and nothing was decided. Raises BrokerAway."""
    if _refuses_our_keys(transfer, refusal):
        _answer(transfer, "", asked_at=None)
        raise BrokerAway from None
    _answer(transfer, "too late")
    read_again(transfer=transfer)


def _refuses_our_keys(transfer: Transfer, refusal: Refused) -> bool:
    if refusal.http_status not in (401, 403):
        return False
    log.error("transfer %s: not canceled, the broker refuses our keys (%s)", transfer.pk, refusal)
    return True


def _read_whether_heard(transfer: Transfer) -> None:
    """Read what became of a wish without an answer. Raises BrokerAway where it was lost: it may be told again."""
    seen = read_again(transfer=transfer)
    transfer.refresh_from_db()
    if seen and transfer.status in states.CANCELABLE:
        _answer(transfer, "", asked_at=None)
        raise BrokerAway


def _answer(transfer: Transfer, answer: str, **also: object) -> None:
    with transaction.atomic(durable=True):
        changes = {"cancel_answer": answer} | ({"cancel_asked_at": also["asked_at"]} if also else {})
        Transfer.objects.filter(pk=transfer.pk).update(**changes)
        note(transfer, field="cancel", before="asked", after=answer or "not delivered", actor="broker")
    transfer.cancel_answer = answer


def read_again(*, transfer: Transfer) -> bool:
    """Take over what the broker's list says of one transfer now; return whether it could be read there."""
    try:
        listed = broker.list_transfers(transfer.brokerage_account.alpaca_id, direction=transfer.direction)
    except VendorError as fault:
        log.info("transfer %s: not read (%s)", transfer.pk, fault)
        return False
    found = [row for row in listed if row.alpaca_id == transfer.alpaca_id]
    for row in found:
        settlement.apply(transfer=transfer, status=row.status, actor="broker", since=row.updated_at, reason=row.reason)
    return bool(found)


# --- Left without an answer -------------------------------------------------------------------------------------------


def pick_up_left_behind(*, sender: str) -> int:
    """Bring wishes to an end whose asker died, or got neither an answer nor the list. Return how many are decided now.

    Asking again is harmless: what is canceled stays so. Each wish is seen to once in a lease.
    """
    decided = 0
    wishes = _left_behind().select_related("brokerage_account").order_by("created_at")
    for transfer in stopping.while_wanted(wishes):
        try:
            decided += _see_to(transfer, sender)
        except Exception:  # one poisonous row must not keep the others waiting
            log.exception("transfer %s: the wish to cancel was not seen to", transfer.pk)
    return decided


def _left_behind() -> TransferQuerySet:
    since = timezone.now() - LEASE
    seen_to = TransferEvent.objects.filter(row=OuterRef("pk"), field="cancel", at__gte=since)
    asked = Transfer.objects.filter(cancel_answer="asked", sending=states.ACCEPTED)
    return asked.exclude(status__in=[*states.FINAL, states.COMPLETE]).exclude(Exists(seen_to))


def _see_to(transfer: Transfer, sender: str) -> bool:
    """Read what became of a wish, and tell it again where it was not heard; return whether that is certain now."""
    with transaction.atomic(durable=True):
        Transfer.objects.select_for_update().get(pk=transfer.pk)
        if not _left_behind().filter(pk=transfer.pk).exists():
            return False  # another worker sees to it, or has
        note(transfer, field="cancel", before="asked", after="asked", actor=sender, because="no answer yet")
    if not read_again(transfer=transfer):
        return False
    transfer.refresh_from_db()
    if transfer.status in states.CANCELABLE:
        _ask_again(transfer)
    elif transfer.status in states.RANK and transfer.status not in states.FINAL:
        _answer(transfer, "too late")
    return transfer.status == states.CANCELED or transfer.cancel_answer == "too late"


def _ask_again(transfer: Transfer) -> None:
    assert transfer.alpaca_id  # noqa: S101 - accepted ones have it, by constraint
    try:
        broker.cancel_transfer(account_id=transfer.brokerage_account.alpaca_id, transfer_id=transfer.alpaca_id)
    except Refused as refusal:
        if _refuses_our_keys(transfer, refusal):
            return
        _answer(transfer, "too late")
    except VendorError as fault:
        log.info("transfer %s: asked to cancel again, no clear answer (%s)", transfer.pk, fault)
        return
    read_again(transfer=transfer)
    transfer.refresh_from_db()
