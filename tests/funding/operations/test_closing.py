"""Closing an account: only when it is empty, once, and with its bank let go afterwards."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from accounts.models import BrokerageAccount, Notice
from funding import states
from funding.models import ACHRelationship, Closing, Freeze, Transfer
from funding.operations import closing, limits, transfers
from tests import make
from tests.accounts.changing import Holder
from tests.funding.standing import IN, OUT, Clocks, Customer, at_once, fault, open_customer, work
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db
CLOSE = "POST /broker/v1/accounts/*/actions/close"


@pytest.fixture
def empty(clocks: Clocks, sandbox: Sandbox) -> Customer:
    """Ada, whose account is empty, and whose bank is linked."""
    return open_customer(sandbox)


def request(of: Customer | Holder) -> Closing:
    return closing.request(
        account=of.account,
        form_key=closing.form_key(account=of.account),
        visit=make.VISIT,
    )


def close(of: Customer) -> Closing:
    made = request(of)
    closing.send(closing=made, sender="a test")
    made.refresh_from_db()
    return made


def status_there(of: Customer) -> str:
    [found] = [row for row in of.sandbox.get("/control/state")["accounts"] if row["id"] == of.account.alpaca_id]
    status: str = found["status"]
    return status


def test_an_empty_account_is_closed_and_its_bank_let_go(empty: Customer, clocks: Clocks) -> None:
    made = close(empty)

    empty.account.refresh_from_db()
    assert (made.status, empty.account.status, status_there(empty)) == (states.DONE, "ACCOUNT_CLOSED", "ACCOUNT_CLOSED")
    assert Notice.objects.filter(title="Your brokerage account is closed").count() == 1
    empty.sandbox.post(f"/control/relationships/{empty.relationship.alpaca_id}", status=states.CANCELED)
    clocks.advance(minutes=2)
    work()
    link = ACHRelationship.objects.select_related("item").get()
    assert link.ended_at is not None
    assert (link.ending_because, link.login.access_token) == ("UNLINKED", "")


def test_the_bank_of_an_account_that_the_broker_closed_is_let_go_too(empty: Customer) -> None:
    BrokerageAccount.objects.update(status="ACCOUNT_CLOSED")

    work()

    assert ACHRelationship.objects.get().ending_because == "UNLINKED"


# --- What has to be so before -----------------------------------------------------------------------------------------


def frozen(of: Customer) -> None:
    Freeze.objects.create(brokerage_account=of.account, because="a test", frozen_by="a test")


def cash(of: Customer) -> None:
    of.sandbox.post("/control/balances", account_id=of.account.alpaca_id, amount="10.00")


def owing(of: Customer) -> None:
    of.sandbox.post("/control/balances", account_id=of.account.alpaca_id, amount="-10.00")


def moving(of: Customer) -> None:
    of.move("50.00")


def in_doubt(of: Customer) -> None:
    make.transfer(of.relationship, sending=states.UNKNOWN)


def unsent(of: Customer) -> None:
    of.ask("50.00")


def under_way(of: Customer) -> None:
    Holder(of.user, of.account, of.sandbox).ask()


def not_open(of: Customer) -> None:
    BrokerageAccount.objects.update(status="SUBMITTED")


def no_figures(of: Customer) -> None:
    fault(of.sandbox, "bad_gateway", "GET /broker/v1/trading/accounts/*/account")


def no_positions(of: Customer) -> None:
    fault(of.sandbox, "bad_gateway", "GET /broker/v1/trading/accounts/*/positions")


def invested(of: Customer) -> None:
    share = {"symbol": "AAPL", "asset_id": "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415", "qty": "1.5"}
    route = "GET /broker/v1/trading/accounts/*/positions"
    fault(of.sandbox, "status", route, status=200, body=[share], times=5)


@pytest.mark.parametrize(
    "hinders",
    [frozen, cash, owing, moving, in_doubt, unsent, under_way, not_open, no_figures, no_positions, invested],
)
def test_an_account_that_is_not_ready_is_not_closed(empty: Customer, hinders: Callable[[Customer], None]) -> None:
    hinders(empty)
    empty.account.refresh_from_db()

    with pytest.raises(closing.NotReady):
        request(empty)

    assert not Closing.objects.exists()
    assert status_there(empty) == "ACTIVE"


def test_what_is_held_is_named(empty: Customer) -> None:
    invested(empty)
    cash(empty)

    standing = closing.look(account=empty.account)

    assert (standing.positions, standing.cash) == (("AAPL",), Decimal("10.00"))


# --- No transfer beside it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", [IN, OUT])
def test_while_it_is_closed_no_transfer_is_reserved(empty: Customer, direction: str) -> None:
    request(empty)

    with pytest.raises(transfers.AccountClosing):
        empty.ask("50.00", direction)

    assert not Transfer.objects.exists()


def test_called_off_transfers_go_on(empty: Customer) -> None:
    made = request(empty)

    assert closing.call_off(closing=made, actor="a test")
    assert empty.ask("50.00").sending == states.RESERVED
    closing.send(closing=made, sender="a worker")
    assert status_there(empty) == "ACTIVE"


def test_what_may_have_reached_the_broker_is_not_called_off(empty: Customer, clocks: Clocks) -> None:
    made, before = request(empty), Closing.objects.get()
    fault(empty.sandbox, "drop_before_commit", CLOSE)
    closing.send(closing=made, sender="a test")
    made.refresh_from_db()
    assert (made.status, made.can_be_called_off) == (states.RESERVED, False)

    for each in (made, before):  # the page may have read it before the attempt
        assert not closing.call_off(closing=each, actor="a test")
    clocks.advance(minutes=2)
    work()

    made.refresh_from_db()
    assert (made.status, status_there(empty)) == (states.DONE, "ACCOUNT_CLOSED")


def test_a_closing_whose_sender_died_is_not_called_off(empty: Customer, clocks: Clocks) -> None:
    made = request(empty)
    made.move(states.SENDING, actor="a test")
    clocks.advance(minutes=5)
    closing.pick_up_left_behind(sender="a worker")
    made.refresh_from_db()
    closing.look_up(closing=made, sender="a worker")

    assert made.status == states.RESERVED
    assert not closing.call_off(closing=made, actor="a test")


@pytest.mark.django_db(transaction=True)
def test_of_a_closing_and_a_transfer_at_one_moment_one_is_reserved(sandbox: Sandbox) -> None:
    for number in range(6):
        ada = open_customer(sandbox, f"ada{number}@example.com")
        expected = (closing.NotReady, transfers.AccountClosing)

        came = at_once(partial(request, ada), partial(ada.ask, "50.00"))

        made = [each for each in came if not isinstance(each, Exception)]
        assert len(made) == 1
        assert all(isinstance(each, (*expected, Closing, Transfer)) for each in came)


@pytest.mark.django_db(transaction=True)
def test_a_crowd_of_clicks_makes_one_closing(sandbox: Sandbox) -> None:
    ada = open_customer(sandbox)
    key = closing.form_key(account=ada.account)

    def click() -> Closing:
        made = closing.request(account=ada.account, form_key=key, visit=make.VISIT)
        closing.send(closing=made, sender="a test")
        return made

    at_once(*[click] * 5)

    made = Closing.objects.get()
    assert [event.after for event in made.events.all()] == ["RESERVED", "SENDING", "DONE"]


# --- What the broker says ---------------------------------------------------------------------------------------------


def test_a_closing_waits_while_the_account_is_frozen(empty: Customer, clocks: Clocks) -> None:
    fault(empty.sandbox, "drop_before_commit", CLOSE)
    made = close(empty)
    assert made.status == states.RESERVED
    Freeze.objects.create(brokerage_account=empty.account, because="a return", frozen_by="worker")
    clocks.advance(minutes=1)

    closing.pick_up_left_behind(sender="a worker")

    made.refresh_from_db()
    assert (made.status, made.tries, status_there(empty)) == (states.RESERVED, 1, "ACTIVE")

    Freeze.objects.all().delete()
    clocks.advance(minutes=6)
    closing.pick_up_left_behind(sender="a worker")

    assert status_there(empty) == "ACCOUNT_CLOSED"


def test_a_refusal_leaves_all_as_it_was(empty: Customer) -> None:
    made = request(empty)
    cash(empty)

    closing.send(closing=made, sender="a test")

    made.refresh_from_db()
    assert (made.status, status_there(empty)) == (states.REFUSED, "ACTIVE")
    assert Notice.objects.get(user=empty.user).title == "Your brokerage account is not closed"
    limits.cash_of(account=empty.account)
    assert empty.ask("50.00").sending == states.RESERVED


def test_an_account_that_is_closed_already_is_closed(empty: Customer) -> None:
    made = request(empty)
    empty.sandbox.post(f"/control/accounts/{empty.account.alpaca_id}", status="ACCOUNT_CLOSED")

    closing.send(closing=made, sender="a test")

    made.refresh_from_db()
    assert made.status == states.DONE
