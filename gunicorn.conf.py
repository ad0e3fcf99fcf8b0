"""How gunicorn serves the site: `gunicorn brokerage.wsgi`. Command-line options win over what stands here."""

import importlib
import os
from pathlib import Path
from typing import Any

bind = f"127.0.0.1:{os.environ.get('WEB_PORT', '8000')}"  # a proxy of ours stands before it
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8  # most of a request is waiting for a vendor
timeout = 60
# More than any browser sends us: an address longer than this is answered 414, headers 431, before Django is asked.
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
graceful_timeout = 20  # longer than a gateway waits for an answer
preload_app = True
accesslog = None  # the site logs facts with ids; addresses and query strings of customers are not kept
control_socket_disable = True  # it would lie in the home folder


def on_starting(server: Any) -> None:
    """Begin the counts anew, and import the vendors' SDKs once, before the workers are forked.

    The gateways import them late, so that commands start fast. Here, a customer's first request would wait half a
    second for it, and every worker would hold 80 MiB of its own.
    """
    for name in ("brokerage.gateways.broker_client", "brokerage.gateways.plaid_client"):
        importlib.import_module(name)
    if folder := _metrics_folder():
        importlib.import_module("brokerage.metrics_files").clean(folder)


def child_exit(server: Any, worker: Any) -> None:
    """Keep what a process has counted that is gone now, and let go of its files."""
    if folder := _metrics_folder():
        importlib.import_module("brokerage.metrics_files").add_ended(folder)


def _metrics_folder() -> Path | None:
    folder = importlib.import_module("django.conf").settings.METRICS_DIR
    return Path(folder) if folder else None
