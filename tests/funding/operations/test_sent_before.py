"""A transfer that our books call not sent, and the broker holds: it is found there, and not sent a second time."""

import pytest

from funding import states
from funding.models import Transfer
from funding.operations import left_behind, reviewing, transfers
from tests import make
from tests.funding import books
from tests.funding.standing import IN, LIST, OUT, SENDER, Clocks, Customer, fault, open_customer, read_anew
from tests.harness.sandbox import Sandbox


@pytest.fixture
def ada(clocks: Clocks, sandbox: Sandbox, db: None) -> Customer:
    return open_customer(sandbox, cash="1000.00")


def reserved(ada: Customer, clocks: Clocks, direction: str = IN) -> Transfer:
    """Reserve one and let some seconds pass, in which nobody sends it."""
    transfer = ada.ask("50.00", direction)
    clocks.advance(seconds=5)
    return transfer


def send_what_waits() -> None:
    left_behind.send_reserved(sender="a worker")


@pytest.mark.parametrize("direction", [IN, OUT])
def test_one_that_the_broker_holds_is_adopted_and_not_sent(ada: Customer, clocks: Clocks, direction: str) -> None:
    transfer = reserved(ada, clocks, direction)
    theirs = ada.made_elsewhere("50.00", direction)

    send_what_waits()

    read_anew(transfer)
    assert (transfer.sending, transfer.alpaca_id) == (states.ACCEPTED, theirs)
    assert len(ada.at_the_broker()) == 1
    steps = transfer.events.filter(field="sending").values_list("after", flat=True)
    assert set(steps) == {states.RESERVED, states.SENDING, states.UNKNOWN, states.ACCEPTED}
    assert transfer.cleared_by is None or transfer.cleared_by.actor == "look-up"


def test_one_that_the_broker_does_not_hold_is_sent(ada: Customer, clocks: Clocks) -> None:
    transfer = reserved(ada, clocks)
    ada.made_elsewhere("51.00")
    ada.made_elsewhere("50.00", OUT)

    send_what_waits()

    assert read_anew(transfer).sending == states.ACCEPTED
    assert len(ada.at_the_broker()) == 3


def test_one_like_it_that_is_bound_to_an_intent_is_not_it(ada: Customer, clocks: Clocks) -> None:
    ada.move("50.00")
    transfer = reserved(ada, clocks)

    send_what_waits()

    assert read_anew(transfer).sending == states.ACCEPTED
    assert len(ada.at_the_broker()) == 2


def test_one_like_it_of_long_before_is_not_it(ada: Customer, clocks: Clocks) -> None:
    ada.made_elsewhere("50.00")
    clocks.advance(minutes=11)
    transfer = reserved(ada, clocks)

    send_what_waits()

    assert read_anew(transfer).sending == states.ACCEPTED
    assert len(ada.at_the_broker()) == 2


def test_two_like_it_are_for_a_person(ada: Customer, clocks: Clocks) -> None:
    transfer = reserved(ada, clocks)
    both = {ada.made_elsewhere("50.00") for _ in range(2)}

    send_what_waits()

    assert read_anew(transfer).sending == states.REVIEW
    assert {each.theirs.alpaca_id for each in reviewing.candidates(transfer=transfer)} == both
    assert len(ada.at_the_broker()) == 2


@pytest.mark.parametrize(
    "trouble",
    [
        {"kind": "bad_gateway"},
        {"kind": "short_answer"},
        {"kind": "patch_after_commit", "patch": {"amount": None, "requested_amount": None}},
    ],
    ids=lambda trouble: trouble["kind"],
)
def test_one_waits_while_the_list_tells_nothing(ada: Customer, clocks: Clocks, trouble: dict[str, object]) -> None:
    transfer = reserved(ada, clocks)
    ada.made_elsewhere("50.00")
    fault(ada.sandbox, route=LIST, **trouble)  # type: ignore[arg-type]

    send_what_waits()

    assert read_anew(transfer).sending == states.RESERVED
    assert len(ada.at_the_broker()) == 1
    send_what_waits()
    assert read_anew(transfer).sending == states.ACCEPTED
    assert len(ada.at_the_broker()) == 1


def test_one_reserved_just_now_is_sent_without_a_look(ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "bad_gateway", LIST)

    assert ada.move("50.00").sending == states.ACCEPTED


@pytest.mark.parametrize("dry_run", [False, True])
def test_reconciliation_takes_it_for_ours_and_not_for_one_made_elsewhere(
    ada: Customer, clocks: Clocks, dry_run: bool
) -> None:
    transfer = reserved(ada, clocks)
    theirs = ada.made_elsewhere("50.00")

    found = books.compare(dry_run=dry_run)

    assert [(finding.code, finding.mended) for finding in found] == [("ADOPTABLE", True)]
    assert read_anew(transfer).alpaca_id == (None if dry_run else theirs)
    assert Transfer.objects.count() == 1
    send_what_waits()
    assert len(ada.at_the_broker()) == 1


def test_a_held_one_is_left_to_a_person_and_not_sent_when_it_is_allowed(ada: Customer, clocks: Clocks) -> None:
    transfer = reserved(ada, clocks)
    transfer.move_sending(states.HELD, actor="a test")
    theirs = ada.made_elsewhere("50.00")

    found = books.compare()
    transfer.move_sending(states.RESERVED, actor="a test")
    send_what_waits()

    assert [(finding.code, finding.mended) for finding in found] == [("MAY_BE_OURS", False)]
    assert read_anew(transfer).alpaca_id == theirs
    assert len(ada.at_the_broker()) == 1


def test_one_that_was_taken_in_meanwhile_is_for_a_person(ada: Customer, clocks: Clocks) -> None:
    transfer = reserved(ada, clocks)
    theirs = ada.made_elsewhere("50.00")
    taken_in = make.transfer(
        ada.relationship, "50.00", origin=Transfer.Origin.EXTERNAL, form_key=None, alpaca_id=theirs, allowed=False
    )
    taken_in.events.create(field="sending", after=states.ACCEPTED, actor="reconciliation")

    send_what_waits()

    assert read_anew(transfer).sending == states.REVIEW
    assert len(ada.at_the_broker()) == 1


def test_one_that_was_taken_in_before_is_not_it(ada: Customer, clocks: Clocks) -> None:
    ada.made_elsewhere("50.00")
    books.compare()
    clocks.advance(seconds=1)
    transfer = reserved(ada, clocks)

    send_what_waits()

    assert read_anew(transfer).sending == states.ACCEPTED
    assert len(ada.at_the_broker()) == 2


def test_a_page_from_before_one_was_taken_in_confirms_nothing(ada: Customer) -> None:
    key = transfers.form_key(user=ada.user, direction=IN)
    ada.made_elsewhere("50.00")
    books.compare()

    with pytest.raises(transfers.FormOutOfDate):
        transfers.request_transfer(
            user=ada.user, account=ada.account, direction=IN, amount=Transfer.objects.get().amount, form_key=key,
            visit=make.VISIT, agreed_to=ada.agreed_to("50.00"),
        )  # fmt: skip


def test_a_second_sender_finds_nothing_left_to_take_up(ada: Customer, clocks: Clocks) -> None:
    """The list shows what another process has sent meanwhile."""
    transfer = reserved(ada, clocks)
    stale = Transfer.objects.select_related("brokerage_account", "relationship").get(pk=transfer.pk)
    send_what_waits()
    clocks.advance(seconds=1)

    transfers.send(transfer=stale, sender=SENDER)

    assert read_anew(transfer).sending == states.ACCEPTED
    assert len(ada.at_the_broker()) == 1
