"""What one banking day's close states: counts and sums of transfers and cash, and how the two sums meet.

Called by daily_close; asks no vendor. All is read as of one moment and added up here, to the cent. Cash has no place
for which transfer it is, and may be booked on another day than the settling: what the two sums differ by is taken
apart into what explains it and what does not.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet

from funding import break_kinds, states
from funding.models import Break, CashActivity, CashActivityEvent, Transfer, TransferEvent
from funding.operations import cash_findings
from funding.operations.matching import KIND_OF

DIRECTIONS = (states.INCOMING, states.OUTGOING)
DIRECTION_OF = {kind: direction for direction, kind in KIND_OF.items()}
# How far back is looked for what was heard of only after its own day was closed.
LATE = timedelta(days=10)
ZERO = Decimal("0.00")

# Why the cash of a day is not what settled on it.
ELSEWHERE, AWAITED, IN_PLACE = "booked on another day", "not booked yet", "taken back in its place"
OF_ANOTHER, OFFSET, CORRECTED = "for another day", "cancels out", "corrected since"
UNMATCHED = "for no transfer"
EXPLAINS = (ELSEWHERE, AWAITED, IN_PLACE, OF_ANOTHER, OFFSET, CORRECTED)


@dataclass(frozen=True)
class Period:
    """One banking day: from the end of the one before to its own. `closed_at` is when that one was closed."""

    day: date
    before: date  # the banking day before
    since: datetime
    until: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Effect:
    """What a transfer did to cash in the period: it settled, or came back. `amount` is signed."""

    transfer: uuid.UUID
    direction: str
    amount: Decimal
    row: int | None
    row_void: bool


class Tally:
    """Counts and sums by name."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, ZERO))

    def add(self, name: str, amount: Decimal) -> None:
        count, total = self._found[name]
        self._found[name] = (count + 1, total + amount)

    def sum_of(self, *names: str) -> Decimal:
        return sum((self._found[name][1] for name in names), ZERO)

    def told(self, name: str) -> dict[str, Any]:
        count, total = self._found[name]
        return {"count": count, "amount": str(total)}


def of(period: Period) -> dict[str, Any]:
    """Return the figures of a day, each way; amounts are text, in US dollars."""
    tallies = {direction: Tally() for direction in DIRECTIONS}
    for direction, name, amount in _standing():
        tallies[direction].add(name, amount)
    effects = [*_settled(period, tallies), *_returned(period, tallies)]
    hanging = _meet(effects, list(_cash(period)), tallies)
    for row in _corrected(period):
        tallies[DIRECTION_OF[row["kind"]]].add(CORRECTED, -row["amount"])
    breaks = _breaks_of(hanging)
    return {direction: _told(tallies[direction], breaks[direction]) for direction in DIRECTIONS}


def _told(tally: Tally, breaks: list[str]) -> dict[str, Any]:
    expected = tally.sum_of("settled", "came back")
    booked = tally.sum_of("booked", CORRECTED)
    return {
        "transfers": {
            name: tally.told(name) for name in ("settled", "returned", "returned unsettled", "heard of late")
        },
        "standing": {name: tally.told(name) for name in ("under way", "in doubt", "not sent")},
        "cash": {name: tally.told(name) for name in ("booked", "matched", UNMATCHED, OFFSET, "void", CORRECTED)},
        "settled_less_returned": str(expected),
        "cash_booked": str(booked),
        "difference": str(booked - expected),
        "explained_by": {name: tally.told(name) for name in EXPLAINS},
        "unexplained": str(booked - expected - tally.sum_of(*EXPLAINS)),
        "hangs_on": breaks,
    }


# --- Transfers --------------------------------------------------------------------------------------------------------


