"""Waiting for something that happens in another thread or process."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")


def eventually(condition: Callable[[], Answer], timeout: float = 30, *, because: str = "") -> Answer:
    """Return the first true answer of `condition`; fail when none came in `timeout` seconds."""
    give_up_at = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > give_up_at:
            raise AssertionError(f"not within {timeout} s: {because or condition}")
        time.sleep(0.02)
    return answer


def somebody_waits_for_a_lock() -> bool:
    """Say whether a query on this database, PostgreSQL, waits for another one; the cluster may hold other databases."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # or a transaction sees the first answer for ever
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])
