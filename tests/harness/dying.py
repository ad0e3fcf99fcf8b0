"""Dying in the middle of a job, without the cost of a process of one's own.

An exception that none of our code catches arrives as a signal does, at whatever line is being waited on: what was
committed stays, nothing after it happens. tests/funding/test_killed_process.py kills real processes.
"""

import signal
import threading
from collections.abc import Callable

import pytest

from tests.harness.waiting import eventually


class Died(BaseException):
    """Stands for SIGKILL: no `except Exception` stops it."""


def die_when(condition: Callable[[], object], job: Callable[[], object]) -> None:
    """Do `job` in this, the main thread, and end it where it stands as soon as `condition` holds."""
    here = threading.get_ident()

    def strike() -> None:
        eventually(condition, 20)
        signal.pthread_kill(here, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, _die)
    killer = threading.Thread(target=strike)
    killer.start()
    try:
        with pytest.raises(Died):
            job()
    finally:
        killer.join()
        signal.signal(signal.SIGUSR1, before)


def _die(*_: object) -> None:
    raise Died
