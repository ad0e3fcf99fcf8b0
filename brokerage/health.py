"""Whether this server lives, and whether it can do its work: what a load balancer wants to know.

Called by brokerage.probes and funding.views.health. What is found is plain words and counts: no address, no secret, and
nothing that a database or a vendor said.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from brokerage.encryption import CannotDecrypt, seal, unseal

log = logging.getLogger(__name__)

# Seconds for which what was found is told again, and for which a question waits for one that is being answered: a
# database that does not answer must not take one thread after the other.
KEPT, PATIENCE = 2, 2
# Any file that every page asks for.
STYLES = "css/theme.css"

Ask = Callable[[], str]


@dataclass(frozen=True)
class Check:
    """One thing that must be right; `trouble` is empty where it is."""

    name: str
    trouble: str = ""

    @property
    def line(self) -> str:
        return f"{self.name}: {self.trouble or 'ok'}"


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer: so this process lives. Nothing is asked, not even the database."""
    return plain("ok")


def plain(*lines: str, status: int = 200) -> HttpResponse:
    return HttpResponse("".join(f"{line}\n" for line in lines), status=status, content_type="text/plain; charset=utf-8")


class Checks:
    """Some checks, asked one after the other, by one thread at a time, and at most so often."""

    def __init__(self, asked: Mapping[str, Ask]) -> None:
        self._asked = asked
        self._lock = threading.Lock()
        self._found: list[Check] = []
        self._good_until = 0.0

    def found(self) -> list[Check]:
        """Return what was found last, or is found now."""
        if not self._lock.acquire(timeout=PATIENCE):
            return [Check("checks", "no answer yet")]
        try:
            if time.monotonic() > self._good_until:
                self._find()
            return self._found
        finally:
            self._lock.release()

    def _find(self) -> None:
        before, self._found = self._found, [Check(name, _trouble(ask)) for name, ask in self._asked.items()]
        self._good_until = time.monotonic() + KEPT
        troubles = [check for check in self._found if check.trouble]
        if troubles != [check for check in before if check.trouble]:
            log.warning("readiness: %s", "; ".join(check.line for check in troubles) or "all is well again")

    def forget(self) -> None:
        self._good_until = 0.0


def _trouble(ask: Ask) -> str:
    try:
        return ask()
    except Error as error:
        connection.close()  # the next question begins with a new one
        return f"no answer ({type(error).__name__})"
    except Exception as error:  # whatever it is, this server is not ready; its words may tell too much
        return f"failed ({type(error).__name__})"


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def migrations() -> str:
    """Look for migrations of this code that the database has not had; one that is ahead of this code is fine."""
    missing = len(_migrations() - MigrationRecorder(connection).applied_migrations().keys())
    return f"{missing} not applied" if missing else ""


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


def keys() -> str:
    """Seal and open something."""
    try:
        opened = unseal(seal("ready", bound_to="readyz"), bound_to="readyz")
    except (CannotDecrypt, ImproperlyConfigured):
        opened = ""
    return "" if opened == "ready" else "FIELD_KEYS does not open what it seals"


def settings() -> str:
    """Ask Django's own checks, once, and whether the static files were collected."""
    if wrong := _wrong_settings():
        return f"{', '.join(wrong)} (manage.py check)"
    try:
        staticfiles_storage.url(STYLES)
    except ValueError:
        return "static files were not collected"
    return ""


@cache
def _wrong_settings() -> tuple[str, ...]:
    return tuple(str(found.id) for found in checks.run_checks() if found.is_serious() and not found.is_silenced())
