"""Email addresses at the broker's two lengths."""

import pytest

from accounts.rules import NotTaken
from accounts.rules.emails import email_for_broker


def test_an_address_comes_back_as_it_is() -> None:
    assert email_for_broker(" Ada+broker@example.com ") == "Ada+broker@example.com"


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        (f"{'a' * 48}@example.com", True),
        (f"{'a' * 49}@example.com", False),
        (f"ada+{'b' * 84}@example.com", True),
        (f"ada+{'b' * 85}@example.com", False),
    ],
)
def test_an_address_fits_the_brokers_field(address: str, taken: bool) -> None:
    if taken:
        assert email_for_broker(address) == address
    else:
        with pytest.raises(NotTaken, match="shorter"):
            email_for_broker(address)
