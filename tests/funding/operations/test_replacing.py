"""Switching banks although the broker takes one at a time: guided, safe for what is under way, resumable anywhere."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Notice
from funding import states
from funding.models import ACHRelationship, Lost
from funding.operations import candidates, linking, succession, transfers
from tests import make
from tests.funding import banking
from tests.funding.banking import fresh
from tests.funding.standing import OUT, SENDER, Clocks, Customer, at_once, fault, read_anew, work
from tests.harness.sandbox import Sandbox

DELETE = "DELETE /broker/v1/accounts/*/ach_relationships/*"
CREATE = "POST /broker/v1/accounts/*/ach_relationships"


def replace(customer: Customer, institution: str = banking.TARTAN) -> ACHRelationship:
    return banking.pass_link(customer, institution=institution, replacing=True)


def canceled(customer: Customer, sandbox: Sandbox) -> None:
    """Let the broker say that the old one is gone, and the worker do what follows."""
    sandbox.post(f"/control/relationships/{customer.relationship.alpaca_id}", status=states.CANCELED)
    work()
    work()


def test_the_new_one_follows_when_the_old_one_is_gone(ada: Customer, sandbox: Sandbox) -> None:
    old, coming = ada.relationship, replace(ada)
    waiting = coming.sending
    work()
    asked = fresh(old)
    between = banking.at_the_broker(ada)

    canceled(ada, sandbox)

    ended, new = fresh(old), fresh(coming)
    assert (waiting, asked.status, [row["id"] for row in between]) == (
        states.WAITING,
        states.CANCEL_REQUESTED,
        [old.alpaca_id],
    )
    assert (ended.status, ended.ending_because, ended.login.access_token) == (states.CANCELED, "REPLACED", "")
    assert [row["id"] for row in banking.at_the_broker(ada)] == [new.alpaca_id]
    assert new.sending == states.ACCEPTED
    assert banking.at_plaid(sandbox) == {new.login.plaid_item_id}
    assert banking.approve(new, sandbox).usable


def test_what_is_under_way_settles_before_the_old_one_is_removed(
    clocks: Clocks, ada: Customer, sandbox: Sandbox
) -> None:
    moving = ada.move("10.00")
    replace(ada)
    for _ in range(3):
        clocks.advance(minutes=6)
        work()
    meanwhile = fresh(ada.relationship)

    sandbox.post(f"/control/transfers/{moving.alpaca_id}", action="settle")
    clocks.advance(minutes=6)
    work()

    assert (meanwhile.status, meanwhile.ending_tries) == (states.APPROVED, 0)
    assert read_anew(moving).status == states.COMPLETE
    assert fresh(ada.relationship).status == states.CANCEL_REQUESTED


def test_no_new_transfer_is_taken_until_the_new_one_is_there(ada: Customer, sandbox: Sandbox) -> None:
    coming = replace(ada)

    with pytest.raises(transfers.RelationshipNotUsable):
        ada.ask("10.00")
    canceled(ada, sandbox)
    ada.relationship = banking.approve(fresh(coming), sandbox)

    assert ada.move("10.00", OUT).relationship == ada.relationship


def test_the_old_one_works_on_while_a_person_looks_at_the_new_one(
    ada: Customer, sandbox: Sandbox, settings: Settings
) -> None:
    settings.OWNER_REFUSE_SCORE = 0
    sandbox.post("/control/settings", item_owner_name="Ada Byron")

    coming = replace(ada)

    assert coming.sending == states.HELD
    assert fresh(ada.relationship).ending_at is None
    assert ada.move("10.00").sending == states.ACCEPTED


def test_one_is_to_come_at_a_time(ada: Customer) -> None:
    replace(ada)

    with pytest.raises(linking.AnotherIsComing):
        linking.start_link(account=ada.account, user=ada.user, replacing=True)


@pytest.mark.django_db(transaction=True)
def test_two_that_are_chosen_at_once_come_one_at_a_time(ada: Customer, sandbox: Sandbox) -> None:
    def choose() -> ACHRelationship:
        return replace(ada)

    came = at_once(choose, choose, choose)

    assert ACHRelationship.objects.candidates().count() == 1
    assert sum(isinstance(each, ACHRelationship) for each in came) == 1
    assert ACHRelationship.objects.active().count() == 1


def test_the_same_login_gives_another_account(ada: Customer, sandbox: Sandbox) -> None:
    item = fresh(banking.pass_link(ada, username="user_saver", replacing=True)).login
    canceled(ada, sandbox)
    first = ACHRelationship.objects.active().get(brokerage_account=ada.account)
    banking.approve(fresh(first), sandbox)
    other = linking.usable_accounts(item=item)[1]

    second = linking.link_bank(account=ada.account, item=item, bank_account=other, sender=SENDER, replacing=True)
    work()
    sandbox.post(f"/control/relationships/{first.alpaca_id}", status=states.CANCELED)
    work()
    work()

    assert fresh(first).ended_at is not None
    assert fresh(second).sending == states.ACCEPTED
    assert read_anew(item).access_token


# --- Calling it off ---------------------------------------------------------------------------------------------------


def test_a_change_of_mind_keeps_the_old_one(ada: Customer, sandbox: Sandbox) -> None:
    ada.move("10.00")  # so that the old one is not removed yet
    coming = replace(ada)

    candidates.call_off(candidate=coming, actor="ada")
    work()

    kept, dropped = fresh(ada.relationship), fresh(coming)
    assert (kept.ending_at, kept.usable) == (None, True)
    assert (dropped.sending, dropped.login.access_token) == (states.WITHDRAWN, "")
    assert len(banking.at_plaid(sandbox)) == 1


def test_a_change_of_mind_may_come_too_late(ada: Customer) -> None:
    coming = replace(ada)
    work()

    with pytest.raises(candidates.TooLateToCallOff):
        candidates.call_off(candidate=coming, actor="ada")

    assert fresh(coming).sending == states.WAITING


# --- Whatever goes wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop_before_commit", "bad_gateway", "rate_limited"])
def test_a_removal_that_is_not_heard_of_is_asked_for_again(
    clocks: Clocks, ada: Customer, sandbox: Sandbox, kind: str
) -> None:
    coming = replace(ada)
    fault(sandbox, kind, DELETE)

    for _ in range(3):
        clocks.advance(seconds=20)
        work()
    canceled(ada, sandbox)
    clocks.advance(minutes=6)
    work()
    work()

    assert fresh(coming).sending == states.ACCEPTED
    assert len(banking.at_the_broker(ada)) == 1


def test_a_new_one_that_the_broker_refuses_leaves_no_bank_and_says_so(ada: Customer, sandbox: Sandbox) -> None:
    coming = replace(ada)
    fault(sandbox, "status", CREATE, status=422, body={"code": 42210000, "message": "no"})
    work()

    canceled(ada, sandbox)

    assert fresh(coming).sending == states.REFUSED
    assert not ACHRelationship.objects.living().exists()
    assert banking.at_plaid(sandbox) == set()
    assert Notice.objects.filter(user=ada.user, kind="BANK_REFUSED").count() == 1


# --- New numbers ------------------------------------------------------------------------------------------------------


def lose_numbers(customer: Customer) -> ACHRelationship:
    link = fresh(customer.relationship)
    link.lose(Lost.NEW_NUMBERS, actor="plaid")
    return link


def test_a_bank_account_with_new_numbers_is_made_anew_by_itself(ada: Customer, sandbox: Sandbox) -> None:
    old = lose_numbers(ada)
    work()

    canceled(ada, sandbox)

    new = ACHRelationship.objects.active().select_related("item").get(brokerage_account=ada.account)
    assert (fresh(old).ending_because, new.item_id, new.plaid_account_id, new.mask) == (
        "RENEWED",
        old.item_id,
        old.plaid_account_id,
        old.mask,
    )
    assert new.sending == states.ACCEPTED
    assert new.login.access_token
    assert banking.approve(new, sandbox).usable
    kinds = set(Notice.objects.filter(user=ada.user).values_list("kind", flat=True))
    assert {"BANK_RENEWING", "BANK_LINKED"} <= kinds
    assert not {"BANK_UNLINKED", "BANK_REPLACED"} & kinds


def test_what_a_return_has_stopped_stays_stopped_when_it_is_made_anew(ada: Customer, sandbox: Sandbox) -> None:
    lose_numbers(ada).suspend(because="R08", actor="broker")
    work()

    canceled(ada, sandbox)

    new = fresh(ACHRelationship.objects.active().get(brokerage_account=ada.account))
    assert (new.suspended_because, banking.approve(new, sandbox).usable) == ("R08", False)


def test_one_that_is_being_replaced_is_not_made_anew(ada: Customer) -> None:
    coming = replace(ada)

    made = succession.renew(relationship=lose_numbers(ada), actor="worker")

    assert made is None
    assert list(ACHRelationship.objects.candidates()) == [coming]


def test_one_whose_login_is_in_trouble_waits_for_its_repair(ada: Customer, sandbox: Sandbox) -> None:
    item = lose_numbers(ada).login
    banking.bank_does(item, sandbox, "login_required")
    banking.item_health.read(item=item, actor="a test")

    work()

    assert not ACHRelationship.objects.candidates().exists()


def test_a_bank_that_renews_makes_it_anew_after_each_sign_in(
    ada: Customer, sandbox: Sandbox, settings: Settings
) -> None:
    item = fresh(ada.relationship).login
    settings.PLAID_RENEWING_BANKS = [banking.FIRST_PLATYPUS]

    banking.item_health.read(item=item, actor="a test", signed_in_again=True)
    work()

    assert fresh(ada.relationship).lost_because == Lost.NEW_NUMBERS
    assert ACHRelationship.objects.candidates().filter(item=item).exists()


def test_a_return_that_comes_after_the_change_stops_what_stands_for_the_same_account(
    ada: Customer, sandbox: Sandbox
) -> None:
    moved = make.transfer(ada.relationship, status=states.QUEUED)
    lose_numbers(ada)
    new = succession.renew(relationship=fresh(ada.relationship), actor="worker")

    banking.settlement.apply(transfer=moved, status=states.RETURNED, actor="broker", reason="R02 - Account closed")

    assert new is not None
    assert fresh(new).suspended_at is not None


# --- Who is carried on ------------------------------------------------------------------------------------------------


def test_only_who_can_go_on_now_takes_a_place_in_the_row(ada: Customer) -> None:
    """A hundred customers whose small deposits take days must not hold up who comes after them."""
    now = timezone.now()
    link = replace(ada)

    def goes_on(sending: str, minutes_ago: int | None) -> bool:
        checked_at = None if minutes_ago is None else now - timedelta(minutes=minutes_ago)
        ACHRelationship.objects.filter(pk=link.pk).update(sending=sending, checked_at=checked_at)
        return ACHRelationship.objects.to_carry_on(now=now).exists()

    assert goes_on(states.CHECKING, None)
    assert goes_on(states.CHECKING, 1)
    assert not goes_on(states.CHECKING, 0)
    assert goes_on(states.UNVERIFIED, 61)
    assert not goes_on(states.UNVERIFIED, 59)
    assert not goes_on(states.HELD, None)
    assert not goes_on(states.WAITING, None)
    ACHRelationship.objects.filter(pk=ada.relationship.pk).update(ended_at=now)
    assert goes_on(states.WAITING, None)
