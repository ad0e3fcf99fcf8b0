"""Sending an application: one account at the broker, whatever happens to the request, its answer or its sender."""

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts import refusals, states, wording
from accounts.models import Application, BrokerageAccount
from accounts.operations import answering, onboarding
from tests import make
from tests.harness.sandbox import Sandbox
from tests.harness.unguarded import remove

pytestmark = pytest.mark.django_db

CREATE, FIND = "POST /broker/v1/accounts", "GET /broker/v1/accounts"


@pytest.fixture
def application() -> Application:
    return make.application(make.user())


def submit(application: Application) -> Application:
    onboarding.submit(application=application)
    application.refresh_from_db()
    return application


def later(sandbox: Sandbox, application: Application, seconds: int = 10) -> Application:
    """Let some time pass, here and at the broker, and the worker come by."""
    moment = timezone.now() + timedelta(seconds=seconds)
    sandbox.post("/control/clock", now=(moment + timedelta(seconds=1)).isoformat())
    with time_machine.travel(moment):
        call_command("run_worker", once=True)
    application.refresh_from_db()
    return application


def at_the_broker(sandbox: Sandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.get("/control/state")["accounts"]
    return found


def stored_tax_id() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tax_id FROM accounts_application")
        return [value for (value,) in cursor.fetchall()]


def history(application: Application) -> list[str]:
    return [event.after for event in application.events.order_by("at")]


def test_an_application_becomes_an_account_and_the_tax_id_is_dropped(
    application: Application, sandbox: Sandbox
) -> None:
    assert "444554321" not in stored_tax_id()[0] != ""

    submit(application)

    assert application.status == states.ACCEPTED
    assert history(application) == ["READY", "SENDING", "ACCEPTED"]
    account = BrokerageAccount.objects.get()
    assert [row["id"] for row in at_the_broker(sandbox)] == [account.alpaca_id]
    assert (account.status, account.user) == ("SUBMITTED", application.user)
    assert stored_tax_id() == [""]
    assert (application.tax_id_last4, application.tax_id_hash) == ("4321", answering.tax_id_hash("444554321"))


def test_an_application_with_an_open_question_is_not_sent(application: Application, sandbox: Sandbox) -> None:
    Application.objects.update(is_control_person=None)  # in another tab, since this one looked

    with pytest.raises(onboarding.AnswersMissing):
        onboarding.submit(application=application)

    assert at_the_broker(sandbox) == []


def test_what_is_sent_is_what_stands_in_the_row(application: Application, sandbox: Sandbox) -> None:
    Application.objects.update(city="Newark")

    submit(application)

    assert at_the_broker(sandbox)[0]["status"] == "SUBMITTED"
    assert application.city == "Newark"


@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_open_one_account(sandbox: Sandbox) -> None:
    row = make.application(make.user())
    tabs = [Application.objects.get(pk=row.pk) for _ in range(5)]
    together = Barrier(len(tabs))

    def click(tab: Application) -> None:
        together.wait()
        try:
            onboarding.submit(application=tab)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tabs)) as pool:
        list(pool.map(click, tabs))

    assert len(at_the_broker(sandbox)) == BrokerageAccount.objects.count() == 1
    assert history(row) == ["READY", "SENDING", "ACCEPTED"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_after_commit"},
        {"kind": "status_after_commit", "status": 504},
        {"kind": "status_after_commit", "status": 500, "body": {"code": 50010000, "message": "trouble"}},
        {"kind": "garbage_after_commit"},
        {"kind": "empty_after_commit"},
        {"kind": "patch_after_commit", "drop": ["id"]},
    ],
    ids=lambda fault: str(fault["kind"]),
)
def test_a_lost_answer_is_looked_up_by_email(application: Application, sandbox: Sandbox, fault: dict[str, Any]) -> None:
    sandbox.post("/control/faults", route=CREATE, **fault)

    submit(application)

    assert history(application) == ["READY", "SENDING", "UNKNOWN", "ACCEPTED"]
    assert [row["id"] for row in at_the_broker(sandbox)] == [BrokerageAccount.objects.get().alpaca_id]
    assert stored_tax_id() == [""]


