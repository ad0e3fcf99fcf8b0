"""Who asks too often is told when to try again, in words and in seconds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from brokerage.too_many import too_many

NOW = datetime(2026, 11, 24, 15, 51, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def told(retry_at: datetime) -> tuple[int, str, str]:
    """Return the status, the seconds and the page."""
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    answer = too_many(request, retry_at)
    return answer.status_code, answer["Retry-After"], answer.content.decode()


def test_the_page_says_when_in_words_and_the_header_in_seconds() -> None:
    status, seconds, page = told(NOW + timedelta(seconds=40))

    assert (status, seconds) == (429, "40")
    assert '<time datetime="2026-11-24T10:52-05:00">Tue, Nov 24, 10:52 AM EST</time>' in page


@pytest.mark.parametrize(("left", "seconds"), [(0.2, "1"), (59.5, "60"), (-3, "1"), (0, "1")])
def test_nobody_is_told_to_come_too_early(left: float, seconds: str) -> None:
    assert told(NOW + timedelta(seconds=left))[1] == seconds


def test_the_minute_that_is_named_is_never_too_early() -> None:
    assert "10:53 AM EST" in told(NOW + timedelta(seconds=41))[2]
