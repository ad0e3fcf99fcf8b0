"""Where to kill a piece of work, and the empty world it begins in."""

import os
import time

from django.core.management.color import no_style
from django.db import connection

from brokerage.append_only import lifted
from tests.funding.standing import T0, Clocks
from tests.harness.mortals import Place
from tests.harness.sandbox import Sandbox

# All places of all lives, or in an ordinary run some of them, chosen by a seed.
ALL = os.environ.get("KILLS") == "all"
SEED = int(os.environ.get("KILLS_SEED") or time.time_ns() % 1_000_000)
SOME = 8


def new_world(sandbox: Sandbox, clocks: Clocks) -> None:
    """Forget every row and every fault, and go back to where all stories begin."""
    kept = {"django_content_type", "auth_permission", "django_migrations"}
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - kept)
    with lifted():
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables))
    sandbox.post("/control/reset")
    sandbox.post("/control/settings", profile="manual")
    sandbox.post("/control/clock", freeze=True)
    clocks.go_to(T0)


def places(points: list[str], *, thorough: bool) -> list[Place]:
    """Return where to kill. In an ordinary run, where something has happened since the place before."""
    if ALL:
        return [(number, side) for number in range(len(points)) for side in ("before", "after")]
    # After one point and before the next nothing happens, and to have read changes nothing.
    telling: list[Place] = [(number, "before") for number, what in enumerate(points) if not what.startswith("SELECT")]
    telling.append((len(points) - 1, "after"))
    step = 1 if thorough else max(1, len(telling) // SOME)
    return telling[SEED % step :: step]
