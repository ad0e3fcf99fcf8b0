"""What people are told when something becomes of their second factor.

Called by operations.second_factor.
"""

from dataclasses import dataclass

from accounts.models import SecondFactorChange

What = SecondFactorChange.What
NOT_YOU = "\nIf that was not you, change your password and write to us at once."


@dataclass(frozen=True)
class Message:
    title: str
    body: str


TRIED = Message(
    "Somebody tries codes of your second factor",
    "So many that we take no more for now. Whoever does that may have your password.\n"
    "If that is not you, change your password and write to us at once.",
)
MESSAGES = {
    What.ON: Message(
        "Your second factor is on",
        f"From now on a sign-in asks for a code of your app besides your password.{NOT_YOU}",
    ),
    What.OFF: Message(
        "Your second factor is off",
        f"From now on a sign-in asks for your password alone.{NOT_YOU}",
    ),
    What.REMOVED: Message(
        "We have removed your second factor",
        "From now on a sign-in asks for your password alone. Set a new one up in your settings.\n"
        "If you did not ask us for this, change your password and write to us at once.",
    ),
    What.NEW_CODES: Message(
        "You have new recovery codes",
        f"Those of before are not good any more.{NOT_YOU}",
    ),
    What.CODE_USED: Message(
        "A recovery code was used",
        f"Somebody signed in with one of your recovery codes in place of your app. Each is good once.{NOT_YOU}",
    ),
}
