"""What “Go on” sends, in words: nobody has to send a form that they can't tell.

Called by the pages that carry a form which came too late (fresh_sign_in, oidc.views).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from brokerage import money

# By the name of the address that the form goes to.
ACTS = {
    "transfer-review": "a withdrawal, for you to check",
    "transfer-confirm": "a withdrawal, which you confirm with it",
    "link-start": "your wish to link a bank account",
    "bank-repair": "your wish to repair the link to your bank",
    "bank-code": "your wish to enter the code from your bank",
    "replace-start": "your wish to replace your bank account",
    "bank-unlink-confirm": "your wish to unlink your bank account",
    "bank-numbers": "the numbers of a bank account",
    "settings-email": "a new e-mail address for you",
    "settings-change": "a change of your details, for you to check",
    "settings-confirm": "a change of your details, which you confirm with it",
    "close-confirm": "your wish to close your account",
    "second-factor-begin": "your wish to set up a second factor",
    "second-factor-on": "your wish to turn your second factor on",
    "second-factor-codes": "your wish for new recovery codes",
    "second-factor-off": "your wish to turn your second factor off",
    "passkeys": "a new passkey",
    "passkey-remove": "your wish to remove a passkey",
    "sign-in-end": "your wish to sign one of your devices out",
    "sign-in-end-others": "your wish to sign your other devices out",
}
DESK, UNKNOWN = "what you began at the desk", "what you began"


@dataclass(frozen=True)
class Sending:
    """What a form is for, and what stands in it that its sender can check; never a bank's numbers or a secret."""

    act: str
    amount: Decimal | None
    email: str

    @property
    def is_known(self) -> bool:
        return self.act != UNKNOWN


def sending(path: str, fields: Iterable[tuple[str, str]]) -> Sending:
    """Return what the form says that goes to this path of our site."""
    said = dict(fields)
    return Sending(_act(path), _amount(said.get("amount", "")), said.get("new_email", ""))


def _act(path: str) -> str:
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:  # beneath a prefix, or gone since
        return UNKNOWN
    if match.namespaces:
        return DESK
    return ACTS.get(match.url_name or "", UNKNOWN)


def _amount(typed: str) -> Decimal | None:
    try:
        return money.parse(typed)
    except money.AmountNotUnderstood:  # the page that it goes to says so
        return None
