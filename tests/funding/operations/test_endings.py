"""A link that is ended, ends on both sides in the right order, whatever dies or is away meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Notice
from funding import states
from funding.models import ACHRelationship, PlaidItem
from funding.operations import endings, linking, relationship_reconciliation, transfers
from tests import make
from tests.funding import banking
from tests.funding.standing import OUT, SENDER, Clocks, Customer, fault, read_anew, work
from tests.harness.sandbox import Sandbox

DELETE = "DELETE /broker/v1/accounts/*/ach_relationships/*"
LIST = "GET /broker/v1/accounts/*/ach_relationships"
REMOVE = "POST /plaid/item/remove"


def unlink(customer: Customer) -> ACHRelationship:
    link = banking.fresh(customer.relationship)
    endings.ask_to_unlink(relationship=link, actor=f"customer {customer.user.pk}")
    endings.carry_on(relationship=link, sender=SENDER)
    return banking.fresh(link)


def gone(customer: Customer, clocks: Clocks | None = None) -> ACHRelationship:
    """Let the broker say that it is gone, and let us hear of it."""
    customer.sandbox.post(f"/control/relationships/{customer.relationship.alpaca_id}", status=states.CANCELED)
    if clocks:
        clocks.advance(minutes=1)
    work()
    return banking.fresh(customer.relationship)


def test_the_broker_goes_first_then_plaid_then_our_key(ada: Customer, sandbox: Sandbox) -> None:
    asked = unlink(ada)
    held_meanwhile = banking.at_plaid(sandbox)

    ended = gone(ada)

    assert (asked.status, asked.ended_at) == (states.CANCEL_REQUESTED, None)
    assert asked.login.plaid_item_id in held_meanwhile
    assert asked.login.access_token
    assert (ended.status, ended.login.access_token, ended.login.health) == (states.CANCELED, "", states.REMOVED)
    assert banking.at_plaid(sandbox) == set() == {row["id"] for row in banking.at_the_broker(ada)}
    assert Notice.objects.filter(user=ada.user, kind="BANK_UNLINKED").count() == 1


def test_nothing_new_goes_through_it_from_the_moment_it_is_asked_for(ada: Customer) -> None:
    unlink(ada)

    with pytest.raises(transfers.RelationshipNotUsable):
        ada.ask("10.00")


@pytest.mark.parametrize(
    ("direction", "stands"),
    [
        ("INCOMING", {"sending": states.RESERVED}),
        ("INCOMING", {"sending": states.HELD}),
        ("OUTGOING", {"sending": states.SENDING}),
        ("OUTGOING", {"sending": states.UNKNOWN}),
        ("INCOMING", {"sending": states.REVIEW}),
        ("INCOMING", {"status": states.QUEUED}),
        ("OUTGOING", {"status": states.SENT_TO_CLEARING}),
        ("INCOMING", {"status": "TELEPORTED"}),
    ],
    ids=str,
)
def test_it_is_refused_while_money_is_under_way(ada: Customer, direction: str, stands: dict[str, Any]) -> None:
    make.transfer(ada.relationship, direction=direction, **stands)

    with pytest.raises(endings.TransfersUnderWay):
        endings.ask_to_unlink(relationship=ada.relationship, actor="ada")

    assert read_anew(ada.relationship).ending_at is None


@pytest.mark.parametrize("stands", [{"status": states.COMPLETE}, {"status": states.RETURNED}, {"sending": "REFUSED"}])
def test_money_that_is_over_is_no_hindrance(ada: Customer, stands: dict[str, Any]) -> None:
    make.transfer(ada.relationship, **stands)

    assert unlink(ada).ending_at is not None


def test_it_is_asked_for_once(ada: Customer) -> None:
    unlink(ada)

    with pytest.raises(endings.NotLinked):
        endings.ask_to_unlink(relationship=ada.relationship, actor="ada")


def test_a_lost_answer_of_the_broker_costs_one_more_try(clocks: Clocks, ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "drop_after_commit", DELETE)

    first = unlink(ada)
    clocks.advance(seconds=10)
    work()
    ended = gone(ada, clocks)

    assert (first.ending_error != "", first.status) == (True, states.APPROVED)
    assert (ended.status, ended.login.access_token) == (states.CANCELED, "")


def test_a_broker_that_is_away_is_asked_ever_less_often(clocks: Clocks, ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "bad_gateway", DELETE, times=1000)
    unlink(ada)

    for _ in range(40):
        clocks.advance(seconds=15)
        work()

    tries = read_anew(ada.relationship).ending_tries
    assert 5 <= tries <= 8


def test_one_that_the_broker_does_not_list_any_more_is_gone(ada: Customer, sandbox: Sandbox) -> None:
    sandbox.post(f"/control/relationships/{ada.relationship.alpaca_id}", status=states.CANCELED)

    ended = unlink(ada)

    assert (ended.status, ended.login.access_token) == (states.CANCELED, "")


def test_one_that_is_listed_late_is_not_taken_for_gone(clocks: Clocks, ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "status", LIST, status=502, times=1)

    asked = unlink(ada)

    assert asked.ended_at is None
    assert asked.login.access_token
    clocks.advance(seconds=10)
    work()
    assert gone(ada, clocks).ended_at is not None


def test_a_cancel_that_fails_at_the_broker_is_tried_again(clocks: Clocks, ada: Customer, sandbox: Sandbox) -> None:
    unlink(ada)
    banking.broker_says(ada.relationship, sandbox, states.CANCEL_FAILED)
    failed = banking.fresh(ada.relationship)

    clocks.advance(minutes=1)
    work()
    ended = gone(ada, clocks)

    assert failed.ended_at is None
    assert not failed.usable
    assert (ended.status, ended.login.access_token) == (states.CANCELED, "")


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop_before_commit", "bad_gateway", "garbage_after_commit"])
def test_plaid_is_asked_until_it_has_the_login_no_more(
    clocks: Clocks, ada: Customer, sandbox: Sandbox, kind: str
) -> None:
    fault(sandbox, kind, REMOVE)
    unlink(ada)
    between = gone(ada, clocks).login.access_token

    clocks.advance(seconds=10)
    work()

    item = banking.item_of(banking.fresh(ada.relationship))
    assert between or kind == "garbage_after_commit"
    assert (item.access_token, item.health) == ("", states.REMOVED)
    assert banking.at_plaid(sandbox) == set()


def test_a_login_that_another_bank_account_uses_stays(ada: Customer, sandbox: Sandbox) -> None:
    item = banking.fresh(ada.relationship).login
    grace = make.account(make.user("grace@example.com"))
    make.relationship(grace)
    ACHRelationship.objects.filter(brokerage_account=grace).update(item=item)

    unlink(ada)
    gone(ada)

    assert read_anew(item).access_token
    assert item.plaid_item_id in banking.at_plaid(sandbox)


def test_a_login_of_which_nothing_was_chosen_for_a_day_is_removed(
    clocks: Clocks, ada: Customer, sandbox: Sandbox
) -> None:
    login = make_login(ada)

    work()
    stays = read_anew(login).access_token
    clocks.advance(hours=25)
    work()

    assert stays
    assert (read_anew(login).access_token, login.plaid_item_id in banking.at_plaid(sandbox)) == ("", False)


def make_login(customer: Customer) -> PlaidItem:
    """Have a login that Plaid knows, and no account of it linked: somebody closed the tab."""
    answer = banking.people.plaid(
        customer.sandbox,
        "/item/public_token/exchange",
        public_token=banking.public_token(customer.sandbox),
    )
    return PlaidItem.objects.create(
        user=customer.user, plaid_item_id=answer["item_id"], access_token=answer["access_token"]
    )


def test_one_that_was_never_sent_is_dropped_without_asking_the_broker(ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "bad_gateway", DELETE, times=1000)
    ACHRelationship.objects.filter(pk=ada.relationship.pk).update(sending=states.RESERVED, alpaca_id=None, status="")
    ada.relationship.refresh_from_db()

    ended = unlink(ada)

    assert (ended.sending, ended.ending_tries, ended.login.access_token) == (states.WITHDRAWN, 0, "")


@pytest.mark.parametrize("sending", [states.SENDING, states.UNKNOWN])
def test_one_whose_making_is_in_doubt_waits_until_that_is_known(ada: Customer, sandbox: Sandbox, sending: str) -> None:
    ACHRelationship.objects.filter(pk=ada.relationship.pk).update(
        sending=sending, alpaca_id=None, status="", created_at=timezone.now() - timedelta(minutes=2)
    )

    asked = unlink(ada)
    ACHRelationship.objects.filter(pk=asked.pk).update(sending=states.UNKNOWN)
    work()
    known = banking.fresh(asked)

    assert (asked.ending_tries, asked.ended_at) == (0, None)
    assert known.sending == states.ACCEPTED


def test_a_deposit_that_was_reserved_before_goes_out_before_the_end_of_a_replaced_one(
    ada: Customer, sandbox: Sandbox
) -> None:
    transfer = ada.ask("50.00", OUT)
    link = banking.fresh(ada.relationship)
    link.begin_to_end(ACHRelationship.Ending.REPLACED, actor="ada")

    transfers.send(transfer=transfer, sender=SENDER)
    endings.carry_on(relationship=link, sender=SENDER)

    assert read_anew(transfer).sending == states.ACCEPTED
    assert banking.fresh(link).status == states.APPROVED


def test_a_comparison_takes_one_that_was_to_go_and_is_not_listed_for_gone(ada: Customer, sandbox: Sandbox) -> None:
    unlink(ada)
    sandbox.post(f"/control/relationships/{ada.relationship.alpaca_id}", status=states.CANCELED)

    [found] = relationship_reconciliation.reconcile_relationships()

    assert found.mended
    assert banking.fresh(ada.relationship).status == states.CANCELED


def test_no_account_of_a_login_that_was_given_up_is_linked(ada: Customer, sandbox: Sandbox) -> None:
    """The customer comes back after a day, at the moment in which the worker removes the login."""
    login = make_login(ada)
    [account, *_] = linking.usable_accounts(item=login)
    fault(sandbox, "bad_gateway", REMOVE)
    endings.drop_item(item=login, sender=SENDER)

    with pytest.raises(linking.LinkStartsOver):
        linking.link_bank(account=ada.account, item=login, bank_account=account, sender=SENDER, replacing=True)

    assert not ACHRelationship.objects.filter(item=login).exists()
