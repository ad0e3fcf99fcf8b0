"""The rules before a deposit, one by one: what each asks for, at which bound, and what the customer reads."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding import return_codes, risk_rules
from funding.risk_rules import ALLOW, DECLINE, HOLD, Bounds, Facts

BOUNDS = Bounds(
    when_away="decline",
    deposits_per_day=3,
    deposits_per_week=Decimal("1000.00"),
    new_bank_days=7,
    new_bank_limit=Decimal("500.00"),
)
QUIET = Facts(amount=Decimal("100.00"), balance=Decimal("100.00"), bank_age_days=30)


def outcome(bounds: Bounds = BOUNDS, **changes: Any) -> str:
    return risk_rules.judge(replace(QUIET, **changes), bounds).outcome


def test_where_nothing_speaks_against_it_it_is_allowed() -> None:
    verdict = risk_rules.judge(QUIET, BOUNDS)

    assert (verdict.outcome, verdict.rules) == (ALLOW, ())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"balance": Decimal("99.99")}, DECLINE),
        ({"balance": Decimal("-5.00")}, DECLINE),
        ({"unauthorized_ever": True}, DECLINE),
        ({"balance": None, "away": "sign in again"}, DECLINE),
        ({"signal": "REROUTE"}, DECLINE),
        ({"signal": "REVIEW"}, HOLD),
        ({"signal": "ACCEPT"}, ALLOW),
        ({"signal": "A NEW WORD"}, HOLD),
        ({"deposits_in_a_day": 2}, ALLOW),
        ({"deposits_in_a_day": 3}, HOLD),
        ({"deposited_in_a_week": Decimal("900.00")}, ALLOW),
        ({"deposited_in_a_week": Decimal("900.01")}, HOLD),
        ({"bank_age_days": 0}, ALLOW),
        ({"bank_age_days": 6, "amount": Decimal("500.01"), "balance": Decimal("9000.00")}, HOLD),
        ({"bank_age_days": 6, "amount": Decimal("500.00"), "balance": Decimal("9000.00")}, ALLOW),
        ({"bank_age_days": 7, "amount": Decimal("500.01"), "balance": Decimal("9000.00")}, ALLOW),
        ({"returns": ("R01", "R09", "R18")}, ALLOW),
        ({"returns": ("R01", "R02")}, HOLD),
        ({"returns": ("",)}, HOLD),
        ({"brake": True}, HOLD),
    ],
    ids=str,
)
def test_a_rule_asks_for_what_it_says(changes: dict[str, Any], expected: str) -> None:
    assert outcome(**changes) == expected


@pytest.mark.parametrize(("when_away", "expected"), [("decline", DECLINE), ("hold", HOLD)])
@pytest.mark.parametrize("changes", [{"balance": None, "away": "away"}, {"balance": None}, {"signal": "AWAY"}], ids=str)
def test_what_cannot_be_looked_at_is_never_let_through(changes: dict[str, Any], when_away: str, expected: str) -> None:
    assert outcome(replace(BOUNDS, when_away=when_away), **changes) == expected


@given(
    st.builds(
        Facts,
        amount=st.decimals("0.01", "99999.99", places=2),
        balance=st.none() | st.decimals("-999.99", "99999.99", places=2),
        away=st.sampled_from(["", "away", "sign in again", "no balance"]),
        signal=st.sampled_from(["", "AWAY", "ACCEPT", "REVIEW", "REROUTE", "NEW"]),
        deposits_in_a_day=st.integers(0, 9),
        deposited_in_a_week=st.decimals("0.00", "9999.99", places=2),
        bank_age_days=st.integers(0, 99),
        returns=st.lists(st.sampled_from(["", "R01", "R02", "R10", "R18"])).map(tuple),
        unauthorized_ever=st.booleans(),
        brake=st.booleans(),
    ),
    st.sampled_from(["decline", "hold"]),
)
def test_nothing_is_allowed_unseen_or_beyond_the_balance(facts: Facts, when_away: str) -> None:
    verdict = risk_rules.judge(facts, replace(BOUNDS, when_away=when_away))

    if facts.balance is None or facts.balance < facts.amount or facts.unauthorized_ever or facts.brake:
        assert verdict.outcome != ALLOW
    assert bool(verdict.rules) == (verdict.outcome != ALLOW)


def test_the_customer_reads_a_sentence_for_every_rule() -> None:
    every = [replace(QUIET, balance=None), replace(QUIET, balance=Decimal("0.00")), replace(QUIET, signal="REROUTE")]
    for facts in every:
        verdict = risk_rules.judge(facts, BOUNDS)
        assert risk_rules.told_to_customer(list(verdict.rules)).endswith(".")
    assert "less in the account" in risk_rules.told_to_customer(["less in the bank account than that"])
    assert risk_rules.told_to_customer(["an unauthorized return before"]) == risk_rules.DECLINED_OTHERWISE


def test_what_is_told_belongs_to_a_rule_that_there_is() -> None:
    names = {name for name, _, _ in risk_rules.rules(QUIET, BOUNDS)}

    assert set(risk_rules.DECLINED_BECAUSE) <= names


def test_every_code_of_the_unauthorized_group_counts() -> None:
    assert {code for code, found in return_codes.CODES.items() if found.group == "unauthorized"} == set(
        return_codes.UNAUTHORIZED
    )
