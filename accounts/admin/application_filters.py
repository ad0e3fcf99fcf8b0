"""How ops narrow the list of applications: by what is waited for, by who sees to it, by how long it has waited."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.application_queues import QUESTIONS
from accounts.models import Application, Assignment
from brokerage.questions import QuestionsFilter


class WaitsFor(QuestionsFilter):
    asked = QUESTIONS


class SeenToBy(admin.SimpleListFilter):
    title = "who sees to it"
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("me", "Me"), ("nobody", "Nobody"), ("somebody", "Somebody")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> QuerySet[Application]:
        standing = Assignment.objects.filter(person=OuterRef("user"), ended_at=None)
        match self.value():
            case "me":
                return queryset.filter(Exists(standing.filter(to=request.user.pk)))
            case "nobody":
                return queryset.filter(~Exists(standing))
            case "somebody":
                return queryset.filter(Exists(standing))
        return queryset


class Waited(admin.SimpleListFilter):
    """By `since`, which the list gives its rows."""

    title = "age"
    parameter_name = "waited"
    days = {"day": 1, "week": 7, "month": 30}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("day", "Longer than a day"), ("week", "Longer than a week"), ("month", "Longer than 30 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = self.days.get(self.value() or "")
        return queryset.filter(since__lt=timezone.now() - timedelta(days=days)) if days else queryset
