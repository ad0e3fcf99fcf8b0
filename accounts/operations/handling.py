"""What people of ops do about one person: write down what they found, say who sees to it, send what was left behind.

Called by the desk. Nothing here is ever shown to the person.
"""

import logging

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import states
from accounts.models import Application, Assignment, DeskNote, User
from accounts.operations import onboarding
from brokerage.status import note

log = logging.getLogger(__name__)

SENDABLE = frozenset({states.READY, states.UNKNOWN})


class NothingToSend(Exception):
    """The application does not wait to be sent or looked up."""


class SomeoneWasFaster(Exception):
    """Somebody else has been given, or has left, this person meanwhile."""


def write_note(*, about: User, text: str, person: User) -> DeskNote:
    """Keep a note of `person` about somebody."""
    return DeskNote.objects.create(person=about, text=text, by=person)


def standing_assignment(*, about: User) -> Assignment | None:
    """Return who sees to somebody now, and since when."""
    return about.assignments.filter(ended_at=None).select_related("to").first()


def assign(*, about: User, to: User, because: str, person: User) -> None:
    """Let `to` see to somebody from now on, instead of whoever did. Raises SomeoneWasFaster."""
    try:
        with transaction.atomic(durable=True):
            _end(about, person)
            Assignment.objects.create(person=about, to=to, by=person, because=because)
    except IntegrityError:
        raise SomeoneWasFaster from None


def release(*, about: User, person: User) -> None:
    """Let nobody see to somebody any more. Raises SomeoneWasFaster."""
    with transaction.atomic(durable=True):
        if not _end(about, person):
            raise SomeoneWasFaster


def _end(about: User, person: User) -> int:
    return about.assignments.filter(ended_at=None).update(ended_at=timezone.now(), ended_by=person)


def send_now(*, application: Application, because: str, person: User) -> None:
    """Look up an application whose outcome is unknown, and send one that waits; there is never a second account.

    It is sent by the same guarded move as the worker's: whoever comes second sends nothing. Raises NothingToSend.
    """
    application.refresh_from_db(fields=["status"])
    if application.status not in SENDABLE:
        raise NothingToSend
    actor = f"ops {person.pk}"
    with transaction.atomic(durable=True):
        note(application, field="sent by hand", before=application.status, actor=actor, because=because)
    log.info("application %s: looked up or sent by %s", application.pk, actor)
    if application.status == states.UNKNOWN:
        onboarding.look_up(application=application)
    if application.status == states.READY:
        onboarding.send(application=application, sender=actor)
    application.refresh_from_db()
