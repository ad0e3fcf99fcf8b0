"""The drill: thirty kinds of damage, fifty of each, among twenty thousand transfers; `make drill` takes more.

All are found, each by its own code and on its own subject, and nothing else is; what can be healed is healed; the
second run changes nothing. The run is a process of its own, so that its memory is its own.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from funding import break_kinds, states
from funding.models import Break, BreakEvent, CashActivity, Transfer, TransferEvent
from tests.funding.drill import ground
from tests.funding.drill.damages import DAMAGES, Expected, Hand
from tests.funding.drill.ground import NOW
from tests.harness.environment import ROOT
from tests.harness.played_broker import Shelf, address, played_broker
from tests.harness.processes import database_url

TRANSFERS = int(os.environ.get("DRILL") or 20_000)
OF_EACH = 50
AREAS = (break_kinds.TRANSFERS, break_kinds.CASH)
MOST_MIB = 200


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_all_damage_is_found_and_nothing_else(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    shelf = Shelf(tmp_path / "broker.sqlite3")
    with time_machine.travel(NOW, tick=False), played_broker(shelf) as server:
        holders = list(ground.lay_out(shelf, transfers=TRANSFERS))
        expected = damage(shelf, holders)

        first = run(address(server), NOW)
        stood = everything()
        second = run(address(server), NOW + timedelta(minutes=1))

        found = {(code, subject, mended) for code, subject, mended in first["found"]}
        assert found == expected, difference(found, expected)
        assert len(first["found"]) == len(expected)  # each once
        assert {(code, subject) for code, subject, mended in second["found"]} == left_over(expected)
        assert changes(stood, everything()) == []
        assert server.posts == 0
    healed = set(Break.objects.filter(state=Break.HEALED).values_list("kind", "subject"))
    assert healed == {(code, subject) for code, subject, mended in expected if mended}
    is_healed_as_it_should_be()
    assert max(first["peak_mib"], second["peak_mib"]) <= MOST_MIB
    record_property("counted", f"{TRANSFERS} transfers, {len(expected)} differences, {told(first)}, {told(second)}")


def damage(shelf: Shelf, holders: list[ground.Holder]) -> Expected:
    """Do each kind of damage to fifty accounts, one to each account; the last ones are left as they are."""
    chance = random.Random(2)  # noqa: S311 - no secret
    whole = [holder for holder in holders if holder.number % ground.IN_DOUBT_EVERY != ground.IN_DOUBT_EVERY - 1]
    targets = iter(chance.sample(whole, len(whole)))
    expected: Expected = set()
    count = min(OF_EACH, (len(whole) - 1) // (len(DAMAGES) + 1))
    assert count == OF_EACH or TRANSFERS < 20_000
    for kind in DAMAGES:
        for _ in range(count):
            other = next(targets) if kind.__name__ == "under_another_account" else holders[0]
            expected |= kind(Hand(shelf, chance, other), next(targets))
    return expected


def run(url: str, now: Any) -> Any:
    """Go through transfers and cash in a process of its own; return what it told."""
    addresses = {"BROKER_BASE_URL": url, "DATABASE_URL": database_url(), "LOG_LEVEL": "CRITICAL"}
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "brokerage.settings", **addresses}
    command = [sys.executable, "-m", "tests.funding.drill.runner", now.isoformat(), *AREAS]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def left_over(expected: Expected) -> set[tuple[str, str]]:
    return {(code, subject) for code, subject, mended in expected if not mended}


def everything() -> dict[str, list[Any]]:
    """Return all that a second run must leave as it is; when a break was seen last is not part of it."""
    return {
        "breaks": list(
            Break.objects.order_by("pk").values_list("pk", "kind", "state", "subject", "likeness", "ended_at")
        ),
        "history": list(BreakEvent.objects.order_by("pk").values_list("pk", "after", "because")),
        "transfers": list(Transfer.objects.order_by("pk").values()),
        "moves": list(TransferEvent.objects.order_by("pk").values_list("pk", flat=True)),
        "cash": list(CashActivity.objects.order_by("pk").values()),
    }


def changes(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    """Return what differs, some of it."""
    found = []
    for name in before:
        old, new = set(map(str, before[name])), set(map(str, after[name]))
        found += [f"{name}: {row}" for row in sorted(old ^ new)]
    return found[:20]


def is_healed_as_it_should_be() -> None:
    """What was behind stands as the broker's, what was lost is adopted, what was made elsewhere is here."""
    external = Transfer.objects.filter(origin=Transfer.Origin.EXTERNAL)
    assert set(external.values_list("status", flat=True)) <= {states.COMPLETE, states.SENT_TO_CLEARING}
    assert not Transfer.objects.filter(sending=states.UNKNOWN).exclude(alpaca_id=None).exists()
    unmatched = CashActivity.objects.filter(role="").exclude(brokerage_account=None)
    open_breaks = Break.objects.filter(ended_at=None).values_list("subject", flat=True)
    assert {f"cash {row.alpaca_id}" for row in unmatched} <= set(open_breaks)


def difference(found: Expected, expected: Expected) -> str:
    more, fewer = sorted(found - expected), sorted(expected - found)
    return "\n".join([f"{len(more)} false:", *map(str, more[:40]), f"{len(fewer)} missed:", *map(str, fewer[:40])])


def told(run: Any) -> str:
    return f"{run['seconds']} s, {run['peak_mib']} MiB"
