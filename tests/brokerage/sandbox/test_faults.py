"""Scripted misfortunes, each seen from the caller's side: what arrived, and what the books say."""

import base64
import json
import socket
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from brokerage.sandbox import faults
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker.events import first_ulid_at
from brokerage.sandbox.faults import answers, lists, streams
from tests.brokerage.sandbox.bench import KEYS, Bench, transfer_of
from tests.harness.waiting import eventually

TRANSFERS = "/broker/v1/accounts/*/transfers"
FUNDING = "GET /broker/v2/events/funding/status"


def send(bench: Bench, account: str, relationship: str, **how: Any) -> requests.Response:
    body = {"transfer_type": "ach", "relationship_id": relationship, "amount": "9.00", "direction": "INCOMING"}
    return bench.broker("POST", f"v1/accounts/{account}/transfers", json=body, **how)


@pytest.mark.parametrize(("kind", "committed"), [("drop_before_commit", 0), ("drop_after_commit", 1)])
def test_a_dropped_answer_hides_whether_it_was_done(
    bench: Bench, account: str, relationship: str, kind: str, committed: int
) -> None:
    bench.fault(kind)

    with pytest.raises(requests.ConnectionError):
        send(bench, account, relationship)

    assert len(bench.transfers(account)) == committed


@pytest.mark.parametrize(("kind", "committed"), [("hang_before_commit", 0), ("hang_after_commit", 1)])
def test_a_hanging_answer_never_comes(bench: Bench, account: str, relationship: str, kind: str, committed: int) -> None:
    bench.fault(kind, seconds=2)

    with pytest.raises(requests.Timeout):
        send(bench, account, relationship, timeout=0.3)

    eventually(lambda: len(bench.transfers(account)) == committed)


def test_a_scripted_refusal_does_nothing(bench: Bench, account: str, relationship: str) -> None:
    bench.fault("status", status=429, body={"code": 42910000, "message": "too many requests"})

    answer = send(bench, account, relationship)

    assert (answer.status_code, answer.json()["code"]) == (429, 42910000)
    assert "X-RateLimit-Reset" in answer.headers
    assert bench.transfers(account) == []


def test_a_gateways_page_may_come_after_the_commit(bench: Bench, account: str, relationship: str) -> None:
    bench.fault("status_after_commit", status=504, body="<h1>504 Gateway Time-out</h1>")

    answer = send(bench, account, relationship)

    assert (answer.status_code, answer.headers["Content-Type"]) == (504, "text/html; charset=utf-8")
    assert len(bench.transfers(account)) == 1


@pytest.mark.parametrize("kind", ["garbage_after_commit", "empty_after_commit"])
def test_an_answer_may_be_no_json(bench: Bench, account: str, relationship: str, kind: str) -> None:
    bench.fault(kind)

    answer = send(bench, account, relationship)

    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert len(bench.transfers(account)) == 1


def test_an_answer_may_be_odd(bench: Bench, account: str, relationship: str) -> None:
    bench.fault("patch_after_commit", patch={"status": "TELEPORTED", "amount": "8"}, drop=["created_at"])

    answer = send(bench, account, relationship).json()

    assert (answer["status"], answer["amount"]) == ("TELEPORTED", "8")
    assert "created_at" not in answer
    assert bench.transfers(account)[0]["amount"] == "9.00"


def test_a_slow_answer_is_still_an_answer(bench: Bench, account: str, relationship: str) -> None:
    bench.fault("slow", seconds=0.01)

    assert send(bench, account, relationship).status_code == 200


def test_a_fault_wears_out_and_says_how_often_it_fired(bench: Bench, account: str, relationship: str) -> None:
    bench.fault("status", status=500, body={"code": 50010000, "message": "internal server error occurred"}, times=2)

    codes = [send(bench, account, relationship).status_code for _ in range(3)]

    assert codes == [500, 500, 200]
    assert [(fault["times"], fault["fired"]) for fault in bench.state()["faults"]] == [(2, 2)]