def test_a_lost_answer_and_a_lost_look_up_are_mended_by_the_worker(application: Application, sandbox: Sandbox) -> None:
    sandbox.post("/control/faults", route=CREATE, kind="drop_after_commit")
    sandbox.post("/control/faults", route=FIND, kind="status", status=502)
    assert submit(application).status == states.UNKNOWN

    assert later(sandbox, application).status == states.ACCEPTED

    assert len(at_the_broker(sandbox)) == 1


def test_a_request_that_never_arrived_is_sent_again_by_the_worker(application: Application, sandbox: Sandbox) -> None:
    sandbox.post("/control/faults", route=CREATE, kind="drop_before_commit")
    assert submit(application).status == states.READY
    assert at_the_broker(sandbox) == []

    assert later(sandbox, application).status == states.ACCEPTED

    assert history(application) == ["READY", "SENDING", "UNKNOWN", "READY", "SENDING", "ACCEPTED"]
    assert len(at_the_broker(sandbox)) == 1


def test_a_broker_that_is_away_is_sent_to_later(application: Application, sandbox: Sandbox, settings: Settings) -> None:
    there, settings.BROKER_BASE_URL = settings.BROKER_BASE_URL, "http://127.0.0.1:9"
    assert submit(application).status == states.READY
    assert later(sandbox, application).status == states.READY

    settings.BROKER_BASE_URL = there

    assert later(sandbox, application, seconds=30).status == states.ACCEPTED


def test_a_broker_that_is_busy_is_sent_to_later(application: Application, sandbox: Sandbox) -> None:
    sandbox.post("/control/faults", route=CREATE, kind="status", status=429)

    assert submit(application).status == states.READY
    assert later(sandbox, application, seconds=4000).status == states.ACCEPTED


