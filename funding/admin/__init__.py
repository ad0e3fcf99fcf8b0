"""Ops' view of banks and money. Nothing is edited here: the broker or the customer decides; actions call operations."""

from funding.admin import banks, cases, closings, logins, safeguards, transfers, webhooks, workers

__all__ = ["banks", "cases", "closings", "logins", "safeguards", "transfers", "webhooks", "workers"]
