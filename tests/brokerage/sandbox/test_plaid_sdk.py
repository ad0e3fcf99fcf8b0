"""plaid-python, unpatched, calls every endpoint of the sandbox, and its models take every answer as it is."""

from collections.abc import Callable
from typing import Any

import pytest

from brokerage.sandbox.plaid.endpoints import API
from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.plaid_client import (
    PLATYPUS,
    account_of,
    client,
    item,
    item_of_story,
    link_token_of,
    processor_token,
    public_token,
    update_mode_of,
)

USER = {"legal_name": "Alberta Bobbeth Charleson", "address": {"city": "Malakoff", "postal_code": "14236"}}
PENDING = {"override_accounts": [{"type": "depository", "subtype": "checking"}]}


@pytest.fixture
def api(bench: Bench) -> Any:
    return client(bench.url)


def methods_of(api: Any, called: set[str]) -> Any:
    """The SDK's client, which notes what is called."""

    class Noting:
        def __getattr__(self, name: str) -> Callable[[dict[str, Any]], Any]:
            called.add(name)
            method: Callable[[dict[str, Any]], Any] = getattr(api, name)
            return method

    return Noting()


def test_plaid_python_takes_every_answer(api: Any) -> None:
    called: set[str] = set()
    noting = methods_of(api, called)

    walk_link_and_items(noting)
    walk_accounts_and_signal(noting)
    walk_partners(noting)
    walk_institutions_and_webhooks(noting)

    refused_elsewhere = {"sandbox_item_set_verification_status", "processor_stripe_bank_account_token_create"}
    assert {path.replace("/", "_") for path, _ in API} - refused_elsewhere == called


