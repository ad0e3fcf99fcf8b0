"""Telling a customer what became of their bank account or of the login at their bank: in the transaction of the news.

Called by the operations that move a relationship or an item, right where they do; the words are in bank_notices.
"""

from django.urls import reverse

from accounts.operations import notices
from funding import bank_notices
from funding.bank_notices import Kind
from funding.models import ACHRelationship, PlaidItem


def tell(relationship: ACHRelationship, kind: Kind, *, episode: object = "") -> None:
    """Tell the customer one kind of news about a bank account, if they were not told already.

    What may happen more than once is told once for each episode (what began it: a time, an id).
    """
    message = bank_notices.of_relationship(relationship, kind)
    notices.tell(
        user=relationship.brokerage_account.user,
        key=f"bank {relationship.pk} {kind} {episode}".rstrip()[:120],
        kind=f"BANK_{kind}",
        title=message.title,
        body=message.body,
        path=reverse("bank"),
    )


def tell_of_login(item: PlaidItem, kind: Kind, *, episode: object) -> None:
    """Tell the customer how the login at their bank is, once for each episode (what began it: a time, an id)."""
    message = bank_notices.of_item(item, kind)
    notices.tell(
        user=item.user,
        key=f"item {item.pk} {kind} {episode}"[:120],
        kind=f"BANK_{kind}",
        title=message.title,
        body=message.body,
        path=reverse("bank"),
    )
