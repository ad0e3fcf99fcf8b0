"""How long it is kept what Plaid said, and what a person of ops may do with what is parked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ActionCount, LegalHold
from accounts.operations import throttle
from funding.models import PlaidWebhook
from funding.models.webhooks import DONE, GIVEN_UP, IGNORED, PARKED, RECEIVED, UNFAMILIAR, UNMATCHED
from funding.operations import webhooks
from funding.operations.rounds import Rounds
from tests import make
from tests.funding.standing import everything_is_due
from tests.funding.webhooks.hearing import came, status

pytestmark = pytest.mark.django_db


def old(is_now: str, *, days: float) -> PlaidWebhook:
    row = came(status=is_now)
    waits, at = is_now in (RECEIVED, UNMATCHED), timezone.now() - timedelta(days=days)
    changes: dict[str, Any] = {"status": is_now, "received_at": at, "due_at": at if waits else None}
    PlaidWebhook.objects.filter(pk=row.pk).update(**changes, acted_at=at if is_now == DONE else None)
    return row


def has_body(row: PlaidWebhook) -> bool:
    row.refresh_from_db()
    return bool(row.body)


@pytest.mark.parametrize("is_now", [DONE, IGNORED, UNFAMILIAR, GIVEN_UP])
def test_the_words_of_what_is_over_are_dropped_and_the_row_stays(is_now: str) -> None:
    rows = [old(is_now, days=days) for days in (89, 91)]

    assert [webhooks.forget_old(), webhooks.forget_old()] == [1, 0]

    assert [has_body(row) for row in rows] == [True, False]


@pytest.mark.parametrize("is_now", [RECEIVED, UNMATCHED, PARKED])
def test_the_words_of_what_waits_are_kept(is_now: str) -> None:
    row = old(is_now, days=10_000)

    webhooks.forget_old()

    assert has_body(row)


def test_how_long_is_a_setting(settings: Settings) -> None:
    settings.WEBHOOK_KEEP_DAYS = 7
    row = old(DONE, days=8)

    webhooks.forget_old()

    assert not has_body(row)


def test_a_legal_hold_keeps_the_words_about_its_person() -> None:
    bank, held = (make.relationship(make.account(make.user(email))) for email in ("a@example.com", "b@example.com"))
    LegalHold.objects.create(person=held.brokerage_account.user, because="a suit", placed_by=make.user("ops@e.com"))
    rows = [old(DONE, days=91), old(DONE, days=91)]
    for row, link in zip(rows, (bank, held), strict=True):
        PlaidWebhook.objects.filter(pk=row.pk).update(item=link.item)

    webhooks.forget_old()

    assert [has_body(row) for row in rows] == [False, True]


def test_the_worker_forgets_in_its_sweep(settings: Settings) -> None:
    settings.BROKER_BASE_URL = settings.PLAID_BASE_URL = "http://127.0.0.1:1"
    row = old(DONE, days=91)
    throttle.take(key="x", limit=1, per=timedelta(minutes=1), now=timezone.now() - timedelta(days=1))
    everything_is_due()

    Rounds(sender="worker of a test").run()

    assert not has_body(row)
    assert not ActionCount.objects.exists()


# --- A person ---------------------------------------------------------------------------------------------------------


def test_what_is_parked_may_be_acted_on_again_with_a_reason() -> None:
    row, ops = old(PARKED, days=1), make.user("ops@example.com", is_staff=True)
    PlaidWebhook.objects.update(faults=5, tries=5, error="KeyError")

    row.refresh_from_db()
    webhooks.act_again(webhook=row, because="mended", person=ops)

    assert (status(row), row.faults, row.tries, row.error) == (RECEIVED, 0, 5, "")
    last = row.events.get()
    assert (last.actor, last.because) == (f"ops {ops.pk}", "mended")


@pytest.mark.parametrize("is_now", [RECEIVED, UNMATCHED, DONE, IGNORED, UNFAMILIAR, GIVEN_UP])
def test_nothing_else_may(is_now: str) -> None:
    row = old(is_now, days=1)
    row.refresh_from_db()

    with pytest.raises(webhooks.NotParked):
        webhooks.act_again(webhook=row, because="x", person=make.user("ops@example.com"))

    assert status(row) == is_now


def test_two_persons_let_it_be_acted_on_once() -> None:
    first, second = (old(PARKED, days=1) for _ in range(2))
    second.pk = first.pk
    for row in (first, second):
        row.refresh_from_db()
    webhooks.act_again(webhook=first, because="x", person=make.user("ops@example.com"))

    with pytest.raises(webhooks.NotParked):
        webhooks.act_again(webhook=second, because="x", person=make.user("too@example.com"))

    assert first.events.count() == 1


# --- What the database itself refuses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"status": RECEIVED, "due_at": None},
        {"status": UNMATCHED, "due_at": None},
        {"status": IGNORED},
        {"status": PARKED},
        {"status": DONE, "due_at": None},
        {"acted_at": datetime(2026, 11, 24, tzinfo=UTC)},
    ],
    ids=str,
)
def test_a_row_stands_as_its_status_says(changes: dict[str, Any]) -> None:
    came()

    with pytest.raises(IntegrityError), transaction.atomic():
        PlaidWebhook.objects.update(**changes)


def test_one_message_has_one_row() -> None:
    row = came()

    with pytest.raises(IntegrityError), transaction.atomic():
        PlaidWebhook.objects.create(signed_hash=row.signed_hash)
