"""Linking a bank: from Plaid Link in the browser to a candidate for the account's bank.

Called by views; calls gateways.plaid, and candidates for what follows.

    link token → (customer at their bank) → public token → access token → account → verified, owner checked
    → processor token → ACH relationship

What the browser says of banks and accounts serves to find a link that is there already, before the token is traded;
everything else is read again from Plaid.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import BrokerageAccount, User
from accounts.operations import throttle
from brokerage.gateways import plaid
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError
from funding import states
from funding.models import ACHRelationship, LinkSession, PlaidItem
from funding.operations import candidates, endings, item_health, shared_accounts

log = logging.getLogger(__name__)

# How long a link token holds at the most, where Plaid does not say. https://plaid.com/docs/api/link/#linktokencreate
TOKEN_HOLDS = timedelta(hours=4)

Purpose = LinkSession.Purpose


class LinkingError(Exception):
    """A bank can't be linked now; `customer_message` says why and what to do."""

    customer_message = "This bank can’t be linked right now."


class AccountNotActive(LinkingError):
    customer_message = "You can link a bank once your brokerage account is open."


class BankLinkedAlready(LinkingError):
    customer_message = "You have a bank account linked already. To use another one, replace it."


class AnotherIsComing(LinkingError):
    customer_message = "A bank account is about to be linked already. Wait until it is, or drop it first."


class SameBankAgain(LinkingError):
    customer_message = (
        "This bank account is linked already, so nothing was changed. If it does not work, sign in at the bank again."
    )


class PlaidAway(LinkingError):
    customer_message = "Plaid can’t be reached right now. Nothing was changed; please try again in a few minutes."


class LinkStartsOver(LinkingError):
    customer_message = "Your sign-in at the bank could not be completed. Please link your bank once more."


class NoUsableAccount(LinkingError):
    customer_message = "No checking or savings account was shared. Please link your bank once more and choose one."


@dataclass(frozen=True)
class Seen:
    """What the browser says of the bank and its accounts: to be believed in nothing that matters."""

    institution_id: str = ""
    institution_name: str = ""
    accounts: tuple[tuple[str, str], ...] = ()  # name and mask of each


def start_link(*, account: BrokerageAccount | None, user: User, replacing: bool = False) -> LinkSession:
    """Begin a pass through Plaid Link for a new bank.

    Raises AccountNotActive, BankLinkedAlready, AnotherIsComing, PlaidAway, throttle.TooMany.
    """
    require_linkable(account, replacing=replacing)
    take_attempt(user)
    purpose = Purpose.REPLACE if replacing else Purpose.LINK
    return open_session(user=user, purpose=purpose)


def take_attempt(user: User) -> None:
    """Count one attempt to link a bank. Raises throttle.TooMany."""
    throttle.take(key=f"link {user.pk}", limit=settings.LINK_ATTEMPTS_PER_HOUR, per=timedelta(hours=1))


def open_session(*, user: User, purpose: str, item: PlaidItem | None = None, accounts: bool = False) -> LinkSession:
    """Have Plaid make a link token, for a new login or, in update mode, for one there is. Raises PlaidAway."""
    key = item.access_token if item else ""
    try:
        token = plaid.create_link_token(
            user_id=str(user.pk), client_name=settings.BRAND_NAME, access_token=key, accounts=accounts
        )
    except Refused as refusal:
        if item is not None:
            item_health.take_error(item=item, code=refusal.code, actor="link token")
            item_health.report(item=item, refusal=refusal)
        # Where no login can be at fault, we are.
        log.log(logging.WARNING if item else logging.ERROR, "user %s: no link token (%s)", user.pk, refusal)
        raise PlaidAway from None
    except VendorError as fault:
        log.warning("user %s: no link token (%s)", user.pk, fault)
        raise PlaidAway from None
    return LinkSession.objects.create(
        user=user,
        purpose=purpose,
        updates=item,
        link_token=token.token,
        expires_at=token.expires_at or timezone.now() + TOKEN_HOLDS,
        request_id=token.request_id,
    )


def require_linkable(account: BrokerageAccount | None, *, replacing: bool) -> None:
    """Return where a bank may be linked. Raises AccountNotActive, BankLinkedAlready, AnotherIsComing."""
    if account is None or not account.is_active:
        raise AccountNotActive
    links = ACHRelationship.objects.filter(brokerage_account=account)
    if links.candidates().exists() or links.active().exclude(ending_at=None).exists():
        raise AnotherIsComing
    if not replacing and links.active().exists():
        raise BankLinkedAlready


