"""How a login at a bank is, as Plaid tells it: read again whenever there is a hint, and what follows from it.

Called by webhooks, the worker, commands, admin and linking; calls gateways.plaid.
"""

from collections.abc import Mapping
from typing import Any

from funding.models import PlaidItem


def hear(*, item: PlaidItem, kind: str, code: str, news: Mapping[str, Any]) -> None:
    """Take one webhook of Plaid's about an item: `kind` and `code` in its words, `news` its whole body.

    A hint, as a rule: the item is read again, and what it says counts. Raises VendorError where it can't be read.
    """
    raise NotImplementedError
