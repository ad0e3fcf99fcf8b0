"""Reading tables of any size a page at a time, by key: memory does not grow with the rows, nor time with their square.

Called by the other modules here. A cursor of the server's would do for one table; behind PgBouncer there is none (see
DISABLE_SERVER_SIDE_CURSORS), and a page takes in what hangs on its rows. Each page is one look at the database, so a
row that is moved meanwhile is seen before or after, with its history, and never in between.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from brokerage.snapshot import one_look

ROWS_A_PAGE = 1000
MANY = 100  # what hangs on a row, by far


@dataclass
class Page:
    """Some rows, what hangs on each of them by name, and what hangs on no row at all."""

    rows: list[Any]
    hanging: dict[str, dict[UUID, list[Any]]] = field(default_factory=dict)
    orphans: list[tuple[str, UUID]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + sum(len(of_row) for by_row in self.hanging.values() for of_row in by_row.values())


def pages(rows: QuerySet[Any], *, size: int = ROWS_A_PAGE, **hanging: QuerySet[Any]) -> Iterator[Page]:
    """Yield `rows`, which are named tuples that have a `pk`, and what hangs on them.

    What hangs comes as named tuples, too, whose first column is the row they hang on.
    """
    last = None
    while True:
        with one_look():
            some = rows if last is None else rows.filter(pk__gt=last)
            page = Page(list(some.order_by("pk")[:size]))
            end = page.rows[-1].pk if len(page.rows) == size else None
            _hang(page, hanging, size, after=last, until=end)
        yield page
        if end is None:
            return
        last = end


def _hang(
    page: Page, hanging: Mapping[str, QuerySet[Any]], size: int, *, after: UUID | None, until: UUID | None
) -> None:
    """Read what hangs on the rows between two keys; the last page also has what comes behind all rows."""
    known = {row.pk for row in page.rows}
    for name, found in hanging.items():
        column = found.query.values_select[0]
        between = _between(found, column, after, until)
        some = list(between[: size * MANY])
        orphans = {one[0] for one in some} - known
        if len(some) == size * MANY:  # whole rows must be missing, and what hung on them may be any number
            some = list(between.filter(**{f"{column}__in": known}))
            orphans = set(between.exclude(**{f"{column}__in": known}).values_list(column, flat=True).distinct()[:size])
        page.orphans += [(name, row) for row in sorted(orphans)]
        page.hanging[name] = _by_row(some, known)


def _between(found: QuerySet[Any], column: str, after: UUID | None, until: UUID | None) -> QuerySet[Any]:
    bounds = {f"{column}__gt": after, f"{column}__lte": until}
    return found.filter(**{name: bound for name, bound in bounds.items() if bound is not None}).order_by()


def _by_row(some: list[Any], known: set[UUID]) -> dict[UUID, list[Any]]:
    by_row: dict[UUID, list[Any]] = defaultdict(list)
    for one in some:
        if one[0] in known:
            by_row[one[0]].append(one)
    return by_row
