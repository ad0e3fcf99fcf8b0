"""The broker's words, stored as they came wherever a database can."""

import math

from hypothesis import given
from hypothesis import strategies as st

from funding import verbatim

PLAIN = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
)


@given(PLAIN, st.integers(0, 60))
def test_plain_words_are_kept(words: str, length: int) -> None:
    assert verbatim.text(words, length) == words[:length]


@given(st.text(st.characters()))
def test_any_words_can_be_stored(words: str) -> None:
    kept = verbatim.text(words, 10)

    assert "\0" not in kept
    assert len(kept) <= 10
    assert kept.encode().decode() == kept


@given(st.dictionaries(PLAIN, PLAIN | st.integers() | st.booleans() | st.none() | st.lists(PLAIN)))
def test_a_plain_answer_is_kept(answer: dict[str, object]) -> None:
    assert verbatim.document(answer) == answer


@given(st.dictionaries(st.text(), ANY_JSON, max_size=4))
def test_any_answer_can_be_stored(answer: dict[str, object]) -> None:
    assert "\0" not in repr(verbatim.document(answer)).replace("\\x00", "\0")


def test_a_number_that_is_none_becomes_text() -> None:
    assert verbatim.document({"fee": math.nan, "most": -math.inf}) == {"fee": "NaN", "most": "-Infinity"}


def test_a_backslash_before_a_nul_stays() -> None:
    assert verbatim.document({"path": "C:\\u0000", "nul": "\\\x00"}) == {"path": "C:\\u0000", "nul": "\\"}
