"""The door itself: what it answers, and that it has neither session nor cookie nor page."""

import io
import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings as django_settings
from django.http import HttpRequest, UnreadablePostError
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from funding.models import PlaidWebhook
from funding.operations import webhooks
from funding.views.webhooks import plaid_webhook
from tests import make
from tests.funding.webhooks.plaid import URL, Plaid, message, pretty
from tests.harness.environment import ROOT
from tests.harness.plaid_signing import SigningKey

pytestmark = pytest.mark.django_db
BODY = pretty(message())


def test_the_settings_and_the_table_of_contents_name_one_address() -> None:
    assert reverse("plaid-webhook") == URL
    assert f"{django_settings.SITE_URL}{URL}" == django_settings.PLAID_WEBHOOK_URL


def test_a_yes_is_small_and_plain_and_sets_no_cookie(key: SigningKey) -> None:
    visitor = Client(enforce_csrf_checks=True)
    visitor.force_login(make.user())
    visitor.cookies["csrftoken"] = "x" * 32

    answer = visitor.post(
        URL, BODY, content_type="application/json", headers={"Plaid-Verification": key.sign(BODY)}, secure=True
    )

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert PlaidWebhook.objects.count() == 1


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "text/plain", "multipart/form-data; x"])
def test_what_the_body_is_called_does_not_matter(key: SigningKey, content_type: str) -> None:
    signed = {"Plaid-Verification": key.sign(BODY)}

    answer = Client().generic("POST", URL, BODY, content_type, headers=signed)

    assert answer.status_code == 200


def test_a_no_says_no_more_than_that() -> None:
    answer = Client().post(URL, BODY, content_type="application/json", headers={"Plaid-Verification": "x"})

    assert (answer.status_code, answer.content) == (401, b"not verified\n")


def test_too_much_is_not_even_read(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    request = RequestFactory().post(URL, b"", content_type="application/json")
    request.META["CONTENT_LENGTH"] = str(webhooks.LARGEST + 1)
    request._stream = None  # type: ignore[assignment]  # reading it would fail

    answer = plaid_webhook(request)

    assert (answer.status_code, answer.content) == (413, b"too large\n")


def test_a_smaller_limit_of_django_is_the_same_answer(key: SigningKey, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    answer = Client().post(URL, BODY, content_type="application/json", headers={"Plaid-Verification": key.sign(BODY)})

    assert answer.status_code == 413


def test_a_body_that_breaks_off_is_no_fault_of_ours() -> None:
    class BreaksOff(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise UnreadablePostError("gone")

    request = RequestFactory().post(URL, b"x", content_type="application/json")
    request._stream = BreaksOff()

    answer = plaid_webhook(request)

    assert (answer.status_code, answer.content) == (400, b"not readable\n")


@time_machine.travel(datetime(2026, 11, 24, 17, 0, tzinfo=UTC), tick=False)
def test_later_says_in_how_many_seconds(plaid: Plaid, key: SigningKey) -> None:
    plaid.statuses = [500]

    answer = Client().post(URL, BODY, content_type="application/json", headers={"Plaid-Verification": key.sign(BODY)})

    assert (answer.status_code, answer.content, answer["Retry-After"]) == (503, b"try again later\n", "30")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"])
def test_only_a_post_is_taken(key: SigningKey, method: str) -> None:
    answer = Client().generic(method, URL, BODY, "application/json", headers={"Plaid-Verification": key.sign(BODY)})

    assert answer.status_code == 405


def test_it_is_the_one_view_that_takes_forms_from_elsewhere() -> None:
    exempt = [
        path.relative_to(ROOT).as_posix()
        for app in ("accounts", "funding", "brokerage")
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"^@\S*csrf_exempt|csrf_exempt = ", path.read_text(), re.MULTILINE)
    ]

    assert exempt == ["funding/views/webhooks.py"]


def test_it_asks_for_nothing_that_a_visitor_has(key: SigningKey) -> None:
    request: HttpRequest = RequestFactory().post(
        URL, BODY, content_type="application/json", headers={"Plaid-Verification": key.sign(BODY)}
    )

    assert not hasattr(request, "session")
    assert plaid_webhook(request).status_code == 200
