"""A form that came too late is named before somebody sends it on."""

from decimal import Decimal

import pytest
from django.urls import get_resolver

from accounts.wording.late_forms import ACTS, DESK, UNKNOWN, sending

SESSION = (
    "8f0a6c1e-52d7-4b39-9a4e-3c7d1b2f6a90"  # whichever: tests are named for what they try, and all name them alike
)


def test_every_act_has_an_address() -> None:
    assert set(ACTS) <= {name for name in get_resolver().reverse_dict if isinstance(name, str)}


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/withdraw/confirm/", "a withdrawal, which you confirm with it"),
        ("/settings/email/?a=b", "a new e-mail address for you"),
        ("/settings/contact/", "a change of your details, for you to check"),
        (f"/settings/sign-ins/{SESSION}/end/", "your wish to sign one of your devices out"),
        ("/admin/accounts/application/", DESK),
        ("/notifications/read/", UNKNOWN),
        ("/nowhere/at/all/", UNKNOWN),
    ],
)
def test_the_act_has_words(path: str, says: str) -> None:
    told = sending(path, [])

    assert told.act == says
    assert told.is_known is (says != UNKNOWN)


def test_an_amount_and_an_address_are_shown_as_they_are_taken() -> None:
    fields = [("amount", "1"), ("amount", "$1,250"), ("new_email", "new@example.com"), ("account_number", "000123456")]
    told = sending("/withdraw/confirm/", fields)

    assert (told.amount, told.email) == (Decimal("1250.00"), "new@example.com")
    assert "000123456" not in str(told)


@pytest.mark.parametrize("typed", ["", "much", "0", "-5", "1e9"])
def test_what_is_no_amount_is_not_shown_as_one(typed: str) -> None:
    assert sending("/withdraw/confirm/", [("amount", typed)]).amount is None
