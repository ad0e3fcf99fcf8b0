"""One break looked at again, now: its account is compared in its area, and what came of it is told.

Called by admin; calls reconciling and resolving. A person waits, so it is given little time, and of cash it reads what
the break is about and what came after it: what was read before stands in our books.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from accounts.findings import BrokerAway
from accounts.models import User
from accounts.operations.account_reconciliation import Scope
from accounts.operations.asking import Asking
from accounts.operations.leases import HeldByAnother
from brokerage import stopping
from brokerage.gateways.errors import VendorError
from brokerage.status import note
from funding import break_kinds, states
from funding.models import Break, ReconciliationRun, Transfer
from funding.operations import reconciling, resolving
from funding.operations.reconciling.cash import CASH_AGAIN

AT_MOST = 20  # seconds, after which no further question is asked


class NoAccount(Exception):
    """The break is about no account of ours, so there is no one account to compare."""


class Busy(Exception):
    """Another process goes through these books right now."""


class Away(Exception):
    """The vendor gave no answer that tells."""


class TookTooLong(Exception):
    """It was not done in the time that a person waits. What was read is kept, and nothing was concluded from it."""


@dataclass(frozen=True)
class Came:
    """What came of it: how the break stands now, and whether it was looked at, and looks otherwise."""

    state: str
    seen: bool
    changed: bool
    others: int  # further differences of this account in this area

    @property
    def is_open(self) -> bool:
        return self.state in (Break.OPEN, Break.ASKED)


def ask_again(*, row: Break, person: User) -> Came:
    """Compare the account of a break in its area, as a run of reconciliation does.

    Raises NoAccount, Busy, Away, TookTooLong; after each of them the break stands as it was.
    """
    account, before = row.brokerage_account, (row.last_seen_at, row.likeness)
    if account is None or not row.about.area:
        raise NoAccount
    asking = Asking(per_minute=0, sleep=_do_not_wait)
    actor = f"ops {person.pk}"
    holder = f"{actor} {uuid.uuid4().hex[:8]}"
    scope, give_up_at = Scope(account=account, since=_since(row)), time.monotonic() + AT_MOST
    try:
        with stopping.turn(lambda: time.monotonic() < give_up_at) as turn:
            found = list(reconciling.reconcile(row.about.area, scope, dry_run=False, holder=holder, asking=asking))
    except HeldByAnother:
        raise Busy from None
    except (BrokerAway, VendorError) as fault:
        raise Away(str(fault)) from None
    if silent := [finding.what for finding in found if not finding.code]:
        raise Away("; ".join(silent))
    row.refresh_from_db()
    if turn.cut_short and row.is_open and row.last_seen_at == before[0]:
        raise TookTooLong
    note(row, field="asked again", after=row.state, actor=actor)
    others = sum((each.code, each.subject[:150]) != (row.kind, row.subject) for each in found)
    return Came(row.state, row.last_seen_at > before[0], row.likeness != before[1], others)


def _do_not_wait(wait: timedelta) -> None:
    """Give up where the broker asks us to slow down: a person sits before this."""
    raise BrokerAway("it asks us to slow down")


def _since(row: Break) -> datetime | None:
    """Return from when on cash is read again; None: all there is, where no run has read it all yet."""
    if row.about.area != break_kinds.CASH:
        return None
    whole = ReconciliationRun.objects.filter(area=break_kinds.CASH, scope__in=["", "full"])
    return min(_days_of(row)) - CASH_AGAIN if whole.exclude(finished_at=None).exists() else None


def _days_of(row: Break) -> Iterator[datetime]:
    """Yield when what a break is about was made, booked, settled or ended, and when the break was first seen."""
    yield row.first_seen_at
    for side in ("ours", "theirs"):
        told = row.evidence.get(side) or {}
        for name in ("made", "settle date", "settled", "ended"):
            with suppress(KeyError, ValueError):
                at = datetime.fromisoformat(told[name])
                yield at if timezone.is_aware(at) else at.replace(tzinfo=UTC)


# --- One that may be ours ---------------------------------------------------------------------------------------------


def doubts(row: Break) -> list[Transfer]:
    """Return the transfers in doubt of which a break's may be one."""
    theirs = row.evidence.get("theirs") or {}
    rows = Transfer.objects.filter(brokerage_account=row.brokerage_account_id, alpaca_id=None)
    rows = rows.filter(direction=theirs["direction"]) if theirs.get("direction") else rows
    return list(rows.perhaps_at_the_broker().select_related("attempt", "brokerage_account", "relationship__item"))


def resolve_doubts(*, row: Break) -> list[Transfer]:
    """Look each unknown one up in the broker's list, now; return those looked for, as they stand after that."""
    unknown = [transfer for transfer in doubts(row) if transfer.sending == states.UNKNOWN]
    for transfer in unknown:
        resolving.resolve(transfer=transfer)
        transfer.refresh_from_db()
    return unknown
