"""What becomes of a transfer whose answer was lost: adopted, certified away, or shown to a person."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import StreamCursor
from funding import states
from funding.models import ACHRelationship, Lookup, Transfer
from funding.operations import limits, resolving, settlement, transfers
from tests import make
from tests.funding.standing import (
    IN,
    LIST,
    OUT,
    POST,
    Clocks,
    Customer,
    fault,
    in_doubt,
    lost,
    open_customer,
    read_anew,
    work,
)
from tests.harness.sandbox import Sandbox

EVER = 10**6


def resolve(transfer: Transfer) -> Transfer:
    resolving.resolve(transfer=transfer)
    return read_anew(transfer)


def looked_up(transfer: Transfer, *minutes: float, complete: bool = True) -> None:
    """Say that the broker's list was read, so many minutes after the request."""
    for after in minutes:
        at = transfer.attempt.sent_at + timedelta(minutes=after)
        Lookup.objects.create(transfer=transfer, at=at, complete=complete)


def stream_read(transfer: Transfer, minutes: float) -> None:
    make.stream_read(settlement.STREAM, transfer.attempt.sent_at + timedelta(minutes=minutes))


# --- Found ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", [IN, OUT])
def test_one_that_is_there_is_adopted(ada: Customer, direction: str) -> None:
    transfer = resolve(lost(ada, direction=direction))

    [theirs] = ada.at_the_broker()
    assert (transfer.sending, transfer.alpaca_id, transfer.status) == (states.ACCEPTED, theirs["id"], states.QUEUED)
    assert transfer.attempt.answer["what"] == "POST: ConnectionError"  # what came first is not overwritten


def test_what_is_adopted_goes_on_like_any_other(ada: Customer, sandbox: Sandbox, clocks: Clocks) -> None:
    transfer = resolve(lost(ada))
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="settle")
    clocks.advance(seconds=1)

    work()

    assert read_anew(transfer).status == states.COMPLETE


def test_one_that_has_moved_on_meanwhile_is_adopted_as_it_is(ada: Customer, sandbox: Sandbox) -> None:
    transfer = lost(ada)
    sandbox.post(f"/control/transfers/{ada.at_the_broker()[0]['id']}", action="settle")

    assert resolve(transfer).status == states.COMPLETE


@pytest.mark.parametrize("amount", ["49.99", "50.01", "5000.00"])
def test_another_amount_is_not_adopted(ada: Customer, amount: str) -> None:
    transfer = lost(ada, "50.00", kind="drop_before_commit")
    ada.made_elsewhere(amount)

    assert resolve(transfer).sending == states.UNKNOWN


def test_another_direction_is_not_adopted(ada: Customer) -> None:
    transfer = lost(ada, "50.00", kind="drop_before_commit")
    ada.made_elsewhere("50.00", OUT)

    assert resolve(transfer).sending == states.UNKNOWN


def test_one_that_is_bound_to_another_row_is_not_adopted(ada: Customer) -> None:
    earlier = ada.move("50.00")

    transfer = resolve(lost(ada, "50.00", kind="drop_before_commit"))

    assert transfer.sending == states.UNKNOWN
    assert read_anew(earlier).alpaca_id == ada.at_the_broker()[0]["id"]


def test_one_that_is_too_old_is_not_adopted(clocks: Clocks, ada: Customer) -> None:
    ada.made_elsewhere("50.00")
    clocks.advance(minutes=10, seconds=1)

    assert resolve(lost(ada, "50.00", kind="drop_before_commit")).sending == states.UNKNOWN


def test_a_stranger_s_transfer_is_not_adopted(ada: Customer, sandbox: Sandbox) -> None:
    open_customer(sandbox, "grace@example.com").made_elsewhere("50.00")

    assert resolve(lost(ada, "50.00", kind="drop_before_commit")).sending == states.UNKNOWN


def test_one_by_another_way_of_paying_is_not_adopted(ada: Customer, sandbox: Sandbox) -> None:
    transfer = lost(ada, "50.00", kind="drop_before_commit")
    ada.made_elsewhere("50.00")
    fault(sandbox, "patch_after_commit", LIST, patch={"type": "wire", "relationship_id": None})

    assert resolve(transfer).sending == states.UNKNOWN
    assert transfer.lookups.get().candidates == []


@pytest.mark.parametrize("gone", [["amount", "requested_amount"], ["direction"]], ids=str)
def test_a_list_with_holes_neither_finds_nor_rules_out(ada: Customer, sandbox: Sandbox, gone: list[str]) -> None:
    transfer = lost(ada, "50.00", kind="drop_before_commit")
    ada.made_elsewhere("7.00")
    fault(sandbox, "patch_after_commit", LIST, drop=gone)

    assert resolve(transfer).sending == states.UNKNOWN
    assert transfer.lookups.get().complete is False


