"""The stock exchange's clock and calendar, as the Broker API tells them."""

from datetime import UTC, date, datetime, timedelta

from brokerage.sandbox import market
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import query
from brokerage.sandbox.clock import NEW_YORK
from brokerage.sandbox.wire import Answer, Request, as_json

# The vendor's calendar has these days and no others.
FIRST, LAST = date(1970, 1, 1), date(2029, 12, 31)
LONGEST_SETTLEMENT = timedelta(days=10)


def clock(books: Books, request: Request) -> Answer:
    now = books.now()
    return as_json(
        {
            "timestamp": datetime.fromtimestamp(now, NEW_YORK).isoformat(),
            "is_open": market.is_open(now),
            "next_open": market.next_open(now).isoformat(),
            "next_close": market.next_close(now).isoformat(),
        }
    )


def calendar(books: Books, request: Request) -> Answer:
    """Trading days between two days, both included; `date_type` says whether those are days of trade or settlement."""
    start = _bound(request, "start", FIRST)
    end = _bound(request, "end", LAST)
    if query.choice(request, "date_type", ("TRADING", "SETTLEMENT"), "TRADING") == "SETTLEMENT":
        sessions = market.sessions(max(FIRST, start - LONGEST_SETTLEMENT), end)
        return as_json([_shown(each) for each in sessions if start <= each.settles_on <= end])
    return as_json([_shown(each) for each in market.sessions(start, end)])


def _bound(request: Request, name: str, default: date) -> date:
    """A day, or the day of a time in UTC, no further than the calendar goes."""
    text = request.first(name)
    if not text:
        return default
    moment = query.moment(name, text)
    day = query.day(name, text) if query.is_day(text) else datetime.fromtimestamp(moment, UTC).date()
    return min(max(day, FIRST), LAST)


def _shown(session: market.Session) -> dict[str, str]:
    return {
        "date": session.day.isoformat(),
        "open": session.opens_at.strftime("%H:%M"),
        "close": session.closes_at.strftime("%H:%M"),
        "session_open": "0400",
        "session_close": "2000" if session.closes_at.time() == market.CLOSES else "1700",
        "settlement_date": session.settles_on.isoformat(),
    }
