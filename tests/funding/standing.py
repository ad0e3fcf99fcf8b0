"""A customer who may move money: rows here, and the same account and relationship in the broker's books."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import BrokerageAccount, User
from brokerage.gateways.broker_answers import FundingEvent
from brokerage.gateways.errors import patience
from funding import states
from funding.models import ACHRelationship, Schedule, SendAttempt, Transfer
from funding.operations import authorization, transfers
from funding.operations.duties import DUTIES
from funding.operations.rounds import Rounds
from tests import make
from tests.brokerage.sandbox.bench import Bench
from tests.harness.sandbox import Sandbox

IN, OUT = states.INCOMING, states.OUTGOING
POST = "POST /broker/v1/accounts/*/transfers"
LIST = "GET /broker/v1/accounts/*/transfers"
SENDER = "a test"


T0 = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # when a story begins


@dataclass
class Customer:
    """Someone with an open account, an approved bank and, if told so, some cash."""

    user: User
    account: BrokerageAccount
    relationship: ACHRelationship
    sandbox: Sandbox

    def ask(self, amount: str, direction: str = IN) -> Transfer:
        """Reserve a transfer, and send nothing."""
        return transfers.request_transfer(
            user=self.user,
            account=self.account,
            direction=direction,
            amount=Decimal(amount),
            form_key=transfers.form_key(user=self.user, direction=direction),
            visit=make.VISIT,
            agreed_to=self.agreed_to(amount) if direction == IN else "",
        )

    def agreed_to(self, amount: str) -> str:
        """Return what stands for the words by which this amount is authorized now."""
        relationship = ACHRelationship.objects.get(pk=self.relationship.pk)
        words = authorization.sentence(relationship=relationship, amount=Decimal(amount), at=timezone.now())
        return authorization.digest(words)

    def move(self, amount: str, direction: str = IN) -> Transfer:
        """Reserve a transfer and send it."""
        transfer = self.ask(amount, direction)
        transfers.send(transfer=transfer, sender=SENDER)
        transfer.refresh_from_db()
        return transfer

    def at_the_broker(self) -> list[dict[str, Any]]:
        """Return this account's transfers in the broker's own books."""
        listed = self.sandbox.get("/control/state")["transfers"]
        return [row for row in listed if row["account_id"] == self.account.alpaca_id]

    def made_elsewhere(self, amount: str, direction: str = IN) -> str:
        """Make a transfer at the broker's dashboard; return its id there."""
        made = self.sandbox.post(
            "/control/transfers",
            account_id=self.account.alpaca_id,
            relationship_id=self.relationship.alpaca_id,
            amount=amount,
            direction=direction,
        )
        alpaca_id: str = made["id"]
        return alpaca_id


def open_customer(sandbox: Sandbox, email: str = "ada@example.com", *, cash: str = "") -> Customer:
    bench = Bench(sandbox.url)
    with closing(bench.session):
        account_id = bench.open_account()
        relationship_id = bench.link(account_id)
        bank = bench.bank_login()
        if cash:
            bench.control("balances", account_id=account_id, amount=cash)
    user = make.user(email)
    account = make.account(user, alpaca_id=account_id, cash=cash or "0.00")
    relationship = make.relationship(account, alpaca_id=relationship_id, login=bank)
    return Customer(user, account, relationship, sandbox)


def fault(sandbox: Sandbox, kind: str, route: str = POST, *, times: int | None = 1, **details: Any) -> None:
    sandbox.post("/control/faults", route=route, kind=kind, times=times, **details)


def lost(
    customer: Customer, amount: str = "50.00", direction: str = IN, *, kind: str = "drop_after_commit"
) -> Transfer:
    """Send a transfer whose answer never comes."""
    fault(customer.sandbox, kind)
    transfer = customer.move(amount, direction)
    assert transfer.sending == states.UNKNOWN
    return transfer


def in_doubt(of: ACHRelationship, sending: str = states.UNKNOWN, **more: Any) -> Transfer:
    """Make a transfer that was sent and not answered, as a row alone."""
    made = make.transfer(of, sending=sending, **more)
    sent_at = made.created_at
    SendAttempt.objects.create(
        transfer=made, sender=SENDER, sent_at=sent_at, lease_until=sent_at + timedelta(seconds=60)
    )
    return made


def work() -> int:
    """Do one round of a worker that is in a hurry."""
    rounds = Rounds(sender="worker of a test")
    with patience(2):
        return rounds._run()


def everything_is_due() -> None:
    """Have whatever is done again and again to be done now: it was last done a year ago."""
    for duty in DUTIES:
        values = {"done_at": timezone.now() - timedelta(days=365), "held_until": None}
        Schedule.objects.update_or_create(name=duty.name, defaults=values)


def read_anew(row: Any) -> Any:
    row.refresh_from_db()
    return row


def event(
    of: Transfer | ACHRelationship, status: str, *, minutes: int = 0, reason: str = "", name: str = ""
) -> FundingEvent:
    """Return news of the broker's stream, some minutes into the story."""
    return FundingEvent(
        event_id=name or f"{of.alpaca_id}-{status}"[:64],
        at=T0 + timedelta(minutes=minutes),
        entity_type="Transfer" if isinstance(of, Transfer) else "BankRelationship",
        entity_id=of.alpaca_id or "",
        account_id=of.brokerage_account.alpaca_id,
        status=status,
        reason=reason,
    )


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run all jobs at one moment, each with a connection of its own; return what they returned or raised."""
    gate, came = threading.Barrier(len(jobs)), list[Any]()

    def run(job: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=20)
            came.append(job())
        except Exception as error:
            came.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return came


class Clocks:
    """Our clock and the broker's, which stand still together until they are moved together."""

    def __init__(self, sandbox: Sandbox, traveller: time_machine.Traveller) -> None:
        self._sandbox, self._traveller = sandbox, traveller

    def go_to(self, moment: datetime) -> None:
        self._traveller.move_to(moment, tick=False)
        self._sandbox.post("/control/clock", now=moment.isoformat())

    def advance(self, **by: float) -> None:
        self.go_to(timezone.now() + timedelta(**by))


@contextmanager
def standing_still(sandbox: Sandbox, at: datetime | None = None) -> Iterator[Clocks]:
    at = at or datetime.now(UTC).replace(microsecond=0)
    with time_machine.travel(at, tick=False) as traveller:
        sandbox.post("/control/clock", freeze=True, now=at.isoformat())
        yield Clocks(sandbox, traveller)
