"""What browsers, and people who forge them, send while a bank is linked: a clear word, no row, nobody else's bank."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from funding import states
from funding.models import ACHRelationship, LinkSession, PlaidItem
from funding.operations import linking
from tests.brokerage.sandbox.bench import Bench
from tests.funding.matrix.banks import ACCOUNTS, NONE, Someone, someone
from tests.funding.standing import at_once, fault, standing_still
from tests.harness.sandbox import Sandbox
from tests.journeys import people

RELINK = linking.LinkStartsOver.customer_message
NO_ACCOUNT = linking.NoUsableAccount.customer_message
SAME = linking.SameBankAgain.customer_message
OAUTH_BANK = "ins_127287"


@pytest.fixture
def open_someone(sandbox: Sandbox, settings: Settings, db: None) -> Iterator[Callable[[str], Someone]]:
    """Open accounts for people who have no bank."""
    settings.PLAID_WEBHOOK_URL = ""  # nobody listens there
    with standing_still(sandbox) as clocks:
        yield lambda email: someone(sandbox, clocks, settings, email)


@pytest.fixture
def ada(open_someone: Callable[[str], Someone]) -> Someone:
    return open_someone("ada@example.com")


@pytest.fixture
def grace(open_someone: Callable[[str], Someone]) -> Someone:
    return open_someone("grace@example.com")


# --- The public token -------------------------------------------------------------------------------------------------


def _expired(ada: Someone) -> str:
    token = ada.public_token()
    ada.clocks.advance(minutes=31)
    return token


def _used(ada: Someone) -> str:
    token = ada.public_token()
    people.plaid(ada.sandbox, "/item/public_token/exchange", public_token=token)
    return token


def _of_the_other_environment(ada: Someone) -> str:
    return ada.public_token().replace("sandbox", "production")


@pytest.mark.parametrize("bad", [_expired, _used, _of_the_other_environment])
def test_a_token_that_plaid_does_not_take_costs_one_more_pass(
    ada: Someone, bad: Callable[[Someone], str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    session, token = ada.begin(), bad(ada)

    told = ada.finish(session, token)

    session.refresh_from_db()
    assert told == RELINK
    assert (session.outcome, session.link_token) == ("refused INVALID_PUBLIC_TOKEN", "")
    assert not PlaidItem.objects.exists()
    assert token not in caplog.text
    assert ada.finish(ada.begin(), ada.public_token()) == ""
    assert ada.bank == "Being approved"


def test_an_empty_token_spends_nothing(ada: Someone) -> None:
    session = ada.begin()

    told = ada.finish(session, "")

    session.refresh_from_db()
    assert (told, session.is_open) == (RELINK, True)
    assert ada.finish(session, ada.public_token()) == ""
    assert ada.bank == "Being approved"


# --- The account ------------------------------------------------------------------------------------------------------


def choices(ada: Someone, username: str = "user_good") -> tuple[str, dict[str, str]]:
    """Come back from Link with several accounts; return the page's address, and all of the login's accounts by mask."""
    session = ada.begin()
    ada.finish(session, ada.public_token(username))
    item = PlaidItem.objects.get(user=ada.user)
    rows = people.plaid(ada.sandbox, "/accounts/get", access_token=item.access_token)["accounts"]
    return f"/bank/link/{session.pk}/account/", {row["mask"]: row["account_id"] for row in rows}


def test_an_account_of_somebody_elses_login_is_not_linked(ada: Someone, grace: Someone) -> None:
    _, theirs = choices(grace)
    address, ours = choices(ada)

    page = ada.client.post(address, {"account": theirs["0000"]})

    assert page.status_code == 200
    assert page.context["form"].errors["account"]
    assert not ACHRelationship.objects.exists()
    assert ada.client.post(address, {"account": ours["0000"]})["Location"] == "/bank/"
    assert ACHRelationship.objects.get().plaid_account_id == ours["0000"]


@pytest.mark.parametrize("mask", ["2222", "3333", "5555", "7777", "9002"])
def test_an_account_that_ach_cannot_reach_is_not_linked(ada: Someone, mask: str) -> None:
    address, ours = choices(ada)

    page = ada.client.post(address, {"account": ours[mask]})

    assert (page.status_code, ACHRelationship.objects.count()) == (200, 0)


def test_a_login_with_nothing_but_a_credit_card_is_given_up(ada: Someone) -> None:
    told = ada.finish(ada.begin(), ada.public_token("user_credit_only"))

    assert (told, ada.bank) == (NO_ACCOUNT, NONE)
    assert (ada.keys(), ada.at_plaid()) == ([], set())


def test_looking_at_accounts_none_of_which_can_be_used_gives_nothing_up(ada: Someone) -> None:
    address, ours = choices(ada)
    fault(ada.sandbox, "patch_after_commit", ACCOUNTS, times=3, patch={"accounts": []})

    for method in (ada.client.get, ada.client.head):
        assert method(address).status_code == 302
    assert len(ada.at_plaid()) == 1
    assert PlaidItem.objects.get().dropped_at is None

    ada.client.post(address, {"account": ours["0000"]})
    assert (ada.keys(), ada.at_plaid()) == ([], set())


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_choose_at_once_link_one(ada: Someone) -> None:
    address, ours = choices(ada)
    tabs = [Client(), Client()]
    for tab in tabs:
        tab.force_login(ada.user)
    picks = zip(tabs, (ours["0000"], ours["1111"]), strict=True)

    came = at_once(*[lambda tab=tab, key=key: tab.post(address, {"account": key}).status_code for tab, key in picks])

    assert came == [302, 302]
    linked = ACHRelationship.objects.get()
    assert [row["id"] for row in ada.at_the_broker()] == [linked.alpaca_id]
    assert (ada.orphans(), len(ada.at_plaid()), len(ada.keys())) == (set(), 1, 1)


# --- What the browser says of banks and accounts ----------------------------------------------------------------------


def said(institution_id: str, *accounts: tuple[str, str], name: str = "Tartan Bank") -> dict[str, str]:
    rows = [{"name": account, "mask": mask, "id": "x", "subtype": "checking"} for account, mask in accounts]
    return {"institution_id": institution_id, "institution_name": name, "accounts": json.dumps(rows)}


@pytest.mark.parametrize(
    "lies",
    [
        said("ins_3", ("Chase Checking", "9999"), name="Chase"),
        said("ins_109508", ("<script>alert(1)</script>", "0000"), name="<script>alert(1)</script>"),
        said("' OR 1=1 --", ("", "")),
        {"institution_id": "ins_109508", "accounts": "["},
        {"institution_id": "ins_109508", "accounts": "[" * 9_000},
        {"institution_id": "ins_109508", "accounts": '{"name": 1}'},
        {"institution_id": "ins_109508", "accounts": '[null, 7, {"name": {"a": 1}, "mask": [2]}]'},
        {"account_id": "x", "access_token": "x", "item_id": "x", "user": "1", "sending": "ACCEPTED"},
    ],
    ids=str,
)
def test_what_the_browser_says_is_not_what_is_linked(ada: Someone, lies: dict[str, str]) -> None:
    told = ada.finish(ada.begin(), ada.public_token(), **lies)

    link = ACHRelationship.objects.get()
    assert (told, ada.bank) == ("", "Being approved")
    assert (link.login.institution_id, link.institution_name) == ("ins_109508", "First Platypus Bank")
    assert (link.name, link.mask) == ("Plaid Checking", "0000")
    assert "alert(1)" not in ada.client.get("/bank/").content.decode()


@pytest.mark.parametrize("too_much", ["institution_id", "institution_name", "accounts"])
def test_what_is_too_much_to_say_spends_nothing(ada: Someone, too_much: str) -> None:
    session = ada.begin()

    told = ada.finish(session, ada.public_token(), **{too_much: "x" * 10_001})

    session.refresh_from_db()
    assert (told, session.is_open, ada.at_plaid()) == (RELINK, True, set())


def test_to_name_the_bank_account_of_somebody_else_keeps_nobody_from_linking(ada: Someone, grace: Someone) -> None:
    theirs = grace.link(grace.shared())

    told = ada.finish(ada.begin(), ada.public_token(), **said("ins_109508", ("Plaid Checking", "0000")))

    theirs.refresh_from_db()
    assert (told, ada.bank, grace.bank) == ("", "Being approved", "Being approved")
    assert [row["id"] for row in grace.at_the_broker()] == [theirs.alpaca_id]


def test_a_bank_account_that_is_linked_already_is_not_traded_for(ada: Someone) -> None:
    first = ada.link(ada.shared())
    ada.broker_says(first, states.APPROVED)
    held = ada.at_plaid()
    ada.told("/bank/replace/link/")

    told = ada.finish(LinkSession.objects.get(), ada.public_token(), **said("ins_109508", ("Plaid Checking", "0000")))

    assert (told, ada.bank, ada.at_plaid()) == (SAME, "Working", held)
    assert LinkSession.objects.get().outcome == "duplicate"
    assert ACHRelationship.objects.count() == 1


# --- Coming back from a bank's own pages ------------------------------------------------------------------------------


def state_of(somebody: Someone, session: LinkSession) -> str:
    """Leave for a bank's own pages; return the state that goes along."""
    bench = Bench(somebody.sandbox.url)
    with closing(bench.session):
        begun = bench.frame("start", link_token=session.link_token)
        asked = bench.frame("choose", session_id=begun["session_id"], institution_id=OAUTH_BANK)
    state: str = asked["url"].rpartition("/")[2]
    return state


