"""Portfolio history: equity over time as it follows from the ledger and from what is held.

GET …/account/portfolio/history → `_span` (from when to when) → `_instants` (which points) → sums of the ledger

Nothing is traded and prices stand still: a position is worth what it is worth now ever since it is held, and what it
has won over its cost is won at that moment.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from brokerage.sandbox import market
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, holdings, query
from brokerage.sandbox.broker.holdings import Holding
from brokerage.sandbox.broker.refusal import invalid
from brokerage.sandbox.clock import NEW_YORK, parse_moment
from brokerage.sandbox.wire import Answer, Request, as_json

MINUTES = {"1Min": 1, "5Min": 5, "15Min": 15, "1H": 60}
REPORTING = ("market_hours", "extended_hours", "continuous")
DAYS_IN = {"D": 1, "W": 7, "M": 31, "A": 366}
LONGEST_INTRADAY = 31
SESSION_OPENS, SESSION_CLOSES = time(4), time(20)


@dataclass(frozen=True)
class Booked:
    """What was booked on an account, oldest first: when, which type, how many cents; and what is held besides."""

    rows: list[tuple[float, str, int]]
    held: list[Holding]

    def equity_at(self, moment: float) -> float:
        """Dollars; a float, since the broker answers with JSON numbers here."""
        cents = sum(cents for at, _, cents in self.rows if at <= moment)
        held = sum((each.market_value for each in self.held if each.held_since <= moment), Decimal())
        return float(Decimal(cents) / 100 + held)

    def gain_at(self, moment: float) -> Decimal:
        return sum((each.gain for each in self.held if each.held_since <= moment), Decimal())

    def flow(self, activity_type: str, instants: list[int]) -> list[float]:
        """Cents of one type, each counted at the first instant that is not before it."""
        flow = [0] * len(instants)
        for at, kind, cents in self.rows:
            place = bisect_right(instants, at - 1e-9)
            if kind == activity_type and place < len(instants) and (place or at >= instants[0] - query.DAY):
                flow[place] += cents
        return [cents / 100 for cents in flow]


def history(books: Books, request: Request) -> Answer:
    row = accounts.fetch(books, request.params["account_id"])
    start, end = _span(request, now=books.now())
    timeframe = _timeframe(request, (end.date() - start.date()).days + 1)
    reporting = query.choice(request, "intraday_reporting", REPORTING) or _hours(request)
    query.choice(request, "pnl_reset", ("no_reset", "per_day"))
    instants = sorted(_days(start, end) if timeframe == "1D" else _instants(start, end, MINUTES[timeframe], reporting))
    sql = "SELECT created_at, activity_type, cents FROM activities WHERE account_id = ? ORDER BY seq"
    booked = Booked(
        [(parse_moment(at), kind, cents) for at, kind, cents in books.all(sql, row["id"])],
        holdings.of(books, row["id"]),
    )
    return as_json(_drawn(booked, instants, timeframe, start) | _cashflow(request, booked, instants))


def _hours(request: Request) -> str:
    return "extended_hours" if request.first("extended_hours").lower() == "true" else "market_hours"


def _drawn(booked: Booked, instants: list[int], timeframe: str, start: datetime) -> dict[str, Any]:
    beginning = min([start.timestamp(), *instants])
    base, won_before = booked.equity_at(beginning), booked.gain_at(beginning)
    won = [float(booked.gain_at(instant) - won_before) for instant in instants]
    return {
        "timestamp": instants,
        "equity": [booked.equity_at(instant) for instant in instants],
        "profit_loss": won,
        "profit_loss_pct": [each / base if base else None for each in won],
        "base_value": base,
        "base_value_asof": start.date().isoformat(),
        "timeframe": timeframe,
    }


def _cashflow(request: Request, booked: Booked, instants: list[int]) -> dict[str, Any]:
    types = request.words("cashflow_types")
    if types in ([], ["NONE"]):
        return {}
    if types == ["ALL"]:
        types = sorted({kind for _, kind, _ in booked.rows})
    return {"cashflow": {kind: booked.flow(kind, instants) for kind in types}}


def _span(request: Request, *, now: float) -> tuple[datetime, datetime]:
    """From when to when, in New York. Raises Refusal."""
    given = {name: request.first(name) for name in ("start", "end", "period") if request.first(name)}
    if len(given) == 3:
        raise invalid("only two of start, end and period can be specified at the same time")
    period = given.get("period") or "1M"
    end = _end(request, given.get("end", ""), now)
    if "start" in given:
        start = datetime.fromtimestamp(query.moment("start", given["start"]), NEW_YORK)
        if "period" in given:
            end = min(end, _moved(start, period, forward=True))
    else:
        start = datetime.combine(_moved(end, period, forward=False).date(), time(), NEW_YORK)
    if start > end:
        raise invalid("start must not be after end")
    return start, end


def _end(request: Request, end: str, now: float) -> datetime:
    """No later than the present, or than the present day where a day is asked for."""
    present = datetime.fromtimestamp(now, NEW_YORK)
    if request.first("date_end") and not end:
        last = query.day("date_end", request.first("date_end"))
        return datetime.combine(min(last, present.date()), time(23, 59), NEW_YORK)
    return datetime.fromtimestamp(min(now, query.moment("end", end)), NEW_YORK) if end else present


def _moved(moment: datetime, period: str, *, forward: bool) -> datetime:
    """A period counts the day that it begins with."""
    written = re.fullmatch(r"([1-9][0-9]{0,2})([DWMA])", period)
    if not written:
        raise invalid("period is invalid")
    number, unit = int(written[1]), written[2]
    days = timedelta(days=number * DAYS_IN[unit] - 1)
    try:
        return moment + days if forward else max(moment - days, datetime(1970, 1, 2, tzinfo=NEW_YORK))
    except OverflowError:
        raise invalid("period is invalid") from None


def _timeframe(request: Request, days: int) -> str:
    timeframe = request.first("timeframe")
    if timeframe and timeframe != "1D" and timeframe not in MINUTES:
        raise invalid("timeframe is invalid")
    if timeframe in MINUTES and days > LONGEST_INTRADAY:
        raise invalid("only 1D is allowed as timeframe for periods longer than 30 days")
    if timeframe:
        return timeframe
    return "1Min" if days < 7 else "15Min" if days < 30 else "1D"


def _days(start: datetime, end: datetime) -> Iterator[int]:
    """Each trading day, as it stood when the last of its hours was over, or stands now."""
    for session in market.sessions(start.date(), end.date()):
        yield int(datetime.combine(session.day, SESSION_CLOSES, NEW_YORK).timestamp())


def _instants(start: datetime, end: datetime, minutes: int, reporting: str) -> Iterator[int]:
    for opens, closes in _sittings(start, end, reporting):
        instant, last = int(opens.timestamp()), min(closes, end).timestamp()
        while instant <= last:
            yield instant
            instant += minutes * 60


def _sittings(start: datetime, end: datetime, reporting: str) -> Iterator[tuple[datetime, datetime]]:
    """When points are drawn: always, or from the beginning of the session that `start` falls in or comes before."""
    if reporting == "continuous":
        yield start.replace(minute=0, second=0, microsecond=0), end
        return
    for session in market.sessions(start.date(), end.date()):
        hours = session.opens_at, session.closes_at
        if reporting == "extended_hours":
            hours = _at(session.day, SESSION_OPENS), _at(session.day, SESSION_CLOSES)
        if start <= hours[1]:
            yield hours


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, NEW_YORK)
