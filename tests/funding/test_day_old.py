"""A copy of our database from a day ago is put back: the books catch up with the broker's, and no money moves twice."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.operations import account_status
from funding import states
from funding.models import ACHRelationship, Break, CashActivity, SendAttempt, Transfer
from funding.operations import closing, reviewing, risk, transfers
from funding.operations.rounds import Rounds
from tests import make
from tests.brokerage.sandbox.bench import Bench
from tests.funding import books
from tests.funding.standing import (
    OUT,
    POST,
    SENDER,
    T0,
    Clocks,
    Customer,
    lost,
    open_customer,
    read_anew,
    standing_still,
)
from tests.harness.copies import copy_of_our_database
from tests.harness.sandbox import Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NAMES = ("ada", "ben", "cyd", "dan", "eve", "fay", "gus", "hal", "ivy", "joy")
MINUTES = (1, 6, 10, 20, 30, 62, 62)


@dataclass
class Town:
    """Some customers, the worker, and what the broker was asked for."""

    sandbox: Sandbox
    clocks: Clocks
    people: dict[str, Customer] = field(default_factory=dict)
    rows: dict[str, Transfer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in NAMES:
            cash = "" if name == "ivy" else "1000.00"
            self.people[name] = open_customer(self.sandbox, f"{name}@example.com", cash=cash)
        self.ops = make.user("ops@example.com", is_staff=True)
        self.work()

    def count_requests(self) -> None:
        """Count from now on how often the broker is asked for a transfer, by a fault that harms nobody."""
        self.sandbox.post("/control/faults", route=POST, kind="slow", seconds=0, times=None)

    @property
    def requests(self) -> int:
        return sum(each["fired"] for each in self.sandbox.get("/control/faults") if each["kind"] == "slow")

    def work(self, *minutes: float) -> None:
        rounds = Rounds(sender="a worker")
        for each in minutes or (0.1,):
            self.clocks.advance(minutes=each)
            rounds.run()

    def bank(self, transfer: Transfer, **action: str) -> None:
        """Let the bank do something to a transfer, as the broker sees it."""
        self.clocks.advance(minutes=5)
        self.sandbox.post(f"/control/transfers/{read_anew(transfer).alpaca_id}", **action)

    def out(self, name: str, amount: str) -> Transfer:
        account_status.refresh_cash(account=self.people[name].account)
        return self.people[name].ask(amount, OUT)


@pytest.fixture
def town(sandbox: Sandbox) -> Any:
    with standing_still(sandbox, T0) as clocks:
        yield Town(sandbox, clocks)


# --- What stands when the copy is made --------------------------------------------------------------------------------


def yesterday(town: Town) -> None:
    people, rows = town.people, town.rows
    rows["ada"] = people["ada"].move("100.00")
    town.bank(rows["ada"], action="settle")
    rows["gus"] = people["gus"].move("70.00")
    rows["joy"] = people["joy"].move("30.00")
    town.work()
    rows["dan"] = lost(people["dan"], "40.00")
    town.count_requests()
    rows["fay"] = town.out("fay", "60.00")
    assert transfers._claim(rows["fay"], "a server that dies")
    people["fay"].made_elsewhere("60.00", OUT)  # its request has arrived
    rows["eve"] = people["eve"].ask("25.00")
    rows["eve"].move_sending(states.HELD, actor="risk gate")
    rows["ben"] = people["ben"].ask("50.00")  # the next round of a worker would send these two
    rows["cyd"] = town.out("cyd", "80.00")


# --- What becomes of it, and is lost ----------------------------------------------------------------------------------


def today(town: Town) -> None:
    people, rows = town.people, town.rows
    for name in ("ben", "cyd"):
        transfers.send(transfer=rows[name], sender=SENDER)
    risk.allow_held(transfer=rows["eve"], because="talked to her", person=town.ops)
    town.work(*MINUTES)
    for name in ("ben", "cyd", "eve", "fay", "gus"):
        town.bank(rows[name], action="settle")
    town.bank(rows["ada"], action="return", code="R01")
    town.bank(rows["joy"], action="return", code="R03")
    town.work()
    rows["gus again"] = people["gus"].move("71.00")
    town.bank(rows["gus again"], action="settle")
    rows["ben again"] = town.out("ben", "12.00")
    transfers.send(transfer=rows["ben again"], sender=SENDER)
    links_another_bank(town)
    closes(people["ivy"])
    town.work(*MINUTES)
    town.clocks.advance(hours=20)
    town.work()


def links_another_bank(town: Town) -> None:
    hal = town.people["hal"]
    town.sandbox.post(f"/control/relationships/{hal.relationship.alpaca_id}", status=states.CANCELED)
    bench = Bench(town.sandbox.url)
    bench.link(hal.account.alpaca_id)
    bench.session.close()


def closes(ivy: Customer) -> None:
    made = closing.request(
        account=ivy.account, form_key=closing.form_key(account=ivy.account),
        visit=make.VISIT,
    )  # fmt: skip
    closing.send(closing=made, sender=SENDER)
    assert read_anew(made).status == states.DONE


# --- Catching up ------------------------------------------------------------------------------------------------------


def by_the_worker(town: Town) -> None:
    town.work(*MINUTES)


def by_the_command(town: Town) -> None:
    """Reconcile before a worker is started."""
    for area in ("accounts", "relationships", "transfers", "cash"):
        books.compare(area, full=True)
    town.work(*MINUTES)


def by_their_customers(town: Town) -> None:
    """Let those whose pages stand open choose the button again, before anything else."""
    for transfer in Transfer.objects.filter(sending=states.RESERVED).select_related("brokerage_account"):
        transfers.send(transfer=transfer, sender="a customer")
    town.work(*MINUTES)


@pytest.mark.parametrize("catch_up", [by_the_worker, by_the_command, by_their_customers])
def test_a_day_that_is_lost_is_found_again_and_nothing_is_sent_twice(
    town: Town, catch_up: Callable[[Town], None]
) -> None:
    yesterday(town)
    put_back = copy_of_our_database()
    today(town)
    asked = town.requests
    put_back()
    assert Transfer.objects.filter(sending=states.RESERVED).count() == 2
    assert SendAttempt.objects.count() == 5

    catch_up(town)
    decide_what_is_held(town)
    for _ in range(2):
        for area in ("accounts", "relationships", "transfers", "cash"):
            books.compare(area, full=True)

    assert town.requests == asked
    assert our_transfers() == their_transfers(town)
    assert wrong_links(town) == {("BANK_UNKNOWN", "hal@example.com")}
    assert read_anew(town.people["ivy"].account).status == "ACCOUNT_CLOSED"
    cash_is_equal(town)
    intents = Transfer.objects.filter(origin=Transfer.Origin.CUSTOMER)
    assert set(intents.values_list("sending", flat=True)) == {states.ACCEPTED}
    assert intents.count() == len(town.rows) - 2  # those that were asked for since are made elsewhere, to our books
    said = StringIO()
    with suppress(SystemExit):
        call_command("check_invariants", "--only", "1,2,3,5,7,12", stdout=said)
    # What the test has made by hand has no history.
    assert [line for line in said.getvalue().splitlines() if ": transfer " in line] == []


def decide_what_is_held(town: Town) -> None:
    """Let a person do again what was forgotten."""
    eve = read_anew(town.rows["eve"])
    assert eve.sending == states.HELD
    risk.allow_held(transfer=eve, because="talked to her, again", person=town.ops)
    town.work(1, 1)
    assert read_anew(eve).sending == states.ACCEPTED


def our_transfers() -> set[tuple[Any, ...]]:
    return set(Transfer.objects.values_list("alpaca_id", "direction", "amount", "status"))


def their_transfers(town: Town) -> set[tuple[Any, ...]]:
    rows = town.sandbox.get("/control/state")["transfers"]
    return {(row["id"], row["direction"], Decimal(row["amount"]), row["status"]) for row in rows}


def wrong_links(town: Town) -> set[tuple[str, str]]:
    """Return the breaks of bank accounts; all that we hold stand as the broker's."""
    theirs = {row["id"]: row["status"] for row in town.sandbox.get("/control/state")["relationships"]}
    for link in ACHRelationship.objects.all():
        assert link.status == theirs[link.alpaca_id or ""]
    found = Break.objects.filter(ended_at=None, kind__startswith="BANK")
    return set(found.values_list("kind", "brokerage_account__user__email"))


