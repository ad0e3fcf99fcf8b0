"""Orders to keep everything of one person, whatever the rules of retention say.

Called by the desk. A hold and a purge take the same lock, the person's row: what a hold finds, it keeps.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import LegalHold, User


class HeldAlready(Exception):
    """A hold stands on this person already."""


class NotHeld(Exception):
    """No hold stands on this person any more."""


def standing(*, about: User) -> LegalHold | None:
    """Return the hold that stands on somebody."""
    return about.legal_holds.filter(lifted_at=None).select_related("placed_by").first()


def place(*, about: User, because: str, person: User) -> LegalHold:
    """Keep everything of somebody from now on. Raises HeldAlready."""
    try:
        with transaction.atomic(durable=True):
            User.objects.select_for_update(no_key=True).get(pk=about.pk)
            return LegalHold.objects.create(person=about, because=because, placed_by=person)
    except IntegrityError:
        raise HeldAlready from None


def lift(*, about: User, because: str, person: User) -> None:
    """Let the rules of retention count again for somebody. Raises NotHeld."""
    lifted = {"lifted_at": timezone.now(), "lifted_by": person, "lift_because": because}
    if not about.legal_holds.filter(lifted_at=None).update(**lifted):
        raise NotHeld
