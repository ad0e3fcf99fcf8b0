"""One ACH relationship and the broker: asking for it once, and finding out what became of it.

Called by candidates and the worker; calls gateways.plaid for the processor token and gateways.broker.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from brokerage import stopping
from brokerage.gateways import broker, plaid
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError
from brokerage.status import IllegalMove, LostRace
from funding import states, verbatim
from funding.models import ACHRelationship
from funding.models.banks import SECRETS
from funding.operations import item_health, settlement, telling_banks
from funding.operations.telling_banks import Kind

log = logging.getLogger(__name__)

AT_A_TIME = 20
# How much earlier than our own clock the broker's may say a relationship was made.
CLOCK_SKEW = timedelta(minutes=10)


def send(*, relationship: ACHRelationship, sender: str) -> None:
    """Ask the broker for one relationship and record the answer; a vendor that is away leaves it for the worker."""
    token = _processor_token(relationship, sender) if relationship.item else ""
    if relationship.item and not token:
        return
    try:
        with transaction.atomic(durable=True):
            row = ACHRelationship.objects.select_for_update().get(pk=relationship.pk)
            if row.ending_at is not None:
                return
            relationship.move_sending(states.SENDING, actor=sender)
    except (IllegalMove, LostRace):
        return
    try:
        answer = _ask(relationship, token)
    except NotSent as fault:
        _record(relationship, states.RESERVED, fault, actor=sender)
    except Refused as refusal:
        _take_refusal(relationship, refusal, sender)
    except OutcomeUnknown as doubt:
        _record(relationship, states.UNKNOWN, doubt, actor=sender)
        look_up(relationship=relationship)
    else:
        _accept(relationship, answer, because="the broker accepted it")


def _ask(relationship: ACHRelationship, processor_token: str) -> broker.RelationshipAnswer:
    account_id = relationship.brokerage_account.alpaca_id
    if processor_token:
        return broker.create_relationship(account_id=account_id, processor_token=processor_token)
    return broker.create_relationship_by_numbers(
        account_id=account_id,
        owner_name=relationship.owner_name,
        kind=relationship.subtype.upper(),
        account_number=relationship.account_number,
        routing_number=relationship.routing_number,
    )


def _processor_token(relationship: ACHRelationship, sender: str) -> str:
    """Return the token by which the broker reads the account's numbers, or nothing where Plaid gives none now."""
    token: str = relationship.processor_token
    item = relationship.item
    if token or item is None:
        return token
    try:
        token = plaid.create_processor_token(
            access_token=item.access_token, plaid_account_id=relationship.plaid_account_id
        )
    except Refused as refusal:
        if not (item_health.take_error(item=item, code=refusal.code, actor=sender) or _passes(refusal)):
            _refused(relationship, refusal)
        return ""
    except VendorError as fault:
        log.warning("relationship %s: no processor token (%s)", relationship.pk, fault)
        return ""
    return _kept(relationship, token)


def _kept(relationship: ACHRelationship, token: str) -> str:
    """Keep a token for as long as it is needed, and return it; nothing where another process was faster with its own:
    what the relationship was made with is dropped by then, and must not come back."""
    with transaction.atomic(durable=True):
        row = ACHRelationship.objects.select_for_update().get(pk=relationship.pk)
        if row.sending != states.RESERVED:
            return ""
        row.processor_token = token
        row.save(update_fields=["processor_token"])
    relationship.processor_token = token
    return token


def _passes(refusal: Refused) -> bool:
    """Say whether Plaid may give the token later: it is not ready, the bank is away, or the fault is ours."""
    passing = item_health.PASSING_CODES | {"PRODUCT_NOT_READY"}
    return refusal.code in passing or plaid.is_our_fault(refusal)


def look_up(*, relationship: ACHRelationship) -> None:
    """Find out what became of a relationship whose answer was lost.

    One can be active at the broker, so asking again is harmless once the list does not show it.
    """
    try:
        listed = broker.list_relationships(relationship.brokerage_account.alpaca_id)
    except VendorError as fault:
        log.info("relationship %s: look-up got no answer (%s)", relationship.pk, fault)
        return
    bound = set(
        ACHRelationship.objects.filter(alpaca_id__in=[row.alpaca_id for row in listed]).values_list(
            "alpaca_id", flat=True
        )
    )
    unbound = [row for row in listed if row.alpaca_id not in bound and row.status not in states.RELATIONSHIP_ENDED]
    # Not by `sending_at`: a dead process is noticed late, and the broker has made it long before.
    ours = [row for row in unbound if row.created_at is None or row.created_at > relationship.created_at - CLOCK_SKEW]
    if len(ours) == 1:
        _accept(relationship, ours[0], because="found in the broker's list")
        return
    to = states.REVIEW if unbound else states.RESERVED
    with _unless_overtaken(relationship), transaction.atomic(durable=True):
        relationship.move_sending(to, actor="worker", because=f"{len(unbound)} of it in the broker's list")


