"""What customers are told of their account: once for each episode, in the transaction of the change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import BrokerageAccount, Notice
from accounts.operations import account_status
from accounts.operations.telling_accounts import tell_of_blocks, tell_of_findings, tell_of_status
from tests import make

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADDRESS = {"indeterminate": ["ADDRESS_VERIFICATION"]}


@pytest.fixture
def account() -> BrokerageAccount:
    return make.account(make.user())


def told(account: BrokerageAccount, before: str, after: str, *, minutes: int = 0, **columns: Any) -> list[Notice]:
    """Tell of a move, and return all that was told so far."""
    for name, value in ({"status": after} | columns).items():
        setattr(account, name, value)
    with transaction.atomic():
        tell_of_status(account, before, after, at=NOON + timedelta(minutes=minutes))
    return list(Notice.objects.order_by("created_at"))


@pytest.mark.parametrize(
    ("before", "after", "kind", "title", "path"),
    [
        ("APPROVED", "ACTIVE", "ACCOUNT_OPEN", "Your brokerage account is open", "/overview/"),
        ("SUBMITTED", "ACTIVE", "ACCOUNT_OPEN", "Your brokerage account is open", "/overview/"),
        ("ACCOUNT_UPDATED", "ACTIVE", "ACCOUNT_OPEN_AGAIN", "works as before", "/overview/"),
        ("DISABLED", "ACTIVE", "ACCOUNT_OPEN_AGAIN", "works as before", "/overview/"),
        ("SUBMITTED", "REJECTED", "ACCOUNT_DECLINED", "did not approve", "/apply/waiting/"),
        ("ACTIVE", "ACCOUNT_CLOSED", "ACCOUNT_CLOSED", "is closed", "/apply/waiting/"),
        ("ACTIVE", "ACCOUNT_UPDATED", "ACCOUNT_UNDER_REVIEW", "reviewing a change", "/apply/waiting/"),
        ("ACTIVE", "REAPPROVAL_PENDING", "ACCOUNT_UNDER_REVIEW", "A person at the broker", "/apply/waiting/"),
        ("ACTIVE", "LEVITATING", "ACCOUNT_UNDER_REVIEW", "looking at your account", "/apply/waiting/"),
        ("ACTIVE", "DISABLED", "ACCOUNT_STOPPED", "has stopped your account", "/apply/waiting/"),
    ],
)
def test_a_move_that_means_something_is_told(
    account: BrokerageAccount, before: str, after: str, kind: str, title: str, path: str
) -> None:
    [notice] = told(account, before, after)

    assert (notice.kind, notice.path, notice.user) == (kind, path, account.user)
    assert title in notice.title
    assert after not in notice.title + notice.body


@pytest.mark.parametrize(
    ("before", "after"),
    [("SUBMITTED", "APPROVED"), ("ACTION_REQUIRED", "SUBMITTED"), ("SUBMITTED", "APPROVAL_PENDING"),
     ("ACTIVE", "ACTIVE"), ("SUBMITTED", "LEVITATING"), ("SUBMITTED", "SUBMISSION_FAILED")],
)  # fmt: skip
def test_a_move_within_the_review_is_no_news(account: BrokerageAccount, before: str, after: str) -> None:
    assert told(account, before, after) == []


def test_documents_are_asked_for_by_name(account: BrokerageAccount) -> None:
    [notice] = told(account, "SUBMITTED", "ACTION_REQUIRED", kyc_results=ADDRESS)

    assert notice.kind == "ACCOUNT_DOCUMENTS_ASKED"
    assert "Proof of your home address" in notice.body


def test_nobody_learns_from_a_notice_that_they_are_looked_at(account: BrokerageAccount) -> None:
    assert told(account, "SUBMITTED", "ACTION_REQUIRED", kyc_results={"indeterminate": {"WATCHLIST_HIT": {}}}) == []


def test_each_episode_is_told_once(account: BrokerageAccount) -> None:
    told(account, "SUBMITTED", "ACTION_REQUIRED", kyc_results=ADDRESS)
    told(account, "SUBMITTED", "ACTION_REQUIRED", kyc_results=ADDRESS)
    assert Notice.objects.count() == 1

    told(account, "SUBMITTED", "ACTION_REQUIRED", minutes=90, kyc_results=ADDRESS)
    assert Notice.objects.count() == 2


def found(account: BrokerageAccount, before: list[str], after: list[str], *, status: str = "ACTION_REQUIRED") -> int:
    account.status, account.kyc_results = status, {"indeterminate": after}
    with transaction.atomic():
        tell_of_findings(account, before, at=NOON)
    return Notice.objects.count()


def test_another_document_is_asked_for_by_name(account: BrokerageAccount) -> None:
    assert found(account, ["ADDRESS_VERIFICATION"], ["ADDRESS_VERIFICATION", "IDENTITY_VERIFICATION"]) == 1
    assert "A photo ID" in Notice.objects.get().body


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (["PEP", "ADDRESS_VERIFICATION"], ["ADDRESS_VERIFICATION"], "ACTION_REQUIRED"),
        (["ADDRESS_VERIFICATION"], ["ADDRESS_VERIFICATION", "WATCHLIST_HIT"], "ACTION_REQUIRED"),
        ([], ["ADDRESS_VERIFICATION"], "APPROVAL_PENDING"),
    ],
)
def test_findings_that_ask_for_nothing_new_are_no_news(
    account: BrokerageAccount, before: list[str], after: list[str], status: str
) -> None:
    assert found(account, before, after, status=status) == 0


def test_a_move_and_its_findings_are_told_once(account: BrokerageAccount) -> None:
    told(account, "SUBMITTED", "ACTION_REQUIRED", kyc_results=ADDRESS)

    assert found(account, [], ["ADDRESS_VERIFICATION"]) == 1


def blocked(
    account: BrokerageAccount, before: list[str], *blocks: str, sells_only: tuple[str, ...] = ()
) -> list[Notice]:
    account.blocks, account.liquidation_only = list(blocks), list(sells_only)
    with transaction.atomic():
        tell_of_blocks(account, before, [*blocks, *sells_only])
    return list(Notice.objects.order_by("created_at"))


def test_a_block_and_its_end_are_told(account: BrokerageAccount) -> None:
    blocked(account, [], "outgoing_transfers_blocked")
    blocked(account, ["outgoing_transfers_blocked"], "outgoing_transfers_blocked", "account_blocked")
    first, second, third = blocked(account, ["account_blocked", "outgoing_transfers_blocked"])

    assert [each.kind for each in (first, second, third)] == ["ACCOUNT_BLOCKED", "ACCOUNT_BLOCKED", "ACCOUNT_UNBLOCKED"]
    assert [each.title for each in (first, second, third)] == [
        "Withdrawals are blocked",
        "The broker has blocked your account",
        "The broker has lifted its blocks",
    ]
    assert {each.path for each in (first, second, third)} == {"/overview/"}


def test_all_that_is_restricted_is_told_in_one(account: BrokerageAccount) -> None:
    [notice] = blocked(account, [], "trading_blocked", "a_block_of_tomorrow", sells_only=("ach_return",))

    assert notice.title == "Trading is blocked"
    assert "You can’t buy or sell" in notice.body
    assert "a_block_of_tomorrow" not in notice.body


def test_blocks_that_stand_as_before_are_no_news(account: BrokerageAccount) -> None:
    assert blocked(account, ["trading_blocked", "account_blocked"], "account_blocked", "trading_blocked") == []


def test_a_change_that_is_taken_back_is_not_told(account: BrokerageAccount) -> None:
    with transaction.atomic():
        tell_of_status(account, "APPROVED", "ACTIVE", at=NOON)
        transaction.set_rollback(True)

    assert not Notice.objects.exists()


# --- From the news itself ---------------------------------------------------------------------------------------------


def test_news_is_told_with_the_change_that_it_makes(account: BrokerageAccount) -> None:
    BrokerageAccount.objects.update(status="SUBMITTED")

    for status, findings in (("ACTION_REQUIRED", ADDRESS), ("SUBMITTED", ADDRESS), ("ACTIVE", {})):
        account_status.apply(account=account, status=status, actor="broker", kyc_results=findings)
    account_status.apply(account=account, actor="broker", blocks={"account_blocked": True})
    account_status.apply(account=account, actor="broker", blocks={"account_blocked": True})
    account_status.apply(account=account, actor="broker", blocks={"account_blocked": False})

    assert [notice.kind for notice in Notice.objects.order_by("created_at")] == [
        "ACCOUNT_DOCUMENTS_ASKED",
        "ACCOUNT_OPEN",
        "ACCOUNT_BLOCKED",
        "ACCOUNT_UNBLOCKED",
    ]


def test_the_same_event_tells_once(account: BrokerageAccount) -> None:
    event: dict[str, Any] = {"status": "ACCOUNT_UPDATED", "at": NOON, "vendor_event_id": "01J"}

    for _ in range(3):
        account_status.apply(account=account, actor="broker", **event)

    assert Notice.objects.count() == 1
