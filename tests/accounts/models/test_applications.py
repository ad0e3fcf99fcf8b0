"""What an application says of itself."""

import pytest

from accounts.models import Application


@pytest.mark.parametrize(
    ("kind", "last4", "mask"),
    [
        ("USA_SSN", "4321", "•••-••-4321"),
        ("USA_ITIN", "4321", "•••-••-4321"),
        ("GBR_NINO", "456C", "•••• 456C"),
        ("USA_SSN", "", ""),
    ],
)
def test_a_tax_id_is_seen_by_its_last_four(kind: str, last4: str, mask: str) -> None:
    assert Application(tax_id_type=kind, tax_id_last4=last4).tax_id_mask == mask
