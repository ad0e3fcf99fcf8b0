"""The broker's own blocks on an account that is open, by what they do to money.

The flags: https://docs.alpaca.markets/reference/getaccount and the trading account's `*_blocked`.
"""

from accounts import states
from accounts.models import BrokerageAccount
from accounts.wording.words import Item, write_to_us

_KNOWN = states.STOP_DEPOSITS | states.STOP_WITHDRAWALS | {"trading_blocked"}
# https://docs.alpaca.markets/reference/getaccount: restrict_to_liquidation_reasons
_LIQUIDATION = {
    "ach_return": "since a deposit came back; what you sell makes up for it.",
    "position_to_equity_ratio": "since your positions are large for what is in the account.",
}


def restrictions(account: BrokerageAccount) -> list[Item]:
    """Return what the broker has blocked, the gravest first; empty as a rule."""
    found = [_of_money(account)]
    if account.liquidation_only:
        found.append(_liquidation(account))
    if "trading_blocked" in account.blocks:
        text = (
            "You can’t buy or sell. Deposits and withdrawals are not touched by it. Write to us, and we find out why."
        )
        found.append(_item("Trading is blocked", text, account))
    if set(account.blocks) - _KNOWN:
        text = "Something may not work as usual. Write to us, and we find out what it is about."
        found.append(_item("The broker has restricted your account", text, account))
    return [item for item in found if item is not None]


def in_the_way(account: BrokerageAccount) -> Item:
    """Return what keeps money from moving one way, for an account of which something does."""
    return _of_money(account) or _liquidation(account)


def _of_money(account: BrokerageAccount) -> Item | None:
    blocks = set(account.blocks)
    no_deposits, no_withdrawals = blocks & states.STOP_DEPOSITS, blocks & states.STOP_WITHDRAWALS
    if no_deposits and no_withdrawals:
        text = (
            "The broker has blocked your account: deposits and withdrawals wait, and what is in it stays yours. "
            "Write to us, and we find out why."
        )
        return _item("No money moves right now", text, account, tone="danger", icon="lock")
    if no_deposits:
        text = "The broker takes none for your account right now. Withdrawals go on. Write to us, and we find out why."
        return _item("Deposits are blocked", text, account)
    if no_withdrawals:
        text = (
            "The broker pays none from your account right now. Deposits go on, and what is in it stays yours. "
            "Write to us, and we find out why."
        )
        return _item("Withdrawals are blocked", text, account)
    return None


def _liquidation(account: BrokerageAccount) -> Item:
    because = next((_LIQUIDATION[reason] for reason in account.liquidation_only if reason in _LIQUIDATION), "")
    text = "The broker lets you sell and nothing else" + (f", {because}" if because else ".")
    left = "Deposits wait. " + ("You can still withdraw what is free." if account.takes_withdrawals else "")
    return _item("You can sell, but not buy or deposit", f"{text} {left}".strip(), account)


def _item(title: str, text: str, account: BrokerageAccount, *, tone: str = "warn", icon: str = "alert") -> Item:
    return Item(title, text, write_to_us(account.application), "Write to us", tone, icon)
