"""A vendor that says what a test wants, in the place of both."""

from tests.brokerage.gateways.conftest import vendor

__all__ = ["vendor"]
