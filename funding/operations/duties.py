"""The table of what is done again and again; a new one is a line.

Called by rounds and worker through schedules, each duty by one worker at a time.
"""

import logging
from contextlib import suppress
from datetime import time, timedelta
from functools import partial
from itertools import chain

from accounts.operations import (
    anchoring,
    known_browsers,
    retention,
    retention_warnings,
    sign_in_counts,
    sign_in_letters,
    throttle,
)
from accounts.operations.account_reconciliation import Scope
from brokerage import stopping
from funding import break_kinds
from funding.operations import closing_retention, daily_close, heartbeats, reconciling, return_rates, sweeping, webhooks
from funding.operations.schedules import Duty

log = logging.getLogger(__name__)


def sweep(by: str) -> int:
    """Compare what moves with the broker's lists, whatever the streams have told or not told. Raises BrokerAway."""
    count = 0
    for finding in sweeping.sweep(holder=by):
        count += 1
        level = logging.INFO if finding.mended else logging.WARNING
        log.log(level, "sweep: %s: %s%s", finding.subject, finding.what, ", mended" if finding.mended else "")
    return count


def reconcile(area: str, by: str) -> int:
    """Go through one of the books; one that takes longer is carried on where it stood.

    Raises BrokerAway, HeldByAnother: it is not done, and tried again soon.
    """
    return sum(1 for _ in reconciling.reconcile(area, Scope(), dry_run=False, holder=by))


def close(by: str) -> int:
    """Write the statement of each banking day that wants one."""
    return len(daily_close.close_due(holder=by))


def brake(by: str) -> int:
    """Pause deposits where too many debits came back."""
    return len(return_rates.apply_brake())


def purge(by: str) -> int:
    """Warn whose answers go, and purge what no rule keeps any longer."""
    done = 0
    for count in chain(retention_warnings.tell_due(), retention.batches(by=by, rules=closing_retention.RULES)):
        done += count
        if not stopping.goes_on():
            break
    return done


def forget_counts(by: str) -> int:
    return throttle.forget_old()


def forget_browsers(by: str) -> int:
    return known_browsers.forget_old()


def anchor(by: str) -> int:
    """Keep how far the audit has come; where no anchors are kept, or nothing is to be anchored, that is all."""
    with suppress(anchoring.NoFolder, anchoring.NothingToAnchor):
        anchoring.anchor(by=by)
        return 1
    return 0


def tell_failed_sign_ins(by: str) -> int:
    return sign_in_counts.tell_of_past_hours(by=by)


def forget_webhooks(by: str) -> int:
    return webhooks.forget_old()


def forget_letters(by: str) -> int:
    return sign_in_letters.forget_old()


def forget_sweeps(by: str) -> int:
    return sweeping.forget_old()


def forget_workers(by: str) -> int:
    return heartbeats.forget_old()


MINUTES, HOUR = timedelta(minutes=5), timedelta(hours=1)
NIGHTLY = time(19, 30)  # New York

ASKING = (
    Duty("sweep", sweep, every=MINUTES, at_most=240),
    # Each night after the banks have settled, so that the day's close stands on what was just compared.
    *(Duty(f"reconcile {area}", partial(reconcile, area), at=NIGHTLY, at_most=120) for area in break_kinds.AREAS),
    # Asked often and done once: a day that had to wait for a vendor is closed as soon as it answers.
    Duty("close of the day", close, every=MINUTES, at_most=240),
)
# These ask no vendor, and have a thread of their own: none that keeps the others waiting holds them up.
OUR_OWN = (
    Duty("brake", brake, every=MINUTES),
    Duty("forget old counts", forget_counts, every=MINUTES),
    Duty("count of failed sign-ins", tell_failed_sign_ins, every=MINUTES),
    Duty("anchor of the audit", anchor, every=HOUR),  # one a day: asked often, in case the folder is away
    Duty("forget old browsers", forget_browsers),
    Duty("forget old webhooks", forget_webhooks, every=HOUR),
    Duty("forget old letters", forget_letters, every=HOUR),
    Duty("forget old workers", forget_workers),
    Duty("forget old sweeps", forget_sweeps),
    Duty("purge", purge, at_most=10),
)
DUTIES = (*ASKING, *OUR_OWN)
