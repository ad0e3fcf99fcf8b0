"""Making someone who can sign in.

Called by views, and by identities for whom a provider sends. An e-mail address is one person's, however it is typed
and however close together two ask for it.
"""

from django.db import IntegrityError, transaction

from accounts import states
from accounts.models import EmailChange, User


class EmailTaken(Exception):
    """Someone signs in with this e-mail address already."""

    customer_message = "There is an account with this e-mail address. Sign in instead."


def sign_up(*, email: str, password: str) -> User:
    """Return a new user. Raises EmailTaken, also where somebody is just about to change to this address."""
    _require_free(email)
    try:
        with transaction.atomic(durable=True):
            return User.objects.create_user(email, password)
    except IntegrityError:
        raise EmailTaken from None


def bring_in(*, email: str) -> User:
    """Return a new user without a password, whom a provider signs in; inside the caller's transaction.

    Raises EmailTaken, and IntegrityError where two come close together.
    """
    _require_free(email)
    return User.objects.create_user(email)


def _require_free(email: str) -> None:
    wanted = User.objects.normalize_email(email)
    if EmailChange.objects.filter(new_email=wanted, status=states.CONFIRMED).exists():
        raise EmailTaken
