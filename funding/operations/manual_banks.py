"""Linking a bank account by the numbers that its customer types: for firms without Plaid, behind MANUAL_BANKS.

Called by views; calls candidates. The numbers are sealed until the broker has them; then only the mask is left.
"""

from dataclasses import dataclass, field

from django.conf import settings

from accounts.models import BrokerageAccount, User
from funding.models import ACHRelationship
from funding.operations import candidates, linking


class NotOffered(linking.LinkingError):
    customer_message = "Bank accounts can’t be linked by their numbers here."


@dataclass(frozen=True)
class Numbers:
    """What names a bank account: nine digits of routing, 4 to 17 of account, `kind` checking or savings."""

    owner_name: str = field(repr=False)
    kind: str
    routing_number: str = field(repr=False)
    account_number: str = field(repr=False)


def link(*, account: BrokerageAccount | None, user: User, numbers: Numbers, replacing: bool) -> ACHRelationship:
    """Make a bank account the candidate for the customer's bank, and take it as far as it goes now.

    Raises NotOffered, AccountNotActive, BankLinkedAlready, AnotherIsComing, throttle.TooMany.
    """
    if not settings.MANUAL_BANKS:
        raise NotOffered
    linking.require_linkable(account, replacing=replacing)
    assert account is not None  # noqa: S101 - just required
    linking.take_attempt(user)
    candidate = ACHRelationship(
        brokerage_account=account,
        mask=numbers.account_number[-4:],
        subtype=numbers.kind,
        owner_name=numbers.owner_name,
        routing_number=numbers.routing_number,
        account_number=numbers.account_number,
    )
    actor = f"customer {user.pk}"
    try:
        candidates.begin(account=account, link=candidate, verified=True, replacing=replacing, actor=actor)
    except candidates.AnotherStands:
        raise linking.BankLinkedAlready from None
    candidates.carry_on(candidate=candidate, sender=actor)
    return candidate
