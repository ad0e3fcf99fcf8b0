"""Whether somebody is who they say: an e-mail address, a password, and how often that may be tried.

Called by the page to sign in. For a name that nobody has, that was stopped, or that has no password it does the same
work as for any other, and says the same: who asks learns only whether both belong together.
"""

import logging
from datetime import timedelta

from accounts.models import User
from accounts.operations import sign_in_counts, throttle
from accounts.operations.throttle import Limit
from brokerage.visit import Visit

log = logging.getLogger(__name__)

_FEW_MINUTES, _HOUR, _DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
# How many tries in which time. One after the other is reached, so who goes on trying waits for minutes, then for the
# rest of the hour, then of the day. A name is guessed at from one address, from many, or many names from one.
BY_BOTH = ((5, _FEW_MINUTES), (15, _HOUR), (30, _DAY))
BY_NAME = ((100, _HOUR), (300, _DAY))
BY_ADDRESS = ((60, _FEW_MINUTES), (600, _DAY))
# From a browser that has signed in with this name before. It has a count of its own, which strangers can't use up.
BY_BROWSER = ((10, _FEW_MINUTES), (30, _HOUR), (60, _DAY))


class WrongSignIn(Exception):
    """The address and the password don't belong together; nothing says which of them is wrong."""

    customer_message = "That e-mail address and password don’t belong together. Check both and try again."


def check(*, email: str, password: str, visit: Visit, browser: str = "") -> User:
    """Return who signs in with both; `browser` is the mark of one that has done so before with this name, if it is one.

    Raises WrongSignIn, throttle.TooMany.
    """
    email = User.objects.normalize_email(email)
    name = throttle.unnamed(email)
    throttle.take_all(limits=_limits(name, visit, browser))
    user = User.objects.filter(email=email).first() or _nobody()
    fits = user.check_password(password)
    if not (fits and user.is_active):
        sign_in_counts.count_failure()
        log.info("sign-in as %s refused", name)
        raise WrongSignIn
    log.info("user %s: password was right", user.pk)
    return user


def _limits(name: str, visit: Visit, browser: str) -> list[Limit]:
    """Return what the try counts under, those that most people share last."""
    if browser:
        return _each("browser", throttle.unnamed(f"{browser} {name}"), BY_BROWSER)
    both = throttle.unnamed(f"{visit.network} {name}")
    address = throttle.unnamed(visit.network)
    return [*_each("both", both, BY_BOTH), *_each("name", name, BY_NAME), *_each("address", address, BY_ADDRESS)]


def _each(kind: str, whose: str, windows: tuple[tuple[int, timedelta], ...]) -> list[Limit]:
    return [Limit(f"sign-in {kind} {whose}", most, per) for most, per in windows]


def _nobody() -> User:
    """Return somebody without a password: for one, a random password is hashed at the same cost."""
    nobody = User()
    nobody.set_unusable_password()
    return nobody
