"""Reserving a transfer: one for each form, and only where money may move."""

import uuid
from decimal import Decimal

import pytest
from pytest_django import Settings

from accounts import states as account_states
from accounts.models import BrokerageAccount
from funding import states
from funding.models import ACHRelationship, DebitAuthorization, SendAttempt, Transfer
from funding.operations import limits, transfers
from tests import make
from tests.funding.standing import IN, OUT, SENDER, Customer, in_doubt, lost, open_customer, read_anew
from tests.harness.sandbox import Sandbox


def request(customer: Customer, amount: str, key: uuid.UUID, direction: str = IN) -> Transfer:
    return transfers.request_transfer(
        user=customer.user,
        account=customer.account,
        direction=direction,
        amount=Decimal(amount),
        form_key=key,
        visit=make.VISIT,
        agreed_to=customer.agreed_to(amount),
    )


def test_the_same_form_gives_back_the_same_transfer(ada: Customer) -> None:
    key = transfers.form_key(user=ada.user, direction=IN)

    first = request(ada, "50.00", key)
    transfers.send(transfer=first, sender=SENDER)
    again = [request(ada, "50.00", key) for _ in range(3)]

    assert {each.pk for each in again} == {first.pk}
    assert Transfer.objects.count() == DebitAuthorization.objects.count() == 1


@pytest.mark.parametrize(("amount", "direction"), [("50.01", IN), ("50.00", OUT)])
def test_a_form_is_good_for_one_amount_and_one_way(ada: Customer, amount: str, direction: str) -> None:
    key = transfers.form_key(user=ada.user, direction=IN)
    request(ada, "50.00", key)

    with pytest.raises(transfers.FormUsedAlready):
        request(ada, amount, key, direction)

    assert Transfer.objects.count() == 1


NO_AMOUNTS = [
    "0",
    "-1",
    "-0.01",
    "0.001",
    "10.005",
    "0.99",
    "NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    "9" * 10_000,
    "1E+9",
]


@pytest.mark.parametrize("direction", [IN, OUT])
@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=lambda text: text[:12])
def test_what_is_no_amount_reserves_nothing(ada: Customer, amount: str, direction: str) -> None:
    with pytest.raises((transfers.AmountNotPossible, limits.LimitReached)):
        transfers.request_transfer(
            user=ada.user,
            account=ada.account,
            direction=direction,
            amount=Decimal(amount),
            form_key=transfers.form_key(user=ada.user, direction=direction),
            visit=make.VISIT,
            agreed_to="0" * 64,
        )

    assert not Transfer.objects.exists()
    assert not DebitAuthorization.objects.exists()


def test_an_amount_written_otherwise_is_the_same_amount(ada: Customer) -> None:
    key = transfers.form_key(user=ada.user, direction=OUT)

    made = [request(ada, amount, key, OUT) for amount in ("100.00", "1E+2", "100.000")]

    assert {each.pk for each in made} == {Transfer.objects.get().pk}
    assert str(made[0].amount) == "100.00"


LIMITS = ["TRANSFER_LIMIT", "TRANSFER_LIMIT_PER_DAY", "TRANSFER_LIMIT_PER_30_DAYS", "BROKER_LIMIT_PER_DAY"]


@pytest.mark.parametrize("direction", [IN, OUT])
@pytest.mark.parametrize("limit", LIMITS)
def test_a_cent_above_any_limit_reserves_nothing(ada: Customer, settings: Settings, limit: str, direction: str) -> None:
    setattr(settings, limit, "100.00")

    with pytest.raises(limits.LimitReached, match=r"\$100\.00"):
        ada.ask("100.01", direction)

    assert not Transfer.objects.exists()
    assert ada.ask("100.00", direction).sending == states.RESERVED


def test_another_persons_account_reserves_nothing(ada: Customer, sandbox: Sandbox) -> None:
    grace = open_customer(sandbox, "grace@example.com", cash="1000.00")

    for user, account in ((ada.user, grace.account), (grace.user, ada.account)):
        with pytest.raises(BrokerageAccount.DoesNotExist):
            transfers.request_transfer(
                user=user,
                account=account,
                direction=OUT,
                amount=Decimal("5.00"),
                form_key=transfers.form_key(user=user, direction=OUT),
                visit=make.VISIT,
            )

    assert not Transfer.objects.exists()


def test_yesterdays_form_gives_back_yesterdays_transfer(ada: Customer) -> None:
    key = transfers.form_key(user=ada.user, direction=OUT)
    first = request(ada, "50.00", key, OUT)
    transfers.send(transfer=first, sender=SENDER)
    second = ada.move("70.00", OUT)

    assert request(ada, "50.00", key, OUT).pk == first.pk
    with pytest.raises(transfers.FormUsedAlready):
        request(ada, "70.00", key, OUT)
    assert {each.pk for each in Transfer.objects.all()} == {first.pk, second.pk}


