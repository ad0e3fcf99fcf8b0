"""Pieces of work that somebody may be killed in: what stands before each, and what must hold after it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from brokerage.status import note
from funding import states
from funding.models import Lookup, Reversal, SendAttempt, Transfer
from funding.operations import transfers
from funding.operations.rounds import Rounds
from tests.funding.standing import (
    IN,
    OUT,
    Clocks,
    Customer,
    lost,
    open_customer,
    read_anew,
)
from tests.harness.mortals import Wish
from tests.harness.sandbox import Sandbox
from tests.harness.site import sessions

# A worker's rounds, until one that was sent and not heard of is certified never to have been made.
STEPS = (61, 301, 600, 1200, 1800, 300, 3600, 3600)
SWEPT = 1  # by then everything has been compared with the broker, too


@dataclass
class Scene:
    """What stands before the work, and the work."""

    customer: Customer
    clocks: Clocks
    wish: Wish

    @property
    def intents(self) -> list[Transfer]:
        return list(Transfer.objects.filter(user=self.customer.user))

    @property
    def requests(self) -> int:
        """Return how often the broker was asked for a transfer."""
        faults = self.customer.sandbox.get("/control/faults")
        return sum(fault["fired"] for fault in faults)

    def carry_on(self) -> None:
        """Let a new worker do rounds, the clocks moving on, until one changes nothing."""
        rounds, before = Rounds(sender="another worker"), facts(self)
        for number, seconds in enumerate(STEPS):
            self.clocks.advance(seconds=seconds)
            rounds.run()
            now = facts(self)
            if not now or (number >= SWEPT and now == before and not Transfer.objects.in_doubt().exists()):
                return
            before = now


def facts(scene: Scene) -> list[Any]:
    """Return all that a killed process must leave as one that was not killed does."""
    return [
        (
            transfer.sending,
            transfer.status,
            transfer.return_code,
            transfer.cancel_answer,
            Reversal.objects.filter(transfer=transfer).count(),
            read_anew(scene.customer.relationship).usable,
            sorted((event.field, event.before, event.after) for event in transfer.events.all()),
        )
        for transfer in scene.intents
    ]


# --- What stands before, and the work ---------------------------------------------------------------------------------


def watched(sandbox: Sandbox) -> None:
    """Count every request for a transfer, by a fault that harms nobody."""
    sandbox.post("/control/faults", route="POST /broker/v1/accounts/*/transfers", kind="slow", seconds=0, times=None)


def submitted(customer: Customer, path: str, **form: str) -> Wish:
    session = sessions(customer.user, 1)[0]
    return Wish("post", {"session": session, "path": path, "form": form})


def confirming(direction: str) -> Callable[[Sandbox, Clocks], Scene]:
    """Let the server take a confirmation."""

    def begin(sandbox: Sandbox, clocks: Clocks) -> Scene:
        customer = open_customer(sandbox, cash="1000.00")
        watched(sandbox)
        way = "deposit" if direction == IN else "withdraw"
        form = {
            "amount": "50.00",
            "form_key": str(transfers.form_key(user=customer.user, direction=direction)),
            "agreed_to": customer.agreed_to("50.00"),
        }
        return Scene(customer, clocks, submitted(customer, f"/{way}/confirm/", **form))

    return begin


def reserved(direction: str) -> Callable[[Sandbox, Clocks], Scene]:
    """Let the worker send what a server that died has only reserved."""

    def begin(sandbox: Sandbox, clocks: Clocks) -> Scene:
        customer = open_customer(sandbox, cash="1000.00")
        watched(sandbox)
        customer.ask("50.00", direction)
        clocks.advance(seconds=5)
        return Scene(customer, clocks, Wish("work_once", {}))

    return begin


def unanswered(sandbox: Sandbox, clocks: Clocks) -> Scene:
    """Let the worker find, and adopt, a deposit whose answer was lost."""
    customer = open_customer(sandbox)
    lost(customer)
    watched(sandbox)
    clocks.advance(seconds=6)
    return Scene(customer, clocks, Wish("work_once", {}))


def never_made(sandbox: Sandbox, clocks: Clocks) -> Scene:
    """Let the worker certify that a deposit was never made: it has looked for an hour, and this is the last look."""
    customer = open_customer(sandbox)
    transfer = lost(customer, kind="drop_before_commit")
    watched(sandbox)
    rounds, began_at = Rounds(sender="a worker"), timezone.now()
    clocks.advance(seconds=6)
    rounds.run()
    for minutes in (1, 5, 20, 40):
        Lookup.objects.create(transfer=transfer, complete=True, at=began_at + timedelta(minutes=minutes))
    clocks.advance(minutes=61)
    rounds.run()
    clocks.advance(minutes=1)
    return Scene(customer, clocks, Wish("work_once", {}))


def taken_back(sandbox: Sandbox, clocks: Clocks) -> Scene:
    """Let the worker hear that a deposit has settled, and that its customer denies it."""
    customer = open_customer(sandbox)
    watched(sandbox)
    transfer = customer.move("50.00")
    for change in ({"action": "settle"}, {"action": "return", "code": "R10"}):
        clocks.advance(seconds=30)
        sandbox.post(f"/control/transfers/{transfer.alpaca_id}", **change)
    clocks.advance(seconds=30)
    return Scene(customer, clocks, Wish("work_once", {}))


def canceling(sandbox: Sandbox, clocks: Clocks) -> Scene:
    """Let the server ask the broker to cancel a withdrawal."""
    customer = open_customer(sandbox, cash="1000.00")
    watched(sandbox)
    transfer = customer.move("50.00", OUT)
    return Scene(customer, clocks, submitted(customer, f"{transfer.url}cancel/"))


def wishing(sandbox: Sandbox, clocks: Clocks) -> Scene:
    """Let the worker tell the broker of a wish to cancel whose teller died before it was heard."""
    customer = open_customer(sandbox, cash="1000.00")
    watched(sandbox)
    transfer = customer.move("50.00", OUT)
    Transfer.objects.update(cancel_asked_at=timezone.now(), cancel_answer="asked")
    note(transfer, field="cancel", after="asked", actor="a server")
    clocks.advance(seconds=61)
    return Scene(customer, clocks, Wish("work_once", {}))


# --- What must hold afterwards ----------------------------------------------------------------------------------------


def wrong_with_money(scene: Scene) -> Iterator[str]:
    """Yield what must never be, whatever was killed."""
    theirs = {row["id"]: Decimal(row["amount"]) for row in scene.customer.at_the_broker()}
    if scene.requests > 1 or len(theirs) > 1 or len(scene.intents) > 1:
        yield f"{len(scene.intents)} intents, {scene.requests} requests, {len(theirs)} transfers at the broker"
    for transfer in scene.intents:
        yield from wrong_with_one(transfer, theirs)
        theirs.pop(transfer.alpaca_id or "", None)
    if theirs:
        yield "the broker has one that we have not"


def wrong_with_one(transfer: Transfer, theirs: dict[str, Decimal]) -> Iterator[str]:
    if transfer.sending not in (states.ACCEPTED, states.NOT_CREATED):
        yield f"it ended {transfer.sending}"
    if (transfer.sending == states.ACCEPTED) != (theirs.get(transfer.alpaca_id or "") == transfer.amount):
        yield f"it is {transfer.sending}, and the broker has {theirs}"
    if SendAttempt.objects.filter(transfer=transfer).count() != 1:
        yield "it has no attempt"
    if transfer.is_deposit and transfer.authorization is None:
        yield "nobody authorized it"
    if not transfer.events.filter(field="sending", after=transfer.sending).exists():
        yield f"its history does not end {transfer.sending}"


def wrong_with_cancel(scene: Scene) -> Iterator[str]:
    """Yield where a wish to cancel has neither been heard nor may be told again."""
    (transfer,), (theirs,) = scene.intents, scene.customer.at_the_broker()
    if transfer.status != theirs["status"]:
        yield f"it is {transfer.status}, and {theirs['status']} at the broker"
    if transfer.status != states.CANCELED and not transfer.can_cancel and transfer.cancel_answer != "too late":
        yield f"it goes on, and says {transfer.cancel_answer!r}"


def committed_at(points: list[str]) -> int:
    """Return the number of the commit by which the intent stands, or -1 where it stood before."""
    inserted = [number for number, point in enumerate(points) if point == "INSERT funding_transfer"]
    return next(number for number in range(inserted[0], len(points)) if "commit" in points[number]) if inserted else -1


# --- All of them ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Life:
    """A piece of work in a scene; where not `thorough`, an ordinary run tries only some of its places."""

    begin: Callable[[Sandbox, Clocks], Scene]
    thorough: bool = False
    wrong: tuple[Callable[[Scene], Iterator[str]], ...] = (wrong_with_money,)
    as_if_alive: bool = False  # it leaves the same facts, wherever it was killed


LIVES = {
    "a server that takes a deposit": Life(confirming(IN), thorough=True),
    "a server that takes a withdrawal": Life(confirming(OUT)),
    "a worker that sends a deposit": Life(reserved(IN)),
    "a worker that sends a withdrawal": Life(reserved(OUT)),
    "a worker that adopts a deposit": Life(unanswered, as_if_alive=True),
    "a worker that certifies that there is none": Life(never_made, as_if_alive=True),
    "a worker that hears of a return": Life(taken_back, as_if_alive=True),
    "a worker that tells of a wish to cancel": Life(wishing, wrong=(wrong_with_money, wrong_with_cancel)),
    "a server that cancels": Life(canceling, thorough=True, wrong=(wrong_with_money, wrong_with_cancel)),
}
