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
    """One way in which a row of the matrix comes about; `done`: the vendor has done what it was asked."""

    row: str
    name: str
    kind: str = "status"
    done: bool = False
    how: dict[str, Any] = field(default_factory=dict)
    on: str = ""  # the route, where it is not the one of the call itself
    address: str = ""  # of a vendor that is not there

    def __str__(self) -> str:
        return f"{self.row}: {self.name}"

    @property
    def kills(self) -> bool:
        return self.row in (KILLED_BEFORE, KILLED_AFTER)


def _says(row: str, status: int, message: str, *, kind: str = "status", **more: Any) -> Fault:
    body = {"code": status * 100_000, "message": message}
    return Fault(row, f"{kind} {status}", kind, kind != "status", {"status": status, "body": body, **more})


def plaid_says(row: str, status: int, code: str, *, kind: str = "status", **more: Any) -> Fault:
    """Return a refusal in Plaid's own words."""
    body = {"error_type": "A TYPE", "error_code": code, "error_message": "no", "display_message": None}
    return Fault(row, f"{kind} {status} {code}", kind, kind != "status", {"status": status, "body": body, **more})


def _plain(row: str, *kinds: str, **how: Any) -> list[Fault]:
    """Return faults that need no more than their kind; its name tells whether the work was done."""
    done = ("_after_commit", "short_answer", "reset_mid_answer")
    return [Fault(row, kind, kind, kind.endswith(done), how) for kind in kinds]


def patched(row: str, name: str, **how: object) -> Fault:
    """Return an answer that comes with something else in it."""
    return Fault(row, name, "patch_after_commit", done=True, how=how)


LIMITS = {"X-RateLimit-Limit": None, "X-RateLimit-Remaining": None, "X-RateLimit-Reset": None}

# What no vendor has words of its own for.
_ON_THE_WIRE = [
    Fault(AWAY, "nobody listens", address="http://127.0.0.1:1"),
    Fault(AWAY, "no such name", address="http://vendor.invalid"),
    Fault(AWAY, "no TLS", address="https"),
    *_plain(SILENT, "hang_before_commit", "hang_after_commit", seconds=6),
    *_plain(SILENT, "drop_before_commit", "reset_after_commit", "short_answer", "reset_mid_answer"),
    *_plain(SILENT, "server_error", "server_error_after_commit"),
    *_plain(SILENT, "bad_gateway", "bad_gateway_after_commit", "gateway_timeout", "gateway_timeout_after_commit"),
    Fault(SLOW_DOWN, "no header", "rate_limited", how={"headers": LIMITS}),
    *_plain(GARBLED, "garbage_after_commit", "empty_after_commit"),
    Fault(GARBLED, "HTML", "status_after_commit", done=True, how={"status": 200, "body": "<html>Welcome</html>"}),
    Fault(GARBLED, "null", "status_after_commit", done=True, how={"status": 200, "body": None}),
    Fault(KILLED_BEFORE, "while it waits", "hang_before_commit", how={"seconds": 30}),
    Fault(KILLED_AFTER, "while it waits", "hang_after_commit", done=True, how={"seconds": 30}),
]

FAULTS = [
    *_ON_THE_WIRE,
    _says(SLOW_DOWN, 429, "too many requests", headers={"X-RateLimit-Reset": "4102444800"}),
    _says(INVALID, 400, "amount is invalid"),
    _says(INVALID, 422, "transfer is not cancelable"),
    _says(KEYS, 401, "request is not authorized"),
    _says(KEYS, 403, "access forbidden"),
    _says(PERMISSION, 403, "withdrawals are not permitted for this account"),
    _says(CONFLICT, 409, "conflict"),
    _says(CONFLICT, 409, "conflict", kind="status_after_commit"),
]

# To a read it is all one whether the vendor has done what was asked: one of each two is enough.
ONE_OF_TWO = {
    "hang_after_commit",
    "reset_after_commit",
    "short_answer",
    "reset_mid_answer",
    "server_error_after_commit",
}
ONE_OF_TWO |= {"bad_gateway_after_commit", "gateway_timeout_after_commit", "no TLS", "no such name", "HTML"}


BEFORE_PLAID = ("401 in HTML", "403 in HTML")


def of_plaid(*invalid: str) -> list[Fault]:
    """Return what can strike a call to Plaid; `invalid` are the codes by which it finds fault with what was asked.

    Of wrong keys it speaks in a 400; a 401 or 403 comes from some box before it. https://plaid.com/docs/errors/
    """
    return [
        *_ON_THE_WIRE,
        plaid_says(SILENT, 500, "INTERNAL_SERVER_ERROR"),
        plaid_says(SILENT, 500, "INTERNAL_SERVER_ERROR", kind="status_after_commit"),
        plaid_says(SLOW_DOWN, 429, "RATE_LIMIT", headers={"Retry-After": "60"}),
        *(plaid_says(INVALID, status, code) for code in invalid for status in (400, 422)),
        plaid_says(KEYS, 400, "INVALID_API_KEYS"),
        plaid_says(KEYS, 403, "UNAUTHORIZED_ROUTE_ACCESS"),
        *(Fault(KEYS, name, how={"status": int(name[:3]), "body": "<html>No</html>"}) for name in BEFORE_PLAID),
    ]


def strike(struck: Fault, job: Callable[[], object], *, on: str, sandbox: Sandbox, settings: Settings) -> None:
    """Do `job`, which asks a vendor on the route `on`, and let the fault strike it there."""
    with patience(2):
        if struck.address:
            _elsewhere(struck, job, "PLAID_BASE_URL" if " /plaid/" in on else "BROKER_BASE_URL", settings)
            return
        fault(sandbox, struck.kind, struck.on or on, **struck.how)
        if struck.kills:
            die_when(lambda: sandbox.get("/control/faults")[-1]["fired"], job)
        else:
            job()
        assert sandbox.get("/control/faults")[-1]["fired"], "the fault was never met"


def _elsewhere(struck: Fault, job: Callable[[], object], setting: str, settings: Settings) -> None:
    home = getattr(settings, setting)
    setattr(settings, setting, home.replace("http", "https") if struck.address == "https" else struck.address)
    try:
        job()
    finally:
        setattr(settings, setting, home)


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
