"""A vendor for each test, in the place of both."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.brokerage.gateways.vendor import Vendor


@pytest.fixture
def vendor(settings: Settings) -> Iterator[Vendor]:
    vendor = Vendor()
    settings.BROKER_BASE_URL = settings.PLAID_BASE_URL = vendor.url
    settings.BROKER_TOKEN_URL = f"{vendor.url}/v1/oauth2/token"
    yield vendor
    vendor.close()
