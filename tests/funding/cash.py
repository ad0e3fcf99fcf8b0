"""Rows of the broker's cash, and the breaks about them, for tests that begin in the middle of a story."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from brokerage import banking_days
from funding import states
from funding.models import ACHRelationship, Break, CashActivity, Transfer
from tests import make


def cash(of: ACHRelationship, amount: str, *, on: date | None = None, kind: str = "", **more: Any) -> CashActivity:
    """Make a row as the broker books it: above zero for a deposit, below for a withdrawal, unless `kind` says more."""
    account = of.brokerage_account
    values: dict[str, Any] = {
        "alpaca_id": f"20260302150000000::{uuid.uuid4()}",
        "alpaca_account_id": account.alpaca_id,
        "brokerage_account": account,
        "kind": kind or ("CSD" if Decimal(amount) > 0 else "CSW"),
        "amount": Decimal(amount),
        "booked_on": on or banking_days.today(timezone.now()),
        "created_at": timezone.now(),
    }
    return CashActivity.objects.create(**(values | more))


def settled(of: ACHRelationship, amount: str = "250.00", **more: Any) -> Transfer:
    values: dict[str, Any] = {"status": states.COMPLETE, "settled_at": timezone.now()}
    return make.transfer(of, amount, **(values | more))


def unexplained(row: CashActivity, **more: Any) -> Break:
    """Make the break of a row of cash that was booked for nothing."""
    values: dict[str, Any] = {
        "kind": "CASH_UNEXPLAINED",
        "subject": f"cash {row.alpaca_id}",
        "brokerage_account": row.brokerage_account,
        "ours": "no transfer",
        "theirs": str(row.amount),
        "what": f"{row.kind} of {row.booked_on}: cash was booked for no transfer",
        "evidence": {"ours": {}, "theirs": {"broker's id": row.alpaca_id, "kind": row.kind, "amount": str(row.amount),
                                            "settle date": str(row.booked_on), "status": row.status}},
    }  # fmt: skip
    return Break.objects.create(**(values | more))


def missing(transfer: Transfer, **more: Any) -> Break:
    """Make the break of a transfer that settled and whose cash was not booked."""
    values: dict[str, Any] = {
        "kind": "CASH_MISSING",
        "subject": f"transfer {transfer.pk}",
        "brokerage_account": transfer.brokerage_account,
        "transfer": transfer,
        "ours": str(transfer.amount),
        "theirs": "no cash",
        "what": "settled, and no cash was booked",
    }
    return Break.objects.create(**(values | more))
