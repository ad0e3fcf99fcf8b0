"""Which passwords are taken and which are not, each refusal with a sentence that says what to do."""

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from pytest_django import Settings

from accounts import passwords
from accounts.models import User
from tests import make

ADA = User(email="ada.okafor_1991@hudson-clinic.example")


def refusals(password: str, user: User = ADA) -> set[str]:
    """Return the codes of the rules that refuse a password."""
    try:
        validate_password(password, user)
    except ValidationError as no:
        return {str(each.code) for each in no.error_list}
    return set()


GOOD = [
    make.PASSWORD,
    "follow-one-dollar",
    "another one altogether",
    "twelve chars",
    "tarnished 1991 gooseberry",
    "ada keeps a blue heron",  # a name is welcome, as long as enough is left
    "Northfield is where I learned to swim",
    "83f4-19ac-77be",
    "Nguyễn sống bên bờ biển",
    "Прощай, немытая Россия",
    "我的狗喜欢在海边散步和睡觉",
    "🐢🦊🐙🌵🍋🎈🚲🛶🧭🪁🎻🧩",
    "   spaces at both ends   ",
    "x7$Kq!z9Lw2#",
    "c" + "orrect horse battery staple " * 4,
]


@pytest.mark.parametrize("password", GOOD)
def test_a_good_one_is_taken(password: str) -> None:
    assert refusals(password) == set()


BAD = {
    "too_short": ["", "short", "elevenchars", "ﷺ"[:1], "e\u0301" * 11],
    "too_long": ["correct horse battery staple " * 5, "ﷺ tulip harbor tram " * 4],
    "about_you": [
        "ada.okafor_1991@hudson-clinic.example",
        "AdaOkafor1991!",
        "okaforokafor",
        "Hudson-Clinic1",
        "Northfield2026!",
        "northfieldnorthfield",
        "ＮＯＲＴＨＦＩＥＬＤ１２３",
    ],
    "row": [
        "aaaaaaaaaaaa",
        "abababababab",
        "123123123123",
        "passpasspass",
        "123456789012",
        "qwertyuiopasdf",
        "qwerty123456",
        "1q2w3e4r5t6y7u",
        "1qaz2wsx3edc",
        "abcdefghijklmnop",
        "zyxwvutsrqponm",
        "poiuytrewq098",
        "!@#$%^&*()123",
    ],
    "common": [
        "password1234",
        "Password2026!",
        "p@ssw0rd!2026",
        "!!sunshine1999!!",
        "iloveyou-2024",
        "motherfucker",
        "2024administrator",
        "FootBall123456",
    ],
}


@pytest.mark.parametrize(("code", "password"), [(code, each) for code, several in BAD.items() for each in several])
def test_a_bad_one_is_refused_for_what_is_bad_about_it(code: str, password: str) -> None:
    assert code in refusals(password)


def test_letters_are_counted_as_they_are_read_and_not_as_they_come() -> None:
    assert "too_short" not in refusals("e\u0301tude du soir")
    assert refusals("Nguye\u0302\u0303n lives by the sea") == set()


@pytest.mark.parametrize("code", BAD)
def test_a_refusal_says_what_to_do_and_never_repeats_the_password(code: str) -> None:
    for password in BAD[code]:
        with pytest.raises(ValidationError) as no:
            validate_password(password, ADA)
        for sentence in no.value.messages:
            assert sentence.endswith(".")
            assert len(password) < 4 or password not in sentence


def test_no_user_and_no_address_are_no_reason_to_fail() -> None:
    validate_password(make.PASSWORD)
    validate_password(make.PASSWORD, User())


def test_each_rule_can_be_told_beforehand() -> None:
    assert len(password_validators_help_texts()) == 5


def test_the_longest_is_long_enough_for_a_sentence_and_short_enough_to_hash() -> None:
    assert (passwords.SHORTEST, passwords.LONGEST, passwords.LONGEST_TYPED) == (12, 128, 512)


# --- The list of stolen ones ------------------------------------------------------------------------------------------


def test_without_a_list_none_is_asked(settings: Settings) -> None:
    settings.BREACHED_PASSWORDS_FILE = ""

    assert refusals("stolen in nineteen") == set()
