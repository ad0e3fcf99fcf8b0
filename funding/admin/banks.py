"""Ops' view of bank accounts, logins at banks, and passes through Plaid Link."""

from collections.abc import Mapping

from django.contrib import admin
from django.db.models import QuerySet

from accounts.models import User
from brokerage.deeds import Acting, Deed, NotDone, Told
from brokerage.desk import History, ReadOnly, customer
from brokerage.template_tags import moment
from funding.models import ACHRelationship, LinkSession, PlaidItem, RelationshipEvent
from funding.operations import bank_stops


def _relationships() -> QuerySet[ACHRelationship]:
    return ACHRelationship.objects.select_related("item", "brokerage_account__user")


def _is_not_stopped(relationship: ACHRelationship, person: User) -> str:
    return "" if relationship.suspended_at else "Transfers go through this bank account already."


def _why_stopped(relationship: ACHRelationship, asked: Mapping[str, str]) -> Told:
    return [
        ("Customer", relationship.brokerage_account.user.email),
        ("Stopped", "deposits only" if relationship.suspended_deposits_only else "deposits and withdrawals"),
        ("Since", moment(relationship.suspended_at)),
        ("Because", relationship.suspended_because),
    ]


def _resume(relationship: ACHRelationship, person: User, *, because: str) -> str:
    try:
        bank_stops.resume(relationship=relationship, because=because, person=person)
    except bank_stops.NotStopped:
        raise NotDone("someone else was faster.") from None
    return f"Transfers through {relationship} can go on."


class RelationshipHistory(History):
    model = RelationshipEvent


@admin.register(ACHRelationship)
class RelationshipDesk(Acting):
    list_display = ("__str__", customer, "sending", "status", "suspended_because", "created_at", "ended_at")
    list_filter = (("suspended_at", admin.EmptyFieldListFilter), "sending", "status")
    list_select_related = ("item", "brokerage_account__user")
    search_fields = ("=id", "=alpaca_id", "mask", "brokerage_account__user__email")
    exclude = ("processor_token",)
    inlines = (RelationshipHistory,)
    deeds = (
        Deed(
            name="resume",
            label="Let transfers go on",
            says="Transfers go through this bank account again, both ways, those that wait included. A frozen account "
            "stays frozen.",
            permission="funding.change_achrelationship",
            rows=_relationships,
            hinders=_is_not_stopped,
            facts=_why_stopped,
            act=_resume,
        ),
    )


@admin.register(PlaidItem)
class ItemDesk(ReadOnly):
    list_display = ("__str__", "user", "plaid_item_id", "created_at")
    list_select_related = ("user",)
    search_fields = ("=id", "=plaid_item_id", "user__email", "institution_name")
    exclude = ("access_token",)


@admin.register(LinkSession)
class LinkSessionDesk(ReadOnly):
    list_display = ("__str__", "user", "outcome", "created_at", "claimed_at")
    list_filter = ("outcome",)
    list_select_related = ("user",)
    search_fields = ("=id", "user__email")
    exclude = ("link_token", "public_token_hash")
