"""Ops' view of bank accounts: one page each, with all that is kept of it, and what may be done."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from brokerage import questions
from brokerage.deeds import Acting
from brokerage.desk import customer
from funding import bank_queues, bank_wording, states
from funding.admin import bank_deeds, bank_file, bank_filters, broker_deeds, owner_deeds, review_deeds
from funding.admin.bank_filters import AboutBanks, OfBank
from funding.admin.login_file import HEALTH
from funding.models import ACHRelationship
from funding.models.banks import SECRETS
from funding.operations import owner_check


@dataclass(frozen=True)
class OwnersNames:
    """The names that the bank gave of a held bank account: closed, unless this person has just opened them."""

    link: ACHRelationship
    kept: bool
    may_decide: bool
    names: list[str]

    @property
    def applicant(self) -> str:
        return self.link.brokerage_account.holder


def _owners_names(link: ACHRelationship, person: User) -> OwnersNames | None:
    if link.sending != states.HELD:
        return None
    may_decide = person.has_perm(owner_deeds.MAY_ACT)
    names = owner_check.opened_names(relationship=link, person=person) if may_decide else []
    return OwnersNames(link, link.owner_checks.exclude(owner_names="").exists(), may_decide, names)


@admin.register(ACHRelationship)
class RelationshipDesk(Acting):
    """One page per bank account: its login, the broker's half, its owner, stops, its end, and what goes through it."""

    list_display = ("bank_account", customer, "stands", "login_is", "sending", "status", "created_at")
    list_filter = (AboutBanks, OfBank, "sending", "status")
    list_select_related = ("item", "brokerage_account__user")
    search_fields = (
        "=id",
        "=alpaca_id",
        "=item__id",
        "=item__plaid_item_id",
        "=brokerage_account__id",
        "=brokerage_account__alpaca_id",
        "=mask",
        "~item__institution_name",
        "^brokerage_account__user__email",
    )
    search_help_text = (
        "Any id of ours or a vendor’s, the last four digits, a bank’s whole name, or how an e-mail address begins"
    )
    exclude = SECRETS
    change_form_template = "admin/bank.html"
    deeds = (*review_deeds.DEEDS, *owner_deeds.DEEDS, *bank_deeds.DEEDS, broker_deeds.BANK)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return questions.order(bank_queues.BANKS, request)

    def ways(self, request: HttpRequest, text: str) -> list[Q]:
        """Find by what Plaid's support would name, too."""
        return [*super().ways(request, text), *bank_filters.logins_named(text, path="item__")]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        link = self.get_object(request, object_id) if self.has_view_permission(request) else None
        extra = self._told(link, request.user) if link else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def _told(self, link: ACHRelationship, person: Any) -> dict[str, Any]:
        return {
            "title": "Bank account",
            "words": bank_wording.of_relationship(link),
            "groups": bank_file.groups(link),
            "owner": _owners_names(link, person),
            "checks": [bank_file.owner_checks(link)],
            "tables": bank_file.tables(link),
        }

    @admin.display(description="Bank account", ordering="item__institution_name")
    def bank_account(self, link: ACHRelationship) -> str:
        return str(link) if link.item else f"by numbers {link.mask}"

    @admin.display(description="The customer reads")
    def stands(self, link: ACHRelationship) -> str:
        return bank_wording.of_relationship(link).word

    @admin.display(description="Login", ordering="item__health")
    def login_is(self, link: ACHRelationship) -> str:
        return HEALTH.get(link.item.health, link.item.health) if link.item else "typed numbers"
