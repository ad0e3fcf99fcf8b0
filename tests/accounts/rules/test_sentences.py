"""Every refusal is a sentence that is easy to read, says what to do, and keeps what was typed to itself."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.rules import NotTaken
from tests.accounts.rules.bad_answers import bad_answers
from tests.accounts.rules.sentences import grade, syllables

RULES = Path(__file__).resolve().parents[3] / "accounts" / "rules"
HARDEST_GRADE = 8
BAD_ANSWERS = bad_answers()
TELLS_WHAT_TO_DO = re.compile(r"\b(Enter|Check|Use|Choose|Change|Leave out|Type|Shorten|must be)\b")
EXAMPLE = "(201) 555-0143"  # the number in the sentence itself
SECRET = ("social_security", "individual_taxpayer", "foreign", "phone", "name")


def refusal(answer: Callable[[], str]) -> str:
    with pytest.raises(NotTaken) as refused:
        answer()
    assert str(refused.value) == refused.value.message
    return refused.value.message


@pytest.mark.parametrize(("kind", "answer", "typed"), BAD_ANSWERS)
def test_a_bad_answer_is_refused_with_a_sentence(kind: str, answer: Callable[[], str], typed: str) -> None:
    message = refusal(answer)

    assert message[0].isupper()
    assert message.endswith(".")
    if kind in SECRET and len(typed) > 4 and typed not in EXAMPLE:
        assert typed not in message


def said() -> set[str]:
    return {refusal(answer) for _, answer, _ in BAD_ANSWERS}


def test_every_sentence_is_easy_to_read_and_says_what_to_do() -> None:
    for message in said():
        assert grade(message) <= HARDEST_GRADE, message
        assert not re.search("invalid|illegal|error|fail", message, re.I), message
        assert TELLS_WHAT_TO_DO.search(message), message


def test_the_bad_answers_hear_every_sentence_that_the_rules_can_say() -> None:
    heard = said()
    lines = [text for path in RULES.glob("*.py") for text in _sentences_of(path)]

    assert len(lines) > 25
    for pattern in lines:
        assert any(re.fullmatch(pattern, message) for message in heard), f"nothing is refused with: {pattern}"


def _sentences_of(path: Path) -> list[str]:
    """Return the literal sentences of a module as patterns, with anything where a value stands."""
    tree = ast.parse(path.read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    raised = [each.args[-1] for each in calls if ast.unparse(each.func) in ("NotTaken", "_nine_digits") and each.args]
    return [_as_pattern(argument) for argument in raised if isinstance(argument, ast.Constant | ast.JoinedStr)]


def _as_pattern(argument: ast.Constant | ast.JoinedStr) -> str:
    parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
    return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in parts)


def test_a_zip_code_in_another_state_names_the_state() -> None:
    messages = [refusal(answer) for kind, answer, typed in BAD_ANSWERS if typed == "90210 NJ"]

    assert messages == ["This ZIP code is not in New Jersey. Change one of them."]


@pytest.mark.parametrize(("word", "count"), [("name", 1), ("apple", 2), ("address", 2), ("PO", 2), ("directly", 3)])
def test_syllables_are_counted(word: str, count: int) -> None:
    assert syllables(word) == count


def test_a_hard_sentence_has_a_high_grade() -> None:
    assert grade("Authorization of the aforementioned identification necessitates supplementary documentation.") > 20
    assert grade("Enter your name.") < 3
