"""What ops ask of applications: whom each waits for, since when, and what to do about it.

Called by the desk's list of applications and, in the other app, by the start page.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts import states
from accounts.models import Application
from brokerage.questions import Question

# How long a draft is left alone before it counts as left.
DRAFT_LEFT = timedelta(days=1)
ON_THEIR_WAY = (states.READY, states.SENDING, states.UNKNOWN)
SUBMISSION_FAILED = "SUBMISSION_FAILED"
WITH_BROKER = (states.OPENING - {states.ACTION_REQUIRED, SUBMISSION_FAILED}) | {states.UPDATED}
OVER = (states.ACTIVE, states.REJECTED, states.CLOSED)

# Whom something waits for.
CUSTOMER, US, BROKER, NOBODY_KNOWS, DONE = "the customer", "us", "the broker", "nobody knows", "nobody: done"

_ACCOUNT_SINCE = "brokerage_account__status_at"


def waits_for(application: Application) -> str:
    """Return whom an application waits for; its account, where it has one, is read with it."""
    if application.status in (states.DRAFT, states.REFUSED):
        return CUSTOMER
    if application.status in ON_THEIR_WAY:
        return US
    account = getattr(application, "brokerage_account", None)
    status = account.status if account else ""
    if status == states.ACTION_REQUIRED:
        return CUSTOMER
    if status in WITH_BROKER:
        return BROKER
    return DONE if status in OVER else NOBODY_KNOWS


def with_since(rows: QuerySet[Application]) -> QuerySet[Application]:
    """Give each row `since`: from when on it has waited for whom it waits for now."""
    return rows.annotate(
        since=Case(
            When(status=states.DRAFT, then=Coalesce("saved_at", "created_at")),
            When(brokerage_account__isnull=False, then=F(_ACCOUNT_SINCE)),
            default=F("status_at"),
        )
    )


def _of_account(**condition: Any) -> QuerySet[Application]:
    return Application.objects.filter(**{f"brokerage_account__{name}": value for name, value in condition.items()})


def _drafts_left() -> QuerySet[Application]:
    return Application.objects.filter(status=states.DRAFT, saved_at__lt=timezone.now() - DRAFT_LEFT)


def _unfamiliar() -> QuerySet[Application]:
    return Application.objects.filter(
        Q(brokerage_account__isnull=False) & ~Q(brokerage_account__status__in=sorted(states.KNOWN))
    )


QUESTIONS: dict[str, Question] = {
    "unfamiliar": Question(
        "Accounts with an unfamiliar status",
        _unfamiliar,
        _ACCOUNT_SINCE,
        "The broker used a word that we do not know. It is kept as it came; someone must teach us.",
        "danger",
    ),
    "failed": Question(
        "Applications the broker could not process",
        lambda: _of_account(status=SUBMISSION_FAILED),
        _ACCOUNT_SINCE,
        "The broker says SUBMISSION_FAILED: nothing goes on by itself. Ask the broker’s support what it takes.",
        "danger",
    ),
    "on-their-way": Question(
        "Applications on their way",
        lambda: Application.objects.filter(status__in=ON_THEIR_WAY),
        "status_at",
        "Sent by the worker within seconds. Older ones mean that the broker is away, or says something odd.",
        "warn",
    ),
    "asked": Question(
        "Accounts that need something",
        lambda: _of_account(status=states.ACTION_REQUIRED),
        _ACCOUNT_SINCE,
        "The broker could not confirm something and asks the customer for it. Each page says what.",
        "warn",
    ),
    "with-broker": Question(
        "Accounts with the broker",
        lambda: _of_account(status__in=sorted(WITH_BROKER)),
        _ACCOUNT_SINCE,
        "Submitted or in review there: minutes as a rule, two business days at the most. Ask about older ones.",
    ),
    "refused": Question(
        "Applications refused",
        lambda: Application.objects.filter(status=states.REFUSED),
        "status_at",
        "The broker did not take an answer; the customer is asked to change it.",
    ),
    "left": Question(
        "Drafts left for a day",
        _drafts_left,
        "saved_at",
        "Begun and not sent. A question may have stopped the customer; write to those who are worth it.",
    ),
    "drafts": Question("All drafts", lambda: Application.objects.filter(status=states.DRAFT)),
    "active": Question("Done: account open", lambda: _of_account(status=states.ACTIVE)),
    "rejected": Question("Done: rejected", lambda: _of_account(status=states.REJECTED)),
    "closed": Question("Done: closed", lambda: _of_account(status=states.CLOSED)),
}
