"""The desk's page about closings: to read, with the history."""

import pytest
from django.test import Client

from funding.models import Closing
from funding.operations import closing
from tests import make
from tests.funding.standing import open_customer
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db


def test_a_closing_is_shown_with_its_history(client: Client, sandbox: Sandbox) -> None:
    ada = open_customer(sandbox)
    key = closing.form_key(account=ada.account)
    closing.request(account=ada.account, form_key=key, visit=make.VISIT)
    client.force_login(make.user("ops@example.com", is_staff=True, is_superuser=True))

    listed = client.get("/admin/funding/closing/").content.decode()
    shown = client.get(f"/admin/funding/closing/{Closing.objects.get().pk}/change/").content.decode()

    assert "ada@example.com" in listed
    assert "asked for" in shown
