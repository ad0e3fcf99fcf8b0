"""What a name comes back as; the long lists are in real_people and bad_answers."""

import pytest

from accounts.rules import NotTaken
from accounts.rules.letters import in_broker_letters
from accounts.rules.names import LONGEST, name


def test_a_name_stays_in_its_own_letters() -> None:
    assert name("  Thảo   Nguyễn ") == "Thảo Nguyễn"


def test_a_name_may_have_a_hundred_letters() -> None:
    assert name("ễ" * LONGEST) == "ễ" * LONGEST
    with pytest.raises(NotTaken, match="at most 100"):
        name("a" * (LONGEST + 1))


def test_a_name_may_have_a_number_but_not_be_one() -> None:
    assert name("X Æ A-12") == "X Æ A-12"
    assert name("Eve 2026") == "Eve 2026"
    with pytest.raises(NotTaken, match="not a number"):
        name("Eve 20261")


def test_an_email_address_is_no_name_though_people_have_an_at_sign() -> None:
    assert name("Lim @ Lee") == "Lim @ Lee"
    assert name("Lim@Lee") == "Lim@Lee"
    with pytest.raises(NotTaken, match="not an e-mail"):
        name("lim@lee.example")


@pytest.mark.parametrize("nothing", ["", "  ", "\u00a0"])
def test_nothing_is_no_name(nothing: str) -> None:
    with pytest.raises(NotTaken, match="Enter a name"):
        name(nothing)


def test_the_longest_names_lose_whole_words_alone() -> None:
    sent = in_broker_letters(name("María de los Dolores Inmaculada Concepción de la Santísima Trinidad Fernández"))

    assert sent == "Maria de los Dolores Inmaculada Concepcion de la"
