"""Dying in the middle of a job, without the cost of a process of one's own.

An exception that none of our code catches arrives as a signal does, at whatever line is being waited on: what was
committed stays, nothing after it happens. tests/funding/test_killed_process.py kills real processes.
"""

import signal
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable

import pytest

from tests.harness.waiting import eventually


class Died(BaseException):
    """Stands for SIGKILL: no `except Exception` stops it."""


def die_when(condition: Callable[[], object], job: Callable[[], object]) -> None:
    """Do `job` in this, the main thread; once `condition` holds and it waits for an answer, end it there."""
    here = threading.get_ident()

    def strike() -> None:
        eventually(condition, 20)
        _await_waiting(here)
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


def _await_waiting(thread: int) -> None:
    """Wait until a thread has nothing to do but wait, and is not in the middle of a query.

    With a process its connection to the database dies, too; the test's own has to go on.
    """
    seen = deque([False] * 5, maxlen=5)

    def waits() -> bool:
        seen.append(_waits_for_an_answer(thread))
        return all(seen)

    eventually(waits, 20)


def _waits_for_an_answer(thread: int) -> bool:
    return sys._current_frames()[thread].f_code is socket.SocketIO.readinto.__code__


def _die(*_: object) -> None:
    raise Died
