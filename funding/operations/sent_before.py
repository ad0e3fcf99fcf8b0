"""What our books call not sent, and the broker may hold all the same: the books are a copy from before it was sent.

Called by transfers and reconciliation; calls gateways.broker. A copy that was put back, or a standby that took over,
may know that a transfer was reserved and nothing of its sending. So whatever was not reserved just now is looked for in
the broker's list before it is sent. What is found there is never sent again: it is treated as sent and not heard of.
"""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import BrokerageAccount
from brokerage.gateways import broker
from brokerage.gateways.errors import VendorError
from brokerage.status import IllegalMove, LostRace
from funding import states
from funding.models import Lookup, RiskDecision, SendAttempt, Transfer
from funding.models.transfers import IN_FLIGHT_CONSTRAINT
from funding.operations import resolving

log = logging.getLogger(__name__)

# A customer's own request sends within moments. No standby takes over, and no copy is put back, in so short a time.
AT_ONCE = timedelta(seconds=3)
BECAUSE = "the broker lists one like it that our books do not know: it may have been sent before"


def may_be(*, transfer: Transfer, sender: str) -> bool:
    """Say whether a reserved transfer may be at the broker already; what may be is left to the look-up.

    Where the list cannot be read nobody can tell, and the answer is yes: it waits.
    """
    if transfer.created_at > timezone.now() - AT_ONCE:
        return False
    try:
        listed = broker.list_transfers(transfer.brokerage_account.alpaca_id, direction=transfer.direction)
    except VendorError as fault:
        log.info("transfer %s waits: the broker's list could not be read (%s)", transfer.pk, fault)
        return True
    if any(_has_holes(row) and _is_new_enough(transfer, row) for row in listed):
        log.error("transfer %s waits: the broker's list has holes", transfer.pk)
        return True
    if found := could_be(transfer, listed):
        take_up(transfer=transfer, sender=sender, found=found)
    return bool(found)


def could_be(transfer: Transfer, listed: list[broker.TransferAnswer]) -> list[broker.TransferAnswer]:
    """Return the broker's transfers that an unsent one could be: like it, made since, and bound to no intent.

    What was made elsewhere, and taken in since the transfer was reserved, may have been this one.
    """
    wanted = (transfer.relationship.alpaca_id if transfer.relationship else "", transfer.direction, transfer.amount)
    alike = [
        row
        for row in listed
        if (row.relationship_id, row.direction, row.amount) == wanted and _is_new_enough(transfer, row)
    ]
    bound = Transfer.objects.filter(alpaca_id__in=[row.alpaca_id for row in alike])
    taken_in_since = bound.filter(origin=Transfer.Origin.EXTERNAL, events__at__gte=transfer.created_at)
    taken = set(bound.exclude(pk__in=taken_in_since.values("pk")).values_list("alpaca_id", flat=True))
    return [row for row in alike if row.alpaca_id not in taken]


def take_up(*, transfer: Transfer, sender: str, found: list[broker.TransferAnswer]) -> None:
    """Treat a reserved transfer as sent and not heard of, and look at once which of the broker's it is."""
    evidence = {"candidates": [row.alpaca_id for row in found]}
    try:
        with transaction.atomic(durable=True):
            BrokerageAccount.objects.select_for_update().get(pk=transfer.brokerage_account_id)
            _clear(transfer)
            transfer.move_sending(states.SENDING, actor=sender, because=BECAUSE, evidence=evidence)
            # The earliest at which it may have been sent; the look-up goes back as far as that.
            SendAttempt.objects.create(
                transfer=transfer, sender=sender, sent_at=transfer.created_at, lease_until=timezone.now()
            )
            # What was seen once can be certified away no more: a person decides, where it is not seen again.
            Lookup.objects.create(transfer=transfer, heard=True, complete=False, candidates=evidence["candidates"])
            transfer.move_sending(states.UNKNOWN, actor=sender, because=BECAUSE, evidence=evidence)
            if not _is_free(found):
                because = "taken in as made elsewhere already"
                transfer.move_sending(states.REVIEW, actor=sender, because=because, evidence=evidence)
    except (IllegalMove, LostRace):
        transfer.refresh_from_db()  # another process was first
        return
    except IntegrityError as conflict:
        if IN_FLIGHT_CONSTRAINT not in str(conflict) and "brokerage_account_id" not in str(conflict):
            raise
        transfer.refresh_from_db()
        return
    log.error("transfer %s: %s", transfer.pk, BECAUSE)
    if transfer.sending == states.UNKNOWN:
        resolving.resolve(transfer=transfer)


def _is_free(found: list[broker.TransferAnswer]) -> bool:
    """Say whether any of them is bound to nothing, so that the look-up can tell."""
    ids = [row.alpaca_id for row in found]
    return Transfer.objects.filter(alpaca_id__in=ids).count() < len(ids)


def _clear(transfer: Transfer) -> None:
    """Write down for a deposit that the risk gate let it through: it did, then, in what is lost."""
    decided = transfer.cleared_by
    if not transfer.is_deposit or (decided and decided.at <= transfer.created_at):
        return
    transfer.cleared_by = RiskDecision.objects.create(
        transfer=transfer,
        at=transfer.created_at,  # as of the sending; when it was written down stands in the inputs
        actor="look-up",
        outcome=RiskDecision.Outcome.ALLOW,
        rules_version="none",
        reasons=["the broker holds it: it was let through before"],
        inputs={"written_at": timezone.now().isoformat()},
    )
    transfer.save(update_fields=["cleared_by"])


def _has_holes(row: broker.TransferAnswer) -> bool:
    return row.amount is None or not row.direction


def _is_new_enough(transfer: Transfer, row: broker.TransferAnswer) -> bool:
    return row.created_at is None or row.created_at >= transfer.created_at - resolving.CLOCK_SKEW
