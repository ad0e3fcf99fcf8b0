"""Giving people of ops their roles: each has one, and it says what they may do at the desk.

Called by the desk and, for the demo's people, by seed_demo. Nobody gives one to themselves.
"""

import logging

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
        locked = User.objects.select_for_update().get(pk=to.pk)
        if role and not is_for(locked):
            raise NotForThem
        before = role_of(locked)
        if before == role and locked.is_staff == bool(role):
            raise NothingToChange
        locked.groups.remove(*Group.objects.filter(name__in=list(ROLES)))
        locked.groups.add(*([Group.objects.get(name=role)] if role else []))
        locked.is_staff = bool(role)
        locked.save(update_fields=["is_staff"])
        RoleChange.objects.create(person=locked, before=before, after=role, by=person, because=because)
        about = audit.subject(locked)
        audit.record(audit.Deed.ROLE_GIVEN, actor=f"ops {person.pk}", about=about, before=before, after=role)
    to.is_staff = bool(role)
    log.info("user %s: role %s → %s by ops %s", to.pk, before or "none", role or "none", person.pk)
