"""What looks like one of our requests, made a second time: beside one that is bound, or after one that was never made.

Called by reconciliation; asks nobody. Money may have moved twice, so that a person looks, and a second one.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from brokerage.gateways.broker_answers import TransferAnswer
from funding import states
from funding.models import Transfer

# One like ours that was made this near to our request may be that request.
WITHIN = timedelta(minutes=10)
_Signature = tuple[str, str, Decimal | None]  # bank account at the broker, direction, amount


def suspects(account: BrokerageAccount, ours: list[Transfer], taken_in: list[TransferAnswer]) -> Iterator[Finding]:
    """Yield each transfer made elsewhere that looks like one of our requests; `taken_in` are those of just now."""
    elsewhere: list[tuple[str, _Signature, datetime]] = [
        (row.alpaca_id or "", _signature(row), row.created_at)
        for row in ours
        if row.origin == Transfer.Origin.EXTERNAL and row.status not in states.ENDED_UNFUNDED
    ]
    elsewhere += [
        (row.alpaca_id, (row.relationship_id, row.direction, row.amount), row.created_at)
        for row in taken_in
        if row.created_at and row.status not in states.ENDED_UNFUNDED
    ]
    if not elsewhere:
        return
    asked_for: dict[_Signature, list[Transfer]] = {}
    for row in (*ours, *_never_made(account)):
        if row.origin == Transfer.Origin.CUSTOMER and row.status not in states.ENDED_UNFUNDED:
            asked_for.setdefault(_signature(row), []).append(row)
    for alpaca_id, signature, made_at in elsewhere:
        if like := next((row for row in asked_for.get(signature, ()) if _together(row, made_at)), None):
            yield _told(account, like, alpaca_id, made_at)


def _never_made(account: BrokerageAccount) -> list[Transfer]:
    """Return the requests of an account that were sent and, as far as we know, came to nothing at the broker."""
    rows = Transfer.objects.filter(brokerage_account=account, sending__in=states.NEVER_HAPPENED)
    return list(rows.exclude(attempt=None).for_comparing())


def _told(account: BrokerageAccount, like: Transfer, alpaca_id: str, made_at: datetime) -> Finding:
    code, what = "TWIN", f"like transfer {like.pk}, and made within minutes of it"
    if like.sending in states.NEVER_HAPPENED:
        code, what = "THERE_AFTER_ALL", f"like transfer {like.pk}, which we call {like.sending}: it may be that one"
    evidence = {
        "ours": {"id": str(like.pk), "broker's id": like.alpaca_id or "", "status": like.status or like.sending},
        "theirs": {"broker's id": alpaca_id, "made": made_at.isoformat()},
    }
    return Finding(
        f"the broker's transfer {alpaca_id}", what, mended=False, code=code, account=account.pk, transfer=like.pk,
        ours=like.alpaca_id or like.sending, theirs=alpaca_id, evidence=evidence,
    )  # fmt: skip


def _signature(row: Transfer) -> _Signature:
    return (row.relationship.alpaca_id or "" if row.relationship else "", row.direction, row.amount)


def _together(row: Transfer, made_at: datetime) -> bool:
    attempt = getattr(row, "attempt", None)
    return attempt is not None and abs(made_at - attempt.sent_at) <= WITHIN
