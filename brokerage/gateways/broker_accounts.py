"""The Broker API: brokerage accounts and what is in them.

Called by operations; calls alpaca-py through broker_client. Plain values and small frozen dataclasses in and out.
Answers are read leniently, since the SDK's own reading raises on a word it does not know, after the deed. Everything
here raises NotSent, Refused or OutcomeUnknown, and nothing else. Amounts are Decimal US dollars; times are UTC.
"""

from typing import Any

from brokerage import money
from brokerage.gateways import broker_answers as read
from brokerage.gateways import broker_calls as calls
from brokerage.gateways.broker_answers import AccountAnswer, Cash
from brokerage.gateways.errors import OutcomeUnknown, Refused


def create_account(application: dict[str, Any]) -> AccountAnswer:
    """Open an account with `contact`, `identity`, `disclosures` and `agreements` in the broker's own field names.

    Raises OutcomeUnknown with http_status 409 where the e-mail address is known there already.
    https://docs.alpaca.markets/reference/createaccount
    """
    from alpaca.broker.requests import CreateAccountRequest

    try:
        body = CreateAccountRequest(**application).to_request_fields()
    except (KeyError, ValueError):  # its text repeats what it was given, the tax id included
        raise Refused("POST: the SDK does not take the application") from None
    return read.account(read.one(calls.client().write("POST", "/accounts", body)))


@calls.reading("account")
def get_account(account_id: str) -> AccountAnswer:
    """Return one account. An unknown id is Refused with http_status 401."""
    return read.account(calls.of(account_id, read.one(calls.client().read(f"/accounts/{account_id}"))))


@calls.reading("accounts")
def find_accounts(email: str) -> list[AccountAnswer]:
    """Return the accounts with exactly this e-mail address; the broker itself searches for parts of words."""
    rows = read.rows(calls.client().read("/accounts", {"query": email, "entities": "contact,identity"}))
    found = [read.account(row) for row in rows if "id" in row]
    return [account for account in found if account.email.lower() == email.lower()]


@calls.reading("cash")
def get_cash(account_id: str) -> Cash:
    """Return an account's cash. Raises OutcomeUnknown where the broker names no amounts."""
    row = calls.of(account_id, read.one(calls.client().read(f"/trading/accounts/{account_id}/account")))
    try:
        return Cash(cash=money.from_vendor(row["cash"]), withdrawable=money.from_vendor(row["cash_withdrawable"]))
    except (KeyError, ValueError):
        raise OutcomeUnknown("GET: the broker named no cash", http_status=200) from None
