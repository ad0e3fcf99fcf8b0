"""What the broker says of an account: in any order, any number of times, and in words we do not know."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from accounts.models import AccountEvent, BrokerageAccount, StreamCursor
from accounts.operations import account_status, onboarding
from accounts.operations.account_stream import ACCOUNTS
from accounts.operations.news import read_and_act
from brokerage.gateways import broker_accounts
from brokerage.gateways.errors import OutcomeUnknown
from tests import make
from tests.accounts.hearing import hear
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STORY = ["ACTION_REQUIRED", "APPROVAL_PENDING", "APPROVED", "ACTIVE"]


@pytest.fixture
def account() -> BrokerageAccount:
    return make.account(make.user(), status="SUBMITTED")


def read() -> int:
    return read_and_act(ACCOUNTS, holder="a test")


@pytest.fixture
def opened(sandbox: Sandbox) -> BrokerageAccount:
    """Open an account that the broker knows as well."""
    onboarding.submit(application=make.application(make.user()))
    return BrokerageAccount.objects.get()


def news(number: int, status: str, **more: Any) -> dict[str, Any]:
    return {"status": status, "at": NOON + timedelta(seconds=number), "vendor_event_id": f"{number:026}", **more}


def tell(account: BrokerageAccount, *events: dict[str, Any]) -> BrokerageAccount:
    for event in events:
        account_status.apply(account=account, actor="broker", **event)
    account.refresh_from_db()
    return account


# --- Order and repetition ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_the_order_of_news_does_not_matter(account: BrokerageAccount, order: tuple[int, ...]) -> None:
    events = [news(number, status) for number, status in enumerate(STORY)]

    tell(account, *(events[number] for number in order))
    tell(account, *events, *reversed(events))

    assert account.status == "ACTIVE"
    assert account.news_at == NOON + timedelta(seconds=3)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
@pytest.mark.parametrize("end", ["ACCOUNT_CLOSED", "ACCOUNT_UPDATED", "REJECTED"])
def test_the_end_of_a_story_is_its_end_in_any_order(
    account: BrokerageAccount, order: tuple[int, ...], end: str
) -> None:
    story = ["APPROVED", "APPROVAL_PENDING" if end == "REJECTED" else "ACTIVE", end]

    tell(account, *(news(number, story[number]) for number in order))

    assert account.status == end


def test_the_same_event_acts_once(account: BrokerageAccount) -> None:
    tell(account, *[news(1, "APPROVED", account_number="12")] * 3)

    assert AccountEvent.objects.filter(vendor_event_id=f"{1:026}").count() == 1
    assert account.events.count() == 2


def test_older_news_changes_nothing_at_all(account: BrokerageAccount) -> None:
    tell(account, news(5, "ACTIVE", account_number="new"), news(1, "APPROVED", account_number="old"))

    assert (account.status, account.account_number) == ("ACTIVE", "new")


def test_news_without_a_status_keeps_the_status(account: BrokerageAccount) -> None:
    tell(account, news(1, "", account_number="12", kyc_results={"accept": {"ADDRESS_VERIFICATION": {}}}))

    assert (account.status, account.account_number) == ("SUBMITTED", "12")
    assert account.kyc_results == {"accept": {"ADDRESS_VERIFICATION": {}}}
    assert [event.field for event in account.events.order_by("at")] == ["status", "kyc"]


def test_a_word_we_do_not_know_is_kept_and_reported(
    account: BrokerageAccount, caplog: pytest.LogCaptureFixture
) -> None:
    tell(account, news(1, "LEVITATING"))
    assert account.status == "LEVITATING"
    assert "unfamiliar status 'LEVITATING'" in caplog.text

    tell(account, news(2, "ACTIVE"))
    assert account.status == "ACTIVE"


@pytest.mark.parametrize("after", ["SUBMITTED", "ACTION_REQUIRED", "APPROVED", "ACTIVE"])
def test_nothing_follows_the_end(account: BrokerageAccount, after: str) -> None:
    tell(account, news(1, "ACCOUNT_CLOSED"), news(2, after))

    assert account.status == "ACCOUNT_CLOSED"


@pytest.mark.parametrize("after", ["SUBMITTED", "ACTION_REQUIRED", "APPROVED", "ACTIVE"])
def test_a_rejected_application_that_the_broker_reopens_is_an_alarm(
    account: BrokerageAccount, after: str, caplog: pytest.LogCaptureFixture
) -> None:
    tell(account, news(1, "REJECTED"), news(2, after))

    assert account.status == after
    assert f"rejected before, now {after}" in caplog.text


# --- The stream -------------------------------------------------------------------------------------------------------


def test_the_stream_carries_an_account_to_active(opened: BrokerageAccount, sandbox: Sandbox) -> None:
    for status in ("APPROVED", "ACTIVE"):
        sandbox.post(f"/control/accounts/{opened.alpaca_id}", status=status)

    hear(sandbox)
    hear(sandbox)

    opened.refresh_from_db()
    assert opened.status == "ACTIVE"
    moves = opened.events.filter(field="status").order_by("at")
    assert [event.after for event in moves] == ["SUBMITTED", "APPROVED", "ACTIVE"]


def test_news_that_only_restricts_an_account_is_read(opened: BrokerageAccount, sandbox: Sandbox) -> None:
    sandbox.post(f"/control/accounts/{opened.alpaca_id}", ach_return=True)

    assert hear(sandbox) >= 1

    opened.refresh_from_db()
    assert opened.status == "SUBMITTED"


def test_news_of_an_account_that_is_not_ours_is_passed_over(sandbox: Sandbox) -> None:
    application = make.application(make.user())
    broker_accounts.create_account(onboarding.broker_form.filled_in(application))

    assert hear(sandbox) == 1
    assert BrokerageAccount.objects.count() == 0


@pytest.mark.parametrize("kind", ["drop_before_commit", "status"])
def test_a_stream_that_fails_leaves_the_cursor(sandbox: Sandbox, kind: str) -> None:
    read()
    before = StreamCursor.objects.values().get()
    sandbox.post("/control/faults", route="GET /broker/v1/events/**", kind=kind, status=502)

    with pytest.raises(OutcomeUnknown):
        read()

    assert StreamCursor.objects.values().get() == before


def test_a_page_in_place_of_the_stream_leaves_the_cursor(opened: BrokerageAccount, sandbox: Sandbox) -> None:
    read()
    before = StreamCursor.objects.values().get()
    sandbox.post("/control/faults", route="GET /broker/v1/events/**", kind="status", status=200, body="<h1>Welcome")
    sandbox.post(f"/control/accounts/{opened.alpaca_id}", status="APPROVED")

    with pytest.raises(OutcomeUnknown):
        read()
    assert StreamCursor.objects.values().get() == before
    hear(sandbox)

    opened.refresh_from_db()
    assert opened.status == "APPROVED"


# --- Cash -------------------------------------------------------------------------------------------------------------


def test_cash_is_read_with_the_time_before_asking(opened: BrokerageAccount, sandbox: Sandbox) -> None:
    sandbox.post("/control/balances", account_id=opened.alpaca_id, amount="12.34")

    with time_machine.travel(NOON, tick=False):
        assert account_status.refresh_cash(account=opened)

    opened.refresh_from_db()
    assert (opened.cash, opened.cash_as_of) == (Decimal("12.34"), NOON)


def test_cash_is_kept_when_the_broker_is_away_and_not_asked_for_again_at_once(
    opened: BrokerageAccount, sandbox: Sandbox
) -> None:
    with time_machine.travel(NOON, tick=False):
        account_status.refresh_cash(account=opened)
    sandbox.post("/control/faults", route="GET /broker/v1/trading/**", kind="drop_before_commit")

    with time_machine.travel(NOON + timedelta(seconds=21), tick=False):
        assert not account_status.refresh_cash_if_old(account=opened)
        assert not account_status.refresh_cash_if_old(account=opened)
    opened.refresh_from_db()
    assert opened.cash_as_of == NOON
    with time_machine.travel(NOON + timedelta(seconds=42), tick=False):
        assert account_status.refresh_cash_if_old(account=opened)
        assert account_status.refresh_cash_if_old(account=opened)
