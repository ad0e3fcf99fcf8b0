"""The endpoints below /item: exchange a public token, look at an Item, point its webhook, rotate its key, remove it."""

from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import iso_seconds
from brokerage.sandbox.plaid import institutions, items, logins, webhooks
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.refusal import invalid_field, missing_fields
from brokerage.sandbox.plaid.urls import check_webhook
from brokerage.sandbox.plaid.words import PRODUCTS, REMOVAL_REASONS

DEFAULT_BANK = "ins_109508"
LONGEST_NOTE = 512


def exchange(books: Books, fields: Fields) -> Fields:
    """The access token, once, for a public token that is not too old."""
    item = items.take_public_token(books, fields["public_token"])
    return {"access_token": item["access_token"], "item_id": item["id"]}


def read(books: Books, fields: Fields) -> Fields:
    """Answers for an Item in trouble too, and says which."""
    item = items.by_access_token(books, fields["access_token"])
    return {"item": items.shown_with_consent(books, item), "status": _status(books, item["id"])}


def _status(books: Books, item_id: str) -> dict[str, Any]:
    last = webhooks.last_sent(books, item_id)
    sent = {"sent_at": iso_seconds(last.at), "code_sent": last.code} if last else None
    return {"investments": None, "transactions": None, "last_webhook": sent}


def remove(books: Books, fields: Fields) -> Fields:
    if fields.get("reason_code") and fields["reason_code"] not in REMOVAL_REASONS:
        raise invalid_field("reason_code must be a known reason")
    if len(fields.get("reason_note") or "") > LONGEST_NOTE:
        raise invalid_field(f"reason_note must not be longer than {LONGEST_NOTE} characters")
    items.remove(books, items.by_access_token(books, fields["access_token"])["id"])
    return {}


def update_webhook(books: Books, fields: Fields) -> Fields:
    """Where this Item's news go from now on; the new address hears of it first."""
    check_webhook(fields.get("webhook"), "webhook")
    item = items.by_access_token(books, fields["access_token"])
    books.write("UPDATE items SET webhook = ? WHERE id = ?", fields.get("webhook") or None, item["id"])
    item = items.by_id(books, item["id"])
    webhooks.acknowledge_update(books, item)
    return {"item": items.shown(books, item)}


def invalidate_access_token(books: Books, fields: Fields) -> Fields:
    item = items.by_access_token(books, fields["access_token"])
    return {"new_access_token": items.change_access_token(books, item["id"])}


def import_item(books: Books, fields: Fields) -> Fields:
    """An Item for a customer who signed in elsewhere."""
    user = fields["user_auth"]
    missing = [f"user_auth.{name}" for name in ("user_id", "auth_token") if not user.get(name)]
    if missing:
        raise missing_fields(missing)
    if set(fields["products"]) - PRODUCTS:
        raise invalid_field("products must be an array of known products")
    webhook = (fields.get("options") or {}).get("webhook")
    check_webhook(webhook, "options.webhook")
    bank = fields.get("institution_id") or DEFAULT_BANK
    institutions.check_known(bank)
    login = signed_in(str(user["user_id"]), str(user["auth_token"]))
    item_id = items.create(
        books, institution_id=bank, products=fields["products"], webhook=webhook,
        accounts=list(logins.all_accounts_of(login)),
    )  # fmt: skip
    items.mark_exchanged(books, item_id)
    return {"access_token": items.by_id(books, item_id)["access_token"]}


def signed_in(username: str, password: str) -> str:
    """The login of a customer whose password is right, whatever the bank would ask besides. Raises PlaidRefusal."""
    logins.check(username, password)
    return logins.remembered(username, password)