def finish_link(*, session: LinkSession, public_token: str, seen: Seen | None = None) -> PlaidItem:
    """Trade the public token that Link gave the browser for an item; a second tab or click gets the same item.

    A token whose answer is lost is spent: the customer passes through Link once more, and the item that Plaid may
    hold is recorded as an orphan. A bank account that is linked already is not traded for at all.
    Raises PlaidAway, LinkStartsOver, SameBankAgain.
    """
    seen = seen or Seen()
    if session.item is not None:
        return session.item
    if not _claim(session, public_token):
        raise LinkStartsOver
    if _is_linked(session.user, seen):
        close(session, outcome="duplicate")
        raise SameBankAgain
    try:
        exchange = plaid.exchange_public_token(public_token)
    except NotSent:
        LinkSession.objects.filter(pk=session.pk).update(public_token_hash=None, claimed_at=None)
        raise PlaidAway from None
    except Refused as refusal:
        close(session, outcome=f"refused {refusal.code}"[:40])
        raise LinkStartsOver from None
    except OutcomeUnknown:
        close(session, outcome="orphan")
        log.error("link session %s: the exchange's answer was lost; Plaid may hold an orphan item", session.pk)
        raise LinkStartsOver from None
    try:
        return _keep_item(session, exchange, seen.institution_name)
    except IntegrityError:
        close(session, outcome="orphan")
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


def _is_linked(user: User, seen: Seen) -> bool:
    """Say whether one of these accounts is linked by this customer, and its login can be used, or repaired."""
    if not seen.institution_id:
        return False
    links = ACHRelationship.objects.living().filter(
        brokerage_account__user=user, item__institution_id=seen.institution_id, lost_at=None
    )
    mine = links.exclude(item__health__in=states.ACCESS_LOST).values_list("name", "mask")
    return bool(set(mine) & set(seen.accounts))


def close(session: LinkSession, *, outcome: str) -> None:
    """End a pass through Link, and drop its token."""
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
        found = plaid.get_accounts(item.access_token, plaid_item_id=item.plaid_item_id)
    except VendorError as fault:
        if isinstance(fault, Refused):
            item_health.report(item=item, refusal=fault)
        log.warning("item %s: accounts not read (%s)", item.pk, fault)
        raise PlaidAway from None
    if found.institution_id:
        item.institution_id = found.institution_id
        item.institution_name = found.institution_name or item.institution_name
        item.save(update_fields=["institution_id", "institution_name"])
    usable = [row for row in found.accounts if row.can_transfer and row.verification not in shared_accounts.FAILED]
    if not usable:
        raise NoUsableAccount
    return usable


def accounts_to_link(*, item: PlaidItem) -> Sequence[plaid.BankAccount]:
    """Return the same where one of them is about to be linked: a login without such an account is given up."""
    try:
        return usable_accounts(item=item)
    except NoUsableAccount:
        endings.drop_item(item=item, sender="linking")
        raise


def link_bank(
    *,
    account: BrokerageAccount | None,
    item: PlaidItem,
    bank_account: plaid.BankAccount,
    sender: str,
    replacing: bool = False,
) -> ACHRelationship:
    """Make one account of an item the candidate for the customer's bank, and take it as far as it goes now.

    The same account again gives back the same relationship.
    Raises AccountNotActive, BankLinkedAlready, LinkStartsOver.
    """
    if account is None or not account.is_active:
        raise AccountNotActive
    link = ACHRelationship(
        brokerage_account=account,
        item=item,
        plaid_account_id=bank_account.plaid_account_id,
        persistent_id=bank_account.persistent_id,
        name=bank_account.name[:100],
        mask=bank_account.mask,
        subtype=bank_account.subtype,
        verification=bank_account.verification,
    )
    verified = shared_accounts.is_verified(bank_account.verification)
    try:
        candidates.begin(account=account, link=link, verified=verified, replacing=replacing, actor=sender)
    except candidates.LoginGone:
        raise LinkStartsOver from None
    except candidates.AnotherStands:
        same = ACHRelationship.objects.living().filter(
            brokerage_account=account, item=item, plaid_account_id=bank_account.plaid_account_id
        )
        if (found := same.first()) is not None:
            return found
        endings.drop_item(item=item, sender=sender)
        raise BankLinkedAlready from None
    candidates.carry_on(candidate=link, sender=sender)
    return link
