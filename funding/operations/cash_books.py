"""The broker's rows of cash: read into our books as they were booked, and matched with the transfers they are for.

Called by reconciling and admin; calls gateways.broker_activities. What was read stays read: a row is added
once, and a word of the broker's that changes later (a correction) is a move with a history row.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from brokerage import banking_days
from brokerage.gateways.broker_activities import CashAnswer
from brokerage.status import move
from funding import break_kinds, states
from funding.models import Break, CashActivity, Transfer
from funding.models.transfers import RETURN_WINDOW
from funding.operations import matching, unmatched
from funding.operations.matching import Matches, Movement, Row
from funding.operations.unmatched import Odd

ACTOR = "reconciliation"
# A row of cash may be heard of before the news of its transfer, and the other way round.
ROW_GRACE = timedelta(hours=1)
BOOKED_WITHIN = 2  # banking days after the settling, or the return, until cash counts as missing
_BOOKED = Exists(CashActivity.objects.filter(transfer=OuterRef("pk"), role=CashActivity.BOOKING))
_REVERSED = Exists(CashActivity.objects.filter(transfer=OuterRef("pk"), role=CashActivity.REVERSAL))


# --- Reading ----------------------------------------------------------------------------------------------------------


def keep_page(page: Sequence[CashAnswer]) -> set[uuid.UUID]:
    """Write down a page of the broker's rows; return our ids of the accounts where something is new or has changed."""
    held = {row.alpaca_id: row for row in CashActivity.objects.filter(alpaca_id__in=[row.alpaca_id for row in page])}
    named = {row.account_id for row in page}
    accounts = dict(BrokerageAccount.objects.filter(alpaca_id__in=named).values_list("alpaca_id", "pk"))
    fresh = [_fresh(row, accounts.get(row.account_id)) for row in page if row.alpaca_id not in held]
    changed = [(held[row.alpaca_id], row.status) for row in page if row.alpaca_id in held]
    with transaction.atomic(durable=True):
        CashActivity.objects.bulk_create(fresh, ignore_conflicts=True)
        touched = {row.brokerage_account_id for row in fresh}
        for row, status in changed:
            if status != row.status:
                move(row, field="status", to=status, moves={row.status: {status}}, actor="broker")
                touched.add(row.brokerage_account_id)
    return {pk for pk in touched if pk}


def unknown_of(page: Sequence[CashAnswer]) -> list[CashActivity]:
    """Return, unwritten, the rows of a page that we do not hold and whose account we do: what a dry run works with."""
    held = set(
        CashActivity.objects.filter(alpaca_id__in=[row.alpaca_id for row in page]).values_list("alpaca_id", flat=True)
    )
    named = BrokerageAccount.objects.filter(alpaca_id__in={row.account_id for row in page})
    accounts = dict(named.values_list("alpaca_id", "pk"))
    return [
        _fresh(row, accounts[row.account_id])
        for row in page
        if row.alpaca_id not in held and row.account_id in accounts
    ]


def _fresh(row: CashAnswer, account: uuid.UUID | None) -> CashActivity:
    return CashActivity(
        alpaca_id=row.alpaca_id,
        alpaca_account_id=row.account_id,
        brokerage_account_id=account,
        kind=row.kind,
        amount=row.amount,
        booked_on=row.booked_on,
        status=row.status,
        created_at=row.created_at,
    )


def connect() -> Iterator[Finding]:
    """Connect rows of cash with accounts that we hold by now; yield those of accounts that we do not hold."""
    rows = CashActivity.objects.filter(brokerage_account=None)
    known = BrokerageAccount.objects.filter(alpaca_id__in=rows.values("alpaca_account_id"))
    for alpaca_id, pk in known.values_list("alpaca_id", "pk"):
        rows.filter(alpaca_account_id=alpaca_id).update(brokerage_account=pk)
    for row in rows.iterator(chunk_size=500):
        yield Finding(
            f"cash {row.alpaca_id}", f"{row.kind} of {row.booked_on} on an account that we do not hold", mended=False,
            code="CASH_UNKNOWN_ACCOUNT", ours="not held", theirs=str(row.amount), evidence={"theirs": _shown(row)},
        )  # fmt: skip


# --- Matching ---------------------------------------------------------------------------------------------------------


def to_match() -> QuerySet[BrokerageAccount]:
    """Return the accounts in which something waits to be matched, or stands as a break."""
    since = timezone.now() - RETURN_WINDOW
    settled = Transfer.objects.filter(status=states.COMPLETE, settled_at__gt=since).exclude(_BOOKED)
    came_back = Transfer.objects.filter(status=states.RETURNED, settled_at__isnull=False, ended_at__gt=since)
    rows = CashActivity.objects.filter(Q(role="") | Q(status__in=CashActivity.VOID, transfer__isnull=False))
    rows = rows.exclude(Q(transfer__status=states.RETURNED))
    broken = Break.objects.filter(ended_at=None, kind__in=break_kinds.codes(break_kinds.CASH))
    waits: Q = Q()
    for found in (settled, came_back.exclude(_REVERSED), rows, broken):
        waits |= Q(pk__in=found.values("brokerage_account"))
    return BrokerageAccount.objects.filter(waits)


