"""Plaid with one key that signs."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.funding.webhooks.plaid import Plaid, running_plaid
from tests.harness.plaid_signing import SigningKey


@pytest.fixture
def plaid(settings: Settings) -> Iterator[Plaid]:
    with running_plaid() as plaid:
        settings.PLAID_BASE_URL = plaid.url
        yield plaid


@pytest.fixture
def key(plaid: Plaid) -> SigningKey:
    return plaid.new_key()
