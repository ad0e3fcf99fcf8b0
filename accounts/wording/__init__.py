"""What a customer reads about their application and account: one plain sentence each, with what comes next.

Called by views and operations; the broker's own words reach a page in one place alone (see kyc).
"""

from accounts.wording.attention import attention, of_blocks, of_status
from accounts.wording.blocks import restrictions
from accounts.wording.kyc import Check, checks, in_the_brokers_words
from accounts.wording.statuses import is_live, of_account, of_application
from accounts.wording.words import Item, Words, write_to_us

__all__ = [
    "Check",
    "Item",
    "Words",
    "attention",
    "checks",
    "in_the_brokers_words",
    "is_live",
    "of_account",
    "of_application",
    "of_blocks",
    "of_status",
    "restrictions",
    "write_to_us",
]
