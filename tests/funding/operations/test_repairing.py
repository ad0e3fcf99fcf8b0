"""Signing in at the bank again in update mode: nothing is traded, the login is read again, transfers go on."""

from typing import Any

import pytest
from pytest_django import Settings

from funding import states
from funding.models import ACHRelationship, LinkSession, Lost, PlaidItem
from funding.operations import linking, repairing
from tests import make
from tests.funding import banking
from tests.funding.banking import bank_does, fresh
from tests.funding.standing import SENDER, Customer, fault, read_anew, work
from tests.harness.sandbox import Sandbox

LINK_TOKEN = "POST /plaid/link/token/create"
ITEM = "POST /plaid/item/get"


@pytest.fixture
def item(ada: Customer, sandbox: Sandbox) -> PlaidItem:
    """Return Ada's login; her bank wants a new sign-in."""
    item = fresh(ada.relationship).login
    bank_does(item, sandbox, "login_required")
    banking.item_health.read(item=item, actor="a test")
    return item


def start(customer: Customer) -> LinkSession:
    return repairing.start_repair(account=customer.account, user=customer.user)


def test_a_sign_in_puts_it_right_without_a_second_exchange(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    token = item.access_token
    session = start(ada)
    banking.sign_in(session, sandbox)

    repairing.finish(session=session, sender=SENDER)

    item = read_anew(item)
    session.refresh_from_db()
    assert (item.health, item.access_token, item.repair_asked_at) == (states.GOOD, token, None)
    assert (session.outcome, session.link_token, session.updates) == ("repaired", "", item)
    assert fresh(ada.relationship).usable
    assert PlaidItem.objects.count() == 1


def test_a_repair_that_was_not_one_leaves_it_as_it_is(ada: Customer, item: PlaidItem) -> None:
    session = start(ada)

    repairing.finish(session=session, sender=SENDER)

    assert read_anew(item).health == states.SIGN_IN


def test_finishing_twice_is_harmless(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    session = start(ada)
    banking.sign_in(session, sandbox)

    for _ in range(3):
        repairing.finish(session=LinkSession.objects.get(pk=session.pk), sender=SENDER)

    assert read_anew(item).health == states.GOOD


def test_one_whose_reading_failed_is_read_by_the_worker(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    session = start(ada)
    banking.sign_in(session, sandbox)
    fault(sandbox, "bad_gateway", ITEM)

    with pytest.raises(linking.PlaidAway):
        repairing.finish(session=session, sender=SENDER)
    stood = read_anew(item).health
    work()

    assert (stood, read_anew(item).health) == (states.SIGN_IN, states.GOOD)


def test_a_login_that_is_well_needs_no_repair(ada: Customer) -> None:
    with pytest.raises(repairing.NothingToRepair):
        start(ada)


def test_one_that_ops_asked_for_may_be_done(ada: Customer) -> None:
    eve = make.user("eve@example.com", is_staff=True)
    repairing.ask(item=fresh(ada.relationship).login, because="the balance looks old", person=eve)

    session = start(ada)

    assert session.purpose == LinkSession.Purpose.REPAIR
    assert ada.user.notices.filter(kind="BANK_REPAIR_ASKED").count() == 1


def test_access_that_was_taken_back_needs_a_new_link(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    bank_does(item, sandbox, "revoked")
    banking.item_health.read(item=item, actor="a test")

    with pytest.raises(repairing.NeedsNewLink):
        start(ada)


def test_access_that_was_taken_back_meanwhile_is_noticed(ada: Customer, item: PlaidItem, sandbox: Sandbox) -> None:
    bank_does(item, sandbox, "revoked")

    with pytest.raises(repairing.NeedsNewLink):
        start(ada)

    assert read_anew(item).health == states.REVOKED


def test_an_account_that_is_not_shared_is_shared_again_by_choosing_it(ada: Customer, sandbox: Sandbox) -> None:
    link = fresh(ada.relationship)
    link.lose(Lost.NOT_SHARED, actor="a test")
    session = start(ada)

    asked = sandbox.post("/plaid/link/frame/start", link_token=session.link_token)

    assert asked["updates"]


@pytest.mark.parametrize(
    "how", [{"kind": "bad_gateway"}, {"kind": "rate_limited"}, {"kind": "drop_after_commit"}], ids=str
)
def test_a_plaid_that_is_away_changes_nothing(
    ada: Customer, item: PlaidItem, sandbox: Sandbox, how: dict[str, Any]
) -> None:
    fault(sandbox, route=LINK_TOKEN, **how)

    with pytest.raises(linking.PlaidAway):
        start(ada)

    assert not LinkSession.objects.exists()


def test_numbers_made_for_us_are_made_anew_when_access_comes_back(ada: Customer, sandbox: Sandbox) -> None:
    sandbox.post(f"/control/relationships/{ada.relationship.alpaca_id}", status=states.CANCELED)
    work()
    link = banking.approve(banking.pass_link(ada, institution=banking.OAUTH), sandbox)
    item = link.login
    for state in ("revoked", "repaired"):
        bank_does(item, sandbox, state)
        banking.item_health.read(item=item, actor="a test")

    work()

    assert link.persistent_id
    assert fresh(link).lost_because == Lost.NEW_NUMBERS
    assert ACHRelationship.objects.candidates().filter(item=item).exists()


def test_a_bank_that_renews_has_its_processor_token_made_anew(
    ada: Customer, item: PlaidItem, sandbox: Sandbox, settings: Settings
) -> None:
    settings.PLAID_RENEWING_BANKS = [item.institution_id]
    session = start(ada)
    banking.sign_in(session, sandbox)

    repairing.finish(session=session, sender=SENDER)
    work()

    assert ACHRelationship.objects.candidates().filter(item=item).exists()
