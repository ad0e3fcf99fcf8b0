"""What ops ask of bank accounts and of logins at banks: which rows, since when, and what to do about them.

Called by queues for the start page, and by the lists of the admin for their filters.
"""

from typing import Any

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from brokerage.questions import Question
from funding import states
from funding.models import ACHRelationship, PlaidItem

# How many tries of a removal are bad luck; a person looks at what needs more.
TRIES = 3
_IN_TROUBLE = (states.SIGN_IN, states.REVOKED, states.GONE)


def _living() -> Any:
    return ACHRelationship.objects.living()


def _access_lost() -> QuerySet[ACHRelationship]:
    return _living().filter(Q(lost_at__isnull=False) | Q(item__health__in=states.ACCESS_LOST))


def _not_removed_at_plaid() -> QuerySet[PlaidItem]:
    rows = PlaidItem.objects.out_of_use(now=timezone.now()).filter(removal_tries__gte=TRIES)
    return rows.annotate(unused_since=Coalesce(Max("relationships__ended_at"), "dropped_at", "created_at"))


BANKS: dict[str, Question] = {
    "held": Question(
        "Owners to look at",
        lambda: ACHRelationship.objects.candidates().filter(sending=states.HELD),
        "sending_at",
        "The bank’s name for the owner is not clearly the customer’s. Compare, and accept or refuse each.",
        "danger",
    ),
    "stopped": Question(
        "Bank accounts stopped",
        lambda: ACHRelationship.objects.active().exclude(suspended_at=None),
        "suspended_at",
        "No transfers, or no deposits, go through them. Talk to the customer; they need another bank account.",
        "danger",
    ),
    "review": Question(
        "Bank links to review",
        lambda: ACHRelationship.objects.active().filter(sending=states.REVIEW),
        "sending_at",
        "The broker holds a relationship that is not clearly ours.",
        "danger",
    ),
    "not-removed": Question(
        "Banks not removed",
        lambda: _living().exclude(ending_at=None).filter(ending_tries__gte=TRIES),
        "ending_at",
        "Their end was asked for, and the broker has not done it after three tries. Each page says why.",
        "warn",
    ),
    "sign-in": Question("Sign-in needed", lambda: _living().filter(item__health=states.SIGN_IN)),
    "expiring": Question("Access ends soon", lambda: _living().filter(item__health=states.EXPIRING)),
    "access-lost": Question("Access lost", _access_lost),
    "linked": Question("Linked, or about to be", _living),
    "ended": Question("Ended", lambda: ACHRelationship.objects.exclude(ended_at=None)),
}

LOGINS: dict[str, Question] = {
    "trouble": Question(
        "Bank logins in trouble",
        lambda: PlaidItem.objects.in_use().filter(health__in=_IN_TROUBLE),
        "health_at",
        "The bank wants a new sign-in, or our access has ended. Their customers are told; write to those who wait.",
        "warn",
    ),
    "not-removed": Question(
        "Logins not removed",
        _not_removed_at_plaid,
        "unused_since",
        "Nothing uses them, and Plaid has not ended our access after three tries. Is Plaid there, and our key right?",
        "warn",
        order="created_at",
    ),
    "in-use": Question("In use", lambda: PlaidItem.objects.in_use()),
    "removed": Question("Removed", lambda: PlaidItem.objects.exclude(removed_at=None)),
}
