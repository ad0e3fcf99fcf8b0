"""Telling a customer what became of their transfer: once for each kind of news, in the transaction of the news.

Called by the operations that move a transfer, right where they do; the words are in notice_wording.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Notice
from accounts.operations import notices
from brokerage import stopping
from funding import notice_wording, states
from funding.models import Transfer
from funding.notice_wording import Kind

# A doubt that lasts seconds is no news; its page says it meanwhile.
DOUBT_TOLD_AFTER = timedelta(minutes=5)
_DOUBTS = (states.UNKNOWN, states.REVIEW)

_OF_SENDING = {
    states.HELD: Kind.HELD,
    states.DECLINED: Kind.DECLINED,
    states.REFUSED: Kind.REFUSED,
    states.NOT_SENT: Kind.NOT_SENT,
    states.WITHDRAWN: Kind.CANCELED,
    states.NOT_CREATED: Kind.RESOLVED,
}
_OF_STATUS = {
    states.COMPLETE: Kind.SETTLED,
    states.CANCELED: Kind.CANCELED,
    states.REJECTED: Kind.REFUSED,
    states.EXPIRED: Kind.REFUSED,
    states.RETURNED: Kind.RETURNED,
}


def tell(transfer: Transfer, kind: Kind) -> None:
    """Tell a transfer's customer one kind of news about it, if they were not told already."""
    message = notice_wording.of(transfer, kind)
    notices.tell(
        user=transfer.user,
        key=_key(transfer, kind),
        kind=kind,
        title=message.title,
        body=message.body,
        path=transfer.url,
    )


def _key(transfer: Transfer, kind: Kind) -> str:
    return f"transfer {transfer.pk} {kind}"


def tell_sending(transfer: Transfer) -> None:
    """Tell where our half of a transfer has come to, if that is news to its customer."""
    if transfer.sending == states.ACCEPTED:
        tell(transfer, Kind.RESOLVED if _was_told(transfer, Kind.UNKNOWN_FOR_LONG) else Kind.SENT)
    elif transfer.sending in _OF_SENDING:
        tell(transfer, _OF_SENDING[transfer.sending])


def tell_status(transfer: Transfer, *, before: str) -> None:
    """Tell where the broker's half of a transfer has come to from `before`, if that is news to its customer."""
    # What was over when we first heard of it is history; what differs from the intent a person explains.
    heard_late = transfer.origin == Transfer.Origin.EXTERNAL and not before
    if transfer.status in _OF_STATUS and transfer.sending == states.ACCEPTED and not heard_late:
        tell(transfer, _OF_STATUS[transfer.status])


def _was_told(transfer: Transfer, kind: Kind) -> bool:
    return Notice.objects.filter(key=_key(transfer, kind)).exists()


def tell_of_long_doubt(*, now: datetime | None = None) -> int:
    """Tell customers of transfers whose outcome is not known for minutes; return how many were told."""
    since = (now or timezone.now()) - DOUBT_TOLD_AFTER
    told = 0
    doubts = Transfer.objects.filter(sending__in=_DOUBTS, attempt__sent_at__lt=since)
    for transfer in stopping.while_wanted(doubts):
        if not _was_told(transfer, Kind.UNKNOWN_FOR_LONG):
            told += _tell_of_doubt(transfer)
    return told


def _tell_of_doubt(transfer: Transfer) -> bool:
    """Tell of one doubt, unless it has been lifted in the meantime."""
    with transaction.atomic(durable=True):
        locked = Transfer.objects.select_for_update().filter(pk=transfer.pk, sending__in=_DOUBTS).first()
        if locked is not None:
            tell(locked, Kind.UNKNOWN_FOR_LONG)
    return locked is not None
