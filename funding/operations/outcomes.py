"""What the broker's answer makes of a transfer: bound, refused, not sent or unknown; the answer is kept as it came.

Called by transfers, resolving and admin, after the answer; every function commits what it writes.
"""

import logging

from django.db import transaction
from django.utils import timezone

from brokerage.gateways import broker
from brokerage.gateways.errors import Refused, VendorError
from brokerage.status import LostRace
from funding import states, verbatim
from funding.models import SendAttempt, Transfer
from funding.operations import settlement, telling

log = logging.getLogger(__name__)


def bind(*, transfer: Transfer, answer: broker.TransferAnswer) -> None:
    """Accept the answer to our own request, also where a worker has taken us for dead in the meantime."""
    try:
        accept(transfer=transfer, answer=answer, because="the broker accepted it")
    except LostRace:
        transfer.refresh_from_db()
        if transfer.sending in (states.UNKNOWN, states.REVIEW) and not transfer.alpaca_id:
            accept(transfer=transfer, answer=answer, because="the broker accepted it, and answered late")
        elif transfer.alpaca_id != answer.alpaca_id:
            log.error("transfer %s is %s, and accepted as %s", transfer.pk, transfer.sending, answer.alpaca_id)


def accept(*, transfer: Transfer, answer: broker.TransferAnswer, because: str, actor: str = "broker") -> None:
    """Bind the broker's transfer to ours, keep its answer as it came, and alarm where it is not what we asked for."""
    oddities = differences(transfer, answer)
    with transaction.atomic(durable=True):
        transfer.move_sending(
            states.ACCEPTED,
            actor=actor,
            because=because,
            evidence={"alpaca_id": answer.alpaca_id},
            alpaca_id=answer.alpaca_id,
            accepted_at=timezone.now(),
        )
        _answer_attempt(transfer, http_status=200, request_id=answer.request_id, answer=verbatim.document(answer.raw))
        if oddities:
            transfer.move_sending(states.REVIEW, actor="broker", because="; ".join(oddities))
        telling.tell_sending(transfer)
    if oddities:
        log.error("transfer %s: the broker's answer differs: %s", transfer.pk, "; ".join(oddities))
    log.info("transfer %s accepted as %s", transfer.pk, answer.alpaca_id)
    status, since = answer.status or states.QUEUED, answer.updated_at
    settlement.apply(transfer=transfer, status=status, actor="broker", since=since, reason=answer.reason)
    transfer.refresh_from_db()


def differences(transfer: Transfer, answer: broker.TransferAnswer) -> list[str]:
    """Return how the broker's transfer differs from the intent; a field that is missing is no difference."""
    relationship_id = transfer.relationship.alpaca_id if transfer.relationship else None
    pairs = (
        ("account", answer.account_id, transfer.brokerage_account.alpaca_id),
        ("direction", answer.direction, transfer.direction),
        ("relationship", answer.relationship_id, relationship_id),
        ("amount", answer.amount, transfer.amount),
    )
    return [f"another {name}" for name, theirs, ours in pairs if theirs not in ("", None) and theirs != ours]


def record(*, transfer: Transfer, to: str, fault: VendorError, actor: str) -> None:
    """Write down an outcome that is no yes."""
    evidence, reason = verbatim.document(fault.evidence), verbatim.text(fault.reason, 500)
    try:
        with transaction.atomic(durable=True):
            transfer.move_sending(to, actor=actor, because=fault.what, evidence=evidence, reason=reason)
            _answer_attempt(transfer, http_status=fault.http_status, request_id="", answer=evidence)
            telling.tell_sending(transfer)
    except LostRace:
        transfer.refresh_from_db()  # a worker took us for dead and called it unknown: the look-up tells
    log.info("transfer %s → %s (%s)", transfer.pk, to, fault)


def refused(*, transfer: Transfer, refusal: Refused) -> None:
    """Write down the broker's no, and alarm where it refuses us and not the customer."""
    record(transfer=transfer, to=states.REFUSED, fault=refusal, actor="broker")
    if _refuses_our_keys(refusal):
        log.error("transfer %s: the broker refuses our keys (%s)", transfer.pk, refusal)


def _refuses_our_keys(refusal: Refused) -> bool:
    """Say whether the broker refuses us and not the customer, whose missing permission it names."""
    names_permission = "permitted" in refusal.reason or "withdrawable" in refusal.reason
    return refusal.http_status == 401 or (refusal.http_status == 403 and not names_permission)


def _answer_attempt(transfer: Transfer, *, http_status: int | None, request_id: str, answer: dict[str, object]) -> None:
    """Complete the attempt; a later look-up does not overwrite what the broker said first."""
    SendAttempt.objects.filter(transfer=transfer, answered_at=None).update(
        answered_at=timezone.now(), http_status=http_status, request_id=request_id[:80], answer=answer
    )
