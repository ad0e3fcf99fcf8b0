"""The shapes of what is said: a status in words, and a thing that needs the customer's attention."""

from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings

from accounts.models import Application


@dataclass(frozen=True)
class Words:
    """A tone (ok, busy, warn, danger, unknown or empty), an icon, a word, a headline and a sentence.

    `live` says that it may change by itself soon, `write` that the way on is to write to us.
    """

    tone: str
    icon: str
    word: str
    headline: str
    sentence: str
    live: bool = False
    write: bool = False


@dataclass(frozen=True)
class Item:
    """What needs attention, in plain words, and where to go from here."""

    title: str
    text: str
    url: str
    action: str
    tone: str = "warn"
    icon: str = "alert"


def write_to_us(application: Application) -> str:
    """Return the link that writes to us with the reference of an application in the subject."""
    return f"mailto:{settings.SUPPORT_EMAIL}?subject={quote(f'My application {application.short_reference}')}"
