"""Misfortunes of the routes of account life: a change, documents sent in, closing, and what is read besides."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
import requests

from brokerage.sandbox import faults
from tests.brokerage.sandbox.bench import Bench, application

PASSPORT = {
    "document_type": "identity_verification",
    "content": base64.b64encode(b"%PDF-1.4").decode(),
    "mime_type": "application/pdf",
}
APPLE = {"symbol": "AAPL", "qty": "1", "avg_entry_price": "100", "current_price": "120"}
# Each write: how it is made, the fault's route, and what stands in the account once it is done.
WRITES: dict[str, tuple[str, str, Any]] = {
    "change": ("PATCH", "", {"contact": {"city": "Oakland"}}),
    "upload": ("POST", "/documents/upload", [PASSPORT]),
    "close": ("POST", "/actions/close", None),
}
STANDS: dict[str, Callable[[Any], bool]] = {
    "change": lambda account: bool(account["contact"]["city"] == "Oakland"),
    "upload": lambda account: len(account["documents"]) == 1,
    "close": lambda account: bool(account["status"] == "ACCOUNT_CLOSED"),
}
READS = {
    "papers": ("v1/accounts/{account}/documents", "/broker/v1/accounts/*/documents"),
    "download": ("v1/accounts/{account}/documents/{document}/download", "/broker/v1/accounts/*/documents/*/download"),
    "positions": ("v1/trading/accounts/{account}/positions", "/broker/v1/trading/accounts/*/positions"),
    "history": (
        "v1/trading/accounts/{account}/account/portfolio/history",
        "/broker/v1/trading/accounts/*/account/portfolio/history",
    ),
}
# A connection that something went wrong on is not for the next request.
ALONE = {"Connection": "close"}
AFTER = sorted(kind for kind in faults.ANSWERS if kind.endswith("_after_commit"))
IN_THE_MIDDLE = ["short_answer", "reset_mid_answer"]
BEFORE = sorted(faults.ANSWERS - {*AFTER, *IN_THE_MIDDLE, "slow", "cancel_overtaken"})
QUICK = {"seconds": 0.01, "status": 503, "body": "<html>503</html>"}


def tried(bench: Bench, method: str, path: str, body: Any = None) -> int | None:
    """The status of the answer, or None when none came."""
    try:
        return bench.broker(method, path, json=body, allow_redirects=False, headers=ALONE).status_code
    except requests.RequestException:
        return None


def write(bench: Bench, account: str, name: str, kind: str, **details: Any) -> int | None:
    method, end, body = WRITES[name]
    bench.fault(kind, route=f"{method} /broker/v1/accounts/*{end}", **details)
    status = tried(bench, method, f"v1/accounts/{account}{end}", body)
    assert bench.state()["faults"][-1]["fired"] == 1
    bench.session.delete(f"{bench.url}/control/faults", timeout=5)
    return status


def stands(bench: Bench, account: str, name: str) -> bool:
    return STANDS[name](bench.broker("GET", f"v1/accounts/{account}").json())


@pytest.mark.parametrize("name", WRITES)
def test_what_was_done_stands_whatever_is_answered(bench: Bench, name: str) -> None:
    for kind in [*AFTER, *IN_THE_MIDDLE, "slow", "cancel_overtaken"]:
        account = bench.open_account()

        write(bench, account, name, kind, **QUICK)

        assert stands(bench, account, name), kind


@pytest.mark.parametrize("name", WRITES)
def test_what_was_not_done_does_not_stand(bench: Bench, account: str, name: str) -> None:
    for kind in BEFORE:
        status = write(bench, account, name, kind, **QUICK)

        assert status is None or status >= 400, kind
        assert not stands(bench, account, name), kind


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("kind", ["drop_after_commit", "reset_after_commit", "hang_after_commit"])
def test_no_answer_hides_that_it_was_done(bench: Bench, account: str, name: str, kind: str) -> None:
    status = write(bench, account, name, kind, seconds=0.01)

    assert status is None
    assert stands(bench, account, name)


@pytest.fixture
def held(bench: Bench, account: str) -> str:
    bench.control(f"accounts/{account}/positions", positions=[APPLE])
    bench.open_account()
    return account


def read(bench: Bench, account: str, name: str) -> requests.Response:
    document = bench.broker("GET", f"v1/accounts/{account}/documents", params={"end": "2999-01-01"}).json()[0]["id"]
    path = READS[name][0].format(account=account, document=document)
    return bench.broker("GET", path, allow_redirects=False, headers=ALONE)


@pytest.mark.parametrize("name", READS)
def test_every_misfortune_can_befall_what_is_read(bench: Bench, held: str, name: str) -> None:
    for kind in sorted(faults.ANSWERS | faults.LISTS):
        skip = int(name == "papers")  # the look at what there is to download
        bench.fault(kind, route=f"GET {READS[name][1]}", skip=skip, **QUICK)

        try:
            status = read(bench, held, name).status_code
        except requests.RequestException:
            status = 0

        assert bench.state()["faults"][-1]["fired"] == 1, kind
        assert status != 500 or kind.startswith("server_error"), kind
        assert read(bench, held, name).status_code in (200, 301), kind


def test_a_gateway_refuses_and_a_limit_is_reached(bench: Bench, held: str) -> None:
    for kind, status in (("bad_gateway", 502), ("gateway_timeout", 504), ("rate_limited", 429), ("gone", 410)):
        bench.fault(kind, route="GET /broker/v1/trading/accounts/*/positions")

        answer = read(bench, held, "positions")

        assert answer.status_code == status
        assert answer.text.startswith("<html>") == (status in (502, 504))


def test_a_status_may_be_unheard_of(bench: Bench, account: str) -> None:
    bench.fault("patch_after_commit", route="PATCH /broker/v1/accounts/*", patch={"status": "ABDUCTED"})

    answer = bench.broker("PATCH", f"v1/accounts/{account}", json=WRITES["change"][2]).json()

    assert (answer["status"], answer["contact"]["city"]) == ("ABDUCTED", "Oakland")


def test_an_answer_may_be_about_somebody_else(bench: Bench, account: str) -> None:
    other = bench.open_account(given_name="Grace")
    for route in ("PATCH /broker/v1/accounts/*", "POST /broker/v1/accounts", "GET /broker/v1/accounts/*"):
        bench.fault("another_after_commit", route=route)

    changed = bench.broker("PATCH", f"v1/accounts/{account}", json=WRITES["change"][2]).json()
    shown = bench.broker("GET", f"v1/accounts/{account}").json()
    made = bench.broker("POST", "v1/accounts", json=application(given_name="Mary")).json()

    assert changed["id"] == shown["id"] == other
    assert made["identity"]["given_name"] != "Mary"
    assert bench.broker("GET", f"v1/accounts/{account}").json()["contact"]["city"] == "Oakland"


def test_there_may_be_nobody_else(bench: Bench, account: str) -> None:
    bench.fault("another_after_commit", route="GET /broker/v1/accounts/*")

    assert bench.broker("GET", f"v1/accounts/{account}").json()["id"] == account


def test_a_stale_download_leads_to_where_it_led(bench: Bench, account: str) -> None:
    bench.fault("stale_answer", route="GET /broker/v1/accounts/*/documents/*/download", times=2)

    first, second = (read(bench, account, "download") for _ in range(2))

    assert first.status_code == second.status_code == 301
    assert first.headers["Location"] == second.headers["Location"]


def test_nothing_follows_an_answer_that_has_no_body(bench: Bench, account: str) -> None:
    bench.fault("status_after_commit", route="POST /broker/v1/accounts/*/actions/close", status=204, body="more")

    closed = bench.broker("POST", f"v1/accounts/{account}/actions/close")

    assert closed.content == b""
    assert bench.broker("GET", f"v1/accounts/{account}").json()["status"] == "ACCOUNT_CLOSED"
