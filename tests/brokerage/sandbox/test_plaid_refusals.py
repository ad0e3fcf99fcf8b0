"""What Plaid says no to, each with its code and its status, and in an envelope that its SDK can read."""

from typing import Any

import pytest

from brokerage.sandbox.server import SandboxServer
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
    refusal,
    update_mode_of,
)


@pytest.fixture
def api(bench: Bench) -> Any:
    return client(bench.url)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"products": ["auth"], "optional_products": ["auth"]}, "INVALID_FIELD"),
        ({"optional_products": ["balance"]}, "INVALID_PRODUCT"),
        ({"required_if_supported_products": ["signal"]}, "INVALID_PRODUCT"),
        ({"auth": {"same_day_microdeposits_enabled": 1}}, "INVALID_FIELD"),
        ({"auth": {"reroute_to_credentials": "SOMETIMES"}}, "INVALID_FIELD"),
        ({"hosted_link": {"url_lifetime_seconds": 22 * 86_400}}, "INVALID_FIELD"),
        ({"hosted_link": {"delivery_method": "pigeon"}}, "INVALID_FIELD"),
        ({"redirect_uri": "https://harbor.example/back?x=1"}, "INVALID_FIELD"),
        ({"redirect_uri": "http://harbor.example/back"}, "INVALID_FIELD"),
        ({"webhook": "ftp://harbor.example"}, "INVALID_FIELD"),
        ({"account_filters": {"depository": {"account_subtypes": ["piggy"]}}}, "INVALID_FIELD"),
        ({"user": {}}, "MISSING_FIELDS"),
        ({"nonsense": 1}, "UNKNOWN_FIELDS"),
    ],
)
def test_a_link_token_is_not_made_for_everything(bench: Bench, change: dict[str, Any], code: str) -> None:
    answer = bench.plaid("link/token/create", **{**link_token_of(), **change})

    assert (answer.status_code, answer.json()["error_code"]) == (400, code)


def test_a_redirect_may_have_to_be_on_the_list(bench: Bench, api: Any) -> None:
    bench.control("settings", plaid_redirect_uris=["https://harbor.example/back"])

    assert api.link_token_create(link_token_of(redirect_uri="https://harbor.example/back"))
    elsewhere = link_token_of(redirect_uri="https://harbor.example/else")
    assert refusal(api.link_token_create, elsewhere) == (400, "INVALID_FIELD")


def test_products_join_update_mode_only_by_switch(bench: Bench, api: Any) -> None:
    access = item(api)

    assert refusal(api.link_token_create, link_token_of(**access)) == (400, "INVALID_FIELD")
    bench.control("settings", plaid_update_mode_takes_products=True)
    assert api.link_token_create(link_token_of(**access))["link_token"]


def test_the_token_that_update_mode_ends_with_is_nothing_to_exchange(bench: Bench, api: Any) -> None:
    access = item(api)
    token = api.link_token_create(update_mode_of(access))["link_token"]
    session = {"session_id": bench.frame("start", link_token=token)["session_id"]}
    bench.frame("sign-in", **session, institution_id=PLATYPUS, username="user_good", password="pass_good")
    ended_with = {"public_token": bench.frame("finish", **session)["public_token"]}

    assert refusal(api.item_public_token_exchange, ended_with) == (400, "INVALID_PUBLIC_TOKEN")
    bench.control("settings", plaid_update_mode_tokens_exchange=True)
    assert api.item_public_token_exchange(ended_with)["access_token"] == access["access_token"]


@pytest.mark.parametrize(
    ("method", "fields", "code"),
    [
        ("link_token_get", {"link_token": "link-sandbox-no"}, "INVALID_LINK_TOKEN"),
        ("item_public_token_exchange", {"public_token": "public-sandbox-no"}, "INVALID_PUBLIC_TOKEN"),
        ("item_get", {"access_token": "access-sandbox-no"}, "INVALID_ACCESS_TOKEN"),
        ("auth_get", {"access_token": "access-sandbox-no"}, "INVALID_ACCESS_TOKEN"),
        ("identity_match", {"access_token": "access-sandbox-no"}, "INVALID_ACCESS_TOKEN"),
        ("signal_prepare", {"access_token": "access-sandbox-no"}, "INVALID_ACCESS_TOKEN"),
        ("processor_auth_get", {"processor_token": "processor-sandbox-no"}, "INVALID_PROCESSOR_TOKEN"),
        ("processor_token_permissions_get", {"processor_token": "no"}, "INVALID_PROCESSOR_TOKEN"),
        ("webhook_verification_key_get", {"key_id": "no"}, "INVALID_WEBHOOK_VERIFICATION_KEY_ID"),
        ("institutions_get_by_id", {"institution_id": "no", "country_codes": ["US"]}, "INVALID_INSTITUTION"),
        ("institutions_get_by_id", {"institution_id": "ins_43", "country_codes": ["US"]}, "INVALID_INSTITUTION"),
        ("signal_return_report", {"client_transaction_id": "no", "return_code": "R01"}, "INVALID_FIELD"),
        ("beta_webhook_events_list", {"cursor": "no"}, "INVALID_FIELD"),
        ("sandbox_processor_token_create", {"institution_id": "ins_132361"}, "INSTITUTION_DOWN"),
        ("sandbox_processor_token_create", {"institution_id": "ins_133402"}, "INSTITUTION_NO_LONGER_SUPPORTED"),
        ("processor_token_create", {"access_token": "a", "account_id": "b", "processor": "alpaca"},
         "INVALID_ACCESS_TOKEN"),
        ("processor_stripe_bank_account_token_create", {"access_token": "a", "account_id": "b"},
         "INVALID_ACCESS_TOKEN"),
    ],
)  # fmt: skip
def test_what_nobody_knows_is_refused_by_its_name(api: Any, method: str, fields: dict[str, Any], code: str) -> None:
    assert refusal(getattr(api, method), fields) == (400, code)


