"""Ops' view of bank accounts, logins at banks, and passes through Plaid Link."""

from django.contrib import admin

from brokerage.desk import History, ReadOnly
from funding.models import ACHRelationship, LinkSession, PlaidItem, RelationshipEvent


class RelationshipHistory(History):
    model = RelationshipEvent


@admin.register(ACHRelationship)
class RelationshipDesk(ReadOnly):
    list_display = ("__str__", "customer", "sending", "status", "suspended_because", "created_at", "ended_at")
    list_filter = (("suspended_at", admin.EmptyFieldListFilter), "sending", "status")
    list_select_related = ("item", "brokerage_account__user")
    search_fields = ("=id", "=alpaca_id", "mask", "brokerage_account__user__email")
    exclude = ("processor_token",)
    inlines = (RelationshipHistory,)

    @admin.display(description="Customer")
    def customer(self, relationship: ACHRelationship) -> str:
        return relationship.brokerage_account.user.email


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
