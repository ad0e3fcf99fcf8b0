"""How ops narrow the lists of bank accounts, logins and passes through Link: by what they ask, by bank, by any id."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from brokerage.questions import QuestionsFilter
from funding.bank_queues import BANKS, LOGINS
from funding.models import PlaidItem

BANKS_SHOWN = 20


class AboutBanks(QuestionsFilter):
    asked = BANKS


class AboutLogins(QuestionsFilter):
    asked = LOGINS


class AtBank(admin.SimpleListFilter):
    """The banks with the most logins; others are found by their name."""

    title = "bank"
    parameter_name = "bank"
    path = "institution_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = PlaidItem.objects.held().exclude(institution_id="").values_list("institution_id", "institution_name")
        most = known.annotate(logins=Count("pk")).order_by("-logins", "institution_name")[:BANKS_SHOWN]
        return list({key: name or key for key, name, _ in most}.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


class OfBank(AtBank):
    path = "item__institution_id"


def passes_named(name: str, path: str = "") -> list[Q]:
    """Return the ways to passes through Link that Plaid's support would call so: by a request, or a session."""
    said = ("request_id", "events__link_session_id", "events__request_id")
    return [Q(**{f"{path}{column}": name}) for column in said]


def logins_named(name: str, path: str = "") -> list[Q]:
    """Return the ways to logins that were made, or repaired, in such a pass."""
    made, repaired = (passes_named(name, f"{path}{each}__") for each in ("link_session", "updating_sessions"))
    return [*made, *repaired]
