"""Ending a link on both sides, in the right order: the broker's relationship first, then Plaid's item, then our keys.

    asked for ──► nothing under way ──► DELETE at the broker ──► gone there ──► item removed ──► token destroyed

Called by views and admin for unlinking, by the worker for all; calls gateways.broker and gateways.plaid. Both removals
may be asked for any number of times, so a process that dies, or a lost answer, costs one more try.
"""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import BrokerageAccount, User
from accounts.operations import audit
from brokerage import stopping
from brokerage.gateways import broker, plaid
from brokerage.gateways.errors import OutcomeUnknown, Refused, VendorError
from brokerage.status import IllegalMove, LostRace, note
from funding import states
from funding.models import ACHRelationship, PlaidItem, Transfer
from funding.operations import item_health, settlement, telling_banks
from funding.operations.telling_banks import Kind

log = logging.getLogger(__name__)

# Between tries, growing to this.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
# Gone already is what was wanted. A token that Plaid does not know opens nothing.
_NOT_THERE = item_health.GONE_CODES | {"INVALID_ACCESS_TOKEN"}


class TransfersUnderWay(Exception):
    """Money is under way through this bank account."""

    customer_message = (
        "A transfer through this bank account is still under way. Unlink it when that has settled, or cancel it first."
    )


class NotLinked(Exception):
    """There is nothing to unlink any more, or it is being unlinked already."""

    customer_message = "This bank account is not linked any more, or is being unlinked already."


def ask_to_unlink(*, relationship: ACHRelationship, actor: str, because: str = "") -> None:
    """Begin to unlink the account's bank; `carry_on` does the rest. Raises TransfersUnderWay, NotLinked."""
    with transaction.atomic(durable=True):
        BrokerageAccount.objects.select_for_update().get(pk=relationship.brokerage_account_id)
        row = ACHRelationship.objects.active().select_for_update().filter(pk=relationship.pk).first()
        if row is None or row.ending_at is not None:
            raise NotLinked
        if under_way(row).exists():
            raise TransfersUnderWay
        row.begin_to_end(ACHRelationship.Ending.UNLINKED, actor=actor, because=because)
        audit.record(audit.Deed.BANK_UNLINKED, actor=actor, about=audit.subject(row))
    relationship.refresh_from_db()


def hasten(*, relationship: ACHRelationship, because: str, person: User) -> None:
    """Have the next try of an end due now, on a person's word; `carry_on` makes it. Raises NotLinked."""
    with transaction.atomic(durable=True):
        rows = ACHRelationship.objects.living().exclude(ending_at=None)
        row = rows.select_for_update().filter(pk=relationship.pk).first()
        if row is None:
            raise NotLinked
        row.ending_next_at = timezone.now()
        row.save(update_fields=["ending_next_at"])
        note(row, field="ending", after="tried again", actor=f"ops {person.pk}", because=because)
    relationship.refresh_from_db()


def under_way(relationship: ACHRelationship) -> QuerySet[Transfer]:
    """Return the transfers that a removal of this bank account could touch."""
    return Transfer.objects.moving().filter(relationship=relationship)


def carry_on(*, relationship: ACHRelationship, sender: str) -> None:
    """Take the end of one relationship as far as it goes now."""
    if not _claim(relationship, sender):
        return
    try:
        if relationship.sending != states.REVIEW:
            _remove_at_the_broker(relationship)
    except Refused as refusal:
        log.error("relationship %s: the broker does not remove it (%s)", relationship.pk, refusal)
        ACHRelationship.objects.filter(pk=relationship.pk).update(ending_error=refusal.what[:60])
    except VendorError as fault:
        log.info("relationship %s: not removed yet (%s)", relationship.pk, fault)
        ACHRelationship.objects.filter(pk=relationship.pk).update(ending_error=fault.what[:60])
    relationship.refresh_from_db()
    if relationship.ended_at is not None and relationship.item is not None:
        remove_item(item=relationship.item, sender=sender)