def test_a_star_stands_for_one_part_of_a_path(bench: Bench, account: str, relationship: str) -> None:
    bench.fault("status", route="GET /broker/v1/accounts/*", status=502, times=9)

    assert bench.broker("GET", f"v1/accounts/{account}").status_code == 502
    assert bench.broker("GET", f"v1/accounts/{account}/transfers").status_code == 200


def test_faults_are_cleared(bench: Bench, account: str, relationship: str) -> None:
    bench.fault("drop_before_commit")
    bench.session.delete(f"{bench.url}/control/faults", timeout=5)

    assert send(bench, account, relationship).status_code == 200


def test_plaid_can_fail_as_well(bench: Bench) -> None:
    bench.fault("status", route="POST /plaid/**", status=500, body={"error_type": "API_ERROR"})

    assert bench.plaid("link/token/get", link_token="any").status_code == 500


def test_an_unknown_kind_is_refused(bench: Bench) -> None:
    answer = bench.session.post(
        f"{bench.url}/control/faults", json={"route": "POST /broker/**", "kind": "locusts"}, timeout=5
    )

    assert answer.status_code == 400


def test_every_kind_has_somebody_who_acts() -> None:
    assert set(answers.ACTS) == faults.ANSWERS
    assert set(lists.ACTS) == faults.LISTS
    assert set(streams.ACTS) | streams.HELD == faults.STREAMS


def test_a_fault_may_let_some_pass_first(bench: Bench, account: str) -> None:
    bench.fault("bad_gateway", route=f"GET {TRANSFERS}", skip=2)

    codes = [bench.broker("GET", f"v1/accounts/{account}/transfers").status_code for _ in range(4)]

    assert codes == [200, 200, 502, 200]


# --- On the wire ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "end", "committed"),
    [
        ("drop_before_commit", "end", 0),
        ("drop_after_commit", "end", 1),
        ("reset_before_commit", "reset", 0),
        ("reset_after_commit", "reset", 1),
    ],
)
def test_a_connection_ends_or_is_reset_without_a_byte(
    bench: Bench, account: str, relationship: str, kind: str, end: str, committed: int
) -> None:
    bench.fault(kind)

    said, ended_by = raw_transfer(bench, account, relationship)

    assert (said, ended_by) == (b"", end)
    assert len(bench.transfers(account)) == committed


@pytest.mark.parametrize(("kind", "end"), [("short_answer", "end"), ("reset_mid_answer", "reset")])
def test_half_an_answer_may_arrive(bench: Bench, account: str, relationship: str, kind: str, end: str) -> None:
    bench.fault(kind)

    said, ended_by = raw_transfer(bench, account, relationship)

    head, _, body = said.partition(b"\r\n\r\n")
    promised = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    assert head.startswith(b"HTTP/1.1 200")
    assert 0 < len(body) < promised
    assert ended_by == end
    assert len(bench.transfers(account)) == 1


def test_a_port_may_be_closed_for_a_while(bench: Bench, account: str) -> None:
    bench.fault("refuse", seconds=2)
    url = urlsplit(bench.url)

    refused = refusals_until_open(str(url.hostname), int(url.port or 0))

    assert refused > 0
    assert Bench(bench.url).broker("GET", f"v1/accounts/{account}").status_code == 200


def refusals_until_open(host: str, port: int) -> int:
    """How often the port refused, once it began to and until it opened again."""
    refused, give_up_at = 0, time.monotonic() + 60
    while time.monotonic() < give_up_at:
        try:
            with socket.create_connection((host, port), timeout=0.25) as connection:
                is_own = connection.getsockname() == connection.getpeername()  # a closed port may meet itself
        except (ConnectionRefusedError, ConnectionResetError):
            refused += 1
        except TimeoutError:
            continue  # lost among those of a moment ago
        else:
            if refused and not is_own:
                return refused
        time.sleep(0.02)  # not so many that the next ones find no number of their own
    raise AssertionError("the port was never closed, or never opened again")


