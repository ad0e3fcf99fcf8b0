"""Lists that page by key: newest first, and the millionth page costs as the first.

Called by views. A key names the last row that was seen, by its `created_at` and its id: rows that come in meanwhile
move nothing.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone

Row = TypeVar("Row", bound=Model)
Key = tuple[datetime, uuid.UUID]


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and what the address of the newer and of the older page asks for (empty where there is none)."""

    rows: list[Row]
    newer: dict[str, str]
    older: dict[str, str]


def page(found: QuerySet[Row], query: Any, *, size: int) -> Page[Row]:
    """Return the page of `found` that an address asks for; the first one where it asks for none of ours."""
    before, after = _key(query.get("before")), _key(query.get("after"))
    return _newer_than(found, after, size) if after else _older_than(found, before, size)


def _newer_than(found: QuerySet[Row], key: Key, size: int) -> Page[Row]:
    at, pk = key
    # A plain bound first, so that the index is entered at the key; "greater or equal with a greater id" is not.
    newer = found.filter(created_at__gte=at).exclude(created_at=at, pk__lte=pk).order_by("created_at", "pk")
    rows = list(newer[: size + 1])
    more, rows = len(rows) > size, rows[:size][::-1]
    return Page(rows, _ask("after", rows[:1]) if more else {}, _ask("before", rows[-1:]))


def _older_than(found: QuerySet[Row], key: Key | None, size: int) -> Page[Row]:
    if key:
        at, pk = key
        found = found.filter(created_at__lte=at).exclude(created_at=at, pk__gte=pk)
    rows = list(found.order_by("-created_at", "-pk")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    return Page(rows, _ask("after", rows[:1]) if key else {}, _ask("before", rows[-1:]) if more else {})


def _ask(way: str, of: list[Any]) -> dict[str, str]:
    return {way: f"{of[0].created_at.timestamp():.6f}_{of[0].pk}"} if of else {}


def _key(text: str | None) -> Key | None:
    """Return the place in the list that a key names; None for one that nobody of ours made."""
    moment, _, pk = (text or "").partition("_")
    try:
        seconds, _, micros = moment.partition(".")
        at = datetime.fromtimestamp(int(seconds), tz=timezone.get_current_timezone()).replace(microsecond=int(micros))
        return at, uuid.UUID(pk)
    except (ValueError, OverflowError, OSError):
        return None
