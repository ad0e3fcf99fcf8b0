"""Transfers through a bank account that are stopped on a person's word, and those that are let go on.

Called by admin, and by returns for which relationships a stop is about. The customer is told each time; the person's
reason stays in the history, for ops alone.
"""

import logging
from datetime import datetime

from django.db import transaction

from accounts.models import BrokerageAccount, User
from brokerage import stamps
from funding import states
from funding.models import ACHRelationship
from funding.operations import telling_banks
from funding.operations.telling_banks import Kind

log = logging.getLogger(__name__)

# What the customer reads of it.
LOOKING_INTO_IT = "we are looking into something"


class StoppedAlready(Exception):
    """Nothing goes through this bank account already, or it is not linked any more."""


class NotStopped(Exception):
    """Nothing is stopped: someone else has let transfers go on."""


def suspend(*, relationship: ACHRelationship, because: str, person: User) -> None:
    """Stop transfers through a bank account, both ways, also where deposits alone were. Raises StoppedAlready.

    What is reserved waits; what was sent goes on.
    """
    actor = f"ops {person.pk}"
    with transaction.atomic(durable=True):
        rows = _locked(relationship)
        if not rows or all(row.is_suspended_for(states.OUTGOING) for row in rows):
            raise StoppedAlready
        for row in rows:
            row.suspend(because=LOOKING_INTO_IT, actor=actor, noted=because)
        _tell(rows, Kind.SUSPENDED, since=rows[0].suspended_at)
    log.warning("relationship %s stopped by %s", relationship.pk, actor)


def stamp_of(relationship: ACHRelationship) -> str:
    """Return the stamp of what a page shows of a stop: how wide it is, since when, and all its reasons."""
    shown = relationship.suspended_at, relationship.suspended_deposits_only, relationship.suspended_because
    return stamps.stamp(relationship.pk, *shown, relationship.events.filter(field="suspended").count())


def resume(*, relationship: ACHRelationship, because: str, person: User, seen: str | None = None) -> None:
    """Let transfers through a bank account go on, on the word of a person who has looked into it.

    `seen` is the stamp of what the person was shown. Raises NotStopped, ChangedMeanwhile.
    """
    actor = f"ops {person.pk}"
    with transaction.atomic(durable=True):
        rows = _locked(relationship)
        stopped = [row.suspended_at for row in rows if row.suspended_at is not None]
        if not stopped:
            raise NotStopped
        stamps.compare(seen, stamp_of(rows[0]))
        for row in rows:
            row.resume(because=because, actor=actor)
        _tell(rows, Kind.RESUMED, since=max(stopped))
    log.warning("relationship %s goes on, by %s", relationship.pk, actor)


def _locked(relationship: ACHRelationship) -> list[ACHRelationship]:
    """Return, under the account's lock, what a stop is about and still stands; the bank account itself comes first."""
    BrokerageAccount.objects.select_for_update().get(pk=relationship.brokerage_account_id)
    row = ACHRelationship.objects.get(pk=relationship.pk)
    return [each for each in standing_for(row) if each.ended_at is None]


def _tell(rows: list[ACHRelationship], kind: Kind, *, since: datetime | None) -> None:
    """Tell the customer once, however many relationships stand for the one bank account."""
    telling_banks.tell(rows[0], kind, episode=since.isoformat() if since else "")


def standing_for(relationship: ACHRelationship, *, whole_login: bool = False) -> list[ACHRelationship]:
    """Return a relationship with those that have followed it: for the same bank account, or the same login at all."""
    found = {relationship.pk: relationship}
    if relationship.item_id:
        same = {} if whole_login else {"plaid_account_id": relationship.plaid_account_id}
        rows = ACHRelationship.objects.living().filter(item=relationship.item_id, **same)
        found |= {row.pk: row for row in rows}
    return list(found.values())
