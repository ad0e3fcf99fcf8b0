"""What a bank asks besides the password, as Link's frame is told it."""

import json

import pytest

from brokerage.sandbox.plaid import logins
from brokerage.sandbox.plaid.refusal import PlaidRefusal


def test_a_good_password_is_enough() -> None:
    assert logins.rounds("user_good", "pass_good") == ()


def test_a_device_is_chosen_before_a_code_is_typed() -> None:
    device, code = logins.rounds("user_good", "mfa_device")

    device.check(["E-mail to a***@example.com"])
    code.check(["1234"])
    assert [device.kind, code.kind] == ["device", "code"]
    with pytest.raises(PlaidRefusal, match="not correct"):
        device.check(["carrier pigeon"])


def test_questions_come_in_rounds() -> None:
    first, second = logins.rounds("user_good", "mfa_questions_2_3")

    first.check(["answer_0_0", "answer_0_1", "answer_0_2"])
    assert len(second.shown()["prompts"]) == 3
    with pytest.raises(PlaidRefusal):
        second.check(["answer_0_0", "answer_0_1", "answer_0_2"])
    with pytest.raises(PlaidRefusal):
        second.check(["answer_1_0"])


def test_a_selection_is_yes() -> None:
    (only,) = logins.rounds("user_good", "mfa_selections")

    only.check(["Yes"])
    with pytest.raises(PlaidRefusal):
        only.check(["No"])


def test_a_story_asks_what_it_says_and_is_remembered() -> None:
    story = {
        "override_accounts": [{"type": "depository", "subtype": "checking", "meta": {"mask": "77"}}],
        "mfa": {"type": "questions", "question_rounds": 1, "questions_per_round": 2},
    }
    password = json.dumps(story)

    rounds = logins.rounds("user_custom", password)
    login = logins.remembered("user_custom", password)

    assert [len(challenge.prompts) for challenge in rounds] == [2]
    assert [account.mask for account in logins.accounts_of(login, products=["auth"], filters={})] == ["77"]


@pytest.mark.parametrize("password", ["pass_good", "{}[", "[]", '{"override_accounts": 5}', '{"force_error": "NO"}'])
def test_what_is_no_story_is_a_wrong_password(password: str) -> None:
    with pytest.raises(PlaidRefusal) as raised:
        logins.rounds("user_custom", password)

    assert raised.value.code == "INVALID_CREDENTIALS"


def test_some_customers_have_a_trouble_of_their_own() -> None:
    assert logins.all_accounts_of("user_low_balance")[0].available == 3.5
    assert logins.all_accounts_of("user_null_available")[0].available is None
    assert logins.all_accounts_of("user_other_name")[0].owner.names == ("Somebody Else",)
    assert logins.accounts_of("user_credit_only", products=["auth"], filters={}) == []