def test_a_reset_frees_whoever_hangs(bench: Bench, account: str, relationship: str) -> None:
    bench.fault("hang_after_commit", seconds=600)
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises(requests.ConnectionError):
            send(Bench(bench.url), account, relationship)
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    fired = any(fault["fired"] for _ in range(500) for fault in bench.state()["faults"])
    bench.control("reset")

    assert fired
    assert ended.wait(5)


# --- Answers that every gateway knows ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status", "start"),
    [
        ("server_error", 500, '{"code": 50010000'),
        ("bad_gateway", 502, "<html>"),
        ("gateway_timeout", 504, "<html>"),
        ("rate_limited", 429, '{"code": 42910000'),
        ("unauthorized", 401, '{"code": 40110000'),
        ("gone", 410, '{"code": 41010000'),
    ],
)
def test_a_gateways_answer_needs_no_script(
    bench: Bench, account: str, relationship: str, kind: str, status: int, start: str
) -> None:
    bench.fault(kind)

    answer = send(bench, account, relationship)

    assert (answer.status_code, answer.text[: len(start)]) == (status, start)
    assert bench.transfers(account) == []


@pytest.mark.parametrize("kind", ["server_error", "bad_gateway", "gateway_timeout"])
def test_a_gateways_answer_may_come_after_the_commit(bench: Bench, account: str, relationship: str, kind: str) -> None:
    bench.fault(f"{kind}_after_commit")

    assert send(bench, account, relationship).status_code >= 500
    assert len(bench.transfers(account)) == 1


def test_a_rate_limit_may_not_say_when_it_ends(bench: Bench, account: str, relationship: str) -> None:
    bench.fault("rate_limited", headers={"Retry-After": "7"})
    bench.fault("rate_limited", headers={"X-RateLimit-Reset": None})

    telling, silent = send(bench, account, relationship), send(bench, account, relationship)

    assert (telling.headers["Retry-After"], "X-RateLimit-Reset" in telling.headers) == ("7", True)
    assert "X-RateLimit-Reset" not in silent.headers


def test_a_patch_reaches_inside(bench: Bench, account: str) -> None:
    bench.fault(
        "patch_after_commit",
        route="GET /broker/v1/accounts/*",
        patch={"contact": {"city": None}},
        drop=["contact.state"],
    )

    contact = bench.broker("GET", f"v1/accounts/{account}").json()["contact"]

    assert contact["city"] is None
    assert "state" not in contact
    assert contact["postal_code"] == "94401"


# --- Lists ------------------------------------------------------------------------------------------------------------


def test_a_new_transfer_may_be_hidden_from_some_lists(bench: Bench, account: str, relationship: str) -> None:
    bench.transfer(account, relationship, "1.00")
    bench.pass_time(1)
    bench.fault("hide_recent", route=f"GET {TRANSFERS}", times=2)
    bench.transfer(account, relationship, "2.00")

    seen = [[row["amount"] for row in bench.transfers(account, limit=5)] for _ in range(3)]

    assert seen == [["1.00"], ["1.00"], ["2.00", "1.00"]]


def test_a_new_transfer_may_be_hidden_for_some_time(bench: Bench, account: str, relationship: str) -> None:
    bench.fault("hide_recent", route=f"GET {TRANSFERS}", seconds=60, times=None)
    bench.transfer(account, relationship, "2.00")

    early = bench.transfers(account)
    bench.pass_time(61)

    assert early == []
    assert len(bench.transfers(account)) == 1


def test_a_hidden_row_leaves_the_pages_full(bench: Bench, account: str, relationship: str) -> None:
    for amount in ("1.00", "2.00", "3.00"):
        bench.transfer(account, relationship, amount)
        bench.pass_time(1)
    bench.fault("hide_recent", route=f"GET {TRANSFERS}", times=None)
    bench.transfer(account, relationship, "4.00")

    pages = [[row["amount"] for row in bench.transfers(account, limit=2, offset=offset)] for offset in (0, 2, 4)]

    assert pages == [["3.00", "2.00"], ["1.00"], []]


