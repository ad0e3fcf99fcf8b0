"""The broker's blocks, by what they do to money."""

import pytest

from accounts import wording
from accounts.models import Application, BrokerageAccount


def account(*blocks: str, sells_only: tuple[str, ...] = (), status: str = "ACTIVE") -> BrokerageAccount:
    return BrokerageAccount(
        status=status, application=Application(), blocks=list(blocks), liquidation_only=list(sells_only)
    )


@pytest.mark.parametrize(
    ("blocks", "sells_only", "titles"),
    [
        ((), (), []),
        (("account_blocked",), (), ["The broker has blocked your account"]),
        (
            ("account_blocked", "trading_blocked", "of_tomorrow"),
            ("ach_return",),
            ["The broker has blocked your account"],
        ),
        (("trading_blocked",), ("ach_return",), ["Trading is blocked"]),
        (("incoming_transfers_blocked",), ("ach_return",), ["Deposits are blocked", "You can sell, but not buy"]),
        (("transfers_blocked", "trading_blocked"), (), ["No money moves right now", "Trading is blocked"]),
        (("incoming_transfers_blocked",), (), ["Deposits are blocked"]),
        (("outgoing_transfers_blocked",), (), ["Withdrawals are blocked"]),
        (("incoming_transfers_blocked", "outgoing_transfers_blocked"), (), ["No money moves right now"]),
        (("of_tomorrow",), (), ["The broker has restricted your account"]),
        ((), ("ach_return",), ["You can sell, but not buy"]),
        (
            ("outgoing_transfers_blocked",),
            ("unspecified",),
            ["Withdrawals are blocked", "You can sell, but not buy"],
        ),
    ],
)
def test_what_stands_is_said_the_gravest_first(
    blocks: tuple[str, ...], sells_only: tuple[str, ...], titles: list[str]
) -> None:
    found = wording.attention(account(*blocks, sells_only=sells_only))

    assert [item.title for item in found] == titles
    assert all(item.url.startswith("mailto:") and "?subject=My%20application%20" in item.url for item in found)
    assert not any(word in f"{item}" for item in found for word in ("_blocked", "of_tomorrow", "ach_return"))


def test_who_may_only_sell_reads_why_and_what_is_left() -> None:
    [item] = wording.attention(account(sells_only=("ach_return",)))
    _, blocked_too = wording.attention(account("outgoing_transfers_blocked", sells_only=("position_to_equity_ratio",)))

    assert "since a deposit came back. What you deposit or sell makes up for it." in item.text
    assert "your positions are large" in blocked_too.text


@pytest.mark.parametrize("status", ["ACCOUNT_UPDATED", "REJECTED", "LEVITATING", "DISABLED"])
def test_a_status_that_stops_money_stands_before_the_blocks(status: str) -> None:
    first, second = wording.attention(account("account_blocked", status=status))

    assert (first.url, second.title) == ("/apply/waiting/", "The broker has blocked your account")


def test_of_a_closed_account_no_block_matters() -> None:
    [item] = wording.attention(account("account_blocked", status="ACCOUNT_CLOSED"))

    assert item.title == "Your brokerage account is closed"
