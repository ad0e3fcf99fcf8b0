"""One round of the worker: everything that waits is picked up once.

Called by run_worker and worker; several may do rounds at once, since each row is claimed by whoever takes it. Each part
fails alone: a vendor that is away, or one poisonous row, does not stop the others. One that takes long leaves the rest
to the next round.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from accounts.operations import (
    details,
    email_change,
    news,
    notices,
    onboarding,
    posting,
    sending_documents,
    sign_in_letters,
)
from accounts.operations.account_stream import ACCOUNTS
from brokerage import stopping
from brokerage.gateways.errors import VendorError, patience
from funding.operations import (
    canceling,
    candidates,
    closing,
    endings,
    item_reconciliation,
    left_behind,
    left_links,
    relationships,
    resolving,
    return_rates,
    schedules,
    telling,
    webhooks,
)
from funding.operations.duties import DUTIES
from funding.operations.funding_stream import FUNDING
from funding.operations.heartbeats import Doing

log = logging.getLogger(__name__)

# How long a mail server that is away is left alone: asking it takes seconds, in which money would wait.
POST_AGAIN_AFTER = timedelta(minutes=1)
# Seconds that a worker waits for a vendor's answer; nobody sits before it.
WORKER_PATIENCE = 20
# Seconds after which a part begins nothing more, so that a vendor that has become slow holds up one thing and not all.
LONGEST_PART = 5

Part = Callable[[], int]


class Rounds:
    """Rounds of one worker process; remembers when it may post again. `doing` is told what it does."""

    def __init__(self, *, sender: str, doing: Doing | None = None) -> None:
        self.sender = sender
        self._doing = doing or Doing()
        self._post_from = timezone.now()

    def run(self) -> int:
        """Do everything that waits, and the schedules that are due; return how much was done."""
        with patience(WORKER_PATIENCE):
            return self._run()

    def do_what_waits(self) -> int:
        """Do everything that waits and leave the schedules to another thread; return how much was done."""
        with patience(WORKER_PATIENCE):
            done = self._all(*self._what_waits(), *self._what_is_told())
        self._doing.end_round()
        return done

    def _run(self) -> int:
        done = self._all(*self._what_waits())
        done += schedules.keep(DUTIES, holder=self.sender, doing=self._doing.now)
        return done + self._all(*self._what_is_told())

    def _what_waits(self) -> list[Part]:
        left = (self._onboarding, self._linking, self._leases, resolving.resolve_due, self._reserved, self._wishes)
        heard = (self._account_news, self._funding_news, self._webhooks)
        changes = (self._details, self._closings)
        banks = (self._logins, self._ends, self._banks)  # in the order in which one makes room for the next
        return [*left, *heard, *changes, *banks]

    def _what_is_told(self) -> list[Part]:
        return [telling.tell_of_long_doubt, self._notices]

    def _all(self, *parts: Part) -> int:
        return sum(self._part(part) for part in stopping.while_wanted(parts))

    def _part(self, part: Part) -> int:
        name, give_up_at = part.__name__.strip("_").replace("_", " "), time.monotonic() + LONGEST_PART
        try:
            with self._doing.now(name), stopping.turn(lambda: time.monotonic() < give_up_at):
                return part()
        except VendorError as away:
            log.info("worker: %s has to wait (%s)", name, away)
        except Exception:
            log.exception("worker: %s failed", name)
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
        passes = left_links.forget_expired() + left_links.note_orphans()
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
            leading_in = sign_in_letters.deliver(sender=self.sender)  # somebody waits for these
            letters = email_change.deliver_letters(sender=self.sender)
            return leading_in + letters + notices.deliver_due(sender=self.sender)
        except posting.MailServerAway as away:
            self._post_from = timezone.now() + POST_AGAIN_AFTER
            log.warning("worker: the mail server takes nothing (%s)", away)
            return 0