@pytest.mark.parametrize(
    ("path", "fields", "code"),
    [
        ("institutions/get", {"count": 501, "offset": 0, "country_codes": ["US"]}, "INVALID_FIELD"),
        ("institutions/search", {"query": "", "country_codes": ["US"]}, "MISSING_FIELDS"),
        ("signal/evaluate", {"account_id": "a", "client_transaction_id": "1", "amount": "5"}, "INVALID_FIELD"),
        ("accounts/get", {"options": {"account_ids": "all"}}, "INVALID_FIELD"),
        ("accounts/get", {"options": {"account_ids": ["nobody"]}}, "INVALID_ACCOUNT_ID"),
        ("accounts/get", {"options": "all"}, "INVALID_FIELD"),
        ("item/remove", {"reason_code": "BORED"}, "INVALID_FIELD"),
        ("item/webhook/update", {"webhook": "not an address"}, "INVALID_FIELD"),
        ("identity/match", {"user": {"legal_name": 5}}, "INVALID_FIELD"),
        ("sandbox/item/fire_webhook", {"webhook_code": "NONSENSE"}, "INVALID_FIELD"),
        ("sandbox/item/fire_webhook", {"webhook_code": "NEW_ACCOUNTS_AVAILABLE"}, "SANDBOX_WEBHOOK_INVALID"),
        ("sandbox/item/fire_webhook", {"webhook_code": "ERROR", "webhook_type": "AUTH"}, "SANDBOX_WEBHOOK_INVALID"),
        ("sandbox/item/fire_webhook", {"webhook_code": "DEFAULT_UPDATE"}, "SANDBOX_PRODUCT_NOT_ENABLED"),
    ],
)
def test_a_slip_is_refused_on_the_wire(bench: Bench, api: Any, path: str, fields: dict[str, Any], code: str) -> None:
    access = {} if path.startswith("institutions") else item(api)

    answer = bench.plaid(path, **access, **fields)

    assert (answer.status_code, answer.json()["error_code"]) == (400, code)


def test_checks_come_in_plaids_order_to_the_end(bench: Bench, api: Any) -> None:
    access = item(api)
    api.sandbox_item_reset_login(access)

    def code(**fields: Any) -> str:
        answer: str = bench.plaid("signal/evaluate", **fields).json()["error_code"]
        return answer

    wrong = {"access_token": "no", "amount": "much", "colour": "green"}
    assert code(**wrong) == "MISSING_FIELDS"
    wrong |= {"account_id": "no", "client_transaction_id": "1"}
    assert code(**wrong) == "UNKNOWN_FIELDS"
    del wrong["colour"]
    assert code(**wrong) == "INVALID_FIELD"
    assert code(**{**wrong, "amount": 5}) == "INVALID_ACCESS_TOKEN"
    assert code(**{**wrong, "amount": 5, **access}) == "ITEM_LOGIN_REQUIRED"


def test_a_partner_that_is_none_is_refused(api: Any) -> None:
    asked = {**account_of(api, item(api)), "processor": "nope"}

    assert refusal(api.processor_token_create, asked) == (400, "INVALID_FIELD")


def test_a_transaction_is_judged_once(api: Any) -> None:
    asked = {**account_of(api, item(api)), "client_transaction_id": "once", "amount": 5.0}
    api.signal_evaluate(asked)

    assert refusal(api.signal_evaluate, asked) == (400, "CLIENT_TRANSACTION_ID_ALREADY_IN_USE")


def test_a_ruleset_must_be_there(api: Any) -> None:
    asked = {**account_of(api, item(api)), "client_transaction_id": "1", "amount": 5.0, "ruleset_key": "strict"}

    assert refusal(api.signal_evaluate, asked) == (400, "RULESET_NOT_FOUND")


