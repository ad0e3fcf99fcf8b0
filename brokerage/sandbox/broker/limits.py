"""The rate limit that every Broker answer reports, counted over whole minutes of real time."""

import threading
import time

WINDOW = 60


class RateWindow:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends_at = 0
        self._used = 0

    def count(self, limit: int) -> tuple[bool, dict[str, str]]:
        """Count one request; answer whether it is within the limit, and the headers that say so."""
        with self._lock:
            now = int(time.time())
            if now >= self._ends_at:
                self._ends_at, self._used = now - now % WINDOW + WINDOW, 0
            self._used += 1
            headers = {
                "X-RateLimit-Limit": str(limit),
                "X-RateLimit-Remaining": str(max(0, limit - self._used)),
                "X-RateLimit-Reset": str(self._ends_at),
            }
            return self._used <= limit, headers
