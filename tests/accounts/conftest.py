"""A broker that says what a test wants, byte for byte."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.brokerage.gateways.vendor import Vendor


@pytest.fixture
def vendor(settings: Settings) -> Iterator[Vendor]:
    vendor = Vendor()
    settings.BROKER_BASE_URL = vendor.url
    yield vendor
    vendor.close()
