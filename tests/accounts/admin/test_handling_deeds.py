"""What ops do about one application: who may, what hinders it, what comes of it, and what is kept of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts import states
from accounts.models import Application, Assignment, BrokerageAccount, DeskNote
from accounts.operations import broker_form, onboarding
from brokerage.gateways import broker_accounts
from tests import make
from tests.accounts.admin.matrix import standing
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.harness.sandbox import Sandbox
from tests.harness.unguarded import remove

WHY: dict[str, Any] = {"because": "the customer rang"}


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person())


def stands(status: str, email: str = "ada@example.com") -> Application:
    return make.application(make.user(email), status=status)


# --- Sending and looking up -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [states.READY, states.UNKNOWN])
def test_what_was_left_behind_is_sent_once(desk: AtTheDesk, sandbox: Sandbox, status: str) -> None:
    made = stands(status)

    said = desk.press(page(made, "send"), **WHY)

    assert "is with the broker" in said
    assert BrokerageAccount.objects.get().application == made
    assert len(sandbox.get("/control/state")["accounts"]) == 1
    by_hand = made.events.get(field="sent by hand")
    assert (by_hand.before, by_hand.actor, by_hand.because) == (status, f"ops {desk.user.pk}", WHY["because"])
    assert "The broker has it already" in desk.press(page(made, "send"), status=409, **WHY)


def test_one_that_is_there_is_found_and_never_opened_twice(desk: AtTheDesk, sandbox: Sandbox) -> None:
    made = stands(states.READY)
    desk.press(page(made, "send"), **WHY)
    account = BrokerageAccount.objects.get()
    remove(account.events.all())
    account.delete()
    Application.objects.update(status=states.UNKNOWN, tax_id="", sent_at=timezone.now() - timedelta(minutes=1))

    assert "is with the broker" in desk.press(page(made, "send"), **WHY)

    assert BrokerageAccount.objects.get().alpaca_id == account.alpaca_id
    assert len(sandbox.get("/control/state")["accounts"]) == 1


@pytest.mark.parametrize("status", [states.READY, states.UNKNOWN])
def test_a_broker_that_is_away_leaves_it_waiting(desk: AtTheDesk, settings: Settings, status: str) -> None:
    settings.BROKER_BASE_URL = "http://127.0.0.1:9"
    made = stands(status)

    said = desk.press(page(made, "send"), **WHY)

    assert f"Not done: the broker did not answer; it stands at {status}" in said
    assert not BrokerageAccount.objects.exists()
    assert made.events.filter(field="sent by hand").count() == 1


def test_a_refusal_is_the_customers_to_mend(desk: AtTheDesk, sandbox: Sandbox) -> None:
    made = stands(states.READY)
    sandbox.post("/control/faults", route="POST /broker/v1/accounts", kind="status", status=422, body={"code": 1})

    said = desk.press(page(made, "send"), **WHY)

    assert "The broker refused" in said


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (states.DRAFT, "has not sent it"),
        (states.REFUSED, "has to change an answer"),
        (states.SENDING, "being sent this moment"),
        (states.ACCEPTED, "has it already"),
    ],
)
def test_what_does_not_wait_to_be_sent_is_not_sent(desk: AtTheDesk, status: str, says: str) -> None:
    made = stands(status)

    assert says in desk.press(page(made, "send"), status=409, **WHY)

    made.refresh_from_db()
    assert (made.status, made.events.count()) == (status, 0)


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_the_broker_is_asked_and_its_word_taken_over(desk: AtTheDesk, sandbox: Sandbox) -> None:
    made = stands(states.READY)
    desk.press(page(made, "send"), **WHY)
    account = BrokerageAccount.objects.get()
    assert "The broker says what we have" in desk.press(page(made, "ask"))
    sandbox.post("/control/settings", emit_events=False)
    sandbox.post(f"/control/accounts/{account.alpaca_id}", status="ACTIVE")

    assert "Ours is as theirs now" in desk.press(page(made, "ask"))

    account.refresh_from_db()
    assert account.status == states.ACTIVE


def test_a_broker_that_does_not_answer_changes_nothing(desk: AtTheDesk, settings: Settings) -> None:
    settings.BROKER_BASE_URL = "http://127.0.0.1:9"
    made = stands(states.ACCEPTED)
    make.account(made.user)

    assert "Not done: could not be compared" in desk.press(page(made, "ask"))


def test_without_an_account_there_is_nothing_to_ask_about(desk: AtTheDesk) -> None:
    assert "has opened no account" in desk.press(page(stands(states.DRAFT), "ask"), status=409)


# --- Notes, and who sees to it ----------------------------------------------------------------------------------------


def test_a_note_is_kept_and_shown_to_ops_alone(desk: AtTheDesk) -> None:
    made = stands(states.DRAFT)

    said = desk.press(page(made, "note"), text="Rang twice; calls back on Monday")

    assert "Your note is kept" in said
    assert "Rang twice" in said
    kept = DeskNote.objects.get()
    assert (kept.person, kept.by, kept.text) == (made.user, desk.user, "Rang twice; calls back on Monday")
    customer = AtTheDesk(made.user)
    for url in ("/apply/", "/notifications/"):
        assert "Rang twice" not in customer.client.get(url, follow=True).content.decode()


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
def test_a_note_that_cannot_be_kept_is_not(desk: AtTheDesk, text: str) -> None:
    assert "Nothing is done yet" in desk.press(page(stands(states.DRAFT), "note"), text=text)

    assert not DeskNote.objects.exists()


def test_somebody_sees_to_it_then_somebody_else_then_nobody(desk: AtTheDesk) -> None:
    made, other = stands(states.DRAFT), person("other@example.com")

    assert "Given to ops@example.com." in desk.press(page(made, "take"))
    assert "You see to it already" in desk.press(page(made, "take"), status=409)
    assert "Given to other@example.com." in desk.press(page(made, "assign"), to=other.pk, **WHY)
    assert "Seen to by other@example.com" in desk.read(page(made))
    assert "Nobody sees to it any more" in desk.press(page(made, "release"))
    assert "Nobody sees to it" in desk.press(page(made, "release"), status=409)

    history = [(each.to, each.by, each.ended_by, each.because) for each in Assignment.objects.all()]
    assert history == [
        (desk.user, desk.user, desk.user, "took it"),
        (other, desk.user, desk.user, WHY["because"]),
    ]


def test_nobody_but_ops_is_given_one(desk: AtTheDesk) -> None:
    made = stands(states.DRAFT)
    gone = make.user("gone@example.com", is_staff=True, is_active=False)

    for user in (made.user, gone):
        assert "Choose someone of ops" in desk.press(page(made, "assign"), to=user.pk, **WHY)

    assert not Assignment.objects.exists()


# --- Who may ----------------------------------------------------------------------------------------------------------

MAY: dict[str, tuple[str, dict[str, Any]]] = {
    "send": ("change_application", WHY),
    "ask": ("change_application", {}),
    "note": ("add_desknote", {"text": "x"}),
    "take": ("add_assignment", {}),
    "assign": ("add_assignment", {"to": "?", **WHY}),
    "release": ("add_assignment", {}),
}


@pytest.mark.parametrize("deed", MAY)
def test_who_has_not_the_permission_does_nothing(db: None, deed: str) -> None:
    may, asked = MAY[deed]
    others = {"view_application", *(permission for permission, _ in MAY.values())} - {may}

    standing(deed, asked, *others).is_refused()


@pytest.mark.parametrize("deed", MAY)
def test_looking_at_the_page_that_asks_changes_nothing(db: None, deed: str) -> None:
    standing(deed, MAY[deed][1], "view_application", MAY[deed][0]).is_unchanged_by_looking()


def test_an_account_from_another_door_is_connected_by_who_may(desk: AtTheDesk, sandbox: Sandbox) -> None:
    sandbox.post("/control/clock", advance_seconds=-86400)
    broker_accounts.create_account(broker_form.filled_in(make.application(make.user())))
    sandbox.post("/control/clock", advance_seconds=86400)
    made = Application.objects.get()
    onboarding.submit(application=made)
    assert Application.objects.get().refusal == states.OTHER_IDENTITY

    assert "is connected with" in desk.press(page(made, "adopt"), **WHY)

    assert BrokerageAccount.objects.get().user == made.user


def test_nothing_is_connected_that_is_not_there(desk: AtTheDesk, sandbox: Sandbox) -> None:
    made = stands(states.REFUSED)
    Application.objects.update(refusal=states.OTHER_IDENTITY)

    assert "Not done" in desk.press(page(made, "adopt"), **WHY)

    assert BrokerageAccount.objects.count() == 0