def test_a_refusal_names_the_page_and_can_be_cured(application: Application, sandbox: Sandbox) -> None:
    answering.save_answers(application=application, answers={"street_address": "P.O. Box 9"})

    submit(application)

    assert (application.status, stored_tax_id() != [""]) == (states.REFUSED, True)
    assert "street_address" in application.refusal
    assert wording.of_application(application, None).headline == "One answer needs a change"
    answering.save_answers(application=application, answers={"street_address": "9 Main St"})
    assert submit(application).status == states.ACCEPTED
    assert application.refusal == ""


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_a_refusal_of_our_keys_is_not_the_customers(
    application: Application, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    body = {"code": 40110000, "message": "request is not authorized"}
    sandbox.post("/control/faults", route=CREATE, kind="status", status=status, body=body)

    submit(application)

    assert (application.status, application.refusal) == (states.READY, "")
    assert "refuses us" in caplog.text
    assert later(sandbox, application).status == states.ACCEPTED


def test_a_sender_that_died_is_looked_up_after_its_lease(application: Application, sandbox: Sandbox) -> None:
    application.move(states.READY, actor="customer")
    application.move(states.SENDING, actor="customer")

    assert later(sandbox, application, seconds=40).status == states.SENDING
    assert later(sandbox, application, seconds=70).status == states.READY
    assert later(sandbox, application, seconds=90).status == states.ACCEPTED

    assert len(at_the_broker(sandbox)) == 1


def test_a_sender_that_died_after_sending_finds_its_account(application: Application, sandbox: Sandbox) -> None:
    submit(application)
    remove(BrokerageAccount.objects.get().events.all())
    BrokerageAccount.objects.all().delete()
    Application.objects.update(status=states.SENDING)

    assert later(sandbox, application, seconds=70).status == states.ACCEPTED

    assert [row["id"] for row in at_the_broker(sandbox)] == [BrokerageAccount.objects.get().alpaca_id]


# --- One that fails, and one that tells -------------------------------------------------------------------------------


def test_an_application_that_cannot_be_sent_keeps_no_other_waiting(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    long_ago = timezone.now() - timedelta(minutes=1)
    make.application(make.user("bad@example.com"), status=states.READY, annual_income="odd", status_at=long_ago)
    good = make.application(
        make.user("good@example.com"), status=states.READY, tax_id="445554322", status_at=timezone.now()
    )

    later(sandbox, good)

    assert good.status == states.ACCEPTED
    assert "could not be picked up" in caplog.text
    assert [record.levelno for record in caplog.records if "picked up" in record.message] == [logging.ERROR]


def test_nothing_secret_is_logged(application: Application, sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    faults: list[Callable[[], Any]] = [
        lambda: sandbox.post("/control/faults", route=CREATE, kind="drop_before_commit"),
        lambda: sandbox.post("/control/faults", route=CREATE, kind="status", status=422, body={"code": 1}),
        lambda: None,
    ]
    with caplog.at_level(logging.DEBUG):
        for fault in faults:
            fault()
            submit(application)
            later(sandbox, application)

    assert application.status == states.ACCEPTED
    told = caplog.text + str(list(application.events.values_list("because", "evidence")))
    for secret in ("444554321", "444-55-4321", "1991-03-09", "local-broker-secret", str(uuid.UUID(int=0))):
        assert secret not in told


def test_a_refusal_of_what_nobody_was_asked_is_ours_to_mend(
    application: Application, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"code": 42210000, "message": "enabled_assets is invalid"}
    sandbox.post("/control/faults", route=CREATE, kind="status", status=422, body=body)

    submit(application)

    assert application.status == states.REFUSED
    assert "refused for what nobody was asked" in caplog.text
    assert wording.of_application(application, None).headline == "The broker could not take your application"


def test_an_account_that_is_open_at_once_is_told(application: Application, sandbox: Sandbox) -> None:
    sandbox.post("/control/faults", route=CREATE, kind="patch_after_commit", patch={"status": "ACTIVE"})

    submit(application)

    assert [notice.kind for notice in application.user.notices.all()] == ["ACCOUNT_OPEN"]


def test_what_was_changed_after_it_was_shown_is_not_sent(application: Application, sandbox: Sandbox) -> None:
    shown = answering.stamp_of_all(application)
    answering.save_answers(application=application, answers={"city": "Newark"}, page="address")

    with pytest.raises(onboarding.ChangedSince):
        onboarding.submit(application=application, seen=shown)

    assert at_the_broker(sandbox) == []
    onboarding.submit(application=application, seen=answering.stamp_of_all(application))
    assert len(at_the_broker(sandbox)) == 1


def test_a_text_that_changes_while_the_application_waits_is_agreed_to_anew(
    application: Application, sandbox: Sandbox, settings: Settings, tmp_path: Path
) -> None:
    sandbox.post("/control/faults", route=CREATE, kind="drop_before_commit")
    assert submit(application).status == states.READY
    (tmp_path / "customer_agreement.txt").write_text("title: Ours\nrevision: 2\nsample: no\n---\nOther words.")
    settings.AGREEMENTS_DIR = str(tmp_path)

    assert later(sandbox, application).status == states.REFUSED

    refused = refusals.read(application.refusal, application)
    assert refused is not None
    assert (refused.slug, refused.sentence[:21]) == ("agreements", "The text has changed ")
    assert at_the_broker(sandbox) == []
    answering.sign_agreements(application=application, visit=make.VISIT)
    assert submit(application).status == states.ACCEPTED


def test_a_broker_that_stays_away_is_asked_ever_more_seldom(
    application: Application, sandbox: Sandbox, settings: Settings
) -> None:
    settings.BROKER_BASE_URL = "http://127.0.0.1:9"
    submit(application)
    asked = [application.events.count()]

    for minute in range(1, 31):
        later(sandbox, application, seconds=minute * 60)
        asked.append(application.events.count())

    tries = (asked[-1] - asked[0]) // 2
    assert 5 <= tries <= 9
    assert application.next_at is not None
