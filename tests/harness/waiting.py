"""Waiting for something that happens in another thread or process."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def eventually(condition: Callable[[], Answer], timeout: float = 5, *, because: str = "") -> Answer:
    """Return the first true answer of `condition`; fail when none came in `timeout` seconds."""
    give_up_at = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > give_up_at:
            raise AssertionError(f"not within {timeout} s: {because or condition}")
        time.sleep(0.02)
    return answer