def come_back(somebody: Someone, session: LinkSession, address: str) -> Any:
    """Go on with Link on the page that a customer comes back to; return what it says."""
    bench = Bench(somebody.sandbox.url)
    with closing(bench.session):
        return bench.frame("start", link_token=session.link_token, received_redirect_uri=address)


def test_to_come_back_with_somebody_elses_state_opens_nothing_of_theirs(
    ada: Someone, grace: Someone, settings: Settings
) -> None:
    theirs, ours = grace.begin(), ada.begin()
    state = state_of(grace, theirs)
    before = list(LinkSession.objects.order_by("pk").values())

    page = ada.client.get(f"/bank/link/return/?oauth_state_id={state}")

    assert page.status_code == 200
    assert (ours.link_token in page.content.decode(), theirs.link_token in page.content.decode()) == (True, False)
    refused = come_back(ada, ours, f"{settings.PLAID_REDIRECT_URI}?oauth_state_id={state}")
    assert refused["error"]["error_code"] == "INCORRECT_LINK_TOKEN"
    assert list(LinkSession.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("query", ["", "?oauth_state_id=", "?state=x"])
def test_to_come_back_without_a_state_leads_to_the_bank_account(ada: Someone, query: str) -> None:
    ada.begin()

    page = ada.client.get(f"/bank/link/return/{query}", follow=True)

    assert page.redirect_chain == [("/bank/", 302)]
    assert [str(each) for each in page.context["messages"]] == [RELINK]


def test_to_come_back_when_no_pass_is_open_leads_to_the_bank_account(ada: Someone) -> None:
    ada.begin()
    ada.clocks.advance(hours=5)

    page = ada.client.get("/bank/link/return/?oauth_state_id=x", follow=True)

    assert page.redirect_chain == [("/bank/", 302)]
    assert [str(each) for each in page.context["messages"]] == [RELINK]


@pytest.mark.parametrize(
    "state", ["../../x", "a%0d%0aSet-Cookie:%20b=c", "x" * 5000, "%00", "<script>", "1&oauth_state_id=2"]
)
def test_a_state_that_is_odd_is_left_to_plaid(ada: Someone, state: str) -> None:
    ada.begin()

    page = ada.client.get(f"/bank/link/return/?oauth_state_id={state}")

    assert page.status_code == 200
    assert "oauth_state_id" not in page.content.decode()  # Link's script reads it from the address, nobody else does
    assert set(page.cookies) <= {"csrftoken", "sessionid"}


# --- Other people's passes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["get", "post"])
@pytest.mark.parametrize("place", ["", "finish/", "account/", "events/"])
def test_somebody_elses_pass_is_answered_like_one_that_never_was(
    ada: Someone, grace: Someone, place: str, verb: str
) -> None:
    theirs = grace.begin()
    missing = LinkSession(user=grace.user)
    data = {"public_token": ada.public_token(), "account": "x", "events": "[]"} if verb == "post" else {}

    answers = [getattr(ada.client, verb)(f"/bank/link/{each.pk}/{place}", data) for each in (theirs, missing)]

    theirs.refresh_from_db()
    assert {answer.status_code for answer in answers} <= {404, 405}
    assert answers[0].status_code == answers[1].status_code
    assert theirs.is_open
    assert not theirs.events.exists()
