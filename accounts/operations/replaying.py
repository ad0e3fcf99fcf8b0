"""What a person of ops does about news that was kept: have it acted on again, or say that nothing of it is missing.

Called by admin. Acting twice is harmless: what an event changed bears its id, and older news overwrites nothing.
"""

import logging

from accounts.models import StreamEvent, User
from accounts.models.streams import FOR_A_PERSON, RECEIVED, SET_ASIDE
from brokerage.encryption import CannotDecrypt
from brokerage.status import IllegalMove, LostRace

log = logging.getLogger(__name__)


class NotKept(Exception):
    """What the event said was dropped, since it is old, or cannot be opened."""


class SomeoneWasFaster(Exception):
    """The event does not stand where it did; read it again."""


def replay(*, event: StreamEvent, because: str, person: User) -> None:
    """Have a kept event acted on once more, with tries anew; a worker does so within seconds.

    Raises NotKept, SomeoneWasFaster.
    """
    if not is_kept(event):
        raise NotKept
    _move(event, RECEIVED, because=because, person=person, tries=0, why="")


def is_kept(event: StreamEvent) -> bool:
    """Say whether what an event said is kept, and our keys open it."""
    try:
        return bool(event.body)
    except CannotDecrypt:
        return False


def set_aside(*, event: StreamEvent, because: str, person: User) -> None:
    """Say that a person has looked into an event, and that nothing of it is missing. Raises SomeoneWasFaster."""
    if event.state not in FOR_A_PERSON:
        raise SomeoneWasFaster
    _move(event, SET_ASIDE, because=because, person=person)


def _move(event: StreamEvent, to: str, *, because: str, person: User, **also: object) -> None:
    before = event.state
    try:
        event.move_state(to, actor=f"ops {person.pk}", because=because, **also)
    except (IllegalMove, LostRace):
        raise SomeoneWasFaster from None
    log.info("event %s of %s: %s → %s by a person", event.event_id, event.stream, before, to)