def _standing() -> Iterator[tuple[str, str, Decimal]]:
    """Yield what is under way, in doubt or not sent yet, as of now."""
    over = [states.COMPLETE, states.RETURNED, states.CANCELED, states.REJECTED, states.EXPIRED]
    moving = Transfer.objects.filter(sending=states.ACCEPTED).exclude(status__in=over)
    doubtful = Transfer.objects.filter(sending__in=states.IN_DOUBT)
    for rows in (moving, doubtful):
        found = rows.order_by().values_list("direction", "sending", "amount")
        for direction, sending, amount in found.iterator(chunk_size=2000):
            name = "not sent" if sending in states.UNSENT else "in doubt"
            yield direction, "under way" if sending == states.ACCEPTED else name, amount


def _settled(period: Period, tallies: dict[str, Tally]) -> Iterator[Effect]:
    on_time = Transfer.objects.filter(settled_at__gte=period.since, settled_at__lt=period.until)
    on_time = on_time.filter(status__in=[states.COMPLETE, states.RETURNED])
    late = Transfer.objects.none()
    if period.closed_at:
        earlier = Transfer.objects.filter(settled_at__gte=period.since - LATE, settled_at__lt=period.since)
        late = earlier.filter(status__in=[states.COMPLETE, states.RETURNED]).filter(
            _heard(states.COMPLETE, period.closed_at)
        )
    for rows, is_late in ((on_time, False), (late, True)):
        for effect in _effects(rows, CashActivity.BOOKING, sign=1):
            tallies[effect.direction].add("settled", effect.amount)
            if is_late:
                tallies[effect.direction].add("heard of late", effect.amount)
            yield effect


def _returned(period: Period, tallies: dict[str, Tally]) -> Iterator[Effect]:
    """Yield what came back after it had settled; what came back before that moved no cash in the end."""
    returned = Transfer.objects.filter(status=states.RETURNED)
    on_time = returned.filter(ended_at__gte=period.since, ended_at__lt=period.until)
    late = Transfer.objects.none()
    if period.closed_at:
        earlier = returned.filter(ended_at__gte=period.since - LATE, ended_at__lt=period.since)
        late = earlier.filter(_heard(states.RETURNED, period.closed_at))
    for rows, is_late in ((on_time, False), (late, True)):
        unsettled = rows.filter(settled_at=None).order_by()
        for found in unsettled.values_list("direction", "amount"):
            tallies[found[0]].add("returned unsettled", found[1])
        for effect in _effects(rows.exclude(settled_at=None), CashActivity.REVERSAL, sign=-1):
            tally = tallies[effect.direction]
            tally.add("returned", effect.amount)
            tally.add("came back", effect.amount)
            if is_late:
                tally.add("heard of late", effect.amount)
            yield effect


def _heard(status: str, since: datetime) -> Exists:
    """Ask for those of which we learned only then: their day was closed without them."""
    return Exists(TransferEvent.objects.filter(row=OuterRef("pk"), field="status", after=status, at__gt=since))


def _effects(rows: QuerySet[Transfer], role: str, *, sign: int) -> Iterator[Effect]:
    """Yield what some transfers did to cash, each with its row in that role; a return may stand in its booking."""
    booked = FilteredRelation("cash_activities", condition=Q(cash_activities__role=CashActivity.BOOKING))
    reversed_by = FilteredRelation("cash_activities", condition=Q(cash_activities__role=CashActivity.REVERSAL))
    found = rows.order_by().annotate(booked_as=booked, reversed_as=reversed_by)
    columns = ("pk", "direction", "amount", "booked_as__pk", "booked_as__status", "reversed_as__pk")
    for pk, direction, amount, row, status, reverse in found.values_list(*columns).iterator(chunk_size=2000):
        signed = sign * (amount if direction == states.INCOMING else -amount)
        void = status in CashActivity.VOID
        of_role = row if role == CashActivity.BOOKING else reverse
        yield Effect(pk, direction, signed, of_role, void and (role == CashActivity.BOOKING or reverse is None))


# --- Cash -------------------------------------------------------------------------------------------------------------


