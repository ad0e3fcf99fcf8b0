"""What is counted while it happens: how long vendors and our own pages take, and what comes of it.

Counted by gateways, by the middleware `page_times` and by operations; shown at /metrics (funding.views.health),
together with what is read from the database then. Each process keeps its counts in files of its own under METRICS_DIR,
so that whichever answers tells for all of them (see metrics_files). The values of labels are names from our own code:
never an id, an amount, or anything that somebody typed.
"""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

if settings.METRICS_DIR:  # which prometheus_client wants to know of while it is imported
    Path(settings.METRICS_DIR).mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = settings.METRICS_DIR

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

log = logging.getLogger(__name__)

disable_created_metrics()  # a series more for each, which nobody reads
REGISTRY = CollectorRegistry()

_vendor_seconds = Histogram(
    "brokerage_vendor_call_seconds",
    "Requests to vendors, by operation and outcome",
    ["vendor", "operation", "outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
    registry=REGISTRY,
)
_page_seconds = Histogram(
    "brokerage_page_seconds",
    "Answers of this site, by view and class of status",
    ["view", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
# A label makes each begin when it is first counted: a command that counts nothing then leaves no file behind.
_requests_limit = Gauge(
    "brokerage_vendor_requests_limit",
    "Requests that a vendor takes in one window, as last told",
    ["vendor"],
    registry=REGISTRY,
    multiprocess_mode="mostrecent",
)
_requests_left = Gauge(
    "brokerage_vendor_requests_left",
    "Requests that were left of a vendor's window, as last told",
    ["vendor"],
    registry=REGISTRY,
    multiprocess_mode="mostrecent",
)
_reconcile_waits = Counter(
    "brokerage_reconcile_wait_seconds",
    "Time that reconciliation waited so that the site has requests left",
    ["vendor"],
    registry=REGISTRY,
)
_csp_reports = Counter(
    "brokerage_csp_reports",
    "What browsers told of that the page's policy kept from loading",
    ["directive"],
    registry=REGISTRY,
)


class Watch:
    """A stop watch that runs until it is read, or until it is stopped before."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._stopped: float | None = None

    def stop(self) -> None:
        self._stopped = time.perf_counter()

    @property
    def seconds(self) -> float:
        return (time.perf_counter() if self._stopped is None else self._stopped) - self._began


def vendor_called(vendor: str, operation: str, outcome: str, seconds: float) -> None:
    """Count one request to a vendor; `outcome` is ok, not_sent, refused or unknown."""
    _safely(lambda: _vendor_seconds.labels(vendor, operation, outcome).observe(seconds))


def page_answered(view: str, status: int, seconds: float) -> None:
    """Count one answer of ours; `view` is the name of its address in the urls."""
    _safely(lambda: _page_seconds.labels(view, f"{status // 100}xx").observe(seconds))


def budget_told(vendor: str, *, limit: int, left: int) -> None:
    """Keep how many requests a vendor takes in its window, and how many were left."""
    _safely(lambda: _requests_limit.labels(vendor).set(limit))
    _safely(lambda: _requests_left.labels(vendor).set(left))


def reconcile_waited(vendor: str, seconds: float) -> None:
    _safely(lambda: _reconcile_waits.labels(vendor).inc(seconds))


def csp_reported(directive: str) -> None:
    """Count one report of a browser's; `directive` is one of a closed set."""
    _safely(lambda: _csp_reports.labels(directive).inc())


def _safely(count: Callable[[], object]) -> None:
    """Count, and never fail what is counted: a disk may be full, and a transfer be under way."""
    try:
        count()
    except Exception:
        log.exception("metrics: not counted")
