"""Stopping a person from signing in, and letting them again.

Called by the desk. Who is stopped is signed out at once, on every device: a session opens for active people only. A
wish for another address ends, for whoever made it may not be the person; so does its change at the broker while nothing
can have arrived there (see details). What else is under way at the broker and at the banks goes on.
"""

import logging

from django.db import transaction

from accounts import states
from accounts.models import EmailChange, SignInChange, User
from accounts.operations import audit, sign_ins

log = logging.getLogger(__name__)


class NothingToChange(Exception):
    """It stands so already."""


def stop(*, about: User, because: str, person: User) -> None:
    """Let somebody sign in no more. Raises NothingToChange."""
    _change(about, because, person, allowed=False)


def allow(*, about: User, because: str, person: User) -> None:
    """Let somebody sign in again. Raises NothingToChange."""
    _change(about, because, person, allowed=True)


def _change(about: User, because: str, person: User, *, allowed: bool) -> None:
    with transaction.atomic(durable=True):
        if not User.objects.filter(pk=about.pk, is_active=not allowed).update(is_active=allowed):
            raise NothingToChange
        SignInChange.objects.create(person=about, allowed=allowed, by=person, because=because)
        if not allowed:
            _end_email_changes(about, actor=f"ops {person.pk}")
            sign_ins.end_all(user=about)  # or they would be good again once the person may sign in again
        deed = audit.Deed.SIGN_IN_ALLOWED if allowed else audit.Deed.SIGN_IN_STOPPED
        audit.record(deed, actor=f"ops {person.pk}", about=audit.subject(about))
    about.is_active = allowed
    log.info("user %s: sign-in %s by ops %s", about.pk, "allowed" if allowed else "stopped", person.pk)


def _end_email_changes(user: User, *, actor: str) -> None:
    standing = EmailChange.objects.filter(user=user, status__in=states.OPEN_EMAIL_CHANGE, details_change=None)
    for change in standing.select_for_update():
        to = states.CANCELED if change.status == states.ASKED else states.REFUSED
        change.move(to, actor=actor, because="the sign-in was stopped")
