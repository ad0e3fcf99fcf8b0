"""The close of a banking day: everything explained, or these are the differences. Written once, with a digest.

Called by the worker, by close_day and admin; calls reconciling where a book of money was not gone through since the day
ended. A banking day ends at nine in the evening, New York, when the last of the day's ACH has settled; what comes after
that, on a week-end or a holiday, is the next banking day's. What is learned of a day after its close is, too.
"""

import hashlib
import json
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.findings import BrokerAway
from accounts.operations.account_reconciliation import Scope
from accounts.operations.asking import Asking
from accounts.operations.leases import HeldByAnother
from brokerage import banking_days, snapshot, stopping
from brokerage.gateways.errors import VendorError
from funding import break_kinds
from funding.models import Break, DailyClose, ReconciliationRun
from funding.operations import close_figures, reconciling
from funding.operations.close_figures import Period

log = logging.getLogger(__name__)

# FedACH settles for the last time at 6:00 p.m.; the broker needs its while to tell.
# https://www.frbservices.org/resources/resource-centers/same-day-ach/fedach-processing-schedule.html
DAY_ENDS = time(21)
# How long a vendor that is away holds a close up; then it is written, and says what could not be compared.
PATIENCE = timedelta(hours=12)
MOST_DAYS = 31  # that are made up for at once
# These two are the sums; the other books have to have been gone through in the course of the day.
OF_MONEY = (break_kinds.TRANSFERS, break_kinds.CASH)
WHOLE = ("", "full", "due")  # scopes of a run that leave no account out for which something was to be compared


class NotOver(Exception):
    """This banking day has not ended."""


class NotCompared(Exception):
    """A book of money could not be gone through since the day's end; the message says which, and why."""


@dataclass(frozen=True)
class Gone:
    """The last run through one of the books, as a close stands on it."""

    area: str
    run: ReconciliationRun | None
    since: datetime

    @property
    def is_enough(self) -> bool:
        return self.run is not None and self.run.began_at >= self.since and not self.run.uncompared


# --- Which day --------------------------------------------------------------------------------------------------------


def day_of(day: date) -> date:
    """Return the banking day that a day belongs to: itself, or the next one."""
    return banking_days.add(day, 0)


def ends_at(day: date) -> datetime:
    return datetime.combine(day, DAY_ENDS, tzinfo=banking_days.NEW_YORK)


def last_ended(now: datetime) -> date:
    """Return the last banking day that has ended."""
    day = banking_days.today(now)
    while not banking_days.is_banking_day(day) or ends_at(day) > now:
        day -= timedelta(days=1)
    return day


def due_days(now: datetime) -> list[date]:
    """Return the banking days that have ended and want closing, the oldest first.

    The first one ever is that on which the books were gone through for the first time.
    """
    last = last_ended(now)
    begin = max(_first(last), last - timedelta(days=MOST_DAYS))
    closed = set(DailyClose.objects.filter(day__gte=begin).values_list("day", flat=True))
    day, due = banking_days.add(begin, 0), []
    while day <= last:
        if day not in closed:
            due.append(day)
        day = banking_days.add(day, 1)
    return due


def _first(last: date) -> date:
    earliest = DailyClose.objects.order_by("day").values_list("day", flat=True).first()
    if earliest:
        return earliest
    run = ReconciliationRun.objects.exclude(finished_at=None).order_by("began_at").first()
    if run is None:
        return last + timedelta(days=1)
    day = banking_days.add(banking_days.today(run.began_at), 0)
    return day if run.began_at < ends_at(day) else banking_days.add(day, 1)


def period_of(day: date) -> Period:
    before = day - timedelta(days=1)
    while not banking_days.is_banking_day(before):
        before -= timedelta(days=1)
    closed = DailyClose.objects.filter(day=before).values_list("made_at", flat=True).first()
    return Period(day, before, ends_at(before), ends_at(day), closed)


def last() -> DailyClose | None:
    """Return the close of the latest day."""
    return DailyClose.objects.order_by("-day").first()


# --- Closing ----------------------------------------------------------------------------------------------------------


def close_due(*, holder: str) -> list[DailyClose]:
    """Close every day that wants it; where a book cannot be compared, the day is left for the next call."""
    made, books = [], _Books(holder)
    for day in stopping.while_wanted(due_days(timezone.now())):
        try:
            made.append(close(day=day, holder=holder, books=books))
        except NotCompared as why:
            log.warning("close of %s has to wait: %s", day, why)
            break
    return made


def close(*, day: date, holder: str, books: "_Books | None" = None) -> DailyClose:
    """Write the close of a banking day; one that is written is returned as it is.

    Goes through the books of money first, unless that was done since the day's end. Raises NotOver, NotCompared.
    """
    written = DailyClose.objects.filter(day=day).first()
    if written:
        return written
    period, now = period_of(day), timezone.now()
    if now < period.until:
        raise NotOver
    missing = (books or _Books(holder)).missing(period.until)
    # A turn that was cut short tells nothing of the vendor: the next one goes on.
    if missing and (now < period.until + PATIENCE or not stopping.goes_on()):
        raise NotCompared("; ".join(missing))
    return _write(period, holder)


