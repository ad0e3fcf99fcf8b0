"""The end of Link: which accounts are shared, and the public token with what the page is told about it."""

import json
import sqlite3
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import (
    frame_match,
    frame_numbers,
    frame_sessions,
    institutions,
    items,
    link_tokens,
    processors,
)
from brokerage.sandbox.plaid.bank_accounts import BankAccount
from brokerage.sandbox.plaid.frame_offers import key_of, offered, picked
from brokerage.sandbox.plaid.frame_sessions import Session
from brokerage.sandbox.plaid.gate import Fields, random_id
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field


def next_with_accounts(books: Books, session: Session) -> Fields:
    """The choice of accounts, where there is one to make. Raises PlaidRefusal when no account fits."""
    if session.updates and not _selects(session):
        return {"next": "connected"}
    accounts = offered(session)
    if not accounts:
        raise PlaidRefusal("NO_ACCOUNTS", "no accounts that can be linked were found")
    if frame_match.is_wanted(session):
        shown = [_shown(books, session, account, accounts) for account in accounts]
        return {"next": "accounts", "accounts": shown, "single": True, "then": "match"}
    single = books.setting("link_account_select") == "one"
    if _needs_no_choice(books, session, accounts):
        session.details["chosen"] = [key_of(account, accounts) for account in accounts]
        frame_sessions.keep(books, session)
        return {"next": "connected"}
    shown = [_shown(books, session, account, accounts) for account in accounts]
    return {"next": "accounts", "accounts": shown, "single": single or len(accounts) == 1}


def finish(books: Books, fields: Fields) -> Fields:
    """End a session with a public token and the account of it that the page's onSuccess gets."""
    session = frame_sessions.find(books, fields["session_id"])
    if not session.signed_in or session.finished:
        raise invalid_field("the session is not waiting for accounts")
    chosen = fields.get("accounts") or session.details.get("chosen") or []
    item_id = _updated(books, session, chosen) if session.updates else _created(books, session, chosen)
    public_token = items.new_public_token(books, item_id)
    metadata = _metadata(books, session, item_id)
    kept = {name: metadata[name] for name in ("accounts", "institution")}
    result = {"public_token": public_token, **kept, "events": fields.get("events") or []}
    frame_sessions.finish(books, session, result)
    return {"public_token": public_token, "metadata": metadata}


def _selects(session: Session) -> bool:
    return bool((session.asked.get("update") or {}).get("account_selection_enabled"))


def _needs_no_choice(books: Books, session: Session, accounts: list[BankAccount]) -> bool:
    """A bank of its own pages has asked already, unless one account only may be shared."""
    mode = books.setting("link_account_select")
    asked_at_bank = session.details.get("approved") is not None and (mode != "one" or len(accounts) == 1)
    return mode == "all" or asked_at_bank


def _created(books: Books, session: Session, chosen: list[str]) -> str:
    numbers = session.details.get("numbers")
    if numbers:
        return items.create(
            books, institution_id=None, products=session.asked["products"], webhook=session.asked.get("webhook"),
            accounts=[frame_numbers.account_of(numbers)], auth_method=numbers["method"],
        )  # fmt: skip
    accounts, method = _chosen(books, session, chosen)
    return items.create(
        books, institution_id=str(session.institution_id), products=_products(session.asked),
        webhook=session.asked.get("webhook"), accounts=accounts, auth_method=method,
    )  # fmt: skip


def _chosen(books: Books, session: Session, chosen: list[str]) -> tuple[list[BankAccount], str | None]:
    """The accounts, and how their numbers were proved if their bank does not tell them. Raises PlaidRefusal."""
    if frame_match.is_wanted(session):
        account, method = frame_match.proved(session)
        return [account], method
    accounts = picked(offered(session), chosen)
    _check_choice(books, accounts)
    return accounts, None


def _products(asked: dict[str, Any]) -> list[str]:
    """What a new Item begins with: the products required, and of those that are so only if supported, ours."""
    welcome = asked.get("required_if_supported_products") or []
    return [*asked["products"], *(name for name in welcome if name in institutions.PRODUCTS)]


def _check_choice(books: Books, accounts: list[BankAccount]) -> None:
    if not accounts:
        raise invalid_field("at least one account must be chosen")
    if books.setting("link_account_select") == "one" and len(accounts) > 1:
        raise invalid_field("one account only may be chosen")


def _updated(books: Books, session: Session, chosen: list[str]) -> str:
    """The Item's sign-in holds again; where accounts were chosen anew, it shows those. Raises PlaidRefusal."""
    item = items.by_access_token(books, session.asked["access_token"])
    link_tokens.check_may_update(books, item)
    items.sign_in_anew(books, item["id"])
    processors.end_tokens(books, item, "update")
    if _selects(session) and session.username:
        accounts = picked(offered(session), chosen)
        _check_choice(books, accounts)
        _share(books, item, accounts)
    return str(item["id"])


def _share(books: Books, item: sqlite3.Row, accounts: list[BankAccount]) -> None:
    """Show these accounts and no others; an account that stays keeps its id, one that goes takes its tokens along."""
    wanted = [(account.name, account.mask) for account in accounts]
    kept = []
    for row in items.bank_accounts(books, item["id"]):
        name = _name(items.account_shown(row))
        kept.append(name) if name in wanted else items.forget_account(books, row["id"])
    bank = item["institution_id"]
    for position, account in enumerate(accounts):
        if (account.name, account.mask) not in kept:
            details = json.dumps(account.kept(institution_id=bank, tokenized=institutions.BANKS[bank].tokenized))
            books.insert("bank_accounts", id=random_id(), item_id=item["id"], position=position, details=details)


def _name(shown: dict[str, Any]) -> tuple[str, str | None]:
    return shown["name"], shown["mask"]


def _shown(books: Books, session: Session, account: BankAccount, among: list[BankAccount]) -> Fields:
    """One account to tick; the only one is ticked already, and so is what an update's Item shows by now."""
    chosen = len(among) == 1
    if session.updates:
        item = items.by_access_token(books, session.asked["access_token"])
        known = [_name(items.account_shown(row)) for row in items.bank_accounts(books, item["id"])]
        chosen = (account.name, account.mask) in known
    key = key_of(account, among)
    return {"key": key, "name": account.name, "mask": account.mask, "subtype": account.subtype, "chosen": chosen}


def _metadata(books: Books, session: Session, item_id: str) -> dict[str, Any]:
    accounts = [_account(items.account_shown(row)) for row in items.bank_accounts(books, item_id)]
    bank = session.institution_id
    return {
        "institution": {"institution_id": bank, "name": institutions.name_of(bank)} if bank else None,
        "accounts": accounts,
        "account": accounts[0] if accounts else None,
        "link_session_id": session.id,
        "transfer_status": None,
    }


def _account(shown: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": shown["account_id"],
        **{name: shown[name] for name in ("name", "mask", "type", "subtype")},
        "verification_status": shown.get("verification_status"),
        "class_type": None,
    }
