"""pytest plugin: the same environment for everybody. Loaded with `-p`, before pytest-django reads the settings.

What a developer keeps in the shell or in `.env` must not decide whether a test passes.
"""

import os
import re
from pathlib import Path
from typing import Any

import environ

ROOT = Path(__file__).resolve().parents[2]
DECLARED = re.compile(r"^#?\s?([A-Z][A-Z0-9_]*)=", re.MULTILINE)

# Kept for the plugin that runs the tests on PostgreSQL.
GIVEN_DATABASE_URL = os.environ.get("DATABASE_URL", "")


def declared_variables() -> set[str]:
    """Return every variable that `.env.example` names."""
    return set(DECLARED.findall((ROOT / ".env.example").read_text()))


def _read_nothing(*args: Any, **kwargs: Any) -> None:
    """Stand where django-environ would read `.env`."""


# A worker of pytest-xdist inherits what the first process has cleared, and the database that was chosen there.
if "PYTEST_XDIST_WORKER" not in os.environ:
    for name in declared_variables():
        os.environ.pop(name, None)
# What tests count stays in memory, unless a test names a folder for it.
os.environ["METRICS_DIR"] = ""
# So do anchors of the audit.
os.environ["AUDIT_ANCHOR_DIR"] = ""
environ.Env.read_env = _read_nothing
