"""Who keeps the record of what is done at the desk. This package knows no model: an app says who does.

Called by deeds and desk; accounts.admin.audit names the keeper when Django collects the pages of the desk.
"""

from collections.abc import Iterable
from typing import Any, Protocol


class Keeper(Protocol):
    """Keeps what `person` does; `what` is "deed", "not_done", "action", "opened", "listed" or "downloaded"."""

    def __call__(self, what: str, *, person: Any, row: Any = None, **facts: Any) -> None: ...


_keepers: list[Keeper] = []


def kept_by(keeper: Keeper) -> None:
    """Name whoever keeps the record from now on."""
    _keepers[:] = [keeper]


def keep(what: str, *, person: Any, row: Any = None, **facts: Any) -> None:
    """Keep one thing; where nobody does, nothing is done at the desk either."""
    (keeper,) = _keepers
    keeper(what, person=person, row=row, **facts)


def keep_list(*, person: Any, of: str, rows: Iterable[str], page: int = 1, searched: bool) -> None:
    """Keep which rows of people somebody is about to see in a list, never for what was searched; none is no look."""
    if shown := sorted(rows):
        keep("listed", person=person, of=of, rows=shown, page=page, searched=searched)
