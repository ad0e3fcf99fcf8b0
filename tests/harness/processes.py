"""What a process of our own needs to know, to work on the test's database and with the test's sandbox."""

import os

from django.db import connection

from tests.harness.sandbox import Sandbox


def environment(sandbox: Sandbox, **more: str) -> dict[str, str]:
    """Return the environment of a process that works beside the test."""
    addresses = {
        "DATABASE_URL": database_url(),
        "BROKER_BASE_URL": f"{sandbox.url}/broker",
        "BROKER_TOKEN_URL": f"{sandbox.url}/broker/v1/oauth2/token",
        "PLAID_BASE_URL": f"{sandbox.url}/plaid",
        # A long test signs in once.
        "FRESH_SIGN_IN_MINUTES": "720",
        "SESSION_IDLE_MINUTES": "720",
    }
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "brokerage.settings", **more, **addresses}


def database_url() -> str:
    now = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{now['NAME']}"
    if str(now["HOST"]).startswith("/"):
        return f"postgres://{now['USER']}@/{now['HOST']}/{now['NAME']}"
    return f"postgres://{now['USER']}:{now['PASSWORD']}@{now['HOST']}:{now['PORT'] or 5432}/{now['NAME']}"
