"""Bank accounts that are to be linked: verified, their owner checked, waiting for the one before them.

    begin ──► UNVERIFIED | CHECKING ──► … ──► RESERVED, which relationships.send takes to the broker

Called by linking, manual_banks, views and the worker. Each step is committed, so a process that dies leaves a row that
the worker carries on.
"""

import logging

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import BrokerageAccount
from accounts.operations import audit
from brokerage import stopping
from brokerage.gateways.errors import Refused, VendorError
from brokerage.status import IllegalMove, LostRace, note
from funding import states
from funding.models import ACHRelationship, PlaidItem
from funding.operations import item_health, owner_check, relationships, succession, telling_banks
from funding.operations.telling_banks import Kind

log = logging.getLogger(__name__)


class AnotherStands(Exception):
    """The account has a bank, and nobody asked to replace it, or another one is about to become it."""


class LoginGone(Exception):
    """The login was given up meanwhile, and is being removed at Plaid."""


class TooLateToCallOff(Exception):
    """The bank account before it is being removed already."""

    customer_message = "It is too late: the bank account before it is being removed already."


def begin(
    *, account: BrokerageAccount, link: ACHRelationship, verified: bool, replacing: bool, actor: str
) -> ACHRelationship:
    """Keep a bank account that the customer chose as its account's candidate. Raises AnotherStands, LoginGone."""
    link.sending = states.CHECKING if verified else states.UNVERIFIED
    try:
        with transaction.atomic(durable=True):
            BrokerageAccount.objects.select_for_update().get(pk=account.pk)
            current = ACHRelationship.objects.active().filter(brokerage_account=account).first()
            if current is not None and (not replacing or current.ending_at is not None):
                raise AnotherStands
            if link.item_id and PlaidItem.objects.select_for_update(no_key=True).get(pk=link.item_id).dropped_at:
                raise LoginGone
            link.save()
            note(link, field="sending", after=link.sending, actor=actor, because="the customer chose it")
            if not verified:
                telling_banks.tell(link, Kind.VERIFYING)
            audit.record(audit.Deed.BANK_LINKED, actor=actor, about=audit.subject(link), account=str(account.pk))
    except IntegrityError:
        raise AnotherStands from None
    return link


def carry_on(*, candidate: ACHRelationship, sender: str) -> None:
    """Take a candidate as far as it goes now; where a vendor is away it stays, and the worker goes on."""
    ACHRelationship.objects.filter(pk=candidate.pk).update(checked_at=timezone.now())
    try:
        if candidate.sending == states.UNVERIFIED and candidate.item:
            item_health.read(item=candidate.item, actor=sender)
            candidate.refresh_from_db()
        if candidate.sending == states.CHECKING:
            owner_check.look(candidate=candidate)
        if candidate.sending == states.WAITING:
            succession.take_over(candidate=candidate, actor=sender)
    except Refused as refusal:
        if candidate.item:
            item_health.take_error(item=candidate.item, code=refusal.code, actor=sender)
        log.warning("relationship %s: %s has to wait (%s)", candidate.pk, candidate.sending, refusal)
    except VendorError as fault:
        log.info("relationship %s: %s has to wait (%s)", candidate.pk, candidate.sending, fault)
    candidate.refresh_from_db()
    if candidate.sending == states.RESERVED and candidate.ended_at is None:
        relationships.send(relationship=candidate, sender=sender)


def carry_on_due(*, sender: str) -> int:
    """Carry on every candidate that may go on now; return how many moved."""
    rows = ACHRelationship.objects.to_carry_on(now=timezone.now()).select_related("item", "brokerage_account")
    moved = 0
    for candidate in stopping.while_wanted(rows.order_by("sending_at")[:100]):
        if not _claim(candidate):
            continue
        before = candidate.sending
        try:
            carry_on(candidate=candidate, sender=sender)
        except Exception:  # one poisonous row must not keep everybody else from linking
            log.exception("relationship %s: not carried on", candidate.pk)
        moved += candidate.sending != before
    return moved


def _claim(candidate: ACHRelationship) -> bool:
    """Be the one who carries it on now: two would ask Plaid twice, and keep two checks of one owner."""
    now = timezone.now()
    return bool(ACHRelationship.objects.to_carry_on(now=now).filter(pk=candidate.pk).update(checked_at=now))


def renew_due(*, sender: str) -> int:
    """Have every relationship whose numbers are dead made anew; return how many."""
    renewed = 0
    dead = succession.to_renew().select_related("item", "brokerage_account__user")[:100]
    for relationship in stopping.while_wanted(dead):
        renewed += succession.renew(relationship=relationship, actor=sender) is not None
    return renewed


def call_off(*, candidate: ACHRelationship, actor: str) -> None:
    """Drop a candidate on its customer's wish; the bank account before it stays. Raises TooLateToCallOff.

    Its login is removed at Plaid by the worker, unless another account of it is linked.
    """
    try:
        with transaction.atomic(durable=True):
            current = succession.current_of(candidate)
            row = ACHRelationship.objects.select_for_update().get(pk=candidate.pk)
            if row.sending == states.WAITING and current is not None:
                _keep_the_one_before(current, actor=actor)
            row.move_sending(states.WITHDRAWN, actor=actor, because="called off")
    except (IllegalMove, LostRace):
        raise TooLateToCallOff from None
    candidate.refresh_from_db()


def _keep_the_one_before(current: ACHRelationship, *, actor: str) -> None:
    """Let a bank account stay whose end was asked for, as long as the broker has not been told."""
    if current.ending_tries or current.ending_because != ACHRelationship.Ending.REPLACED:
        raise TooLateToCallOff
    current.stay(actor=actor)
