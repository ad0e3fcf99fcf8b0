"""What machines are told of this site: whether it is ready, and its metrics. Called through brokerage.probes.

Neither view knows a person. Readiness is for everybody; metrics are for who shows METRICS_TOKEN.
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest

from brokerage import metrics as counted
from brokerage import metrics_files
from brokerage.health import plain
from funding import readiness
from funding.gauges import Gauges


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say line by line whether this server can do its work: 200, or 503.

    `?full` says of the worker, too. It is no part of being ready: pages are served without one.
    """
    found = readiness.CHECKS.found()
    lines = [check.line for check in found]
    is_ready = not any(check.trouble for check in found)
    if is_ready and "full" in request.GET:
        lines.append(_worker())
    return plain(*lines, status=200 if is_ready else 503)


def _worker() -> str:
    seen_at = readiness.worker_seen_at()
    if seen_at is None:
        return "worker: never seen"
    round_at, stuck = readiness.rounds_at(), readiness.stuck()
    told = [
        f"seen {_ago(seen_at)}",
        f"a round done {_ago(round_at)}" if round_at else "",
        f"stuck: {stuck}" * bool(stuck),
    ]
    return f"worker: {', '.join(filter(None, told))}"


def _ago(moment: datetime) -> str:
    return f"{max(0, round((timezone.now() - moment).total_seconds()))} s ago"


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell what all processes have counted, and how things stand in the books, in Prometheus' text format."""
    if not _may_read(request):
        return plain("not found", status=404)
    books = CollectorRegistry()
    books.register(Gauges())
    return HttpResponse(_counted() + generate_latest(books), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read(request: HttpRequest) -> bool:
    if not settings.METRICS_TOKEN:
        return settings.LOCAL
    return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")


def _counted() -> bytes:
    if not settings.METRICS_DIR:
        return generate_latest(counted.REGISTRY)
    with metrics_files.reading(Path(settings.METRICS_DIR)) as registry:
        return generate_latest(registry)
