"""The broker's news in every order, any number of times, comes to the same end.

STREAMS=all tries every order of six events where sixteen are tried otherwise.
"""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from accounts.models import StreamEvent
from accounts.models.streams import DONE
from accounts.operations.account_stream import ACCOUNTS
from accounts.operations.streams import Stream
from funding.operations import funding_stream
from tests.funding.life import rolled_back
from tests.journeys import event_orders as orders
from tests.journeys.event_orders import Tale

pytestmark = pytest.mark.django_db

ALL = os.environ.get("STREAMS") == "all"
SEED = 20261128
Steps = list[dict[str, Any]]
Teller = Callable[[Stream, Steps, int], Tale]

# Nobody is asked about cash in between.
FUNDING = replace(funding_stream.FUNDING, after=lambda acted, checkpoint: None)
TALES: dict[str, tuple[Stream, Teller, Steps]] = {
    "a deposit that comes back": (FUNDING, orders.tale_of_transfer, orders.TRANSFER),
    "a deposit that is canceled": (FUNDING, orders.tale_of_transfer, orders.CANCELED),
    "an account": (ACCOUNTS, orders.tale_of_account, orders.ACCOUNT),
}


def in_order(name: str) -> dict[str, Any]:
    stream, teller, steps = TALES[name]
    with rolled_back():
        tale = teller(stream, steps, 0)
        for body in tale.bodies:
            stream.act(body)
        return orders.end_of(tale)


def some_orders(size: int) -> Iterator[tuple[int, ...]]:
    """Yield every order of up to three events, and of more some, unless all are wanted."""
    every = list(permutations(range(size)))
    yield from every if ALL or len(every) <= 6 else random.Random(SEED).sample(every, 16)  # noqa: S311


@pytest.mark.parametrize("name", TALES)
def test_every_order_of_up_to_six_events_comes_to_one_end(name: str) -> None:
    stream, teller, steps = TALES[name]
    chance = random.Random(SEED)  # noqa: S311
    wanted = in_order(name)

    for order in some_orders(len(steps)):
        with rolled_back():
            tale = teller(stream, steps, 0)
            orders.tell(stream, [tale.bodies[number] for number in order], chance)

            assert orders.end_of(tale) == wanted, order
            assert set(StreamEvent.objects.values_list("state", flat=True)) == {DONE}


@pytest.mark.parametrize("name", TALES)
def test_forty_events_of_many_come_to_one_end(name: str) -> None:
    stream, teller, steps = TALES[name]
    wanted = in_order(name)

    for run in range(60 if ALL else 4):
        chance = random.Random(SEED + run)  # noqa: S311
        with rolled_back():
            tales = [teller(stream, steps, number) for number in range(40 // len(steps))]
            bodies = [body for tale in tales for body in tale.bodies]
            bodies += chance.choices(bodies, k=40 - len(bodies))
            chance.shuffle(bodies)
            orders.tell(stream, bodies, chance)

            assert StreamEvent.objects.count() == len(set(bodies))
            assert [orders.end_of(tale) for tale in tales] == [wanted] * len(tales), run
