"""How many of our debits the banks take back, against Nacha's limits; and the brake on deposits when it is too many.

Called by the worker and admin. A debit is a deposit that went out, also one made elsewhere: Nacha counts whatever
leaves in our name. Rates are of debits and returns in the 60 days that end now.
https://www.nacha.org/news/nachas-rule-to-address-excessive-transaction-return-levels-goes-into-effect
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from funding import return_codes, states
from funding.models import Brake, Transfer, TransferEvent
from funding.models.transfer_rows import TransferQuerySet

log = logging.getLogger(__name__)

WINDOW = timedelta(days=60)
WARN_AT = Decimal("0.6")  # of a limit
# Name, share of the debits that may come back, and what counts as coming back.
_LIMITS = (
    ("unauthorized", Decimal("0.005"), Q(return_code__in=return_codes.UNAUTHORIZED)),
    ("administrative", Decimal("0.03"), Q(return_code__in=return_codes.ADMINISTRATIVE)),
    ("all", Decimal("0.15"), Q()),
)
_COUNTED = {name: codes for name, _, codes in _LIMITS}


class NotEngaged(Exception):
    """This brake has been lifted already."""


@dataclass(frozen=True)
class Rate:
    """One of Nacha's three rates; `rate` and `limit` are shares of one."""

    name: str
    returned: int
    debits: int
    limit: Decimal

    @property
    def rate(self) -> Decimal:
        return Decimal(self.returned) / max(self.debits, 1)

    @property
    def warn(self) -> bool:
        return self.rate >= WARN_AT * self.limit

    @property
    def over(self) -> bool:
        return self.rate > self.limit

    @property
    def word(self) -> str:
        return "over" if self.over else "warn" if self.warn else "ok"


def rates(*, now: datetime | None = None) -> list[Rate]:
    """Return the three rates: unauthorized, administrative, all."""
    since = (now or timezone.now()) - WINDOW
    debits = sent(since=since).count()
    counts = returned(since=since).aggregate(**{name: Count("pk", filter=codes) for name, _, codes in _LIMITS})
    return [Rate(name, counts[name], debits, limit) for name, limit, _ in _LIMITS]


def sent(*, since: datetime) -> TransferQuerySet:
    """Return the deposits that went out: accepted, and not ended before the bank had them."""
    accepted = Transfer.objects.filter(direction=states.INCOMING, accepted_at__gt=since)
    return accepted.exclude(status__in=states.ENDED_UNFUNDED)


def returned(*, since: datetime) -> TransferQuerySet:
    """Return the deposits that came back, by the day of the return."""
    return Transfer.objects.filter(status=states.RETURNED, direction=states.INCOMING, ended_at__gt=since)


def apply_brake(*, now: datetime | None = None) -> list[Brake]:
    """Engage a brake for each rate that is past its limit; return those engaged now. Only a person lifts one.

    With few debits one return is a large share of them and says little: see RETURN_RATE_MINIMUM_DEBITS.
    """
    over = [rate for rate in rates(now=now) if rate.over and rate.debits >= settings.RETURN_RATE_MINIMUM_DEBITS]
    return [brake for rate in over if _is_news(rate, now) and (brake := _engage(rate))]


def _is_news(rate: Rate, now: datetime | None) -> bool:
    """Say whether we heard of a return that whoever lifted this brake last did not know of."""
    lifted_at = Brake.objects.filter(rate=rate.name).exclude(lifted_at=None).order_by("-lifted_at").values("lifted_at")
    last = lifted_at.first()
    if last is None:
        return True
    back = returned(since=(now or timezone.now()) - WINDOW).filter(_COUNTED[rate.name])
    heard = TransferEvent.objects.filter(field="status", after=states.RETURNED, at__gt=last["lifted_at"])
    return heard.filter(row__in=back).exists()


def _engage(rate: Rate) -> Brake | None:
    """Engage this rate's brake; None where it is engaged already."""
    found = {"returned": rate.returned, "debits": rate.debits}
    brake, engaged = Brake.objects.get_or_create(rate=rate.name, lifted_at=None, defaults=found)
    if not engaged:
        return None
    log.error("deposits paused: %s of %s debits came back (%s)", rate.returned, rate.debits, rate.name)
    return brake


def lift_brake(*, brake: Brake, because: str, person: User) -> None:
    """Let deposits go on, on a person's word. Raises NotEngaged."""
    engaged = Brake.objects.filter(pk=brake.pk, lifted_at=None)
    if not engaged.update(lifted_at=timezone.now(), lifted_by=person, lift_because=because[:300]):
        raise NotEngaged
    log.warning("brake on deposits (%s) lifted by ops %s", brake.rate, person.pk)
