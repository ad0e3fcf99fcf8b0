"""The endpoints that a partner calls with a processor token: one account, its numbers, balance, owner and risk.

What is wrong with the Item is wrong here too: a sign-in that is wanted, access that was taken back.
"""

import json
import sqlite3

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import accounts, identity, items, processors, risk
from brokerage.sandbox.plaid.bank_accounts import can_transfer
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.verification import check_verified


def read_account(books: Books, fields: Fields) -> Fields:
    item, row = _behind(books, fields)
    return {"account": items.account_shown(row), "institution_id": item["institution_id"]}


def read_numbers(books: Books, fields: Fields) -> Fields:
    _, row = _behind(books, fields, "auth")
    if not can_transfer(json.loads(row["details"])):
        raise accounts.no_auth_accounts()
    check_verified(row)
    numbers = {"ach": accounts.ach_of(row), "eft": None, "international": None, "bacs": None}
    return {"account": items.account_shown(row), "numbers": numbers}


def read_balance(books: Books, fields: Fields) -> Fields:
    item, row = _behind(books, fields, "balance")
    return {"account": accounts.fresh(books, item, row, fields.get("options") or {})}


def read_identity(books: Books, fields: Fields) -> Fields:
    item, row = _behind(books, fields, "identity")
    return {"account": identity.with_owners(books, item, row)}


def match_identity(books: Books, fields: Fields) -> Fields:
    user = identity.checked_user(fields)
    item, row = _behind(books, fields, "identity")
    return {"account": identity.with_scores(books, item, row, user)}


def evaluate(books: Books, fields: Fields) -> Fields:
    item, row = _behind(books, fields, "signal")
    return risk.judge(books, item, row, fields)


def report_decision(books: Books, fields: Fields) -> Fields:
    _behind(books, fields, "signal")
    return risk.report_decision(books, fields)


def report_return(books: Books, fields: Fields) -> Fields:
    _behind(books, fields, "signal")
    return risk.report_return(books, fields)


def prepare(books: Books, fields: Fields) -> Fields:
    item, _ = _behind(books, fields, "signal")
    items.use_product(books, item, "signal")
    return {}


def _behind(books: Books, fields: Fields, product: str = "") -> tuple[sqlite3.Row, sqlite3.Row]:
    """The Item and the account that a processor token stands for. Raises PlaidRefusal."""
    row = processors.by_token(books, fields["processor_token"])
    item = items.by_id(books, row["item_id"])
    items.check_well(books, item)
    if product:
        processors.check_permitted(books, row["token"], product)
    return item, items.bank_account(books, item["id"], row["bank_account_id"])
