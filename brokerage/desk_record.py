"""Who keeps the record of what is done at the desk. This package knows no model: an app says who does.

Called by deeds and desk; accounts.admin.audit names the keeper when Django collects the pages of the desk.
"""

from typing import Any, Protocol


class Keeper(Protocol):
    """Keeps that `person` does something to a row; `what` is "deed", "not_done", "action", "opened" or "downloaded"."""

    def __call__(self, what: str, *, person: Any, row: Any = None, **facts: Any) -> None: ...


_keepers: list[Keeper] = []


def kept_by(keeper: Keeper) -> None:
    """Name whoever keeps the record from now on."""
    _keepers[:] = [keeper]


def keep(what: str, *, person: Any, row: Any = None, **facts: Any) -> None:
    """Keep one thing; where nobody does, nothing is done at the desk either."""
    (keeper,) = _keepers
    keeper(what, person=person, row=row, **facts)
