"""What a load balancer asks: answered whoever asks, by whatever name, without a session, and never from a cache."""

import threading

import pytest
from django.test import Client
from pytest_django import Settings

from brokerage import health
from brokerage.health import Check, Checks

PROBES = ["/healthz", "/readyz", "/metrics"]


def test_a_server_that_lives_says_so_without_asking_anybody(client: Client) -> None:
    answer = client.get("/healthz")  # a test without a database: a query would fail

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.django_db
@pytest.mark.parametrize("path", PROBES)
def test_a_machine_gets_no_cookie_and_nothing_is_kept(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    assert not answer.has_header("Vary")
    assert not answer.has_header("Set-Cookie")


@pytest.mark.django_db
@pytest.mark.parametrize("path", PROBES)
def test_any_name_and_plain_http_will_do(settings: Settings, path: str) -> None:
    settings.ALLOWED_HOSTS = ["invest.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    client = Client()

    assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/", headers={"Host": "10.0.0.7:8000"}).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("path", PROBES)
def test_machines_only_look(client: Client, path: str) -> None:
    assert client.head(path).status_code == 200
    assert client.head(path).content == b""
    for method in ("post", "put", "patch", "delete", "options"):
        answer = getattr(client, method)(path)
        assert answer.status_code == 405
        assert answer["Cache-Control"] == "no-store"


def test_another_address_is_no_probe(client: Client) -> None:
    assert client.get("/healthz/").status_code == 404
    assert client.post("/healthzz").status_code == 404


# --- Checks -----------------------------------------------------------------------------------------------------------


def test_what_was_found_is_told_again_for_a_while() -> None:
    asked: list[int] = []
    checks = Checks({"it": lambda: asked.append(1) or ""})  # type: ignore[func-returns-value]

    checks.found()
    checks.found()
    assert len(asked) == 1

    checks.forget()
    checks.found()
    assert len(asked) == 2


def test_a_question_that_hangs_takes_no_second_thread() -> None:
    gate, begun = threading.Event(), threading.Event()

    def hang() -> str:
        begun.set()
        gate.wait(timeout=20)
        return ""

    checks = Checks({"database": hang})
    thread = threading.Thread(target=checks.found)
    thread.start()
    begun.wait(timeout=20)

    found = checks.found()
    gate.set()
    thread.join()

    assert found == [Check("checks", "no answer yet")]
    assert checks.found() == [Check("database")]


def test_a_check_that_fails_does_not_say_with_what_words() -> None:
    def fail() -> str:
        raise ValueError("postgres://user:secret@host")

    assert [check.line for check in Checks({"it": fail}).found()] == ["it: failed (ValueError)"]


def test_what_changes_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    state = [""]
    checks = Checks({"database": lambda: state[0], "keys": lambda: ""})

    for trouble in ("", "no answer", "no answer", ""):
        state[0] = trouble
        checks.forget()
        checks.found()

    assert [record.message for record in caplog.records] == [
        "readiness: database: no answer",
        "readiness: all is well again",
    ]


def test_keys_that_are_none_are_no_keys(settings: Settings) -> None:
    assert health.keys() == ""

    settings.FIELD_KEYS = "k1:bm90IDMyIGJ5dGVz"

    assert Checks({"keys": health.keys}).found()[0].trouble


def test_pages_want_their_static_files_collected(settings: Settings, tmp_path: object) -> None:
    assert health.settings() == ""

    manifest = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": manifest}
    settings.STATIC_ROOT = str(tmp_path)

    assert health.settings() == "static files were not collected"