def test_a_form_of_nobody_is_refused(ada: Customer, sandbox: Sandbox) -> None:
    grace = open_customer(sandbox, "grace@example.com")
    other_way = transfers.form_key(user=ada.user, direction=OUT)

    for key in (uuid.uuid4(), uuid.UUID(int=0), transfers.form_key(user=grace.user, direction=IN), other_way):
        with pytest.raises(transfers.FormOutOfDate):
            request(ada, "50.00", key)

    assert not Transfer.objects.exists()


def test_every_debit_has_its_authorization(ada: Customer) -> None:
    transfer = ada.ask("50.00")

    found = DebitAuthorization.objects.get(transfer=transfer)
    assert "$50.00" in found.text
    assert (found.amount, found.relationship, found.ip_address) == (
        transfer.amount,
        transfer.relationship,
        make.VISIT.ip_address,
    )
    assert found.created_at <= transfer.created_at


@pytest.mark.parametrize("shown", ["", "0" * 64, "another amount", "another bank"])
def test_only_the_words_that_were_shown_are_agreed_to(ada: Customer, shown: str) -> None:
    shown = ada.agreed_to("50.01") if shown == "another amount" else shown
    if shown == "another bank":
        shown = ada.agreed_to("50.00")
        ACHRelationship.objects.update(mask="9999")

    with pytest.raises(transfers.WordsChanged):
        transfers.request_transfer(
            user=ada.user,
            account=ada.account,
            direction=IN,
            amount=Decimal("50.00"),
            form_key=transfers.form_key(user=ada.user, direction=IN),
            visit=make.VISIT,
            agreed_to=shown,
        )

    assert not Transfer.objects.exists()
    assert not DebitAuthorization.objects.exists()


@pytest.mark.parametrize("sending", sorted(states.IN_DOUBT))
def test_another_transfer_waits_while_one_is_in_doubt(ada: Customer, sending: str) -> None:
    in_doubt(ada.relationship, sending)

    with pytest.raises(transfers.TransferInDoubt):
        ada.ask("10.00", IN)

    assert ada.ask("10.00", OUT).sending == states.RESERVED


def test_the_hold_stays_until_the_doubt_is_over(ada: Customer) -> None:
    before = limits.withdrawable(account=ada.account)
    transfer = lost(ada, "400.00", OUT, kind="drop_before_commit")
    during = limits.withdrawable(account=ada.account)
    transfer.move_sending(states.NOT_CREATED, actor="worker")

    assert (before, during) == (Decimal("1000.00"), Decimal("600.00"))
    assert limits.withdrawable(account=ada.account) == before


@pytest.mark.parametrize("status", ["APPROVAL_PENDING", "ACCOUNT_UPDATED", "ACCOUNT_CLOSED", "REJECTED", "NEW_WORD"])
def test_money_moves_only_while_the_account_is_active(ada: Customer, status: str) -> None:
    waiting = ada.ask("50.00")
    type(ada.account).objects.update(status=status)

    transfers.send(transfer=waiting, sender=SENDER)
    with pytest.raises(transfers.AccountNotActive):
        ada.ask("50.00", OUT)

    assert read_anew(waiting).sending == states.RESERVED
    assert not SendAttempt.objects.exists()
    assert status != account_states.ACTIVE


def test_nothing_is_sent_on_a_bank_that_was_suspended_meanwhile(ada: Customer) -> None:
    waiting = ada.ask("50.00")
    ada.relationship.suspend(because="the account is closed", actor="broker")

    transfers.send(transfer=waiting, sender=SENDER)
    with pytest.raises(transfers.RelationshipNotUsable):
        ada.ask("50.00", OUT)

    assert read_anew(waiting).sending == states.RESERVED
    assert ada.at_the_broker() == []


@pytest.mark.parametrize("direction", [IN, OUT])
def test_an_intent_keeps_what_it_was_decided_on(ada: Customer, settings: Settings, direction: str) -> None:
    settings.TRANSFER_LIMIT_PER_DAY = "40000.00"

    transfer = ada.ask("50.00", direction)

    decided_on = transfer.events.get().evidence
    assert decided_on["limits"].items() >= {"one transfer": "25000.00", "one day": "40000.00"}.items()
    assert decided_on.get("cash") == ("1000.00" if direction == OUT else None)
    assert decided_on.get("cash_as_of") == (str(ada.account.cash_as_of).replace(" ", "T") if direction == OUT else None)
