"""Whatever happens to a customer's banks, and in whatever order: no money through a bad one, no key left behind.

HYPOTHESIS_PROFILE=long tries five thousand lives; otherwise some dozens are tried.
"""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.funding.bank_life import BankLife
from tests.funding.test_life import LONG, PLAIN
from tests.harness.sandbox import Sandbox


@pytest.mark.slow
@pytest.mark.django_db
def test_any_life_of_banks_is_safe_and_comes_to_an_end(sandbox: Sandbox) -> None:
    pace = settings(max_examples=5000 if LONG else 20, stateful_step_count=18, **PLAIN)

    run_state_machine_as_test(lambda: BankLife(sandbox), settings=pace)  # type: ignore[arg-type]  # calls it, no more