def _cash(period: Period) -> Iterator[Mapping[str, Any]]:
    """Yield the rows booked in the period, and those of earlier days that were first read after the day was closed."""
    booked = Q(booked_on__gt=period.before, booked_on__lte=period.day)
    if period.closed_at:
        booked |= Q(booked_on__gt=period.before - LATE, booked_on__lte=period.before, seen_at__gt=period.closed_at)
    rows = CashActivity.objects.filter(booked).order_by()
    told = ("pk", "alpaca_id", "kind", "amount", "status", "role", "brokerage_account", "alpaca_account_id")
    yield from rows.values(*told).iterator(chunk_size=2000)


def _corrected(period: Period) -> Iterable[Mapping[str, Any]]:
    """Return rows of days that were closed with them, which the broker has taken back since."""
    if period.closed_at is None:
        return []
    moved = CashActivityEvent.objects.filter(
        row=OuterRef("pk"), field="status", at__gt=period.closed_at, after__in=CashActivity.VOID
    )
    earlier = CashActivity.objects.filter(booked_on__gt=period.before - LATE, booked_on__lte=period.before)
    taken_back = earlier.filter(Exists(moved), status__in=CashActivity.VOID, seen_at__lte=period.closed_at)
    return taken_back.order_by().values("kind", "amount")


@dataclass
class _Hanging:
    """What is not explained, by direction: by this its breaks are found."""

    subjects: dict[str, set[str]]  # of the rows
    transfers: dict[str, set[uuid.UUID]]


def _meet(effects: list[Effect], rows: list[Mapping[str, Any]], tallies: dict[str, Tally]) -> _Hanging:
    """Take the difference between transfers and cash apart; return what hangs on breaks."""
    hanging = _Hanging(defaultdict(set), defaultdict(set))
    valid = {row["pk"] for row in rows if row["status"] not in CashActivity.VOID}
    met: set[int] = set()
    for effect in effects:
        tally = tallies[effect.direction]
        if effect.row is not None and effect.row in valid:
            met.add(effect.row)
        elif effect.row_void:
            tally.add(IN_PLACE, -effect.amount)
        elif effect.row is not None:
            tally.add(ELSEWHERE, -effect.amount)
        else:
            tally.add(AWAITED, -effect.amount)
            hanging.transfers[effect.direction].add(effect.transfer)
    for row in rows:
        direction = DIRECTION_OF[row["kind"]]
        _count(row, tallies[direction], met)
        if row["pk"] in valid and not row["role"]:
            hanging.subjects[direction].add(_subject(row))
    return hanging


def _subject(row: Mapping[str, Any]) -> str:
    account, of = row["brokerage_account"], row["alpaca_account_id"]
    return cash_findings.subject_of(alpaca_id=row["alpaca_id"], account=account, alpaca_account_id=of)


def _count(row: Mapping[str, Any], tally: Tally, met: set[int]) -> None:
    amount, role = row["amount"], row["role"]
    if row["status"] in CashActivity.VOID:
        tally.add("void", amount)
        return
    tally.add("booked", amount)
    if role in (CashActivity.BOOKING, CashActivity.REVERSAL):
        tally.add("matched", amount)
        if row["pk"] not in met:
            tally.add(OF_ANOTHER, amount)
    else:
        tally.add(OFFSET if role else UNMATCHED, amount)


def _breaks_of(hanging: _Hanging) -> dict[str, list[str]]:
    """Return the ids of the open breaks of cash that name a row or a transfer which is not explained."""
    found: dict[str, list[str]] = {direction: [] for direction in DIRECTIONS}
    kinds = break_kinds.codes(break_kinds.CASH)
    if hanging.subjects or hanging.transfers:
        standing = Break.objects.filter(ended_at=None, kind__in=kinds).values_list("pk", "subject", "transfer")
        for pk, subject, transfer in standing:
            for way in DIRECTIONS:
                if subject in hanging.subjects[way] or transfer in hanging.transfers[way]:
                    found[way].append(str(pk))
    return found
