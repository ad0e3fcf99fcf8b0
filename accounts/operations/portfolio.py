"""What an account is invested in and was worth, read from the broker for the page that shows it.

Called by views; calls gateways.broker_portfolio. What was read last is kept, and stays where the broker is away.
"""

import logging
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from accounts.models import BrokerageAccount, Portfolio
from brokerage import banking_days
from brokerage.gateways import broker_portfolio
from brokerage.gateways.broker_portfolio import PositionAnswer
from brokerage.gateways.errors import VendorError, patience

log = logging.getLogger(__name__)

# Asked for again when it is older than this while someone looks, and never more often.
GOOD_FOR = timedelta(seconds=60)
# A day is added to the history once a day; what the account is worth now is read with the cash.
HISTORY_GOOD_FOR = timedelta(minutes=15)
PAGE_PATIENCE, HISTORY_PATIENCE = 2, 1  # seconds


def held(*, account: BrokerageAccount) -> Portfolio:
    """Return what we hold of the broker's last word; an empty one where there is none yet. Asks nobody."""
    portfolio = Portfolio.objects.filter(brokerage_account=account).first() or Portfolio()
    portfolio.brokerage_account = account  # it is at hand: nobody reads it again
    return portfolio


def refresh_if_old(*, portfolio: Portfolio) -> Portfolio:
    """Refresh what is older than a minute, for a page that waits two seconds at most; return what we hold then.

    One process asks at a time, and right after an attempt that failed nobody does. Of somebody who was purged nothing
    is asked.
    """
    now = timezone.now()
    if portfolio.brokerage_account.is_purged or not _claim(portfolio, now):
        return portfolio
    try:
        _read(portfolio, now)
    except VendorError as fault:
        log.info("brokerage account %s: portfolio not read (%s)", portfolio.pk, fault)
    return portfolio


def _claim(portfolio: Portfolio, now: datetime) -> bool:
    """Say whether it is for us to ask now, and keep others from asking as well."""
    if portfolio.asked_at and portfolio.asked_at > now - GOOD_FOR:
        return False
    Portfolio.objects.bulk_create([Portfolio(brokerage_account_id=portfolio.pk)], ignore_conflicts=True)
    stale = Q(asked_at=None) | Q(asked_at__lte=now - GOOD_FOR)
    portfolio.asked_at = now
    return bool(Portfolio.objects.filter(stale, pk=portfolio.pk).update(asked_at=now))


def _read(portfolio: Portfolio, now: datetime) -> None:
    """Read and keep one after the other, so that a failure of the second takes nothing from the first.

    Raises VendorError.
    """
    account = portfolio.brokerage_account
    with patience(PAGE_PATIENCE):
        answers = broker_portfolio.list_positions(account.alpaca_id)
    portfolio.positions, portfolio.positions_as_of = [_position(answer) for answer in answers], now
    _keep(portfolio, "positions", "positions_as_of")
    # A broker that took its time is not asked for more while a page waits.
    slow = timezone.now() - now > timedelta(seconds=PAGE_PATIENCE)
    if slow or (portfolio.history_as_of and portfolio.history_as_of > now - HISTORY_GOOD_FOR):
        return
    with patience(HISTORY_PATIENCE):
        points = broker_portfolio.value_history(account.alpaca_id, period=_since_opening(account, now))
    portfolio.history, portfolio.history_as_of = _days(points), now
    _keep(portfolio, "history", "history_as_of")


def _keep(portfolio: Portfolio, *fields: str) -> None:
    """Keep what was read, unless the row was purged meanwhile."""
    Portfolio.objects.filter(pk=portfolio.pk).update(**{field: getattr(portfolio, field) for field in fields})


def _position(answer: PositionAnswer) -> dict[str, str | None]:
    return {
        "symbol": answer.symbol,
        "quantity": f"{answer.quantity:f}",
        "value": _text(answer.market_value),
        "cost": _text(answer.cost_basis),
        "gain": _text(answer.unrealized),
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _since_opening(account: BrokerageAccount, now: datetime) -> str:
    """Return a period, in whole years, that reaches back to before the account was opened."""
    return f"{now.year - account.created_at.year + 1}A"


def _days(points: list[tuple[datetime, Decimal]]) -> list[list[str]]:
    """Return the last value of each day in New York, without the days before anything was there."""
    by_day = {banking_days.today(at).isoformat(): amount for at, amount in points}
    days = [[day, f"{amount:f}"] for day, amount in by_day.items()]
    first = next((place for place, (_, amount) in enumerate(days) if Decimal(amount)), len(days))
    return days[max(0, first - 1) :]
