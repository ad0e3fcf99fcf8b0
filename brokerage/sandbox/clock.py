"""The sandbox's own time: real time plus an offset, or standing still; and how long banks take.

Everything that dates, expires or falls due asks this clock, so a test walks through sixty days without waiting.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")

# Seconds an entity waits in a status before it moves on by itself. A status that is missing here waits for a hand.
PROFILES: dict[str, dict[str, float]] = {
    "instant": {
        "account SUBMITTED": 0,
        "account APPROVED": 0,
        "relationship QUEUED": 0,
        "relationship CANCEL_REQUESTED": 0,
        "transfer QUEUED": 0,
        "transfer SENT_TO_CLEARING": 0,
    },
    "fast": {
        "account SUBMITTED": 1,
        "account APPROVED": 1,
        "relationship QUEUED": 2,
        "relationship CANCEL_REQUESTED": 1,
        "transfer QUEUED": 4,
        "transfer SENT_TO_CLEARING": 6,
    },
    "realistic": {
        "account SUBMITTED": 30,
        "account APPROVED": 5,
        "relationship QUEUED": 60,
        "relationship CANCEL_REQUESTED": 30,
        "transfer QUEUED": 300,
        "transfer SENT_TO_CLEARING": 1500,
    },
    "manual": {},
}


class Clock:
    """Seconds since the epoch, as the sandbox sees them."""

    def __init__(self, *, offset: float = 0.0, frozen_at: float | None = None) -> None:
        self.offset = offset
        self.frozen_at = frozen_at

    def now(self) -> float:
        if self.frozen_at is not None:
            return self.frozen_at
        return time.time() + self.offset

    def set(self, moment: float) -> None:
        if self.frozen_at is not None:
            self.frozen_at = moment
        self.offset = moment - time.time()

    def freeze(self) -> None:
        self.frozen_at = self.now()

    def unfreeze(self) -> None:
        if self.frozen_at is not None:
            self.offset = self.frozen_at - time.time()
            self.frozen_at = None

    def state(self) -> dict[str, Any]:
        return {"offset": self.offset, "frozen_at": self.frozen_at}


def iso(moment: float) -> str:
    """RFC 3339 in UTC with microseconds, so that text sorts as time does."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def iso_seconds(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> float:
    """A date or an RFC 3339 time as seconds since the epoch; no zone means UTC.

    Raises ValueError.
    """
    # An unescaped plus sign of a zone arrives from a query string as a blank.
    moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def banking_day(moment: float) -> str:
    """The day in New York, where the banks are."""
    return datetime.fromtimestamp(moment, NEW_YORK).date().isoformat()


def banking_day_start(moment: float) -> float:
    day = datetime.fromtimestamp(moment, NEW_YORK)
    return day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def after_banking_seconds(moment: float, seconds: float) -> float:
    """The time when `seconds` have passed on weekdays in New York; weekends do not count."""
    while True:
        start = _weekday_at_or_after(moment)
        midnight = _next_midnight(start)
        if start + seconds <= midnight:
            return start + seconds
        seconds -= midnight - start
        moment = midnight


def _weekday_at_or_after(moment: float) -> float:
    while datetime.fromtimestamp(moment, NEW_YORK).weekday() >= 5:
        moment = _next_midnight(moment)
    return moment


def _next_midnight(moment: float) -> float:
    tomorrow = datetime.fromtimestamp(moment, NEW_YORK).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=NEW_YORK).timestamp()
