"""Ada, who may move money, and two clocks that move together."""

from collections.abc import Iterator

import pytest

from tests.funding.standing import Clocks, Customer, open_customer, standing_still
from tests.harness.sandbox import Sandbox


@pytest.fixture
def clocks(sandbox: Sandbox) -> Iterator[Clocks]:
    """Stop our clock and the broker's; a test that asks for this asks for it before `ada`."""
    with standing_still(sandbox) as clocks:
        yield clocks


@pytest.fixture
def ada(sandbox: Sandbox, db: None) -> Customer:
    """Ada has an open account with $1,000.00 in it, and an approved bank."""
    return open_customer(sandbox, cash="1000.00")
