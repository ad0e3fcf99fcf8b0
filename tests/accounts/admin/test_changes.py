"""The desk's pages about changes of details and of e-mail addresses: to read, with no value of them."""

import pytest
from django.test import Client

from accounts.models import DetailsChange
from accounts.operations import email_change
from brokerage.status import note
from tests import make
from tests.accounts.changing import Kind, holder
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def ops(client: Client) -> Client:
    client.force_login(make.user("ops@example.com", is_staff=True, is_superuser=True))
    return client


def test_a_change_is_shown_with_its_history_and_without_its_values(ops: Client, sandbox: Sandbox) -> None:
    change = holder(sandbox).ask(Kind.CONTACT)

    assert "ada@example.com" in ops.get("/admin/accounts/detailschange/").content.decode()
    shown = ops.get(f"/admin/accounts/detailschange/{change.pk}/change/").content.decode()
    assert "asked for" in shown
    assert "Grove" not in shown
    assert "Willow" not in shown


def test_an_email_change_is_shown_with_its_letters_and_no_token(ops: Client) -> None:
    ada = make.user()
    change = email_change.ask(user=ada, new_email="ada.new@example.com", visit=make.VISIT)

    assert ops.get("/admin/accounts/emailchange/?q=ada.new").context["cl"].result_count == 1
    shown = ops.get(f"/admin/accounts/emailchange/{change.pk}/change/").content.decode()
    assert "Asks the new address" in shown
    assert "/confirm/" not in shown


def test_what_the_broker_wrote_of_a_change_is_not_on_its_page(ops: Client, sandbox: Sandbox) -> None:
    change = holder(sandbox).ask(Kind.CONTACT)
    DetailsChange.objects.update(refusal="5 Canary Street is not valid")
    note(change, field="status", after="REFUSED", actor="broker", evidence={"reason": "Canary", "http_status": 422})

    shown = ops.get(f"/admin/accounts/detailschange/{change.pk}/change/").content.decode()

    assert "http_status: 422" in shown
    assert "Canary" not in shown


@pytest.mark.parametrize("desk", ["accounts/detailschange", "accounts/emailchange", "funding/closing"])
def test_nothing_is_added_or_deleted_by_hand(ops: Client, desk: str) -> None:
    assert ops.get(f"/admin/{desk}/").status_code == 200
    assert ops.get(f"/admin/{desk}/add/").status_code == 403
