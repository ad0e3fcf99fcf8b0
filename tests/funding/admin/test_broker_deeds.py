"""What ops ask of the broker about one row: what differs is taken over and said, and a broker that is away is, too."""

from decimal import Decimal

import pytest
from pytest_django import Settings

from funding import states
from funding.models import Transfer
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.standing import Customer, fault, lost, read_anew
from tests.harness.sandbox import Sandbox

AWAY = "http://127.0.0.1:9"
SAME = "The broker says what we have."


def said(desk: AtTheDesk, url: str) -> str:
    """Press the button, and return what the page after it reports."""
    return desk.press(url).split("Log out")[1][:600]


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person())


def test_a_transfer_is_read_again_with_what_differs(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    transfer = ada.move("50.00")
    assert SAME in said(desk, page(transfer, "read"))
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="settle")

    told = said(desk, page(transfer, "read"))

    assert "ours QUEUED, the broker's COMPLETE." in told
    assert read_anew(transfer).status == states.COMPLETE


def test_what_else_of_the_account_differs_is_counted(desk: AtTheDesk, ada: Customer) -> None:
    transfer = ada.move("50.00")
    ada.made_elsewhere("7.00")

    assert f"{SAME} Beside it, 1 more of this account differed." in said(desk, page(transfer, "read"))
    assert Transfer.objects.filter(origin=Transfer.Origin.EXTERNAL, amount=Decimal("7.00")).exists()


def test_one_whose_outcome_is_unknown_is_looked_for(desk: AtTheDesk, ada: Customer) -> None:
    transfer = lost(ada)

    assert "its outcome is known: ACCEPTED" in said(desk, page(transfer, "read"))
    assert read_anew(transfer).sending == states.ACCEPTED


def test_one_that_is_not_there_goes_on_being_looked_for(desk: AtTheDesk, ada: Customer) -> None:
    transfer = lost(ada, kind="drop_before_commit")

    told = said(desk, page(transfer, "read"))

    assert "not in the broker's list; it is looked for again" in told
    assert read_anew(transfer).sending == states.UNKNOWN


def test_a_bank_account_is_read_again_with_what_differs(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    bank = ada.relationship
    assert SAME in said(desk, page(bank, "read-broker"))
    sandbox.post(f"/control/relationships/{bank.alpaca_id}", status="CANCELED")

    told = said(desk, page(bank, "read-broker"))

    assert "CANCELED" in told or "not in the broker's list" in told
    assert SAME not in told


def test_an_account_is_read_again_with_its_cash(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    assert "Read: another account number; cash" not in said(desk, page(ada.account, "read"))
    assert SAME in said(desk, page(ada.account, "read"))
    sandbox.post("/control/balances", account_id=ada.account.alpaca_id, amount="5.00")

    told = said(desk, page(ada.account, "read"))

    assert "cash $1,000.00 → " in told
    assert read_anew(ada.account).cash != Decimal("1000.00")


@pytest.mark.parametrize("what", ["transfer", "unknown", "bank", "account"])
def test_a_broker_that_is_away_is_said_and_nothing_is_changed(
    desk: AtTheDesk, ada: Customer, settings: Settings, what: str
) -> None:
    transfer = lost(ada) if what == "unknown" else ada.move("50.00")
    url = {"bank": page(ada.relationship, "read-broker"), "account": page(ada.account, "read")}
    before = transfer.sending, transfer.status
    settings.BROKER_BASE_URL = AWAY

    told = said(desk, url.get(what, page(transfer, "read")))

    assert "Not done:" in told
    assert SAME not in told
    assert (read_anew(transfer).sending, transfer.status) == before


def test_a_broker_that_answers_nonsense_is_away(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    transfer = ada.move("50.00")
    fault(sandbox, "status", "GET /broker/v1/accounts/*/transfers", times=5, status=500)

    assert "Not done: the broker did not answer" in said(desk, page(transfer, "read"))


def test_what_the_broker_has_not_heard_of_is_not_asked_for(desk: AtTheDesk, ada: Customer) -> None:
    transfer = ada.ask("50.00")

    assert "The broker has not heard of this transfer." in desk.press(page(transfer, "read"), status=409)
    assert "Read it from the broker again" not in desk.read(page(transfer)).split("What the customer sees")[0]
