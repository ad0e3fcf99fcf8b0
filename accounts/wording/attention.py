"""What about an account needs its customer's attention wherever money is shown."""

from django.urls import reverse

from accounts import states
from accounts.models import BrokerageAccount
from accounts.wording import blocks, statuses
from accounts.wording.words import Item


def attention(account: BrokerageAccount) -> list[Item]:
    """Return what keeps money from moving, or restricts the account, in the broker's eyes; empty as a rule."""
    standing = [] if account.is_active else [of_status(account)]
    return standing + ([] if account.status == states.CLOSED else blocks.restrictions(account))


def of_status(account: BrokerageAccount) -> Item:
    """Return what is said where an account is not active."""
    words = statuses.of_account(account)
    return Item(words.headline, words.sentence, reverse("apply-waiting"), "See why", words.tone or "warn", words.icon)


def of_blocks(account: BrokerageAccount) -> Item:
    """Return what is said where the broker's blocks keep money from moving one way."""
    return blocks.in_the_way(account)
