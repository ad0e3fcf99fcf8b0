"""What has to be so before an account can be closed, and the way to mend what is not.

Read by operations.closing, which decides by it; told by the page.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.urls import reverse

from brokerage import money


@dataclass(frozen=True)
class Standing:
    """What stands in the way of closing an account; None where the broker did not tell."""

    is_open: bool
    is_frozen: bool
    cash: Decimal | None
    positions: tuple[str, ...] | None
    transfers: int  # under way, or in doubt
    changes: int  # of details, under way

    @property
    def is_ready(self) -> bool:
        empty = self.cash == 0 and self.positions == ()
        return empty and self.is_open and not (self.is_frozen or self.transfers or self.changes)


@dataclass(frozen=True)
class Check:
    """One thing that has to be so, whether it is, and the way to mend it."""

    label: str
    tone: str  # ok, warn, unknown
    icon: str
    word: str
    text: str = ""
    url: str = ""
    action: str = ""


def _fine(label: str, word: str) -> Check:
    return Check(label, "ok", "check", word)


def _left(label: str, word: str, text: str, url: str = "", action: str = "") -> Check:
    return Check(label, "warn", "alert", word, text, url, action)


_NOT_TOLD = "The broker can’t tell right now. Please try again in a few minutes."


def checks(standing: Standing) -> list[Check]:
    """Return all that has to be so, in the order in which a customer does it."""
    return [_account(standing), _positions(standing), _transfers(standing), _cash(standing), _changes(standing)]


def _account(standing: Standing) -> Check:
    label = "Your account"
    if standing.is_frozen:
        mail = f"mailto:{settings.SUPPORT_EMAIL}"
        return _left(label, "Frozen", "Your account is frozen while we look into something.", mail, "Write to us")
    if not standing.is_open:
        url = reverse("apply-waiting")
        return _left(label, "Not open", "Only an account that is open can be closed.", url, "See how it stands")
    return _fine(label, "Open")


def _positions(standing: Standing) -> Check:
    label = "Investments"
    if standing.positions is None:
        return Check(label, "unknown", "unknown", "Not known", _NOT_TOLD)
    if standing.positions:
        held = ", ".join(standing.positions[:5])
        return _left(label, "Some left", f"Sell them first ({held}); the cash is there a business day later.")
    return _fine(label, "None")


def _transfers(standing: Standing) -> Check:
    label = "Transfers under way"
    if standing.transfers:
        text = "Wait until they have settled, or cancel what has not left."
        return _left(label, "Under way", text, f"{reverse('transfers')}?status=moving", "See them")
    return _fine(label, "None")


def _cash(standing: Standing) -> Check:
    label = "Cash"
    if standing.cash is None:
        return Check(label, "unknown", "unknown", "Not known", _NOT_TOLD)
    if standing.cash > 0:
        text = f"{money.show(standing.cash)} is in your account. Withdraw it to your bank."
        return _left(label, "Some left", text, reverse("withdraw"), "Withdraw")
    if standing.cash < 0:
        text = f"{money.show(-standing.cash)} is missing in your account. Deposit it first."
        return _left(label, "Owed", text, reverse("deposit"), "Deposit")
    return _fine(label, "$0.00")


def _changes(standing: Standing) -> Check:
    label = "Changes of your details under way"
    if standing.changes:
        return _left(label, "Under way", "Wait until the broker has answered.", reverse("settings"), "See them")
    return _fine(label, "None")
