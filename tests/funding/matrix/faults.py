"""The faults of the matrix, as the sandbox plays them on its socket, and how one strikes a call."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytest_django import Settings

from brokerage.gateways.errors import patience
from tests.funding.matrix.table import (
    AWAY,
    CONFLICT,
    GARBLED,
    INVALID,
    KEYS,
    KILLED_AFTER,
    KILLED_BEFORE,
    PERMISSION,
    SILENT,
    SLOW_DOWN,
)
from tests.funding.standing import POST, fault
from tests.harness.dying import die_when
from tests.harness.sandbox import Sandbox

EVER = 10**6


@dataclass(frozen=True)
class Fault:
    """One way in which a row of the matrix comes about; `done`: the broker has done what it was asked."""

    row: str
    name: str
    kind: str = "status"
    done: bool = False
    how: dict[str, Any] = field(default_factory=dict)
    on: str = ""  # the route, where it is not the one of the call itself
    address: str = ""  # of a broker that is not there

    def __str__(self) -> str:
        return f"{self.row}: {self.name}"

    @property
    def kills(self) -> bool:
        return self.row in (KILLED_BEFORE, KILLED_AFTER)


def _says(row: str, status: int, message: str, *, kind: str = "status", **more: Any) -> Fault:
    body = {"code": status * 100_000, "message": message}
    return Fault(row, f"{kind} {status}", kind, kind != "status", {"status": status, "body": body, **more})


def _plain(row: str, *kinds: str, **how: Any) -> list[Fault]:
    """Return faults that need no more than their kind; its name tells whether the work was done."""
    done = ("_after_commit", "short_answer", "reset_mid_answer")
    return [Fault(row, kind, kind, kind.endswith(done), how) for kind in kinds]


LIMITS = {"X-RateLimit-Limit": None, "X-RateLimit-Remaining": None, "X-RateLimit-Reset": None}

FAULTS = [
    Fault(AWAY, "nobody listens", address="http://127.0.0.1:1/broker"),
    Fault(AWAY, "no such name", address="http://broker.invalid/broker"),
    Fault(AWAY, "no TLS", address="https"),
    *_plain(SILENT, "hang_before_commit", "hang_after_commit", seconds=3),
    *_plain(SILENT, "drop_before_commit", "reset_after_commit", "short_answer", "reset_mid_answer"),
    *_plain(SILENT, "server_error", "server_error_after_commit"),
    *_plain(SILENT, "bad_gateway", "bad_gateway_after_commit", "gateway_timeout", "gateway_timeout_after_commit"),
    _says(SLOW_DOWN, 429, "too many requests", headers={"X-RateLimit-Reset": "4102444800"}),
    Fault(SLOW_DOWN, "no header", "rate_limited", how={"headers": LIMITS}),
    *_plain(GARBLED, "garbage_after_commit", "empty_after_commit"),
    Fault(GARBLED, "HTML", "status_after_commit", done=True, how={"status": 200, "body": "<html>Welcome</html>"}),
    Fault(GARBLED, "null", "status_after_commit", done=True, how={"status": 200, "body": None}),
    _says(INVALID, 400, "amount is invalid"),
    _says(INVALID, 422, "transfer is not cancelable"),
    _says(KEYS, 401, "request is not authorized"),
    _says(KEYS, 403, "access forbidden"),
    _says(PERMISSION, 403, "withdrawals are not permitted for this account"),
    _says(CONFLICT, 409, "conflict"),
    _says(CONFLICT, 409, "conflict", kind="status_after_commit"),
    Fault(KILLED_BEFORE, "while it waits", "hang_before_commit", how={"seconds": 30}),
    Fault(KILLED_AFTER, "while it waits", "hang_after_commit", done=True, how={"seconds": 30}),
]


def strike(struck: Fault, job: Callable[[], object], *, on: str, sandbox: Sandbox, settings: Settings) -> None:
    """Do `job`, which asks the broker on the route `on`, and let the fault strike it there."""
    with patience(1):
        if struck.address:
            _elsewhere(struck, job, sandbox, settings)
            return
        fault(sandbox, struck.kind, struck.on or on, **struck.how)
        if struck.kills:
            die_when(lambda: sandbox.get("/control/faults")[-1]["fired"], job)
        else:
            job()
        assert sandbox.get("/control/faults")[-1]["fired"], "the fault was never met"


def _elsewhere(struck: Fault, job: Callable[[], object], sandbox: Sandbox, settings: Settings) -> None:
    home = settings.BROKER_BASE_URL
    settings.BROKER_BASE_URL = home.replace("http", "https") if struck.address == "https" else struck.address
    try:
        job()
    finally:
        settings.BROKER_BASE_URL = home


def watch(sandbox: Sandbox, route: str = POST) -> Callable[[], int]:
    """Refuse every further request on a route; return what counts them."""
    fault(sandbox, "status", route, times=EVER, status=500)
    mine = sandbox.get("/control/faults")[-1]["id"]
    return lambda: sum(each["fired"] for each in sandbox.get("/control/faults") if each["id"] == mine)


def levels(caplog: pytest.LogCaptureFixture) -> set[str]:
    """Return how loudly our own code has spoken: {"ERROR"} is an alarm, {"WARNING"} a report."""
    return {
        each.levelname for each in caplog.records if each.levelno > logging.INFO and not each.name.startswith("urllib3")
    }
