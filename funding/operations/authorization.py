"""The words by which a customer lets us debit their bank once. Shown before, stored with the intent, word for word.

Nacha asks for the amount, the account, the date, and how to revoke it. Called by transfers and views.
"""

import hashlib
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from brokerage import banking_days, money
from funding.models import ACHRelationship

VERSION = "2026-11-1"


def sentence(*, relationship: ACHRelationship, amount: Decimal, at: datetime) -> str:
    """Return the authorization for one debit of `amount` US dollars, asked for at `at`."""
    day = banking_days.leaves_on(at)
    return (
        f"By choosing “Deposit {money.show(amount)}” I authorize {settings.BRAND_LEGAL_NAME} to debit "
        f"{money.show(amount)} once from my {relationship.subtype} account ending {relationship.mask} at "
        f"{relationship.institution_name}, on or after {day:%a, %b} {day.day}, {day.year}. I can cancel it on the "
        "deposit’s page until it is sent to my bank."
    )


def digest(text: str) -> str:
    """Return what stands for the words in a form, so that exactly those that were shown are agreed to."""
    return hashlib.sha256(f"{VERSION} {text}".encode()).hexdigest()