def test_two_that_could_be_it_are_for_a_person(ada: Customer, caplog: pytest.LogCaptureFixture) -> None:
    transfer = lost(ada, "50.00")
    ada.made_elsewhere("50.00")

    resolve(transfer)

    assert (transfer.sending, transfer.alpaca_id) == (states.REVIEW, None)
    evidence = transfer.events.get(after=states.REVIEW).evidence["candidates"]
    assert sorted(evidence) == sorted(row["id"] for row in ada.at_the_broker())
    assert any(record.levelname == "ERROR" for record in caplog.records)
    with pytest.raises(transfers.TransferInDoubt):
        ada.ask("10.00")


def test_one_on_the_sixth_page_is_found(ada: Customer) -> None:
    transfer = lost(ada, "50.00")
    for n in range(260):
        ada.made_elsewhere(f"{n + 51}.00")

    assert resolve(transfer).sending == states.ACCEPTED
    assert transfer.lookups.get().rows_read == 261


# --- Not found --------------------------------------------------------------------------------------------------------


@pytest.fixture
def missing(clocks: Clocks, ada: Customer) -> Transfer:
    """A withdrawal that never reached the broker, 62 minutes ago."""
    transfer = lost(ada, "400.00", OUT, kind="drop_before_commit")
    clocks.advance(minutes=62)
    return transfer


def test_one_that_is_certainly_not_there_is_certified(missing: Transfer) -> None:
    looked_up(missing, 0.1, 2, 10, 30)
    stream_read(missing, 61)

    resolve(missing)

    assert missing.sending == states.NOT_CREATED
    evidence = missing.events.get(after=states.NOT_CREATED).evidence
    assert len(evidence["complete_passes"]) == 5
    assert evidence["stream_read_past"]


def test_four_passes_are_too_few(missing: Transfer) -> None:
    looked_up(missing, 0.1, 2, 10)
    stream_read(missing, 61)

    assert resolve(missing).sending == states.UNKNOWN


def test_passes_that_were_not_complete_do_not_count(missing: Transfer) -> None:
    looked_up(missing, 0.1, 2, 10)
    looked_up(missing, 20, 30, 40, 50, complete=False)
    stream_read(missing, 61)

    assert resolve(missing).sending == states.UNKNOWN


def test_an_hour_must_have_passed(clocks: Clocks, ada: Customer) -> None:
    transfer = lost(ada, kind="drop_before_commit")
    looked_up(transfer, 0.1, 2, 10, 30, 40, 50)
    clocks.advance(minutes=59, seconds=59)
    stream_read(transfer, 61)

    assert resolve(transfer).sending == states.UNKNOWN


@pytest.mark.parametrize("minutes", [None, 0, 59.9, 60])
def test_the_stream_must_have_been_read_past_the_hour(missing: Transfer, minutes: float | None) -> None:
    looked_up(missing, 0.1, 2, 10, 30)
    if minutes is not None:
        stream_read(missing, minutes)
    make.stream_read("accounts/status", timezone.now())

    assert resolve(missing).sending == states.UNKNOWN


def test_the_stream_must_have_been_read_since_before_it_was_sent(missing: Transfer) -> None:
    looked_up(missing, 0.1, 2, 10, 30)
    sent_at = missing.attempt.sent_at
    make.stream_read(settlement.STREAM, sent_at + timedelta(minutes=61), since=sent_at + timedelta(minutes=1))

    assert resolve(missing).sending == states.UNKNOWN


def test_a_list_that_cannot_be_read_certifies_nothing(missing: Transfer, sandbox: Sandbox) -> None:
    looked_up(missing, 0.1, 2, 10, 30, 40)
    stream_read(missing, 61)
    fault(sandbox, "status", LIST, status=502)

    resolve(missing)

    assert missing.sending == states.UNKNOWN
    assert missing.lookups.latest("at").complete is False


def test_a_list_that_breaks_off_certifies_nothing(missing: Transfer, ada: Customer, sandbox: Sandbox) -> None:
    looked_up(missing, 0.1, 2, 10, 30, 40)
    stream_read(missing, 61)
    ada.made_elsewhere("1.00", OUT)
    fault(sandbox, "slow", LIST, seconds=0)
    fault(sandbox, "drop_after_commit", LIST)

    assert resolve(missing).sending == states.UNKNOWN


def test_passes_in_one_minute_are_no_hour_of_watching(missing: Transfer) -> None:
    looked_up(missing, 61, 61.1, 61.2, 61.3)
    stream_read(missing, 61)

    assert resolve(missing).sending == states.UNKNOWN


