"""Which bank account is a brokerage account's own, and which one follows it.

    a candidate ──► RESERVED            where none stands in its way
                └─► WAITING ──► RESERVED   the one before it begins to end: nothing new goes through it, what is under
                                           way is waited for, the broker removes it, and only then this one is made

Called by owner_check, candidates and, to see who followed whom, by admin. The brokerage account's row is the lock.
"""

import logging

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import BrokerageAccount
from brokerage.status import IllegalMove, LostRace, note
from funding import states
from funding.models import ACHRelationship, Lost
from funding.models.bank_rows import RelationshipQuerySet
from funding.operations import telling_banks
from funding.operations.telling_banks import Kind

log = logging.getLogger(__name__)

_FOLLOWED = (ACHRelationship.Ending.REPLACED, ACHRelationship.Ending.RENEWED)


def ready(*, candidate: ACHRelationship, actor: str, because: str) -> None:
    """Make a candidate that is good its account's bank, or have it wait for the one it replaces; in a transaction.

    Raises IllegalMove, LostRace.
    """
    current = current_of(candidate)
    if current is None:
        candidate.move_sending(states.RESERVED, actor=actor, because=because)
        return
    candidate.move_sending(states.WAITING, actor=actor, because=because)
    same = (current.item_id, current.plaid_account_id) == (candidate.item_id, candidate.plaid_account_id)
    ending = ACHRelationship.Ending.RENEWED if same and candidate.item_id else ACHRelationship.Ending.REPLACED
    current.begin_to_end(ending, actor=actor)


def locked(link: ACHRelationship) -> ACHRelationship:
    """Read a link anew, inside a transaction, with its account locked before it: whoever takes both, takes them so."""
    BrokerageAccount.objects.select_for_update().get(pk=link.brokerage_account_id)
    return ACHRelationship.objects.select_for_update().get(pk=link.pk)


def current_of(candidate: ACHRelationship) -> ACHRelationship | None:
    """Return the bank of a candidate's account, with the account locked, inside a transaction."""
    account = BrokerageAccount.objects.select_for_update().get(pk=candidate.brokerage_account_id)
    return ACHRelationship.objects.active().select_for_update().filter(brokerage_account=account).first()


def take_over(*, candidate: ACHRelationship, actor: str) -> bool:
    """Make a waiting candidate its account's bank, if the one before it has ended; return whether it is."""
    try:
        with transaction.atomic(durable=True):
            if current_of(candidate) is not None:
                return False
            candidate.move_sending(states.RESERVED, actor=actor, because="the one before it has ended")
    except (IllegalMove, LostRace):
        candidate.refresh_from_db()
    return candidate.sending == states.RESERVED


def renew(*, relationship: ACHRelationship, actor: str) -> ACHRelationship | None:
    """Have a relationship whose numbers are dead made anew, with the same bank account; return the one to come.

    What a return or a person has stopped stays stopped. None where another one is to come already, or nothing of it
    has been sent yet, so that it will be made with the new numbers anyway.
    """
    with transaction.atomic(durable=True):
        row = locked(relationship)
        if row.sending in states.UNSENT_LINK and row.ended_at is None:
            row.find_again(actor=actor)
            return None
        taken = ACHRelationship.objects.candidates().filter(brokerage_account=row.brokerage_account_id).exists()
        if row.ended_at or row.ending_at or taken:
            return None
        successor = _successor(row)
        note(successor, field="sending", after=states.WAITING, actor=actor, because=f"made anew after {row.pk}")
        row.begin_to_end(ACHRelationship.Ending.RENEWED, actor=actor)
        telling_banks.tell(row, Kind.RENEWING)
    log.info("relationship %s is to be made anew as %s", row.pk, successor.pk)
    return successor


def _successor(row: ACHRelationship) -> ACHRelationship:
    same = ("brokerage_account", "item", "plaid_account_id", "persistent_id", "name", "mask", "subtype", "verification")
    stop = ("suspended_at", "suspended_because", "suspended_deposits_only")
    values = {name: getattr(row, name) for name in (*same, *stop)}
    return ACHRelationship.objects.create(sending=states.WAITING, **values)


def to_renew() -> QuerySet[ACHRelationship]:
    """Return the relationships whose numbers are dead, whose login works, and which nothing is to follow yet."""
    rows = ACHRelationship.objects.active()
    coming = ACHRelationship.objects.candidates().filter(brokerage_account=OuterRef("brokerage_account"))
    dead = rows.filter(lost_because=Lost.NEW_NUMBERS, ending_at=None, item__health__in=[states.GOOD, states.EXPIRING])
    return dead.exclude(Exists(coming))


def one_before(link: ACHRelationship) -> ACHRelationship | None:
    """Return the bank account that this one has followed, or is to follow."""
    rows = _others(link).filter(created_at__lte=link.created_at)
    if link.is_candidate:
        return rows.active().first()
    followed = rows.filter(ending_because__in=_FOLLOWED, ending_at__gte=link.created_at)
    if link.ended_at is not None:  # another one may have followed after all
        followed = followed.filter(ending_at__lte=link.ended_at)
    return followed.order_by("-created_at").first()


def one_after(link: ACHRelationship) -> ACHRelationship | None:
    """Return the bank account that has followed this one, or is to follow it."""
    if link.is_candidate:
        return None
    if link.ended_at is None and (coming := _others(link).candidates().first()) is not None:
        return coming
    if link.ending_because not in _FOLLOWED:
        return None
    rows = _others(link).filter(created_at__range=(link.created_at, link.ending_at))
    return rows.exclude(ended_at__lt=link.ending_at).order_by("-created_at").first()


def _others(link: ACHRelationship) -> RelationshipQuerySet:
    rows = ACHRelationship.objects.select_related("item").filter(brokerage_account=link.brokerage_account_id)
    return rows.exclude(pk=link.pk)
