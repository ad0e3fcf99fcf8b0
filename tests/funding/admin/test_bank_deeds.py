"""What ops do to a linked bank account at the desk: stopped, let go on, read, asked about, unlinked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError

import pytest
from django.utils import timezone
from pytest_django import Settings

from brokerage.deeds import NotDone
from funding import states
from funding.admin import bank_deeds, login_deeds
from funding.models import ACHRelationship, PlaidItem
from funding.operations import bank_stops, endings
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.standing import OUT, Customer, fault, read_anew
from tests.harness.sandbox import Sandbox
from tests.journeys import people

WHY: dict[str, Any] = {"because": "spoke to the bank"}
MAY = "change_achrelationship"
DELETE = "DELETE /broker/v1/accounts/*/ach_relationships/*"


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person("ops@example.com", MAY))


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def noted(row: ACHRelationship | PlaidItem, field: str) -> tuple[str, str, str]:
    """Return who last changed this of a row, to what and why."""
    event = row.events.filter(field=field).last()
    assert event, f"no history of {field}"
    return event.actor, event.after, event.because


def offered(desk: AtTheDesk, bank: ACHRelationship) -> list[str]:
    """Return the deeds that the page of a bank account leads to."""
    shown = desk.client.get(page(bank)).content.decode()
    return [deed for deed in DEEDS if f"/{bank.pk}/{deed}/" in shown]


# --- Stopped, and let go on -------------------------------------------------------------------------------------------


def test_transfers_are_stopped_with_a_reason_that_the_customer_does_not_read(
    desk: AtTheDesk, bank: ACHRelationship
) -> None:
    make.transfer(bank, sending=states.RESERVED)
    make.transfer(bank, direction=OUT)
    assert "Reserved, and will wait 1 Sent, and goes on 1" in desk.read(page(bank, "stop"))

    said = desk.press(page(bank, "stop"), **WHY)

    assert "Nothing goes through" in said
    assert noted(bank, "suspended") == (f"ops {desk.user.pk}", "suspended", "spoke to the bank")
    assert "Because spoke to the bank The customer reads we are looking into something" in desk.read(page(bank))
    assert read_anew(bank).suspended_because == bank_stops.LOOKING_INTO_IT
    assert bank.brokerage_account.user.notices.get().kind == "BANK_SUSPENDED"
    assert "already" in desk.press(page(bank, "stop"), status=409, **WHY)


def test_transfers_go_on_with_a_reason(desk: AtTheDesk, bank: ACHRelationship) -> None:
    bank.stop_deposits(because="it lacked the money twice", actor="broker")
    shown = desk.read(page(bank, "resume"))
    assert "Stopped deposits only" in shown
    assert "it lacked the money twice" in shown

    assert "can go on; the customer is told" in desk.press(page(bank, "resume"), **WHY)

    assert read_anew(bank).usable
    assert noted(bank, "suspended") == (f"ops {desk.user.pk}", "", "spoke to the bank")
    assert "already" in desk.press(page(bank, "resume"), status=409, **WHY)


def test_all_reasons_of_a_stop_are_shown(desk: AtTheDesk, bank: ACHRelationship) -> None:
    desk.press(page(bank, "stop"), because="the first reason")
    read_anew(bank).resume(because="fine", actor="ops else")
    desk.press(page(bank, "stop"), **WHY)
    read_anew(bank).suspend(because="a stop was placed on this payment", actor="broker")

    reasons = f"By ops {desk.user.pk} Because spoke to the bank And by broker Because a stop was placed on this payment"
    for shown in (desk.read(page(bank)), desk.read(page(bank, "resume"))):
        assert f"{reasons} The customer reads we are looking into something" in shown
    assert "the first reason" not in desk.read(page(bank, "resume"))


@pytest.mark.parametrize("begin", ["suspend", "stop_deposits"])
@pytest.mark.parametrize("more", ["suspend", "stop_deposits"])
def test_a_stop_that_took_up_a_further_reason_goes_on_by_nobody_who_did_not_see_it(
    desk: AtTheDesk, bank: ACHRelationship, begin: str, more: str
) -> None:
    getattr(bank, begin)(because="odd", actor="broker")
    shown = desk.stamp_on(page(bank, "resume"))
    getattr(read_anew(bank), more)(because="the account is closed", actor="broker")

    said = desk.press(page(bank, "resume"), status=409, **shown, **WHY)

    assert "has changed since the page was opened" in said
    assert "the account is closed" in said
    assert not read_anew(bank).usable
    assert "can go on" in desk.press(page(bank, "resume"), **WHY)


# --- Its login --------------------------------------------------------------------------------------------------------


def test_the_login_is_read_at_once_and_the_history_says_who_asked(
    desk: AtTheDesk, ada: Customer, sandbox: Sandbox
) -> None:
    login = ada.relationship.login
    sandbox.post(f"/control/plaid/items/{login.plaid_item_id}", state="login_required")

    said = desk.press(page(ada.relationship, "read"))

    assert "The bank wants a new sign-in. Its customer is told." in said
    assert read_anew(login).health == states.SIGN_IN
    assert noted(login, "health")[:2] == (f"ops {desk.user.pk}", states.SIGN_IN)
    assert noted(login, "reading")[:2] == (f"ops {desk.user.pk}", states.SIGN_IN)
    assert "The bank wants a new sign-in, as before" in desk.press(page(ada.relationship, "read"))


def test_plaid_that_is_away_is_said_in_plain_words(desk: AtTheDesk, ada: Customer, settings: Settings) -> None:
    settings.PLAID_BASE_URL = "http://127.0.0.1:1"

    said = desk.press(page(ada.relationship, "read"))

    assert "Not done: Plaid did not tell how the login is (it gave no answer that counts). Nothing was changed" in said
    assert not ada.relationship.login.events.exists()


def test_plaid_that_refuses_to_tell_is_said_with_its_word(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    people.plaid(sandbox, "/item/access_token/invalidate", access_token=ada.relationship.login.access_token)

    assert "(it answered INVALID_ACCESS_TOKEN)" in desk.press(page(ada.relationship, "read"))


def test_the_customer_is_asked_to_sign_in_again(desk: AtTheDesk, ada: Customer) -> None:
    said = desk.press(page(ada.relationship, "ask"), **WHY)

    assert "Asked: ada@example.com finds it in their inbox" in said
    assert noted(ada.relationship.login, "repair") == (f"ops {desk.user.pk}", "asked for", "spoke to the bank")
    assert ada.user.notices.get().kind == "BANK_REPAIR_ASKED"
    assert "Asked to sign in already" in desk.read(page(ada.relationship, "ask"))


@pytest.mark.parametrize("health", [states.REVOKED, states.GONE, states.REMOVED])
def test_nobody_is_asked_to_sign_in_where_it_does_not_help(desk: AtTheDesk, bank: ACHRelationship, health: str) -> None:
    PlaidItem.objects.update(health=health)

    assert "signing in again does not help" in desk.press(page(bank, "ask"), status=409, **WHY)
    with pytest.raises(NotDone, match="link the bank anew"):  # in the moment between looking and doing
        login_deeds.ask(bank.login, desk.user, "spoke to the bank")

    assert not bank.brokerage_account.user.notices.exists()


def test_one_that_came_by_numbers_has_no_login_to_see_to(desk: AtTheDesk, bank: ACHRelationship) -> None:
    ACHRelationship.objects.update(item=None, plaid_account_id="")

    for deed in ("read", "ask"):
        assert "no login at a bank" in desk.press(page(bank, deed), status=409, **WHY)
    assert "the customer typed the numbers" in desk.read(page(bank))


# --- Its end ----------------------------------------------------------------------------------------------------------


def test_it_is_unlinked_on_both_sides_with_a_reason(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    sandbox.post("/control/settings", profile="instant")
    key = ada.relationship.login.access_token

    said = desk.press(page(ada.relationship, "unlink"), **WHY)

    assert "is removed at the broker, and our access at the bank is over" in said
    assert (read_anew(ada.relationship).status, ada.relationship.login.access_token) == (states.CANCELED, "")
    assert noted(ada.relationship, "ending") == (f"ops {desk.user.pk}", "UNLINKED", "spoke to the bank")
    assert ada.user.notices.get().kind == "BANK_UNLINKED"
    assert "spoke to the bank" not in ada.user.notices.get().body
    with pytest.raises(HTTPError):
        people.plaid(sandbox, "/item/get", access_token=key)


def test_it_is_not_unlinked_while_money_is_under_way(desk: AtTheDesk, ada: Customer) -> None:
    ada.move("50.00")

    assert "A transfer is under way through it" in desk.read(page(ada.relationship, "unlink"))
    desk.press(page(ada.relationship, "unlink"), status=409, **WHY)

    assert read_anew(ada.relationship).ending_at is None
    assert "unlink" not in offered(desk, ada.relationship)


def test_a_broker_that_is_away_removes_it_later(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "status", DELETE, times=9, status=502)

    said = desk.press(page(ada.relationship, "unlink"), **WHY)

    assert "The broker has not removed" in said
    assert "it is tried by itself until it has" in said
    assert read_anew(ada.relationship).ending_tries == 1
    shown = desk.read(page(ada.relationship))
    assert f"Last error {ada.relationship.ending_error}" in shown
    assert ada.relationship.ending_error
    assert "is being removed already" in desk.press(page(ada.relationship, "unlink"), status=409, **WHY)


def test_an_end_that_got_stuck_is_tried_again_at_once(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "status", DELETE, times=9, status=502)
    desk.press(page(ada.relationship, "unlink"), **WHY)
    sandbox.delete("/control/faults")
    sandbox.post("/control/settings", profile="instant")
    hour = timezone.now() + timedelta(hours=1)
    ACHRelationship.objects.update(ending_tries=12, ending_next_at=hour)
    endings.carry_on_due(sender="worker")
    assert "Tries so far 12" in desk.read(page(ada.relationship, "again"))

    said = desk.press(page(ada.relationship, "again"), because="the broker says that it works again")

    assert "is removed at the broker" in said
    assert read_anew(ada.relationship).ended_at
    who, what, why = noted(ada.relationship, "ending")
    assert (who, what, why) == (f"ops {desk.user.pk}", "tried again", "the broker says that it works again")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Nobody has asked for its end"),
        ({"ending_at": timezone.now()}, "has not been tried yet"),
        ({"ending_at": timezone.now(), "ending_tries": 3, "sending": states.REVIEW}, "not clearly ours"),
        ({"ended_at": timezone.now(), "ending_at": timezone.now()}, "not linked any more"),
    ],
)
def test_an_end_is_not_hastened_where_that_would_not_help(
    desk: AtTheDesk, bank: ACHRelationship, fields: dict[str, Any], why: str
) -> None:
    ACHRelationship.objects.update(**fields)

    assert why in desk.press(page(bank, "again"), status=409, **WHY)

    assert read_anew(bank).ending_next_at is None


def test_an_end_that_waits_for_money_is_not_hastened(desk: AtTheDesk, bank: ACHRelationship) -> None:
    make.transfer(bank)
    ACHRelationship.objects.update(ending_at=timezone.now(), ending_tries=3)

    assert "Money is under way" in desk.press(page(bank, "again"), status=409, **WHY)


# --- Every one of them ------------------------------------------------------------------------------------------------

DEEDS: dict[str, dict[str, Any]] = {"stop": WHY, "resume": WHY, "read": {}, "ask": WHY, "unlink": WHY, "again": WHY}


@pytest.mark.parametrize(
    ("fields", "possible"),
    [
        ({}, ["stop", "read", "ask", "unlink"]),
        ({"suspended_at": timezone.now()}, ["resume", "read", "ask", "unlink"]),
        (
            {"suspended_at": timezone.now(), "suspended_deposits_only": True},
            ["stop", "resume", "read", "ask", "unlink"],
        ),
        ({"sending": states.WAITING, "status": ""}, ["read", "ask"]),
        ({"ending_at": timezone.now(), "ending_tries": 1}, ["stop", "read", "ask", "again"]),
        ({"ended_at": timezone.now()}, ["read"]),
    ],
)
def test_the_page_leads_to_what_is_possible_now(
    desk: AtTheDesk, bank: ACHRelationship, fields: dict[str, Any], possible: list[str]
) -> None:
    ACHRelationship.objects.update(**fields)

    assert offered(desk, bank) == possible


@pytest.mark.parametrize("deed", DEEDS)
def test_someone_who_may_only_look_does_nothing(bank: ACHRelationship, deed: str) -> None:
    viewer = AtTheDesk(person("viewer@example.com", "view_achrelationship"))

    assert offered(viewer, bank) == []
    viewer.read(page(bank, deed), status=403)
    viewer.press(page(bank, deed), status=403, **DEEDS[deed])

    assert not bank.events.exists()
    assert not bank.login.events.exists()


@pytest.mark.parametrize("deed", DEEDS)
def test_looking_changes_nothing(desk: AtTheDesk, bank: ACHRelationship, deed: str) -> None:
    desk.client.get(page(bank, deed))

    assert not bank.events.exists()
    assert not bank.login.events.exists()


@pytest.mark.parametrize("because", ["", "   ", "x" * 301])
@pytest.mark.parametrize("deed", ["stop", "ask", "unlink"])
def test_nothing_is_done_without_a_reason_that_can_be_kept(
    desk: AtTheDesk, bank: ACHRelationship, deed: str, because: str
) -> None:
    assert "Nothing is done yet" in desk.press(page(bank, deed), because=because)

    assert not bank.events.exists()


FASTER: dict[str, Callable[[ACHRelationship], None]] = {
    "stop": lambda bank: bank.suspend(because="faster", actor="ops else"),
    "resume": lambda bank: bank.resume(because="faster", actor="ops else"),
    "unlink": lambda bank: bank.begin_to_end(ACHRelationship.Ending.UNLINKED, actor="ops else"),
}


@pytest.mark.parametrize("deed", FASTER)
def test_what_someone_else_did_first_is_said(desk: AtTheDesk, bank: ACHRelationship, deed: str) -> None:
    if deed == "resume":
        bank.suspend(because="odd", actor="broker")

    FASTER[deed](bank)

    desk.press(page(bank, deed), status=409, **WHY)
    found = next(each for each in bank_deeds.DEEDS if each.name == deed)
    seen = {"seen": found.stamp_of(bank)} if found.stamp_of else {}
    with pytest.raises(NotDone, match="someone else"):  # in the moment between looking and doing
        found.act(bank, desk.user, **seen, **WHY)
    assert not bank.events.filter(actor=f"ops {desk.user.pk}").exists()