@contextmanager
def _unless_overtaken(relationship: ACHRelationship) -> Iterator[None]:
    """Leave the row to whoever moved it first; one can exist at the broker, so nothing is doubled by it."""
    try:
        yield
    except (IllegalMove, LostRace):
        relationship.refresh_from_db()
        log.info("relationship %s: someone else was first", relationship.pk)


def _accept(relationship: ACHRelationship, answer: broker.RelationshipAnswer, *, because: str) -> None:
    """Bind the broker's relationship to ours, and drop what it was made with."""
    relationship.refresh_from_db()
    try:
        _bind(relationship, answer, because)
    except IntegrityError:  # what became of ours the list will tell
        log.error("relationship %s: the broker's answer names one that we hold already", relationship.pk)
        return
    if relationship.alpaca_id == answer.alpaca_id:
        status = answer.status or states.QUEUED
        settlement.apply_to_relationship(relationship=relationship, status=status, actor="broker")


def _bind(relationship: ACHRelationship, answer: broker.RelationshipAnswer, because: str) -> None:
    with _unless_overtaken(relationship), transaction.atomic(durable=True):
        done: dict[str, Any] = dict.fromkeys(SECRETS, "")
        relationship.move_sending(states.ACCEPTED, actor="broker", because=because, alpaca_id=answer.alpaca_id, **done)
        if answer.account_id not in ("", relationship.brokerage_account.alpaca_id):
            relationship.move_sending(states.REVIEW, actor="broker", because="the broker names another account")
            log.error("relationship %s: the broker's answer names another account", relationship.pk)


def _take_refusal(relationship: ACHRelationship, refusal: Refused, sender: str) -> None:
    """Take the broker's no: to the bank account, or to our keys, so that nothing was decided and it is asked again."""
    if refusal.http_status in (401, 403):
        log.error("relationship %s: not made, the broker refuses our keys (%s)", relationship.pk, refusal)
        _record(relationship, states.RESERVED, refusal, actor=sender)
    else:
        _refused(relationship, refusal)


def _refused(relationship: ACHRelationship, refusal: Refused) -> None:
    """End a relationship that a vendor will not have, so that another bank can be linked."""
    try:
        with transaction.atomic(durable=True):
            if relationship.sending == states.RESERVED:
                relationship.move_sending(states.SENDING, actor="worker")
            relationship.move_sending(
                states.REFUSED,
                actor="broker",
                because=refusal.what,
                evidence=verbatim.document(refusal.evidence),
                reason=verbatim.text(refusal.reason, 500),
            )
            telling_banks.tell(relationship, Kind.REFUSED)
    except (IllegalMove, LostRace):
        return
    settlement.withdraw_waiting(relationship=relationship)


def _record(relationship: ACHRelationship, to: str, fault: VendorError, *, actor: str) -> None:
    with _unless_overtaken(relationship), transaction.atomic(durable=True):
        relationship.move_sending(to, actor=actor, because=fault.what, evidence=verbatim.document(fault.evidence))
    log.info("relationship %s → %s (%s)", relationship.pk, to, fault)


def expire_leases(*, sender: str) -> None:
    """Call unknown what a sender that died has left in SENDING."""
    for relationship in stopping.while_wanted(ACHRelationship.objects.left_behind()):
        with _unless_overtaken(relationship), transaction.atomic(durable=True):
            relationship.move_sending(states.UNKNOWN, actor=sender, because="the sender died")


def pick_up_left_behind(*, sender: str) -> int:
    """Send, or look up, what a process that died or a vendor that was away has left behind. Return how many."""
    expire_leases(sender=sender)
    relationships = ACHRelationship.objects.select_related("item", "brokerage_account")
    waiting = relationships.waiting_to_be_sent(since=timezone.now() - timedelta(seconds=5))
    picked = 0
    for pick_up, rows in ((look_up, relationships.unknown()), (partial(send, sender=sender), waiting)):
        # Some at a time, and any of them: vendors that are away must not hold up the money behind them.
        for relationship in stopping.while_wanted(rows.order_by("?")[:AT_A_TIME]):
            picked += 1
            try:
                pick_up(relationship=relationship)
            except Exception:  # one poisonous row must not keep everybody else from linking
                log.exception("relationship %s: not picked up", relationship.pk)
    return picked
