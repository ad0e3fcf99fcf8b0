"""The rate limit that every Broker answer reports, counted over whole minutes of the sandbox's own time."""

import threading

WINDOW = 60


class RateWindow:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends_at = 0
        self._used = 0
        self._life = 0

    def count(self, limit: int, *, moment: float, life: int) -> tuple[bool, dict[str, str]]:
        """Count one request; answer whether it is within the limit, and the headers that say so.

        Another `life` of the books has a window of its own, and so has a clock that was set back.
        """
        with self._lock:
            now = int(moment)
            if life != self._life or not self._ends_at - WINDOW <= now < self._ends_at:
                self._ends_at, self._used, self._life = now - now % WINDOW + WINDOW, 0, life
            self._used += 1
            headers = {
                "X-RateLimit-Limit": str(limit),
                "X-RateLimit-Remaining": str(max(0, limit - self._used)),
                "X-RateLimit-Reset": str(self._ends_at),
            }
            return self._used <= limit, headers