def test_a_customer_knows_by_the_time_that_the_page_names(clocks: Clocks, ada: Customer) -> None:
    transfer = lost(ada, "50.00", kind="drop_before_commit")
    by = transfer.attempt.answer_by

    while timezone.now() < by:
        clocks.advance(seconds=59)
        work()

    assert read_anew(transfer).sending == states.NOT_CREATED


def test_one_that_was_lost_long_before_the_first_worker_came_is_certified(clocks: Clocks, ada: Customer) -> None:
    transfer = lost(ada, "50.00", kind="drop_before_commit")
    clocks.advance(days=3)

    for _ in range(7):
        work()
        clocks.advance(minutes=61)

    assert read_anew(transfer).sending == states.NOT_CREATED


def test_a_certified_one_frees_its_hold_and_the_way(missing: Transfer, ada: Customer) -> None:
    held = limits.withdrawable(account=ada.account)
    looked_up(missing, 0.1, 2, 10, 30)
    stream_read(missing, 61)

    resolve(missing)
    type(ada.account).objects.update(cash_as_of=timezone.now())

    assert (held, limits.withdrawable(account=ada.account)) == (Decimal("600.00"), Decimal("1000.00"))
    assert ada.move("400.00", OUT).sending == states.ACCEPTED
    assert len(ada.at_the_broker()) == 1


@pytest.mark.parametrize("sending", [state for state in states.SENDING_MOVES if state != states.UNKNOWN])
def test_only_what_is_unknown_is_looked_up(ada: Customer, sending: str) -> None:
    in_doubt(ada.relationship, sending, alpaca_id=None if sending in states.NEVER_HAPPENED else "known")

    assert resolving.resolve_due(now=timezone.now() + timedelta(days=1)) == 0

    assert not Lookup.objects.exists()


def test_looking_up_never_sends(ada: Customer, sandbox: Sandbox, clocks: Clocks) -> None:
    transfer = lost(ada, kind="drop_before_commit")
    fault(sandbox, "status", POST, times=EVER, status=500)

    for minutes in (1, 2, 10, 30, 20):
        clocks.advance(minutes=minutes)
        work()

    assert sandbox.get("/control/faults")[-1]["fired"] == 0
    assert transfer.lookups.filter(complete=True).count() >= 4
    assert StreamCursor.objects.filter(name=settlement.STREAM).exists()


# --- What the news says against the list ------------------------------------------------------------------------------


def certain_by_the_list(transfer: Transfer) -> None:
    looked_up(transfer, 0.1, 2, 10, 30)
    stream_read(transfer, 61)


def hear(transfer: Transfer, alpaca_id: str) -> None:
    resolving.hear_of_stranger(account_id=transfer.brokerage_account.alpaca_id, alpaca_id=alpaca_id)


def test_what_the_news_named_and_the_list_hides_is_for_a_person(missing: Transfer) -> None:
    certain_by_the_list(missing)
    hear(missing, "one-that-the-list-hides")

    assert resolve(missing).sending == states.REVIEW
    assert missing.events.get(after=states.REVIEW).evidence["candidates"] == ["one-that-the-list-hides"]


def test_a_worker_that_hears_of_one_certifies_nothing_against_it(
    clocks: Clocks, ada: Customer, sandbox: Sandbox
) -> None:
    transfer = lost(ada, "400.00", OUT)
    fault(sandbox, "hide_recent", LIST, times=EVER, seconds=100_000)

    for _ in range(70):
        clocks.advance(minutes=1)
        work()

    assert read_anew(transfer).sending == states.REVIEW
    assert len(ada.at_the_broker()) == 1


def test_what_the_news_named_and_the_list_shows_as_another_is_no_doubt(missing: Transfer, ada: Customer) -> None:
    certain_by_the_list(missing)
    hear(missing, ada.made_elsewhere("7.00", OUT))

    assert resolve(missing).sending == states.NOT_CREATED


def test_what_the_news_named_and_we_hold_is_no_doubt(missing: Transfer) -> None:
    certain_by_the_list(missing)
    known = make.transfer(ACHRelationship.objects.get(), "3.00")
    hear(missing, known.alpaca_id or "")

    assert resolve(missing).sending == states.NOT_CREATED


def test_hearing_of_one_again_is_nothing_new_and_no_look_up(missing: Transfer) -> None:
    due = resolving.next_lookup_at(missing)

    for _ in range(3):
        hear(missing, "the-same")

    assert missing.lookups.filter(heard=True).count() == 1
    assert resolving.next_lookup_at(missing) == due
