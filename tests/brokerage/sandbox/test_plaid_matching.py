"""How alike a person and an account's owner are, in numbers that never change."""

from typing import Any

import pytest

from brokerage.sandbox.plaid import matching
from brokerage.sandbox.plaid.bank_accounts import Owner

OWNER = Owner(names=("Alberta Bobbeth Charleson",))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Alberta Bobbeth Charleson", 100),
        ("alberta bobbeth  CHARLESON", 100),
        ("Charleson, Alberta Bobbeth", 90),
        ("Alberta Charleson", 90),
        ("Bertie Charleson", 80),
        ("Grace Charleson", 15),
        ("Grace Hopper", 0),
    ],
)
def test_a_name_is_scored(name: str, expected: int) -> None:
    assert matching.scores({"legal_name": name}, OWNER)["legal_name"]["score"] == expected


def test_a_name_says_in_what_it_agrees() -> None:
    block = matching.scores({"legal_name": "Bertie Charleson Inc"}, OWNER)["legal_name"]
    nick = matching.scores({"legal_name": "Bertie Charleson"}, OWNER)["legal_name"]

    assert block["is_business_name_detected"]
    assert nick["is_nickname_match"]
    assert nick["is_first_name_or_last_name_match"]


@pytest.mark.parametrize(
    ("user", "block", "expected"),
    [
        ({"phone_number": "+1 (202) 555-0123"}, "phone_number", {"score": 100}),
        ({"phone_number": "2025550124"}, "phone_number", {"score": 0}),
        ({"email_address": "ACCOUNTHOLDER1@example.com"}, "email_address", {"score": 100}),
        ({"email_address": "somebody@example.com"}, "email_address", {"score": 0}),
        ({"address": {"postal_code": "14236"}}, "address", {"score": 100, "is_postal_code_match": True}),
        (
            {"address": {"city": "Malakoff", "postal_code": "90210"}},
            "address",
            {"score": 50, "is_postal_code_match": False},
        ),
    ],
)
def test_the_rest_is_scored_too(user: dict[str, Any], block: str, expected: dict[str, Any]) -> None:
    assert matching.scores(user, OWNER)[block] == expected


def test_what_was_not_said_has_no_score() -> None:
    assert matching.scores({}, OWNER) == {
        "legal_name": {
            "score": None,
            "is_first_name_or_last_name_match": None,
            "is_nickname_match": None,
            "is_business_name_detected": None,
        },
        "phone_number": {"score": None},
        "email_address": {"score": None},
        "address": {"score": None, "is_postal_code_match": None},
    }