def test_a_row_may_slip_in_between_two_pages(bench: Bench, account: str, relationship: str) -> None:
    for amount in ("1.00", "2.00", "3.00"):
        bench.transfer(account, relationship, amount)
        bench.pass_time(1)
    bench.fault("insert_after", route=f"GET {TRANSFERS}", amount="9.00")

    pages = [[row["amount"] for row in bench.transfers(account, limit=2, offset=offset)] for offset in (0, 2)]

    assert pages == [["3.00", "2.00"], ["2.00", "1.00"]]


def test_a_list_may_be_stale(bench: Bench, account: str, relationship: str) -> None:
    transfer_id = bench.transfer(account, relationship, "1.00").json()["id"]
    bench.fault("stale_answer", route=f"GET {TRANSFERS}", times=2)

    first = bench.transfers(account)[0]["status"]
    bench.control(f"transfers/{transfer_id}", action="settle")
    rest = [bench.transfers(account)[0]["status"] for _ in range(2)]

    assert [first, *rest] == ["QUEUED", "QUEUED", "COMPLETE"]


@pytest.mark.parametrize("kind", ["hide_recent", "insert_after", "stale_answer", "cancel_overtaken"])
def test_a_fault_of_lists_or_cancellations_leaves_other_calls_alone(
    bench: Bench, account: str, relationship: str, kind: str
) -> None:
    bench.fault(kind, route="* /broker/**")

    assert send(bench, account, relationship).status_code == 200
    assert len(bench.state()["transfers"]) == 1


def test_a_cancellation_may_succeed_and_come_too_late(bench: Bench, account: str, relationship: str) -> None:
    transfer_id = bench.transfer(account, relationship, "5.00").json()["id"]
    bench.fault("cancel_overtaken", route=f"DELETE {TRANSFERS}/*")

    answer = bench.broker("DELETE", f"v1/accounts/{account}/transfers/{transfer_id}")

    assert answer.status_code in (200, 204)
    assert bench.transfers(account)[0]["status"] == "COMPLETE"
    assert bench.trading_account(account)["cash"] == "5"
    assert [event["status_to"] for event in bench.state()["events"] if event.get("entity_id") == transfer_id] == [
        "QUEUED",
        "SENT_TO_CLEARING",
        "COMPLETE",
    ]


# --- Streams ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "details", "order"),
    [
        ("event_duplicate", {}, [0, 0, 1, 2]),
        ("event_swapped", {}, [1, 0, 2]),
        ("event_late", {"events": 2}, [1, 2, 0]),
        ("event_late", {"events": 9}, [1, 2, 0]),  # at the latest when the stream ends
        ("event_dropped", {}, [1, 2]),
        ("event_lost_in_error", {}, [1, 2]),
        ("event_by_bytes", {}, [0, 1, 2]),
        ("event_in_crlf", {}, [0, 1, 2]),
    ],
)
def test_events_come_twice_late_out_of_order_or_not_at_all(
    bench: Bench, account: str, relationship: str, kind: str, details: dict[str, Any], order: list[int]
) -> None:
    bench.transfer(account, relationship, "5.00")
    calm = told(bench)
    bench.fault(kind, route=FUNDING, **details)

    assert told(bench) == [calm[index] for index in order]
    assert told(bench) == calm


@pytest.mark.parametrize(
    ("kind", "comment"),
    [
        ("event_dropped", ": you are reading too slowly, dropped 1 messages"),
        ("event_lost_in_error", ": internal server error"),
    ],
)
def test_a_comment_tells_of_lost_events(bench: Bench, relationship: str, kind: str, comment: str) -> None:
    bench.fault(kind, route=FUNDING)

    assert comment in stream(bench).text.split("\n")


