"""Scripted misfortunes, each seen from the caller's side: what arrived, and what the books say."""

from typing import Any

import pytest
import requests

from tests.brokerage.sandbox.bench import Bench


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

    assert len(bench.transfers(account)) == committed


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
