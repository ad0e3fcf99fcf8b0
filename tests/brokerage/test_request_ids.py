"""The name of a request: made here, in the answer and in every line."""

import logging

import pytest
from django.test import Client

from brokerage import request_ids
from tests import make

pytestmark = pytest.mark.django_db


def test_each_answer_has_a_name_of_its_own(client: Client) -> None:
    names = {client.get("/")["X-Request-ID"], client.get("/nowhere/")["X-Request-ID"]}

    assert len(names) == 2
    assert all(name.isalnum() and len(name) == 16 for name in names)


def test_a_name_from_outside_is_not_taken(client: Client) -> None:
    assert client.get("/", headers={"x-request-id": "theirs"})["X-Request-ID"] != "theirs"


def test_lines_tell_the_request_and_who_asks(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    user = make.user()
    client.force_login(user)
    facts: list[dict[str, str]] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            facts.append(request_ids.facts())

    logger, listening = logging.getLogger("django.request"), Listening()
    logger.addHandler(listening)
    try:
        answer = client.get("/transfers/00000000-0000-0000-0000-000000000000/")
    finally:
        logger.removeHandler(listening)

    assert answer.status_code == 404
    assert facts == [{"request": answer["X-Request-ID"], "user": str(user.pk)}]


def test_asking_who_reads_no_session(client: Client) -> None:
    client.get("/agreements/customer_agreement/")

    assert "user" not in request_ids.facts()