def cash_is_equal(town: Town) -> None:
    theirs: dict[str, Decimal] = {}
    for row in town.sandbox.get("/control/dump")["activities"]:
        theirs[row["account_id"]] = theirs.get(row["account_id"], Decimal()) + Decimal(row["cents"]) / 100
    for person in town.people.values():
        account = read_anew(person.account)
        assert account.cash == theirs.get(account.alpaca_id, Decimal())
    booked = [row for row in town.sandbox.get("/control/dump")["activities"] if row["activity_type"] in ("CSD", "CSW")]
    assert CashActivity.objects.count() == len(booked)
    # What the test itself put into the accounts was booked for no transfer; nothing else is left.
    given = {f"cash {row['id']}" for row in booked if not row["transfer_id"]}
    left = Break.objects.filter(ended_at=None).exclude(kind__startswith="BANK").exclude(kind__startswith="ACCOUNT")
    assert set(left.values_list("kind", "subject")) == {("CASH_UNEXPLAINED", subject) for subject in given}


def test_two_that_could_be_it_are_left_to_a_person_and_not_sent(town: Town) -> None:
    """The same amount went twice in the day that is lost."""
    town.count_requests()
    transfer = town.people["ben"].ask("50.00")
    put_back = copy_of_our_database()
    transfers.send(transfer=transfer, sender=SENDER)
    town.bank(transfer, action="settle")
    town.work()
    again = town.people["ben"].move("50.00")
    asked = town.requests
    put_back()

    town.work(*MINUTES)

    assert read_anew(transfer).sending == states.REVIEW
    reviewing.adopt(transfer=transfer, alpaca_id=again.alpaca_id or "", because="the bank says so", person=town.ops)
    books.compare()
    assert town.requests == asked
    assert our_transfers() == their_transfers(town)
