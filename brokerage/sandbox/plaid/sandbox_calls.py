"""The endpoints below /sandbox: what Link or a bank would do, done by a test. https://plaid.com/docs/api/sandbox/"""

import json
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import changes, institutions, items, logins, processors, webhooks
from brokerage.sandbox.plaid.bank_accounts import BankAccount, can_transfer
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.item_calls import signed_in
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field
from brokerage.sandbox.plaid.urls import check_webhook
from brokerage.sandbox.plaid.words import PRODUCTS, words

# Which webhooks can be fired, by type; the first type that has a code is the one meant when none is named.
FIRABLE = {
    "TRANSACTIONS": words("DEFAULT_UPDATE RECURRING_TRANSACTIONS_UPDATE SYNC_UPDATES_AVAILABLE"),
    "AUTH": words("DEFAULT_UPDATE SMS_MICRODEPOSITS_VERIFICATION"),
    "ITEM": words(
        """NEW_ACCOUNTS_AVAILABLE AUTHORIZATION_GRANTED USER_PERMISSION_REVOKED USER_ACCOUNT_REVOKED
        PENDING_DISCONNECT LOGIN_REPAIRED ERROR"""
    ),
    "HOLDINGS": words("DEFAULT_UPDATE"),
    "INVESTMENTS_TRANSACTIONS": words("DEFAULT_UPDATE"),
    "LIABILITIES": words("DEFAULT_UPDATE"),
    "ASSETS": words("PRODUCT_READY ERROR"),
    "IDENTITY": words("DEFAULT_UPDATE"),
}
PRODUCT_OF = {"AUTH": "auth", "IDENTITY": "identity", "TRANSACTIONS": "transactions"}
WEEK = 7 * 86_400


def create_public_token(books: Books, fields: Fields) -> Fields:
    """What Link would have ended with, without Link: every account of the customer is on the Item."""
    options = fields.get("options") or {}
    check_webhook(options.get("webhook"), "options.webhook")
    if set(fields["initial_products"]) - PRODUCTS:
        raise invalid_field("initial_products must be an array of known products")
    if "balance" in fields["initial_products"]:
        raise PlaidRefusal("INVALID_PRODUCT", "balance comes with every Item and cannot be asked for")
    item_id = items.create(
        books, institution_id=fields["institution_id"], products=fields["initial_products"],
        webhook=options.get("webhook"), accounts=_accounts(fields["institution_id"], options),
    )  # fmt: skip
    return {"public_token": items.new_public_token(books, item_id)}


def create_processor_token(books: Books, fields: Fields) -> Fields:
    """A token for the customer's first account that money can be moved with."""
    accounts = _accounts(fields["institution_id"], fields.get("options") or {})
    item_id = items.create(
        books, institution_id=fields["institution_id"], products=["auth"], webhook=None, accounts=accounts
    )
    items.mark_exchanged(books, item_id)
    for row in items.bank_accounts(books, item_id):
        if can_transfer(json.loads(row["details"])):
            return {"processor_token": processors.new_token(books, items.by_id(books, item_id), row, "sandbox")}
    raise PlaidRefusal("NO_AUTH_ACCOUNTS", "there are no checking or savings accounts on this Item")


def _accounts(institution_id: str, options: dict[str, Any]) -> list[BankAccount]:
    """Raises PlaidRefusal."""
    institutions.check_serving(institution_id)
    username = str(options.get("override_username") or "user_good")
    password = str(options.get("override_password") or "pass_good")
    accounts = list(logins.all_accounts_of(signed_in(username, password)))
    if not accounts:
        raise PlaidRefusal("NO_ACCOUNTS")
    return accounts


def reset_login(books: Books, fields: Fields) -> Fields:
    changes.require_login(books, items.by_access_token(books, fields["access_token"])["id"])
    return {"reset_login": True}


def fire_webhook(books: Books, fields: Fields) -> Fields:
    """Send one webhook, whatever the truth."""
    item = items.by_access_token(books, fields["access_token"])
    code, kind = fields["webhook_code"], fields.get("webhook_type") or _type_of(fields["webhook_code"])
    if code not in FIRABLE.get(kind, ()):
        raise PlaidRefusal("SANDBOX_WEBHOOK_INVALID", f"the webhook {kind} {code} cannot be fired")
    if PRODUCT_OF.get(kind, "") not in ("", *json.loads(item["products"])):
        raise PlaidRefusal("SANDBOX_PRODUCT_NOT_ENABLED", f"the Item does not have the product of {kind} webhooks")
    if not webhooks.send(books, item, kind, code, **_extra(books, item, kind, code)):
        raise PlaidRefusal("SANDBOX_WEBHOOK_INVALID", "the Item has no webhook to fire")
    return {"webhook_fired": True}


def _type_of(code: str) -> str:
    for kind, codes in FIRABLE.items():
        if code in codes:
            return kind
    raise invalid_field("webhook_code must be a known code")


def _extra(books: Books, item: Any, kind: str, code: str) -> dict[str, Any]:
    """What a body says beyond its type and code."""
    first = next((row["id"] for row in items.bank_accounts(books, item["id"])), "")
    by_code: dict[str, dict[str, Any]] = {
        "ERROR": {"error": webhooks.in_webhook(PlaidRefusal("ITEM_LOGIN_REQUIRED"))},
        "USER_PERMISSION_REVOKED": {"error": webhooks.in_webhook(PlaidRefusal("USER_PERMISSION_REVOKED"))},
        "USER_ACCOUNT_REVOKED": {"account_id": first},
        "NEW_ACCOUNTS_AVAILABLE": {"error": None},
        "PENDING_DISCONNECT": webhooks.disconnect_notice(books.now() + WEEK),
        "SMS_MICRODEPOSITS_VERIFICATION": {"account_id": first, "status": "MANUALLY_VERIFIED"},
        "RECURRING_TRANSACTIONS_UPDATE": {"account_ids": [first]},
        "SYNC_UPDATES_AVAILABLE": {"initial_update_complete": True, "historical_update_complete": True},
    }
    return _default_update(kind, first) if code == "DEFAULT_UPDATE" else by_code.get(code, {})


def _default_update(kind: str, account_id: str) -> dict[str, Any]:
    by_kind: dict[str, dict[str, Any]] = {
        "TRANSACTIONS": {"new_transactions": 0},
        "AUTH": webhooks.auth_update({account_id: ["ACCOUNT_NUMBER"]}),
        "HOLDINGS": {"new_holdings": 0, "updated_holdings": 0},
        "INVESTMENTS_TRANSACTIONS": {"new_investments_transactions": 0, "canceled_investments_transactions": 0},
        "LIABILITIES": {"account_ids_with_new_liabilities": [], "account_ids_with_updated_liabilities": {}},
        "IDENTITY": {"account_ids_with_updated_identity": {account_id: ["PHONES"]}},
    }
    return {**by_kind[kind], "error": None}
