"""What waits where news comes in and post goes out: workers, the broker's streams, Plaid's webhooks, e-mails.

Called by queues, gauges and the list of webhooks.
"""

from datetime import timedelta

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice, StreamCursor, StreamEvent
from accounts.models.streams import PARKED, UNFAMILIAR
from funding.models import PlaidWebhook, Worker
from funding.models.webhooks import WebhookQuerySet
from funding.queue import Queue, queue

STREAM_TOO_OLD = timedelta(minutes=5)
WEBHOOK_TOO_OLD = timedelta(minutes=15)
SILENCE_SHOWN = timedelta(days=1)


def everything() -> list[Queue]:
    """Return each of them, the most urgent ones first."""
    return [workers(), stuck(), streams(), parked(), plaids_news(), post()]


def workers() -> Queue:
    """Return the workers that died of late; where none works any more, that one worked at all."""
    url = f"{reverse('admin:funding_worker_changelist')}?queue=silent"
    silent = Worker.objects.silent().filter(beat_at__gt=timezone.now() - SILENCE_SHOWN)
    alive, last = Worker.objects.alive().count(), Worker.objects.aggregate(last=Max("beat_at"))["last"]
    if not alive and last:
        text = "No worker is at work: nothing is sent, found out or told. Start one."
        return Queue("Workers silent", url, max(silent.count(), 1), last, text, "danger", "funding.view_worker")
    text = "Killed, or cut off from the database. Others work, and have taken over what it held within a minute."
    return queue("Workers silent", url, silent, "beat_at", text, "warn")


def stuck() -> Queue:
    """Return the workers that live, and of which a thread does not get on."""
    url = f"{reverse('admin:funding_worker_changelist')}?queue=stuck"
    text = "Heard of, and the thread named there does not get on. End that worker, and start it again."
    return queue("Workers stuck", url, Worker.objects.stuck(), "stuck_since", text, "danger")


def streams() -> Queue:
    late = StreamCursor.objects.behind(since=timezone.now() - STREAM_TOO_OLD)
    text = (
        "The broker's news was last read at the time shown, or waits to be acted on. Is the worker running, and the "
        "broker there?"
    )
    return queue("Streams behind", reverse("admin:accounts_streamcursor_changelist"), late, "read_until", text, "warn")


def parked() -> Queue:
    text = "News of the broker’s that our code could not act on, or does not know. Look at each, and act on it again."
    url = f"{reverse('admin:accounts_streamevent_changelist')}?state__in={PARKED},{UNFAMILIAR}"
    waiting = StreamEvent.objects.for_a_person()
    return queue("The broker’s news parked", url, waiting, "received_at", text, "warn")


def webhooks_not_acted_on() -> WebhookQuerySet:
    """Return what Plaid told us and nothing came of: parked, or waiting for too long, such as for an unknown item."""
    return PlaidWebhook.objects.not_acted_on(since=timezone.now() - WEBHOOK_TOO_OLD)


def plaids_news() -> Queue:
    url = f"{reverse('admin:funding_plaidwebhook_changelist')}?queue=not-acted-on"
    text = (
        "Parked after five tries, or waiting for 15 minutes: for Plaid to answer, or for an item that we have not "
        "heard of. Each says what went wrong."
    )
    return queue("Plaid’s news not acted on", url, webhooks_not_acted_on(), "received_at", text, "warn")


def post() -> Queue:
    url = f"{reverse('admin:accounts_notice_changelist')}?email=not-delivered"
    text = "The mail server did not take them. Where the address is wrong, reach the customer another way."
    return queue("E-mails not delivered", url, Notice.objects.given_up(), "given_up_at", text, "warn")
