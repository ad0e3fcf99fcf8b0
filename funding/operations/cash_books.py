"""The broker's rows of cash: read into our books as they were booked, and matched with the transfers they are for.

Called by reconciling and admin; calls gateways.broker_activities. What was read stays read: a row is added
once, and a word of the broker's that changes later (a correction) is a move with a history row.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from brokerage import banking_days
from brokerage.gateways.broker_activities import CashAnswer
from brokerage.status import note
from funding import break_kinds, states
from funding.models import Break, CashActivity, Transfer
from funding.models.transfer_rows import RETURN_WINDOW
from funding.operations import cash_findings, equals, unmatched
from funding.operations.matching import Matches, Movement, Row
from funding.operations.unmatched import Odd

ACTOR = "reconciliation"
# A row of cash may be heard of before the news of its transfer, and the other way round.
ROW_GRACE = timedelta(hours=1)
BOOKED_WITHIN = 2  # banking days after the settling, or the return, until cash counts as missing
_BOOKED = Exists(CashActivity.objects.filter(transfer=OuterRef("pk"), role=CashActivity.BOOKING))
# A row that is matched with something that does not come to the same any more.
_UNLIKE = Q(role="BOOKING", transfer__direction=states.INCOMING) & ~Q(amount=F("transfer__amount"))
_UNLIKE |= Q(role="BOOKING", transfer__direction=states.OUTGOING) & ~Q(amount=-F("transfer__amount"))
_REVERSED = Exists(CashActivity.objects.filter(transfer=OuterRef("pk"), role=CashActivity.REVERSAL))


# --- Reading ----------------------------------------------------------------------------------------------------------


def keep_page(page: Sequence[CashAnswer]) -> set[uuid.UUID]:
    """Write down a page of the broker's rows; return our ids of the accounts where something is new or has changed."""
    held = {row.alpaca_id: row for row in CashActivity.objects.filter(alpaca_id__in=[row.alpaca_id for row in page])}
    named = {row.account_id for row in page}
    accounts = dict(BrokerageAccount.objects.filter(alpaca_id__in=named).values_list("alpaca_id", "pk"))
    fresh = [_fresh(row, accounts.get(row.account_id)) for row in page if row.alpaca_id not in held]
    known = [(held[row.alpaca_id], row) for row in page if row.alpaca_id in held]
    with transaction.atomic(durable=True):
        CashActivity.objects.bulk_create(fresh, ignore_conflicts=True)
        touched = {row.brokerage_account_id for row in fresh}
        touched |= {row.brokerage_account_id for row, answer in known if _take_over(row, answer)}
    return {pk for pk in touched if pk}


def _take_over(row: CashActivity, answer: CashAnswer) -> bool:
    """Keep what the broker says of a row otherwise than before, and what it said then; return whether it does."""
    told = {"status": answer.status, "amount": answer.amount, "booked_on": answer.booked_on}
    changed = {name: value for name, value in told.items() if getattr(row, name) != value}
    for name, value in changed.items():
        note(row, field=name, before=str(getattr(row, name)), after=str(value), actor="broker")
    if changed:
        CashActivity.objects.filter(pk=row.pk).update(**changed)
    return bool(changed)


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


# --- Matching ---------------------------------------------------------------------------------------------------------


def to_match() -> QuerySet[BrokerageAccount]:
    """Return the accounts in which something waits to be matched, or stands as a break."""
    since = timezone.now() - RETURN_WINDOW
    settled = Transfer.objects.filter(status=states.COMPLETE, settled_at__gt=since).exclude(_BOOKED)
    came_back = Transfer.objects.filter(status=states.RETURNED, settled_at__isnull=False, ended_at__gt=since)
    rows = CashActivity.objects.filter(Q(role="") | Q(status__in=CashActivity.VOID))
    rows = rows.exclude(Q(transfer__status=states.RETURNED))
    unlike = CashActivity.objects.filter(_UNLIKE)
    broken = Break.objects.filter(ended_at=None, kind__in=break_kinds.codes(break_kinds.CASH))
    waits: Q = Q()
    for found in (settled, came_back.exclude(_REVERSED), rows, unlike, broken):
        waits |= Q(pk__in=found.values("brokerage_account"))
    return BrokerageAccount.objects.filter(waits)


@dataclass
class _Books:
    """What the matching of one account works on."""

    transfers: dict[uuid.UUID, dict[str, Any]] = field(default_factory=dict)
    rows: dict[int, CashActivity] = field(default_factory=dict)
    offset_by: dict[int, CashActivity] = field(default_factory=dict)


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
        found, rows = _match(movements, book)
        if not dry_run:
            _write(book, found)
        findings = [_finding(account, book, odd) for odd in unmatched.explain(movements, found) if _is_due(book, odd)]
        findings += [
            cash_findings.of_offset(account, book.rows[first.pk], book.rows[second.pk])
            for first, second in found.offsets
        ]
        yield account, len(movements) + rows, findings


