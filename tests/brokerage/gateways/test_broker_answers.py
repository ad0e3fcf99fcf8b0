"""A yes from the broker is a yes, however odd the rest; and lists are complete or an error."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from brokerage.gateways import broker, broker_accounts
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused
from tests.brokerage.gateways.vendor import Vendor, answer

RELATIONSHIP = str(uuid.uuid4())


def create_transfer() -> broker.TransferAnswer:
    return broker.create_transfer(
        account_id="an account", relationship_id=RELATIONSHIP, direction="OUTGOING", amount=Decimal("250.00")
    )


# --- Odd answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "amount", "status"),
    [
        ({}, None, ""),
        ({"amount": "250", "status": "queued"}, Decimal("250.00"), "QUEUED"),
        ({"amount": 250, "status": "LEVITATING"}, Decimal("250.00"), "LEVITATING"),
        ({"amount": "249.50", "requested_amount": "250.00"}, Decimal("250.00"), ""),
        ({"amount": None, "status": None, "reason": None, "created_at": None}, None, ""),
        ({"amount": "NaN", "status": ["QUEUED"]}, None, ""),
        ({"amount": "1e30", "status": "QUEUED"}, None, "QUEUED"),
        ({"amount": "-1e-999999999"}, Decimal("0.00"), ""),
        ({"amount": {"usd": 250}, "created_at": "yesterday"}, None, ""),
        ({"amount": "250.00", "status": "A" * 300}, Decimal("250.00"), "A" * 40),
        ({"amount": "250.00", "status": "QUE\x00UED \ud800"}, Decimal("250.00"), "QUEUED ?"),
    ],
)
def test_a_transfer_with_an_id_is_accepted(
    vendor: Vendor, row: dict[str, Any], amount: Decimal | None, status: str
) -> None:
    vendor.says(answer(200, {"id": "9f0c", **row}, X_Request_Id="for their support"))

    accepted = create_transfer()

    assert (accepted.alpaca_id, accepted.amount, accepted.status) == ("9f0c", amount, status)
    assert accepted.raw == {"id": "9f0c", **row}
    assert accepted.request_id == "for their support"


def test_a_transfer_is_asked_for_in_dollars_and_cents(vendor: Vendor) -> None:
    vendor.says(answer(200, {"id": "9f0c"}))

    create_transfer()

    asked = vendor.asked[0]
    assert (asked.method, asked.path) == ("POST", "/v1/accounts/an%20account/transfers")
    assert b'"amount": "250.00"' in asked.body
    assert b'"direction": "OUTGOING"' in asked.body


def test_a_transfer_that_cannot_be_put_into_words_never_leaves(vendor: Vendor) -> None:
    with pytest.raises(NotSent):
        broker.create_transfer(account_id="1", relationship_id="no-uuid", direction="INCOMING", amount=Decimal("1.00"))

    assert vendor.asked == []


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"status": "APPROVED"},
        {"bank_account_number": None, "bank_routing_number": None, "status": "cancel_requested"},
        {"status": None, "created_at": "2026-11-22T10:11:12.123456789Z", "account_id": 7},
    ],
)
def test_a_relationship_made_through_plaid_needs_no_bank_fields(vendor: Vendor, row: dict[str, Any]) -> None:
    vendor.says(answer(200, {"id": "77aa", **row}))

    made = broker.create_relationship(account_id="an account", processor_token="processor-sandbox-x")

    assert (made.alpaca_id, made.status) == ("77aa", str(row.get("status") or "").upper())


@pytest.mark.parametrize(
    "row",
    [
        {"status": "SUBMITTED"},
        {"account_number": None, "contact": None, "identity": None, "kyc_results": None, "crypto_status": ""},
        {"contact": ["odd"], "identity": "odd", "kyc_results": "odd", "status": "HOVERING"},
    ],
)
def test_an_account_is_read_however_little_is_told_of_it(vendor: Vendor, row: dict[str, Any]) -> None:
    vendor.says(answer(200, {"id": "acc", **row}))

    account = broker_accounts.get_account("acc")

    assert (account.alpaca_id, account.status) == ("acc", row.get("status", ""))
    assert (account.account_number, account.email, account.kyc_results) == ("", "", {})


@pytest.mark.parametrize(
    "said",
    [{}, {"cash": "1"}, {"cash": "1", "cash_withdrawable": None}, {"cash": "1e99", "cash_withdrawable": "1"}],
)
def test_cash_without_amounts_is_no_answer(vendor: Vendor, said: dict[str, Any]) -> None:
    vendor.says(answer(200, {"id": "acc", **said}))

    with pytest.raises(OutcomeUnknown):
        broker_accounts.get_balances("acc")


def test_cash_may_be_below_zero(vendor: Vendor) -> None:
    vendor.says(answer(200, {"id": "acc", "cash": "-86.409", "cash_withdrawable": "0"}))

    told = broker_accounts.get_balances("acc")

    assert (told.cash, told.withdrawable) == (Decimal("-86.40"), Decimal("0.00"))


def test_only_accounts_with_exactly_this_address_are_found(vendor: Vendor) -> None:
    rows = [
        {"id": "longer", "contact": {"email_address": "not-ada@example.com"}},
        {"id": "hers", "contact": {"email_address": "Ada@Example.com"}, "identity": {"given_name": "Ada"}},
        {"id": "untold"},
        {"contact": {"email_address": "ada@example.com"}},
        "no row",
    ]
    vendor.says(answer(200, rows))

    found = broker_accounts.find_accounts("ada@example.com")

    assert [account.alpaca_id for account in found] == ["hers"]


def test_an_application_that_cannot_be_put_into_words_tells_nothing_of_itself(vendor: Vendor) -> None:
    application = {"identity": {"tax_id": "444554321", "date_of_birth": {"444554321"}}}

    with pytest.raises(Refused) as refusal:
        broker_accounts.create_account(application)

    assert "444554321" not in f"{refusal.value!r} {refusal.value.evidence}"
    assert vendor.connections == 0


# --- Paging -----------------------------------------------------------------------------------------------------------


class Pages:
    """A list of transfers, newest first, that answers `offset` and `limit`, and may grow between two pages."""

    def __init__(self, vendor: Vendor, count: int, *, grows: int = 0) -> None:
        self.vendor = vendor
        self.rows = [{"id": f"transfer {number}"} for number in range(count)]
        self.grows = grows

    def __call__(self, connection: Any) -> None:
        query = self.vendor.asked[-1].query
        first = int(query.get("offset", 0))
        answer(200, self.rows[first : first + int(query["limit"])])(connection)
        if self.grows:
            self.grows -= 1
            self.rows.insert(0, {"id": f"new {len(self.rows)}"})


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 120])
def test_every_transfer_is_listed_once(vendor: Vendor, count: int) -> None:
    vendor.says(Pages(vendor, count))

    found = broker.list_transfers("acc")

    assert [each.alpaca_id for each in found] == [f"transfer {number}" for number in range(count)]


def test_a_transfer_that_slips_to_the_next_page_is_listed_once(vendor: Vendor) -> None:
    vendor.says(Pages(vendor, 120, grows=2))

    found = [each.alpaca_id for each in broker.list_transfers("acc", direction="INCOMING")]

    assert set(found) >= {f"transfer {number}" for number in range(120)}
    assert len(found) == len(set(found))
    assert {asked.query["direction"] for asked in vendor.asked} == {"INCOMING"}


def test_a_list_that_never_ends_is_no_list(vendor: Vendor) -> None:
    vendor.says(answer(200, [{"id": "always the same"}]))

    with pytest.raises(OutcomeUnknown, match="does not end"):
        broker.list_transfers("acc")

    assert len(vendor.asked) == broker.MAX_TRANSFER_PAGES


@pytest.mark.parametrize("body", [{"transfers": []}, None, "<html>"])
def test_a_page_that_is_no_list_is_not_taken_for_the_end(vendor: Vendor, body: Any) -> None:
    full = [{"id": f"transfer {number}"} for number in range(50)]
    vendor.says(answer(200, full), answer(200, b"null" if body is None else body))

    with pytest.raises(OutcomeUnknown):
        broker.list_transfers("acc")
