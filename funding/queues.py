"""What waits for a person of ops: which rows, since when, and what to do about them.

Called by the admin's start page and list filters.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import application_queues
from accounts import states as account_states
from accounts.models import DetailsChange, Letter, Notice, StreamCursor, StreamEvent
from accounts.models.streams import PARKED, UNFAMILIAR
from brokerage.questions import Question
from funding import bank_queues, break_kinds, states
from funding.models import Brake, Break, Case, Closing, Freeze, LinkSession, PlaidWebhook, Transfer, Worker
from funding.models.transfers import NOT_ACCEPTED, UNDER_WAY
from funding.models.transfers import UNFAMILIAR as UNFAMILIAR_STATUS
from funding.models.webhooks import WebhookQuerySet

RESERVED_TOO_LONG = timedelta(minutes=5)
SENDING_TOO_LONG = timedelta(seconds=60)
UNKNOWN_TOO_LONG = timedelta(minutes=65)
WISH_TOO_OLD = timedelta(hours=1)
STREAM_TOO_OLD = timedelta(minutes=5)
WEBHOOK_TOO_OLD = timedelta(minutes=15)
RETURNS_SHOWN = timedelta(days=30)
SILENCE_SHOWN = timedelta(days=1)


@dataclass(frozen=True)
class Queue:
    """One queue on the start page."""

    title: str
    url: str
    count: int
    oldest: datetime | None
    text: str
    tone: str
    permission: str  # who may read the list that it leads to


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
        Subject("News and post", [_workers(), _streams(), _parked(), _webhooks(), _post()]),
    ]


def everything() -> list[Queue]:
    """Return every queue, the most urgent ones first."""
    return [queue for subject in by_subject() for queue in subject.queues]


def _guards() -> list[Queue]:
    """Return what stands still, or does not add up, until a person has looked."""
    address = {name: reverse(f"admin:funding_{name}_changelist") for name in ("brake", "freeze", "case", "break")}
    return [
        _queue(
            "Brake on deposits",
            f"{address['brake']}?lifted_at__isempty=1",
            Brake.objects.filter(lifted_at=None),
            "engaged_at",
            "Too many debits came back: nobody can deposit. Find out why; then lift it with a reason.",
            "danger",
        ),
        _frozen(f"{address['freeze']}?lifted_at__isempty=1"),
        _queue(
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
    standing = _queue("Breaks", url, Break.objects.none(), "first_seen_at", text, tone)
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
        found.append(_queue(title, f"{url}?queue={key}", Transfer.objects.filter(rows()), "created_at", text, tone))
    return found


def _queue(title: str, url: str, rows: QuerySet, since: str, text: str, tone: str) -> Queue:
    found = rows.order_by().aggregate(count=Count("pk"), oldest=Min(since))
    permission = f"{rows.model._meta.app_label}.view_{rows.model._meta.model_name}"
    return Queue(title, url, found["count"], found["oldest"], text, tone, permission)


def _bank_queues() -> list[Queue]:
    relationships = reverse("admin:funding_achrelationship_changelist")
    logins = reverse("admin:funding_plaiditem_changelist")
    sessions = reverse("admin:funding_linksession_changelist")
    return [
        *_questions(relationships, bank_queues.BANKS),
        *_questions(logins, bank_queues.LOGINS),
        _queue(
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
        _queue(asked.title, f"{url}?queue={key}", asked.rows(), asked.since, asked.text, asked.tone)
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
        _queue(
            "Changes of details not done",
            f"{address['accounts_detailschange']}?status__in={changes}",
            DetailsChange.objects.open().filter(created_at__lt=hour_ago),
            "created_at",
            "Asked for an hour ago or more. The broker is away, or says something odd: see its history.",
            "warn",
        ),
        _queue(
            "Closings not done",
            f"{address['funding_closing']}?status__in={closings}",
            Closing.objects.open().filter(created_at__lt=hour_ago),
            "created_at",
            "Asked for an hour ago or more, and the broker has not closed the account. Its history says why.",
            "warn",
        ),
        _queue(
            "Letters not delivered",
            reverse("admin:accounts_emailchange_changelist"),
            Letter.objects.exclude(given_up_at=None),
            "given_up_at",
            "An e-mail about a new address did not go out. The customer can ask for the change anew.",
            "",
        ),
    ]


def _workers() -> Queue:
    """Return the workers that died of late; where none works any more, that one worked at all."""
    url = f"{reverse('admin:funding_worker_changelist')}?queue=silent"
    silent = Worker.objects.silent().filter(beat_at__gt=timezone.now() - SILENCE_SHOWN)
    alive, last = Worker.objects.alive().count(), Worker.objects.aggregate(last=Max("beat_at"))["last"]
    if not alive and last:
        text = "No worker is at work: nothing is sent, found out or told. Start one."
        return Queue("Workers silent", url, max(silent.count(), 1), last, text, "danger", "funding.view_worker")
    text = "Killed, stuck, or cut off from the database. Others work, and have taken over what it held within a minute."
    return _queue("Workers silent", url, silent, "beat_at", text, "warn")


def _streams() -> Queue:
    late = StreamCursor.objects.behind(since=timezone.now() - STREAM_TOO_OLD)
    text = (
        "The broker's news was last read at the time shown, or waits to be acted on. Is the worker running, and the "
        "broker there?"
    )
    return _queue("Streams behind", reverse("admin:accounts_streamcursor_changelist"), late, "read_until", text, "warn")


def _parked() -> Queue:
    text = "News of the broker’s that our code could not act on, or does not know. Look at each, and act on it again."
    url = f"{reverse('admin:accounts_streamevent_changelist')}?state__in={PARKED},{UNFAMILIAR}"
    waiting = StreamEvent.objects.for_a_person()
    return _queue("The broker’s news parked", url, waiting, "received_at", text, "warn")


def webhooks_not_acted_on() -> WebhookQuerySet:
    """Return what Plaid told us and nothing came of: parked, or waiting for too long, such as for an unknown item."""
    return PlaidWebhook.objects.not_acted_on(since=timezone.now() - WEBHOOK_TOO_OLD)


def _webhooks() -> Queue:
    url = f"{reverse('admin:funding_plaidwebhook_changelist')}?queue=not-acted-on"
    text = (
        "Parked after five tries, or waiting for 15 minutes: for Plaid to answer, or for an item that we have not "
        "heard of. Each says what went wrong."
    )
    return _queue("Plaid’s news not acted on", url, webhooks_not_acted_on(), "received_at", text, "warn")


def _post() -> Queue:
    url = f"{reverse('admin:accounts_notice_changelist')}?email=not-delivered"
    text = "The mail server did not take them. Where the address is wrong, reach the customer another way."
    return _queue("E-mails not delivered", url, Notice.objects.given_up(), "given_up_at", text, "warn")
