"""What the overview shows of an account's worth: the figures, the value over time, the positions.

Called by views. Works on what we hold; asks nobody and changes nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import BrokerageAccount, Holding, Portfolio
from brokerage import banking_days

Point = tuple[date, Decimal]

# In the address: the words on the link, what is said of it, and days.
PERIODS = {
    "1m": ("1M", "1 month", 31),
    "3m": ("3M", "3 months", 92),
    "1y": ("1Y", "1 year", 366),
    "all": ("All", "all time", 0),
}
USUAL = "3m"
POSITIONS_SHOWN = 20


@dataclass(frozen=True)
class Line:
    """A part of what the account is worth."""

    label: str
    amount: Decimal
    note: str = ""


@dataclass(frozen=True)
class Period:
    """One period that the value can be shown for."""

    word: str
    said: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class PositionRow:
    """One position, in words. `direction` is INCOMING for a gain, OUTGOING for a loss, as amounts are signed."""

    symbol: str
    quantity: str
    value: Decimal | None
    gain: Decimal | None
    note: str

    @property
    def direction(self) -> str:
        return "OUTGOING" if (self.gain or 0) < 0 else "INCOMING"

    @property
    def word(self) -> str:
        if not self.gain:
            return "no change"
        return "loss" if self.gain < 0 else "gain"


@dataclass(frozen=True)
class PortfolioPage:
    """`value` is what all is worth, where that is known; `points` is its history within the period."""

    value: Decimal | None
    lines: list[Line]
    points: list[Point]
    has_history: bool  # there was money, on more than one day
    periods: list[Period]
    said: str  # of the period
    history_as_of: datetime | None
    positions: list[PositionRow]
    position_count: int
    positions_as_of: datetime | None

    @property
    def more(self) -> bool:
        return self.position_count > len(self.positions)


def of(account: BrokerageAccount, portfolio: Portfolio, *, period: str, everything: bool) -> PortfolioPage:
    """Return the page's part; an unfamiliar period is the usual one. `everything`: all positions, however many."""
    period = period if period in PERIODS else USUAL
    holdings = portfolio.holdings
    value = _value(account, portfolio)
    history = _history(account, portfolio, value)
    points = _within(history, PERIODS[period][2])
    return PortfolioPage(
        value=value,
        lines=_lines(account, value),
        points=points,
        has_history=len(points) > 1 and any(amount for _, amount in history),
        periods=[_period(name, period) for name in PERIODS],
        said=PERIODS[period][1],
        history_as_of=portfolio.history_as_of,
        positions=[_row(holding) for holding in (holdings if everything else holdings[:POSITIONS_SHOWN])],
        position_count=len(holdings),
        positions_as_of=portfolio.positions_as_of,
    )


def _value(account: BrokerageAccount, portfolio: Portfolio) -> Decimal | None:
    """Return the broker's equity; while it told none, the cash and what the positions are worth."""
    if account.equity is not None:
        return account.equity
    if account.cash is None or portfolio.value is None:
        return None
    return account.cash + portfolio.value


def _lines(account: BrokerageAccount, value: Decimal | None) -> list[Line]:
    if account.cash is None or value is None:
        return []
    return [Line("Investments", value - account.cash), Line("Cash", account.cash)]


def _history(account: BrokerageAccount, portfolio: Portfolio, value: Decimal | None) -> list[Point]:
    """Return the value of each day that is over, and of today as far as it is known."""
    points = portfolio.days
    if not points or value is None or account.cash_as_of is None:
        return points
    today = banking_days.today(account.cash_as_of)
    return [*(point for point in points if point[0] < today), (today, value)]


def _within(points: list[Point], days: int) -> list[Point]:
    if not points or not days:
        return points
    since = points[-1][0] - timedelta(days=days)
    return [point for point in points if point[0] >= since]


def _period(name: str, current: str) -> Period:
    word, said, _ = PERIODS[name]
    return Period(word, said, f"{reverse('overview')}?{urlencode({'period': name})}#value", name == current)


def _row(holding: Holding) -> PositionRow:
    note = f"{holding.gain_percent}%" if holding.gain and holding.gain_percent is not None else ""
    return PositionRow(holding.symbol, _shares(holding.quantity), holding.value, holding.gain, note)


def _shares(quantity: Decimal) -> str:
    """3 shares, 0.25 shares, 1 share; what is owed is said to be."""
    count = f"{abs(quantity):,f}"
    return f"{count} share{'' if count == '1' else 's'}{' owed' if quantity < 0 else ''}"
