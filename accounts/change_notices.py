"""What a customer is told of a change of their details; neither the old values nor the new ones are ever named.

Called by operations.taking_over, once; the words are kept as they were then.
"""

from dataclasses import dataclass

from accounts import change_refusals
from accounts.models import DetailsChange

Kind = DetailsChange.Kind

NAMES = {
    Kind.CONTACT: "contact details",
    Kind.WORK: "details about work",
    Kind.TRUSTED_CONTACT: "trusted contact",
    Kind.DISCLOSURES: "disclosures",
}
_PLURAL = {Kind.CONTACT, Kind.WORK, Kind.DISCLOSURES}
_NOT_YOU = "If you did not ask for this, write to us at once."


@dataclass(frozen=True)
class Message:
    title: str
    body: str


def accepted(change: DetailsChange) -> Message:
    """Return what is told of a change that went through; of a review that comes of it the account tells."""
    return Message(title_of(change), f"The broker has the new ones.\n{_NOT_YOU}")


def title_of(change: DetailsChange) -> str:
    """Return the headline of a change that went through."""
    return f"Your {_is(change)} changed"


def refused(change: DetailsChange) -> Message:
    if change.is_unsure:
        return _unsure(change, "The broker said no when we sent the change again.")
    _, why = change_refusals.of(change)
    return Message(f"Your {_is(change)} not changed", f"The broker said no, and all is as before. {why}")


def dropped(change: DetailsChange) -> Message:
    takes_none = "Your account takes no changes at the moment"
    if change.is_unsure:
        return _unsure(change, f"{takes_none}, so we did not send the change again.")
    none = "so we did not send it again; the broker does not have it" if change.may_be_there else "so it was not sent"
    return Message(f"Your {_is(change)} not changed", f"{takes_none}, {none}, and all is as before.")


def _unsure(change: DetailsChange, what_came: str) -> Message:
    text = "The broker can’t tell us whether it took it the first time. Write to us, please, and we find out."
    return Message(f"We are not sure that your {_is(change)} changed", f"{what_came} {text}")


def _is(change: DetailsChange) -> str:
    kind = Kind(change.kind)
    return f"{NAMES[kind]} {'are' if kind in _PLURAL else 'is'}"


EMAIL_CHANGED = Message(
    "Your e-mail address is changed",
    f"From now on you sign in with the new one, and our e-mails go there. Everybody was signed out. {_NOT_YOU}",
)
EMAIL_REFUSED = Message(
    "Your e-mail address is not changed",
    "The new one can’t be used for your account, so all is as before. Use another one, or write to us.",
)
