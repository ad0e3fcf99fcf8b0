"""The keys of Plaid's webhooks, as its answer gives them or does not."""

import json
from typing import Any

import pytest

from brokerage.gateways import plaid
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused
from tests.brokerage.gateways.vendor import Vendor, answer
from tests.harness.plaid_signing import SigningKey

KEY = SigningKey()


def test_a_key_is_given_as_it_came(vendor: Vendor) -> None:
    vendor.says(answer(200, {"key": KEY.jwk(moon="full"), "request_id": "x"}))

    assert plaid.get_webhook_key(KEY.kid) == KEY.jwk(moon="full")

    assert vendor.asked[0].path == "/webhook_verification_key/get"
    assert json.loads(vendor.asked[0].body) == {"key_id": KEY.kid}


@pytest.mark.parametrize("key", [None, [], "x", {}], ids=repr)
def test_what_is_no_key_is_no_answer(vendor: Vendor, key: Any) -> None:
    vendor.says(answer(200, {"key": key}))

    with pytest.raises(OutcomeUnknown):
        plaid.get_webhook_key("x")


@pytest.mark.parametrize("odd", [None, "", 5])
@pytest.mark.parametrize("part", ["kid", "kty", "crv", "x", "y"])
def test_a_key_without_one_of_its_parts_is_no_answer(vendor: Vendor, part: str, odd: Any) -> None:
    vendor.says(answer(200, {"key": KEY.jwk(**{part: odd})}))

    with pytest.raises(OutcomeUnknown):
        plaid.get_webhook_key("x")


def test_a_key_that_nobody_has_is_refused_by_name(vendor: Vendor) -> None:
    vendor.says(answer(400, {"error_type": "INVALID_INPUT", "error_code": plaid.NO_SUCH_WEBHOOK_KEY}))

    with pytest.raises(Refused) as refusal:
        plaid.get_webhook_key("x")

    assert refusal.value.code == plaid.NO_SUCH_WEBHOOK_KEY


def test_plaid_may_ask_us_to_slow_down(vendor: Vendor) -> None:
    vendor.says(answer(429, {"error_code": "RATE_LIMIT"}))

    with pytest.raises(NotSent):
        plaid.get_webhook_key("x")
