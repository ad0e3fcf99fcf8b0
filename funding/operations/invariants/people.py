"""What must be true of changes of details, closings and documents: their histories, and that none is stuck.

Called by `history` and `questions`, which hold what is asked of everything else.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts import states as account_states
from accounts.models import DetailsChange, DocumentUpload, EmailChange
from accounts.models.uploads import DEAD_AFTER
from brokerage.status import LEASE
from funding import states
from funding.models import Closing
from funding.operations.invariants.question import Question

A_DAY = timedelta(days=1)


def changing_too_long(now: datetime) -> QuerySet[Any]:
    return DetailsChange.objects.open().filter(created_at__lt=now - A_DAY)


def change_sent_too_long(now: datetime) -> QuerySet[Any]:
    return DetailsChange.objects.filter(status=account_states.SENDING, status_at__lt=now - LEASE)


def email_confirmed_too_long(now: datetime) -> QuerySet[Any]:
    return EmailChange.objects.filter(status=account_states.CONFIRMED, status_at__lt=now - A_DAY)


def closing_too_long(now: datetime) -> QuerySet[Any]:
    return Closing.objects.open().filter(created_at__lt=now - A_DAY)


def closing_sent_too_long(now: datetime) -> QuerySet[Any]:
    return Closing.objects.filter(status=states.SENDING, status_at__lt=now - LEASE)


def document_sent_too_long(now: datetime) -> QuerySet[Any]:
    under_way = [account_states.RESERVED, account_states.SENDING]
    return DocumentUpload.objects.filter(status__in=under_way, status_at__lt=now - DEAD_AFTER)


def change_may_move(before: str, after: str) -> bool:
    return after in account_states.CHANGE_MOVES.get(before, ()) if before else after == account_states.RESERVED


def email_may_move(before: str, after: str) -> bool:
    return after in account_states.EMAIL_MOVES.get(before, ()) if before else after == account_states.ASKED


def closing_may_move(before: str, after: str) -> bool:
    return after in states.CLOSING_MOVES.get(before, ()) if before else after == states.RESERVED


PEOPLE: dict[int, tuple[Question, ...]] = {
    15: (
        Question("change of details", "is not done after a day", changing_too_long),
        Question("change of details", "stands in SENDING for more than a minute", change_sent_too_long),
        Question("e-mail change", "was confirmed, and is not done after a day", email_confirmed_too_long),
        Question("closing", "is not done after a day", closing_too_long),
        Question("closing", "stands in SENDING for more than a minute", closing_sent_too_long),
        Question("document", "is on its way for more than three minutes", document_sent_too_long),
    )
}
