"""The broker's own blocks on an account: what they let move, decided under the lock, and again before it is sent."""

import pytest

from accounts.models import BrokerageAccount
from funding import states
from funding.models import DebitAuthorization, Transfer
from funding.operations import left_behind, transfers
from tests.funding.standing import IN, OUT, SENDER, Clocks, Customer, read_anew

# What the broker has blocked, why it lets them sell alone, and which ways that leaves.
BLOCKS: list[tuple[list[str], list[str], set[str]]] = [
    ([], [], {IN, OUT}),
    (["account_blocked"], [], set()),
    (["transfers_blocked"], [], set()),
    (["incoming_transfers_blocked"], [], {OUT}),
    (["outgoing_transfers_blocked"], [], {IN}),
    (["incoming_transfers_blocked", "outgoing_transfers_blocked"], [], set()),
    (["trading_blocked"], [], {IN, OUT}),
    (["a_block_of_tomorrow"], [], {IN, OUT}),
    ([], ["ach_return"], {IN, OUT}),
    (["outgoing_transfers_blocked"], ["ach_return"], {IN}),
]
NAMES = [", ".join([*blocks, *sells_only]) or "nothing" for blocks, sells_only, _ in BLOCKS]
EACH = pytest.mark.parametrize(("blocks", "sells_only", "open_ways"), BLOCKS, ids=NAMES)
WAYS = pytest.mark.parametrize("direction", [IN, OUT])


def block(blocks: list[str], sells_only: list[str]) -> None:
    """Let the broker's word on every account change, as a worker writes it."""
    BrokerageAccount.objects.update(blocks=blocks, liquidation_only=sells_only)


@EACH
@WAYS
def test_a_block_that_came_after_the_page_is_met_under_the_lock(
    ada: Customer, blocks: list[str], sells_only: list[str], open_ways: set[str], direction: str
) -> None:
    block(blocks, sells_only)
    assert ada.account.blocks == []  # what the page had read says nothing of it

    if direction in open_ways:
        assert ada.ask("50.00", direction).sending == states.RESERVED
    else:
        with pytest.raises(transfers.AccountBlocked):
            ada.ask("50.00", direction)
        assert (Transfer.objects.count(), DebitAuthorization.objects.count()) == (0, 0)


@EACH
@WAYS
def test_what_was_reserved_before_a_block_waits_here(
    ada: Customer, clocks: Clocks, blocks: list[str], sells_only: list[str], open_ways: set[str], direction: str
) -> None:
    transfer = ada.ask("50.00", direction)
    block(blocks, sells_only)

    transfers.send(transfer=transfer, sender=SENDER)

    goes = direction in open_ways
    assert read_anew(transfer).sending == (states.ACCEPTED if goes else states.RESERVED)
    assert len(ada.at_the_broker()) == int(goes)

    clocks.advance(minutes=1)
    assert left_behind.send_reserved(sender=SENDER) == 0
    block([], [])
    left_behind.send_reserved(sender=SENDER)

    assert read_anew(transfer).sending == states.ACCEPTED
    assert len(ada.at_the_broker()) == 1


@EACH
def test_a_block_between_the_look_and_the_claim_is_met(
    ada: Customer, blocks: list[str], sells_only: list[str], open_ways: set[str]
) -> None:
    transfer = ada.ask("50.00", OUT)
    assert transfers._may_go_now(transfer)

    block(blocks, sells_only)

    assert transfers._claim(transfer, SENDER) is (OUT in open_ways)


@EACH
def test_the_question_about_many_is_the_question_about_one(
    ada: Customer, blocks: list[str], sells_only: list[str], open_ways: set[str]
) -> None:
    for direction in (IN, OUT):
        ada.ask("50.00", direction)

    block(blocks, sells_only)

    account = read_anew(ada.account)
    assert {each.direction for each in Transfer.objects.unhindered()} == open_ways
    assert (account.takes_deposits, account.takes_withdrawals) == (IN in open_ways, OUT in open_ways)


@pytest.mark.parametrize("status", ["ACCOUNT_UPDATED", "ACCOUNT_CLOSED", "LEVITATING", "LIMITED", "APPROVED"])
@WAYS
def test_money_moves_only_while_the_account_is_active(ada: Customer, status: str, direction: str) -> None:
    BrokerageAccount.objects.update(status=status)

    with pytest.raises(transfers.AccountNotActive):
        ada.ask("50.00", direction)
