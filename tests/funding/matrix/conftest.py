"""Somebody who is about to link a bank."""

import pytest
from pytest_django import Settings

from tests.funding.matrix.banks import Someone, someone
from tests.funding.standing import Clocks
from tests.harness.sandbox import Sandbox


@pytest.fixture
def newcomer(clocks: Clocks, sandbox: Sandbox, settings: Settings, db: None) -> Someone:
    """Somebody with an open account and no bank."""
    settings.PLAID_WEBHOOK_URL = ""  # nobody listens there
    return someone(sandbox, clocks, settings)
