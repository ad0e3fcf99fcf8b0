"""What Plaid's webhooks are about, in its own words, and what each leads to here.

Knows neither rows nor vendors. https://plaid.com/docs/api/items/#webhooks and its neighbours
"""

from enum import Enum


class LeadsTo(Enum):
    """What is done about a message."""

    READING_THE_ITEM = "its item is read again"
    NOTHING = "nothing of ours hangs on it"
    A_REPORT = "we do not know these words"


_ABOUT_AN_ITEM = {
    "ITEM": {
        "ERROR",
        "LOGIN_REPAIRED",
        "PENDING_EXPIRATION",
        "PENDING_DISCONNECT",
        "USER_PERMISSION_REVOKED",
        "USER_ACCOUNT_REVOKED",
        "NEW_ACCOUNTS_AVAILABLE",
    },
    "AUTH": {"AUTOMATICALLY_VERIFIED", "VERIFICATION_EXPIRED", "DEFAULT_UPDATE", "SMS_MICRODEPOSITS_VERIFICATION"},
}
# What Plaid has just done as we asked.
_ACKNOWLEDGED = {("ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED")}
# Link is told by the browser; the others are products that we do not use.
_NOT_OURS = {"LINK", "TRANSACTIONS", "BANK_TRANSFERS", "HOLDINGS", "INVESTMENTS_TRANSACTIONS", "LIABILITIES", "ASSETS"}


def leads_to(kind: str, code: str) -> LeadsTo:
    """Return what a message of this kind and code leads to."""
    if code in _ABOUT_AN_ITEM.get(kind, ()):
        return LeadsTo.READING_THE_ITEM
    if kind in _NOT_OURS or (kind, code) in _ACKNOWLEDGED:
        return LeadsTo.NOTHING
    return LeadsTo.A_REPORT
