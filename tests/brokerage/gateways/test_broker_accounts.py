"""Accounts from the application to the end, against the sandbox and one odd answer at a time."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
import yaml
from openapi_core.contrib.requests import RequestsOpenAPIRequest

from brokerage.gateways import broker_accounts
from brokerage.gateways.errors import OutcomeUnknown, Refused
from tests.brokerage.gateways import applications, streams
from tests.brokerage.gateways.vendor import Vendor, answer
from tests.brokerage.sandbox import broker_specification as specification
from tests.harness.sandbox import Sandbox

NO_JSON: list[Any] = [
    {"tax_id": {"444554321"}},
    {"tax_id": Decimal("444554321")},
    {"tax_id": b"444554321"},
    {"annual_income_min": float("nan"), "tax_id": "444554321"},
    {"444554321": "\ud800"},
    {("444554321",): 1},
]

# --- Opened and changed -----------------------------------------------------------------------------------------------


def test_an_account_is_told_with_all_that_the_application_said(sandbox: Sandbox) -> None:
    made = broker_accounts.create_account(applications.APPLICATION)

    told = broker_accounts.get_account(made.alpaca_id)

    assert (told.email, told.phone, told.status) == ("ada@example.com", "+12015550143", "SUBMITTED")
    assert (told.given_name, told.middle_name, told.family_name) == ("Ada", "Ngozi", "Okafor")
    assert (told.street, told.unit) == (("84 Willow Terrace", "Rear house"), "Apt 3")
    assert (told.city, told.state, told.postal_code, told.country) == ("Hoboken", "NJ", "07030", "USA")
    assert (told.employment_status, told.employment_sector) == ("employed", "healthcare")
    assert (told.employer_name, told.employment_position) == ("Hudson Clinic", "Nurse")
    assert told.employer_address == "1 Hudson Street, Hoboken"
    assert told.date_of_birth == "1991-03-09"
    assert told.created_at
    assert told.trusted_contact
    assert (told.trusted_contact.given_name, told.trusted_contact.email) == ("Chidi", "chidi@example.com")


@pytest.mark.parametrize(
    ("contact", "street", "phone"),
    [
        ({"street_address": ["84 Willow Terrace", None, "", 7], "phone_number": None}, ("84 Willow Terrace",), ""),
        ({"street_address": "84 Willow Terrace", "phone_number": 12015550143}, ("84 Willow Terrace",), ""),
        ({"street_address": {"odd": 1}, "phone_number": "+1\x00201"}, (), "+1201"),
        ({"street_address": None}, (), ""),
        ({}, (), ""),
    ],
)
def test_an_odd_address_is_read_as_far_as_it_goes(
    vendor: Vendor, contact: dict[str, Any], street: tuple[str, ...], phone: str
) -> None:
    parts = {"contact": contact, "trusted_contact": contact, "disclosures": None, "created_at": "long ago"}
    vendor.says(answer(200, {"id": "acc", **parts}))

    told = broker_accounts.get_account("acc")

    assert (told.street, told.phone, told.city, told.employment_status, told.created_at) == (
        street,
        phone,
        "",
        "",
        None,
    )
    assert (told.trusted_contact.street if told.trusted_contact else ()) == street


def test_a_phone_number_is_not_demanded(vendor: Vendor) -> None:
    vendor.says(answer(200, {"id": "acc"}))
    contact = {name: value for name, value in applications.APPLICATION["contact"].items() if name != "phone_number"}

    broker_accounts.create_account({**applications.APPLICATION, "contact": contact})

    assert json.loads(vendor.asked[0].body)["contact"] == contact


@pytest.mark.skipif(not specification.FILE.exists(), reason=specification.ABSENT)
@pytest.mark.parametrize("name", ["AccountCreationRequest", "AccountUpdateRequest"])
def test_every_field_of_the_specification_reaches_the_wire(vendor: Vendor, name: str) -> None:
    vendor.says(answer(200, {"id": applications.FORMATS["uuid"]}))
    document = yaml.safe_load(specification.FILE.read_text())
    schema = document["components"]["schemas"][name]
    body = applications.sample(schema, document)

    if name == "AccountCreationRequest":
        broker_accounts.create_account(body)
    else:
        broker_accounts.update_account(applications.FORMATS["uuid"], body)

    (asked,) = vendor.asked
    sent = json.loads(asked.body)
    request = requests.Request(
        asked.method, specification.SERVER + asked.path, headers={"Authorization": "Basic eA=="}, json=sent
    )
    specification.specification().validate_request(RequestsOpenAPIRequest(request))
    assert sent == body
    assert sent.keys() == schema["properties"].keys()
    assert {"context", "employment_sector"} <= sent["disclosures"].keys()
    assert {"marital_status", "number_of_dependents"} <= sent["identity"].keys()


@pytest.mark.parametrize("body", NO_JSON)
def test_what_json_has_no_word_for_is_refused_and_tells_nothing(vendor: Vendor, body: Any) -> None:
    with pytest.raises(Refused) as opening:
        broker_accounts.create_account(body)
    with pytest.raises(Refused) as change:
        broker_accounts.update_account("acc", body)

    told = f"{opening.value!r} {opening.value.evidence} {change.value!r} {change.value.evidence}"
    assert "444554321" not in told
    assert vendor.connections == 0


def test_a_change_leaves_the_rest_as_it_was(sandbox: Sandbox) -> None:
    made = broker_accounts.create_account(applications.APPLICATION)

    told = broker_accounts.update_account(made.alpaca_id, {"contact": {"phone_number": "+12015550199"}})

    assert (told.phone, told.city, told.given_name) == ("+12015550199", "Hoboken", "Ada")


def test_a_change_is_asked_for_with_exactly_what_changes(vendor: Vendor) -> None:
    vendor.says(answer(200, {"id": "acc", "status": "ACCOUNT_UPDATED"}))

    told = broker_accounts.update_account("acc", {"identity": {"tax_id": "444554321"}})

    (asked,) = vendor.asked
    assert (asked.method, asked.path) == ("PATCH", "/v1/accounts/acc")
    assert json.loads(asked.body) == {"identity": {"tax_id": "444554321"}}
    assert told.status == "ACCOUNT_UPDATED"


def test_a_change_of_another_account_is_no_answer(vendor: Vendor) -> None:
    vendor.says(answer(200, {"id": "another"}))

    with pytest.raises(OutcomeUnknown):
        broker_accounts.update_account("acc", {})


# --- Closed -----------------------------------------------------------------------------------------------------------


def test_an_account_is_closed(sandbox: Sandbox) -> None:
    made = broker_accounts.create_account(applications.APPLICATION)

    broker_accounts.close_account(made.alpaca_id)

    assert broker_accounts.get_account(made.alpaca_id).status == "ACCOUNT_CLOSED"


def test_an_account_that_is_not_there_is_not_closed(sandbox: Sandbox) -> None:
    with pytest.raises(Refused) as refusal:
        broker_accounts.close_account("0d18ae51-3c94-4511-b209-101e1666416b")

    assert refusal.value.http_status == 404


def test_closing_sends_no_body(vendor: Vendor) -> None:
    vendor.says(answer(204))

    broker_accounts.close_account("acc")

    (asked,) = vendor.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/v1/accounts/acc/actions/close", b"")


# --- Balances and flags -----------------------------------------------------------------------------------------------


def test_balances_are_told(sandbox: Sandbox) -> None:
    made = broker_accounts.create_account(applications.APPLICATION)

    told = broker_accounts.get_balances(made.alpaca_id)

    assert (told.cash, told.withdrawable) == (Decimal("0.00"), Decimal("0.00"))
    assert (told.equity, told.buying_power, told.positions_value) == (Decimal("0.00"),) * 3
    assert told.blocks == ("trading_blocked", "transfers_blocked")
    assert told.liquidation_only == ()
    assert isinstance(told.balance_as_of, date)


@pytest.mark.parametrize(
    ("said", "blocks", "liquidation_only"),
    [
        ({}, (), ()),
        ({"transfers_blocked": True, "account_blocked": True}, ("account_blocked", "transfers_blocked"), ()),
        ({"trading_blocked": False, "account_blocked": None, "transfers_blocked": "yes", "levitating": True}, (), ()),
        ({"trade_suspended_by_user": True, "admin_configurations": None}, ("trade_suspended_by_user",), ()),
        ({"admin_configurations": {"outgoing_transfers_blocked": True}}, ("outgoing_transfers_blocked",), ()),
        (
            {
                "admin_configurations": {
                    "incoming_transfers_blocked": True,
                    "restrict_to_liquidation_reasons": {"unspecified": True, "ach_return": True, "tides": False},
                }
            },
            ("incoming_transfers_blocked",),
            ("ach_return", "unspecified"),
        ),
        ({"admin_configurations": {"restrict_to_liquidation_reasons": {"a new reason": True}}}, (), ("a new reason",)),
        ({"admin_configurations": {"restrict_to_liquidation_reasons": ["odd"]}}, (), ()),
    ],
)
def test_flags_that_are_set_are_told(
    vendor: Vendor, said: dict[str, Any], blocks: tuple[str, ...], liquidation_only: tuple[str, ...]
) -> None:
    vendor.says(answer(200, {"id": "acc", "cash": "1", "cash_withdrawable": "1", **said}))

    told = broker_accounts.get_balances("acc")

    assert (told.blocks, told.liquidation_only) == (blocks, liquidation_only)


@pytest.mark.parametrize(
    ("said", "amount", "as_of"),
    [
        ({}, None, None),
        ({"equity": None, "balance_asof": None}, None, None),
        ({"equity": "much", "balance_asof": "yesterday"}, None, None),
        ({"equity": True, "balance_asof": 7}, None, None),
        ({"equity": "-12.349", "balance_asof": "2026-11-20"}, Decimal("-12.34"), date(2026, 11, 20)),
        ({"equity": 12.3, "balance_asof": "2026-11-20T16:00:00-05:00"}, Decimal("12.30"), date(2026, 11, 20)),
    ],
)
def test_what_is_not_told_of_balances_is_none(
    vendor: Vendor, said: dict[str, Any], amount: Decimal | None, as_of: date | None
) -> None:
    vendor.says(answer(200, {"id": "acc", "cash": "1", "cash_withdrawable": "1", **said}))

    told = broker_accounts.get_balances("acc")

    assert (told.equity, told.balance_as_of, told.positions_value) == (amount, as_of, None)


def test_an_event_tells_the_flags_that_changed_and_no_others(sandbox: Sandbox) -> None:
    made = broker_accounts.create_account(applications.APPLICATION)
    sandbox.post(f"/control/accounts/{made.alpaca_id}", status="ACTIVE")
    sandbox.post(f"/control/accounts/{made.alpaca_id}", ach_return=True)
    flags = {"transfers_blocked": True, "outgoing_transfers_blocked": True}
    sandbox.post(f"/control/accounts/{made.alpaca_id}", flags=flags)
    last = sandbox.get("/control/state")["events"][-1]["event_ulid"]

    events = streams.account_events(since="0" * 26, until=last)

    assert [(event.status, event.blocks, event.liquidation_only) for event in events][-2:] == [
        ("", {}, {"ach_return": True}),
        ("", {"transfers_blocked": True, "outgoing_transfers_blocked": True}, {}),
    ]


# --- Listed -----------------------------------------------------------------------------------------------------------


class Firm:
    """A firm with many accounts, each of which was opened some time after the one before, listed oldest first."""

    def __init__(self, vendor: Vendor, count: int, *, apart: timedelta, page: int = 1000) -> None:
        self.vendor, self.page = vendor, page
        start = datetime(2026, 1, 1, tzinfo=UTC)
        self.rows = [
            {"id": f"acc {number}", "created_at": (start + number * apart).isoformat()} for number in range(count)
        ]

    def __call__(self, connection: Any) -> None:
        after = self.vendor.asked[-1].query.get("created_after", "2000-01-01T00:00:00Z")
        since = datetime.fromisoformat(after)
        wanted = [row for row in self.rows if datetime.fromisoformat(row["created_at"]) >= since]
        answer(200, wanted[: self.page])(connection)


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
@pytest.mark.parametrize("apart", [timedelta(hours=1), timedelta(microseconds=1), timedelta(seconds=1) / 700])
def test_every_account_of_the_firm_is_listed_once(vendor: Vendor, count: int, apart: timedelta) -> None:
    vendor.says(Firm(vendor, count, apart=apart))

    found = broker_accounts.list_accounts()

    assert [account.alpaca_id for account in found] == [f"acc {number}" for number in range(count)]
    assert {(asked.query["sort"], asked.query["entities"]) for asked in vendor.asked} == {("asc", "contact,identity")}


def test_a_broker_with_smaller_pages_is_listed_all_the_same(vendor: Vendor) -> None:
    vendor.says(Firm(vendor, 120, apart=timedelta(hours=1), page=50))

    assert len(broker_accounts.list_accounts()) == 120


def test_more_accounts_of_one_moment_than_a_page_holds_are_no_list(vendor: Vendor) -> None:
    vendor.says(Firm(vendor, 1001, apart=timedelta(0)))

    with pytest.raises(OutcomeUnknown, match="does not end"):
        broker_accounts.list_accounts()


def test_a_list_that_always_brings_new_accounts_is_no_list(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_accounts, "MAX_ACCOUNT_PAGES", 3)
    vendor.says(Firm(vendor, 200, apart=timedelta(hours=1), page=50))

    with pytest.raises(OutcomeUnknown, match="does not end"):
        broker_accounts.list_accounts()

    assert len(vendor.asked) == 3


def test_accounts_are_listed_from_a_time_on(vendor: Vendor) -> None:
    vendor.says(Firm(vendor, 50, apart=timedelta(hours=1)))

    found = broker_accounts.list_accounts(created_after=datetime(2026, 1, 2, tzinfo=UTC))

    assert [account.alpaca_id for account in found] == [f"acc {number}" for number in range(24, 50)]


def test_a_row_without_an_id_is_no_account(vendor: Vendor) -> None:
    vendor.says(answer(200, [{"status": "ACTIVE"}, {"id": ""}, None, {"id": "acc", "status": "HOVERING"}]))

    assert [account.status for account in broker_accounts.list_accounts()] == ["HOVERING"]


def test_a_long_list_of_accounts_is_read_and_an_endless_one_is_not(vendor: Vendor) -> None:
    rows = [{"id": str(number), "contact": {"city": "x" * 3000}} for number in range(999)]
    vendor.says(answer(200, rows))

    assert len(broker_accounts.list_accounts()) == 999

    vendor.says(answer(200, b"[" + b" " * broker_accounts.calls.LONG_ANSWER + b"]"))
    with pytest.raises(OutcomeUnknown, match="larger than 8 MiB"):
        broker_accounts.list_accounts()

    vendor.says(answer(200, rows))
    with pytest.raises(OutcomeUnknown, match="larger than 1 MiB"):
        broker_accounts.find_accounts("ada@example.com")


def test_accounts_are_listed_with_the_people_they_belong_to(sandbox: Sandbox) -> None:
    for name in ("ada", "ben", "cora"):
        broker_accounts.create_account(applications.of(f"{name}@example.com"))
        sandbox.post("/control/clock", advance_seconds=1)

    found = broker_accounts.list_accounts()

    assert [account.email for account in found] == ["ada@example.com", "ben@example.com", "cora@example.com"]
    assert {account.family_name for account in found} == {"Okafor"}
    later = broker_accounts.list_accounts(created_after=found[1].created_at)
    assert [account.email for account in later] == ["ben@example.com", "cora@example.com"]


# --- Nothing personal -------------------------------------------------------------------------------------------------


def test_an_account_says_nothing_personal_of_itself(sandbox: Sandbox) -> None:
    made = broker_accounts.create_account(applications.APPLICATION)

    told = repr(broker_accounts.get_account(made.alpaca_id))

    assert made.alpaca_id in told
    personal = ["Ada", "Ngozi", "Okafor", "Chidi", "example.com", "1991", "555", "Willow", "Hoboken", "07030", "Nurse"]
    assert [word for word in [*personal, "Hudson", "employed", "healthcare"] if word in told] == []
