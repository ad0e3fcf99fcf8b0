"""`manage.py run_demo`, or `make demo`: the whole site on this machine, with both vendors played by the sandbox.

Starts the sandbox, the web server and the worker. They live and die together: when one dies the others are stopped,
and when this command is gone, even by `kill -9`, so are they.
"""

import hashlib
import http.client
import os
import signal
import socket
import subprocess  # fixed lists of words of ours, never a shell  # nosec B404
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError

HOST = "127.0.0.1"
PATIENCE = 30  # seconds for a part to start
GRACE = 5  # seconds for a part to stop before it is killed
LAST_LINES = 15

# A process of its own that reads the groups of the parts from its standard input. Its input ends when this command
# does, for whatever reason, and then it stops those groups.
GUARD = f"""
import os, signal, sys, time
groups = [int(line) for line in sys.stdin]
def still_there(signal_number):
    there = []
    for group in groups:
        try:
            os.killpg(group, signal_number)
            there.append(group)
        except (ProcessLookupError, PermissionError):
            pass
    return there
give_up_at = time.monotonic() + {GRACE}
groups = still_there(signal.SIGTERM)
while groups and time.monotonic() < give_up_at:
    time.sleep(0.05)
    groups = still_there(0)
still_there(signal.SIGKILL)
"""


class Part:
    """One process of the demo, the leader of its own process group, and its log."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.log: Path = settings.VAR_DIR / "log" / f"{name}.log"
        with self.log.open("wb") as output:
            # A session of its own: Ctrl-C reaches this command alone, which then stops the parts in order.
            self.process = subprocess.Popen(  # as above  # nosec B603
                [sys.executable, *command],
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def require_alive(self) -> None:
        """Raise CommandError, with the last lines of the log, when the process has ended."""
        code = self.process.poll()
        if code is not None:
            lines = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
            raise CommandError(
                "\n".join([f"The {self.name} ended (exit code {code}). Its log {self.log} ends:", *lines])
            )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and to what it started."""
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group that has just ended
            os.killpg(self.process.pid, number)


class Guard:
    """Ends the parts when this command has no chance to."""

    def __init__(self) -> None:
        reading, self.pipe = os.pipe()
        command = [sys.executable, "-I", "-S", "-c", GUARD]
        self.process = subprocess.Popen(command, stdin=reading, start_new_session=True)  # as above  # nosec B603
        os.close(reading)

    def watch(self, part: Part) -> None:
        os.write(self.pipe, f"{part.process.pid}\n".encode())

    def dismiss(self) -> None:
        """Send the guard away: the parts are gone, and their numbers may soon belong to others."""
        self.process.kill()
        self.process.wait()
        os.close(self.pipe)


