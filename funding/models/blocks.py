"""The broker's own blocks on an account, asked of many transfers; of one account: `takes_deposits`.

SQLite can't ask what a list in JSON holds; the text of the list can be asked on both databases.
"""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast

from accounts import states as account_states
from funding import states

AS_TEXT = Cast("brokerage_account__blocks", models.TextField())


def stopped() -> Q:
    """Return the condition that a transfer's way is closed; it wants `blocks_text`, which is AS_TEXT."""
    deposits, withdrawals = _name(account_states.STOP_DEPOSITS), _name(account_states.STOP_WITHDRAWALS)
    return Q(direction=states.INCOMING) & deposits | Q(direction=states.OUTGOING) & withdrawals


def _name(blocks: frozenset[str]) -> Q:
    return reduce(or_, (Q(blocks_text__contains=f'"{block}"') for block in sorted(blocks)))
