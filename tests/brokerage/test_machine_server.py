"""A process that serves no pages answers machines over a socket of its own, and nobody else."""

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_django import Settings

from brokerage import machine_server, metrics

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a-token-of-thirty-letters-and-more"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def ask(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@contextmanager
def listening(*, trouble: str = "") -> Iterator[int]:
    port = free_port()
    with machine_server.listening("127.0.0.1", port, trouble=lambda: trouble):
        yield port


def test_it_tells_what_is_counted_to_whoever_shows_the_token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    metrics.vendor_called("broker", "list_accounts", "ok", 0.1)

    with listening() as port:
        status, text = ask(port, "/metrics", Authorization=f"Bearer {TOKEN}")
        assert (status, "brokerage_vendor_call_seconds_count{" in text) == (200, True)
        assert "brokerage_database_up 1.0" in text
        assert ask(port, "/metrics", "HEAD", Authorization=f"Bearer {TOKEN}") == (200, "")
        assert ask(port, "/metrics")[0] == 404
        assert ask(port, "/metrics", Authorization="Bearer no")[0] == 404
        assert ask(port, "/metrics", "POST", Authorization=f"Bearer {TOKEN}")[0] == 405


@pytest.mark.parametrize("path", ["/", "/admin/", "/accounts/sign-in/", "/metrics/", "/healthz/../admin/"])
def test_there_is_nothing_else(path: str) -> None:
    with listening() as port:
        assert ask(port, path) == (404, "not found\n")


def test_healthz_says_what_does_not_get_on() -> None:
    with listening() as port:
        assert ask(port, "/healthz") == (200, "ok\n")
        assert ask(port, "/healthz", Host="anybody.example") == (200, "ok\n")
        assert ask(port, "/readyz")[0] == 200

    with listening(trouble="stuck: rounds") as port:
        assert ask(port, "/healthz") == (503, "stuck: rounds\n")


def test_whoever_says_nothing_holds_up_neither_the_others_nor_the_end() -> None:
    with listening() as port:
        silent = socket.create_connection(("127.0.0.1", port))
        silent.sendall(b"GET /healthz HT")
        assert ask(port, "/healthz") == (200, "ok\n")

    silent.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_port_that_is_taken_stops_no_work(caplog: pytest.LogCaptureFixture) -> None:
    worked = []

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with machine_server.listening("127.0.0.1", port, trouble=str):
            worked.append(1)

    assert worked
    assert f"nobody can ask at 127.0.0.1:{port}" in caplog.text
