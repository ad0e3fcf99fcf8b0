"""Giving people of ops their roles: each has one, and it says what they may do at the desk.

Called by the desk, and by accounts.oidc where the sign-in provider's groups say who has which. Nobody gives one to
themselves.
"""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import RoleChange, User
from accounts.operations import audit
from brokerage.roles import ROLES

log = logging.getLogger(__name__)


class SamePerson(Exception):
    """Somebody wants another role for themselves."""


class NotForThem(Exception):
    """A customer, or a superuser, has no role."""


class NothingToChange(Exception):
    """They have this role already."""


def role_of(person: User) -> str:
    """Return the role of somebody; nothing where they have none."""
    return next((name for name in person.groups.values_list("name", flat=True) if name in ROLES), "")


def is_for(person: User) -> bool:
    """Say whether somebody may have a role: customers stay customers, and superusers need none."""
    return not hasattr(person, "application") and not person.is_superuser


def give(*, to: User, role: str, because: str, person: User) -> None:
    """Give somebody this role, and the desk with it, instead of the one they have; with an empty one they leave ops.

    Raises SamePerson, NotForThem, NothingToChange.
    """
    if to == person:
        raise SamePerson
    with transaction.atomic(durable=True):
        locked = User.objects.select_for_update(no_key=True).get(pk=to.pk)
        if role and not is_for(locked):
            raise NotForThem
        if role_of(locked) == role and locked.is_staff == bool(role):
            raise NothingToChange
        _change(locked, role=role, by=person, because=because)
    to.is_staff = bool(role)


def follow_provider(*, person: User, groups: Sequence[str]) -> None:
    """Let somebody have the role that their groups at the sign-in provider mean, and no other.

    Without a map of groups nothing changes. Customers and superusers are passed over: neither has a role.
    """
    if not settings.OIDC_ROLES:
        return
    role = next((role for group, role in settings.OIDC_ROLES.items() if group in groups), "")
    with transaction.atomic(durable=True):
        locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not is_for(locked):
            if role:
                log.warning("user %s: the provider's groups mean %s, which is not for them", person.pk, role)
            return
        if role_of(locked) != role or locked.is_staff != bool(role):
            _change(locked, role=role, by=None, because="by the groups at the sign-in provider")
    person.is_staff = bool(role)


def _change(locked: User, *, role: str, by: User | None, because: str) -> None:
    before = role_of(locked)
    locked.groups.remove(*Group.objects.filter(name__in=list(ROLES)))
    locked.groups.add(*([Group.objects.get(name=role)] if role else []))
    locked.is_staff = bool(role)
    locked.save(update_fields=["is_staff"])
    RoleChange.objects.create(person=locked, before=before, after=role, by=by, because=because)
    whom = f"ops {by.pk}" if by else "the sign-in provider"
    audit.record(audit.Deed.ROLE_GIVEN, actor=whom, about=audit.subject(locked), before=before, after=role)
    log.info("user %s: role %s → %s by %s", locked.pk, before or "none", role or "none", whom)
