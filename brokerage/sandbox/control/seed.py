"""Customers from nothing, in one call: each with an account, a link and transfers in the states that were asked for.

All of it is one entry in the books: when anything is refused, nothing stands.
"""

import json
import uuid
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import account_desk, accounts, relationships, transfers
from brokerage.sandbox.clock import iso
from brokerage.sandbox.control import api, customers, positions
from brokerage.sandbox.control.gate import BadControl
from brokerage.sandbox.control.reading import kyc_results
from brokerage.sandbox.wire import Request

Fields = dict[str, Any]
CUSTOMER = {"email", "given_name", "family_name", "status", "kyc_results", "cash", "link", "transfers", "positions"}
LINK = {"status", "reason", "processor_token"}
TRANSFER = {"direction", "amount", "status", "code", "reason"}


def seed(books: Books, request: Request, fields: Fields) -> Fields:
    """`{"customers": [...]}`; the answer names what was made, in the same order."""
    _check_names(fields, {"customers"})
    return {"customers": [_customer(books, wanted) for wanted in fields.get("customers", [])]}


def _customer(books: Books, wanted: Fields) -> Fields:
    """An account that is ACTIVE while its money moves, and what was asked for after that."""
    _check_names(wanted, CUSTOMER)
    now = books.now()
    account_id = _account(books, wanted)
    accounts.set_status(books, account_id, "ACTIVE", at=now)
    if wanted.get("cash"):
        customers.set_cash(books, account_id, wanted["cash"])
    positions.put_in(books, account_id, wanted.get("positions", []))
    linked = _link(books, account_id, wanted) if wanted.get("link") is not None else None
    moved = [_transfer(books, account_id, linked, each) for each in wanted.get("transfers", [])]
    if linked:
        _move_link(books, linked, wanted["link"])
    status = wanted.get("status") or "ACTIVE"
    accounts.set_status(books, account_id, status, at=now, kyc_results=kyc_results(wanted.get("kyc_results")))
    return {"account_id": account_id, "relationship_id": linked, "transfers": moved}


def _account(books: Books, wanted: Fields) -> str:
    body = json.dumps(_application(wanted, signed_at=iso(books.now()))).encode()
    answer = account_desk.create(books, Request("POST", "/broker/v1/accounts", {}, {}, body))
    return str(json.loads(answer.body)["id"])


def _application(wanted: Fields, *, signed_at: str) -> Fields:
    return {
        "contact": {
            "email_address": wanted.get("email") or f"{uuid.uuid4().hex}@example.com",
            "phone_number": "+12025550123",
            "street_address": ["42 Market Street"],
            "city": "San Francisco",
            "state": "CA",
            "postal_code": "94105",
            "country": "USA",
        },
        "identity": {
            "given_name": wanted.get("given_name") or "Ada",
            "family_name": wanted.get("family_name") or "Byron",
            "date_of_birth": "1980-12-10",
            "tax_id": "444-55-4321",
            "tax_id_type": "USA_SSN",
            "country_of_citizenship": "USA",
            "country_of_birth": "USA",
            "country_of_tax_residence": "USA",
            "funding_source": ["employment_income"],
        },
        "disclosures": {
            "is_control_person": False,
            "is_affiliated_exchange_or_finra": False,
            "is_politically_exposed": False,
            "immediate_family_exposed": False,
        },
        "agreements": [{"agreement": "customer_agreement", "signed_at": signed_at, "ip_address": "127.0.0.1"}],
    }


def _link(books: Books, account_id: str, wanted: Fields) -> str:
    _check_names(wanted["link"], LINK)
    token = wanted["link"].get("processor_token")
    form = {"processor_token": token} if token else _bank(wanted)
    path = f"/broker/v1/accounts/{account_id}/ach_relationships"
    asked = Request("POST", path, {}, {}, json.dumps(form).encode(), {"account_id": account_id})
    relationship_id = str(json.loads(relationships.create(books, asked).body)["id"])
    if wanted.get("transfers"):
        relationships.set_status(books, relationship_id, "APPROVED", at=books.now())
    return relationship_id


def _bank(wanted: Fields) -> Fields:
    return {
        "account_owner_name": f"{wanted.get('given_name') or 'Ada'} {wanted.get('family_name') or 'Byron'}",
        "bank_account_type": "CHECKING",
        "bank_account_number": "1111222233330000",
        "bank_routing_number": "121000358",
    }


def _move_link(books: Books, relationship_id: str, wanted: Fields) -> None:
    status = wanted.get("status") or "APPROVED"
    relationships.set_status(books, relationship_id, status, at=books.now(), reason=wanted.get("reason"))


def _transfer(books: Books, account_id: str, relationship_id: str | None, wanted: Fields) -> Fields:
    _check_names(wanted, TRANSFER)
    if relationship_id is None:
        raise BadControl("transfers need a link")
    form = {"transfer_type": "ach", "relationship_id": relationship_id, "direction": "INCOMING", **wanted}
    asked = {name: form.get(name) for name in ("transfer_type", "relationship_id", "direction", "amount")}
    transfer_id = transfers.take_in(books, accounts.fetch(books, account_id), asked)["id"]
    _move_transfer(books, transfer_id, wanted)
    return {"id": transfer_id, "status": transfers.fetch(books, transfer_id)["status"]}


def _move_transfer(books: Books, transfer_id: str, wanted: Fields) -> None:
    """To the state asked for, by way of those before it."""
    status, reason = wanted.get("status") or "QUEUED", wanted.get("reason")
    if status in ("COMPLETE", "RETURNED"):
        api.act_on_transfer(books, transfer_id, action="settle")
    if status == "RETURNED":
        api.act_on_transfer(books, transfer_id, action="return", code=wanted.get("code") or "R01", reason=reason)
    elif status not in ("QUEUED", "COMPLETE"):
        api.act_on_transfer(books, transfer_id, action="set", status=status, reason=reason)


def _check_names(wanted: Fields, known: set[str]) -> None:
    if not isinstance(wanted, dict):
        raise BadControl("a customer, a link and a transfer are objects")
    if unknown := sorted(set(wanted) - known):
        raise BadControl(f"no such field: {', '.join(unknown)}")
