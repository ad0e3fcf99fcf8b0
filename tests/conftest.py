"""What every test may ask for, and the settings that differ under test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import user_logged_in
from django.db import connections
from django.http import HttpRequest
from django.utils import timezone
from pytest_django import Settings

from tests.harness import audit_last
from tests.harness.sandbox import Sandbox, running_sandbox
from tests.harness.unguarded import let_flush


def pytest_configure() -> None:
    """Set what makes tests quick, a weak password hash and static files served from where they lie, and repeatable."""
    let_flush()
    audit_last.watch()
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Whoever is signed in by `force_login` has just shown who they are, and tests that let days go by stay signed in.
    user_logged_in.connect(_have_signed_in_just_now)
    django_settings.FRESH_SIGN_IN_MINUTES = django_settings.SESSION_IDLE_MINUTES = 12 * 60
    django_settings.SESSION_IDLE_MINUTES_STAFF = 12 * 60
    django_settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def _have_signed_in_just_now(request: HttpRequest, **told: Any) -> None:
    request.session["signed_in_at"] = int(timezone.now().timestamp())


@pytest.fixture(autouse=True)
def audit_comes_last() -> Iterator[list[str]]:
    """Fail where a transaction goes on after its entry of the audit; who does so on purpose empties the list."""
    with audit_last.watched() as found:
        yield found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pass over, on SQLite, what only PostgreSQL does."""
    if connections["default"].vendor == "postgresql":
        return
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason="by design: for PostgreSQL only"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep SQLite's test database in a file: in memory all threads share one connection, and no race can show."""
    database: dict[str, Any] = connections["default"].settings_dict
    if connections["default"].vendor == "sqlite":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Run one sandbox for as long as the tests run; only tests that ask for `sandbox` start it."""
    folder: Path = tmp_path_factory.mktemp("sandbox")
    with running_sandbox(folder) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_process: Sandbox, settings: Settings) -> Sandbox:
    """Play both vendors, with empty books and a clock that only the test moves."""
    url = sandbox_process.url
    sandbox_process.post("/control/reset")
    sandbox_process.post("/control/settings", profile="manual")
    settings.BROKER_BASE_URL = f"{url}/broker"
    settings.BROKER_TOKEN_URL = f"{url}/broker/v1/oauth2/token"
    settings.PLAID_BASE_URL = f"{url}/plaid"
    settings.PLAID_LINK_SCRIPT_URL = f"{url}/plaid/link/v2/stable/link-initialize.js"
    return sandbox_process
