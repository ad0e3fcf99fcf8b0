"""The Broker API: brokerage accounts, who they belong to, and what they hold.

Called by operations; calls alpaca-py through broker_client. Plain values and small frozen dataclasses in and out.
Requests are built here, since the SDK's models leave out fields that they do not know; answers are read leniently,
since the SDK's own reading raises on a word it does not know, after the deed. Everything here raises NotSent, Refused
or OutcomeUnknown, and nothing else. Amounts are Decimal US dollars; times are UTC.
"""

import json
from datetime import UTC, datetime
from typing import Any

from brokerage.gateways import broker_answers as read
from brokerage.gateways import broker_calls as calls
from brokerage.gateways import broker_words as words
from brokerage.gateways.broker_answers import AccountAnswer, Balances
from brokerage.gateways.errors import OutcomeUnknown, Refused

# What the list tells of each account; without a word about it, the broker's default has changed before.
ENTITIES = "contact,identity"
# The broker's longest page. https://docs.alpaca.markets/reference/getallaccounts
ACCOUNTS_PER_PAGE = 1000
MAX_ACCOUNT_PAGES = 500


def create_account(application: dict[str, Any]) -> AccountAnswer:
    """Open an account; `application` is the whole request in the broker's own field names, and is sent as it stands.

    Raises Refused where it cannot be written as JSON, and OutcomeUnknown with http_status 409 where the e-mail address
    is known there already. https://docs.alpaca.markets/reference/createaccount
    """
    _require_json(application, "POST")
    identity = application.get("identity") or {}
    with calls.hiding(str(identity.get("tax_id", "")), str(identity.get("date_of_birth", ""))):
        return read.account(words.one(calls.client().write("POST", "/accounts", application)))


@calls.reading("account")
def get_account(account_id: str) -> AccountAnswer:
    """Return one account with all that the broker tells of it. An unknown id is Refused with http_status 401."""
    return read.account(calls.of(account_id, words.one(calls.client().read(f"/accounts/{account_id}"))))


@calls.reading("accounts")
def find_accounts(email: str) -> list[AccountAnswer]:
    """Return the accounts with exactly this e-mail address; the broker itself searches for parts of words."""
    rows = words.rows(calls.client().read("/accounts", {"query": email, "entities": ENTITIES}))
    found = [read.account(row) for row in rows if row.get("id")]
    return [account for account in found if account.email.lower() == email.lower()]


@calls.reading("list of accounts")
def list_accounts(*, created_after: datetime | None = None) -> list[AccountAnswer]:
    """Return all accounts of the firm, closed ones too, oldest first; or those created at this time and later.

    Complete, or an error: OutcomeUnknown where the list does not end. There is no page number: each page is asked for
    by the time at which the one before ended, which belongs to both.
    """
    found: dict[str, AccountAnswer] = {}
    for _ in range(MAX_ACCOUNT_PAGES):
        rows = words.rows(calls.client().read("/accounts", _page_from(created_after), at_most=calls.LONG_ANSWER))
        page = {str(row["id"]): read.account(row) for row in rows if row.get("id")}
        times = [account.created_at for account in page.values() if account.created_at]
        if page.keys() <= found.keys() or not times:
            if len(rows) >= ACCOUNTS_PER_PAGE:
                break  # more accounts bear one time than a page holds
            return list((found | page).values())
        found |= page
        created_after = max(times)
    raise OutcomeUnknown("GET: the list of accounts does not end", http_status=200)


def _page_from(created_after: datetime | None) -> dict[str, str]:
    query = {"sort": "asc", "entities": ENTITIES}
    if created_after is None:
        return query
    return query | {"created_after": created_after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}


@calls.reading("balances")
def get_balances(account_id: str) -> Balances:
    """Return what an account holds and what the broker forbids it. Raises OutcomeUnknown where no cash is named."""
    row = calls.of(account_id, words.one(calls.client().read(f"/trading/accounts/{account_id}/account")))
    return read.balances(row)


def update_account(account_id: str, changes: dict[str, Any]) -> AccountAnswer:
    """Change what `changes` holds, in the broker's own field names, and leave the rest; parts may be partial.

    The account may stand under review afterwards: its status tells. Raises Refused where it cannot be written as JSON.
    https://docs.alpaca.markets/reference/patchaccount
    """
    _require_json(changes, "PATCH")
    answer = words.one(calls.client().write("PATCH", f"/accounts/{account_id}", changes))
    return read.account(calls.of(account_id, answer))


def close_account(account_id: str) -> None:
    """Have an account closed for good; whether it is, its status tells. Refused while it holds anything.

    https://docs.alpaca.markets/reference/post-v1-accounts-account_id-actions-close
    """
    calls.about(account_id, account_id, calls.client().write("POST", f"/accounts/{account_id}/actions/close"))


def _require_json(body: dict[str, Any], method: str) -> None:
    """Raise Refused for what JSON has no word for; the reason is left out, since it repeats the value."""
    try:
        json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise Refused(f"{method}: the request cannot be written as JSON") from None