class _Books:
    """The books of money, for all days that are closed in one go: a broker that is away is not asked for each anew."""

    def __init__(self, holder: str) -> None:
        self._holder = holder
        self._asking = Asking(per_minute=settings.RECONCILE_READS_PER_MINUTE)
        self._away: dict[str, str] = {}

    def missing(self, since: datetime) -> list[str]:
        """Have each gone through since then; say of each why that could not be."""
        return [what for area in OF_MONEY if (what := self._go_through(area, since))]

    def _go_through(self, area: str, since: datetime) -> str:
        if _gone(area, since).is_enough:
            return ""
        if area in self._away:
            return self._away[area]
        scope = Scope(due=area == break_kinds.TRANSFERS)
        run = reconciling.reconcile(area, scope, dry_run=False, holder=self._holder, asking=self._asking)
        try:
            deque(run, maxlen=0)
        except HeldByAnother:
            return f"{area}: another process goes through this book"
        except (BrokerAway, VendorError) as fault:
            self._away[area] = f"{area}: the broker is away ({fault})"
            return self._away[area]
        gone = _gone(area, since)
        if gone.run and gone.run.uncompared:
            return f"{area}: {gone.run.uncompared} could not be compared"
        # A run that was carried on may have begun before the day's end: the next call begins another one.
        return "" if gone.is_enough else f"{area}: not gone through since the day's end yet"


def _gone(area: str, since: datetime) -> Gone:
    runs = ReconciliationRun.objects.filter(area=area, scope__in=WHOLE).exclude(finished_at=None)
    return Gone(area, runs.order_by("-began_at").first(), since)


def _write(period: Period, holder: str) -> DailyClose:
    with snapshot.one_look():
        told = statement(period)
    try:
        with transaction.atomic(durable=True):
            row = DailyClose.objects.create(made_by=holder[:80], digest=digest(**told), **told)
    except IntegrityError:
        return DailyClose.objects.get(day=period.day)  # another process was faster
    log.log(logging.INFO if row.explained else logging.ERROR, "close of %s: %s", row.day, in_a_word(row))
    return row


def in_a_word(row: DailyClose) -> str:
    return "explained" if row.explained else f"differences, {len(row.differences)} breaks open"


# --- What it states ---------------------------------------------------------------------------------------------------


def statement(period: Period) -> dict[str, Any]:
    """Return the columns of a close, as of now."""
    now = timezone.now()
    gone = [_gone(area, period.until if area in OF_MONEY else period.since) for area in break_kinds.AREAS]
    ways = close_figures.of(period)
    differences = [_difference(row) for row in _standing()]
    met = all(figures["unexplained"] == "0.00" for figures in ways.values())
    figures = {
        "from": period.since.isoformat(),
        "until": period.until.isoformat(),
        "as_of": now.isoformat(timespec="seconds"),
        "ways": ways,
        "books": [_told(each, now) for each in gone],
    }
    explained = met and not differences and all(each.is_enough for each in gone)
    return {"day": period.day, "explained": explained, "figures": figures, "differences": differences}


def _told(gone: Gone, now: datetime) -> dict[str, Any]:
    run = gone.run
    if run is None:
        return {"book": gone.area, "run": "", "began_at": "", "age_minutes": None, "uncompared": 0, "enough": False}
    return {
        "book": gone.area,
        "run": str(run.pk),
        "began_at": run.began_at.isoformat(timespec="seconds"),
        "age_minutes": int((now - run.began_at).total_seconds() // 60),
        "uncompared": run.uncompared,
        "enough": gone.is_enough,
    }


def _standing() -> list[Break]:
    """Return every open break, the worst and oldest first."""
    rank = {severity: place for place, severity in enumerate(break_kinds.SEVERITIES)}
    rows = Break.objects.filter(ended_at=None).order_by("first_seen_at", "pk")
    return sorted(rows, key=lambda row: rank[row.about.severity])


def _difference(row: Break) -> dict[str, str]:
    kind = row.about
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "title": kind.title,
        "severity": kind.severity,
        "owner": kind.owner,
        "looked_at_by": str(row.owner_id or ""),
        "subject": row.subject,
        "account": str(row.brokerage_account_id or ""),
        "ours": row.ours,
        "theirs": row.theirs,
        "what": row.what,
        "state": row.state,
        "first_seen_at": row.first_seen_at.isoformat(timespec="seconds"),
    }


def digest(*, day: date, explained: bool, figures: Mapping[str, Any], differences: Sequence[Mapping[str, Any]]) -> str:
    """Return the SHA-256 of a close as canonical JSON: keys in order, no blanks, UTF-8."""
    told = {"day": day.isoformat(), "explained": explained, "figures": figures, "differences": differences}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
