"""Fifty at once, against several processes of the site: one intent, one request to the broker, no overdraft.

Each race is first lost, by servers that lack a safeguard (see tests.harness.unsafe_wsgi), and then won again and again.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from brokerage.append_only import lifted
from funding.models import SendAttempt, Transfer
from funding.operations import limits, transfers
from tests import make
from tests.funding.standing import IN, OUT, open_customer, read_anew
from tests.harness.sandbox import Sandbox
from tests.harness.site import Answer, post_at_once, running_site, sessions

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CROWD = 50
REPEATS = int(os.environ.get("RACE_REPEATS", "20"))
Count = Callable[[str, object], None]
TRIES = 20  # until a race that nothing prevents is seen to be lost; mostly the first one is
CASH = Decimal("1000.00")
NO_CASH = "You can withdraw up to $"
REFUSALS = {
    transfers.FormOutOfDate.customer_message,
    transfers.FormUsedAlready.customer_message,
    transfers.TransferInDoubt.customer_message,
}


@pytest.fixture(autouse=True)
def own_key(settings: Settings) -> None:
    """Sign sessions with a key that production takes."""
    settings.SECRET_KEY = "for-the-races-only-" + uuid.uuid4().hex * 2


def without(*safeguards: str) -> str:
    return f"tests.harness.unsafe_wsgi:without{safeguards!r}"


class Race:
    """Somebody new with $1,000.00, and fifty devices on which they are signed in."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.customer = customer = open_customer(sandbox, f"{uuid.uuid4()}@example.com", cash=str(CASH))
        self.devices = sessions(customer.user, CROWD)
        # A fault that harms nobody, and counts every request for a transfer.
        self._route = f"POST /broker/v1/accounts/{customer.account.alpaca_id}/transfers"
        sandbox.post("/control/faults", route=self._route, kind="slow", seconds=0, times=None)

    def keys(self, direction: str) -> list[str]:
        """Return the key of the page that is due, and of the one that is due when a transfer has been reserved."""
        with transaction.atomic():
            first = transfers.form_key(user=self.customer.user, direction=direction)
            make.transfer(self.customer.relationship, direction=direction)
            second = transfers.form_key(user=self.customer.user, direction=direction)
            transaction.set_rollback(True)
        return [str(first), str(second)]

    def deposit(self, port: int) -> list[Answer]:
        """Let every device confirm one and the same deposit."""
        form = {
            "amount": "50.00",
            "form_key": self.keys(IN)[0],
            "agreed_to": self.customer.agreed_to("50.00"),
        }
        return post_at_once(port, "/deposit/confirm/", [(device, form) for device in self.devices])

    def withdraw(self, port: int, keys: list[str]) -> list[Answer]:
        """Let every device withdraw another amount, each about 60 % of the cash."""
        forms = [{"amount": f"{600 + n}.00", "form_key": keys[n % len(keys)]} for n in range(CROWD)]
        return post_at_once(port, "/withdraw/confirm/", list(zip(self.devices, forms, strict=True)))

    @property
    def intents(self) -> list[Transfer]:
        return list(Transfer.objects.filter(user=self.customer.user))

    @property
    def requests(self) -> int:
        """Return how often the broker was asked for a transfer."""
        faults = self.customer.sandbox.get("/control/faults")
        return sum(fault["fired"] for fault in faults if fault["route"] == self._route)

    @property
    def promised(self) -> Decimal:
        counted = Transfer.objects.of(self.customer.account, OUT).counted()
        return sum((transfer.amount for transfer in counted), Decimal())


@contextmanager
def no_constraint() -> Iterator[None]:
    """Let the database take two transfers from one form, until the block ends."""
    rule: Any = next(each for each in Transfer._meta.constraints if each.name == "one_transfer_per_form")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Transfer, rule)
    try:
        yield
    finally:
        with lifted(), connection.cursor() as cursor:  # the attempts to send them go with them, and are facts
            cursor.execute("TRUNCATE funding_transfer CASCADE")
        with connection.schema_editor() as editor:
            editor.add_constraint(Transfer, rule)


def made_once(race: Race, answers: list[Answer]) -> bool:
    """Say whether all were led to the page of one transfer, which was asked for once."""
    pages = {(302, intent.url, "") for intent in race.intents}
    came = {(answer.status, answer.location, answer.said) for answer in answers}
    attempts = SendAttempt.objects.filter(transfer__user=race.customer.user).count()
    return came == pages and len(race.intents) == len(race.customer.at_the_broker()) == race.requests == attempts == 1


def lost(sandbox: Sandbox, run: Callable[[Race], bool], *, tries: int = TRIES) -> bool:
    """Say whether a race is lost in one of some tries."""
    return any(run(Race(sandbox)) for _ in range(tries))


def test_fifty_clicks_on_one_deposit_make_one(sandbox: Sandbox, tmp_path: Path, record_property: Count) -> None:
    def twice(race: Race) -> bool:
        race.deposit(port)
        return len(race.intents) > 1

    with running_site(tmp_path, sandbox, without("lock")) as port:
        with no_constraint():
            assert lost(sandbox, twice)
        assert not lost(sandbox, twice, tries=3)  # the database alone prevents it, rudely
    with running_site(tmp_path, sandbox) as port:
        with no_constraint():
            assert not lost(sandbox, twice, tries=3)  # and so does the lock alone
        for _ in range(REPEATS):
            race = Race(sandbox)
            assert made_once(race, race.deposit(port))
    record_property("counted", f"one deposit confirmed {CROWD} times at once, {REPEATS} times: one each")


def _is_told(answer: Answer) -> bool:
    """Say whether the visitor reads why: in a message, beside the field, or on a page that says what is in the way."""
    leads_to_obstacle = not answer.said and answer.location.startswith("/withdraw/?amount=")
    return answer.said in REFUSALS or answer.said.startswith(NO_CASH) or leads_to_obstacle


def leaves_once(race: Race, answers: list[Answer]) -> bool:
    """Say whether one withdrawal was made and held, and everybody else was told why theirs was not."""
    (made,) = race.intents
    others = [answer for answer in answers if answer.location != made.url]
    left = limits.withdrawable(account=read_anew(race.customer.account))
    told = all(_is_told(answer) for answer in others)
    once = len(race.customer.at_the_broker()) == race.requests == 1
    return once and told and len(others) == CROWD - 1 and left is not None and left <= CASH - made.amount


def test_fifty_withdrawals_of_most_of_the_cash_make_one(
    sandbox: Sandbox, tmp_path: Path, record_property: Count
) -> None:
    def overdrawn(race: Race) -> bool:
        race.withdraw(port, [str(uuid.uuid4()) for _ in range(CROWD)])
        return race.promised > CASH

    with running_site(tmp_path, sandbox, without("keys", "one in doubt", "lock")) as port:
        assert lost(sandbox, overdrawn)
    with running_site(tmp_path, sandbox, without("keys", "one in doubt")) as port:
        for _ in range(3):  # the cash alone decides, and under the lock it decides well
            race = Race(sandbox)
            answers = race.withdraw(port, [str(uuid.uuid4()) for _ in range(CROWD)])
            assert leaves_once(race, answers)
            assert sum(answer.said.startswith(NO_CASH) for answer in answers) == CROWD - 1
    with running_site(tmp_path, sandbox) as port:
        for _ in range(REPEATS):
            race = Race(sandbox)
            assert leaves_once(race, race.withdraw(port, race.keys(OUT)))
    record_property("counted", f"{CROWD} withdrawals of 60 % of the cash at once, {REPEATS} times: one each")
