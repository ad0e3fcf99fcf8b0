"""Every login at a bank, read again at Plaid: what webhooks have missed is healed here.

Called by reconciling, the worker and admin; calls item_health. May be killed and run again at any point.
"""

import logging
import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby

from django.utils import timezone

from accounts.findings import Finding
from accounts.models import User
from accounts.operations.account_reconciliation import Scope
from accounts.operations.asking import Doubts
from brokerage import stopping
from brokerage.gateways import plaid
from brokerage.gateways.errors import NotSent, OutcomeUnknown, VendorError
from brokerage.status import note
from funding import states
from funding.models import ACHRelationship, Lost, PlaidItem
from funding.operations import item_health
from funding.operations.item_health import Assessment

log = logging.getLogger(__name__)

# Webhooks tell sooner; Plaid's limit is 15 readings a minute for one login.
READ_EVERY = timedelta(hours=24)
IN_TROUBLE_EVERY = timedelta(hours=1)
# Where Plaid could not be asked, or its reader died: what webhooks have missed is healed here, which does not hurry.
AGAIN_AFTER = timedelta(minutes=5)
READ_AT_ONCE = 20
ACTOR = "reconciliation"
NO_KEY = "00000000-0000-4000-8000-000000000000"  # the id of a webhook key that Plaid does not know


class PlaidAway(Exception):
    """Plaid did not tell how a login is; `code` is its own word for why, where it gave one."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def reconcile_items(*, scope: Scope, dry_run: bool, behind: str = "") -> Iterator[tuple[uuid.UUID, list[Finding]]]:
    """Read every login that is in use, or one account's; yield our id of each account, and what differs there.

    `behind` is the account that a run which is carried on had come to. Raises BrokerAway where Plaid does not answer:
    the rest has to wait.
    """
    doubts = Doubts(_ask_for_no_key)
    items = PlaidItem.objects.in_use()
    if scope.account:
        items = items.filter(user=scope.account.user_id)
    if scope.since:
        items = items.filter(created_at__gte=scope.since)
    if behind:
        items = items.filter(user__brokerage_account__gt=behind)
    rows = items.select_related("user__brokerage_account").order_by("user__brokerage_account__pk", "pk")
    for account, of_account in groupby(rows.iterator(chunk_size=500), key=lambda item: item.user.brokerage_account.pk):
        yield account, [found for item in of_account for found in _compare(item, account, doubts, dry_run=dry_run)]


def _ask_for_no_key() -> object:
    """Ask Plaid for something that is no login's, to learn whether it is there."""
    return plaid.get_webhook_key(NO_KEY)


def _compare(item: PlaidItem, account: uuid.UUID, doubts: Doubts, *, dry_run: bool) -> Iterator[Finding]:
    subject = f"item {item.pk}"
    try:
        found = item_health.assess(item=item)
        doubts.answered()
        what = _difference(item, found) or _still_unfamiliar(item, found)
        if not dry_run:
            item_health.take(item=item, found=found, actor=ACTOR, signed_in_again=item.signed_in_again)
    except VendorError as fault:
        if isinstance(fault, NotSent | OutcomeUnknown) and fault.http_status not in (200, 429):
            doubts.count(fault)  # the others are about this login: it is odd, or was read too often
        yield Finding(subject, f"could not be read: {fault}", mended=False, account=account)
        return
    if what:
        unfamiliar = _is_unfamiliar(found)
        code = "LOGIN_UNFAMILIAR" if unfamiliar else "LOGIN_BEHIND"
        yield Finding(subject, what, mended=not unfamiliar, code=code, account=account, ours=item.health)


def _difference(item: PlaidItem, found: Assessment) -> str:
    """Say how a login differs from what Plaid told of it, or nothing."""
    if found.reading is None:
        return f"ours {item.health}, Plaid says {found.refused}" if item.error_code != found.refused else ""
    theirs = item_health.health_by(item, found.reading)
    if theirs != item.health:
        return f"ours {item.health}, Plaid’s {theirs}"
    if found.reading.error_code != item.error_code:
        return f"Plaid says {found.reading.error_code or 'that it is well'}"
    return _of_accounts(item, found)


def _of_accounts(item: PlaidItem, found: Assessment) -> str:
    if found.accounts is None:
        return ""
    shown = {account.plaid_account_id: account.verification for account in found.accounts.accounts}
    for link in ACHRelationship.objects.living().filter(item=item):
        if link.plaid_account_id not in shown:
            if link.lost_at is None:
                return f"account {link.mask} is not shared any more"
        elif link.lost_because == Lost.NOT_SHARED:
            return f"account {link.mask} is shared again"
        elif link.verification != shown[link.plaid_account_id]:
            return f"account {link.mask} is {shown[link.plaid_account_id] or 'verified'}"
    return ""


def _still_unfamiliar(item: PlaidItem, found: Assessment) -> str:
    return f"Plaid still says {item.error_code}" if _is_unfamiliar(found) else ""


def _is_unfamiliar(found: Assessment) -> bool:
    """Say whether Plaid used a word that we do not know: kept, and left to a person."""
    return found.reading is not None and item_health.is_unfamiliar(found.reading.error_code)


def read_now(*, item: PlaidItem, person: User) -> None:
    """Read one login at once, on a person's wish. Raises PlaidAway."""
    actor, before = f"ops {person.pk}", item.health
    try:
        item_health.read(item=item, actor=actor)
    except VendorError as fault:
        log.warning("item %s: not read for %s (%s)", item.pk, actor, fault)
        raise PlaidAway(fault.code) from None
    note(item, field="reading", before=before, after=item.health, actor=actor)


def read_due(*, sender: str) -> int:
    """Read logins that were not read for a day, or for an hour while they are in trouble; return how many."""
    now, read = timezone.now(), 0
    rows = PlaidItem.objects.in_use().exclude(asked_at__gt=now - AGAIN_AFTER)
    troubled = rows.unread_since(now - IN_TROUBLE_EVERY).exclude(health=states.GOOD)
    others = rows.unread_since(now - READ_EVERY).filter(health=states.GOOD)
    due: list[PlaidItem] = [*troubled[:READ_AT_ONCE], *others[:READ_AT_ONCE]]
    for item in stopping.while_wanted(due):
        if not _claim(item):
            continue
        try:
            item_health.read(item=item, actor=sender)
            read += 1
        except VendorError as fault:
            log.info("item %s: not read (%s)", item.pk, fault)
        except Exception:  # one poisonous row must not keep the others
            log.exception("item %s: not read", item.pk)
    return read


def _claim(item: PlaidItem) -> bool:
    """Be the one who reads it now; False where another worker has begun to since it was found due."""
    now = timezone.now()
    not_asked = PlaidItem.objects.filter(pk=item.pk).exclude(asked_at__gt=now - AGAIN_AFTER)
    return bool(not_asked.update(asked_at=now))
