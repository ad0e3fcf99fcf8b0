"""Whatever happens to a customer's banks, and in whatever order: no money through a bad one, no key left behind.

BANK_LIVES says how many lives are tried (`make bank-lives`: five thousand), BANK_SEED with which one to begin.
"""

import os

import pytest

from tests.funding.bank_life import BankLife
from tests.harness.sandbox import Sandbox

LIVES, FIRST = int(os.environ.get("BANK_LIVES", "60")), int(os.environ.get("BANK_SEED", "0"))
TOGETHER = 20


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("first", range(FIRST, FIRST + LIVES, TOGETHER))
def test_any_life_of_banks_is_safe_and_comes_to_an_end(sandbox: Sandbox, first: int) -> None:
    for seed in range(first, min(first + TOGETHER, FIRST + LIVES)):
        life = BankLife(sandbox, seed)

        try:
            life.live(steps=25)
        except Exception as wrong:
            raise AssertionError(f"life {seed}: {' → '.join(life.steps)}") from wrong