def _claim(relationship: ACHRelationship, sender: str) -> bool:
    """Take the next try, under the account's lock, if nothing is under way; what was never sent is dropped at once."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        BrokerageAccount.objects.select_for_update().get(pk=relationship.brokerage_account_id)
        row = ACHRelationship.objects.being_ended(now=now).select_for_update().filter(pk=relationship.pk).first()
        if row is None or under_way(row).exists():
            return False
        if row.sending in states.UNSENT_LINK:
            row.move_sending(states.WITHDRAWN, actor=sender, because=row.ending_because)
            _tell(row)
            return True
        if row.sending in (states.SENDING, states.UNKNOWN):
            return False  # first it has to be known whether the broker has it
        row.ending_tries, row.ending_next_at = F("ending_tries") + 1, now + _pause(row.ending_tries)
        row.save(update_fields=["ending_tries", "ending_next_at"])
    relationship.refresh_from_db()
    return True


def _pause(tries: int) -> timedelta:
    return min(FIRST_PAUSE * 2 ** min(tries, 12), LONGEST_PAUSE)


def _remove_at_the_broker(relationship: ACHRelationship) -> None:
    """Have it removed, and read whether it is. Raises VendorError."""
    if relationship.ended_at is not None or not relationship.alpaca_id:
        return
    account_id = relationship.brokerage_account.alpaca_id
    if relationship.status not in states.BEING_CANCELED:
        broker.delete_relationship(account_id=account_id, relationship_id=relationship.alpaca_id)
    status = _status_there(relationship.alpaca_id, broker.list_relationships(account_id), account_id)
    settlement.apply_to_relationship(relationship=relationship, status=status, actor="broker")
    ACHRelationship.objects.filter(pk=relationship.pk).update(ending_error="")


def _status_there(alpaca_id: str, listed: list[broker.RelationshipAnswer], account_id: str) -> str:
    """Return how one that we had removed is, by its account's list. Raises OutcomeUnknown for another account's."""
    found = next((row for row in listed if row.alpaca_id == alpaca_id), None)
    if found is not None:
        return found.status
    if any(row.account_id not in ("", account_id) for row in listed):
        raise OutcomeUnknown("GET: the list is another account's", http_status=200)
    return states.CANCELED  # the broker may leave those out: what is not there is gone


def _tell(row: ACHRelationship) -> None:
    """Tell, inside the transaction that ended it, that the customer's wish is done."""
    kinds: dict[str, Kind] = {"UNLINKED": Kind.UNLINKED, "REPLACED": Kind.REPLACED}
    if row.ending_because in kinds:
        telling_banks.tell(row, kinds[row.ending_because])


def carry_on_due(*, sender: str) -> int:
    """Carry on every end that is due, then remove the logins that nothing uses; return how many came to an end."""
    ended = 0
    rows = ACHRelationship.objects.being_ended(now=timezone.now()).select_related("item", "brokerage_account__user")
    # Those that money keeps, for days perhaps, would only hold up the others.
    moving = Transfer.objects.moving().filter(relationship=OuterRef("pk"))
    for relationship in stopping.while_wanted(rows.exclude(Exists(moving)).order_by("ending_at")[:100]):
        try:
            carry_on(relationship=relationship, sender=sender)
        except (IllegalMove, LostRace):
            log.info("relationship %s: someone else was first", relationship.pk)
        except Exception:  # one poisonous row must not hold up the others
            log.exception("relationship %s: not ended", relationship.pk)
        ended += relationship.ended_at is not None
    return ended + _remove_unused(sender=sender)


def _remove_unused(*, sender: str) -> int:
    now, removed = timezone.now(), 0
    unused = PlaidItem.objects.out_of_use(now=now).exclude(removal_next_at__gt=now).order_by("created_at")[:100]
    for item in stopping.while_wanted(unused):
        try:
            removed += remove_item(item=item, sender=sender)
        except Exception:
            log.exception("item %s: not removed", item.pk)
    return removed


def remove_item(*, item: PlaidItem, sender: str) -> bool:
    """End our access at Plaid to a login that nothing uses, and destroy the key; return whether it is done."""
    if not _give_up(item):
        return False
    try:
        plaid.remove_item(item.access_token)
    except VendorError as fault:
        refused = isinstance(fault, Refused)
        if not (refused and fault.code in _NOT_THERE):
            level = logging.ERROR if refused else logging.WARNING
            log.log(level, "item %s: not removed at Plaid yet (%s)", item.pk, fault)
            return False
    with transaction.atomic(durable=True):
        row = PlaidItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        if row.removed_at is None:
            end: dict[str, Any] = {"removed_at": timezone.now(), "access_token": "", "removal_next_at": None}
            row.move_health(states.REMOVED, actor=sender, because="nothing uses it any more", **end)
    log.info("item %s removed", item.pk)
    return True


def _give_up(item: PlaidItem) -> bool:
    """Note, before Plaid hears of it, that no account of a login may be linked any more.

    False where one is, or where somebody else has tried since the login was read.
    """
    now = timezone.now()
    with transaction.atomic(durable=True):
        row = PlaidItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        unused = PlaidItem.objects.out_of_use(now=now).filter(pk=item.pk).exists()
        if not unused or row.removal_tries != item.removal_tries:
            return False
        row.dropped_at, row.removal_next_at = row.dropped_at or now, now + _pause(row.removal_tries)
        row.removal_tries += 1
        row.save(update_fields=["dropped_at", "removal_next_at", "removal_tries"])
    return True


def remove_item_now(*, item: PlaidItem, because: str, person: User) -> bool:
    """Try at once to end our access to a login that nothing uses, on a person's word; return whether it is done."""
    actor = f"ops {person.pk}"
    note(item, field="removal", after="tried again", actor=actor, because=because)
    return remove_item(item=item, sender=actor)


def drop_item(*, item: PlaidItem, sender: str) -> None:
    """Give up a login that was just made, and of which no account is to be linked."""
    PlaidItem.objects.filter(pk=item.pk, dropped_at=None).update(dropped_at=timezone.now())
    remove_item(item=item, sender=sender)
