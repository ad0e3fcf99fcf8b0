"""What a bank asks besides the password, round by round; the password says what. Used by Link's frame.

`mfa_device`, `mfa_questions_<rounds>_<each>`, `mfa_selections`: https://plaid.com/docs/sandbox/test-credentials/
"""

import re
from dataclasses import dataclass
from typing import Any

from brokerage.sandbox.plaid.refusal import PlaidRefusal

CODE = "1234"
DEVICES = ("Text message to ***-***-0123", "E-mail to a***@example.com")


@dataclass(frozen=True)
class Challenge:
    """One round: its prompts, what may be chosen (nothing: the answer is typed), and the answers that are right.

    `kind` is Plaid's: device, code, questions or selections. An answer of None takes any of the choices.
    """

    kind: str
    prompts: tuple[str, ...]
    choices: tuple[tuple[str, ...], ...]
    answers: tuple[str | None, ...]

    def check(self, given: list[str]) -> None:
        """Raises PlaidRefusal INVALID_MFA."""
        if len(given) != len(self.answers):
            raise _wrong()
        for answer, wanted, choices in zip(given, self.answers, self.choices, strict=True):
            if answer != wanted and not (wanted is None and answer in choices):
                raise _wrong()

    def shown(self) -> dict[str, Any]:
        prompts = zip(self.prompts, self.choices, strict=True)
        return {"kind": self.kind, "prompts": [{"text": text, "choices": list(some)} for text, some in prompts]}


_CODE_ROUND = Challenge("code", ("Enter the code we sent you",), ((),), (CODE,))
_DEVICE_ROUND = Challenge("device", ("Where should we send the code?",), (DEVICES,), (None,))


def after_password(password: str) -> tuple[Challenge, ...]:
    """The rounds that a password leads to; none for one that suffices. Raises PlaidRefusal for no such password."""
    if password == "mfa_device":
        return (_DEVICE_ROUND, _CODE_ROUND)
    if password == "mfa_selections":
        return (_selections(0, 1),)
    if asked := re.fullmatch(r"mfa_questions_([1-9])_([1-9])", password):
        return tuple(_questions(turn, int(asked[2])) for turn in range(int(asked[1])))
    return ()


def of_story(mfa: dict[str, Any]) -> tuple[Challenge, ...]:
    """The rounds that a custom customer's `mfa` asks for."""
    kind = mfa.get("type")
    if kind == "device":
        return (_DEVICE_ROUND, _CODE_ROUND)
    if kind == "questions":
        turns, each = int(mfa.get("question_rounds", 1)), int(mfa.get("questions_per_round", 1))
        return tuple(_questions(turn, each) for turn in range(turns))
    if kind == "selections":
        turns, each = int(mfa.get("selection_rounds", 1)), int(mfa.get("selections_per_question", 1))
        return tuple(_selections(turn, each) for turn in range(turns))
    return ()


def _questions(turn: int, each: int) -> Challenge:
    places = range(each)
    prompts = tuple(f"You say tomato, I say...? ({turn}, {place})" for place in places)
    return Challenge("questions", prompts, ((),) * each, tuple(f"answer_{turn}_{place}" for place in places))


def _selections(turn: int, each: int) -> Challenge:
    prompts = tuple(f"Is this your account? ({turn}, {place})" for place in range(each))
    return Challenge("selections", prompts, (("Yes", "No"),) * each, ("Yes",) * each)


def _wrong() -> PlaidRefusal:
    return PlaidRefusal("INVALID_MFA", "the provided answers were not correct")
