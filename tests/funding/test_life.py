"""Whatever happens in a transfer's life, and in whatever order we hear of it, it ends as the broker's books say.

HYPOTHESIS_PROFILE=long tries for minutes what is tried for seconds otherwise.
"""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from brokerage.gateways.broker_answers import FundingEvent
from funding import states
from funding.models import Case, Freeze, Reversal, Transfer
from funding.operations import settlement
from tests import make
from tests.funding.life import Life, rolled_back
from tests.funding.standing import IN, OUT, event, read_anew
from tests.harness.sandbox import Sandbox

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
PLAIN: dict[str, Any] = {"derandomize": not LONG, "deadline": None, "suppress_health_check": list(HealthCheck)}


@pytest.mark.slow
@pytest.mark.django_db
def test_any_life_is_safe_and_comes_to_an_end(sandbox: Sandbox) -> None:
    pace = settings(max_examples=600 if LONG else 14, stateful_step_count=60 if LONG else 25, **PLAIN)

    run_state_machine_as_test(lambda: Life(sandbox), settings=pace)  # type: ignore[arg-type]  # calls it, no more


# --- The order of news ------------------------------------------------------------------------------------------------

ON_THE_WAY = [states.QUEUED, states.APPROVAL_PENDING, "PENDING", "APPROVED", states.SENT_TO_CLEARING, "TELEPORTED"]
ENDS = [
    [],
    [states.COMPLETE],
    [states.COMPLETE, states.RETURNED],
    [states.RETURNED],
    *[[end] for end in states.ENDED_UNFUNDED],
]
CODES = ["R01", "R03", "R10", "R14", "R17", "R85", "the bank gave no code"]


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[str, int, str]]:
    """Return what a broker may say of one transfer: statuses with the minute and, for a return, the bank's reason."""
    passed = draw(st.lists(st.sampled_from(ON_THE_WAY), unique=True, max_size=4))
    passed.sort(key=ON_THE_WAY.index)
    told = [states.QUEUED, *(each for each in passed if each != states.QUEUED), *draw(st.sampled_from(ENDS))]
    apart = draw(st.lists(st.integers(1, 3000), min_size=len(told), max_size=len(told)))
    reason = draw(st.sampled_from(CODES))
    minutes = [sum(apart[: number + 1]) for number in range(len(told))]
    return [(status, at, reason if status == states.RETURNED else "") for status, at in zip(told, minutes, strict=True)]


def news_of(transfer: Transfer, told: list[tuple[str, int, str]]) -> list[FundingEvent]:
    return [event(transfer, status, minutes=minutes, reason=reason) for status, minutes, reason in told]


def fresh(direction: str) -> Transfer:
    """Return a transfer that was accepted, and of which nothing has been heard since."""
    number = Transfer.objects.count()
    bank = make.relationship(make.account(make.user(f"{number}@example.com")))
    return make.transfer(bank, direction=direction)


def end_of(transfer: Transfer) -> dict[str, Any]:
    """Return all that must not depend on the order of the news, the customer's bank, cases and freezes included."""
    found = Transfer.objects.select_related("relationship").get(pk=transfer.pk)
    columns = ("status", "reason", "return_code", "settled_at", "ended_at", "news_at")
    bank = read_anew(found.relationship)
    return {name: getattr(found, name) for name in columns} | {
        "reversals": list(Reversal.objects.filter(transfer=found).values_list("amount", "return_code")),
        "bank": (bank.suspended_at is not None, bank.suspended_because, bank.suspended_deposits_only),
        "cases": sorted(Case.objects.filter(transfer=found).values_list("kind", "because")),
        "frozen": Freeze.objects.filter(brokerage_account=found.brokerage_account).count(),
    }


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=1500 if LONG else 60, **PLAIN)
@given(told=lives(), direction=st.sampled_from([IN, OUT]), data=st.data())
def test_the_same_news_comes_to_the_same_end_in_any_order(
    told: list[tuple[str, int, str]], direction: str, data: st.DataObject
) -> None:
    with rolled_back():
        plain, mixed = fresh(direction), fresh(direction)
        for each in news_of(plain, told):
            settlement.apply_event(each)

        said = news_of(mixed, told)
        again = data.draw(st.lists(st.sampled_from(said), max_size=4))
        for each in data.draw(st.permutations([*said, *again])):
            settlement.apply_event(each)

        assert end_of(mixed) == end_of(plain)


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=1500 if LONG else 60, **PLAIN)
@given(told=lives(), direction=st.sampled_from([IN, OUT]), data=st.data())
def test_lists_read_in_between_change_nothing_about_the_end(
    told: list[tuple[str, int, str]], direction: str, data: st.DataObject
) -> None:
    """A list says how a transfer is when it is read, without a time; the stream says it late and in any order."""
    with rolled_back():
        plain, mixed = fresh(direction), fresh(direction)
        for each in news_of(plain, told):
            settlement.apply_event(each)

        said = data.draw(st.permutations(news_of(mixed, told)))
        read_after = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=len(told))))
        for number, each in enumerate(said):
            for moment, (status, _, reason) in zip(read_after, told, strict=False):
                if moment == number:
                    settlement.apply(transfer=mixed, status=status, actor="reconciliation", reason=reason)
            settlement.apply_event(each)
        settlement.apply(transfer=mixed, status=told[-1][0], actor="reconciliation", reason=told[-1][2])

        timed = ("settled_at", "ended_at", "news_at")
        found, wanted = end_of(mixed), end_of(plain)
        assert {name: bool(found[name]) for name in timed} == {name: bool(wanted[name]) for name in timed}
        assert {name: found[name] for name in found if name not in timed} == {
            name: wanted[name] for name in wanted if name not in timed
        }
