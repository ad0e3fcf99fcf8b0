"""kill -9 at every point of the server's and the worker's I/O: no lost intent, no second transfer, nothing stuck.

The points are found by letting the work be done once under observation (see tests.harness.points). Then a new process
does it again in a new world, is killed at one of them, and a new worker goes on, until nothing moves any more.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.funding.standing import T0, Clocks, standing_still
from tests.harness.mortals import Mortals, Place
from tests.harness.sandbox import Sandbox
from tests.journeys.killing import SEED, new_world, places
from tests.journeys.lives import LIVES, Life, Scene, committed_at, facts

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


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
