"""The sandbox's own time: real time moved and sped up, or standing still.

Everything that dates, expires or falls due asks this clock, so a test walks through sixty days without waiting.
"""

import time
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")


class Clock:
    """Seconds since the epoch, as the sandbox sees them.

    `offset` is how far ahead of real time it was at the real moment `since`; from there it runs `speed` times as fast.
    """

    def __init__(
        self, *, offset: float = 0.0, frozen_at: float | None = None, speed: float = 1.0, since: float = 0.0
    ) -> None:
        self.offset = offset
        self.frozen_at = frozen_at
        self.speed = speed
        self.since = since

    def now(self) -> float:
        if self.frozen_at is not None:
            return self.frozen_at
        real = time.time()
        return real + self.offset + (real - self.since) * (self.speed - 1)

    def set(self, moment: float) -> None:
        if self.frozen_at is not None:
            self.frozen_at = moment
        self._run_from(moment)

    def set_speed(self, speed: float) -> None:
        """Run `speed` times as fast as real time from now on. Raises ValueError unless it is positive and finite."""
        if not 0 < speed < float("inf"):
            raise ValueError("speed must be a positive number")
        moment = self.now()
        self.speed = speed
        self._run_from(moment)

    def freeze(self) -> None:
        self.frozen_at = self.now()

    def unfreeze(self) -> None:
        if self.frozen_at is not None:
            moment, self.frozen_at = self.frozen_at, None
            self._run_from(moment)

    def real_seconds(self, seconds: float) -> float:
        """How long that many seconds of the sandbox take outside."""
        return float("inf") if self.frozen_at is not None else seconds / self.speed

    def state(self) -> dict[str, Any]:
        return {"offset": self.offset, "frozen_at": self.frozen_at, "speed": self.speed, "since": self.since}

    def _run_from(self, moment: float) -> None:
        self.since = time.time()
        self.offset = moment - self.since


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
