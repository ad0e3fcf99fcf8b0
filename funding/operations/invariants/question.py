"""One question that a query answers, and the query for two rows where one may be.

Used by questions and banks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from funding.operations.invariants.pages import ROWS_A_PAGE

EVENT = "comes from an event of the broker's that another one comes from, too"


@dataclass(frozen=True)
class Question:
    """What must not be, and the query for the rows that are so all the same, at a moment."""

    subject: str
    what: str
    offenders: Callable[[datetime], QuerySet[Any]]

    def answers(self, now: datetime) -> Iterator[list[UUID]]:
        """Yield the ids of the offenders, a page at a time."""
        found = self.offenders(now).order_by("pk").values_list("pk", flat=True)
        page = list(found[:ROWS_A_PAGE])
        while page:
            yield page
            page = list(found.filter(pk__gt=page[-1])[:ROWS_A_PAGE])


def doubled(rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    """Return the rows that share a value with another; an index says the same, while it stands."""
    shared = rows.exclude(**{column: None}).values(column).annotate(rows=Count("pk")).filter(rows__gt=1)
    return rows.filter(**{f"{column}__in": shared.order_by().values(column)})
