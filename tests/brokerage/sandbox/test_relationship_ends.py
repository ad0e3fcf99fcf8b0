"""How links to bank accounts end: by deletion, quick or slow or not at all."""

import pytest

from tests.brokerage.sandbox.bench import BANK, Bench


def delete(bench: Bench, account: str, relationship: str) -> int:
    return bench.broker("DELETE", f"v1/accounts/{account}/ach_relationships/{relationship}").status_code


def link_another(bench: Bench, account: str) -> int:
    return bench.broker("POST", f"v1/accounts/{account}/ach_relationships", json=BANK).status_code


def status(bench: Bench) -> str:
    """That of the first link there was."""
    shown: str = bench.state()["relationships"][0]["status"]
    return shown


@pytest.mark.parametrize(
    ("profile", "after", "comes_to"),
    [("instant", 0, "CANCELED"), ("fast", 1, "CANCELED"), ("realistic", 30, "CANCELED"), ("manual", 86_400, None)],
)
def test_a_deletion_takes_as_long_as_the_profile_has_it(
    bench: Bench, account: str, relationship: str, profile: str, after: float, comes_to: str | None
) -> None:
    bench.control("settings", profile=profile)
    delete(bench, account, relationship)

    bench.pass_time(after)

    assert status(bench) == (comes_to or "CANCEL_REQUESTED")


@pytest.mark.parametrize("told", ["CANCELED", "CANCEL_SENT", "CANCEL_FAILED"])
def test_by_hand_a_deletion_ends_as_it_is_told(bench: Bench, account: str, relationship: str, told: str) -> None:
    bench.control("settings", profile="manual")
    delete(bench, account, relationship)

    bench.control(f"relationships/{relationship}", status=told)
    bench.pass_time(86_400)

    assert status(bench) == told
    assert link_another(bench, account) == (200 if told == "CANCELED" else 409)


@pytest.mark.parametrize("profile", ["instant", "fast"])
def test_a_link_that_could_not_be_canceled_stands_as_before(
    bench: Bench, account: str, relationship: str, profile: str
) -> None:
    bench.control("settings", profile=profile, cancel_fails=True)
    delete(bench, account, relationship)

    bench.pass_time(60)

    listed = bench.broker("GET", f"v1/accounts/{account}/ach_relationships").json()
    assert [row["status"] for row in listed] == ["CANCEL_FAILED"]
    assert link_another(bench, account) == 409
    assert bench.transfer(account, relationship, "5.00").status_code == 200
    assert delete(bench, account, relationship) == 204


def test_a_failure_is_told_in_the_stream_as_any_change(bench: Bench, account: str, relationship: str) -> None:
    bench.control("settings", cancel_fails=True)
    delete(bench, account, relationship)
    bench.pass_time(1)

    told = [event["status_to"] for event in bench.state()["events"] if event.get("entity_id") == relationship]

    assert told[-2:] == ["CANCEL_REQUESTED", "CANCEL_FAILED"]


@pytest.mark.parametrize("how", ["", "settle", "reject", "return"])
def test_a_link_may_have_to_wait_for_its_transfers(bench: Bench, account: str, relationship: str, how: str) -> None:
    bench.control("settings", profile="manual", refuse_delete_with_open_transfers=True)
    transfer_id = bench.transfer(account, relationship, "5.00").json()["id"]
    if how:
        bench.control(f"transfers/{transfer_id}", action=how)

    answer = bench.broker("DELETE", f"v1/accounts/{account}/ach_relationships/{relationship}")

    if how:
        assert answer.status_code == 204
    else:
        assert answer.status_code == 422
        assert answer.json() == {"code": 42210000, "message": "ach relationship has open transfers"}
        assert status(bench) == "APPROVED"


def test_somebody_elses_transfers_keep_no_link(bench: Bench, account: str, relationship: str) -> None:
    bench.control("settings", profile="manual", refuse_delete_with_open_transfers=True)
    other = bench.open_account()
    bench.transfer(other, bench.link(other), "5.00")

    assert delete(bench, account, relationship) == 204


def test_without_that_rule_a_queued_transfer_ends_with_its_link(bench: Bench, account: str, relationship: str) -> None:
    bench.transfer(account, relationship, "5.00")

    assert delete(bench, account, relationship) == 204
    bench.pass_time(1)

    assert bench.transfers(account)[0]["status"] == "CANCELED"
