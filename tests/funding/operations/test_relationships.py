"""Asking the broker for one relationship, whatever becomes of the answer."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from brokerage.gateways import plaid
from brokerage.gateways.errors import patience
from funding import states
from funding.models import ACHRelationship, PlaidItem
from funding.operations import endings, linking, relationships
from tests import make
from tests.funding.standing import SENDER, Clocks, Customer, fault, open_customer, read_anew, work
from tests.harness.sandbox import Sandbox
from tests.journeys import people

CREATE = "POST /broker/v1/accounts/*/ach_relationships"
LIST = "GET /broker/v1/accounts/*/ach_relationships"
TOKEN = "POST /plaid/processor/token/create"


@pytest.fixture
def ada(ada: Customer, sandbox: Sandbox) -> Customer:
    """Ada has no bank yet, neither here nor at the broker."""
    sandbox.post(f"/control/relationships/{ada.relationship.alpaca_id}", status="CANCELED")
    ada.relationship.move_status("CANCELED", actor="broker")
    return ada


def item_of(customer: Customer) -> PlaidItem:
    exchange = plaid.exchange_public_token(people.public_token(customer.sandbox))
    return PlaidItem.objects.create(
        user=customer.user, plaid_item_id=exchange.plaid_item_id, access_token=exchange.access_token
    )


def link(customer: Customer) -> ACHRelationship:
    item = item_of(customer)
    [shared] = linking.usable_accounts(item=item)
    with patience(1):
        linked = linking.link_bank(account=customer.account, item=item, bank_account=shared, sender=SENDER)
    return read_anew(linked)


def at_the_broker(customer: Customer) -> list[dict[str, Any]]:
    listed = customer.sandbox.get("/control/state")["relationships"]
    mine = [row for row in listed if row["account_id"] == customer.account.alpaca_id]
    return [row for row in mine if row["status"] not in ("CANCELED", "REJECTED")]


def later(relationship: ACHRelationship, seconds: int = 120) -> None:
    """Say that the relationship has stood as it is for a while."""
    ACHRelationship.objects.filter(pk=relationship.pk).update(
        sending_at=timezone.now() - timedelta(seconds=seconds), created_at=timezone.now() - timedelta(seconds=seconds)
    )


def test_a_yes_is_bound(ada: Customer) -> None:
    linked = link(ada)

    assert (linked.sending, linked.status) == (states.ACCEPTED, states.QUEUED)
    assert [row["id"] for row in at_the_broker(ada)] == [linked.alpaca_id]


def test_the_processor_token_is_dropped_once_it_is_used(ada: Customer) -> None:
    linked = link(ada)

    with connection.cursor() as cursor:
        cursor.execute("SELECT processor_token FROM funding_achrelationship WHERE alpaca_id = %s", [linked.alpaca_id])
        assert cursor.fetchone() == ("",)


def test_the_access_token_is_nowhere_in_plain_text(ada: Customer) -> None:
    token = link(ada).login.access_token

    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token FROM funding_plaiditem")
        kept = [row[0] for row in cursor.fetchall()]

    assert token.startswith("access-sandbox-")
    assert all(value and token not in value and "access-sandbox" not in value for value in kept)


@pytest.mark.parametrize(
    "how",
    [
        {"kind": "drop_after_commit"},
        {"kind": "hang_after_commit", "seconds": 2},
        {"kind": "garbage_after_commit"},
        {"kind": "empty_after_commit"},
        {"kind": "status_after_commit", "status": 504},
        {"kind": "status_after_commit", "status": 409, "body": {"code": 40910000, "message": "conflict"}},
        {"kind": "patch_after_commit", "drop": ["id"]},
    ],
    ids=lambda how: "-".join(map(str, how.values())),
)
def test_a_lost_yes_is_found_in_the_list_at_once(ada: Customer, sandbox: Sandbox, how: dict[str, Any]) -> None:
    fault(sandbox, route=CREATE, **how)

    linked = link(ada)

    assert linked.sending == states.ACCEPTED
    assert [row["id"] for row in at_the_broker(ada)] == [linked.alpaca_id]
    assert linked.processor_token == ""


def test_a_lost_yes_is_found_once_the_list_can_be_read(ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "drop_after_commit", CREATE)
    fault(sandbox, "status", LIST, status=502)

    linked = link(ada)
    lost = linked.sending
    work()

    assert (lost, read_anew(linked).sending) == (states.UNKNOWN, states.ACCEPTED)
    assert len(at_the_broker(ada)) == 1


def test_one_that_was_lost_before_it_was_made_is_asked_for_again(ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "drop_before_commit", CREATE)

    linked = link(ada)
    later(linked)
    work()

    assert read_anew(linked).sending == states.ACCEPTED
    assert len(at_the_broker(ada)) == 1


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_no_makes_room_for_another_bank(ada: Customer, sandbox: Sandbox, status: int) -> None:
    fault(sandbox, "status", CREATE, status=status, body={"code": 40010001, "message": "processor_token is invalid"})

    refused = link(ada)
    linked = link(ada)

    assert (refused.sending, refused.reason) == (states.REFUSED, "processor_token is invalid")
    assert refused.processor_token == ""
    assert linked.sending == states.ACCEPTED


@pytest.mark.parametrize("status", [401, 403])
def test_a_broker_that_refuses_our_keys_has_not_refused_the_bank(
    ada: Customer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    fault(sandbox, "status", CREATE, status=status, body={"code": 40110000, "message": "request is not authorized"})

    linked = link(ada)
    later(linked)
    waiting = linked.sending
    work()

    assert (waiting, read_anew(linked).sending) == (states.RESERVED, states.ACCEPTED)
    assert [record.levelname for record in caplog.records if record.levelno > logging.WARNING] == ["ERROR"]


def test_an_answer_that_names_a_relationship_of_somebody_else_is_looked_up(
    ada: Customer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    grace = open_customer(sandbox, "grace@example.com")
    fault(sandbox, "patch_after_commit", CREATE, patch={"id": grace.relationship.alpaca_id})

    linked = link(ada)
    later(linked)
    in_doubt = linked.sending
    work()

    assert (in_doubt, read_anew(linked).sending) == (states.SENDING, states.ACCEPTED)
    assert [row["id"] for row in at_the_broker(ada)] == [linked.alpaca_id]
    assert any(record.levelname == "ERROR" for record in caplog.records)


def test_a_list_of_another_account_does_not_tell_that_ours_is_gone(
    ada: Customer, sandbox: Sandbox, clocks: Clocks
) -> None:
    linked = link(ada)
    endings.ask_to_unlink(relationship=linked, actor="ada")
    else_ = {"id": "another relationship", "account_id": "another account"}
    fault(sandbox, "patch_after_commit", LIST, patch=else_)

    endings.carry_on(relationship=linked, sender=SENDER)

    assert (read_anew(linked).ended_at, linked.login.removed_at) == (None, None)
    assert [row["status"] for row in at_the_broker(ada)] == [states.CANCEL_REQUESTED]


def test_what_was_not_sent_is_sent_by_the_worker(ada: Customer, settings: Settings, sandbox: Sandbox) -> None:
    settings.BROKER_BASE_URL = "http://127.0.0.1:1"
    linked = link(ada)
    waiting = linked.sending
    settings.BROKER_BASE_URL = f"{sandbox.url}/broker"
    later(linked)

    work()

    assert (waiting, read_anew(linked).sending) == (states.RESERVED, states.ACCEPTED)


@pytest.mark.parametrize("how", [{"kind": "drop_after_commit"}, {"kind": "status", "status": 500, "body": {}}], ids=str)
def test_a_processor_token_that_is_not_given_is_asked_for_again(
    ada: Customer, sandbox: Sandbox, how: dict[str, Any]
) -> None:
    fault(sandbox, route=TOKEN, **how)

    linked = link(ada)
    later(linked)
    waiting = linked.sending
    work()

    assert (waiting, read_anew(linked).sending) == (states.RESERVED, states.ACCEPTED)


def test_another_one_at_the_broker_is_not_taken_for_ours(ada: Customer, sandbox: Sandbox, clocks: Clocks) -> None:
    stranger = make.relationship(ada.account, sending=states.RESERVED, alpaca_id=None, status="")
    relationships.send(relationship=stranger, sender=SENDER)  # no item at Plaid: nothing is asked of the broker
    ACHRelationship.objects.filter(pk=stranger.pk).update(ended_at=timezone.now())
    first = link(ada)
    ACHRelationship.objects.filter(pk=first.pk).update(alpaca_id=None, ended_at=timezone.now())
    clocks.advance(hours=1)

    second = link(ada)

    assert second.sending == states.REVIEW
    assert len(at_the_broker(ada)) == 1


def test_a_yes_that_a_dead_process_never_heard_is_found_hours_later(
    clocks: Clocks, ada: Customer, sandbox: Sandbox
) -> None:
    linked = link(ada)
    ACHRelationship.objects.filter(pk=linked.pk).update(sending=states.SENDING, alpaca_id=None, status="")
    clocks.advance(hours=3)

    work()

    assert read_anew(linked).sending == states.ACCEPTED
    assert [row["id"] for row in at_the_broker(ada)] == [linked.alpaca_id]


def test_two_who_look_at_once_do_not_trip_each_other(ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "drop_after_commit", CREATE)
    fault(sandbox, "status", LIST, status=502)
    linked = link(ada)
    early, late = (ACHRelationship.objects.get(pk=linked.pk) for _ in range(2))

    relationships.look_up(relationship=early)
    relationships.look_up(relationship=late)

    assert read_anew(linked).sending == states.ACCEPTED


def test_a_look_that_comes_too_late_changes_nothing(ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "drop_before_commit", CREATE)
    fault(sandbox, "status", LIST, status=502)
    linked = link(ada)
    early, late = (ACHRelationship.objects.get(pk=linked.pk) for _ in range(2))

    relationships.look_up(relationship=early)
    relationships.look_up(relationship=late)

    assert read_anew(linked).sending == states.RESERVED


def test_a_poisonous_bank_holds_up_no_other(ada: Customer, sandbox: Sandbox) -> None:
    grace = make.account(make.user("grace@example.com"))
    poison = make.relationship(grace, sending=states.RESERVED, alpaca_id=None, status="")
    fault(sandbox, "drop_before_commit", TOKEN)
    linked = link(ada)
    later(poison, 200)
    later(linked, 100)
    with connection.cursor() as cursor:  # sealed with a key that is gone
        cursor.execute(
            "UPDATE funding_plaiditem SET access_token = 'x' WHERE user_id <> %s",
            [linked.login.user_id.hex if connection.vendor == "sqlite" else linked.login.user_id],
        )

    work()

    assert read_anew(linked).sending == states.ACCEPTED
