"""What counting costs: at the start, per request of ours, per request to a vendor, and when somebody reads it all.

    python bench/metrics.py

Counts in files, as in production, in a temporary folder; needs no database and no vendor.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
TIMES = 20_000
VIEWS, STATUSES = 100, (200, 302, 404)


def main(folder: str) -> None:
    os.environ["METRICS_DIR"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brokerage.settings")
    import django

    django.setup()
    from django.http import HttpResponse
    from django.test import RequestFactory

    began = time.perf_counter()
    from brokerage import metrics

    print(f"import             {(time.perf_counter() - began) * 1000:8.1f} ms")
    from brokerage import metrics_files
    from brokerage.gateways.measuring import measured, operation
    from brokerage.health import healthz
    from brokerage.page_times import page_times
    from brokerage.probes import probes

    def call() -> None:
        with measured("broker", operation("GET", "/accounts/3f0c9c5e-2f0e-4c55-9b0e-7d3a0c6c2f11/transfers")):
            pass

    answer, request = HttpResponse(), RequestFactory().get("/overview/")
    timed, asked = page_times(lambda _: answer), probes(lambda _: answer)
    print(f"a request to a vendor {_micro(call):5.1f} µs")
    print(f"a page                {_micro(lambda: timed(request)):5.1f} µs")
    print(f"a page, past probes   {_micro(lambda: asked(request)):5.1f} µs")
    print(f"/healthz              {_micro(lambda: healthz(request)):5.1f} µs")
    for view in range(VIEWS):
        for status in STATUSES:
            metrics.page_answered(f"view-{view}", status, 0.02)
    from prometheus_client import generate_latest

    began = time.perf_counter()
    with metrics_files.reading(Path(folder)) as registry:
        text = generate_latest(registry)
    took = (time.perf_counter() - began) * 1000
    print(f"reading {VIEWS * len(STATUSES)} kinds of page {took:.0f} ms, {len(text) // 1024} KiB")


def _micro(do: Callable[[], object]) -> float:
    do()
    began = time.perf_counter()
    for _ in range(TIMES):
        do()
    return (time.perf_counter() - began) / TIMES * 1_000_000


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(folder)
