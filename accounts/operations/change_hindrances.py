"""What keeps the details that the broker holds as they are: an account that takes no changes, a freeze, a stop.

Called by details and email_change, and by pages that say why. Changes nothing.
"""

from accounts import states
from accounts.models import BrokerageAccount, DetailsChange


class ChangeNotPossible(Exception):
    """Nothing can be changed now; `customer_message` says why and what to do."""

    customer_message = "This can’t be changed right now."


class NotOpen(ChangeNotPossible):
    customer_message = (
        "The broker takes changes while your account is open, or while it asks you for something. The page of your "
        "application says what comes next."
    )


class Closed(ChangeNotPossible):
    customer_message = "Your brokerage account is closed, so what the broker keeps of you stays as it is."


class NotApproved(ChangeNotPossible):
    customer_message = "The broker did not approve your application, so it keeps nothing of you that could be changed."


class Frozen(ChangeNotPossible):
    customer_message = (
        "Your account is frozen while something is looked into, so your details stay as they are. Write to us, please."
    )


class SignInStopped(ChangeNotPossible):
    """Their sign-in is stopped, so that whoever asked for another address may not be the person."""


def require_possible(*, account: BrokerageAccount) -> None:
    """Return where the account takes changes. Raises NotOpen, NotApproved, Closed, Frozen.

    A freeze is a row of the app that moves money; it is asked for by the account's own name for it.
    """
    if account.status == states.REJECTED:
        raise NotApproved
    if account.status == states.CLOSED:
        raise Closed
    if account.status not in states.TAKES_CHANGES:
        raise NotOpen
    if "account_blocked" in account.blocks or account.freezes.filter(lifted_at=None).exists():
        raise Frozen


def of(change: DetailsChange) -> ChangeNotPossible | None:
    """Return why a change that was reserved may not be sent now."""
    account = change.brokerage_account
    if change.kind == DetailsChange.Kind.EMAIL and not account.user.is_active:
        return SignInStopped()
    try:
        require_possible(account=account)
    except ChangeNotPossible as why:
        return why
    return None
