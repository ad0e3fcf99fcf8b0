"""The gate before a deposit: what it looks at, what it keeps, and that there is no way round it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from brokerage.gateways.errors import patience
from funding import risk_rules, states
from funding.models import Brake, RiskDecision, SendAttempt, Transfer
from funding.operations import risk, transfers
from tests import make
from tests.brokerage.sandbox.bench import Bench
from tests.funding.standing import OUT, SENDER, Customer, at_once, fault, open_customer, read_anew, work
from tests.harness.sandbox import Sandbox

BALANCE = "POST /plaid/accounts/balance/get"
SIGNAL = "POST /plaid/signal/evaluate"
AWAY = ["drop_before_commit", "status", "short_answer", "garbage_after_commit", "hang_before_commit"]


def bank_with(customer: Customer, username: str) -> None:
    """Let the customer's bank account be the one of another of the sandbox's people."""
    login = Bench(customer.sandbox.url).bank_login(username)
    relationship = customer.relationship
    relationship.login.access_token = login.access_token
    relationship.login.save()
    relationship.plaid_account_id = login.account_id
    relationship.save()


def only_decision(transfer: Transfer) -> RiskDecision:
    return transfer.risk_decisions.get()


def test_a_deposit_that_the_bank_covers_goes_on(ada: Customer) -> None:
    transfer = ada.move("50.00")

    decision = only_decision(transfer)
    assert (transfer.sending, transfer.cleared_by) == (states.ACCEPTED, decision)
    assert (decision.outcome, decision.actor, decision.rules_version) == ("ALLOW", "risk gate", risk_rules.VERSION)
    assert decision.inputs["balance"] == "60000.00"
    assert decision.inputs["amount"] == "50.00"
    assert decision.at <= transfer.attempt.sent_at


def test_the_balance_decides_to_the_cent(ada: Customer) -> None:
    bank_with(ada, "user_low_balance")  # has $3.50

    assert ada.move("3.50").sending == states.ACCEPTED
    assert ada.move("3.51").sending == states.DECLINED
    assert len(ada.at_the_broker()) == 1


def test_a_bank_that_names_no_available_balance_is_taken_by_its_current_one(ada: Customer) -> None:
    bank_with(ada, "user_null_available")  # $110.00

    assert ada.move("110.00").sending == states.ACCEPTED
    assert ada.move("110.01").sending == states.DECLINED


def test_what_was_declined_says_why_and_another_may_be_asked_for(ada: Customer, client: Client) -> None:
    bank_with(ada, "user_low_balance")
    client.force_login(ada.user)

    declined = ada.move("50.00")

    page = client.get(declined.url).content.decode()
    assert "less in the account than that" in page
    assert "No money moved" in page
    assert ada.move("3.00").sending == states.ACCEPTED


@pytest.mark.parametrize("kind", AWAY)
@pytest.mark.parametrize(("setting", "expected"), [("decline", states.DECLINED), ("hold", states.HELD)])
def test_a_bank_that_cannot_be_asked_is_never_let_through(
    ada: Customer, settings: Settings, kind: str, setting: str, expected: str
) -> None:
    settings.RISK_WHEN_AWAY = setting
    more = {"status": 500} if kind == "status" else {"seconds": 30} if kind.startswith("hang") else {}
    fault(ada.sandbox, kind, BALANCE, times=9, **more)

    with patience(1):
        transfer = ada.move("50.00")

    assert transfer.sending == expected
    assert "the balance could not be had" in only_decision(transfer).reasons
    assert not SendAttempt.objects.exists()
    assert ada.at_the_broker() == []


def test_a_login_that_has_to_be_repaired_is_told(ada: Customer) -> None:
    Bench(ada.sandbox.url).plaid("sandbox/item/reset_login", access_token=ada.relationship.login.access_token)

    transfer = ada.move("50.00")

    assert transfer.sending == states.DECLINED
    assert only_decision(transfer).reasons == ["the bank wants a new sign-in"]


def test_signal_is_asked_where_it_is_switched_on(ada: Customer, settings: Settings) -> None:
    settings.RISK_SIGNAL = True

    reviewed = ada.move("10.00")

    assert only_decision(reviewed).inputs["signal"] == "ACCEPT"
    assert only_decision(reviewed).inputs["scores"]["customer_initiated_return_risk"] == 9


def test_signals_review_is_for_a_person(ada: Customer, settings: Settings) -> None:
    settings.RISK_SIGNAL, settings.RISK_NEW_BANK_LIMIT = True, "99999.00"
    settings.TRANSFER_LIMIT = settings.TRANSFER_LIMIT_PER_DAY = "60000.00"
    settings.BROKER_LIMIT_PER_DAY = settings.RISK_DEPOSITS_PER_WEEK = "99999.00"

    assert ada.move("50000.00").sending == states.HELD  # more than four fifths of what is there


def test_a_signal_that_cannot_be_asked_is_never_let_through(ada: Customer, settings: Settings) -> None:
    settings.RISK_SIGNAL = True
    fault(ada.sandbox, "status", SIGNAL, times=9, status=500)

    assert ada.move("50.00").sending == states.DECLINED


def test_an_id_that_signal_knows_already_is_no_end(ada: Customer, settings: Settings) -> None:
    settings.RISK_SIGNAL = True
    transfer = ada.ask("50.00")
    fault(ada.sandbox, "drop_after_commit", SIGNAL)

    transfers.send(transfer=transfer, sender=SENDER)
    again = ada.ask("50.00")
    Bench(ada.sandbox.url).plaid(
        "signal/evaluate",
        access_token=ada.relationship.login.access_token,
        account_id=ada.relationship.plaid_account_id,
        client_transaction_id=str(again.pk),
        amount=50.0,
    )
    transfers.send(transfer=again, sender=SENDER)

    assert read_anew(transfer).sending == states.DECLINED
    assert read_anew(again).sending == states.ACCEPTED


def test_a_withdrawal_is_not_looked_at(ada: Customer) -> None:
    fault(ada.sandbox, "status", BALANCE, times=9, status=500)

    assert ada.move("50.00", OUT).sending == states.ACCEPTED
    assert not RiskDecision.objects.exists()


@pytest.mark.parametrize("sending", [states.SENDING, states.ACCEPTED, states.UNKNOWN, states.REVIEW, states.REFUSED])
def test_the_database_lets_no_deposit_through_that_the_gate_has_not(ada: Customer, sending: str) -> None:
    transfer = ada.ask("50.00")

    with pytest.raises(IntegrityError), transaction.atomic():
        Transfer.objects.filter(pk=transfer.pk).update(sending=sending, alpaca_id="some id")


def test_two_senders_at_once_decide_once(ada: Customer) -> None:
    transfer = ada.ask("50.00")
    first, second = (Transfer.objects.get(pk=transfer.pk) for _ in range(2))

    assert risk.clear(transfer=first)
    assert risk.clear(transfer=second)

    assert transfer.risk_decisions.count() == 1
    assert second.cleared_by == first.cleared_by


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_decide_once_and_send_once(sandbox: Sandbox) -> None:
    ada = open_customer(sandbox)
    transfer = ada.ask("50.00")

    def send() -> None:
        transfers.send(transfer=Transfer.objects.get(pk=transfer.pk), sender=SENDER)
        connection.close()

    at_once(*[send for _ in range(6)])

    assert transfer.risk_decisions.count() == SendAttempt.objects.count() == len(ada.at_the_broker()) == 1


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_ask_the_bank_once(sandbox: Sandbox) -> None:
    """What Plaid's limits refuse to the others is no answer of the bank's."""
    ada = open_customer(sandbox)
    transfer = ada.ask("50.00")
    fault(sandbox, "slow", BALANCE, seconds=1)
    fault(sandbox, "rate_limited", BALANCE, times=99)

    at_once(*[lambda: transfers.send(transfer=Transfer.objects.get(pk=transfer.pk), sender=SENDER)] * 6)

    assert read_anew(transfer).sending == states.ACCEPTED


def test_a_sender_that_died_over_its_question_is_overtaken(ada: Customer) -> None:
    transfer = ada.ask("50.00")
    turns = Transfer.objects.filter(pk=transfer.pk)
    turns.update(asking_until=timezone.now() + timedelta(seconds=60))

    assert not risk.clear(transfer=read_anew(transfer))
    turns.update(asking_until=timezone.now() - timedelta(seconds=1))
    assert risk.clear(transfer=read_anew(transfer))


# --- Held for a person ------------------------------------------------------------------------------------------------


@pytest.fixture
def held(ada: Customer, settings: Settings) -> Transfer:
    settings.RISK_NEW_BANK_LIMIT = "40.00"
    transfer = ada.move("50.00")
    assert transfer.sending == states.HELD
    return transfer


def test_a_held_one_is_sent_once_a_person_allows_it(ada: Customer, held: Transfer) -> None:
    person = make.user("ops@example.com", is_staff=True)
    work()
    waiting = ada.at_the_broker()

    risk.allow_held(transfer=held, because="called the customer", person=person)
    Transfer.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    work()

    assert waiting == []
    assert read_anew(held).sending == states.ACCEPTED
    assert len(ada.at_the_broker()) == 1
    assert [row.outcome for row in held.risk_decisions.all()] == ["HOLD", "ALLOW"]
    assert held.cleared_by is not None
    assert held.cleared_by.actor == f"ops {person.pk}"
    assert held.cleared_by.reasons == ["called the customer"]


def test_a_held_one_is_over_once_a_person_declines_it(ada: Customer, held: Transfer) -> None:
    person = make.user("ops@example.com", is_staff=True)

    risk.decline_held(transfer=held, because="could not be reached", person=person)

    assert read_anew(held).sending == states.DECLINED
    with pytest.raises(risk.NotHeld):
        risk.allow_held(transfer=held, because="too late", person=person)
    assert ada.move("10.00").sending == states.ACCEPTED


def test_another_deposit_waits_while_one_is_held(ada: Customer, held: Transfer) -> None:
    with pytest.raises(transfers.TransferInDoubt):
        ada.ask("10.00")


def test_a_customer_may_cancel_what_is_held(ada: Customer, held: Transfer, client: Client) -> None:
    client.force_login(ada.user)

    client.post(f"{held.url}cancel/")

    assert read_anew(held).sending == states.WITHDRAWN


def test_a_brake_stops_new_deposits_and_holds_what_waits(ada: Customer) -> None:
    waiting = ada.ask("50.00")
    Brake.objects.create(rate="unauthorized", returned=9, debits=100)

    transfers.send(transfer=waiting, sender=SENDER)
    with pytest.raises(transfers.DepositsPaused):
        ada.ask("10.00")

    assert read_anew(waiting).sending == states.HELD
    assert ada.move("10.00", OUT).sending == states.ACCEPTED


def test_velocity_is_counted_over_this_customers_deposits(ada: Customer, settings: Settings) -> None:
    settings.RISK_DEPOSITS_PER_DAY = 2
    grace = open_customer(ada.sandbox, "grace@example.com")

    made = [ada.move("10.00").sending for _ in range(3)]

    assert made == [states.ACCEPTED, states.ACCEPTED, states.HELD]
    assert grace.move("10.00").sending == states.ACCEPTED


def test_a_refused_one_does_not_count_for_velocity(ada: Customer, settings: Settings) -> None:
    settings.RISK_DEPOSITS_PER_WEEK = "100.00"
    ada.sandbox.post("/control/settings", min_deposit="70")
    assert ada.move("60.00").sending == states.REFUSED
    ada.sandbox.post("/control/settings", min_deposit="0")

    assert ada.move("60.00").sending == states.ACCEPTED
    assert ada.move("60.00").sending == states.HELD


def test_the_decision_keeps_no_secret(ada: Customer) -> None:
    decision = only_decision(ada.move("50.00"))

    assert ada.relationship.login.access_token not in str(decision.inputs)
    assert set(decision.inputs) == set(risk_rules.Facts.__dataclass_fields__)
    assert Decimal(decision.inputs["deposited_in_a_week"]) == Decimal("0.00")
