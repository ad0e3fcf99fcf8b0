"""The main journey, end to end: a dollar comes in, goes out, and is taken back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.test import Client

from funding import states
from funding.models import Transfer
from tests.harness.sandbox import Sandbox
from tests.journeys import people

pytestmark = pytest.mark.django_db


def news(transfer: Transfer) -> Transfer:
    """Hear what the broker has to say."""
    call_command("run_worker", once=True)
    transfer.refresh_from_db()
    return transfer


def test_from_sign_up_to_settled_money(client: Client, sandbox: Sandbox) -> None:
    user = people.customer_with_bank(client, sandbox)

    deposit = people.move(client, "deposit", "$1,250")
    sandbox.post(f"/control/transfers/{deposit.alpaca_id}", action="settle")
    news(deposit)

    assert deposit.status == states.COMPLETE
    user.brokerage_account.refresh_from_db()
    assert user.brokerage_account.cash == Decimal("1250.00")
    page = client.get(deposit.url).content.decode()
    assert "Settled" in page
    assert "It is in your account" in page


def test_a_withdrawal_leaves_and_arrives(client: Client, sandbox: Sandbox) -> None:
    user = people.customer_with_bank(client, sandbox)
    deposit = people.move(client, "deposit", "500.00")
    sandbox.post(f"/control/transfers/{deposit.alpaca_id}", action="settle")
    news(deposit)

    withdrawal = people.move(client, "withdraw", "120.50")
    sandbox.post(f"/control/transfers/{withdrawal.alpaca_id}", action="settle")
    news(withdrawal)

    assert withdrawal.status == states.COMPLETE
    user.brokerage_account.refresh_from_db()
    assert user.brokerage_account.cash == Decimal("379.50")


def test_a_deposit_is_taken_back(client: Client, sandbox: Sandbox) -> None:
    user = people.customer_with_bank(client, sandbox)
    deposit = people.move(client, "deposit", "400.00")
    sandbox.post(f"/control/transfers/{deposit.alpaca_id}", action="settle")
    news(deposit)

    sandbox.post(f"/control/transfers/{deposit.alpaca_id}", action="return", code="R01")
    news(deposit)

    assert (deposit.status, deposit.return_code) == (states.RETURNED, "R01")
    assert deposit.reversal.amount == Decimal("400.00")
    user.brokerage_account.refresh_from_db()
    assert user.brokerage_account.cash == Decimal("0.00")
    page = client.get(deposit.url).content.decode()
    assert "there was not enough money in the account" in page
    assert "<s>" in client.get("/transfers/").content.decode()


def test_a_deposit_asked_for_before_the_bank_is_approved_waits_and_then_leaves(
    client: Client, sandbox: Sandbox
) -> None:
    user = people.sign_up(client)
    people.apply(client)
    people.settle_account(user, sandbox)
    relationship = people.link_bank(client, sandbox)

    deposit = people.move(client, "deposit", "75.00")
    assert deposit.sending == states.RESERVED
    assert people.broker_transfers(sandbox) == []
    Transfer.objects.update(created_at=deposit.created_at - timedelta(days=365))
    people.approve(relationship, sandbox)
    news(deposit)

    assert deposit.sending == states.ACCEPTED
    assert len(people.broker_transfers(sandbox)) == 1
