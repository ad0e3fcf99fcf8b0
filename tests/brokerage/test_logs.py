"""Lines of the log, as a process of its own writes them: one record a line, and redacted, whoever speaks."""

import json
import os
import subprocess
import sys

import pytest

from tests.harness.environment import ROOT

TALK = """
import logging, threading, warnings
import django
django.setup()
{}
"""


def said(code: str, **settings: str) -> str:
    """Return what a process writes that is set up as ours are, and then runs `code`."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "brokerage.settings", **settings}
    process = subprocess.run(
        [sys.executable, "-c", TALK.format(code)], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert process.stdout == ""
    return process.stderr


def test_json_is_one_record_a_line() -> None:
    lines = said('logging.getLogger("funding.x").info("transfer %s\\nover", 7)', LOG_FORMAT="json").splitlines()

    (record,) = [json.loads(line) for line in lines]
    assert record.pop("timestamp").endswith("Z")
    assert record == {"event": "transfer 7\nover", "level": "info", "logger": "funding.x"}


def test_a_line_for_a_reader_is_not_broken_by_the_words_of_others() -> None:
    said_line = said(r'logging.getLogger("x").info("a\n2026-01-01 INFO forged\x1b[0m")', LOG_FORMAT="line")

    assert said_line.count("\n") == 1
    assert r" INFO x a\n2026-01-01 INFO forged\x1b[0m" in said_line


@pytest.mark.parametrize(
    "code",
    [
        "logging.getLogger(\"plaid\").error(\"body: {'access_token': '527936418'}\")",
        'logging.getLogger("django.server").info("GET /?q=527936418 HTTP/1.1")',
        'logging.getLogger("gunicorn.access").info("%s", "GET /?q=527936418")',
        'logging.getLogger("gunicorn.error").warning("Invalid request: 527936418")',
        'warnings.warn("527-93-6418")',
        'ssn = "527936418"\nraise ValueError(ssn)',
        'def f(): raise ValueError("527936418")\nt = threading.Thread(target=f)\nt.start()\nt.join()',
        'from django.conf import settings\nlogging.getLogger("x").info("%s 527936418", settings.SECRET_KEY)',
    ],
)
def test_whoever_speaks_is_redacted(code: str) -> None:
    secret_key = "kept-for-ourselves-0123456789-abcdefghijklmnopqrst"
    said_by_it = said(code, SECRET_KEY=secret_key)

    assert "[" in said_by_it
    assert "527936418" not in said_by_it
    assert "527-93" not in said_by_it
    assert secret_key not in said_by_it


def test_at_debug_libraries_that_write_bodies_stay_quiet() -> None:
    code = "".join(
        f'logging.getLogger("{name}").debug("a body")\n'
        for name in ("plaid.rest", "urllib3.connectionpool", "alpaca.broker", "django.db.backends")
    )

    assert said(code, LOG_LEVEL="DEBUG") == ""


def test_a_format_that_is_none_is_refused() -> None:
    assert "LOG_FORMAT is 'xml'" in said("", LOG_FORMAT="xml")
