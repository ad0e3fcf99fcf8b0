"""Ending early between two rows: whoever goes through many of them asks here, before each, whether to go on.

Loops of operations go over `while_wanted(rows)`; the worker says with `turn` for how long that is. Nobody else is ever
cut short. What is in hand is finished first.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Row = TypeVar("Row")


class Turn:
    """One piece of work that may be cut short; once it was, nothing more is begun in it."""

    def __init__(self, wanted: Callable[[], bool]) -> None:
        self._wanted = wanted
        self.cut_short = False

    def goes_on(self) -> bool:
        self.cut_short = self.cut_short or not self._wanted()
        return not self.cut_short


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


@contextmanager
def turn(wanted: Callable[[], bool]) -> Iterator[Turn]:
    """Let the loops inside this block go on for as long as `wanted` says so; a turn around this one still counts."""
    outer = _turn.get()
    inner = Turn(wanted if outer is None else lambda: wanted() and outer.goes_on())
    token = _turn.set(inner)
    try:
        yield inner
    finally:
        _turn.reset(token)


def goes_on() -> bool:
    """Say whether whoever works here may begin another piece."""
    current = _turn.get()
    return current is None or current.goes_on()


def while_wanted(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows for as long as the work is to go on."""
    for row in rows:
        if not goes_on():
            return
        yield row
