"""How ops narrow the lists of bank accounts, logins and passes through Link: by what they ask, by bank, by any id."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from brokerage.questions import QuestionsFilter
from funding.bank_queues import BANKS, LOGINS
from funding.models import LinkSession, PlaidItem

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


def passes_named(name: str) -> QuerySet[LinkSession]:
    """Return the passes through Link that Plaid's support would call so: by a request id, or by Link's session id."""
    said = Q(events__link_session_id=name) | Q(events__request_id=name)
    return LinkSession.objects.filter(Q(request_id=name) | said)


def logins_named(name: str) -> QuerySet[PlaidItem]:
    """Return the logins that were made, or repaired, in such a pass."""
    passes = passes_named(name).values("pk")
    return PlaidItem.objects.filter(Q(link_session__in=passes) | Q(updating_sessions__in=passes))
