"""Processor tokens: leave for a partner, such as the broker, to draw on one bank account."""

import json
import uuid

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import items
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field

LINKABLE = ("checking", "savings")


def create(books: Books, fields: Fields) -> Fields:
    if not isinstance(fields["processor"], str):
        raise invalid_field("processor must be a string")
    item = items.by_access_token(books, fields["access_token"])
    items.check_login(item)
    account = items.bank_account(books, item["id"], fields["account_id"])
    if fields["processor"] in books.setting("disabled_processors"):
        raise PlaidRefusal("INVALID_PRODUCT", f"client is not authorized to use the processor {fields['processor']}")
    details = json.loads(account["details"])
    if details["type"] != "depository" or details["subtype"] not in LINKABLE:
        raise PlaidRefusal("ITEM_NOT_SUPPORTED", "only checking and savings accounts can be used with a processor")
    token = f"processor-sandbox-{uuid.uuid4()}"
    books.insert(
        "processor_tokens",
        token=token,
        item_id=item["id"],
        bank_account_id=account["id"],
        processor=fields["processor"],
    )
    return {"processor_token": token}
