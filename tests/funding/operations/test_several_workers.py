"""Several workers in the same part of their rounds at one moment: what each of them would do is done by one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import BrokerageAccount
from accounts.operations import account_status
from brokerage.gateways.errors import patience
from brokerage.status import note
from funding import states
from funding.models import ACHRelationship, LinkSession, Lookup, PlaidItem, SendAttempt, Transfer
from funding.operations import (
    canceling,
    candidates,
    endings,
    item_reconciliation,
    left_links,
    relationships,
    resolving,
)
from tests.funding.standing import LIST, Customer, at_once, fault, lost, open_customer
from tests.harness.sandbox import Sandbox
from tests.harness.unguarded import rewrite
from tests.harness.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS, MANY = 5, 40
SLOW = 0.3  # seconds: as long as a vendor needs for all of them to have begun


@pytest.fixture
def grace(sandbox: Sandbox) -> Customer:
    return open_customer(sandbox, cash="100.00")


@pytest.fixture
def three(sandbox: Sandbox) -> list[Customer]:
    """Three rows for each part, so that while one worker has the first in hand, the others find the rest."""
    return [open_customer(sandbox, f"{number}@example.com") for number in range(3)]


def slow(sandbox: Sandbox, route: str, **more: Any) -> Callable[[], int]:
    """Have the vendor take its time on a route; return what tells how often it was asked there."""
    fault(sandbox, "slow", route, **({"times": None, "seconds": SLOW} | more))
    return lambda: int(next(row["fired"] for row in sandbox.get("/control/faults") if row["route"] == route))


def all_of_them(part: Callable[[str], Any]) -> list[Any]:
    came = at_once(*[lambda n=n: part(f"worker {n}") for n in range(WORKERS)])
    assert not [each for each in came if isinstance(each, Exception)]
    return came


def test_an_unknown_transfer_is_looked_for_once(grace: Customer, sandbox: Sandbox) -> None:
    transfer = lost(grace, kind="drop_before_commit")
    rewrite(SendAttempt.objects.all(), sent_at=timezone.now() - timedelta(seconds=6))
    slow(sandbox, LIST)

    all_of_them(lambda name: resolving.resolve_due())

    assert Lookup.objects.filter(transfer=transfer).count() == 1
    assert SendAttempt.objects.get().looking_until is None


def test_one_that_a_dead_worker_was_looking_for_is_looked_for_after_its_lease(grace: Customer) -> None:
    lost(grace)
    rewrite(
        SendAttempt.objects.all(),
        sent_at=timezone.now() - timedelta(seconds=6),
        looking_until=timezone.now() + timedelta(seconds=1),
    )
    assert resolving.resolve_due() == 0
    SendAttempt.objects.update(looking_until=timezone.now() - timedelta(seconds=1))

    assert resolving.resolve_due() == 1


def test_a_login_is_read_once(three: list[Customer], sandbox: Sandbox) -> None:
    asked = slow(sandbox, "POST /plaid/item/get")

    came = all_of_them(lambda name: item_reconciliation.read_due(sender=name))

    assert (sum(came), asked()) == (3, 3)


def test_an_owner_is_compared_once(three: list[Customer], sandbox: Sandbox) -> None:
    ACHRelationship.objects.update(sending=states.CHECKING, alpaca_id=None, status="", verification="")
    asked = slow(sandbox, "POST /plaid/identity/match")

    all_of_them(lambda name: candidates.carry_on_due(sender=name))

    assert asked() == 3
    assert [customer.relationship.owner_checks.count() for customer in three] == [1, 1, 1]


def test_a_wish_to_cancel_is_told_again_once(grace: Customer, sandbox: Sandbox) -> None:
    transfer = grace.move("50.00")
    Transfer.objects.update(cancel_asked_at=timezone.now(), cancel_answer="asked")
    note(transfer, field="cancel", after="asked", actor="customer")
    rewrite(transfer.events.all(), at=timezone.now() - timedelta(minutes=2))
    asked = slow(sandbox, "DELETE /broker/v1/accounts/*/transfers/*")

    came = all_of_them(lambda name: canceling.pick_up_left_behind(sender=name))

    assert (sum(came), asked()) == (1, 1)
    assert transfer.events.filter(because="no answer yet").count() == 1


def test_a_login_that_nothing_uses_is_removed_once(three: list[Customer], sandbox: Sandbox) -> None:
    ACHRelationship.objects.update(status=states.CANCELED, ended_at=timezone.now())
    PlaidItem.objects.update(created_at=timezone.now() - timedelta(days=2))
    asked = slow(sandbox, "POST /plaid/item/remove")

    all_of_them(lambda name: endings.carry_on_due(sender=name))

    assert asked() == 3
    assert not PlaidItem.objects.filter(removed_at=None).exists()


def test_a_pass_through_link_is_closed_once(grace: Customer, caplog: pytest.LogCaptureFixture) -> None:
    long_ago = timezone.now() - timedelta(hours=5)
    for claimed_at in [long_ago, None] * MANY:
        LinkSession.objects.create(user=grace.user, link_token="link", claimed_at=claimed_at, expires_at=long_ago)

    expired = all_of_them(lambda name: left_links.forget_expired())
    orphans = all_of_them(lambda name: left_links.note_orphans())

    assert (sum(expired), sum(orphans)) == (MANY, MANY)
    assert len([record for record in caplog.records if "orphan" in record.getMessage()]) == MANY


def test_a_token_that_comes_late_does_not_come_back_after_it_was_dropped(grace: Customer, sandbox: Sandbox) -> None:
    [before] = sandbox.get("/control/state")["relationships"]
    sandbox.post(f"/control/relationships/{before['id']}", status="CANCELED")
    ACHRelationship.objects.update(sending=states.RESERVED, alpaca_id=None, status="")
    asked = slow(sandbox, "POST /plaid/processor/token/create", times=1, seconds=1)

    def late() -> None:
        with patience(10):
            relationships.send(relationship=ACHRelationship.objects.get(), sender="late")

    def quick() -> None:
        eventually(asked)
        relationships.send(relationship=ACHRelationship.objects.get(), sender="quick")

    came = at_once(late, quick)

    assert came == [None, None]
    row = ACHRelationship.objects.get()
    assert (row.sending, row.processor_token) == (states.ACCEPTED, "")


def test_cash_that_was_asked_for_earlier_does_not_replace_what_was_asked_for_later(
    grace: Customer, sandbox: Sandbox
) -> None:
    asked = slow(sandbox, "GET /broker/v1/trading/accounts/*/account", times=1, seconds=1)

    def late() -> None:
        account_status.refresh_cash(account=BrokerageAccount.objects.get())

    def quick() -> None:
        eventually(asked)
        later.append(timezone.now())
        account_status.refresh_cash(account=BrokerageAccount.objects.get())

    later: list[Any] = []
    at_once(late, quick)

    kept = BrokerageAccount.objects.get()
    assert kept.cash_as_of is not None
    assert kept.cash_as_of >= later[0]
    assert str(kept.cash) == "100.00"
