"""Ops' view of the processes that work, and of what they do again and again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from brokerage.desk import ReadOnly
from funding.models import Schedule, Worker


class Life(admin.SimpleListFilter):
    """Whether they are heard of, and get on."""

    title = "sign of life"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("alive", "At work"), ("silent", "Silent"), ("stuck", "Stuck")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Worker]) -> QuerySet[Worker]:
        match self.value():
            case "alive":
                return queryset.filter(pk__in=Worker.objects.alive().values("pk"))
            case "silent":
                return queryset.filter(pk__in=Worker.objects.silent().values("pk"))
            case "stuck":
                return queryset.filter(pk__in=Worker.objects.stuck().values("pk"))
        return queryset


@admin.register(Worker)
class WorkerDesk(ReadOnly):
    """One line a process; it goes a week after its last sign of life."""

    lists_people = False
    list_display = ("name", "alive", "doing", "rounds", "round_at", "stuck", "beat_at", "started_at", "stopped_at",
                    "error", "error_at")  # fmt: skip
    list_filter = (Life,)
    ordering = ("-beat_at", "-id")
    search_fields = ("name", "host")

    @admin.display(description="At work", boolean=True)
    def alive(self, worker: Worker) -> bool:
        return worker.is_alive


@admin.register(Schedule)
class ScheduleDesk(ReadOnly):
    """When what is done again and again was last done to its end."""

    lists_people = False
    list_display = ("name", "done_at", "began_at", "holder", "held_until", "error")
