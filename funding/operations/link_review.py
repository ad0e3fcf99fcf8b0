"""A relationship at the broker that is not clearly ours: kept, or let go, on a person's word.

Called by admin. REVIEW came of an answer that names another account, or of a look-up that found more than one, or an
older one, that could be it. Nothing goes through it meanwhile.
"""

from django.db import transaction

from accounts.models import User
from brokerage.status import IllegalMove, LostRace
from funding import states
from funding.models import ACHRelationship
from funding.operations import telling_banks
from funding.operations.telling_banks import Kind


class NotInReview(Exception):
    """It does not wait for a person any more; read it again."""


class NothingToKeep(Exception):
    """None of the broker's relationships is bound to it."""


def keep(*, relationship: ACHRelationship, because: str, person: User) -> None:
    """Take the broker's relationship that it is bound to for ours. Raises NotInReview, NothingToKeep."""
    if not relationship.alpaca_id:
        raise NothingToKeep
    _decide(relationship, states.ACCEPTED, because, person)


def let_go(*, relationship: ACHRelationship, because: str, person: User) -> None:
    """End it here, so that the customer can link anew; the broker's own is theirs to remove. Raises NotInReview."""
    _decide(relationship, states.REFUSED, because, person)


def _decide(relationship: ACHRelationship, to: str, because: str, person: User) -> None:
    try:
        with transaction.atomic(durable=True):
            row = ACHRelationship.objects.select_for_update().get(pk=relationship.pk)
            if row.sending != states.REVIEW:
                raise NotInReview
            row.move_sending(to, actor=f"ops {person.pk}", because=because)
            if to == states.REFUSED:
                telling_banks.tell(row, Kind.REFUSED)
    except (IllegalMove, LostRace):
        raise NotInReview from None
    relationship.refresh_from_db()
