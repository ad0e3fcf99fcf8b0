"""What waits for a person of ops: which rows, since when, and what to do about them.

Called by the admin's start page and list filters.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone

from accounts import application_queues
from accounts import states as account_states
from accounts.models import DetailsChange, Letter
from brokerage.questions import Question
from funding import bank_queues, break_kinds, news_queues, states
from funding.models import Brake, Break, Case, Closing, Freeze, LinkSession, Transfer
from funding.models.transfer_rows import NOT_ACCEPTED, UNDER_WAY
from funding.models.transfer_rows import UNFAMILIAR as UNFAMILIAR_STATUS
from funding.queue import Queue, queue

RESERVED_TOO_LONG = timedelta(minutes=5)
SENDING_TOO_LONG = timedelta(seconds=60)
UNKNOWN_TOO_LONG = timedelta(minutes=65)
WISH_TOO_OLD = timedelta(hours=1)
RETURNS_SHOWN = timedelta(days=30)


@dataclass(frozen=True)
class Subject:
    """The queues about one kind of thing."""

    title: str
    queues: list[Queue]

    @property
    def waiting(self) -> list[Queue]:
        return [queue for queue in self.queues if queue.count]


def _stuck() -> Q:
    """Return what should have moved on by now: not sent although nothing is in the way, or without an outcome."""
    now = timezone.now()
    waiting = Transfer.objects.filter(sending=states.RESERVED, created_at__lt=now - RESERVED_TOO_LONG)
    not_sent = Q(pk__in=waiting.unhindered().values("pk"))
    being_sent = Q(sending=states.SENDING, attempt__sent_at__lt=now - SENDING_TOO_LONG)
    unknown = Q(sending=states.UNKNOWN, attempt__sent_at__lt=now - UNKNOWN_TOO_LONG)
    never_tried = Q(sending__in=[states.SENDING, states.UNKNOWN], attempt=None)  # which no code of ours can bring about
    return NOT_ACCEPTED & Q(sending__in=states.IN_DOUBT) & (not_sent | being_sent | unknown | never_tried)


# The transfers of each queue; read when asked, since most depend on the time.
TRANSFERS: dict[str, tuple[str, Callable[[], Q], str, str]] = {
    "review": (
        "To review",
        lambda: NOT_ACCEPTED & Q(sending=states.REVIEW),
        "The broker's answer differs from what was asked, or more than one transfer could be it. Compare and decide.",
        "danger",
    ),
    "held": (
        "Deposits held",
        lambda: NOT_ACCEPTED & Q(sending=states.HELD),
        "The risk gate wants a person to look. Allow or decline each; nothing of them was sent.",
        "danger",
    ),
    "stuck": (
        "Stuck",
        _stuck,
        "Reserved for five minutes, being sent for one, or unknown for 65, and nothing is in the way. Is the worker "
        "running, and the broker there?",
        "danger",
    ),
    "unknown": (
        "Outcome unknown",
        lambda: NOT_ACCEPTED & Q(sending=states.UNKNOWN),
        "Looked up by itself, within 65 minutes as a rule. Never ask the customer to send it again.",
        "warn",
    ),
    "unfamiliar": (
        "Unfamiliar status",
        lambda: UNFAMILIAR_STATUS,
        "The broker used a word that we do not know. It is kept as it came; someone must teach us.",
        "warn",
    ),
    "returned": (
        "Returned in the last 30 days",
        lambda: Q(status=states.RETURNED, ended_at__gt=timezone.now() - RETURNS_SHOWN),
        "The bank took it back. Check the reason, and whether the customer owes.",
        "",
    ),
    "day-old": (
        "Under way for more than a week",
        lambda: UNDER_WAY & Q(accepted_at__lt=timezone.now() - timedelta(days=7)),
        "Accepted long ago and not settled. Read it from the broker again, or ask them.",
        "warn",
    ),
}


def by_subject() -> list[Subject]:
    """Return every queue, by what it is about, the most urgent ones first."""
    return [
        Subject("What stands still", _guards()),
        Subject("Transfers", _transfer_queues()),
        Subject("Bank accounts and logins", _bank_queues()),
        Subject("Applications and accounts", [*_account_queues(), *_wishes()]),
        Subject("News and post", news_queues.everything()),
    ]


def everything() -> list[Queue]:
    """Return every queue, the most urgent ones first."""
    return [queue for subject in by_subject() for queue in subject.queues]


def _guards() -> list[Queue]:
    """Return what stands still, or does not add up, until a person has looked."""
    address = {name: reverse(f"admin:funding_{name}_changelist") for name in ("brake", "freeze", "case", "break")}
    return [
        queue(
            "Brake on deposits",
            f"{address['brake']}?lifted_at__isempty=1",
            Brake.objects.filter(lifted_at=None),
            "engaged_at",
            "Too many debits came back: nobody can deposit. Find out why; then lift it with a reason.",
            "danger",
        ),
        _frozen(f"{address['freeze']}?lifted_at__isempty=1"),
        queue(
            "Cases",
            f"{address['case']}?closed_at__isempty=1",
            Case.objects.filter(closed_at=None),
            "opened_at",
            "A return that concerns the customer. Look into it, and close it with what you found.",
            "danger",
        ),
        _breaks(address["break"]),
    ]


def _breaks(url: str) -> Queue:
    """Return the open breaks; the worst of them says how urgent it is."""
    kinds = Break.objects.filter(ended_at=None).order_by().values_list("kind")
    found = {kind: (count, oldest) for kind, count, oldest in kinds.annotate(Count("pk"), Min("first_seen_at"))}
    counts = Counter[str]()
    for kind, (count, _) in found.items():
        counts[break_kinds.of(kind).severity] += count
    words = [f"{counts[level]} {level.lower()}" for level in break_kinds.SEVERITIES if counts[level]]
    worst = next((level for level in break_kinds.SEVERITIES if counts[level]), "")
    text = f"{', '.join(words)}. " if words else ""
    text += "Our books and a vendor’s do not agree. Each says what it means and what heals it."
    oldest = min((oldest for _, oldest in found.values()), default=None)
    tone = {break_kinds.CRITICAL: "danger", break_kinds.HIGH: "warn"}.get(worst, "")
    standing = queue("Breaks", url, Break.objects.none(), "first_seen_at", text, tone)
    return replace(standing, count=counts.total(), oldest=oldest)


def _frozen(url: str) -> Queue:
    standing = Freeze.objects.filter(lifted_at=None)
    asked = Count("pk", filter=~Q(lift_asked_by=None))
    found = standing.order_by().aggregate(count=Count("pk"), oldest=Min("frozen_at"), asked=asked)
    waits = f"{found['asked']} of them {'waits' if found['asked'] == 1 else 'wait'} for the second person. "
    text = f"{waits if found['asked'] else ''}No money moves for them. One person asks to lift it, another one does."
    return Queue("Frozen accounts", url, found["count"], found["oldest"], text, "danger", "funding.view_freeze")


def _transfer_queues() -> list[Queue]:
    url = reverse("admin:funding_transfer_changelist")
    found = []
    for key, (title, rows, text, tone) in TRANSFERS.items():
        found.append(queue(title, f"{url}?queue={key}", Transfer.objects.filter(rows()), "created_at", text, tone))
    return found


def _bank_queues() -> list[Queue]:
    relationships = reverse("admin:funding_achrelationship_changelist")
    logins = reverse("admin:funding_plaiditem_changelist")
    sessions = reverse("admin:funding_linksession_changelist")
    return [
        *_questions(relationships, bank_queues.BANKS),
        *_questions(logins, bank_queues.LOGINS),
        queue(
            "Orphan items",
            f"{sessions}?outcome__exact=orphan",
            LinkSession.objects.filter(outcome="orphan"),
            "created_at",
            "The answer of an exchange was lost; Plaid may hold an item whose key we never learned.",
            "",
        ),
    ]


def _questions(url: str, questions: Mapping[str, Question]) -> list[Queue]:
    waiting = {key: asked for key, asked in questions.items() if asked.text}
    return [
        queue(asked.title, f"{url}?queue={key}", asked.rows(), asked.since, asked.text, asked.tone)
        for key, asked in waiting.items()
    ]


def _account_queues() -> list[Queue]:
    return _questions(reverse("admin:accounts_application_changelist"), application_queues.QUESTIONS)


def _wishes() -> list[Queue]:
    """Return what customers asked for of their accounts, and what has not come of it."""
    hour_ago = timezone.now() - WISH_TOO_OLD
    address = {name: reverse(f"admin:{name}_changelist") for name in ("accounts_detailschange", "funding_closing")}
    changes, closings = ",".join(account_states.OPEN_CHANGE), ",".join(states.OPEN_CLOSING)
    return [
        queue(
            "Changes of details not done",
            f"{address['accounts_detailschange']}?status__in={changes}",
            DetailsChange.objects.open().filter(created_at__lt=hour_ago),
            "created_at",
            "Asked for an hour ago or more. The broker is away, or says something odd: see its history.",
            "warn",
        ),
        queue(
            "Closings not done",
            f"{address['funding_closing']}?status__in={closings}",
            Closing.objects.open().filter(created_at__lt=hour_ago),
            "created_at",
            "Asked for an hour ago or more, and the broker has not closed the account. Its history says why.",
            "warn",
        ),
        queue(
            "Letters not delivered",
            reverse("admin:accounts_emailchange_changelist"),
            Letter.objects.exclude(given_up_at=None),
            "given_up_at",
            "An e-mail about a new address did not go out. The customer can ask for the change anew.",
            "",
        ),
    ]
