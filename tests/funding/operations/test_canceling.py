"""Canceling: honest about what is certain, whatever becomes of the answer."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from brokerage.gateways.errors import patience
from brokerage.status import note
from funding import states
from funding.models import Reversal, Transfer
from funding.operations import canceling, left_behind, transfers
from tests.funding.standing import LIST, OUT, Clocks, Customer, fault, in_doubt, open_customer, read_anew, work
from tests.harness.sandbox import Sandbox

DELETE = "DELETE /broker/v1/accounts/*/transfers/*"


def cancel(transfer: Transfer) -> bool:
    with patience(1):
        return canceling.cancel(transfer=transfer, actor="customer")


def theirs(customer: Customer) -> list[str]:
    return [row["status"] for row in customer.at_the_broker()]


def test_what_was_never_sent_is_withdrawn(ada: Customer) -> None:
    transfer = ada.ask("50.00")

    assert cancel(transfer)

    assert read_anew(transfer).sending == states.WITHDRAWN
    left_behind.send_reserved(sender="worker")
    transfers.send(transfer=transfer, sender="worker")
    assert ada.at_the_broker() == []
    assert ada.ask("60.00").sending == states.RESERVED


def test_what_waits_at_the_broker_is_canceled_there(ada: Customer) -> None:
    transfer = ada.move("50.00")

    assert cancel(transfer)

    assert read_anew(transfer).status == states.CANCELED
    assert theirs(ada) == [states.CANCELED]


@pytest.mark.parametrize("action", ["advance", "settle", "return"])
def test_what_has_left_is_too_late(ada: Customer, sandbox: Sandbox, action: str) -> None:
    transfer = ada.move("50.00")
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action=action)

    with pytest.raises(canceling.TooLateToCancel):
        cancel(transfer)

    assert read_anew(transfer).status == theirs(ada)[0]
    assert transfer.cancel_answer == "too late"


@pytest.mark.parametrize("sending", [states.SENDING, states.UNKNOWN, states.REVIEW])
def test_what_is_in_doubt_cannot_be_canceled(ada: Customer, sending: str) -> None:
    with pytest.raises(canceling.TooLateToCancel):
        cancel(in_doubt(ada.relationship, sending))

    assert read_anew(Transfer.objects.get()).sending == sending


@pytest.mark.parametrize("status", [states.CANCELED, states.REJECTED, states.RETURNED, states.COMPLETE, "TELEPORTED"])
def test_what_is_over_cannot_be_canceled(ada: Customer, status: str) -> None:
    transfer = ada.move("50.00")
    Transfer.objects.update(status=status)

    with pytest.raises(canceling.TooLateToCancel):
        cancel(read_anew(transfer))

    assert theirs(ada) == [states.QUEUED]


@pytest.mark.parametrize(
    "how",
    [
        {"kind": "drop_after_commit"},
        {"kind": "hang_after_commit", "seconds": 2},
        {"kind": "status_after_commit", "status": 502},
        {"kind": "status_after_commit", "status": 409, "body": {"code": 1, "message": "conflict"}},
    ],
    ids=lambda how: "-".join(map(str, how.values())),
)
def test_a_lost_answer_is_read_from_the_list(ada: Customer, sandbox: Sandbox, how: dict[str, Any]) -> None:
    transfer = ada.move("50.00")
    fault(sandbox, route=DELETE, **how)

    assert cancel(transfer)

    assert read_anew(transfer).status == states.CANCELED


def test_a_wish_that_was_lost_on_the_way_may_be_told_again(ada: Customer, sandbox: Sandbox) -> None:
    transfer = ada.move("50.00")
    fault(sandbox, "drop_before_commit", DELETE)

    with pytest.raises(canceling.BrokerAway):
        cancel(transfer)

    assert theirs(ada) == [states.QUEUED]
    assert cancel(read_anew(transfer))
    assert theirs(ada) == [states.CANCELED]


def test_a_lost_answer_and_a_lost_list_leave_it_open(ada: Customer, sandbox: Sandbox) -> None:
    transfer = ada.move("50.00")
    fault(sandbox, "drop_after_commit", DELETE)
    fault(sandbox, "status", LIST, status=502)

    certain = cancel(transfer)

    assert not certain
    assert read_anew(transfer).cancel_answer == "asked"
    canceling.read_again(transfer=transfer)
    assert read_anew(transfer).status == states.CANCELED


@pytest.mark.parametrize("way", ["dead port", "429"])
def test_what_could_not_be_asked_may_be_asked_again(
    ada: Customer, sandbox: Sandbox, settings: Settings, way: str
) -> None:
    transfer, home = ada.move("50.00"), settings.BROKER_BASE_URL
    if way == "429":
        fault(sandbox, "status", DELETE, status=429, body={"code": 42910000, "message": "slow down"})
    else:
        settings.BROKER_BASE_URL = "http://127.0.0.1:1"

    with pytest.raises(canceling.BrokerAway):
        cancel(transfer)

    settings.BROKER_BASE_URL = home
    assert cancel(read_anew(transfer))


@pytest.mark.parametrize("status", [401, 403])
def test_a_broker_that_refuses_our_keys_does_not_make_it_too_late(
    ada: Customer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    transfer = ada.move("50.00")
    fault(sandbox, "status", DELETE, status=status, body={"code": 40110000, "message": "request is not authorized"})

    with pytest.raises(canceling.BrokerAway):
        cancel(transfer)

    assert "ERROR" in {record.levelname for record in caplog.records}
    assert cancel(read_anew(transfer))
    assert theirs(ada) == [states.CANCELED]


def test_a_canceled_withdrawal_frees_its_money(ada: Customer) -> None:
    cancel(ada.move("1000.00", OUT))

    assert ada.move("1000.00", OUT).sending == states.ACCEPTED


def test_a_cancel_and_a_send_at_one_moment_never_do_both(ada: Customer) -> None:
    transfer = ada.ask("50.00")
    stale = Transfer.objects.get(pk=transfer.pk)
    transfers.send(transfer=transfer, sender="worker")

    with pytest.raises(canceling.TooLateToCancel):
        cancel(stale)

    assert read_anew(transfer).sending == states.ACCEPTED


# --- Left without an answer -------------------------------------------------------------------------------------------


@pytest.fixture
def asked(clocks: Clocks, ada: Customer) -> Transfer:
    """A wish that was recorded a minute ago, by somebody who then died."""
    transfer = ada.move("50.00", OUT)
    Transfer.objects.update(cancel_asked_at=timezone.now(), cancel_answer="asked")
    note(transfer, field="cancel", after="asked", actor="customer")
    clocks.advance(seconds=61)
    return transfer


def test_a_wish_whose_asker_died_is_told(asked: Transfer, ada: Customer) -> None:
    work()

    assert read_anew(asked).status == states.CANCELED
    assert theirs(ada) == [states.CANCELED]
    assert canceling.pick_up_left_behind(sender="worker") == 0


def test_a_wish_that_was_heard_is_not_told_twice(asked: Transfer, sandbox: Sandbox) -> None:
    theirs = sandbox.post(f"/control/transfers/{asked.alpaca_id}", action="set", status=states.CANCELED)
    fault(sandbox, "status", DELETE, times=9, status=500)

    work()

    assert read_anew(asked).status == theirs["status"] == states.CANCELED
    assert sandbox.get("/control/faults")[0]["fired"] == 0


@pytest.mark.parametrize("action", ["advance", "settle"])
def test_a_wish_that_was_overtaken_is_too_late(asked: Transfer, ada: Customer, sandbox: Sandbox, action: str) -> None:
    sandbox.post(f"/control/transfers/{asked.alpaca_id}", action=action)

    work()

    assert (read_anew(asked).cancel_answer, asked.status) == ("too late", theirs(ada)[0])


def test_a_wish_that_is_refused_the_second_time_is_too_late(asked: Transfer, sandbox: Sandbox) -> None:
    fault(sandbox, "status", DELETE, status=422, body={"code": 42210000, "message": "transfer is not cancelable"})

    work()

    assert (read_anew(asked).cancel_answer, asked.status) == ("too late", states.QUEUED)


@pytest.mark.parametrize(
    "away",
    [
        {"kind": "status", "route": DELETE, "status": 401, "body": {"code": 40110000, "message": "no"}},
        {"kind": "bad_gateway", "route": DELETE},
        {"kind": "bad_gateway", "route": LIST},
    ],
    ids=lambda away: f"{away['kind']} {away['route'][:3]}",
)
def test_a_wish_is_told_once_a_minute_until_it_is_heard(
    asked: Transfer, clocks: Clocks, sandbox: Sandbox, away: dict[str, Any]
) -> None:
    fault(sandbox, **away)

    work()
    work()
    at_first = read_anew(asked).status, asked.cancel_answer
    clocks.advance(seconds=61)
    work()

    assert at_first == (states.QUEUED, "asked")
    assert read_anew(asked).status == states.CANCELED


def test_a_wish_of_this_minute_is_left_to_its_asker(clocks: Clocks, ada: Customer) -> None:
    transfer = ada.move("50.00")
    Transfer.objects.update(cancel_asked_at=timezone.now(), cancel_answer="asked")
    note(transfer, field="cancel", after="asked", actor="customer")
    clocks.advance(seconds=49)

    work()

    assert theirs(ada) == [states.QUEUED]


def test_a_poisonous_wish_holds_up_no_other(asked: Transfer, sandbox: Sandbox) -> None:
    Transfer.objects.filter(pk=asked.pk).update(settled_at=timezone.now())
    Reversal.objects.create(transfer=asked, amount=asked.amount)  # a row that should not exist
    sandbox.post(f"/control/transfers/{asked.alpaca_id}", action="return")
    hers = open_customer(sandbox, "grace@example.com", cash="100.00").move("5.00")
    Transfer.objects.filter(pk=hers.pk).update(cancel_asked_at=timezone.now(), cancel_answer="asked")

    work()

    assert [read_anew(row).status for row in (asked, hers)] == [states.QUEUED, states.CANCELED]
