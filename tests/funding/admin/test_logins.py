"""Logins at banks and passes through Link at the desk: all that is kept of them, found by what support calls them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from funding import states
from funding.models import ACHRelationship, LinkSession, PlaidItem
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.admin.test_banks import passed
from tests.funding.standing import Customer, fault, read_anew
from tests.harness.sandbox import Sandbox

LOGINS, PASSES = "/admin/funding/plaiditem/", "/admin/funding/linksession/"
WHY: dict[str, Any] = {"because": "the customer called"}
REMOVE = "POST /plaid/item/remove"


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person())


@pytest.fixture
def login(db: None) -> PlaidItem:
    return make.relationship(make.account(make.user())).login


def out_of_use(login: PlaidItem, **fields: Any) -> None:
    ACHRelationship.objects.filter(item=login).update(ended_at=timezone.now() - timedelta(minutes=5))
    PlaidItem.objects.filter(pk=login.pk).update(**fields)


# --- A login ----------------------------------------------------------------------------------------------------------


def test_the_page_of_a_login_tells_it_all(desk: AtTheDesk, login: PlaidItem) -> None:
    login.move_health(states.EXPIRING, actor="plaid PENDING_DISCONNECT", because="the bank moves to its own pages")
    ends = timezone.localtime() + timedelta(days=6)
    PlaidItem.objects.update(disconnects_at=ends, auth_method="INSTANT_AUTH", removal_tries=2)
    passed(login)
    other = make.relationship(make.account(make.user("ada2@example.com")), item=login, mask="2222")

    shown = desk.read(page(login))

    told = ["ada@example.com", "Tartan Bank", "ins_109511", "Access ends soon (EXPIRING)", f"{ends:%b} {ends.day}"]
    told += ["INSTANT_AUTH", "Last read never", "the bank moves to its own pages", "plaid PENDING_DISCONNECT"]
    told += ["Tartan Bank 0000 ACCEPTED APPROVED", "Tartan Bank 2222", "token-request-1", "link-session-1"]
    told += ["Tries to remove it at Plaid 2"]
    for words in told:
        assert words in shown, words
    assert page(other) in desk.client.get(page(login)).content.decode()


def test_the_pages_of_a_bank_account_its_login_and_its_pass_through_link_lead_to_each_other(
    desk: AtTheDesk, login: PlaidItem
) -> None:
    session, bank = passed(login), ACHRelationship.objects.get()

    def leads(row: Any, to: Any) -> bool:
        return page(to) in desk.client.get(page(row)).content.decode()

    assert all([leads(bank, login), leads(bank, session), leads(login, bank), leads(login, session)])
    assert leads(session, login)


ASKED: dict[str, Callable[[PlaidItem], None]] = {
    "trouble": lambda login: login.move_health(states.REVOKED, actor="worker"),
    "not-removed": lambda login: out_of_use(login, removal_tries=3),
}


@pytest.mark.parametrize("asked", ASKED)
def test_the_list_answers_what_ops_ask(desk: AtTheDesk, login: PlaidItem, asked: str) -> None:
    make.relationship(make.account(make.user("grace@example.com")))
    assert "ada@example.com" not in desk.read(f"{LOGINS}?queue={asked}")

    ASKED[asked](login)

    shown = desk.read(f"{LOGINS}?queue={asked}")
    assert "ada@example.com" in shown
    assert "grace@example.com" not in shown


def test_a_login_is_found_by_any_id_a_bank_or_an_address(desk: AtTheDesk, login: PlaidItem) -> None:
    other = make.relationship(make.account(make.user("grace@example.com")), mask="4321").login
    PlaidItem.objects.filter(pk=other.pk).update(institution_name="Houndstooth Bank")
    passed(login, 77)
    passed(other, 78)
    bank = ACHRelationship.objects.get(item=login)
    words = [str(login.pk), login.plaid_item_id, str(bank.pk), str(bank.alpaca_id), "0000", "tartan bank"]
    words += ["ada@example", "token-request-77", "link-session-77", "link-request-77"]

    for word in words:
        shown = desk.client.get(LOGINS, {"q": word}).content.decode()
        assert "ada@example.com" in shown, word
        assert "grace@example.com" not in shown, word


# --- What may be done -------------------------------------------------------------------------------------------------


def test_a_login_is_read_from_its_own_page(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    login = ada.relationship.login
    sandbox.post(f"/control/plaid/items/{login.plaid_item_id}", state="login_required")

    assert "The bank wants a new sign-in" in desk.press(page(login, "read"))

    assert read_anew(login).health == states.SIGN_IN


def test_its_customer_is_asked_from_its_own_page(desk: AtTheDesk, login: PlaidItem) -> None:
    assert "Asked: ada@example.com" in desk.press(page(login, "ask"), **WHY)

    assert login.user.notices.get().kind == "BANK_REPAIR_ASKED"


def test_nobody_is_asked_about_a_login_that_nothing_uses(desk: AtTheDesk, login: PlaidItem) -> None:
    out_of_use(login)

    assert "No bank account through this login is linked" in desk.press(page(login, "ask"), status=409, **WHY)


def test_one_that_nothing_uses_is_removed_at_once(desk: AtTheDesk, ada: Customer) -> None:
    login = ada.relationship.login
    hour = timezone.now() + timedelta(hours=1)
    out_of_use(login, removal_tries=9, removal_next_at=hour)
    assert "Tries so far 9" in desk.read(page(login, "remove"))

    said = desk.press(page(login, "remove"), **WHY)

    assert "our access is over, and the key is destroyed" in said
    assert (read_anew(login).health, login.access_token) == (states.REMOVED, "")
    noted = login.events.filter(field="removal").get()
    assert (noted.actor, noted.because) == (f"ops {desk.user.pk}", "the customer called")
    assert "This login is removed" in desk.press(page(login, "remove"), status=409, **WHY)
    assert "This login is removed" in desk.press(page(login, "read"), status=409)


def test_plaid_that_does_not_remove_it_is_said(desk: AtTheDesk, ada: Customer, settings: Settings) -> None:
    login = ada.relationship.login
    out_of_use(login)
    settings.PLAID_BASE_URL = "http://127.0.0.1:1"

    assert "Not done: Plaid has not ended our access" in desk.press(page(login, "remove"), **WHY)

    assert read_anew(login).access_token
    assert login.removal_tries == 1


def test_one_that_is_in_use_is_not_removed(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "status", REMOVE, status=500)

    assert "It is in use" in desk.press(page(ada.relationship.login, "remove"), status=409, **WHY)

    assert sandbox.get("/control/faults")[0]["fired"] == 0


@pytest.mark.parametrize("deed", ["read", "ask", "remove"])
def test_someone_who_may_only_look_does_nothing(login: PlaidItem, deed: str) -> None:
    viewer = AtTheDesk(person("viewer@example.com", "view_plaiditem"))

    assert f"/{login.pk}/{deed}/" not in viewer.client.get(page(login)).content.decode()
    viewer.read(page(login, deed), status=403)
    viewer.press(page(login, deed), status=403, **WHY)

    assert not login.events.exists()


# --- A pass through Link ----------------------------------------------------------------------------------------------


def test_the_page_of_a_pass_through_link_tells_what_support_asks_for(desk: AtTheDesk, login: PlaidItem) -> None:
    session = passed(login)

    shown = desk.read(page(session))

    told = ["ada@example.com", "token-request-1", "linked", "Link a bank", "Item at Tartan Bank"]
    told += ["ERROR CREDENTIAL ITEM_ERROR INVALID_CREDENTIALS link-session-1 link-request-1"]
    for words in told:
        assert words in shown, words


def test_a_pass_is_found_by_what_support_calls_it(desk: AtTheDesk, login: PlaidItem) -> None:
    session = passed(login, 77)
    other = LinkSession.objects.create(user=make.user("grace@example.com"), outcome="expired", request_id="another")
    other.events.create(name="EXIT", link_session_id="another-session")
    words = [str(session.pk), "token-request-77", "link-session-77", "link-request-77", login.plaid_item_id]

    for word in [*words, "ada@example"]:
        shown = desk.client.get(PASSES, {"q": word}).content.decode()
        assert page(session) in shown, word
        assert page(other) not in shown, word


def test_what_link_said_cannot_break_a_page(desk: AtTheDesk, login: PlaidItem) -> None:
    session = passed(login)
    session.events.create(name="<script>alert(1)</script>", details={"view_name": {"a": [1]}, "error_code": None})

    for row in (session, login, ACHRelationship.objects.get()):
        assert "<script>alert(1)" not in desk.client.get(page(row)).content.decode()
