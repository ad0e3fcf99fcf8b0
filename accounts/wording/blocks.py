"""The broker's own blocks on an account that is open, by what they do to money.

The flags: https://docs.alpaca.markets/reference/getaccount and the trading account's `*_blocked`.
"""

from accounts import states
from accounts.models import BrokerageAccount
from accounts.wording.words import Item, write_to_us

_ASK = "Write to us, and we find out why."
_KNOWN = states.STOP_DEPOSITS | states.STOP_WITHDRAWALS | {"trading_blocked"}
# https://docs.alpaca.markets/reference/getaccount: restrict_to_liquidation_reasons
_LIQUIDATION = {
    "ach_return": "since a deposit came back. What you deposit or sell makes up for it.",
    "position_to_equity_ratio": "since your positions are large for what is in the account.",
}


def restrictions(account: BrokerageAccount) -> list[Item]:
    """Return what the broker has blocked, the gravest first; empty as a rule."""
    if "account_blocked" in account.blocks:
        return [_nothing_goes(account)]  # what else is blocked says nothing more
    found = [_of_money(account)]
    if account.liquidation_only and "trading_blocked" not in account.blocks:
        found.append(_liquidation(account))
    if "trading_blocked" in account.blocks:
        found.append(_item("Trading is blocked", f"You can’t buy or sell right now. {_ASK}", account))
    if set(account.blocks) - _KNOWN:
        text = f"Something may not work as usual. {_ASK}"
        found.append(_item("The broker has restricted your account", text, account))
    return [item for item in found if item is not None]


def in_the_way(account: BrokerageAccount) -> Item:
    """Return what keeps money from moving one way, for an account of which something does."""
    if "account_blocked" in account.blocks:
        return _nothing_goes(account)
    return _of_money(account) or _liquidation(account)


def _nothing_goes(account: BrokerageAccount) -> Item:
    text = f"Nothing can be deposited, withdrawn, bought or sold, and what is in your account stays yours. {_ASK}"
    return _item("The broker has blocked your account", text, account, tone="danger", icon="lock")


def _of_money(account: BrokerageAccount) -> Item | None:
    no_deposits = states.STOP_DEPOSITS.intersection(account.blocks)
    no_withdrawals = states.STOP_WITHDRAWALS.intersection(account.blocks)
    if no_deposits and no_withdrawals:
        text = f"The broker has blocked transfers: deposits and withdrawals wait, and your money stays yours. {_ASK}"
        return _item("No money moves right now", text, account, tone="danger", icon="lock")
    if no_deposits:
        return _no_deposits(account)
    if no_withdrawals:
        text = f"The broker pays none from your account right now, and what is in it stays yours. {_ASK}"
        return _item("Withdrawals are blocked", text, account)
    return None


def _no_deposits(account: BrokerageAccount) -> Item:
    left = " Withdrawals go on." if account.takes_withdrawals else ""
    return _item("Deposits are blocked", f"The broker takes none for your account right now.{left} {_ASK}", account)


def _liquidation(account: BrokerageAccount) -> Item:
    because = next((_LIQUIDATION[reason] for reason in account.liquidation_only if reason in _LIQUIDATION), "")
    text = "The broker lets you sell, but not buy" + (f", {because}" if because else f". {_ASK}")
    return _item("You can sell, but not buy", text, account)


def _item(title: str, text: str, account: BrokerageAccount, *, tone: str = "warn", icon: str = "alert") -> Item:
    return Item(title, text, write_to_us(account.application), "Write to us", tone, icon)
