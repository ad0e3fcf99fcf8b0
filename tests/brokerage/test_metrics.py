"""What is counted of pages: by the names of our own views, and without ever getting in the way."""

from uuid import uuid4

import pytest
from django.test import Client

from brokerage import metrics
from tests.harness.counting import Counting


@pytest.fixture
def pages() -> Counting:
    return Counting("brokerage_page_seconds", "view", "status")


@pytest.mark.django_db
def test_a_page_is_counted_by_its_view_and_its_status(client: Client, pages: Counting) -> None:
    client.get("/sign-in/")
    client.post("/sign-in/", {"username": "ada@example.com", "password": "wrong"})
    client.get(f"/transfers/{uuid4()}/")
    client.get("/admin/funding/transfer/")

    assert pages.news == {
        ("sign-in", "2xx"): 2,
        ("transfer", "3xx"): 1,
        ("admin:funding_transfer_changelist", "3xx"): 1,
    }


@pytest.mark.django_db
def test_addresses_that_lead_nowhere_are_counted_as_one(client: Client, pages: Counting) -> None:
    for _ in range(20):
        client.get(f"/{uuid4()}/")

    assert pages.news == {("none", "4xx"): 20}


def test_probes_and_static_files_are_no_pages(client: Client, pages: Counting) -> None:
    client.get("/healthz")
    client.get("/static/css/theme.css")

    assert ("healthz", "2xx") not in pages.news


# --- In nobody's way --------------------------------------------------------------------------------------------------


def test_what_cannot_be_counted_gets_in_nobodys_way(caplog: pytest.LogCaptureFixture) -> None:
    metrics.page_answered("sign-in", 200, "no number")  # type: ignore[arg-type]

    assert [record.message for record in caplog.records] == ["metrics: not counted"]
