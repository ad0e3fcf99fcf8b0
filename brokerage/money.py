"""Dollars: parse what a person typed, read what a vendor sent, show what we hold. The only place that rounds.

An amount is a Decimal of US dollars with two places, everywhere.
"""

import re
from decimal import ROUND_DOWN, Decimal, InvalidOperation

CENT = Decimal("0.01")
MINUS = "\u2212"
# Plain digits, or groups of three; at most two decimals. ASCII only: other scripts' digits are refused, not guessed at.
_TYPED = re.compile(r"\$? ?(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(\.\d{1,2})?", re.ASCII)


class AmountNotUnderstood(ValueError):
    """What was typed is no amount of dollars and cents."""

    def __init__(self, customer_message: str) -> None:
        super().__init__(customer_message)
        self.customer_message = customer_message


def parse(typed: str) -> Decimal:
    """Return the positive amount that a person typed, such as "250", "1,000.00" or "$5".

    Raises AmountNotUnderstood.
    """
    text = typed.strip()
    if not text:
        raise AmountNotUnderstood("Enter an amount, such as 250.00")
    match = _TYPED.fullmatch(text) if len(text) <= 20 else None
    if match is None:
        raise AmountNotUnderstood("Enter an amount in dollars and cents, such as 250.00")
    amount = Decimal(match[1].replace(",", "") + (match[2] or "")).quantize(CENT)
    if amount <= 0:
        raise AmountNotUnderstood("Enter an amount above $0.00")
    return amount


def in_cents(amount: Decimal) -> Decimal:
    """Return `amount` with two places, unchanged in value.

    Raises ValueError where it is no number of whole cents, or none that we can reckon with.
    """
    try:
        exact = amount.quantize(CENT)
    except InvalidOperation:
        raise ValueError("no amount in dollars and cents") from None
    if exact != amount:
        raise ValueError("no amount in dollars and cents")
    return exact


def from_vendor(text: object) -> Decimal:
    """Return a vendor's amount; fractions of a cent are cut off, never rounded up.

    Raises ValueError where there is no finite amount.
    """
    try:
        amount = Decimal(str(text)).quantize(CENT, rounding=ROUND_DOWN)
    except InvalidOperation:
        raise ValueError("the vendor sent no amount") from None
    if amount.is_nan():
        raise ValueError("the vendor sent no amount")
    return amount


def show(amount: Decimal) -> str:
    """Return `amount` as people read it: $1,250.00, or with a true minus sign −$86.40."""
    return f"{MINUS if amount < 0 else ''}${abs(amount):,.2f}"
