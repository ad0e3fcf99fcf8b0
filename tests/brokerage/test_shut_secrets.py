"""A secret that does not open: its page says so, the log says where, and the rest of the site goes on."""

import pytest
from django.test import Client

from accounts.models import Application
from brokerage.encryption import Sealed
from tests import make

pytestmark = pytest.mark.django_db
SHUT = "gone:" + "A" * 60


def test_the_page_says_so_and_the_log_says_where(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    application = make.application(make.user(), tax_id="444554321")
    Application.objects.update(date_of_birth=Sealed(SHUT))
    client.force_login(application.user)

    answer = client.get("/apply/check/")

    assert answer.status_code == 503
    assert "We can’t read your details right now" in answer.text
    assert f"accounts.application.date_of_birth:{application.pk}: no key 'gone' in FIELD_KEYS" in caplog.text
    assert "AAAA" not in answer.text + caplog.text
    assert answer["Cache-Control"] == "private, no-store"
    assert client.get("/notifications/").status_code == 200


def test_other_failures_are_not_taken_for_it(client: Client) -> None:
    assert client.get("/nowhere/").status_code == 404