def test_an_event_may_be_odd(bench: Bench, relationship: str) -> None:
    bench.fault("event_patch", route=FUNDING, patch={"status_to": "TELEPORTED"}, drop=["correspondent"])

    first = told(bench)[0]

    assert first["status_to"] == "TELEPORTED"
    assert "correspondent" not in first


def test_a_line_may_be_longer_than_anybody_reads(bench: Bench, relationship: str) -> None:
    calm = told(bench)
    bench.fault("event_huge", route=FUNDING)

    longest = max(stream(bench).text.split("\n"), key=len)

    assert len(longest) > 2 * 1024 * 1024
    assert json.loads(longest.removeprefix("data:")) == calm[0]


@pytest.mark.parametrize(
    ("kind", "ended_by", "whole_events"),
    [("event_partial", "end", 0), ("stream_cut", "end", 0), ("stream_reset", "reset", 0)],
)
def test_a_stream_may_break_off(bench: Bench, relationship: str, kind: str, ended_by: str, whole_events: int) -> None:
    bench.fault(kind, route=FUNDING)

    said, how = raw(bench, f"GET /broker/v2/events/funding/status?{everything(bench)}")

    assert how == ended_by
    assert said.startswith(b"HTTP/1.1 200")
    assert not said.endswith(b"0\r\n\r\n")
    assert (b"data:" in said, said.count(b"}\n\n")) == (kind == "event_partial", whole_events)


def test_a_stream_may_be_idle(bench: Bench, relationship: str) -> None:
    bench.fault("stream_idle", route=FUNDING, seconds=600)

    with pytest.raises(requests.ConnectionError, match="timed out"):
        stream(bench, timeout=2)


@pytest.mark.parametrize(("kind", "status"), [("unauthorized", 401), ("gone", 410), ("rate_limited", 429)])
def test_a_stream_may_not_even_begin(bench: Bench, kind: str, status: int) -> None:
    bench.fault(kind, route=FUNDING)

    assert stream(bench).status_code == status


# --- The port and the store -------------------------------------------------------------------------------------------


def test_an_older_store_gets_the_columns_it_lacks(tmp_path: Path) -> None:
    path = str(tmp_path / "old.sqlite3")
    books = Books(path)
    faults.add(books, "GET /**", "slow", times=1, details={})
    books.write("ALTER TABLE faults DROP COLUMN skip")
    books.close()

    again = Books(path)

    assert again.number("SELECT skip FROM faults") == 0
    again.close()


def raw_transfer(bench: Bench, account: str, relationship: str) -> tuple[bytes, str]:
    return raw(
        bench,
        f"POST /broker/v1/accounts/{account}/transfers",
        json.dumps(transfer_of(relationship, "9.00", "INCOMING")),
    )


def raw(bench: Bench, line: str, body: str = "") -> tuple[bytes, str]:
    """What a plain socket hears in answer, and whether the line then ended or was reset."""
    url = urlsplit(bench.url)
    key = base64.b64encode(":".join(KEYS).encode()).decode()
    head = f"{line} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    said = b""
    with socket.create_connection((str(url.hostname), int(url.port or 0)), timeout=5) as line_:
        line_.sendall((head + body).encode())
        try:
            while piece := line_.recv(65536):
                said += piece
        except ConnectionResetError:
            return said, "reset"
    return said, "end"


def everything(bench: Bench) -> str:
    now = datetime.fromisoformat(bench.state()["clock"]["now"]).timestamp()
    return f"since_id={'0' * 26}&until_id={first_ulid_at(now + 0.001)}"


def stream(bench: Bench, **how: Any) -> requests.Response:
    """Everything so far, read to its end."""
    until = everything(bench)
    bench.pass_time(0.002)
    return bench.broker("GET", f"v2/events/funding/status?{until}", **how)


def told(bench: Bench) -> list[Any]:
    lines = stream(bench).text.replace("\r\n", "\n").split("\n")
    return [json.loads(line.removeprefix("data:")) for line in lines if line.startswith("data:")]
