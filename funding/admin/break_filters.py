"""What ops ask of the list of breaks."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest

from funding import break_kinds
from funding.break_kinds import CRITICAL, HIGH, KINDS, LOW
from funding.models import Break

SEVERITY = {CRITICAL: "Critical", HIGH: "High", LOW: "Low"}
TONES = {CRITICAL: "danger", HIGH: "warn", LOW: "quiet"}
AREAS = {
    break_kinds.TRANSFERS: "Transfers",
    break_kinds.CASH: "Cash",
    break_kinds.LINKS: "Bank accounts",
    break_kinds.ITEMS: "Logins at banks",
    break_kinds.PEOPLE: "People and accounts",
}
WHOSE = {
    break_kinds.OPERATOR: "an operator",
    break_kinds.COMPLIANCE: "compliance",
    break_kinds.ENGINEER: "an engineer",
}


def of_severity(severity: str) -> list[str]:
    """Return the codes of one severity."""
    return [kind.code for kind in KINDS.values() if kind.severity == severity]


def rank() -> Case:
    """Return a number to order by: the most severe ones first. An unfamiliar kind is as one that is high."""
    return Case(
        When(kind__in=of_severity(CRITICAL), then=Value(0)),
        When(kind__in=of_severity(LOW), then=Value(2)),
        default=Value(1),
        output_field=IntegerField(),
    )


class Filter(admin.SimpleListFilter):
    """One question with fixed answers."""

    answers: dict[str, str] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.answers.items())


class OfState(Filter):
    """Open ones, unless something else is asked for; a search looks among all of them."""

    title, parameter_name = "state", "state"
    answers = {"asked": "Waits for a second person", "closed": "Closed", "all": "All"}

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self._searching = bool(request.GET.get("q"))

    @property
    def chosen(self) -> str:
        return self.value() or ("all" if self._searching else "open")

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        nothing = changelist.get_query_string(remove=[self.parameter_name])
        yield {"selected": self.value() is None, "query_string": nothing, "display": "Open"}
        for key, title in self.answers.items():
            address = changelist.get_query_string({self.parameter_name: key})
            yield {"selected": self.value() == key, "query_string": address, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Break]) -> QuerySet[Break]:
        if self.chosen == "closed":
            return queryset.exclude(ended_at=None)
        if self.chosen == "asked":
            return queryset.filter(state=Break.ASKED)
        return queryset if self.chosen == "all" else queryset.filter(ended_at=None)


class OfSeverity(Filter):
    title, parameter_name = "severity", "severity"
    answers = SEVERITY

    def queryset(self, request: HttpRequest, queryset: QuerySet[Break]) -> QuerySet[Break]:
        if self.value() == HIGH:
            return queryset.exclude(kind__in=of_severity(CRITICAL) + of_severity(LOW))
        return queryset.filter(kind__in=of_severity(self.value() or "")) if self.value() else queryset


class OfArea(Filter):
    title, parameter_name = "area", "area"
    answers = AREAS

    def queryset(self, request: HttpRequest, queryset: QuerySet[Break]) -> QuerySet[Break]:
        return queryset.filter(kind__in=break_kinds.codes(self.value() or "")) if self.value() else queryset


class OfOwner(Filter):
    title, parameter_name = "owner", "owner"
    answers = {"mine": "Mine", "nobody": "Nobody’s"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Break]) -> QuerySet[Break]:
        if self.value() == "mine":
            return queryset.filter(owner=request.user.pk)
        return queryset.filter(owner=None) if self.value() == "nobody" else queryset


class OfKind(Filter):
    """The kinds of which one is open, where the list is of open ones; else all of them."""

    title, parameter_name = "kind", "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = set(KINDS)
        if not ({"q", "state"} & set(request.GET)):
            codes = set(Break.objects.filter(ended_at=None).order_by().values_list("kind", flat=True).distinct())
        codes |= {asked for asked in [request.GET.get("kind")] if asked}
        return sorted(((code, break_kinds.of(code).title) for code in codes), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Break]) -> QuerySet[Break]:
        return queryset.filter(kind=self.value()) if self.value() else queryset
