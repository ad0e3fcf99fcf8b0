"""A login at a bank that expires, is revoked, repaired or renumbered: its state, its notice, its effect on money."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Notice
from brokerage.gateways.errors import VendorError
from funding import states
from funding.models import Lost, PlaidItem
from funding.operations import item_health, transfers
from funding.operations.item_reconciliation import ACTOR
from tests.funding import banking
from tests.funding.banking import bank_does, fresh
from tests.funding.standing import IN, OUT, SENDER, Clocks, Customer, fault, read_anew, work
from tests.harness.sandbox import Sandbox

ITEM = "POST /plaid/item/get"
ACCOUNTS = "POST /plaid/accounts/get"


def read(item: PlaidItem, **more: Any) -> PlaidItem:
    item_health.read(item=item, actor=ACTOR, **more)
    return item


def told(customer: Customer) -> list[str]:
    kinds = Notice.objects.filter(user=customer.user, kind__startswith="BANK_").order_by("created_at")
    return [kind.removeprefix("BANK_") for kind in kinds.values_list("kind", flat=True)]


def may(customer: Customer) -> tuple[bool, bool]:
    """Return whether deposits and withdrawals may be asked for."""
    link = fresh(customer.relationship)
    return link.may_become_usable_for(IN), link.may_become_usable_for(OUT)


@pytest.fixture
def item(ada: Customer) -> PlaidItem:
    return fresh(ada.relationship).login


def test_a_login_that_is_well_stays_so(ada: Customer, item: PlaidItem) -> None:
    assert read(item).health == states.GOOD
    assert item.read_at is not None
    assert (may(ada), told(ada), item.events.count()) == ((True, True), [], 0)


def test_a_bank_that_wants_a_sign_in_stops_deposits_alone(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    bank_does(item, sandbox, "login_required")

    read(item)
    read(item)

    assert (item.health, item.error_code) == (states.SIGN_IN, "ITEM_LOGIN_REQUIRED")
    assert (may(ada), told(ada)) == ((False, True), ["SIGN_IN"])
    with pytest.raises(transfers.RelationshipNotUsable):
        ada.ask("10.00")


def test_one_that_was_repaired_elsewhere_works_again(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    bank_does(item, sandbox, "login_required")
    read(item)
    bank_does(item, sandbox, "repaired")

    read(item)

    assert (item.health, item.error_code) == (states.GOOD, "")
    assert (may(ada), told(ada)) == ((True, True), ["SIGN_IN", "REPAIRED"])


def test_every_episode_is_told_of(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    for _ in range(2):
        for state in ("login_required", "repaired"):
            bank_does(item, sandbox, state)
            read(item)

    assert told(ada) == ["SIGN_IN", "REPAIRED", "SIGN_IN", "REPAIRED"]


def test_access_that_is_taken_back_stops_both_ways_and_calls_off_what_waits(
    ada: Customer, item: PlaidItem, sandbox: Sandbox
) -> None:
    waiting = ada.ask("10.00", OUT)
    bank_does(item, sandbox, "revoked")

    read(item)

    link = fresh(ada.relationship)
    assert (item.health, link.lost_because, may(ada)) == (states.REVOKED, Lost.REVOKED, (False, False))
    assert read_anew(waiting).sending == states.WITHDRAWN
    assert told(ada) == ["REVOKED"]


def test_what_is_under_way_goes_on_when_access_is_taken_back(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    moving = ada.move("10.00")
    bank_does(item, sandbox, "revoked")

    read(item)
    sandbox.post(f"/control/transfers/{moving.alpaca_id}", action="settle")
    work()

    assert read_anew(moving).status == states.COMPLETE


def test_a_bank_with_numbers_of_its_own_goes_on_when_access_comes_back(
    ada: Customer, item: PlaidItem, sandbox: Sandbox
) -> None:
    bank_does(item, sandbox, "revoked")
    read(item)
    bank_does(item, sandbox, "repaired")

    read(item)

    assert (fresh(ada.relationship).lost_because, may(ada)) == ("", (True, True))


def test_a_login_that_plaid_has_no_more_is_gone(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    banking.people.plaid(sandbox, "/item/remove", access_token=item.access_token)

    read(item)

    assert (item.health, may(ada), told(ada)) == (states.GONE, (False, False), ["REVOKED"])


def test_a_token_that_plaid_does_not_know_is_our_fault_and_stops_nobody(
    ada: Customer, item: PlaidItem, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"error_code": "INVALID_ACCESS_TOKEN", "error_type": "INVALID_INPUT", "request_id": "r1"}
    fault(sandbox, "status", ITEM, status=400, body=body)

    with pytest.raises(VendorError):
        read(item)

    assert (read_anew(item).health, may(ada)) == (states.GOOD, (True, True))
    assert any(record.levelname == "ERROR" for record in caplog.records)


@pytest.mark.parametrize("code", ["INSTITUTION_DOWN", "INSTITUTION_NOT_RESPONDING", "INSTITUTION_NOT_AVAILABLE"])
def test_a_bank_that_is_down_changes_nothing(ada: Customer, item: PlaidItem, sandbox: Sandbox, code: str) -> None:
    fault(sandbox, "patch_after_commit", ITEM, patch={"item": _trouble(item, code)})

    read(item)

    assert (item.health, may(ada), told(ada)) == (states.GOOD, (True, True), [])


def test_a_word_that_nobody_knows_is_kept_and_reported(
    ada: Customer, item: PlaidItem, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    fault(sandbox, "patch_after_commit", ITEM, patch={"item": _trouble(item, "ITEM_ON_HOLIDAY")})

    read(item)

    assert (item.health, item.error_code, may(ada)) == (states.GOOD, "ITEM_ON_HOLIDAY", (True, True))
    assert "ITEM_ON_HOLIDAY" in caplog.text


def _trouble(item: PlaidItem, code: str) -> dict[str, Any]:
    return {"item_id": item.plaid_item_id, "error": {"error_code": code, "error_type": "ITEM_ERROR"}}


@pytest.mark.parametrize("route", [ITEM, ACCOUNTS])
def test_an_answer_about_another_login_is_an_alarm_and_changes_nothing(
    ada: Customer, item: PlaidItem, sandbox: Sandbox, route: str, caplog: pytest.LogCaptureFixture
) -> None:
    fault(
        sandbox, "patch_after_commit", route, patch={"item": _trouble(item, "ITEM_LOGIN_REQUIRED") | {"item_id": "x"}}
    )

    with pytest.raises(VendorError):
        read(item)

    assert read_anew(item).health == states.GOOD
    assert any(record.levelname == "ERROR" for record in caplog.records)


# --- What only the webhooks tell --------------------------------------------------------------------------------------


def hear(item: PlaidItem, code: str, *, kind: str = "ITEM", **news: Any) -> PlaidItem:
    item_health.hear(item=item, kind=kind, code=code, news=news)
    item.refresh_from_db()
    return item


def in_days(days: float) -> str:
    return (timezone.now() + timedelta(days=days)).isoformat()


def test_an_end_that_is_announced_is_told_and_stops_nothing(ada: Customer, item: PlaidItem) -> None:
    hear(item, "PENDING_DISCONNECT", reason="INSTITUTION_MIGRATION", disconnect_time=in_days(6))
    hear(item, "PENDING_DISCONNECT", reason="INSTITUTION_MIGRATION", disconnect_time=in_days(6))

    assert (item.health, may(ada), told(ada)) == (states.EXPIRING, (True, True), ["EXPIRING"])
    assert item.disconnects_at is not None


def test_an_announced_end_is_still_known_after_a_reading_that_says_nothing_of_it(item: PlaidItem) -> None:
    hear(item, "PENDING_DISCONNECT", disconnect_time=in_days(6))

    assert read(item).health == states.EXPIRING


def test_signing_in_takes_an_announced_end_back(ada: Customer, item: PlaidItem) -> None:
    hear(item, "PENDING_DISCONNECT", disconnect_time=in_days(6))

    read(item, signed_in_again=True)

    assert (item.health, item.disconnects_at, told(ada)) == (states.GOOD, None, ["EXPIRING"])


@pytest.mark.parametrize("when", [None, "", "soon", -1, {"a": 1}, "2026-13-45T00:00:00Z"], ids=str)
def test_an_end_without_a_day_or_that_is_over_is_no_news(item: PlaidItem, when: Any) -> None:
    hear(item, "PENDING_DISCONNECT", disconnect_time=in_days(when) if when == -1 else when)

    assert item.health == states.GOOD


def test_an_announced_end_that_never_came_is_forgotten(clocks: Clocks, ada: Customer, item: PlaidItem) -> None:
    hear(item, "PENDING_DISCONNECT", disconnect_time=in_days(3))
    clocks.advance(days=4)

    assert read(item).health == states.GOOD


def test_news_of_an_end_does_not_hide_a_trouble_that_stands(item: PlaidItem, sandbox: Sandbox) -> None:
    bank_does(item, sandbox, "login_required")

    hear(item, "PENDING_DISCONNECT", disconnect_time=in_days(6))

    assert item.health == states.SIGN_IN


def test_one_account_that_is_revoked_is_lost_and_the_login_is_not(ada: Customer, item: PlaidItem) -> None:
    account = fresh(ada.relationship).plaid_account_id

    for _ in range(2):
        hear(item, "USER_ACCOUNT_REVOKED", account_id=account)

    link = fresh(ada.relationship)
    assert (item.health, link.lost_because, may(ada)) == (states.GOOD, Lost.REVOKED, (False, False))
    assert told(ada) == ["REVOKED"]


def test_another_account_that_is_revoked_changes_nothing(ada: Customer, item: PlaidItem) -> None:
    hear(item, "USER_ACCOUNT_REVOKED", account_id="another")

    assert may(ada) == (True, True)


@pytest.mark.parametrize("news", [{}, {"account_id": None}, {"account_id": ["a"]}, {"account_id": 5}], ids=str)
def test_odd_news_of_an_account_changes_nothing(ada: Customer, item: PlaidItem, news: dict[str, Any]) -> None:
    hear(item, "USER_ACCOUNT_REVOKED", **news)

    assert may(ada) == (True, True)


@pytest.mark.parametrize("code", ["NEW_ACCOUNTS_AVAILABLE", "SOMETHING_NEW", "WEBHOOK_UPDATE_ACKNOWLEDGED"])
def test_other_news_is_a_hint_to_read(item: PlaidItem, sandbox: Sandbox, code: str) -> None:
    bank_does(item, sandbox, "login_required")

    assert hear(item, code).health == states.SIGN_IN


# --- Accounts ---------------------------------------------------------------------------------------------------------


def test_an_account_that_is_not_shared_any_more_is_lost(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    fault(sandbox, "patch_after_commit", ACCOUNTS, patch={"accounts": []})

    read(item)

    assert (fresh(ada.relationship).lost_because, may(ada)) == (Lost.NOT_SHARED, (False, False))
    assert told(ada) == ["NOT_SHARED"]


def test_an_account_that_is_shared_again_is_found_again(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    fault(sandbox, "patch_after_commit", ACCOUNTS, patch={"accounts": []})
    read(item)

    read(item)

    assert (fresh(ada.relationship).lost_because, may(ada)) == ("", (True, True))


# --- Where news go, and what the gate hears ---------------------------------------------------------------------------


def test_the_news_of_a_login_are_sent_to_us(item: PlaidItem, settings: Settings, sandbox: Sandbox) -> None:
    settings.PLAID_WEBHOOK_URL = "http://127.0.0.1:9/webhooks/plaid/"

    read(item)
    read(item)

    asked = banking.people.plaid(sandbox, "/item/get", access_token=item.access_token)
    sent = sandbox.get("/control/plaid/webhooks")["messages"]
    assert asked["item"]["webhook"] == settings.PLAID_WEBHOOK_URL
    assert [row["payload"]["webhook_code"] for row in sent] == ["WEBHOOK_UPDATE_ACKNOWLEDGED"]


def test_a_balance_that_is_refused_tells_of_the_login(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    bank_does(item, sandbox, "login_required")

    transfer = ada.move("10.00")

    assert transfer.sending == states.DECLINED
    assert (read_anew(item).health, told(ada)) == (states.SIGN_IN, ["SIGN_IN"])


def test_a_deposit_that_was_reserved_waits_while_the_bank_wants_a_sign_in(
    ada: Customer, item: PlaidItem, sandbox: Sandbox
) -> None:
    transfer = ada.ask("10.00")
    bank_does(item, sandbox, "login_required")
    read(item)

    transfers.send(transfer=transfer, sender=SENDER)

    assert read_anew(transfer).sending == states.RESERVED
    assert ada.at_the_broker() == []
