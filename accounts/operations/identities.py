"""Whose sign-in at the provider it is: by issuer and subject alone, never by an e-mail address.

Called by accounts.oidc, once everything that came from the provider has been checked.
"""

import logging

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Identity, User
from accounts.operations import audit, notices, people
from accounts.wording.notices import CONNECTED

log = logging.getLogger(__name__)


class EmailUnproven(Exception):
    """Nobody has shown the provider that an address is theirs, so no user can be made."""


class HereBefore(Exception):
    """Somebody signs in here with this address already; they have to say that it is they (see `connect`)."""

    def __init__(self, user: User) -> None:
        super().__init__("the address is a user's")
        self.user = user


class Stopped(Exception):
    """This person may not sign in."""


def person_of(*, issuer: str, sub: str, email: str) -> User:
    """Return whose sign-in it is; for a new subject, a new user with this address, which the provider has confirmed.

    Raises Stopped, EmailUnproven (`email` is empty), HereBefore.
    """
    known = Identity.objects.filter(issuer=issuer, sub=sub).select_related("user").first()
    user = known.user if known else _new(issuer=issuer, sub=sub, email=email)
    return _allowed(user)


def is_of(user: User, *, issuer: str, sub: str) -> bool:
    """Say whether a subject is known to be this user."""
    return Identity.objects.filter(issuer=issuer, sub=sub, user_id=user.pk).exists()


def _new(*, issuer: str, sub: str, email: str) -> User:
    if not email:
        raise EmailUnproven
    try:
        with transaction.atomic(durable=True):
            user = people.bring_in(email=email)
            Identity.objects.create(user=user, issuer=issuer, sub=sub)
            audit.record(audit.Deed.SIGNED_UP, actor="the sign-in provider", about=audit.subject(user))
    except (IntegrityError, people.EmailTaken):
        return _there_already(issuer=issuer, sub=sub, email=email)
    log.info("user %s: made at their first sign-in by the provider", user.pk)
    return user


def _there_already(*, issuer: str, sub: str, email: str) -> User:
    """Return the user that another request has just made for this subject. Raises HereBefore, EmailUnproven."""
    known = Identity.objects.filter(issuer=issuer, sub=sub).select_related("user").first()
    if known:
        return known.user
    holder = User.objects.filter(email=User.objects.normalize_email(email)).first()
    if holder is None:  # somebody is just about to change to this address
        raise EmailUnproven
    raise HereBefore(_allowed(holder))


def connect(*, user: User, issuer: str, sub: str) -> User:
    """Let somebody who was here before, and has just shown so, sign in by the provider from now on.

    Raises Stopped.
    """
    _allowed(user)
    with transaction.atomic(durable=True):
        identity, is_new = Identity.objects.get_or_create(
            issuer=issuer, sub=sub, defaults={"user": user, "was_connected": True}
        )
        if is_new:
            _tell(identity)
            audit.record(audit.Deed.CONNECTED, actor=audit.name_of(user), about=audit.subject(user))
    if is_new:
        log.info("user %s: connected to the provider", user.pk)
    return _allowed(identity.user)


def _tell(identity: Identity) -> None:
    """Tell the person, since whoever has their password can do this."""
    notices.tell(
        user=identity.user,
        key=f"identity {identity.pk}",
        kind="SIGN_IN_CONNECTED",
        title=CONNECTED.title,
        body=CONNECTED.body,
        path=reverse("settings"),
    )


def _allowed(user: User) -> User:
    if not user.is_active:
        raise Stopped
    return user
