"""kill -9 at every point of the server's and the worker's I/O: no lost intent, no second transfer, nothing stuck.

The points are found by letting the work be done once under observation (see tests.harness.points). Then a new process
does it again in a new world, is killed at one of them, and a new worker goes on, until nothing moves any more.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.core.management.color import no_style
from django.db import connection

from tests.funding.standing import T0, Clocks, standing_still
from tests.harness.mortals import Mortals, Place, running_mortals
from tests.harness.sandbox import Sandbox
from tests.journeys.lives import LIVES, Life, Scene, committed_at, facts

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# All places of all lives, or in an ordinary run some of them, chosen by a seed.
ALL = os.environ.get("KILLS") == "all"
SEED = int(os.environ.get("KILLS_SEED") or time.time_ns() % 1_000_000)
SOME = 8


def new_world(sandbox: Sandbox, clocks: Clocks) -> None:
    """Forget every row and every fault, and go back to where all stories begin."""
    kept = {"django_content_type", "auth_permission", "django_migrations"}
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - kept)
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


@dataclass
class Trial:
    """One life, lived once to its natural end, and then cut short again and again."""

    life: Life
    mortals: Mortals
    sandbox: Sandbox
    clocks: Clocks

    def __post_init__(self) -> None:
        scene = self.begin()
        self.points = self.mortals.live(scene.wish)
        self.commit = committed_at(self.points)
        assert list(self.wrong(scene)) == []
        self.alive = facts(scene)

    def begin(self) -> Scene:
        new_world(self.sandbox, self.clocks)
        return self.life.begin(self.sandbox, self.clocks)

    def wrong(self, scene: Scene) -> Iterator[str]:
        """Let a new worker go on; yield what is wrong then."""
        scene.carry_on()
        for wrong in self.life.wrong:
            yield from wrong(scene)

    def cut_short(self, place: Place) -> Iterator[str]:
        """Kill at a place; yield what is wrong in the end."""
        scene = self.begin()
        if not self.mortals.die(scene.wish, place):
            yield "it lived"
        was_committed = place[0] > self.commit or place == (self.commit, "after")
        if was_committed != bool(scene.intents):
            yield f"{len(scene.intents)} intents stand"
        yield from self.wrong(scene)
        if self.life.as_if_alive and facts(scene) != self.alive:
            yield f"it left {facts(scene)}, and alive {self.alive}"


@pytest.fixture(scope="module")
def mortals(
    django_db_setup: None, sandbox_process: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mortals]:
    with running_mortals(tmp_path_factory.mktemp("mortals"), sandbox_process) as mortals:
        yield mortals


@pytest.mark.parametrize("name", LIVES)
def test_killed_anywhere(
    name: str, sandbox: Sandbox, mortals: Mortals, record_property: Callable[[str, object], None]
) -> None:
    with standing_still(sandbox, T0) as clocks:
        trial = Trial(LIVES[name], mortals, sandbox, clocks)
        tried = places(trial.points, thorough=LIVES[name].thorough)

        wrong = {place: what for place in tried if (what := list(trial.cut_short(place)))}

    told = [f"{side} {number} ({trial.points[number]}): {what}" for (number, side), what in wrong.items()]
    assert not wrong, "\n".join([f"KILLS_SEED={SEED}", *told, *map(str, enumerate(trial.points))])
    record_property("counted", f"{name}: {len(trial.points)} points of I/O, killed at {len(tried)} places")
