"""The points at which a process does I/O, numbered as it passes them, and the one where it dies.

They are found by watching: every statement and commit of the database, every connect, send and receive of a socket.
Used in a process of its own (see mortal): what is watched stays watched.
"""

import os
import re
import signal
import socket
from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

WATCHED: dict[type, list[str]] = {
    BaseDatabaseWrapper: ["connect", "_commit", "_rollback"],
    CursorWrapper: ["execute", "executemany"],
    socket.socket: ["connect", "send", "sendall", "recv", "recv_into"],
}
TABLE = re.compile(r'^\s*(\w+).*?"(\w+)"', re.DOTALL)


class Watch:
    """What a process has passed; `die` names the point, and the side of it, where it ends at once."""

    def __init__(self, die: tuple[int, str] | None = None) -> None:
        self.points: list[str] = []
        self._die, self._hearing = die, False
        for owner, names in WATCHED.items():
            for name in names:
                setattr(owner, name, self._watched(getattr(owner, name), f"{owner.__name__}.{name}"))

    def _watched(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def passing(*args: Any, **options: Any) -> Any:
            if self._hears_more(name):
                return call(*args, **options)
            number = len(self.points)
            self.points.append(_described(name, args))
            self._perhaps_die(number, "before")
            try:
                return call(*args, **options)
            finally:
                self._perhaps_die(number, "after")

        return passing

    def _hears_more(self, name: str) -> bool:
        """Say whether this is a further piece of an answer: it comes in any number of them, and all are one point."""
        hears = ".recv" in name
        further = hears and self._hearing
        if name.startswith("socket"):
            self._hearing = hears
        return further

    def _perhaps_die(self, number: int, side: str) -> None:
        if self._die == (number, side):
            os.kill(os.getpid(), signal.SIGKILL)


def _described(name: str, args: tuple[Any, ...]) -> str:
    if not name.startswith("CursorWrapper"):
        return name
    found = TABLE.match(str(args[1]))
    return " ".join(found.groups()) if found else str(args[1])[:40]
