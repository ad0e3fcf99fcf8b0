"""What is kept of wishes to close an account, and for how long; and the list of all rules of retention.

Called by the command and the worker. The rule stands here since `accounts`, where the others are, knows no closings.
"""

from datetime import datetime

from django.db.models import QuerySet

from accounts import states as account_states
from accounts.operations import retention_rules
from accounts.operations.retention_rules import closed_cutoff
from accounts.retention import NO_ADDRESS, Ids, Rule
from funding import states
from funding.models import Closing, ClosingEvent


def _closings(now: datetime) -> QuerySet[Closing]:
    """Return the ended ones of accounts that are over for as long as their owners' answers are kept."""
    over = Closing.objects.filter(
        brokerage_account__status__in=account_states.OVER, brokerage_account__status_at__lt=closed_cutoff(now)
    )
    emptied = {"ip_address": NO_ADDRESS, "user_agent": "", "reason": ""}
    return over.exclude(status__in=states.OPEN_CLOSING).exclude(**emptied)


def _forget_closings(ids: Ids, by: str, now: datetime) -> None:
    """Drop from where it was asked for, and what the broker said; that it was, when, and how it ended stays."""
    Closing.objects.filter(pk__in=ids).update(ip_address=NO_ADDRESS, user_agent="", reason="")
    ClosingEvent.objects.filter(row__in=ids).update(evidence={})


RULES: tuple[Rule, ...] = (
    *retention_rules.RULES,
    Rule(
        "closings",
        "From where closings were asked for",
        closed_cutoff,
        _closings,
        _forget_closings,
        person="brokerage_account__user",
    ),
)
BY_NAME = {rule.name: rule for rule in RULES}