def walk_link_and_items(api: Any) -> None:
    api.link_token_get({"link_token": api.link_token_create(link_token_of())["link_token"]})
    token = api.sandbox_public_token_create({"institution_id": PLATYPUS, "initial_products": ["auth"]})["public_token"]
    access = {"access_token": api.item_public_token_exchange({"public_token": token})["access_token"]}
    api.item_webhook_update({**access, "webhook": "https://harbor.example/hook"})
    api.sandbox_item_fire_webhook({**access, "webhook_code": "NEW_ACCOUNTS_AVAILABLE"})
    api.sandbox_item_reset_login(access)
    shown = api.item_get(access)
    assert shown["item"]["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
    assert shown["status"]["last_webhook"]["code_sent"] == "ERROR"
    fresh = api.item_access_token_invalidate(access)["new_access_token"]
    api.item_remove({"access_token": fresh, "reason_code": "OTHER", "reason_note": "moved"})
    user = {"user_id": "user_good", "auth_token": "pass_good"}
    assert api.item_import({"products": ["identity", "auth"], "user_auth": user})["access_token"]


def walk_accounts_and_signal(api: Any) -> None:
    access = item(api)
    assert len(api.accounts_get(access)["accounts"]) == 12
    assert api.accounts_balance_get(access)["accounts"][0]["balances"]["available"] == 100
    assert {ach["wire_routing"] for ach in api.auth_get(access)["numbers"]["ach"]} == {"021000021"}
    assert api.identity_get(access)["accounts"][0]["owners"][0]["names"] == ["Alberta Bobbeth Charleson"]
    assert api.identity_match({**access, "user": USER})["accounts"][0]["legal_name"]["score"] == 100
    api.signal_prepare(access)
    verdict = api.signal_evaluate({**account_of(api, access), "client_transaction_id": "d-1", "amount": 20.0})
    assert str(verdict["ruleset"]["result"]) == "ACCEPT"
    api.signal_decision_report({"client_transaction_id": "d-1", "initiated": True, "decision_outcome": "APPROVE"})
    api.signal_return_report({"client_transaction_id": "d-1", "return_code": "R01"})


def walk_partners(api: Any) -> None:
    token = processor_token(api, item(api))
    api.processor_token_permissions_set({**token, "products": ["auth", "balance", "identity", "signal"]})
    assert [str(name) for name in api.processor_token_permissions_get(token)["products"]][:2] == ["auth", "balance"]
    api.processor_token_webhook_update({**token, "webhook": "https://partner.example/hook"})
    assert api.processor_account_get(token)["institution_id"] == PLATYPUS
    assert api.processor_auth_get(token)["numbers"]["ach"]["account"] == "1111222233330000"
    assert api.processor_balance_get(token)["account"]["balances"]["current"] == 110
    api.processor_identity_get(token)
    api.processor_identity_match({**token, "user": USER})
    api.processor_signal_prepare(token)
    api.processor_signal_evaluate({**token, "client_transaction_id": "p-1", "amount": 99.0})
    api.processor_signal_decision_report({**token, "client_transaction_id": "p-1", "initiated": True})
    api.processor_signal_return_report({**token, "client_transaction_id": "p-1", "return_code": "R10"})
    made = api.sandbox_processor_token_create({"institution_id": PLATYPUS})
    assert api.processor_account_get({"processor_token": made["processor_token"]})["account"]["mask"] == "0000"


def walk_institutions_and_webhooks(api: Any) -> None:
    everything = {
        "include_optional_metadata": True,
        "include_auth_metadata": True,
        "include_payment_initiation_metadata": True,
    }
    page = api.institutions_get({"count": 3, "offset": 4, "country_codes": ["US"], "options": everything})
    assert len(page["institutions"]) == 3
    assert page["total"] >= 12
    assert all(bank["url"] and bank["primary_color"] for bank in page["institutions"])
    asked = {"institution_id": PLATYPUS, "country_codes": ["US"]}
    status = api.institutions_get_by_id({**asked, "options": {"include_status": True}})["institution"]["status"]
    assert status["item_logins"]["status"] == "HEALTHY"
    found = api.institutions_search({"query": "First Platypus Bank", "products": ["auth"], "country_codes": ["US"]})
    assert found["institutions"][0]["institution_id"] == PLATYPUS
    assert api.webhook_verification_key_get({"key_id": "6c5516e1-92dc-479e-a8ff-5a51992e0001"})["key"]["x"]
    assert api.beta_webhook_events_list({"count": 5})["webhook_events"]


@pytest.mark.parametrize(
    "more",
    [
        {"country_codes": ["GB"], "products": ["auth", "transactions"], "link_customization_name": "default"},
        {"auth": {"same_day_microdeposits_enabled": True, "auth_type_select_enabled": True}},
        {"optional_products": ["identity"], "additional_consented_products": ["signal"]},
        {"redirect_uri": "http://localhost:8000/oauth", "webhook": "https://harbor.example/hook"},
        {"user": {"client_user_id": "1", "phone_number": "+1 415 555 0123", "email_address": "ada@example.com"}},
        {"transactions": {"days_requested": 30}, "products": ["transactions"]},
    ],
)
def test_a_link_token_may_ask_for_much(api: Any, more: dict[str, Any]) -> None:
    assert api.link_token_create(link_token_of(**more))["link_token"].startswith("link-sandbox-")


def test_a_link_token_says_what_it_was_made_for(api: Any) -> None:
    subtypes = ["checking", "savings"]
    filters = {"depository": {"account_subtypes": list(subtypes)}}
    asked = link_token_of(webhook="https://harbor.example/hook", account_filters=filters)

    answer = api.link_token_get({"link_token": api.link_token_create(asked)["link_token"]})

    metadata = answer["metadata"].to_dict()
    assert metadata["initial_products"] == ["auth"]
    assert metadata["webhook"] == "https://harbor.example/hook"
    assert metadata["country_codes"] == ["US"]
    assert [str(subtype) for subtype in metadata["account_filters"]["depository"]["account_subtypes"]] == subtypes
    assert (answer["expiration"] - answer["created_at"]).total_seconds() == 4 * 3600


def test_a_link_token_shows_the_session_that_ended_well(bench: Bench, api: Any) -> None:
    token = api.link_token_create(link_token_of())["link_token"]
    session = {"session_id": bench.frame("start", link_token=token)["session_id"]}
    bench.frame("sign-in", **session, institution_id=PLATYPUS, username="user_good", password="pass_good")
    done = bench.frame("finish", **session, accounts=["0000"])

    shown = api.link_token_get({"link_token": token})["link_sessions"][0]

    assert shown["results"]["item_add_results"][0]["public_token"] == done["public_token"]
    assert shown["on_success"]["metadata"]["accounts"][0]["mask"] == "0000"


def test_a_link_token_shows_the_session_that_was_left(bench: Bench, api: Any) -> None:
    token = api.link_token_create(link_token_of())["link_token"]
    session = {"session_id": bench.frame("start", link_token=token)["session_id"]}
    metadata = {"view_name": "CONSENT", "institution_id": None, "timestamp": "2026-11-22T12:00:00Z"}
    event = {"event_name": "OPEN", "event_metadata": metadata, "timestamp": metadata["timestamp"]}
    bench.frame("leave", **session, events=[event])

    shown = api.link_token_get({"link_token": token})["link_sessions"][0]

    assert shown["exit"]["error"] is None
    assert shown["exit"]["metadata"]["link_session_id"] == shown["link_session_id"]
    assert shown["events"][0]["event_metadata"]["view_name"] == "CONSENT"


@pytest.mark.parametrize(
    ("hosted", "seconds"),
    [({}, 1800), ({"delivery_method": "sms"}, 86_400), ({"url_lifetime_seconds": 60}, 60)],
)
def test_hosted_link_has_an_address_for_a_while(api: Any, hosted: dict[str, Any], seconds: int) -> None:
    made = api.link_token_create(link_token_of(hosted_link=hosted))

    shown = api.link_token_get({"link_token": made["link_token"]})
    assert made["hosted_link_url"].startswith("https://secure.plaid.com/link/")
    assert (shown["expiration"] - shown["created_at"]).total_seconds() == seconds


def test_update_mode_starts_with_the_access_token_and_holds_half_an_hour(api: Any) -> None:
    asked = update_mode_of(item(api), update={"account_selection_enabled": True})

    token = api.link_token_create(asked)["link_token"]

    shown = api.link_token_get({"link_token": token})
    assert (shown["expiration"] - shown["created_at"]).total_seconds() == 1800


def test_a_bank_that_hides_its_numbers_gives_the_same_token_for_the_same_account(api: Any) -> None:
    first, second = (item(api, bank="ins_127287") for _ in range(2))

    numbers = [api.auth_get(access)["numbers"]["ach"][0] for access in (first, second)]
    kept = [api.accounts_get(access)["accounts"][0]["persistent_account_id"] for access in (first, second)]

    assert all(number["is_tokenized_account_number"] for number in numbers)
    assert numbers[0]["account"] != "1111222233330000"
    assert numbers[0]["wire_routing"] is None
    assert kept[0] == kept[1]


def test_a_customer_written_as_json_banks_like_any_other(api: Any) -> None:
    story = {
        "override_accounts": [
            {
                "type": "depository",
                "subtype": "savings",
                "starting_balance": 40,
                "force_available_balance": 12.5,
                "currency": "USD",
                "meta": {"name": "Rainy Days", "mask": "4321"},
                "numbers": {"account": "555666777", "ach_routing": "021000021"},
                "identity": {"names": ["Grace Hopper"], "emails": [{"data": "grace@example.com", "primary": True}]},
            },
            {"type": "depository", "subtype": "checking", "has_null_available_balance": True},
        ]
    }

    access = item_of_story(api, story)
    accounts = api.accounts_get(access)["accounts"]
    owner = api.identity_get(access)["accounts"][0]["owners"][0]
    ach = api.auth_get(access)["numbers"]["ach"][0]

    assert (accounts[0]["name"], accounts[0]["mask"]) == ("Rainy Days", "4321")
    assert accounts[0]["balances"]["available"] == 12.5
    assert accounts[1]["balances"]["available"] is None
    assert owner["names"] == ["Grace Hopper"]
    assert owner["emails"][0]["data"] == "grace@example.com"
    assert (ach["account"], ach["routing"]) == ("555666777", "021000021")


def test_a_product_that_is_used_is_billed(api: Any) -> None:
    access = item(api, products=("transactions",))

    before = api.item_get(access)["item"].to_dict()
    api.auth_get(access)
    after = api.item_get(access)["item"].to_dict()

    assert "auth" in before["available_products"]
    assert "auth" in after["billed_products"]
    assert after["auth_method"] == "INSTANT_AUTH"


def test_balances_drift_when_they_are_told_to(bench: Bench, api: Any) -> None:
    bench.control("settings", plaid_balance_drift="2.50")
    access = item(api)

    seen = [api.accounts_balance_get(access)["accounts"][0]["balances"]["available"] for _ in range(2)]

    assert seen == [97.5, 95.0]
    assert api.accounts_get(access)["accounts"][0]["balances"]["available"] == 95.0


def test_one_bank_says_how_old_its_balances_are(api: Any) -> None:
    access = item(api, bank="ins_130016")

    balances = api.accounts_balance_get(access)["accounts"][0]["balances"]

    assert balances["last_updated_datetime"] is not None


@pytest.mark.parametrize(
    ("amount", "mask", "expected"),
    [(80.0, "0000", "ACCEPT"), (80.01, "0000", "REVIEW"), (100.01, "0000", "REROUTE"), (1001.0, "2222", "REROUTE")],
)
def test_a_debit_is_judged_by_the_balance(api: Any, amount: float, mask: str, expected: str) -> None:
    request = {**account_of(api, item(api), mask), "client_transaction_id": "once", "amount": amount}

    answer = api.signal_evaluate(request)

    assert str(answer["ruleset"]["result"]) == expected
    assert answer["scores"]["bank_initiated_return_risk"]["risk_tier"].value >= 1


def test_a_public_token_leads_to_every_account_of_the_customer(api: Any) -> None:
    answer = api.item_public_token_exchange({"public_token": public_token(api)})

    assert answer["access_token"].startswith("access-sandbox-")
    assert len(answer["item_id"]) == 37
