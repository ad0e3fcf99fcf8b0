"""The site as it runs in production: several processes under gunicorn, behind a proxy that speaks TLS.

Started on a port of its own, on the test's database and with the test's sandbox, and ended by its own pid.
"""

import http.client
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, parse_cookie
from django.utils import timezone

from accounts.models import Session, User
from accounts.models.sessions import digest
from accounts.session_store import SessionStore
from accounts.sign_in_stamp import STAMP
from tests.harness.environment import ROOT
from tests.harness.processes import environment
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually
from tests.test_settings import PRODUCTION

PROCESSES, THREADS = 3, 14  # each thread keeps a connection to the database
HOST = "brokerage.example"
_ERROR = re.compile(r'class="field-error">.*?Error: </span>(.*?)</span></p>', re.DOTALL)
CSRF = "races" + "0" * 27  # any 32 letters and digits, as cookie and in the form


def _as_in_production() -> dict[str, str]:
    """Return what makes it run as in production, which itself takes no SQLite and no vendor on this machine.

    Sessions are the test's, so the key that signs them is, too.
    """
    return {
        **PRODUCTION,
        "BROKERAGE_ENV": "sandbox",
        "HTTPS": "on",
        "TAX_ID_HASH_KEY": "a-hash-key-of-our-own-0123456789",
        "ALLOWED_HOSTS": HOST,
        "TRUSTED_PROXIES": "1",
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEYS": f"{PRODUCTION['FIELD_KEYS']},{settings.FIELD_KEYS}",  # the last one opens what the test has made
        "BROKER_TRANSFERS_PER_DAY": "0",  # any number, or hardly anybody would get as far as the cash
        "LOG_LEVEL": "ERROR",
    }


@contextmanager
def running_site(folder: Path, sandbox: Sandbox, application: str = "brokerage.wsgi", **other: str) -> Iterator[int]:
    """Serve a WSGI application until the block ends; give its port. Its log lies in `folder`.

    `other` are settings that differ; {port} in one of them is the port.
    """
    log = folder / "site.log"
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening, log.open("a") as output:
        port: int = listening.getsockname()[1]
        named = {name: value.replace("{port}", str(port)) for name, value in other.items()}
        surroundings = environment(sandbox, **_as_in_production() | {"STATIC_ROOT": str(folder / "static")} | named)
        _collect_static(surroundings)
        command = [sys.executable, "-m", "gunicorn", application, "--bind", f"fd://{listening.fileno()}"]
        command += ["--workers", str(PROCESSES), "--threads", str(THREADS)]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=surroundings,
            pass_fds=[listening.fileno()],
            stdout=output,
            stderr=output,
        )
        try:
            eventually(lambda: process.poll() is not None or "Booting worker" in log.read_text(), 60)
            assert process.poll() is None, log.read_text()
            yield port
        finally:
            _end(process)


def _collect_static(surroundings: dict[str, str]) -> None:
    """Do what comes before every start in production: a page names its files by what is in them."""
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=surroundings, check=True)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()


@dataclass(frozen=True)
class Answer:
    """What a visitor got: the status, where it leads, and what this page says beside the field, or the next one."""

    status: int
    location: str
    said: str


def sessions(user: User, count: int) -> list[str]:
    """Sign a user in on so many devices; return the cookies."""
    kept = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
        HASH_SESSION_KEY: user.get_session_auth_hash(),
        STAMP: int(timezone.now().timestamp()),
    }
    data, ends_at = SessionStore().encode(kept), timezone.now() + timedelta(hours=1)
    keys = [uuid.uuid4().hex for _ in range(count)]
    Session.objects.bulk_create(
        [Session(key_hash=digest(key), session_data=data, user=user, ends_at=ends_at) for key in keys]
    )
    return keys


def post_at_once(port: int, path: str, visitors: Sequence[tuple[str, dict[str, str]]]) -> list[Answer]:
    """Let visitors, each a session and a form, send it at one moment, each on a connection of their own."""
    lines = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in visitors]
    for line in lines:
        line.connect()
    for line, (session, fields) in zip(lines, visitors, strict=True):
        body = urlencode({**fields, "csrfmiddlewaretoken": CSRF})
        line.request("POST", path, body, _headers(session))
    return [_answer(line) for line in lines]


def _headers(session: str) -> dict[str, str]:
    return {
        "Host": HOST,
        "Origin": f"https://{HOST}",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.7",
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"__Host-sessionid={session}; __Host-csrftoken={CSRF}",
        "Connection": "close",
    }


def _answer(line: http.client.HTTPConnection) -> Answer:
    got = line.getresponse()
    page = got.read().decode()
    line.close()
    request = HttpRequest()
    for cookie in got.headers.get_all("Set-Cookie", []):
        request.COOKIES |= parse_cookie(cookie.partition(";")[0])
    said = [str(message) for message in CookieStorage(request)] + [unescape(error) for error in _ERROR.findall(page)]
    return Answer(got.status, got.headers.get("Location", ""), " ".join(said))
