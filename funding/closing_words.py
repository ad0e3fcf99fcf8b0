"""What a customer reads about the closing of their account, once it is asked for.

Called by operations.closing for what is told once, and by the page for the rest.
"""

from dataclasses import dataclass

from funding import states
from funding.models import Closing


@dataclass(frozen=True)
class Message:
    kind: str
    title: str
    body: str


REFUSED = Message(
    "REFUSED",
    "Your brokerage account is not closed",
    "The broker did not close it, and all is as before. The page says what may be left to do.",
)


@dataclass(frozen=True)
class Words:
    """How a closing stands: a tone, an icon, a word, a headline and a sentence."""

    tone: str
    icon: str
    word: str
    headline: str
    sentence: str


_BY_STATUS = {
    states.RESERVED: Words(
        "busy",
        "clock",
        "Waiting",
        "We are closing your account",
        "The broker can’t be reached right now. We ask as soon as it can be; until then you can call it off.",
    ),
    states.SENDING: Words("busy", "clock", "Being sent", "We are closing your account", "It usually takes seconds."),
    states.UNKNOWN: Words(
        "unknown",
        "unknown",
        "Confirming",
        "We are closing your account",
        "We are confirming this with the broker. You don’t need to do anything.",
    ),
    states.REFUSED: Words(
        "danger",
        "stop",
        "Not closed",
        "The broker did not close your account",
        "All is as before. See below what is left to do, and ask again, or write to us.",
    ),
}


def of(closing: Closing | None) -> Words | None:
    """Return how a closing stands, while that is worth saying."""
    if closing is None:
        return None
    in_doubt = closing.status == states.RESERVED and closing.may_be_there
    return _BY_STATUS.get(states.UNKNOWN if in_doubt else closing.status)
