"""Signal: whether a debit of so much is likely to come back. Here always the same for the same balance.

More than is available is rerouted, more than four fifths of it reviewed, anything else accepted.
"""

import json
import re
import sqlite3
from decimal import Decimal
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import iso_seconds
from brokerage.sandbox.plaid import items
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field
from brokerage.sandbox.plaid.words import DECISIONS, PAYMENT_METHODS

MOST_OF_IT = Decimal("0.8")
LONGEST_ID = 36
SCORES = {"ACCEPT": (9, 1, 8, 1), "REVIEW": (55, 3, 50, 4), "REROUTE": (92, 5, 88, 8)}


def evaluate(books: Books, fields: Fields) -> Fields:
    item = items.usable(books, fields["access_token"])
    return judge(books, item, items.bank_account(books, item["id"], fields["account_id"]), fields)


def judge(books: Books, item: sqlite3.Row, account: sqlite3.Row, fields: Fields) -> Fields:
    """The verdict on one debit of `fields["amount"]` dollars. Raises PlaidRefusal."""
    key = fields.get("ruleset_key") or "default"
    if key not in books.setting("plaid_rulesets"):
        raise PlaidRefusal("RULESET_NOT_FOUND", "the ruleset_key is not that of a ruleset")
    _check_new(books, str(fields["client_transaction_id"]))
    if fields["amount"] <= 0:
        raise invalid_field("amount must be greater than 0")
    balances = json.loads(account["details"])["balances"]
    result = _result(fields["amount"], balances)
    books.insert(
        "signal_transactions", id=fields["client_transaction_id"], account_id=account["id"], result=result,
        reports="[]",
    )  # fmt: skip
    items.use_product(books, item, "signal")
    return {
        "scores": _scores(result),
        "core_attributes": _attributes(books, item, account, balances),
        "ruleset": {"ruleset_key": key, "result": result, "triggered_rule_details": _details(result)},
        "warnings": [],
    }


def _check_new(books: Books, transaction_id: str) -> None:
    if len(transaction_id) > LONGEST_ID:
        raise invalid_field(f"client_transaction_id must not be longer than {LONGEST_ID} characters")
    if books.one("SELECT 1 FROM signal_transactions WHERE id = ?", transaction_id):
        message = "the client_transaction_id has been used for another transaction"
        raise PlaidRefusal("CLIENT_TRANSACTION_ID_ALREADY_IN_USE", message)


def _result(amount: float, balances: dict[str, Any]) -> str:
    known = balances["available"] if balances["available"] is not None else balances["current"]
    available = Decimal(str(known or 0))
    wanted = Decimal(str(amount))
    if wanted > available:
        return "REROUTE"
    return "REVIEW" if wanted > available * MOST_OF_IT else "ACCEPT"


def _scores(result: str) -> dict[str, Any]:
    customer, customer_tier, bank, bank_tier = SCORES[result]
    return {
        "customer_initiated_return_risk": {"score": customer, "risk_tier": customer_tier},
        "bank_initiated_return_risk": {"score": bank, "risk_tier": bank_tier},
    }


def _details(result: str) -> dict[str, str] | None:
    """The last rule, which accepts whatever is left, has nothing to say."""
    if result == "ACCEPT":
        return None
    return {"internal_note": "amount against available balance", "custom_action_key": result.lower()}


def _attributes(books: Books, item: sqlite3.Row, account: sqlite3.Row, balances: dict[str, Any]) -> dict[str, Any]:
    return {
        "available_balance": balances["available"],
        "current_balance": balances["current"],
        "balance_last_updated": iso_seconds(books.now()),
        "days_since_first_plaid_connection": int((books.now() - item["created_at"]) // 86_400),
        "total_plaid_connections_count": 1,
        "is_savings_or_money_market_account": json.loads(account["details"])["subtype"] in ("savings", "money market"),
    }


def report_decision(books: Books, fields: Fields) -> Fields:
    """What the application made of the verdict."""
    if fields.get("decision_outcome") not in (None, *DECISIONS):
        raise invalid_field("decision_outcome must be a known outcome")
    if fields.get("payment_method") not in (None, *PAYMENT_METHODS):
        raise invalid_field("payment_method must be a known method")
    row = _evaluated(books, fields["client_transaction_id"])
    books.write("UPDATE signal_transactions SET initiated = ? WHERE id = ?", int(fields["initiated"]), row["id"])
    _note(books, row, fields)
    return {}


def report_return(books: Books, fields: Fields) -> Fields:
    """That a debit came back; one that was never made cannot have."""
    if not re.fullmatch(r"R\d\d", fields["return_code"]):
        raise invalid_field("return_code must be an ACH return code, such as R01")
    row = _evaluated(books, fields["client_transaction_id"])
    if row["initiated"] == 0:
        raise PlaidRefusal("SIGNAL_TRANSACTION_NOT_INITIATED", "the transaction was reported as not initiated")
    _note(books, row, fields)
    return {}


def prepare(books: Books, fields: Fields) -> Fields:
    """Make an Item ready for its first verdict."""
    items.use_product(books, items.usable(books, fields["access_token"]), "signal")
    return {}


def _evaluated(books: Books, transaction_id: str) -> sqlite3.Row:
    row = books.one("SELECT * FROM signal_transactions WHERE id = ?", transaction_id)
    if row is None:
        raise invalid_field("client_transaction_id is not that of an evaluated transaction")
    return row


def _note(books: Books, row: sqlite3.Row, fields: Fields) -> None:
    reports = json.dumps([*json.loads(row["reports"]), fields])
    books.write("UPDATE signal_transactions SET reports = ? WHERE id = ?", reports, row["id"])
