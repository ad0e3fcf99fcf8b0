"""Linking a bank: from Plaid Link in the browser to a standing permission at the broker.

Called by views; calls gateways.plaid, and relationships for the broker's part.

    link token → (customer at their bank) → public token → access token → processor token → ACH relationship
"""

import hashlib
import logging
from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import BrokerageAccount, User
from brokerage.gateways import plaid
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError
from brokerage.status import note
from funding import states
from funding.models import ACHRelationship, LinkSession, PlaidItem
from funding.operations import relationships

log = logging.getLogger(__name__)


class LinkingError(Exception):
    """A bank can't be linked now; `customer_message` says why and what to do."""

    customer_message = "This bank can’t be linked right now."


class AccountNotActive(LinkingError):
    customer_message = "You can link a bank once your brokerage account is open."


class BankLinkedAlready(LinkingError):
    customer_message = "You have a bank account linked already. You can link one at a time."


class PlaidAway(LinkingError):
    customer_message = "Plaid can’t be reached right now. Nothing was changed; please try again in a few minutes."


class LinkStartsOver(LinkingError):
    customer_message = "Your sign-in at the bank could not be completed. Please link your bank once more."


class NoUsableAccount(LinkingError):
    customer_message = "No checking or savings account was shared. Please link your bank once more and choose one."


def start_link(*, account: BrokerageAccount | None, user: User) -> LinkSession:
    """Begin a pass through Plaid Link. Raises AccountNotActive, BankLinkedAlready, PlaidAway."""
    _require_linkable(account)
    try:
        link_token = plaid.create_link_token(user_id=str(user.pk), client_name=settings.BRAND_NAME)
    except VendorError as fault:
        log.warning("user %s: no link token (%s)", user.pk, fault)
        raise PlaidAway from None
    return LinkSession.objects.create(user=user, link_token=link_token)


def _require_linkable(account: BrokerageAccount | None) -> None:
    if account is None or not account.is_active:
        raise AccountNotActive
    if ACHRelationship.objects.active().filter(brokerage_account=account).exists():
        raise BankLinkedAlready


def finish_link(*, session: LinkSession, public_token: str, institution_name: str = "") -> PlaidItem:
    """Trade the public token that Link gave the browser for an item; a second tab or click gets the same item.

    A token whose answer is lost is spent: the customer passes through Link once more, and the item that Plaid may
    hold is recorded as an orphan. Raises PlaidAway, LinkStartsOver.
    """
    if session.item is not None:
        return session.item
    if not _claim(session, public_token):
        raise LinkStartsOver
    try:
        exchange = plaid.exchange_public_token(public_token)
    except NotSent:
        LinkSession.objects.filter(pk=session.pk).update(public_token_hash=None, claimed_at=None)
        raise PlaidAway from None
    except Refused as refusal:
        _close(session, outcome=f"refused {refusal.code}"[:40])
        raise LinkStartsOver from None
    except OutcomeUnknown:
        _close(session, outcome="orphan")
        log.error("link session %s: the exchange's answer was lost; Plaid may hold an orphan item", session.pk)
        raise LinkStartsOver from None
    try:
        return _keep_item(session, exchange, institution_name)
    except IntegrityError:
        _close(session, outcome="orphan")
        log.error("link session %s: Plaid names an item that we hold already", session.pk)
        raise LinkStartsOver from None


def _claim(session: LinkSession, public_token: str) -> bool:
    """Take the token for this request alone; whoever comes second gets False."""
    digest = hashlib.sha256(public_token.encode()).hexdigest()
    unclaimed = LinkSession.objects.filter(pk=session.pk, claimed_at=None, outcome="")
    try:
        with transaction.atomic(durable=True):
            return bool(public_token) and unclaimed.update(public_token_hash=digest, claimed_at=timezone.now()) == 1
    except IntegrityError:
        return False


def _close(session: LinkSession, *, outcome: str) -> None:
    session.refresh_from_db()
    session.outcome, session.link_token = outcome, ""
    session.save(update_fields=["outcome", "link_token"])


def _keep_item(session: LinkSession, exchange: plaid.Exchange, institution_name: str) -> PlaidItem:
    with transaction.atomic(durable=True):
        item = PlaidItem.objects.create(
            user=session.user,
            plaid_item_id=exchange.plaid_item_id,
            access_token=exchange.access_token,
            institution_name=institution_name[:100],
        )
        session.refresh_from_db()
        session.item, session.outcome, session.link_token = item, "linked", ""
        session.save(update_fields=["item", "outcome", "link_token"])
    return item


def usable_accounts(*, item: PlaidItem) -> Sequence[plaid.BankAccount]:
    """Return the item's checking and savings accounts, as Plaid tells them now. Raises PlaidAway, NoUsableAccount.

    What the browser told us of them is not trusted.
    """
    try:
        found = plaid.get_accounts(item.access_token)
    except VendorError as fault:
        log.warning("item %s: accounts not read (%s)", item.pk, fault)
        raise PlaidAway from None
    if found.institution_id:
        item.institution_id = found.institution_id[:40]
        item.institution_name = (found.institution_name or item.institution_name)[:100]
        item.save(update_fields=["institution_id", "institution_name"])
    usable = [account for account in found.accounts if account.can_transfer]
    if not usable:
        raise NoUsableAccount
    return usable


def link_bank(
    *, account: BrokerageAccount | None, item: PlaidItem, bank_account: plaid.BankAccount, sender: str
) -> ACHRelationship:
    """Make one account of an item the customer's bank account, and ask the broker for permission to use it.

    The same account again gives back the same relationship. Raises AccountNotActive, BankLinkedAlready.
    """
    if account is None or not account.is_active:
        raise AccountNotActive
    relationship = ACHRelationship(
        brokerage_account=account,
        item=item,
        plaid_account_id=bank_account.plaid_account_id,
        name=bank_account.name[:100],
        mask=bank_account.mask,
        subtype=bank_account.subtype,
    )
    try:
        with transaction.atomic(durable=True):
            relationship.save()
            note(relationship, field="sending", after=states.RESERVED, actor=sender, because="the customer linked it")
    except IntegrityError:
        active = ACHRelationship.objects.active().filter(brokerage_account=account).first()
        if active and (active.item_id, active.plaid_account_id) == (item.pk, bank_account.plaid_account_id):
            return active
        raise BankLinkedAlready from None
    relationships.send(relationship=relationship, sender=sender)
    return relationship
