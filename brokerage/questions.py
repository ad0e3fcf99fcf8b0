"""What ops ask of many rows: each question is a filter of a list, and one that waits for a person is a queue.

Asked by both apps: funding.bank_queues and accounts.application_queues; counted by funding.queues.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest


@dataclass(frozen=True)
class Question:
    """Some of the rows; those with a `text` wait for a person `since` then, and stand on the start page."""

    title: str
    rows: Callable[[], QuerySet[Any]]
    since: str = ""
    text: str = ""
    tone: str = ""
    order: str = ""  # a column, where `since` is none


class QuestionsFilter(admin.SimpleListFilter):
    """What ops ask; the queues of the start page are among it."""

    title = "queue"
    parameter_name = "queue"
    asked: Mapping[str, Question] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, question.title) for key, question in self.asked.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.asked.get(self.value() or "")
        return queryset.filter(pk__in=chosen.rows().values("pk")) if chosen else queryset


def order(asked: Mapping[str, Question], request: HttpRequest) -> tuple[str, ...]:
    """Let a queue begin with what has waited longest, and every other list with the newest."""
    chosen = asked.get(request.GET.get("queue", ""))
    return (chosen.order or chosen.since, "id") if chosen and chosen.text else ("-created_at", "-id")
