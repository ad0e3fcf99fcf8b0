"""Plaid: link token, public-token exchange, accounts and balances of an item, Signal, processor token.

Called by operations; calls plaid-python through plaid_client. Plain values and small frozen dataclasses in and out.
Tokens are returned to the caller, who seals them; they are in no log and in no error.
Balances are Decimal US dollars. Everything here raises NotSent, Refused or OutcomeUnknown, and nothing else.
"""

import threading
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings

from brokerage import money
from brokerage.gateways.errors import OutcomeUnknown

if TYPE_CHECKING:
    from brokerage.gateways.plaid_client import TamedPlaid

# Our name for the broker among Plaid's partners. https://plaid.com/docs/auth/partnerships/alpaca/
PROCESSOR = "alpaca"

_lock = threading.Lock()
_made: dict[tuple[str, str, str], "TamedPlaid"] = {}


@dataclass(frozen=True)
class Exchange:
    """What a public token turns into: our key to one login at one bank."""

    access_token: str
    plaid_item_id: str

    def __repr__(self) -> str:
        return f"Exchange(plaid_item_id={self.plaid_item_id!r})"


@dataclass(frozen=True)
class BankAccount:
    """One account of an item, with what a person recognises it by. `mask` is two to four characters, or empty."""

    plaid_account_id: str
    name: str
    mask: str
    kind: str
    subtype: str

    @property
    def can_transfer(self) -> bool:
        """Say whether ACH can move money here; Plaid names no other kinds that Alpaca takes."""
        return self.kind == "depository" and self.subtype in ("checking", "savings")


@dataclass(frozen=True)
class Accounts:
    """An item's accounts, and the bank they are at (empty for banks linked by number)."""

    institution_id: str
    institution_name: str
    accounts: list[BankAccount]


@dataclass(frozen=True)
class Balance:
    """What a bank account holds as its bank says it now; None where the bank does not say."""

    available: Decimal | None
    current: Decimal | None

    @property
    def known(self) -> Decimal | None:
        """Return what may be debited as far as the bank tells."""
        return self.current if self.available is None else self.available


@dataclass(frozen=True)
class SignalAnswer:
    """Signal's word on one debit: ACCEPT, REVIEW or REROUTE by our ruleset, and its scores (1 to 99), if any."""

    result: str
    scores: dict[str, int] = field(default_factory=dict)


def client() -> "TamedPlaid":
    """Return this process's client for the present credentials."""
    from brokerage.gateways.plaid_client import TamedPlaid

    key = (settings.PLAID_BASE_URL, settings.PLAID_CLIENT_ID, settings.PLAID_SECRET)
    with _lock:
        if key not in _made:
            _made[key] = TamedPlaid()
        return _made[key]


def create_link_token(*, user_id: str, client_name: str) -> str:
    """Return a token that starts Link for one person; `user_id` is ours and says nothing about them.

    https://plaid.com/docs/api/link/#linktokencreate
    """
    answer = client().ask(
        "link_token_create",
        {
            "client_name": client_name[:30],  # Link shows "This Application" for a longer one
            "language": "en",
            "country_codes": ["US"],
            "user": {"client_user_id": user_id},
            "products": ["auth", "signal"] if settings.RISK_SIGNAL else ["auth"],
            "account_filters": {"depository": {"account_subtypes": ["checking", "savings"]}},
        },
    )
    return _required(answer, "link_token")


def exchange_public_token(public_token: str) -> Exchange:
    """Trade the single-use token that Link gave the browser. An answer that is lost takes the item with it."""
    answer = client().ask_once("item_public_token_exchange", {"public_token": public_token})
    return Exchange(access_token=_required(answer, "access_token"), plaid_item_id=_required(answer, "item_id"))


def get_accounts(access_token: str) -> Accounts:
    """Return the accounts that the customer chose to share."""
    answer = client().ask("accounts_get", {"access_token": access_token})
    item = answer.get("item")
    item = item if isinstance(item, dict) else {}
    rows = [row for row in answer.get("accounts") or [] if isinstance(row, dict) and row.get("account_id")]
    return Accounts(
        institution_id=str(item.get("institution_id") or ""),
        institution_name=str(item.get("institution_name") or ""),
        accounts=[_bank_account(row) for row in rows],
    )


def get_balance(*, access_token: str, plaid_account_id: str) -> Balance:
    """Ask the bank itself, through Plaid, what an account holds now; may take long.

    https://plaid.com/docs/api/products/balance/#accountsbalanceget
    """
    body = {"access_token": access_token, "options": {"account_ids": [plaid_account_id]}}
    answer = client().ask("accounts_balance_get", body)
    rows = [row for row in answer.get("accounts") or [] if isinstance(row, dict)]
    row = next((row for row in rows if row.get("account_id") == plaid_account_id), None)
    if row is None or not isinstance(row.get("balances"), dict):
        raise OutcomeUnknown("the answer names no balances", http_status=200)
    return Balance(available=_dollars(row["balances"], "available"), current=_dollars(row["balances"], "current"))


def _dollars(balances: dict[str, Any], key: str) -> Decimal | None:
    """Return one of the balances; None for one that is missing, no number, or in another currency."""
    if balances.get("iso_currency_code") not in (None, "USD"):
        return None
    try:
        return money.from_vendor(balances[key])
    except (KeyError, ValueError):
        return None


def evaluate_signal(
    *, access_token: str, plaid_account_id: str, transaction_id: str, amount: Decimal, user_id: str
) -> SignalAnswer:
    """Ask Signal how likely a debit of `amount` comes back. Each `transaction_id` can be asked about once.

    https://plaid.com/docs/api/products/signal/#signalevaluate
    """
    body: dict[str, Any] = {
        "access_token": access_token,
        "account_id": plaid_account_id,
        "client_transaction_id": transaction_id,
        "amount": amount,
        "client_user_id": user_id,
        "user_present": True,
    }
    if settings.RISK_SIGNAL_RULESET:
        body["ruleset_key"] = settings.RISK_SIGNAL_RULESET
    answer = client().ask("signal_evaluate", body)
    ruleset = answer["ruleset"] if isinstance(answer.get("ruleset"), dict) else {}
    scores = answer["scores"] if isinstance(answer.get("scores"), dict) else {}
    found = {name: row.get("score") for name, row in scores.items() if isinstance(row, dict)}
    return SignalAnswer(
        result=str(ruleset.get("result") or "").upper()[:20],
        scores={name[:40]: score for name, score in found.items() if isinstance(score, int)},
    )


def create_processor_token(*, access_token: str, plaid_account_id: str) -> str:
    """Return the token by which the broker may read one account's numbers; asking twice is harmless."""
    body = {"access_token": access_token, "account_id": plaid_account_id, "processor": PROCESSOR}
    return _required(client().ask("processor_token_create", body), "processor_token")


def remove_item(access_token: str) -> None:
    """End our access to an item at Plaid; its processor tokens die with it. Gone already is Refused with a code."""
    client().ask("item_remove", {"access_token": access_token})


def _required(answer: dict[str, Any], key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise OutcomeUnknown(f"the answer names no {key}", http_status=200)
    return value


def _bank_account(row: dict[str, Any]) -> BankAccount:
    return BankAccount(
        plaid_account_id=str(row["account_id"]),
        name=str(row.get("name") or ""),
        mask=str(row.get("mask") or "")[:4],
        kind=str(row.get("type") or ""),
        subtype=str(row.get("subtype") or ""),
    )
