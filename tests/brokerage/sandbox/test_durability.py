"""What was answered is kept, even by a process that is killed in the middle of its work."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.invariants import check
from tests.brokerage.sandbox.test_process import address, running

WRITERS = 6


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_killed_sandbox_forgets_nothing_that_it_answered(tmp_path: Path, seed: int) -> None:
    store = tmp_path / "s.sqlite3"
    with running(store, "--profile", "instant") as (process, line):
        bench = Bench(address(line))
        made = bench.control("seed", customers=[{"link": {}, "cash": "500.00"} for _ in range(WRITERS)])["customers"]
        answered = Tally(kill_after=random.Random(seed).randint(5, 60), kill=process.kill)  # noqa: S311
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(lambda customer: write_until_killed(bench.url, customer, answered), made))

    with running(store) as (_, line):
        dumped = check(Bench(address(line)))

    kept = {row["id"] for row in dumped["transfers"]}
    assert len(answered.ids) >= answered.kill_after
    assert answered.ids <= kept
    assert len(kept) <= len(answered.ids) + WRITERS  # one for each who was still waiting for an answer


class Tally:
    """The ids that were answered; at a number of them it pulls the plug."""

    def __init__(self, *, kill_after: int, kill: Callable[[], None]) -> None:
        self.kill_after = kill_after
        self.kill = kill
        self.ids: set[str] = set()
        self.lock = threading.Lock()

    def add(self, transfer_id: str) -> None:
        with self.lock:
            self.ids.add(transfer_id)
            if len(self.ids) == self.kill_after:
                self.kill()


def write_until_killed(url: str, customer: dict[str, str], answered: Tally) -> None:
    """Deposit and withdraw in turn, as fast as answers come, until none comes."""
    mine = Bench(url)
    for number in range(10_000):
        direction = ("INCOMING", "OUTGOING")[number % 2]
        try:
            answer = mine.transfer(customer["account_id"], customer["relationship_id"], "1.00", direction)
            answered.add(answer.json()["id"])
        except requests.RequestException:
            return