def _match(movements: list[Movement], book: _Books) -> tuple[Matches, int]:
    """Return what fits, and how many rows that was chosen from.

    Rows that cancelled out explained each other while nobody knew of their transfer. Where one is heard of that lacks
    its cash, it has them if that leaves less to explain.
    """
    known = [(row.transfer_id, row.role, row.pk) for row in book.rows.values() if row.transfer_id]
    offset = [row for row in book.rows.values() if _is_offset(row, book)]
    rows = [_row(row) for row in book.rows.values() if not _is_offset(row, book)]
    found = equals.match(movements, rows, known=known)
    odd = list(unmatched.explain(movements, found))
    wanted = {each.movement.amount for each in odd if each.movement}
    freed = [row for row in offset if abs(row.amount) in wanted]
    if not freed:
        return found, len(rows)
    rows += [_row(row) for row in freed]
    again = equals.match(movements, rows, known=known)
    if len(again.offsets) + len(list(unmatched.explain(movements, again))) >= len(odd):
        return found, len(rows)
    for row in freed:
        row.offsets = None
        book.offset_by.pop(row.pk, None)
    return again, len(rows)


def _read(accounts: Sequence[BrokerageAccount], also: Iterable[CashActivity]) -> dict[uuid.UUID, _Books]:
    books: dict[uuid.UUID, _Books] = defaultdict(_Books)
    columns = ("pk", "brokerage_account_id", "direction", "amount", "status", "alpaca_id")
    times = ("created_at", "accepted_at", "settled_at", "ended_at")
    bound = Transfer.objects.filter(brokerage_account__in=accounts).exclude(alpaca_id=None)
    for row in bound.order_by("created_at", "pk").values(*columns, *times):
        books[row["brokerage_account_id"]].transfers[row["pk"]] = row
    for row in CashActivity.objects.filter(brokerage_account__in=accounts).order_by("created_at", "pk"):
        books[_account(row)].rows[row.pk] = row
        if row.offsets_id:
            books[_account(row)].offset_by[row.offsets_id] = row
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
        accepted_on=_day(row["accepted_at"] or row["created_at"]),
        ended_unfunded=status in states.ENDED_UNFUNDED,
        moving_since=None if ended or status == states.COMPLETE else _day(row["accepted_at"] or row["created_at"]),
    )


def _day(at: datetime | None) -> date | None:
    return banking_days.today(at) if at else None


def _row(row: CashActivity) -> Row:
    return Row(pk=row.pk, kind=row.kind, amount=row.amount, booked_on=row.booked_on, void=row.is_void)


def _is_offset(row: CashActivity, book: _Books) -> bool:
    """Say whether a row and another one still cancel each other out: both stand, and come to nothing."""
    other = book.rows.get(row.offsets_id) if row.offsets_id else book.offset_by.get(row.pk)
    return other is not None and not (row.is_void or other.is_void) and row.amount == -other.amount


def _write(book: _Books, found: Matches) -> None:
    """Keep what was matched just now, and let go of what does not fit any more."""
    _let_go(book, found)
    fresh, moved = [], list[int]()
    for role, matched in ((CashActivity.BOOKING, found.bookings), (CashActivity.REVERSAL, found.reversals)):
        for transfer, row in matched.items():
            kept = book.rows[row.pk]
            if kept.transfer_id != transfer or kept.role != role:
                moved += [kept.pk] if kept.transfer_id else []
                kept.transfer_id, kept.role, kept.matched_at = transfer, role, timezone.now()
                fresh.append(kept)
    for first, second in found.offsets:
        one, other = book.rows[first.pk], book.rows[second.pk]
        one.offsets, one.role, other.role = other, CashActivity.OFFSET, CashActivity.OFFSET
        one.matched_at = other.matched_at = timezone.now()
        fresh += [one, other]
    if moved:  # each lets go first, for no transfer has two rows in one role, not even for a moment
        CashActivity.objects.filter(pk__in=moved).update(transfer=None, role="")
    _save(fresh)


def _save(rows: list[CashActivity]) -> None:
    """Write what rows are matched with. All of them exist: the insert always meets them, and is a quicker update."""
    columns = ["transfer", "role", "matched_at", "offsets"]
    CashActivity.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=columns)


def _let_go(book: _Books, found: Matches) -> None:
    """Take back what was matched with something that the broker has changed since."""
    matched = {row.pk for row in (*found.bookings.values(), *found.reversals.values())}
    stale = [row for row in book.rows.values() if row.role and row.pk not in matched and not _is_offset(row, book)]
    for row in stale:
        note(
            row, field="match", before=f"{row.role} {row.transfer_id or ''}"[:40], actor=ACTOR, because="changed since"
        )
    for row in stale:
        row.transfer_id, row.role, row.matched_at, row.offsets = None, "", None, None
    _save(stale)


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
    return cash_findings.of_odd(account, odd, row=row, transfer=transfer)