@dataclass
class _Books:
    """What the matching of one account works on."""

    transfers: dict[uuid.UUID, dict[str, Any]] = field(default_factory=dict)
    rows: dict[int, CashActivity] = field(default_factory=dict)


def match_accounts(
    accounts: Sequence[BrokerageAccount], *, dry_run: bool, also: Iterable[CashActivity] = ()
) -> Iterator[tuple[BrokerageAccount, int, list[Finding]]]:
    """Match some accounts' cash; yield each account, how many rows and transfers it has, and what does not fit.

    `also` are rows that a dry run has read and not written down.
    """
    books = _read(accounts, also)
    for account in accounts:
        book = books[account.pk]
        movements = [_movement(transfer) for transfer in book.transfers.values()]
        rows = [_row(row) for row in book.rows.values() if row.role != CashActivity.OFFSET]
        known = [(row.transfer_id, row.role, row.pk) for row in book.rows.values() if row.transfer_id]
        found = matching.match(movements, rows, known=known)
        if not dry_run:
            _write(book, found)
        findings = [_finding(account, book, odd) for odd in unmatched.explain(movements, found) if _is_due(book, odd)]
        findings += [_offset(account, book, pair) for pair in found.offsets]
        yield account, len(movements) + len(rows), findings


def _read(accounts: Sequence[BrokerageAccount], also: Iterable[CashActivity]) -> dict[uuid.UUID, _Books]:
    books: dict[uuid.UUID, _Books] = defaultdict(_Books)
    columns = ("pk", "brokerage_account_id", "direction", "amount", "status", "alpaca_id")
    times = ("created_at", "accepted_at", "settled_at", "ended_at")
    bound = Transfer.objects.filter(brokerage_account__in=accounts).exclude(alpaca_id=None)
    for row in bound.order_by("created_at", "pk").values(*columns, *times):
        books[row["brokerage_account_id"]].transfers[row["pk"]] = row
    for row in CashActivity.objects.filter(brokerage_account__in=accounts).order_by("created_at", "pk"):
        books[_account(row)].rows[row.pk] = row
    for number, row in enumerate(also, start=1):
        books[_account(row)].rows[-number] = row
        row.pk = -number
    return books


def _account(row: CashActivity) -> uuid.UUID:
    assert row.brokerage_account_id is not None  # noqa: S101 - asked for by their accounts
    return row.brokerage_account_id


def _movement(row: dict[str, Any]) -> Movement:
    status, settled_at = row["status"], row["settled_at"]
    returned = status == states.RETURNED
    ended = status in states.FINAL
    return Movement(
        pk=row["pk"],
        direction=row["direction"],
        amount=row["amount"],
        settled_on=_day(settled_at) if status == states.COMPLETE or returned else None,
        returned_on=_day(row["ended_at"]) if returned else None,
        ended_unfunded=status in states.ENDED_UNFUNDED,
        moving_since=None if ended or status == states.COMPLETE else _day(row["accepted_at"] or row["created_at"]),
    )


def _day(at: datetime | None) -> date | None:
    return banking_days.today(at) if at else None


def _row(row: CashActivity) -> Row:
    return Row(pk=row.pk, kind=row.kind, amount=row.amount, booked_on=row.booked_on, void=row.is_void)


def _write(book: _Books, found: Matches) -> None:
    """Keep what was matched just now."""
    fresh = []
    for role, matched in ((CashActivity.BOOKING, found.bookings), (CashActivity.REVERSAL, found.reversals)):
        for transfer, row in matched.items():
            kept = book.rows[row.pk]
            if kept.transfer_id != transfer or kept.role != role:
                kept.transfer_id, kept.role, kept.matched_at = transfer, role, timezone.now()
                fresh.append(kept)
    for first, second in found.offsets:
        one, other = book.rows[first.pk], book.rows[second.pk]
        one.offsets, one.role, other.role = other, CashActivity.OFFSET, CashActivity.OFFSET
        one.matched_at = other.matched_at = timezone.now()
        fresh += [one, other]
    if fresh:
        CashActivity.objects.bulk_update(fresh, ["transfer", "role", "matched_at", "offsets"], batch_size=200)


# --- What does not fit ------------------------------------------------------------------------------------------------


def _is_due(book: _Books, odd: Odd) -> bool:
    """Say whether the other half has had time enough to appear."""
    today, now = banking_days.today(timezone.now()), timezone.now()
    if odd.row is not None:
        return now - book.rows[odd.row.pk].created_at > ROW_GRACE
    assert odd.movement is not None  # noqa: S101 - one of the two is always told of
    since = odd.movement.returned_on if odd.code == "RETURN_NOT_BOOKED" else odd.movement.settled_on
    return since is not None and today > banking_days.add(since, BOOKED_WITHIN)


def _finding(account: BrokerageAccount, book: _Books, odd: Odd) -> Finding:
    row = book.rows[odd.row.pk] if odd.row else None
    transfer = book.transfers[odd.movement.pk] if odd.movement else None
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


def _offset(account: BrokerageAccount, book: _Books, pair: tuple[Row, Row]) -> Finding:
    first, second = (book.rows[row.pk] for row in pair)
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