def test_what_was_never_made_cannot_come_back(api: Any) -> None:
    api.signal_evaluate({**account_of(api, item(api)), "client_transaction_id": "1", "amount": 5.0})
    api.signal_decision_report({"client_transaction_id": "1", "initiated": False})

    returned = {"client_transaction_id": "1", "return_code": "R01"}
    assert refusal(api.signal_return_report, returned) == (400, "SIGNAL_TRANSACTION_NOT_INITIATED")


def test_no_account_to_debit_is_said_so(api: Any) -> None:
    access = item_of_story(api, {"override_accounts": [{"type": "credit", "subtype": "credit card"}]})

    assert refusal(api.auth_get, access) == (400, "NO_AUTH_ACCOUNTS")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("error_ITEM_LOCKED", "ITEM_LOCKED"),
        ("error_INSTITUTION_NOT_RESPONDING", "INSTITUTION_NOT_RESPONDING"),
        ("wrong", "INVALID_CREDENTIALS"),
        ('{"recaptcha":"bad"}', "RECAPTCHA_BAD"),
    ],
)
def test_a_password_names_the_trouble(api: Any, password: str, code: str) -> None:
    asked = {"institution_id": PLATYPUS, "initial_products": ["auth"], "options": {"override_password": password}}

    assert refusal(api.sandbox_public_token_create, asked)[1] == code


@pytest.mark.parametrize(
    ("story", "code"),
    [
        ({"force_error": "ITEM_LOCKED"}, "ITEM_LOCKED"),
        ({"force_error": "NOT_A_CODE"}, "INVALID_CREDENTIALS"),
        ({"override_accounts": [{"type": "depository"}]}, "INVALID_CREDENTIALS"),
        ({"override_accounts": [{"type": "depository", "subtype": "checking"}] * 11}, "INVALID_CREDENTIALS"),
        ({"override_accounts": []}, "NO_ACCOUNTS"),
    ],
)
def test_a_customer_written_as_json_may_have_trouble(api: Any, story: dict[str, Any], code: str) -> None:
    with pytest.raises(Exception, match=code):
        item_of_story(api, story)


def test_who_asks_too_often_is_told_to_wait(bench: Bench, api: Any) -> None:
    bench.control("settings", plaid_rate_limits=True)
    access = item(api)
    for _ in range(25):
        api.accounts_balance_get(access)

    assert refusal(api.accounts_balance_get, access) == (429, "BALANCE_LIMIT")
    assert api.accounts_balance_get(item(api))
    bench.pass_time(60)
    assert api.accounts_balance_get(access)


def test_a_client_has_a_limit_of_its_own(bench: Bench, api: Any) -> None:
    bench.control("settings", plaid_rate_limits=True)
    asked = {"count": 1, "offset": 0, "country_codes": ["US"]}
    for _ in range(10):
        api.institutions_get(asked)

    assert refusal(api.institutions_get, asked) == (429, "INSTITUTIONS_GET_LIMIT")


def test_a_balance_may_be_older_than_wanted(bench: Bench, api: Any) -> None:
    access = item(api, bank="ins_130016")

    answer = bench.plaid(
        "accounts/balance/get", **access, options={"min_last_updated_datetime": "2999-01-01T00:00:00Z"}
    )

    assert (answer.status_code, answer.json()["error_type"]) == (400, "INVALID_RESULT")


def test_a_partner_uses_only_what_it_may(api: Any) -> None:
    token = processor_token(api, item(api))
    api.processor_token_permissions_set({**token, "products": ["auth"]})

    assert api.processor_auth_get(token)
    assert refusal(api.processor_balance_get, token) == (400, "PRODUCT_NOT_ENABLED")
    api.processor_token_permissions_set({**token, "products": []})
    assert api.processor_balance_get(token)


@pytest.mark.parametrize("body", ["", "[]", '{"amount": NaN}', '{"access_token": "\\ud800"}', "[" * 100_000, b"\xff"])
def test_what_is_no_json_object_is_refused(bench: Bench, body: str | bytes) -> None:
    answer = bench.session.post(f"{bench.url}/plaid/item/get", data=body, timeout=5)

    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_BODY")


def test_an_accident_of_our_own_has_plaids_envelope(server: SandboxServer, bench: Bench, api: Any) -> None:
    access = item(api)
    with server.books.entry():
        server.books.write("UPDATE bank_accounts SET details = 'not JSON'")

    assert refusal(api.accounts_get, access) == (500, "INTERNAL_SERVER_ERROR")


def test_an_unknown_path_is_not_found(bench: Bench) -> None:
    answer = bench.plaid("no/such/path")

    assert (answer.status_code, answer.json()["error_code"]) == (404, "NOT_FOUND")


def test_a_public_token_is_not_for_products_that_nobody_sells(api: Any) -> None:
    with pytest.raises(Exception, match="INVALID_FIELD"):
        public_token(api, products=("nonsense",))
