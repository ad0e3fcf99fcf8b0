"""Ways to break what one query tells of banks: invariants 7, 9, 11 and 15."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from brokerage.status import note
from funding import states
from funding.models import ACHRelationship, ItemEvent, LinkSession, OwnerCheck, PlaidItem, RelationshipEvent, Transfer
from funding.operations.invariants import banks
from tests import make
from tests.funding.breaking.questions import EVENT, HOUR, grace, twice
from tests.funding.breaking.ways import breaks
from tests.funding.standing import Customer
from tests.harness.bare_tables import without_constraints


@breaks(banks.relationships_of_one_event, EVENT)
def one_event_twice_for_a_relationship(ada: Customer) -> Any:
    return twice(RelationshipEvent, ada.relationship)


@breaks(banks.relationships_of_one_broker_id, "shares its id at the broker with another one")
def one_relationship_twice(ada: Customer) -> ACHRelationship:
    other = grace(ada).relationship
    without_constraints(ACHRelationship)
    ACHRelationship.objects.filter(pk=other.pk).update(alpaca_id=ada.relationship.alpaca_id)
    return ada.relationship


@breaks(banks.relationships_active_together, "is active beside another one of its account")
def two_active_relationships(ada: Customer) -> ACHRelationship:
    other = grace(ada).relationship
    without_constraints(ACHRelationship)
    ACHRelationship.objects.filter(pk=other.pk).update(brokerage_account=ada.account)
    return ada.relationship


@breaks(banks.to_anothers_item, "uses an item that somebody else linked")
def through_graces_item(ada: Customer) -> ACHRelationship:
    PlaidItem.objects.update(user=grace(ada).user)
    return ada.relationship


@breaks(banks.keeps_processor_token, "keeps a processor token that has done its work")
def a_processor_token_kept(ada: Customer) -> ACHRelationship:
    ada.relationship.processor_token = "processor-sandbox-a-canary"
    ada.relationship.save()
    return ada.relationship


@breaks(banks.keeps_link_token, "keeps a link token that has done its work")
def a_link_token_kept(ada: Customer) -> LinkSession:
    session = LinkSession.objects.get()
    session.link_token = "link-sandbox-a-canary"
    session.save()
    return session


@breaks(banks.linking_too_long, "stands in SENDING for more than a minute")
def nobody_links_it(ada: Customer) -> ACHRelationship:
    ACHRelationship.objects.update(sending=states.SENDING, sending_at=timezone.now() - timedelta(seconds=61))
    return ada.relationship


@breaks(banks.items_of_one_event, EVENT)
def one_event_twice_for_an_item(ada: Customer) -> Any:
    return twice(ItemEvent, ada.relationship.item)


@breaks(("item", "health"), "history of health: ends with GOOD, and the row says REVOKED")
def a_login_revoked_by_hand(ada: Customer) -> PlaidItem:
    PlaidItem.objects.update(health=states.REVOKED)
    return ada.relationship.login


@breaks(("item", "health"), "may not go from GONE to GOOD")
def a_login_brought_back(ada: Customer) -> PlaidItem:
    item = ada.relationship.login
    note(item, field="health", before=states.GOOD, after=states.GONE, actor="x")
    note(item, field="health", before=states.GONE, after=states.GOOD, actor="x")
    return item


@breaks(banks.candidates_together, "is to be linked beside another one of its account")
def two_that_are_to_come(ada: Customer) -> ACHRelationship:
    without_constraints(ACHRelationship)
    made = [make.relationship(ada.account, sending=states.CHECKING, alpaca_id=None, status="") for _ in range(2)]
    return made[0]


def through(ada: Customer, **columns: Any) -> Transfer:
    """Have a transfer go through a bank account that was not there any more, or not yet."""
    transfer = ada.move("50.00")
    ACHRelationship.objects.filter(pk=ada.relationship.pk).update(**columns)
    return transfer


@breaks(banks.sent_through_an_ended_one, "was sent through a bank account that had ended")
def through_an_ended_one(ada: Customer) -> Transfer:
    return through(ada, ended_at=timezone.now() - HOUR)


@breaks(banks.sent_through_a_lost_one, "was sent through a bank account that could not be reached")
def through_a_lost_one(ada: Customer) -> Transfer:
    return through(ada, lost_at=timezone.now() - HOUR)


@breaks(banks.sent_through_an_unverified_one, "was sent through a bank account that was never linked")
def through_an_unverified_one(ada: Customer) -> Transfer:
    return through(ada, sending=states.UNVERIFIED)


@breaks(banks.keeps_numbers, "keeps numbers that have done their work")
def numbers_kept(ada: Customer) -> ACHRelationship:
    ada.relationship.account_number = "4417"
    ada.relationship.save()
    return ada.relationship


@breaks(banks.keeps_access_token, "was removed, and keeps its access token")
def a_key_kept(ada: Customer) -> PlaidItem:
    without_constraints(PlaidItem)
    PlaidItem.objects.update(removed_at=timezone.now())
    return ada.relationship.login


@breaks(banks.keeps_unused_login, "is held for more than a day although nothing uses it")
def nobody_removes_the_login(ada: Customer) -> PlaidItem:
    ACHRelationship.objects.update(ended_at=timezone.now() - 25 * HOUR)
    return ada.relationship.login


@breaks(banks.keeps_owner_names, "keeps names that nobody has to look at")
def names_kept(ada: Customer) -> OwnerCheck:
    return OwnerCheck.objects.create(
        relationship=ada.relationship, actor="x", method="NAMES", outcome="REVIEW", owner_names="Ada Canary"
    )


@breaks(banks.ending_too_long, "is to be removed for more than a day, and nothing keeps it")
def nobody_removes_it(ada: Customer) -> ACHRelationship:
    ACHRelationship.objects.update(ending_at=timezone.now() - 25 * HOUR)
    return ada.relationship


@breaks(banks.checking_too_long, "stands in CHECKING for more than a day")
def nobody_checks_it(ada: Customer) -> ACHRelationship:
    since = timezone.now() - 25 * HOUR
    ACHRelationship.objects.update(sending=states.CHECKING, sending_at=since)
    return ada.relationship
