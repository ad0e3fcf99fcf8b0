"""Blocks, reasons to sell only and KYC results: in any order, any number of times, and with a history."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AccountEvent, BrokerageAccount
from accounts.operations import account_status, onboarding
from accounts.operations.account_status import Overtaken, Question
from tests import make
from tests.accounts.hearing import hear
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OUT, IN = "outgoing_transfers_blocked", "incoming_transfers_blocked"
STORY: list[dict[str, Any]] = [
    {"blocks": {OUT: True}, "account_number": "1"},
    {"status": "ACCOUNT_UPDATED", "liquidation_only": {"ach_return": True}},
    {"blocks": {OUT: False, IN: True}, "kyc_results": {"summary": "fail", "reject": {"OTHER": {}}}},
    {"status": "ACTIVE", "liquidation_only": {"ach_return": False, "unspecified": True}},
    {"blocks": {OUT: True}, "kyc_results": {"summary": "pass"}},
]


@pytest.fixture
def account() -> BrokerageAccount:
    return make.account(make.user())


def tell(account: BrokerageAccount, *numbers: int) -> BrokerageAccount:
    """Tell these events of the story, each with its time and its id."""
    for number in numbers:
        at = NOON + timedelta(seconds=number)
        account_status.apply(account=account, actor="broker", at=at, vendor_event_id=f"{number:026}", **STORY[number])
    account.refresh_from_db()
    return account


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(STORY)))), ids=str)
def test_the_order_and_repetition_of_news_do_not_matter(account: BrokerageAccount, order: tuple[int, ...]) -> None:
    tell(account, *order, *order[::2], *reversed(order))

    assert (account.status, account.account_number) == ("ACTIVE", "1")
    assert account.blocks == [IN, OUT]
    assert account.liquidation_only == ["unspecified"]
    assert account.kyc_results == {"summary": "pass"}


def test_each_change_has_a_row_and_an_event_names_one_of_them(account: BrokerageAccount) -> None:
    tell(account, *range(len(STORY)))

    rows = [(row.field, row.before, row.after) for row in account.events.all()[1:]]
    assert rows == [
        ("blocks", "", OUT),
        ("status", "ACTIVE", "ACCOUNT_UPDATED"),
        ("liquidation", "", "ach_return"),
        ("kyc", "", "fail"),
        ("blocks", "", IN),
        ("blocks", OUT, ""),
        ("status", "ACCOUNT_UPDATED", "ACTIVE"),
        ("liquidation", "ach_return", ""),
        ("liquidation", "", "unspecified"),
        ("kyc", "fail", "pass"),
        ("blocks", "", OUT),
    ]
    assert AccountEvent.objects.exclude(vendor_event_id=None).count() == len(STORY)


def test_the_history_has_the_codes_and_no_prose(account: BrokerageAccount) -> None:
    found = {
        "indeterminate": {"ADDRESS_VERIFICATION": {}, "Ada lives at 5 Elm": {}},
        "reject": ["OTHER", 5],
        "accept": {},
        "additional_information": "Ada’s passport is torn",
        "summary": "Ada fails",
    }

    account_status.apply(account=account, actor="broker", kyc_results=found)

    row = account.events.get(field="kyc")
    assert row.evidence == {"before": {}, "after": {"indeterminate": ["ADDRESS_VERIFICATION"], "reject": ["OTHER"]}}
    assert "Ada" not in json.dumps([row.before, row.after, row.evidence])


def test_the_stream_tells_of_blocks(sandbox: Sandbox) -> None:
    onboarding.submit(application=make.application(make.user()))
    account = BrokerageAccount.objects.get()
    sandbox.post(f"/control/accounts/{account.alpaca_id}", flags={OUT: True, "trading_blocked": True}, ach_return=True)

    hear(sandbox)
    hear(sandbox)

    account.refresh_from_db()
    assert (account.blocks, account.liquidation_only) == ([OUT, "trading_blocked"], ["ach_return"])
    assert account.events.filter(field="blocks").count() == 2

    sandbox.post(f"/control/accounts/{account.alpaca_id}", flags={OUT: False}, ach_return=False)

    def heard() -> tuple[list[str], list[str]]:
        hear(sandbox)
        account.refresh_from_db()
        return account.blocks, account.liquidation_only

    assert eventually(lambda: heard() == (["trading_blocked"], []), 10)


def test_a_look_at_the_cash_brings_equity_and_blocks(sandbox: Sandbox) -> None:
    onboarding.submit(application=make.application(make.user()))
    account = BrokerageAccount.objects.get()
    for status in ("APPROVED", "ACTIVE"):
        sandbox.post(f"/control/accounts/{account.alpaca_id}", status=status)
    BrokerageAccount.objects.update(status="ACTIVE", blocks=["account_blocked"])
    sandbox.post("/control/balances", account_id=account.alpaca_id, amount="12.34")
    sandbox.post(f"/control/accounts/{account.alpaca_id}", flags={OUT: True})

    assert account_status.refresh_cash(account=account)

    account.refresh_from_db()
    assert (f"{account.equity:.2f}", account.blocks) == ("12.34", [OUT])
    assert account.events.filter(field="blocks").count() == 2


# --- A read beside the news -------------------------------------------------------------------------------------------


def test_a_read_that_news_has_overtaken_is_dropped(account: BrokerageAccount) -> None:
    question = Question.about(account)
    tell(account, 1)

    with pytest.raises(Overtaken):
        account_status.apply(account=account, asked=question, actor="reconciliation", status="ACCOUNT_CLOSED")

    account.refresh_from_db()
    assert account.status == "ACCOUNT_UPDATED"


def test_news_from_before_a_read_does_not_take_it_back(account: BrokerageAccount) -> None:
    account.status = "SUBMITTED"
    account.save(update_fields=["status"])
    asked = Question.about(account)
    account_status.apply(account=account, asked=asked, actor="reconciliation", status="REJECTED", blocks={OUT: False})

    account_status.apply(account=account, actor="broker", at=NOON, status="ACTION_REQUIRED", blocks={OUT: True})

    account.refresh_from_db()
    assert (account.status, account.blocks) == ("REJECTED", [])


# --- Which status may follow which ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "story",
    [
        ["ONBOARDING", "SUBMITTED", "ACTION_REQUIRED", "SUBMITTED", "APPROVAL_PENDING", "APPROVED", "ACTIVE"],
        ["INACTIVE", "SUBMITTED", "SUBMISSION_FAILED", "SUBMITTED", "APPROVED", "ACTIVE"],
        ["ACTIVE", "ACCOUNT_UPDATED", "ACTIVE", "ACCOUNT_CLOSED"],
        ["SUBMITTED", "ACCOUNT_CLOSED"],
        ["REJECTED", "ACCOUNT_CLOSED"],
        ["REJECTED", "APPROVAL_PENDING", "APPROVED", "ACTIVE"],
        ["SUBMITTED", "AML_REVIEW", "APPROVED", "ACTIVE", "DISABLED", "ACTIVE"],
    ],
    ids=lambda story: " ".join(story),
)
def test_every_path_that_the_broker_may_take_is_taken(account: BrokerageAccount, story: list[str]) -> None:
    account.status = "INACTIVE" if story[0] != "INACTIVE" else "ONBOARDING"
    account.save(update_fields=["status"])

    for number, status in enumerate(story):
        account_status.apply(account=account, actor="broker", status=status, at=NOON + timedelta(seconds=number))

    assert [row.after for row in account.events.order_by("at")[1:]] == story


def test_news_from_just_before_a_read_does_not_take_it_back_and_has_it_read_again(account: BrokerageAccount) -> None:
    read_at = timezone.now()
    with time_machine.travel(read_at, tick=False):
        asked = Question.about(account)
        account_status.apply(account=account, asked=asked, actor="reconciliation", status="ACCOUNT_UPDATED")

    account_status.apply(account=account, actor="broker", status="ACTIVE", at=read_at - timedelta(milliseconds=16))

    account.refresh_from_db()
    assert account.status == "ACCOUNT_UPDATED"
    assert account.checked_at.year == 1970  # the next sweep reads it first
    account_status.apply(account=account, actor="broker", status="ACTIVE", at=read_at + timedelta(milliseconds=16))
    account.refresh_from_db()
    assert account.status == "ACTIVE"
