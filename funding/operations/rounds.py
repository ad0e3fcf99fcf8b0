"""One round of the worker: everything that waits is picked up once.

Called by run_worker. Each part fails alone: a vendor that is away, or one poisonous row, does not stop the others.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import chain

from django.utils import timezone

from accounts.operations import (
    account_status,
    details,
    email_change,
    news,
    notices,
    onboarding,
    posting,
    retention,
    retention_warnings,
    sending_documents,
    throttle,
)
from accounts.operations.account_stream import ACCOUNTS
from brokerage.gateways.errors import VendorError, patience
from funding.operations import (
    canceling,
    candidates,
    closing,
    closing_retention,
    endings,
    item_reconciliation,
    left_behind,
    linking,
    relationships,
    resolving,
    return_rates,
    sweeping,
    telling,
    webhooks,
)
from funding.operations.funding_stream import FUNDING

log = logging.getLogger(__name__)

# The safety net under the event streams: every open row is compared with the broker's lists.
SWEEP_EVERY = timedelta(minutes=5)
# How long a mail server that is away is left alone: asking it takes seconds, in which money would wait.
POST_AGAIN_AFTER = timedelta(minutes=1)
# What is not kept any longer is purged once a day, for so many seconds at a time: the rest at the next sweep.
PURGE_EVERY = timedelta(days=1)
LONGEST_PURGE = 10
# Seconds that a worker waits for a vendor's answer; nobody sits before it.
WORKER_PATIENCE = 20


class Rounds:
    """Rounds of one worker process; remembers when it swept last, when it may post again, and purge."""

    def __init__(self, *, sender: str) -> None:
        self.sender = sender
        self._swept_at = self._post_from = self._purge_from = timezone.now()

    def run(self) -> int:
        """Do everything that waits; return how much was done."""
        with patience(WORKER_PATIENCE):
            return self._run()

    def _run(self) -> int:
        left = (self._onboarding, self._linking, self._leases, resolving.resolve_due, self._reserved, self._wishes)
        heard = (self._account_news, self._funding_news, self._webhooks)
        changes = (self._details, self._closings)
        banks = (self._logins, self._ends, self._banks)  # in the order in which one makes room for the next
        done = sum(self._part(part) for part in (*left, *heard, *changes, *banks))
        if timezone.now() - self._swept_at > SWEEP_EVERY:
            self._swept_at = timezone.now()
            swept = (self._sweep, self._brake, throttle.forget_old, webhooks.forget_old, self._purge)
            done += sum(self._part(part) for part in swept)
        return done + sum(self._part(part) for part in (telling.tell_of_long_doubt, self._notices))

    def _part(self, part: Callable[[], int]) -> int:
        try:
            return part()
        except VendorError as away:
            log.info("worker: %s has to wait (%s)", part.__name__, away)
        except Exception:
            log.exception("worker: %s failed", part.__name__)
        return 0

    def _onboarding(self) -> int:
        left = sending_documents.pick_up_left_behind(sender=self.sender)
        return left + onboarding.pick_up_left_behind(sender=self.sender)

    def _details(self) -> int:
        return details.pick_up_left_behind(sender=self.sender) + email_change.pick_up_left_behind(sender=self.sender)

    def _closings(self) -> int:
        return closing.pick_up_left_behind(sender=self.sender)

    def _banks(self) -> int:
        return candidates.renew_due(sender=self.sender) + candidates.carry_on_due(sender=self.sender)

    def _linking(self) -> int:
        return relationships.pick_up_left_behind(sender=self.sender)

    def _ends(self) -> int:
        return endings.carry_on_due(sender=self.sender)

    def _logins(self) -> int:
        passes = linking.forget_expired() + linking.note_orphans()
        return item_reconciliation.read_due(sender=self.sender) + passes

    def _leases(self) -> int:
        return left_behind.expire_leases(sender=self.sender)

    def _reserved(self) -> int:
        return left_behind.give_up_stranded() + left_behind.send_reserved(sender=self.sender)

    def _wishes(self) -> int:
        return canceling.pick_up_left_behind(sender=self.sender)

    def _account_news(self) -> int:
        return news.read_and_act(ACCOUNTS, holder=self.sender)

    def _funding_news(self) -> int:
        return news.read_and_act(FUNDING, holder=self.sender)

    def _webhooks(self) -> int:
        return webhooks.act_on_due(sender=self.sender)

    def _brake(self) -> int:
        return len(return_rates.apply_brake())

    def _notices(self) -> int:
        if timezone.now() < self._post_from:
            return 0
        try:
            return email_change.deliver_letters(sender=self.sender) + notices.deliver_due(sender=self.sender)
        except posting.MailServerAway as away:
            self._post_from = timezone.now() + POST_AGAIN_AFTER
            log.warning("worker: the mail server takes nothing (%s)", away)
            return 0

    def _purge(self) -> int:
        if timezone.now() < self._purge_from:
            return 0
        stop_at = time.monotonic() + LONGEST_PURGE
        done = 0
        purging = retention.batches(by=self.sender, rules=closing_retention.RULES)
        for count in chain(retention_warnings.tell_due(), purging):
            done += count
            if time.monotonic() > stop_at:
                return done
        self._purge_from = timezone.now() + PURGE_EVERY
        return done

    def _sweep(self) -> int:
        found = 0
        for finding in chain(account_status.reconcile(), sweeping.sweep(holder=self.sender)):
            level = logging.INFO if finding.mended else logging.WARNING
            log.log(level, "sweep: %s: %s%s", finding.subject, finding.what, ", mended" if finding.mended else "")
            found += 1
        return found
