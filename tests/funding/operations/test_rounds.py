"""A worker's round: what was left behind is picked up, once, and one bad row or vendor stops nothing else."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import DocumentUpload, Notice, PurgeRecord, StreamCursor
from accounts.operations import account_status, leases, notices
from brokerage import stopping
from brokerage.gateways.errors import patience
from funding import states
from funding.models import Schedule, SendAttempt, Transfer
from funding.operations import duties, left_behind, schedules, settlement, transfers
from funding.operations.heartbeats import Doing
from funding.operations.rounds import POST_AGAIN_AFTER, Rounds
from funding.operations.schedules import Duty
from tests import make
from tests.funding.standing import (
    IN,
    LIST,
    OUT,
    POST,
    SENDER,
    Clocks,
    Customer,
    at_once,
    everything_is_due,
    fault,
    in_doubt,
    lost,
    open_customer,
    read_anew,
    work,
)
from tests.harness.sandbox import Sandbox
from tests.harness.unguarded import remove
from tests.harness.waiting import eventually


def aged(*rows: Transfer, minutes: float = 5) -> None:
    for row in rows:
        Transfer.objects.filter(pk=row.pk).update(created_at=row.created_at - timedelta(minutes=minutes))


def past_lease(transfer: Transfer) -> None:
    SendAttempt.objects.filter(transfer=transfer).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_what_was_reserved_and_left_is_sent_once(ada: Customer) -> None:
    transfer = ada.ask("50.00")
    aged(transfer)

    for _ in range(3):
        work()

    assert read_anew(transfer).sending == states.ACCEPTED
    assert len(ada.at_the_broker()) == 1


def test_what_was_reserved_just_now_is_left_to_the_customers_own_request(ada: Customer) -> None:
    transfer = ada.ask("50.00")

    left_behind.send_reserved(sender=SENDER)

    assert read_anew(transfer).sending == states.RESERVED


def test_a_dead_sender_makes_it_unknown_and_never_sends_again(ada: Customer, sandbox: Sandbox) -> None:
    transfer = in_doubt(ada.relationship, states.SENDING)
    aged(transfer, minutes=1000)
    past_lease(transfer)
    fault(sandbox, "status", POST, times=9, status=500)

    for _ in range(3):
        work()

    assert read_anew(transfer).sending == states.UNKNOWN
    assert sandbox.get("/control/faults")[0]["fired"] == 0


def test_a_living_sender_is_left_alone(ada: Customer) -> None:
    transfer = in_doubt(ada.relationship, states.SENDING)

    work()

    assert read_anew(transfer).sending == states.SENDING


def test_a_withdrawal_left_behind_waits_for_its_own_direction_only(ada: Customer) -> None:
    lost(ada, kind="drop_before_commit")
    waiting = ada.ask("10.00", OUT)
    aged(waiting)

    work()

    assert read_anew(waiting).sending == states.ACCEPTED


def test_the_stream_reaches_the_row(clocks: Clocks, ada: Customer, sandbox: Sandbox) -> None:
    transfer = ada.move("50.00")
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="settle")
    clocks.advance(seconds=1)

    work()
    work()

    assert read_anew(transfer).status == states.COMPLETE
    assert StreamCursor.has_read(
        settlement.STREAM,
        since=timezone.now() - timedelta(minutes=4),
        until=timezone.now() - timedelta(seconds=1),
        account_id=ada.account.alpaca_id,
    )
    ada.account.refresh_from_db()
    assert str(ada.account.cash) == "1050.00"


def test_one_made_elsewhere_is_taken_in_from_the_stream(clocks: Clocks, ada: Customer) -> None:
    theirs = ada.made_elsewhere("12.00", OUT)
    clocks.advance(seconds=1)

    work()
    work()

    taken = Transfer.objects.get()
    assert (taken.origin, taken.alpaca_id, taken.direction) == (Transfer.Origin.EXTERNAL, theirs, OUT)


def test_both_vendors_away_change_nothing(ada: Customer, settings: Settings) -> None:
    rows = [in_doubt(ada.relationship), ada.ask("10.00", OUT)]
    settings.BROKER_BASE_URL = settings.PLAID_BASE_URL = "http://127.0.0.1:1"
    settings.BROKER_TOKEN_URL = "http://127.0.0.1:1/token"

    for _ in range(3):
        work()

    assert [read_anew(row).sending for row in rows] == [states.UNKNOWN, states.RESERVED]
    assert not StreamCursor.objects.filter(read_until__gt=timezone.now() - timedelta(minutes=4)).exists()


def test_an_account_whose_list_is_away_holds_up_no_other(ada: Customer, sandbox: Sandbox, clocks: Clocks) -> None:
    grace = open_customer(sandbox, "grace@example.com", cash="100.00")
    stuck, found = lost(ada), lost(grace)
    away = LIST.replace("*", ada.account.alpaca_id)
    fault(sandbox, "status", away, times=99, status=502)
    clocks.advance(seconds=6)

    work()

    assert [read_anew(row).sending for row in (stuck, found)] == [states.UNKNOWN, states.ACCEPTED]


def test_rows_that_cannot_be_sent_hold_up_no_other(ada: Customer, sandbox: Sandbox) -> None:
    for n in range(101):
        account = make.account(make.user(f"{n}@example.com"))
        stopped = make.relationship(account)
        stopped.suspend(because="the account is closed", actor="broker")
        aged(make.transfer(stopped, sending=states.RESERVED), minutes=60)
    mine = ada.ask("50.00")
    aged(mine)

    work()

    assert read_anew(mine).sending == states.ACCEPTED


@pytest.mark.parametrize("end", [states.REJECTED, states.CANCELED])
def test_a_transfer_stranded_by_its_bank_is_given_up(ada: Customer, end: str) -> None:
    transfer = ada.ask("50.00")
    type(ada.relationship).objects.update(status=end, ended_at=timezone.now())

    work()

    assert read_anew(transfer).sending == states.WITHDRAWN


def test_a_poisonous_row_holds_up_no_other(ada: Customer, sandbox: Sandbox, clocks: Clocks) -> None:
    grace = open_customer(sandbox, "grace@example.com", cash="100.00")
    poison, found, waiting = lost(ada), lost(grace), grace.ask("5.00", OUT)
    aged(waiting)
    remove(SendAttempt.objects.filter(transfer=poison))  # a row that should not exist
    clocks.advance(seconds=6)

    work()

    assert [read_anew(row).sending for row in (found, waiting)] == [states.ACCEPTED] * 2


def test_a_document_that_a_dead_process_left_is_told_as_unknown(ada: Customer) -> None:
    document = DocumentUpload.objects.create(
        account=ada.account, form_key=uuid4(), kind="w8ben", sha256="0" * 64, size=1, actor="Ada",
        content_type="application/pdf", status="SENDING", status_at=timezone.now() - timedelta(minutes=4),
    )  # fmt: skip

    work()

    assert read_anew(document).status == "UNKNOWN"


def test_what_people_were_told_is_e_mailed(ada: Customer) -> None:
    _tell(ada)

    work()

    assert [letter.to for letter in mail.outbox] == [[ada.user.email]]


def test_a_mail_server_that_is_away_is_asked_once_a_minute(clocks: Clocks, ada: Customer, settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    rounds, tries = Rounds(sender=SENDER), []
    for _ in range(3):
        _tell(ada)
        rounds.run()
        tries.append(sum(Notice.objects.values_list("tries", flat=True)))
        clocks.advance(seconds=POST_AGAIN_AFTER.total_seconds() / 2)

    assert tries == [1, 1, 2]


def _tell(customer: Customer) -> None:
    with transaction.atomic():
        notices.tell(user=customer.user, key=str(uuid4()), kind="", title="Settled", body="It is there.", path="/")


# --- Several at once --------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_it_once(sandbox: Sandbox) -> None:
    ada = open_customer(sandbox, cash="100.00")
    transfer = ada.ask("50.00")
    aged(transfer)

    came = at_once(*[lambda n=n: left_behind.send_reserved(sender=f"worker {n}") for n in range(8)])

    assert not any(isinstance(each, Exception) for each in came)
    assert read_anew(transfer).sending == states.ACCEPTED
    assert len(ada.at_the_broker()) == SendAttempt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_event_read_by_many_workers_acts_once(sandbox: Sandbox) -> None:
    ada = open_customer(sandbox, cash="100.00")
    transfer = make.transfer(ada.relationship, status=states.COMPLETE, settled_at=timezone.now())

    def job() -> None:
        settlement.apply(
            transfer=transfer,
            status=states.RETURNED,
            actor="broker",
            at=timezone.now(),
            reason="R10",
            vendor_event_id="01J",
        )

    came = at_once(*[job] * 8)

    assert not any(isinstance(each, Exception) for each in came)
    assert transfer.events.filter(after=states.RETURNED).count() == 1
    assert read_anew(transfer).reversal.amount == transfer.amount


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("late", "sending"),
    [
        ({"kind": "slow", "seconds": 5}, states.ACCEPTED),
        ({"kind": "hang_after_commit", "seconds": 1}, states.UNKNOWN),
        ({"kind": "hang_before_commit", "seconds": 1}, states.UNKNOWN),
    ],
    ids=str,
)
def test_a_sender_that_was_given_up_binds_its_late_answer(sandbox: Sandbox, late: dict[str, Any], sending: str) -> None:
    ada = open_customer(sandbox, cash="100.00")
    transfer = ada.ask("50.00", IN)
    fault(sandbox, **late)

    def slow() -> None:
        with patience(10):
            transfers.send(transfer=Transfer.objects.get(pk=transfer.pk), sender="slow")

    def give_up() -> None:
        eventually(lambda: sandbox.get("/control/faults")[0]["fired"])
        past_lease(transfer)
        left_behind.expire_leases(sender="worker")

    came = at_once(slow, give_up)

    assert not any(isinstance(each, Exception) for each in came)
    assert transfer.events.filter(after=states.UNKNOWN).exists()
    assert read_anew(transfer).sending == sending
    assert bool(transfer.alpaca_id) == (sending == states.ACCEPTED)


# --- Between two ------------------------------------------------------------------------------------------------------


def test_a_round_that_is_to_end_begins_no_other_transfer(ada: Customer, sandbox: Sandbox) -> None:
    grace = open_customer(sandbox, "grace@example.com", cash="100.00")
    rows = [ada.ask("5.00", OUT), grace.ask("5.00", OUT)]
    aged(*rows)

    with stopping.turn(lambda: not Transfer.objects.filter(sending=states.ACCEPTED).exists()):
        work()

    assert sorted(read_anew(row).sending for row in rows) == [states.ACCEPTED, states.RESERVED]


def test_a_part_that_takes_long_leaves_the_rest_to_the_next_round(
    ada: Customer, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    grace = open_customer(sandbox, "grace@example.com", cash="100.00")
    aged(ada.ask("5.00", OUT), grace.ask("5.00", OUT))
    monkeypatch.setattr("funding.operations.rounds.LONGEST_PART", 0)

    work()
    assert not Transfer.objects.filter(sending=states.ACCEPTED).exists()
    monkeypatch.undo()
    work()

    assert Transfer.objects.filter(sending=states.ACCEPTED).count() == 2


@pytest.mark.parametrize("stream", [account_status.STREAM, settlement.STREAM])
def test_a_stream_that_somebody_follows_is_not_read(ada: Customer, stream: str) -> None:
    with leases.held(stream, holder="a follower"):
        work()
    assert set(StreamCursor.objects.values_list("name", flat=True)) == STREAMS - {stream}

    work()

    assert set(StreamCursor.objects.values_list("name", flat=True)) == STREAMS


STREAMS = {account_status.STREAM, settlement.STREAM}


# --- What is not kept any longer --------------------------------------------------------------------------------------


def old_notice(**more: Any) -> Notice:
    return make.notice(make.user(**more), created_at=timezone.now() - timedelta(days=366 * 3 + 1))


def due(*names: str) -> None:
    """Have one of the duties to be done again: the last time is long ago, and nobody does it."""
    Schedule.objects.filter(name__in=names).update(done_at=timezone.now() - timedelta(days=2), held_until=None)


@pytest.mark.django_db
def test_the_worker_purges_once_a_day(settings: Settings) -> None:
    settings.BROKER_BASE_URL = settings.PLAID_BASE_URL = "http://127.0.0.1:1"
    rounds = Rounds(sender="worker 7")
    first = old_notice()
    everything_is_due()
    rounds.run()
    second = old_notice(email="second@example.com")
    rounds.run()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.body, second.body) == ("", "It is there.")
    assert PurgeRecord.objects.get().by == "worker 7"

    due("purge")
    rounds.run()

    second.refresh_from_db()
    assert second.body == ""


@pytest.mark.django_db
def test_purging_holds_up_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.operations.retention.BATCH", 1)
    hasty = Duty("purge", duties.purge, at_most=0)
    schedules.keep([hasty], holder="worker 7", doing=Doing().now)
    for number in range(3):
        old_notice(email=f"{number}@example.com")

    counts: list[int] = []
    for _ in range(4):
        due("purge") if not counts else Schedule.objects.update(held_until=None)
        schedules.keep([hasty], holder="worker 7", doing=Doing().now)
        counts.append(Notice.objects.exclude(body="").count())

    assert counts == [2, 1, 0, 0]
    assert Schedule.objects.get(name="purge").done_at > timezone.now() - timedelta(minutes=1)
