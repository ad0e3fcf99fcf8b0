"""A vendor that takes every question and answers none: a run gives up soon, and holds up no other kind of work."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from accounts.findings import TRY_AGAIN, BrokerAway
from accounts.models import BrokerageAccount
from brokerage.gateways.errors import patience
from funding import break_kinds, states
from funding.models import ACHRelationship, ReconciliationRun, Schedule
from funding.operations import duties, schedules
from funding.operations.heartbeats import Doing
from tests.funding.standing import LIST, Customer, everything_is_due, fault, open_customer
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually

BROKER, PLAID = "* /broker/v1/**", "* /plaid/**"
ITEM_GET = "POST /plaid/item/get"
# Two questions, and the light one that tells whether the vendor is there at all.
AT_MOST = 3


@pytest.fixture
def people(sandbox: Sandbox, db: None) -> list[Customer]:
    """Six customers, of each of whom every run has something to ask."""
    found = [open_customer(sandbox, f"{n}@example.com") for n in range(6)]
    for each in found:
        each.made_elsewhere("5.00")
    ACHRelationship.objects.update(status=states.QUEUED)
    BrokerageAccount.objects.update(status="SUBMITTED")
    return found


def hangs(sandbox: Sandbox, route: str, *, times: int | None = None, kind: str = "hang_before_commit") -> None:
    fault(sandbox, kind, route, times=times, seconds=6)


def asked(sandbox: Sandbox) -> int:
    return sum(int(each["fired"]) for each in sandbox.get("/control/faults"))


def reconcile(area: str) -> Callable[[], object]:
    return lambda: duties.reconcile(area, "a test")


@pytest.mark.parametrize(
    ("route", "run"),
    [
        (BROKER, lambda: duties.sweep("a test")),
        *((BROKER, reconcile(area)) for area in break_kinds.AREAS if area != break_kinds.ITEMS),
        (PLAID, reconcile(break_kinds.ITEMS)),
    ],
    ids=["sweep", *(area for area in break_kinds.AREAS if area != break_kinds.ITEMS), break_kinds.ITEMS],
)
def test_a_run_gives_up_after_two_questions_and_a_light_one(
    people: list[Customer], sandbox: Sandbox, route: str, run: Callable[[], object]
) -> None:
    hangs(sandbox, route)

    with patience(2), pytest.raises(BrokerAway):
        run()

    assert 1 <= asked(sandbox) <= AT_MOST
    assert not ReconciliationRun.objects.exclude(finished_at=None).exists()


def test_one_that_answers_too_late_does_not_answer(people: list[Customer], sandbox: Sandbox) -> None:
    hangs(sandbox, BROKER, kind="slow")

    with patience(2), pytest.raises(BrokerAway):
        duties.reconcile("relationships", "a test")

    assert asked(sandbox) == AT_MOST


def test_one_that_hangs_on_some_accounts_alone_holds_up_no_other(people: list[Customer], sandbox: Sandbox) -> None:
    for each in people[:2]:
        hangs(sandbox, LIST.replace("*", each.account.alpaca_id))
        hangs(sandbox, f"GET /broker/v1/trading/accounts/{each.account.alpaca_id}/account")

    with patience(2):
        duties.reconcile("transfers", "a test")

    run = ReconciliationRun.objects.get()
    assert run.finished_at
    assert (run.compared, run.uncompared) == (6, 2)


def test_logins_that_plaid_hangs_on_hold_up_no_other(people: list[Customer], sandbox: Sandbox) -> None:
    hangs(sandbox, ITEM_GET, times=3)

    with patience(2):
        duties.reconcile("items", "a test")

    run = ReconciliationRun.objects.get()
    assert run.finished_at
    assert (run.compared, run.uncompared) == (6, 3)


def test_a_command_through_all_books_asks_once_more_for_each_and_says_try_again(
    people: list[Customer], sandbox: Sandbox
) -> None:
    hangs(sandbox, BROKER)

    with patience(2), pytest.raises(SystemExit) as end:
        call_command("reconcile")

    assert end.value.code == TRY_AGAIN
    assert asked(sandbox) <= AT_MOST + 3


@pytest.mark.slow
def test_a_turn_of_all_schedules_has_a_bound_and_each_is_tried_again_soon(
    people: list[Customer], sandbox: Sandbox
) -> None:
    everything_is_due()
    days_ago = timezone.now() - timedelta(days=4)  # each of which wants its close
    ReconciliationRun.objects.create(area="cash", holder="x", began_at=days_ago, finished_at=days_ago)
    hangs(sandbox, BROKER)

    with patience(2):
        schedules.keep(duties.ASKING, holder="a test", doing=Doing().now)

    assert asked(sandbox) <= 5 * AT_MOST + (AT_MOST + 1)  # the close asks once more, for its second book
    waiting = dict(Schedule.objects.exclude(error="").values_list("name", "error"))
    by_broker = ["sweep", *(f"reconcile {area}" for area in break_kinds.AREAS if area != break_kinds.ITEMS)]
    assert waiting == dict.fromkeys(by_broker, "BrokerAway")
    soon = timezone.now() + schedules.AGAIN_AFTER
    assert all(row.held_until and row.held_until <= soon for row in Schedule.objects.filter(name__in=by_broker))


@pytest.mark.django_db(transaction=True)
def test_schedules_that_ask_no_vendor_are_kept_meanwhile(sandbox: Sandbox) -> None:
    """Each table has a thread of its own, as in a worker."""
    open_customer(sandbox)
    BrokerageAccount.objects.update(status="SUBMITTED")
    everything_is_due()
    hangs(sandbox, BROKER)

    def keep_those_that_ask() -> None:
        with patience(2):
            schedules.keep(duties.ASKING[:1], holder="a test", doing=Doing().now)
        connections.close_all()

    thread = threading.Thread(target=keep_those_that_ask)
    thread.start()
    eventually(lambda: asked(sandbox), 20)
    schedules.keep(duties.OUR_OWN, holder="a test", doing=Doing().now)
    in_hand = Schedule.objects.filter(holder="a test").count()
    thread.join(timeout=30)

    assert in_hand == 1
    own = Schedule.objects.filter(name__in=[duty.name for duty in duties.OUR_OWN])
    assert all(row.done_at > timezone.now() - timedelta(minutes=1) for row in own)