class Command(BaseCommand):
    help = "Run the whole site on this machine, with both vendors played by the sandbox. Ctrl-C stops it."
    requires_system_checks: list[str] = []  # `make check` runs them; the demo starts a second sooner

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("The demo plays both vendors itself: it runs with BROKERAGE_ENV=local (or unset) only.")
        self.web_port = _port("WEB_PORT", 8000)
        self.sandbox_port: int = settings.SANDBOX_PORT
        for variable, port in (("WEB_PORT", self.web_port), ("SANDBOX_PORT", self.sandbox_port)):
            _require_free(variable, port)
        (settings.VAR_DIR / "log").mkdir(parents=True, exist_ok=True)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup asks
            signal.signal(signal.SIGHUP, signal.default_int_handler)
        self.parts: list[Part] = []
        self.guard = Guard()
        try:
            self._run()
        except KeyboardInterrupt:
            self.stdout.write("\nStopping.")
        finally:
            self._stop()

    def _run(self) -> None:
        """Start everything, say where it is, and watch it until it is stopped."""
        began_at = time.monotonic()
        books = str(settings.VAR_DIR / "sandbox.sqlite3")
        sandbox = self._start(
            "sandbox",
            "-m",
            "brokerage.sandbox",
            "--port",
            str(self.sandbox_port),
            "--store",
            books,
            "--profile",
            "fast",
            "--site",
            f"http://{HOST}:{self.web_port}",
        )
        call_command("migrate", verbosity=0, interactive=False)
        _collect_static_files()
        web = self._start("web server", "-m", "gunicorn", "--bind", f"{HOST}:{self.web_port}", "brokerage.wsgi")
        self._wait(sandbox, self.sandbox_port, "/control/health")
        self._seed()
        if "run_worker" in get_commands():
            self._start("worker", "manage.py", "run_worker")
        else:
            self.stdout.write("Without a worker: there is no command run_worker.")
        self._wait(web, self.web_port, "/")
        self._welcome(ready_in=f"{time.monotonic() - began_at:.1f} s")
        while True:
            time.sleep(0.2)
            for part in self.parts:
                part.require_alive()

    def _start(self, name: str, *command: str) -> Part:
        part = Part(name, list(command))
        self.parts.append(part)
        self.guard.watch(part)
        return part

    def _wait(self, part: Part, port: int, path: str) -> None:
        """Return once `part` answers on its port. Raises CommandError when it ends, fails or takes too long."""
        give_up_at = time.monotonic() + PATIENCE
        while (status := _status(port, path)) == 0:
            part.require_alive()
            if time.monotonic() > give_up_at:
                raise CommandError(f"The {part.name} did not answer within {PATIENCE} seconds. Its log is {part.log}.")
            time.sleep(0.05)
        if status >= 500:
            raise CommandError(f"The {part.name} answers with error {status}. Its log is {part.log}.")

    def _seed(self) -> None:
        if "seed_demo" in get_commands():
            call_command("seed_demo", stdout=self.stdout)
        else:
            self.stdout.write("Without sample people: there is no command seed_demo.")

    def _welcome(self, *, ready_in: str) -> None:
        site = f"http://{HOST}:{self.web_port}"
        self.stdout.write(
            f"\nReady in {ready_in}.\n\n"
            f"  The site            {site}/\n"
            f"  The desk (admin)    {site}/admin/\n"
            f"  The vendors' side   http://{HOST}:{self.sandbox_port}/control/\n"
            f"  Logs                {settings.VAR_DIR / 'log'}\n"
            f"  E-mails             {settings.VAR_DIR / 'mail'}\n\n"
            "Ctrl-C stops it. `make demo-reset` throws its data away."
        )
        self.stdout.flush()

    def _stop(self) -> None:
        """Stop every part, and kill what has not ended after GRACE seconds."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for part in self.parts:
            part.signal(signal.SIGTERM)
        give_up_at = time.monotonic() + GRACE
        for part in self.parts:
            with suppress(subprocess.TimeoutExpired):
                part.process.wait(max(0, give_up_at - time.monotonic()))
            part.signal(signal.SIGKILL)  # the group may outlive its leader
            part.process.wait()
        self.guard.dismiss()


def _port(variable: str, default: int) -> int:
    value = os.environ.get(variable, "")
    if not value:
        return default
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise CommandError(f"{variable} is {value!r}; it must be a port number.")
    return int(value)


def _require_free(variable: str, port: int) -> None:
    """Raise CommandError when something else listens on `port`."""
    taken = CommandError(
        f"Port {port} is taken: stop what uses it, or choose another with {variable}, "
        f"as in {variable}={port + 100} make demo."
    )
    with socket.socket() as asking:
        # A server that listens on every address does not keep this one from being bound on macOS: ask first.
        if asking.connect_ex((HOST, port)) == 0:
            raise taken
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError:
            raise taken from None


def _status(port: int, path: str) -> int:
    """Return the HTTP status of the answer, or 0 when there is none."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def _collect_static_files() -> None:
    """Collect the static files, unless they are the ones that were collected last."""
    seal: Path = settings.VAR_DIR / "static.collected"
    fingerprint = _fingerprint()
    if not (settings.STATIC_ROOT.exists() and seal.exists() and seal.read_text() == fingerprint):
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        seal.write_text(fingerprint)


def _fingerprint() -> str:
    """Return what changes whenever a static file is added, changed or removed."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(None):
            facts = os.stat(storage.path(path))
            digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
