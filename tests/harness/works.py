"""Pieces of the site's work that a mortal can do: what the server does for one request, and a round of the worker."""

from django.conf import settings
from django.test import Client

from funding.operations.rounds import Rounds


def post(*, session: str, path: str, form: dict[str, str]) -> None:
    """Take one form from a browser, as the server does."""
    client = Client(SERVER_NAME="localhost")
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    answer = client.post(path, form)
    assert answer.status_code == 302, answer.content


def work_once() -> None:
    """Do one round, as the worker does."""
    Rounds(sender="a worker").run()
