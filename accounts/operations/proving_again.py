"""Showing once more who one is, before what an open screen must not be enough for.

Called by fresh_sign_in and its page.
"""

import logging
from datetime import timedelta

from accounts.models import User
from accounts.operations import second_factor, throttle

log = logging.getLogger(__name__)

TRIES, PER = 20, timedelta(hours=1)  # right ones count as well


class WrongPassword(Exception):
    """It is not this person's password."""

    customer_message = "This is not your password. Check it and try again."


def prove(*, user: User, password: str, code: str = "") -> None:
    """Return where it is the user's password and, where they have a second factor, a code of it.

    Raises WrongPassword, second_factor.WrongCode, throttle.TooMany.
    """
    throttle.take(key=f"password again {user.pk}", limit=TRIES, per=PER)
    if not user.check_password(password):
        log.info("user %s: the password was asked again, and refused", user.pk)
        raise WrongPassword
    if second_factor.is_on(user):
        second_factor.check(user=user, code=code)
