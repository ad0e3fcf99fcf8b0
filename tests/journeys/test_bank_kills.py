"""kill -9 at every point of a bank's change: one bank at the broker, no key left behind, and it comes to its end.

As test_kills, which says how the points are found.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.funding.standing import T0, Clocks, standing_still
from tests.harness.mortals import Mortals, Place
from tests.harness.sandbox import Sandbox
from tests.journeys import bank_lives
from tests.journeys.bank_lives import STORIES, BankLifeStory, BankScene
from tests.journeys.killing import SEED, new_world, places

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@dataclass
class BankTrial:
    """One story, lived once to its natural end, and then cut short again and again."""

    story: BankLifeStory
    mortals: Mortals
    sandbox: Sandbox
    clocks: Clocks

    def __post_init__(self) -> None:
        scene = self.begin()
        self.points = self.mortals.live(scene.wish)
        scene.carry_on()
        assert list(bank_lives.wrong(scene, killed=False)) == []
        self.alive = bank_lives.facts(scene)

    def begin(self) -> BankScene:
        new_world(self.sandbox, self.clocks)
        return self.story.begin(self.sandbox, self.clocks)

    def cut_short(self, place: Place) -> Iterator[str]:
        """Kill at a place; yield what is wrong in the end."""
        scene = self.begin()
        if not self.mortals.die(scene.wish, place):
            yield "it lived"
        scene.carry_on()
        untouched = not self.story.as_if_alive and scene.kept == 0 and bank_lives.facts(scene) != self.alive
        if untouched:  # the wish was not committed: she has her bank, and chooses the button again
            scene.kept = 1
        yield from bank_lives.wrong(scene, killed=True)
        if self.story.as_if_alive and bank_lives.facts(scene) != self.alive:
            yield f"it left {bank_lives.facts(scene)}, and alive {self.alive}"


@pytest.mark.parametrize("name", STORIES)
def test_a_bank_whose_change_is_killed_anywhere(
    name: str, sandbox: Sandbox, mortals: Mortals, record_property: Callable[[str, object], None]
) -> None:
    with standing_still(sandbox, T0) as clocks:
        trial = BankTrial(STORIES[name], mortals, sandbox, clocks)
        tried = places(trial.points, thorough=False)

        wrong = {place: what for place in tried if (what := list(trial.cut_short(place)))}

    told = [f"{side} {number} ({trial.points[number]}): {what}" for (number, side), what in wrong.items()]
    assert not wrong, "\n".join([f"KILLS_SEED={SEED}", *told, *map(str, enumerate(trial.points))])
    record_property("counted", f"{name}: {len(trial.points)} points of I/O, killed at {len(tried)} places")
