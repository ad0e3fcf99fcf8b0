"""Signing in at a bank again, and entering the code of a small deposit: Link in update mode.

Called by views and admin; calls linking for the token and item_health for what came of it. The access token stays, so
the public token that Link gives back is not traded. https://plaid.com/docs/link/update-mode/
"""

import logging

from django.db import transaction
from django.utils import timezone

from accounts.models import BrokerageAccount, User
from brokerage.gateways.errors import VendorError
from brokerage.status import note
from funding import states
from funding.models import ACHRelationship, LinkSession, Lost, PlaidItem
from funding.operations import candidates, item_health, linking, telling_banks
from funding.operations.telling_banks import Kind

log = logging.getLogger(__name__)

Purpose = LinkSession.Purpose


class NothingToRepair(linking.LinkingError):
    customer_message = "Your bank doesn’t ask for anything at the moment."


class NeedsNewLink(linking.LinkingError):
    customer_message = "Signing in again does not help here: our access was taken back. Please link your bank anew."


def of_account(account: BrokerageAccount) -> ACHRelationship | None:
    """Return what the customer's bank page is about: their bank, or else the one that is to become it."""
    links = ACHRelationship.objects.select_related("item", "brokerage_account__user")
    links = links.filter(brokerage_account=account)
    return links.active().first() or links.candidates().first()


def may_sign_in(link: ACHRelationship | None) -> bool:
    """Say whether signing in at the bank again may help, or is a good idea."""
    if link is None or link.item is None or link.item.health in states.ACCESS_LOST:
        return False
    return (
        link.item.repairable
        or link.lost_because in (Lost.NOT_SHARED, Lost.REVOKED)
        or link.item.repair_asked_at is not None
    )


def start_repair(*, account: BrokerageAccount | None, user: User) -> LinkSession:
    """Begin a pass through Link to sign in at the bank again.

    Raises AccountNotActive, NothingToRepair, NeedsNewLink, PlaidAway, throttle.TooMany.
    """
    link = _linked(account)
    if link is None or not may_sign_in(link):
        if link is not None and link.item is not None and link.item.health in states.ACCESS_LOST:
            raise NeedsNewLink
        raise NothingToRepair
    linking.take_attempt(user)
    again = link.lost_because in (Lost.NOT_SHARED, Lost.REVOKED)
    return _open(user, Purpose.REPAIR, link.item, accounts=again)


def start_verification(*, account: BrokerageAccount | None, user: User) -> LinkSession:
    """Begin a pass through Link to enter the code of a small deposit. Raises as `start_repair`."""
    if account is None:
        raise linking.AccountNotActive
    waiting = ACHRelationship.objects.candidates().select_related("item").filter(brokerage_account=account)
    link = waiting.filter(sending=states.UNVERIFIED, verification="pending_manual_verification").first()
    if link is None:
        raise NothingToRepair
    linking.take_attempt(user)
    return _open(user, Purpose.VERIFY, link.item)


def _linked(account: BrokerageAccount | None) -> ACHRelationship | None:
    if account is None:
        raise linking.AccountNotActive
    return of_account(account)


def _open(user: User, purpose: str, item: PlaidItem | None, *, accounts: bool = False) -> LinkSession:
    try:
        return linking.open_session(user=user, purpose=purpose, item=item, accounts=accounts)
    except linking.PlaidAway:
        if item is not None and item.health in states.ACCESS_LOST:
            raise NeedsNewLink from None
        raise


def finish(*, session: LinkSession, sender: str) -> None:
    """Read again how the login is, now that Link says that the customer is done there. Raises PlaidAway.

    What the browser says is a hint; a second click reads once more, which is harmless.
    """
    item = session.updates
    if item is None:
        raise linking.LinkStartsOver
    if not session.outcome:
        _close(session, item)
    try:
        item_health.read(item=item, actor=sender)
    except VendorError as fault:
        log.warning("item %s: not read after a repair (%s)", item.pk, fault)
        raise linking.PlaidAway from None
    for candidate in ACHRelationship.objects.candidates().filter(item=item):
        candidates.carry_on(candidate=candidate, sender=sender)


def _close(session: LinkSession, item: PlaidItem) -> None:
    """Note that the customer is done; should we die here, the worker reads the login."""
    repaired = session.purpose == Purpose.REPAIR
    with transaction.atomic(durable=True):
        linking.close(session, outcome="repaired" if repaired else "code typed")
        if repaired:
            PlaidItem.objects.filter(pk=item.pk).update(repaired_at=timezone.now(), repair_asked_at=None)
    item.refresh_from_db()


def ask(*, item: PlaidItem, because: str, person: User) -> None:
    """Ask a customer, on a person's word, to sign in at their bank again. Raises NeedsNewLink."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        row = PlaidItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        if row.health in states.ACCESS_LOST:
            raise NeedsNewLink
        row.repair_asked_at = now
        row.save(update_fields=["repair_asked_at"])
        note(row, field="repair", after="asked for", actor=f"ops {person.pk}", because=because)
        telling_banks.tell_of_login(row, Kind.REPAIR_ASKED, episode=now.isoformat())
