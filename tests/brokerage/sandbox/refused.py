"""What one row of a table of refusals says, and how it is written. The tables: `application_refusals` and its like."""

from copy import deepcopy
from dataclasses import dataclass
from enum import Enum
from typing import Any

Form = dict[str, Any]
UNREADABLE = "request body format is invalid"


class Removed(Enum):
    REMOVED = "what is not there at all"


REMOVED = Removed.REMOVED


@dataclass(frozen=True)
class Refused:
    """What is put where in a good application, and the refusal that comes of it.

    `path` is dotted, a number in it a place in a list; `field` is the dotted path that the refusal is about.
    `also` are further changes that make room for the one in question; `settings` are switches of the sandbox.
    """

    path: str
    value: Any
    status: int
    message: str
    field: str
    also: tuple[tuple[str, Any], ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def code(self) -> int:
        if self.message == UNREADABLE:
            return 40010000
        return {400: 40010001, 422: 42210000, 409: 40910000}[self.status]

    def changed(self, form: Form) -> Form:
        """The good application with the change in it; the one given stays as it is."""
        form = deepcopy(form)
        for path, value in (*self.also, (self.path, self.value)):
            put(form, path, deepcopy(value))
        return form

    def __str__(self) -> str:
        return f"{self.path or 'body'}-{self.message}"


def put(form: Form, path: str, value: Any) -> None:
    """Set or remove what a dotted path leads to; parts that are missing on the way are made."""
    *way, last = path.split(".")
    part: Any = form
    for step in way:
        part = part[int(step)] if step.isdecimal() else part.setdefault(step, {})
    if value is REMOVED:
        part.pop(last, None)
    else:
        part[int(last) if last.isdecimal() else last] = value


def broken(path: str, value: Any, says: str, *, field: str = "", also: Any = (), settings: Any = ()) -> Refused:
    """A field that breaks a rule: 422, and the message begins with the last part of its path."""
    field = field or ".".join(step for step in path.split(".") if not step.isdecimal())
    return Refused(path, value, 422, f"{field.rpartition('.')[2]} {says}", field, tuple(also), tuple(settings))


def malformed(path: str, value: Any, says: str, *, field: str = "", also: Any = ()) -> Refused:
    """A part that is missing, or of another type than documented: 400."""
    field = field or ".".join(step for step in path.split(".") if not step.isdecimal())
    return Refused(path, value, 400, f"{field.rpartition('.')[2]} {says}", field, tuple(also))


def without(part: Form, name: str) -> Form:
    return {each: value for each, value in part.items() if each != name}
