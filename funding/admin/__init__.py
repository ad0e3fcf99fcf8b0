"""Ops' view of banks and money. Nothing is edited here: the broker or the customer decides; actions call operations."""

from funding.admin import (
    banks,
    books,
    breaks,
    cases,
    closes,
    closings,
    logins,
    safeguards,
    transfers,
    webhooks,
    workers,
)

__all__ = [
    "banks",
    "books",
    "breaks",
    "cases",
    "closes",
    "closings",
    "logins",
    "safeguards",
    "transfers",
    "webhooks",
    "workers",
]
