"""What the desk's pages about a person show of that person's money: bank accounts, transfers, what stands still.

Loaded by templates/admin/person.html and account.html as `desk`, since the app of people knows nothing of money.
"""

from typing import Any

from django.template import Library
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import BrokerageAccount
from brokerage import money
from brokerage.sheets import Table, link_to
from brokerage.template_tags import moment

register = Library()

NEWEST = 10


@register.inclusion_tag("admin/_tables.html", takes_context=True)
def money_of(context: Any, account: BrokerageAccount | str) -> dict[str, list[Table]]:
    """Show what an account has of each kind that this person may read; nothing without an account."""
    if isinstance(account, str):  # what a template makes of one that is not there
        return {"tables": []}
    may = context["request"].user.has_perm
    shown = (("case", _still), ("achrelationship", _banks), ("transfer", _transfers))
    return {"tables": [table(account) for name, table in shown if may(f"funding.view_{name}")]}


def _banks(account: BrokerageAccount) -> Table:
    links = account.relationships.select_related("item").order_by("-created_at")
    rows = [
        (
            link_to(link),
            f"{link.sending} {link.status}".strip(),
            "stopped" if link.suspended_at else "",
            link_to(link.item, link.item.health) if link.item else "typed numbers",
            moment(link.created_at),
            moment(link.ended_at) if link.ended_at else "",
        )
        for link in links[:NEWEST]
    ]
    heads = ("Bank account", "Status", "Stop", "Login", "Chosen", "Ended")
    return Table("banks", "Bank accounts, the newest first", heads, rows)


def _transfers(account: BrokerageAccount) -> Table:
    newest = account.transfers.order_by("-created_at", "-id")[:NEWEST]
    rows = [
        (
            moment(each.created_at),
            link_to(each, each.short_reference),
            each.get_direction_display(),
            money.show(each.amount),
            f"{each.sending} {each.status} {each.return_code}".strip(),
        )
        for each in newest
    ]
    url = reverse("admin:funding_transfer_changelist", query={"brokerage_account__id__exact": account.pk})
    note = format_html('<a href="{}">All transfers of this account</a>', url) if rows else ""
    return Table(
        "transfers", "Transfers, the newest first", ("Asked for", "Transfer", "What", "Amount", "Status"), rows, note
    )


def _still(account: BrokerageAccount) -> Table:
    """Return freezes that stand, and cases that are open."""
    frozen = account.freezes.filter(lifted_at=None)
    cases = account.cases.filter(closed_at=None).select_related("transfer")
    rows = [(link_to(each), each.because, moment(each.frozen_at)) for each in frozen]
    rows += [(link_to(each), each.because, moment(each.opened_at)) for each in cases]
    return Table("still", "Frozen, or to look into", ("What", "Because", "Since"), rows, empty="Nothing.")
