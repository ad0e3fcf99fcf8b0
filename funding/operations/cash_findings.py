"""How a row of cash that fits no transfer, or a transfer that has no cash, is told as a finding.

Called by cash_books and strange_cash, and for their subjects by the close of a day and the desk; reads and writes
nothing.
"""

from datetime import UTC
from typing import Any
from uuid import UUID

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from funding import break_kinds
from funding.models import CashActivity
from funding.operations.matching import Movement
from funding.operations.unmatched import Odd


def subject_of(*, alpaca_id: str, account: UUID | None, alpaca_account_id: str) -> str:
    """Return the subject by which a row is told of: itself, or its account where that is none of ours."""
    return (f"cash {alpaca_id}" if account else f"the broker's account {alpaca_account_id}")[:150]


def of_no_account(newest: CashActivity, in_all: dict[str, str]) -> Finding:
    """Tell of the cash on an account that we do not hold: the row read last, and what there is in all.

    What it looks like does not change with further rows, so that one that was dismissed stays so.
    """
    subject = subject_of(alpaca_id="", account=None, alpaca_account_id=newest.alpaca_account_id)
    return Finding(
        subject, "cash was booked on an account that we do not hold", mended=False, code="CASH_UNKNOWN_ACCOUNT",
        ours="not held", theirs="cash booked", evidence={"theirs": _shown(newest), "in all": in_all},
    )  # fmt: skip


def of_odd(
    account: BrokerageAccount, odd: Odd, *, row: CashActivity | None, transfer: dict[str, Any] | None
) -> Finding:
    """Tell of one thing that does not fit; `transfer` is what cash_books reads of one."""
    subject = f"cash {row.alpaca_id}" if row else f"transfer {transfer['pk']}" if transfer else ""
    evidence = {"ours": _told(transfer), "theirs": _shown(row)}
    return Finding(
        subject, _sentence(odd, transfer, row), mended=False, code=odd.code, account=account.pk,
        transfer=transfer["pk"] if transfer else None,
        ours=_signed(odd.movement) if odd.movement else "no transfer",
        theirs=str(row.amount) if row else "no cash", evidence=evidence,
    )  # fmt: skip


def _sentence(odd: Odd, transfer: dict[str, Any] | None, row: CashActivity | None) -> str:
    what = break_kinds.of(odd.code).title.lower()
    if row is not None:
        return f"{row.kind} of {row.booked_on}: {what}" + (f" (transfer {transfer['pk']})" if transfer else "")
    return what


def of_offset(account: BrokerageAccount, first: CashActivity, second: CashActivity) -> Finding:
    """Tell of two rows that cancel each other out."""
    what = f"{first.kind} of {first.booked_on} and of {second.booked_on} cancel out"
    return Finding(
        f"cash {first.alpaca_id}", what, mended=True, code="CASH_OFFSET", account=account.pk,
        ours="no transfer", theirs=f"{first.amount} and {second.amount}",
        evidence={"theirs": _shown(first), "offset by": _shown(second)},
    )  # fmt: skip


def _signed(movement: Movement) -> str:
    return str(movement.signed)


def _told(transfer: dict[str, Any] | None) -> dict[str, str]:
    if transfer is None:
        return {}
    told = {"id": transfer["pk"], "broker's id": transfer["alpaca_id"], "amount": transfer["amount"]}
    told |= {"direction": transfer["direction"], "status": transfer["status"]}
    times = {"settled": transfer["settled_at"], "ended": transfer["ended_at"]}
    return {name: str(value or "") for name, value in told.items()} | {
        name: at.astimezone(UTC).isoformat(timespec="seconds") for name, at in times.items() if at
    }


def _shown(row: CashActivity | None) -> dict[str, str]:
    if row is None:
        return {}
    return {
        "broker's id": row.alpaca_id,
        "kind": row.kind,
        "amount": str(row.amount),
        "settle date": str(row.booked_on),
        "status": row.status,
        "made": row.created_at.astimezone(UTC).isoformat(timespec="seconds"),
    }
