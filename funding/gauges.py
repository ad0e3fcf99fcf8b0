"""How things stand in the books, read from the database when somebody asks: what waits, what is late, what differs.

Called by views.health for /metrics. So many queries however many rows there are; every label is a word of our code.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import DatabaseError
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.text import slugify
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.models import AuditEntry, Letter, Notice, SignInLetter, StreamCursor
from funding import news_queues, queues, readiness, states
from funding.models import Brake, Break, Transfer
from funding.operations import return_rates


class Gauges(Collector):
    """All of them, or, where the database does not answer, that alone."""

    def collect(self) -> Iterable[Metric]:
        try:
            found = list(_families(timezone.now()))
        except DatabaseError:
            found = []
        return [_gauge("brokerage_database_up", "Whether the database answers", 1 if found else 0), *found]


def _families(now: datetime) -> Iterator[Metric]:
    yield from _worker(now)
    yield _streams(now)
    yield from _queues(now)
    yield from _unknown(now)
    yield _breaks()
    yield from _returns()
    yield from _webhooks(now)
    yield from _mail(now)
    yield from _audit(now)


def _worker(now: datetime) -> Iterator[Metric]:
    seen_at = readiness.worker_seen_at()
    if seen_at:
        yield _gauge("brokerage_worker_seen_seconds", "Since a worker last gave its sign of life", _age(seen_at, now))
    round_at = readiness.rounds_at()
    if round_at:
        text = "Since the worker that is the farthest behind got a round done"
        yield _gauge("brokerage_worker_round_seconds", text, _age(round_at, now))
    text = "For how long a thread of a worker that is heard of has not got on"
    yield _gauge("brokerage_worker_stuck_seconds", text, _age(readiness.stuck_since(), now))


def _streams(now: datetime) -> Metric:
    lag = _family("brokerage_stream_lag_seconds", "How far behind the broker's stream is read", "stream")
    for name, read_until in StreamCursor.objects.order_by("name").values_list("name", "read_until"):
        lag.add_metric([name], _age(read_until, now))
    return lag


def _queues(now: datetime) -> Iterator[Metric]:
    rows = _family("brokerage_queue_rows", "What waits for a person, by queue of the desk", "queue")
    oldest = _family("brokerage_queue_oldest_seconds", "How long the oldest of them has waited", "queue")
    for queue in queues.everything():
        name = slugify(queue.title)
        rows.add_metric([name], queue.count)
        oldest.add_metric([name], _age(queue.oldest, now))
    yield from (rows, oldest)


def _unknown(now: datetime) -> Iterator[Metric]:
    unknown = Transfer.objects.filter(sending=states.UNKNOWN)
    found = unknown.order_by().aggregate(count=Count("pk"), oldest=Min("attempt__sent_at"))
    yield _gauge("brokerage_transfers_unknown", "Transfers whose outcome nobody knows yet", found["count"])
    age = _age(found["oldest"], now)
    yield _gauge("brokerage_transfers_unknown_oldest_seconds", "Since the oldest of them was sent", age)


def _breaks() -> Metric:
    """Count what differs from the broker's books; a kind that nobody has now stands with nothing."""
    breaks = _family("brokerage_breaks_open", "Differences that nothing explains, by kind", "kind")
    open_now = Break.objects.filter(ended_at=None).order_by().values_list("kind").annotate(Count("pk"))
    for kind, count in ({Break.CASH: 0} | dict(open_now)).items():
        breaks.add_metric([kind], count)
    return breaks


def _returns() -> Iterator[Metric]:
    returned = _family("brokerage_debits_returned", "Debits that came back in 60 days", "rate")
    rate = _family("brokerage_return_rate", "Share of the debits of 60 days that came back", "rate")
    limit = _family("brokerage_return_rate_limit", "Nacha's limit for it", "rate")
    engaged = _family("brokerage_brake_engaged", "Whether deposits are paused because of it", "rate")
    brakes = set(Brake.objects.filter(lifted_at=None).values_list("rate", flat=True))
    for each in return_rates.rates():
        returned.add_metric([each.name], each.returned)
        rate.add_metric([each.name], _number(each.rate))
        limit.add_metric([each.name], _number(each.limit))
        engaged.add_metric([each.name], each.name in brakes)
        debits = each.debits
    yield _gauge("brokerage_debits", "Debits that went out in 60 days", debits)
    yield from (returned, rate, limit, engaged)


def _webhooks(now: datetime) -> Iterator[Metric]:
    found = news_queues.webhooks_not_acted_on().order_by().aggregate(count=Count("pk"), oldest=Min("received_at"))
    yield _gauge("brokerage_webhooks_not_acted_on", "Plaid's messages that nothing came of", found["count"])
    age = _age(found["oldest"], now)
    yield _gauge("brokerage_webhooks_not_acted_on_oldest_seconds", "Since the oldest of them came", age)


def _mail(now: datetime) -> Iterator[Metric]:
    unsent = _family("brokerage_mail_unsent", "E-mails that are to be sent", "kind")
    oldest = _family("brokerage_mail_unsent_oldest_seconds", "Since the oldest of them was written", "kind")
    given_up = _family("brokerage_mail_given_up", "E-mails that could not be delivered", "kind")
    for kind, rows in (("notice", Notice.objects), ("letter", Letter.objects), ("sign-in", SignInLetter.objects)):
        waiting = rows.filter(emailed_at=None, given_up_at=None).order_by()
        found = waiting.aggregate(count=Count("pk"), oldest=Min("created_at"))
        unsent.add_metric([kind], found["count"])
        oldest.add_metric([kind], _age(found["oldest"], now))
        if rows.model is not SignInLetter:  # anybody may ask for one to any address: nothing is wrong, or to be done
            given_up.add_metric([kind], rows.exclude(given_up_at=None).count())
    yield from (unsent, oldest, given_up)


def _audit(now: datetime) -> Iterator[Metric]:
    last, first = AuditEntry.objects.first(), AuditEntry.objects.last()
    anchored = AuditEntry.objects.filter(deed=AuditEntry.Deed.ANCHORED).first() or first
    yield _gauge("brokerage_audit_entries", "The number of the audit's last entry", last.number if last else 0)
    age = _age(anchored.at if anchored else None, now)
    yield _gauge("brokerage_audit_anchor_seconds", "Since the audit was last anchored, or began", age)


def _gauge(name: str, text: str, value: int) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _family(name: str, text: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=[label])


def _age(since: datetime | None, now: datetime) -> int:
    """Return whole seconds; nothing where nothing waits."""
    return max(0, round((now - since).total_seconds())) if since else 0


def _number(share: Decimal) -> Any:
    """Return what Prometheus writes: it knows no decimals."""
    top, bottom = share.as_integer_ratio()
    return top / bottom
