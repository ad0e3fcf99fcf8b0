"""The table of what is done again and again; a new one is a line.

Called by rounds and worker through schedules, each duty by one worker at a time.
"""

import logging
from datetime import timedelta
from itertools import chain

from accounts.operations import account_status, retention, retention_warnings, throttle
from brokerage import stopping
from funding.operations import cash_check, closing_retention, heartbeats, reconciliation, return_rates, webhooks
from funding.operations.schedules import Duty

log = logging.getLogger(__name__)


def sweep(by: str) -> int:
    """Compare every open row with the broker's lists, whatever the streams have told or not told."""
    findings = chain(
        account_status.reconcile(), reconciliation.reconcile_relationships(), cash_check.reconcile_with_cash()
    )
    count = 0
    for finding in findings:
        count += 1
        level = logging.INFO if finding.mended else logging.WARNING
        log.log(level, "sweep: %s: %s%s", finding.subject, finding.what, ", mended" if finding.mended else "")
    return count


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


def forget_webhooks(by: str) -> int:
    return webhooks.forget_old()


def forget_workers(by: str) -> int:
    return heartbeats.forget_old()


MINUTES, HOUR = timedelta(minutes=5), timedelta(hours=1)

DUTIES = (
    Duty("sweep", sweep, every=MINUTES),
    Duty("brake", brake, every=MINUTES),
    Duty("forget old counts", forget_counts, every=MINUTES),
    Duty("forget old webhooks", forget_webhooks, every=HOUR),
    Duty("forget old workers", forget_workers),
    Duty("purge", purge, at_most=10),
)
