"""What is read from the books for Prometheus: right, at the same cost however many rows, and nothing about anybody."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client import CollectorRegistry

from accounts.models import BrokerageAccount
from accounts.operations import account_status
from funding import states
from funding.gauges import Gauges
from funding.models import ACHRelationship, Brake, Break, PlaidWebhook, Worker
from funding.operations import settlement
from tests import make
from tests.funding.standing import in_doubt

pytestmark = pytest.mark.django_db


def value(name: str, **labels: str) -> float | None:
    registry = CollectorRegistry()
    registry.register(Gauges())
    return registry.get_sample_value(name, labels)


def people(count: int) -> list[ACHRelationship]:
    accounts = [make.account(make.user(f"person-{n}-{count}@example.com")) for n in range(count)]
    return [make.relationship(account) for account in accounts]


@pytest.fixture
def bank() -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def test_a_stream_that_is_behind_says_by_how_much() -> None:
    now = timezone.now()
    make.stream_read(account_status.STREAM, now - timedelta(minutes=10))
    make.stream_read(settlement.STREAM, now - timedelta(seconds=3))

    assert value("brokerage_stream_lag_seconds", stream="accounts/status") == pytest.approx(600, abs=3)
    assert value("brokerage_stream_lag_seconds", stream="funding/status") == pytest.approx(3, abs=3)


def test_the_worker_heard_of_last_has_an_age() -> None:
    now = timezone.now()
    for pid, seconds, stopped_at in ((1, 90, None), (2, 5, None), (3, 1, now)):
        beat_at = now - timedelta(seconds=seconds)
        Worker.objects.create(name=f"worker {pid}", host="here", pid=pid, beat_at=beat_at, stopped_at=stopped_at)

    assert value("brokerage_worker_seen_seconds") == pytest.approx(5, abs=3)


def test_a_worker_that_was_never_seen_has_no_age() -> None:
    assert value("brokerage_worker_seen_seconds") is None


def test_a_worker_that_does_not_get_on_shows_beside_one_that_does() -> None:
    assert (value("brokerage_worker_round_seconds"), value("brokerage_worker_stuck_seconds")) == (None, 0)
    now = timezone.now()
    Worker.objects.create(name="fresh", host="here", pid=1, started_at=now - timedelta(seconds=20))
    Worker.objects.create(name="ended", host="here", pid=2, stopped_at=now, stuck_since=now - timedelta(hours=9))

    assert value("brokerage_worker_round_seconds") == pytest.approx(20, abs=3)
    assert value("brokerage_worker_stuck_seconds") == 0

    hung = {"round_at": now - timedelta(minutes=30), "stuck": "rounds", "stuck_since": now - timedelta(minutes=20)}
    Worker.objects.create(name="hung", host="here", pid=3, **hung)

    assert value("brokerage_worker_round_seconds") == pytest.approx(1800, abs=3)
    assert value("brokerage_worker_stuck_seconds") == pytest.approx(1200, abs=3)
    assert value("brokerage_worker_seen_seconds") == pytest.approx(0, abs=3)


def test_unknown_transfers_are_counted_from_when_they_were_sent(bank: ACHRelationship) -> None:
    assert value("brokerage_transfers_unknown") == value("brokerage_transfers_unknown_oldest_seconds") == 0

    in_doubt(bank, created_at=timezone.now() - timedelta(hours=2))

    assert value("brokerage_transfers_unknown") == 1
    assert value("brokerage_transfers_unknown_oldest_seconds") == pytest.approx(7200, abs=5)
    assert value("brokerage_queue_rows", queue="outcome-unknown") == 1
    assert value("brokerage_queue_rows", queue="stuck") == 1


def test_breaks_are_counted_by_kind_while_they_are_open(bank: ACHRelationship) -> None:
    assert value("brokerage_breaks_open", kind="CASH") == 0

    one = Break.objects.create(brokerage_account=bank.brokerage_account, kind="CASH", ours="1.00", theirs="2.00")
    Break.objects.create(brokerage_account=bank.brokerage_account, kind="POSITION", ours="1", theirs="2")

    assert value("brokerage_breaks_open", kind="CASH") == value("brokerage_breaks_open", kind="POSITION") == 1

    one.ended_at = timezone.now()
    one.save()

    assert value("brokerage_breaks_open", kind="CASH") == 0


def test_return_rates_stand_beside_their_limits(bank: ACHRelationship) -> None:
    for _ in range(3):
        make.transfer(bank, status=states.COMPLETE)
    make.transfer(bank, status=states.RETURNED, return_code="R10", ended_at=timezone.now())
    Brake.objects.create(rate="unauthorized", returned=1, debits=4)

    assert value("brokerage_debits") == 4
    assert value("brokerage_debits_returned", rate="unauthorized") == 1
    assert value("brokerage_return_rate", rate="unauthorized") == 0.25
    assert value("brokerage_return_rate", rate="administrative") == 0
    assert value("brokerage_return_rate_limit", rate="unauthorized") == 0.005
    assert value("brokerage_brake_engaged", rate="unauthorized") == 1
    assert value("brokerage_brake_engaged", rate="all") == 0


def test_webhooks_that_nothing_came_of_are_counted() -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    PlaidWebhook.objects.create(body_hash="1", signed_hash="1", received_at=long_ago)
    PlaidWebhook.objects.create(body_hash="2", signed_hash="2")

    assert value("brokerage_webhooks_not_acted_on") == 1
    assert value("brokerage_webhooks_not_acted_on_oldest_seconds") == pytest.approx(3600, abs=5)


def test_mail_is_counted_until_it_is_out() -> None:
    ada, now = make.user(), timezone.now()
    make.notice(ada, created_at=now - timedelta(minutes=5))
    make.notice(ada, emailed_at=now)
    make.notice(ada, given_up_at=now)

    assert value("brokerage_mail_unsent", kind="notice") == 1
    assert value("brokerage_mail_unsent_oldest_seconds", kind="notice") == pytest.approx(300, abs=5)
    assert value("brokerage_mail_given_up", kind="notice") == 1
    assert value("brokerage_mail_unsent", kind="letter") == 0


def test_reading_costs_as_many_queries_for_many_rows_as_for_none(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/metrics")
        return len(captured)

    none = queries()
    make.stream_read(settlement.STREAM, timezone.now())
    for number, bank in enumerate(people(5)):
        in_doubt(bank)
        make.transfer(bank, direction=states.OUTGOING, status=states.COMPLETE)
        Break.objects.create(brokerage_account=bank.brokerage_account, kind=f"KIND {number}", ours="1", theirs="2")
        make.notice(bank.brokerage_account.user)

    assert queries() == none < 70


def test_nothing_of_anybody_is_told(client: Client) -> None:
    ada = make.user("canary-ada@example.com")
    make.application(ada, tax_id="444554321", given_name="Canaryada")
    account: BrokerageAccount = make.account(ada, cash="7316.42")
    bank = make.relationship(account)
    lost = in_doubt(bank, amount="7316.41")
    Break.objects.create(brokerage_account=account, kind="CASH", ours="7316.43", theirs="7316.44")
    make.notice(ada, title="Canary title", body="Canary body")
    make.stream_read(settlement.STREAM, timezone.now())
    client.force_login(ada)
    for path in ("/overview/", f"/transfers/{lost.pk}/", "/bank/", "/canary-address/"):
        client.get(path)

    told = re.sub(r"_sum\S* .*", "", client.get("/metrics").content.decode())  # times, of any digits

    assert 'brokerage_page_seconds_count{status="2xx",view="transfer"}' in told
    assert not re.search("canary", told, re.IGNORECASE)
    assert "444554321" not in told
    assert "4321" not in told
    assert "7316" not in told
    assert "@" not in told
    assert not re.search(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", told)
    assert bank.item
    for secret in (bank.item.access_token, bank.item.plaid_item_id, account.alpaca_id, account.account_number):
        assert secret not in told
    assert "\nbrokerage_transfers_unknown 1.0\n" in told
