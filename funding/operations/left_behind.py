"""Transfers that a process which died, or a bank that was not approved yet, has left behind.

Called by the worker; what was sent is called unknown, what was not is sent.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.operations import details, onboarding
from brokerage import stopping
from brokerage.status import IllegalMove, LostRace
from funding import states
from funding.models import ACHRelationship, Transfer
from funding.operations import closing, relationships, settlement, transfers


def expire_leases(*, sender: str) -> int:
    """Call unknown what a sender that died has left in SENDING. Return how many."""
    expired = 0
    for transfer in stopping.while_wanted(Transfer.objects.left_behind()):
        try:
            with transaction.atomic(durable=True):
                transfer.move_sending(states.UNKNOWN, actor=sender, because="the sender died")
        except (IllegalMove, LostRace):
            continue
        expired += 1
    return expired


def take_for_dead(*, sender: str) -> None:
    """Call unknown whatever senders that died have left: no vendor is asked, so that it takes but a moment."""
    expire_leases(sender=sender)
    for expire in (relationships.expire_leases, closing.expire_leases, details.expire_leases, onboarding.expire_leases):
        expire(sender=sender)


def send_reserved(*, sender: str) -> int:
    """Send what was reserved and not sent at once: its sender died, or its bank account was not approved yet."""
    # A customer's own request sends within moments; what still stands after some seconds nobody is sending.
    waiting = Transfer.objects.waiting_to_be_sent(since=timezone.now() - timedelta(seconds=3))
    # What can't go now is left out: a hundred of them would hold up everybody else.
    ready = waiting.unhindered().select_related("brokerage_account", "relationship")
    sent = 0
    for transfer in stopping.while_wanted(ready.order_by("created_at")[:100]):
        transfers.send(transfer=transfer, sender=sender)
        sent += transfer.sending != states.RESERVED
    return sent


def give_up_stranded() -> int:
    """Withdraw what still waits for a bank account that has ended or can't be reached. Return how many banks."""
    waiting = ACHRelationship.objects.filter(transfers__sending__in=states.UNSENT).distinct()
    ended, lost = waiting.exclude(ended_at=None), waiting.filter(ended_at=None).exclude(lost_at=None)
    for rows, because in ((ended, states.NOT_APPROVED), (lost, states.OUT_OF_REACH)):
        for relationship in stopping.while_wanted(rows):
            settlement.withdraw_waiting(relationship=relationship, because=because)
    return len(ended) + len(lost)
