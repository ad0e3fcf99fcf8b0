"""Customers whose every row was made by the operations themselves, so that their histories are whole."""

from typing import Any

from django.test import Client

from accounts.models import BrokerageAccount
from accounts.operations import account_status
from funding import states
from funding.models import Transfer
from funding.operations import reconciliation, relationship_reconciliation
from tests.funding.standing import IN, Clocks, Customer, lost, read_anew, work
from tests.harness.sandbox import Sandbox
from tests.journeys import people

EMAIL = "ada@example.com"


def customer(sandbox: Sandbox, email: str = EMAIL, *, cash: str = "1000.00", **answers: Any) -> Customer:
    """Sign up, apply, link a bank and have it approved; as `standing.open_customer`, and nothing made by hand."""
    browser = Client()
    user = people.sign_up(browser, email)
    people.apply(browser, **answers)
    account = BrokerageAccount.objects.get(user=user)
    for status in ("APPROVED", "ACTIVE"):
        sandbox.post(f"/control/accounts/{account.alpaca_id}", status=status)
        list(account_status.reconcile_one(account=account))
        account.refresh_from_db()
    relationship = people.link_bank(browser, sandbox)
    sandbox.post(f"/control/relationships/{relationship.alpaca_id}", status="APPROVED")
    list(relationship_reconciliation.reconcile_relationships())
    sandbox.post("/control/balances", account_id=account.alpaca_id, amount=cash)
    account_status.refresh_cash(account=account)
    return Customer(user, account, read_anew(relationship), sandbox)


def settled(of: Customer, amount: str = "50.00", direction: str = IN) -> Transfer:
    """Move money and have it settle."""
    return told(of, of.move(amount, direction), action="settle")


def returned(of: Customer, amount: str = "50.00", code: str = "R01") -> Transfer:
    """Have a deposit settle and taken back."""
    return told(of, settled(of, amount), action="return", code=code)


def told(of: Customer, transfer: Transfer, **action: str) -> Transfer:
    """Let the bank act, and hear of it."""
    of.sandbox.post(f"/control/transfers/{transfer.alpaca_id}", **action)
    list(reconciliation.reconcile_account(account=of.account))
    transfer.refresh_from_db()
    return transfer


def certified(of: Customer, clocks: Clocks) -> Transfer:
    """Lose a request before it arrives, and look for it until it is certain that it was never made."""
    transfer = lost(of, kind="drop_before_commit")
    for minutes in (1, 1, 8, 20, 30, 2, 60):
        clocks.advance(minutes=minutes)
        work()
    transfer.refresh_from_db()
    assert transfer.sending == states.NOT_CREATED
    return transfer
