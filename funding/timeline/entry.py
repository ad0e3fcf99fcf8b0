"""One step of a transfer's story, and who took it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Model

YOU, WE, BROKER, BANK, PERSON = "You", "We", "The broker", "Your bank", "A person of ours"
_WHO = {"customer": YOU, "ops": PERSON, "broker": BROKER}


@dataclass(frozen=True)
class Entry:
    """When it happened (`at`) or is expected (`on`), who did it, and whether it is the present step or to come.

    `records` are the rows that it stands on; `facts`, for ops alone, what those rows say.
    """

    icon: str
    title: str
    at: datetime | None = None
    on: date | None = None
    actor: str = ""
    text: str = ""
    tone: str = ""
    current: bool = False
    todo: bool = False
    records: tuple[Model, ...] = ()
    facts: list[tuple[str, str]] = field(default_factory=list)


def who(actor: str) -> str:
    """Return whom a history row's actor ("customer 6f1c…", "ops 90ae…", "broker", "worker") is to the customer."""
    return _WHO.get(actor.partition(" ")[0], WE)
