"""Showing once more who one is, before what an open screen must not be enough for.

Called by fresh_sign_in and its page.
"""

import logging
from datetime import timedelta
from uuid import UUID

from accounts.models import User
from accounts.operations import second_factor, throttle
from accounts.operations.throttle import Limit

log = logging.getLogger(__name__)

# In one session, and of one person in all; right ones count as well. Whoever holds a stolen session uses up its tries,
# and its owner can still end it from another.
TRIES, TRIES_IN_ALL, PER = 20, 100, timedelta(hours=1)


class WrongPassword(Exception):
    """It is not this person's password."""

    customer_message = "This is not your password. Check it and try again."


def prove(*, user: User, session_id: UUID | None, password: str, code: str = "") -> None:
    """Return where it is the user's password and, where they have a second factor, a code of it.

    `session_id` is the one in which they are signed in; None where they are not yet. Raises WrongPassword,
    second_factor.WrongCode, throttle.TooMany.
    """
    here = Limit(f"password again {session_id or user.pk}", TRIES, PER)
    throttle.take_all(limits=[here, Limit(f"passwords again {user.pk}", TRIES_IN_ALL, PER)])
    if not user.check_password(password):
        log.info("user %s: the password was asked again, and refused", user.pk)
        raise WrongPassword
    if second_factor.is_on(user):
        second_factor.check(user=user, code=code)
