"""What one of the broker's event streams is to us: where it is, and what is done about its news.

Made by account_stream and, in the other app, funding_stream; used by whatever reads, keeps, acts and follows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.findings import Finding
from accounts.operations.account_changes import Change
from brokerage.gateways.broker_streams import Feed

# Passed between two steps of long work; raises where it must not go on (see leases.Held and following.Stopped).
Checkpoint = Callable[[], object]


def nothing_to_check() -> None:
    """Stand where nothing can stop the work."""


@dataclass(frozen=True)
class Acted:
    """What acting on one event came to: DONE, UNFAMILIAR or STRANGER, and what changed here."""

    state: str
    account_id: str = ""  # the broker's
    why: str = ""  # names of fields, never a value
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True)
class Stream:
    """One stream. `act` takes the body of an event, and may be given the same one twice without doing anything twice.

    `after` sees to what a batch of them leads to, such as reading cash again. `sweep` compares with the broker whatever
    is unsettled, for when news was lost. Both pass a checkpoint between two accounts. `open_since` tells the oldest
    question that news may answer.
    """

    name: str
    feed: Feed
    act: Callable[[str], Acted]
    sweep: Callable[[Checkpoint], Iterator[Finding]]
    after: Callable[[Sequence[Acted], Checkpoint], object] = lambda acted, checkpoint: None
    open_since: Callable[[], datetime | None] = lambda: None
