"""Which letters may be typed, and how they read in plain ASCII."""

import pytest

from accounts.rules import NotTaken, letters
from accounts.rules.letters import in_broker_letters, in_plain_letters, readable


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada  ", "Ada"),
        ("Mary   Ann", "Mary Ann"),
        ("Mary\u00a0Ann", "Mary Ann"),
        ("Mary\u3000Ann", "Mary Ann"),
        ("\tAda\n", "Ada"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("\u1112\u1161\u11ab", "한"),
        ("", ""),
    ],
)
def test_spaces_and_accents_are_put_in_order(typed: str, kept: str) -> None:
    assert readable(typed) == kept


@pytest.mark.parametrize("name", ["علی‌رضا", "അവന്‍", "ක්‍රිෂාන්", "র‍্যাচেল", "राज‍"])
def test_a_joiner_that_belongs_to_the_spelling_is_kept(name: str) -> None:
    assert readable(name) == name


@pytest.mark.parametrize(
    "name", ["A\u200dda", "Ada\u200c", "\u200dعلی", "علی \u200dرضا", "علی\u200c\u200cرضا", "1\u200d"]
)
def test_a_joiner_that_joins_nothing_is_refused(name: str) -> None:
    with pytest.raises(NotTaken, match="can’t be seen"):
        readable(name)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Thảo Nguyễn", "Thao Nguyen"),
        ("O’Brien", "O'Brien"),
        ("O`Brien", "O'Brien"),
        ("Kealiʻi", "Keali'i"),
        ("X Æ A-12", "X Ae A-12"),
        ("李小龍", "LiXiaoLong"),
        ("Straße 5", "Strasse 5"),
        ("12\u200a½ Main St", "12 1/2 Main St"),
        ("a\x00\n\tb", "a b"),
        ("\u0301", ""),
        ("", ""),
    ],
)
def test_text_is_sent_in_plain_letters(typed: str, sent: str) -> None:
    assert in_plain_letters(typed) == sent
    assert in_broker_letters(typed) == sent


@pytest.mark.parametrize(
    ("typed", "at_most", "sent"),
    [
        ("María de los Ángeles Fernández", 21, "Maria de los Angeles"),
        ("María de los Ángeles Fernández", 20, "Maria de los Angeles"),
        ("María de los Ángeles Fernández", 19, "Maria de los"),
        ("A Rakotoarisoanantenaina", 10, "A Rakotoar"),
        ("Rakotoarisoanantenaina", 10, "Rakotoaris"),
        ("ab cd", 1, "a"),
    ],
)
def test_a_long_text_is_cut_between_words_where_that_keeps_half(typed: str, at_most: int, sent: str) -> None:
    assert in_broker_letters(typed, at_most) == sent


@pytest.mark.parametrize("text", ["a", "李", "12 Ж"])
def test_letters_of_any_alphabet_are_letters(text: str) -> None:
    assert letters.has_letters(text) == text


@pytest.mark.parametrize("text", ["", "12", "'", "½"])
def test_signs_and_digits_are_no_letters(text: str) -> None:
    with pytest.raises(NotTaken):
        letters.has_letters(text)
