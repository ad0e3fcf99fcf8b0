"""The broker's clock is not ours: news is read by its time, and none is missed."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import StreamCursor
from funding import states
from funding.models import Transfer
from funding.operations import settlement
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually
from tests.journeys import people

pytestmark = pytest.mark.django_db


def test_news_of_a_broker_whose_clock_is_a_day_ahead_is_heard(client: Client, sandbox: Sandbox) -> None:
    people.customer_with_bank(client, sandbox)
    sandbox.post("/control/clock", now=(timezone.now() + timedelta(days=1)).isoformat())
    deposit = people.move(client, "deposit", "20.00")

    sandbox.post(f"/control/transfers/{deposit.alpaca_id}", action="settle")

    # A Date header tells whole seconds, so what was said in the present one is heard in the next round.
    assert eventually(lambda: heard(deposit) == states.COMPLETE, 10)
    read_until = StreamCursor.objects.get(name=settlement.STREAM).read_until
    assert abs(read_until - timezone.now()) < timedelta(minutes=1)  # by our clock


def heard(deposit: Transfer) -> str:
    call_command("run_worker", once=True)
    deposit.refresh_from_db()
    return deposit.status
