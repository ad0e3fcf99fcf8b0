"""One queue of the desk: its rows counted, the oldest of them, and where to go. Called by whoever names them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet


@dataclass(frozen=True)
class Queue:
    """One queue on the start page."""

    title: str
    url: str
    count: int
    oldest: datetime | None
    text: str
    tone: str
    permission: str  # who may read the list that it leads to


def queue(title: str, url: str, rows: QuerySet, since: str, text: str, tone: str) -> Queue:
    """Return the queue of some rows; `since` names the column by which the oldest is told."""
    found = rows.order_by().aggregate(count=Count("pk"), oldest=Min(since))
    permission = f"{rows.model._meta.app_label}.view_{rows.model._meta.model_name}"
    return Queue(title, url, found["count"], found["oldest"], text, tone, permission)
