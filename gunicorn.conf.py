"""How gunicorn serves the site: `gunicorn brokerage.wsgi`. Command-line options win over what stands here."""

import importlib
import os
from typing import Any

bind = f"127.0.0.1:{os.environ.get('WEB_PORT', '8000')}"  # a proxy of ours stands before it
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8  # most of a request is waiting for a vendor
timeout = 60
graceful_timeout = 20  # longer than a gateway waits for an answer
preload_app = True
accesslog = None  # the site logs facts with ids; addresses and query strings of customers are not kept
control_socket_disable = True  # it would lie in the home folder


def on_starting(server: Any) -> None:
    """Import the vendors' SDKs once, before the workers are forked.

    The gateways import them late, so that commands start fast. Here, a customer's first request would wait half a
    second for it, and every worker would hold 80 MiB of its own.
    """
    for name in ("brokerage.gateways.broker_client", "brokerage.gateways.plaid_client"):
        importlib.import_module(name)
