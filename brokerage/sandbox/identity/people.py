"""Who can be chosen: the demo's people, whose addresses seed_demo uses as well, and anybody else by an address."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    email: str
    words: str
    groups: tuple[str, ...] = ()

    @property
    def sub(self) -> str:
        """The same for the same address, whenever the books are begun anew."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{self.email}"))


PEOPLE = (
    Person("noor@example.com", "somebody new: no account yet"),
    Person("maya@example.com", "a customer of some weeks"),
    Person("grace@example.com", "a customer whose account has just been opened"),
    Person("ops@example.com", "operations: may do everything", ("desk-admin",)),
    Person("ops2@example.com", "operations: compliance", ("desk-compliance",)),
    Person("ops3@example.com", "operations: acts on transfers and banks", ("desk-operator",)),
    Person("ops4@example.com", "operations: reads, and no more", ("desk-viewer",)),
)
BY_EMAIL = {person.email: person for person in PEOPLE}


def find(email: str) -> Person:
    """Somebody of the list, or anybody at all; in no group then."""
    email = email.strip().lower()
    return BY_EMAIL.get(email, Person(email, "somebody"))
