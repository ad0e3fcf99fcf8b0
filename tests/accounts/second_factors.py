"""Somebody's app, as a test holds it: it makes the codes of any moment."""

from datetime import timedelta

import pyotp
import time_machine
from django.utils import timezone

from accounts.models import SecondFactor, Session, User
from accounts.operations import second_factor


class App:
    """The app on somebody's phone."""

    def __init__(self, factor: SecondFactor) -> None:
        self.secret = factor.secret
        self._totp = pyotp.TOTP(factor.secret)

    def code(self, ahead: int = 0) -> str:
        """Return the code of so many half minutes from now."""
        return self._totp.at(timezone.now() + timedelta(seconds=30 * ahead))


def begun(user: User) -> App:
    second_factor.begin(user=user)
    return App(SecondFactor.objects.get(user=user))


def set_up(user: User) -> tuple[App, list[str]]:
    """Turn a second factor on with a code of the half minute before, so that the one of now is good still."""
    app, here = begun(user), Session.objects.filter(user=user).first()
    with time_machine.travel(timezone.now(), tick=False):  # or the code might become too old on its way
        return app, second_factor.turn_on(user=user, code=app.code(-1), here=here.pk if here else None)
