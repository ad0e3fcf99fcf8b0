"""Whatever is typed: a rule answers or says no in a sentence, and never anything else."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.rules import NotTaken, addresses, countries, days, letters, names, phones
from tests.accounts.rules.bad_answers import TYPED, Rule
from tests.accounts.rules.real_people import ABROAD, AT_HOME, NAMES, PHONES

REAL = [*NAMES, *PHONES, *(part for home in (*AT_HOME, *ABROAD) for part in home)]
# Any letters at all, lone surrogates included; and what people type, joined and cut in odd places.
ANYTHING = st.one_of(
    st.text(),
    st.text(st.characters(codec="ascii"), max_size=40),
    st.text(st.characters(categories=["Cs", "Cf", "Cc", "Co", "Cn", "Mn", "So", "Zs"]), max_size=10),
    st.lists(st.sampled_from(REAL), max_size=4).map("".join),
    st.tuples(st.sampled_from(REAL), st.integers(0, 40)).map(lambda cut: cut[0][cut[1] :]),
    st.from_regex(r"[0-9 .+()-]{0,20}", fullmatch=True),
)
# A rule may read its tables at the first call, on a busy machine.
in_its_time = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
RULES = {kind: rule for kind, (rule, _) in TYPED.items() if kind != "zip_in_state"}


def answered(rule: Rule, text: str) -> str | None:
    """Return what the rule takes, or None when it says no; all else is a defect."""
    try:
        return rule(text)
    except NotTaken:
        return None


@pytest.mark.parametrize("kind", RULES)
@in_its_time
@given(text=ANYTHING)
@example(text="\ud800")
@example(text="\x00" * 300)
def test_a_rule_answers_or_says_no(kind: str, text: str) -> None:
    answered(RULES[kind], text)


@pytest.mark.parametrize("kind", [kind for kind in RULES if not kind.startswith("postal_code")])
@in_its_time
@given(text=ANYTHING)
def test_what_a_rule_took_it_takes_again(kind: str, text: str) -> None:
    taken = answered(RULES[kind], text)

    if taken is not None:
        assert answered(RULES[kind], taken) == taken


@pytest.mark.parametrize(
    ("rule", "shortest", "longest"),
    [
        (names.name, 1, 50),
        (addresses.street, 2, addresses.LONGEST_STREET_SENT),
        (addresses.city, 2, 50),
        (addresses.unit, 0, 20),
        (addresses.state_abroad, 0, 50),
    ],
)
@in_its_time
@given(text=ANYTHING)
def test_what_is_taken_is_sent_in_the_brokers_letters(rule: Rule, shortest: int, longest: int, text: str) -> None:
    taken = answered(rule, text)

    if taken is not None:
        sent = letters.in_broker_letters(taken, longest)
        assert shortest <= len(sent) <= longest
        assert all(" " <= letter <= "~" for letter in sent)
        assert sent == sent.strip()
        assert "  " not in sent


@in_its_time
@given(text=ANYTHING, at_most=st.integers(1, 120))
def test_any_text_becomes_plain_letters_that_fit(text: str, at_most: int) -> None:
    sent = letters.in_broker_letters(text, at_most)

    assert len(sent) <= at_most
    assert all(" " <= letter <= "~" for letter in sent)
    assert sent == sent.strip()


@pytest.mark.parametrize("rule", [days.birth, days.visa_end, days.departure])
@in_its_time
@given(day=st.dates(), today=st.dates())
def test_any_day_is_taken_or_refused(rule: Callable[[date, date], str], day: date, today: date) -> None:
    taken = answered(lambda text: rule(date.fromisoformat(text), today), day.isoformat())

    assert taken in (None, day.isoformat())


@in_its_time
@given(zip_code=ANYTHING, state=ANYTHING)
def test_any_zip_code_and_state_are_compared(zip_code: str, state: str) -> None:
    answered(lambda text: addresses.zip_in_state(text, state), zip_code)


@in_its_time
@given(text=ANYTHING, region=st.sampled_from(["US", "GB", "IN", "", "XX", "usa"]))
def test_a_phone_may_be_of_any_region(text: str, region: str) -> None:
    answered(lambda typed: phones.phone(typed, region), text)


@in_its_time
@given(text=ANYTHING)
def test_any_text_can_be_shown_as_a_phone_or_a_country(text: str) -> None:
    assert isinstance(phones.national(text), str)
    assert isinstance(countries.name_of(text), str)


@in_its_time
@given(text=ANYTHING, country=st.sampled_from(["USA", "GBR", "", "???"]))
def test_a_postal_code_of_any_country_fits(text: str, country: str) -> None:
    taken = answered(lambda typed: addresses.postal_code(typed, country), text)

    assert taken is None or len(taken) <= 12
