"""Making someone who can sign in, from the letter that they opened.

Called by views, and by identities for whom a provider sends. An e-mail address is one person's, however it is typed
and however close together two ask for it.
"""

import logging

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import states
from accounts.models import EmailChange, SignInLetter, User
from accounts.operations import audit, sign_in_letters

log = logging.getLogger(__name__)


class EmailTaken(Exception):
    """Someone signs in with this e-mail address already."""

    customer_message = "There is an account with this e-mail address. Sign in instead."


def sign_up(*, letter: SignInLetter, password: str) -> User:
    """Return a new user, whose address is confirmed by the letter that they opened.

    Raises sign_in_letters.LinkIsOver, and EmailTaken, also where somebody is just about to change to this address.
    """
    user = User(email=letter.email)
    user.set_password(password)  # takes its time, for which no lock is held
    try:
        with transaction.atomic(durable=True):
            letter = sign_in_letters.lock(letter)
            _require_free(letter.email)
            letter.used_at = user.email_verified_at = timezone.now()
            user.save(force_insert=True)
            letter.save(update_fields=["used_at"])
            audit.record(audit.Deed.SIGNED_UP, actor=audit.name_of(user), about=audit.subject(user))
    except IntegrityError:
        raise EmailTaken from None
    log.info("user %s signed up", user.pk)
    return user


def bring_in(*, email: str) -> User:
    """Return a new user without a password, whom a provider signs in; the caller's transaction tells the audit.

    Raises EmailTaken, and IntegrityError where two come close together.
    """
    _require_free(email)
    return User.objects.create_user(email, email_verified_at=timezone.now())


def _require_free(email: str) -> None:
    wanted = User.objects.normalize_email(email)
    if EmailChange.objects.filter(new_email=wanted, status=states.CONFIRMED).exists():
        raise EmailTaken
