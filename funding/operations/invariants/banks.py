"""What one query tells of banks: whose they are, what goes through them, keys that have done their work, what is stuck.

Invariants 1, 7, 9, 11 and 15.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from brokerage.status import LEASE
from funding import states
from funding.models import ACHRelationship, ItemEvent, LinkSession, OwnerCheck, PlaidItem, RelationshipEvent, Transfer
from funding.operations.invariants.question import EVENT, Question, doubled
from funding.operations.invariants.stories import CLOCKS_APART

# The worker removes within minutes where Plaid and the broker answer.
REMOVED_WITHIN = timedelta(hours=24)
CHECKED_WITHIN = timedelta(hours=24)

# --- 9: whose bank it is, and what goes through it --------------------------------------------------------------------


def to_anothers_item(now: datetime) -> QuerySet[Any]:
    return ACHRelationship.objects.exclude(item__user=F("brokerage_account__user"))


def relationships_of_one_broker_id(now: datetime) -> QuerySet[Any]:
    return doubled(ACHRelationship.objects.all(), "alpaca_id")


def relationships_active_together(now: datetime) -> QuerySet[Any]:
    return doubled(ACHRelationship.objects.active(), "brokerage_account")


def candidates_together(now: datetime) -> QuerySet[Any]:
    return doubled(ACHRelationship.objects.candidates(), "brokerage_account")


def _sent_after(moment: str) -> QuerySet[Any]:
    """Return transfers that were sent after something that happened to their bank account."""
    return Transfer.objects.filter(attempt__sent_at__gt=F(f"relationship__{moment}") + CLOCKS_APART)


def sent_through_an_ended_one(now: datetime) -> QuerySet[Any]:
    return _sent_after("ended_at")


def sent_through_a_lost_one(now: datetime) -> QuerySet[Any]:
    return _sent_after("lost_at")


def sent_through_an_unverified_one(now: datetime) -> QuerySet[Any]:
    """Transfers through a bank account that had not come as far as the broker."""
    unsent = Q(relationship__sending__in=states.UNSENT_LINK | {states.WITHDRAWN})
    return Transfer.objects.exclude(attempt=None).filter(unsent)


# --- 11: keys that have done their work -------------------------------------------------------------------------------


def keeps_processor_token(now: datetime) -> QuerySet[Any]:
    done = Q(sending__in=[states.ACCEPTED, states.REFUSED]) | ~Q(ended_at=None)
    return ACHRelationship.objects.exclude(processor_token="").filter(done)


def keeps_numbers(now: datetime) -> QuerySet[Any]:
    done = Q(sending__in=[states.ACCEPTED, states.REFUSED, states.WITHDRAWN]) | ~Q(ended_at=None)
    kept = ~Q(account_number="") | ~Q(routing_number="")
    return ACHRelationship.objects.filter(done).filter(kept)


def keeps_link_token(now: datetime) -> QuerySet[Any]:
    return LinkSession.objects.exclude(link_token="").exclude(outcome="")


def keeps_access_token(now: datetime) -> QuerySet[Any]:
    return PlaidItem.objects.exclude(removed_at=None).exclude(access_token="")


def keeps_unused_login(now: datetime) -> QuerySet[Any]:
    """Logins whose last bank account ended a day ago, and whose key we hold all the same."""
    since = now - REMOVED_WITHIN
    links = ACHRelationship.objects.filter(item=OuterRef("pk"))
    over = Exists(links.filter(ended_at__lt=since)) & ~Exists(links.filter(Q(ended_at=None) | Q(ended_at__gte=since)))
    return PlaidItem.objects.filter(over, removed_at=None)


def keeps_owner_names(now: datetime) -> QuerySet[Any]:
    return OwnerCheck.objects.exclude(owner_names="").exclude(relationship__sending=states.HELD)


# --- 7 and 15 ---------------------------------------------------------------------------------------------------------


def relationships_of_one_event(now: datetime) -> QuerySet[Any]:
    return doubled(RelationshipEvent.objects.all(), "vendor_event_id")


def items_of_one_event(now: datetime) -> QuerySet[Any]:
    return doubled(ItemEvent.objects.all(), "vendor_event_id")


def linking_too_long(now: datetime) -> QuerySet[Any]:
    return ACHRelationship.objects.active().filter(sending=states.SENDING, sending_at__lt=now - LEASE)


def ending_too_long(now: datetime) -> QuerySet[Any]:
    """Those that nothing keeps: no money is under way through them."""
    moving = Transfer.objects.moving().filter(relationship=OuterRef("pk"))
    asked = ACHRelationship.objects.living().filter(ending_at__lt=now - REMOVED_WITHIN)
    return asked.exclude(Exists(moving))


def checking_too_long(now: datetime) -> QuerySet[Any]:
    waiting = ACHRelationship.objects.candidates().filter(sending=states.CHECKING)
    return waiting.filter(sending_at__lt=now - CHECKED_WITHIN).exclude(item__health__in=states.NO_DEPOSITS)


RELATIONSHIP, TRANSFER, ITEM = "relationship", "transfer", "item"

BANKS: dict[int, tuple[Question, ...]] = {
    7: (
        Question("history row of a relationship", EVENT, relationships_of_one_event),
        Question("history row of an item", EVENT, items_of_one_event),
    ),
    9: (
        Question(RELATIONSHIP, "uses an item that somebody else linked", to_anothers_item),
        Question(RELATIONSHIP, "shares its id at the broker with another one", relationships_of_one_broker_id),
        Question(RELATIONSHIP, "is active beside another one of its account", relationships_active_together),
        Question(RELATIONSHIP, "is to be linked beside another one of its account", candidates_together),
        Question(TRANSFER, "was sent through a bank account that had ended", sent_through_an_ended_one),
        Question(TRANSFER, "was sent through a bank account that could not be reached", sent_through_a_lost_one),
        Question(TRANSFER, "was sent through a bank account that was never linked", sent_through_an_unverified_one),
    ),
    11: (
        Question(RELATIONSHIP, "keeps a processor token that has done its work", keeps_processor_token),
        Question(RELATIONSHIP, "keeps numbers that have done their work", keeps_numbers),
        Question("link session", "keeps a link token that has done its work", keeps_link_token),
        Question(ITEM, "was removed, and keeps its access token", keeps_access_token),
        Question(ITEM, "is held for more than a day although nothing uses it", keeps_unused_login),
        Question("owner check", "keeps names that nobody has to look at", keeps_owner_names),
    ),
    15: (
        Question(RELATIONSHIP, "stands in SENDING for more than a minute", linking_too_long),
        Question(RELATIONSHIP, "is to be removed for more than a day, and nothing keeps it", ending_too_long),
        Question(RELATIONSHIP, "stands in CHECKING for more than a day", checking_too_long),
    ),
}
