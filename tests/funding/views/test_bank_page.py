"""The page of the bank account: what it says, what it offers, and that nobody else's is touched by it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.asserts import assertNumQueries

from accounts.models import User
from funding import states
from funding.models import ACHRelationship, LinkSession, Lost, PlaidItem
from tests import make
from tests.funding import banking
from tests.funding.banking import fresh
from tests.funding.standing import Customer, open_customer, read_anew, work
from tests.harness.by_chance import without_chance
from tests.harness.sandbox import Sandbox

NOW = timezone.now()
SOON = NOW + timedelta(days=5)


@pytest.fixture
def browser(ada: Customer, client: Client) -> Client:
    client.force_login(ada.user)
    return client


def page(browser: Client, path: str = "/bank/") -> str:
    answer = browser.get(path, follow=True)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def stands(ada: Customer, *, health: dict[str, Any] | None = None, **columns: Any) -> None:
    ACHRelationship.objects.filter(pk=ada.relationship.pk).update(**columns)
    if health:
        PlaidItem.objects.filter(pk=ada.relationship.login.pk).update(**health)


SIGN_IN, REPLACE, UNLINK, LINK, CODE = "/bank/repair/", "/bank/replace/", "/bank/unlink/", "/bank/link/", "/bank/code/"
STATES: dict[str, tuple[dict[str, Any], dict[str, Any], str, set[str]]] = {
    "working": ({}, {}, "Ready for deposits", {REPLACE, UNLINK}),
    "approving": ({"status": states.QUEUED}, {}, "Being approved", {REPLACE, UNLINK}),
    "sign in": ({}, {"health": states.SIGN_IN}, "withdrawals go on", {SIGN_IN, REPLACE, UNLINK}),
    "expiring": (
        {},
        {"health": states.EXPIRING, "disconnects_at": SOON},
        "Sign in there again before that",
        {SIGN_IN, REPLACE, UNLINK},
    ),
    "revoked": (
        {"lost_at": NOW, "lost_because": Lost.REVOKED},
        {"health": states.REVOKED},
        "access at your bank was taken back",
        {REPLACE, UNLINK},
    ),
    "account revoked": (
        {"lost_at": NOW, "lost_because": Lost.REVOKED},
        {},
        "share it again",
        {SIGN_IN, REPLACE, UNLINK},
    ),
    "not shared": (
        {"lost_at": NOW, "lost_because": Lost.NOT_SHARED},
        {},
        "does not show us this account",
        {SIGN_IN, REPLACE, UNLINK},
    ),
    "new numbers": ({"lost_at": NOW, "lost_because": Lost.NEW_NUMBERS}, {}, "new numbers", {REPLACE, UNLINK}),
    "stopped": ({"suspended_at": NOW, "suspended_because": "R02"}, {}, "No transfers go through", {REPLACE, UNLINK}),
    "no deposits": (
        {"suspended_at": NOW, "suspended_because": "R01", "suspended_deposits_only": True},
        {},
        "Withdrawals still do",
        {REPLACE, UNLINK},
    ),
    "being removed": ({"ending_at": NOW, "ending_because": "UNLINKED"}, {}, "Being removed", set()),
    "being replaced": ({"ending_at": NOW, "ending_because": "REPLACED"}, {}, "Being replaced", set()),
    "being renewed": ({"ending_at": NOW, "ending_because": "RENEWED"}, {}, "new numbers", set()),
    "code": (
        {"sending": states.UNVERIFIED, "verification": "pending_manual_verification"},
        {},
        "code of three letters",
        {CODE, "/bank/call-off/"},
    ),
    "verifying": (
        {"sending": states.UNVERIFIED, "verification": "pending_automatic_verification"},
        {},
        "seen by themselves",
        {"/bank/call-off/"},
    ),
    "checking": ({"sending": states.CHECKING}, {}, "whose account it is", {"/bank/call-off/"}),
    "held": ({"sending": states.HELD}, {}, "A person of ours", {"/bank/call-off/"}),
    "refused": ({"sending": states.REFUSED, "ended_at": NOW}, {}, "did not approve", {LINK}),
    "not yours": (
        {"sending": states.REFUSED, "ended_at": NOW, "reason": "the bank account is somebody else’s"},
        {},
        "in your own name",
        {LINK},
    ),
    "not verified": (
        {"sending": states.REFUSED, "ended_at": NOW, "reason": "it could not be verified"},
        {},
        "were not confirmed",
        {LINK},
    ),
    "ended": ({"status": states.CANCELED, "ended_at": NOW}, {}, "No bank linked", {LINK}),
}


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_sentence_and_its_way_on(browser: Client, ada: Customer, state: str) -> None:
    columns, health, says, offers = STATES[state]
    stands(ada, health=health, **columns)

    shown = page(browser)

    assert says in shown
    assert shown.count("btn-primary") <= 1
    every = {SIGN_IN, REPLACE, UNLINK, LINK, CODE, "/bank/call-off/"}
    assert {path for path in every if f'"{path}"' in shown} == offers


@pytest.mark.parametrize("state", STATES)
def test_the_live_part_says_the_same(browser: Client, ada: Customer, state: str) -> None:
    columns, health, _, _ = STATES[state]
    stands(ada, health=health, **columns)

    assert page(browser, "/bank/status/")


def test_what_is_said_aloud_is_how_the_one_to_come_is(browser: Client, ada: Customer) -> None:
    assert "<p data-announce>Ready for deposits" in page(browser, "/bank/status/")
    stands(ada, **STATES["being replaced"][0])
    make.relationship(ada.account, sending=states.WAITING, status="", alpaca_id=None, mask="1111")

    shown = page(browser, "/bank/status/")

    assert shown.count("data-announce") == 1
    assert "<p data-announce>It takes over as soon as" in shown


@pytest.mark.parametrize("state", ["code", "verifying", "checking", "held", "refused", "not yours"])
def test_whose_it_is_and_since_when_is_said_of_a_linked_one_only(browser: Client, ada: Customer, state: str) -> None:
    before = page(browser)
    stands(ada, **STATES[state][0])

    assert "as on your application" in before
    assert "as on your application" not in page(browser)


def test_a_refused_bank_account_is_told_of_once(browser: Client, ada: Customer) -> None:
    make.relationship(ada.account, ended_at=NOW, status=states.CANCELED, mask="4417")
    stands(ada, sending=states.REFUSED, ended_at=NOW)
    ACHRelationship.objects.filter(pk=ada.relationship.pk).update(created_at=NOW + timedelta(seconds=1))

    shown = without_chance(page(browser))

    assert shown.count("0000") == 1
    assert shown.count("4417") == 1


def test_access_that_was_taken_back_asks_for_a_new_link_first(browser: Client, ada: Customer) -> None:
    columns, health, _, _ = STATES["revoked"]
    stands(ada, health=health, **columns)

    assert "Link a bank account anew" in page(browser)
    assert "at the same bank once more, or at another one" in page(browser, "/bank/replace/")


def test_the_page_takes_as_many_queries_however_much_there_was(browser: Client, ada: Customer) -> None:
    for _ in range(10):
        make.relationship(ada.account, ended_at=NOW, status=states.CANCELED)
    page(browser)

    with assertNumQueries(6):
        browser.get("/bank/")


def test_the_overview_speaks_of_a_bank_that_wants_something(browser: Client, ada: Customer) -> None:
    stands(ada, health={"health": states.SIGN_IN})

    assert "Sign in at your bank again" in page(browser, "/overview/")
    assert "Sign in at your bank again" in page(browser, "/deposit/")


def test_withdrawals_go_on_while_the_bank_wants_a_sign_in(browser: Client, ada: Customer) -> None:
    stands(ada, health={"health": states.SIGN_IN})

    assert "Amount to withdraw" in page(browser, "/withdraw/")


# --- Unlinking --------------------------------------------------------------------------------------------------------


def test_unlinking_asks_first_and_then_does_it(browser: Client, ada: Customer, sandbox: Sandbox) -> None:
    asked = page(browser, "/bank/unlink/")
    untouched = fresh(ada.relationship).ending_at
    after = browser.post("/bank/unlink/confirm/", follow=True).content.decode()
    sandbox.post(f"/control/relationships/{ada.relationship.alpaca_id}", status=states.CANCELED)
    work()

    assert "Unlink this bank account" in asked
    assert untouched is None
    assert "Being removed" in after
    assert "No bank linked" in page(browser)
    assert fresh(ada.relationship).login.access_token == ""


def test_unlinking_says_what_is_under_way(browser: Client, ada: Customer) -> None:
    transfer = make.transfer(ada.relationship, "123.45")

    asked = page(browser, "/bank/unlink/")
    told = browser.post("/bank/unlink/confirm/", follow=True).content.decode()

    assert "$123.45" in asked
    assert transfer.url in asked
    assert "still under way" in told
    assert fresh(ada.relationship).ending_at is None


@pytest.mark.parametrize(
    "path", ["/bank/unlink/confirm/", "/bank/call-off/", "/bank/repair/", "/bank/code/", "/bank/replace/link/"]
)
def test_nothing_changes_by_being_looked_at(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 405


@pytest.mark.parametrize(
    "path", ["/bank/unlink/confirm/", "/bank/call-off/", "/bank/repair/", "/bank/code/", "/bank/replace/link/"]
)
def test_a_stranger_touches_nobody_elses_bank(ada: Customer, sandbox: Sandbox, client: Client, path: str) -> None:
    stranger = open_customer(sandbox, "eve@example.com")
    ACHRelationship.objects.filter(pk=stranger.relationship.pk).delete()
    before = (fresh(ada.relationship).ending_at, LinkSession.objects.count())
    client.force_login(stranger.user)

    client.post(path)

    assert (fresh(ada.relationship).ending_at, LinkSession.objects.filter(user=ada.user).count()) == before


@pytest.mark.parametrize("who", ["nobody", "newcomer"])
def test_without_an_account_there_is_nothing_to_do(client: Client, db: None, who: str) -> None:
    if who == "newcomer":
        client.force_login(make.user("new@example.com"))

    codes = {client.post(path).status_code for path in ("/bank/unlink/confirm/", "/bank/repair/", "/bank/code/")}

    assert codes == {302}


# --- Replacing, repairing ---------------------------------------------------------------------------------------------


def test_replacing_is_explained_before_and_asked_at_the_end(browser: Client, ada: Customer, sandbox: Sandbox) -> None:
    explained = page(browser, "/bank/replace/")
    link = browser.post("/bank/replace/link/")["Location"]
    token = banking.public_token(sandbox)
    choose = browser.post(f"{link}finish/", {"public_token": token})["Location"]
    asked = page(browser, choose)
    untouched = fresh(ada.relationship).ending_at
    account = PlaidItem.objects.latest("created_at")
    found = banking.people.plaid(sandbox, "/accounts/get", access_token=account.access_token)["accounts"][0]
    browser.post(choose, {"account": found["account_id"]})

    assert "one bank account at a time" in explained
    assert "Replace it with this account" in asked
    assert untouched is None
    assert "Being replaced" in page(browser)
    assert "Comes next" in page(browser)


def test_a_replacement_that_is_not_confirmed_changes_nothing(browser: Client, ada: Customer, sandbox: Sandbox) -> None:
    link = browser.post("/bank/replace/link/")["Location"]
    browser.post(f"{link}finish/", {"public_token": banking.public_token(sandbox)})

    assert fresh(ada.relationship).usable
    assert not ACHRelationship.objects.candidates().exists()


def test_the_same_account_again_is_not_even_traded_for(browser: Client, ada: Customer, sandbox: Sandbox) -> None:
    link = browser.post("/bank/replace/link/")["Location"]
    seen = {"institution_id": "ins_109511", "accounts": '[{"name": "Plaid Checking", "mask": "0000"}]'}
    before = len(sandbox.get("/control/state")["items"])
    told = browser.post(f"{link}finish/", {"public_token": "public-sandbox-x", **seen}, follow=True).content.decode()

    assert "linked already" in told
    assert LinkSession.objects.get().outcome == "duplicate"
    assert len(sandbox.get("/control/state")["items"]) == before


def test_a_login_whose_access_is_lost_may_be_linked_anew(browser: Client, ada: Customer, sandbox: Sandbox) -> None:
    stands(ada, lost_at=NOW, lost_because=Lost.REVOKED, health={"health": states.REVOKED})
    link = browser.post("/bank/replace/link/")["Location"]
    seen = {"institution_id": "ins_109511", "accounts": '[{"name": "Plaid Checking", "mask": "0000"}]'}

    answer = browser.post(f"{link}finish/", {"public_token": banking.public_token(sandbox), **seen})

    assert answer["Location"].endswith("/account/")


def test_a_repair_shows_its_own_steps_and_comes_back_to_the_page(
    browser: Client, ada: Customer, sandbox: Sandbox
) -> None:
    item = fresh(ada.relationship).login
    banking.bank_does(item, sandbox, "login_required")
    banking.item_health.read(item=item, actor="a test")

    link = browser.post("/bank/repair/")["Location"]
    shown = page(browser, link)
    done = browser.post(f"{link}finish/", {"public_token": "public-of-update-mode"})

    assert "Sign in again" in shown
    assert done["Location"] == "/bank/"
    assert LinkSession.objects.get().outcome == "repaired"


@pytest.mark.parametrize(
    "path", ["/bank/link/", "/bank/replace/link/", "/bank/repair/"], ids=["link", "replace", "repair"]
)
def test_too_many_attempts_are_told_when_to_come_back(
    browser: Client, ada: Customer, settings: Settings, path: str
) -> None:
    settings.LINK_ATTEMPTS_PER_HOUR = 0
    if path == "/bank/link/":
        stands(ada, status=states.CANCELED, ended_at=NOW)
    stands(ada, health={"health": states.SIGN_IN})

    answer = browser.post(path)

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert not LinkSession.objects.exists()


# --- Coming back from a bank with pages of its own --------------------------------------------------------------------


def test_who_comes_back_from_their_bank_goes_on_in_the_same_link(browser: Client, ada: Customer) -> None:
    browser.post("/bank/replace/link/")
    session = LinkSession.objects.get()

    shown = page(browser, "/bank/link/return/?oauth_state_id=abc")

    assert session.link_token in shown
    assert "data-returning" in shown


@pytest.mark.parametrize("query", ["", "?oauth_state_id=", "?state=x"])
def test_who_comes_back_without_a_state_starts_again(browser: Client, ada: Customer, query: str) -> None:
    browser.post("/bank/replace/link/")

    shown = page(browser, f"/bank/link/return/{query}")

    assert "once more" in shown


def test_nobody_comes_back_into_somebody_elses_link(
    browser: Client, ada: Customer, sandbox: Sandbox, client: Client
) -> None:
    browser.post("/bank/replace/link/")
    token = LinkSession.objects.get().link_token
    eve: User = make.user("eve@example.com")
    other = Client()
    other.force_login(eve)

    shown = page(other, "/bank/link/return/?oauth_state_id=abc")

    assert token not in shown


def test_a_link_that_nobody_came_back_from_is_closed(ada: Customer, browser: Client) -> None:
    browser.post("/bank/replace/link/")
    LinkSession.objects.update(expires_at=NOW - timedelta(minutes=1))

    work()

    session = read_anew(LinkSession.objects.get())
    assert (session.outcome, session.link_token) == ("expired", "")
