"""Brakes, and one customer's limits, at the desk."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from funding import states
from funding.models import ACHRelationship, Brake, LimitOverride
from funding.operations import limits
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.standing import read_anew

WHY: dict[str, Any] = {"because": "salary comes on the first"}


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    may = ("change_brake", "add_limitoverride", "view_limitoverride", "view_brokerageaccount")
    return AtTheDesk(person("ops@example.com", *may))


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


@pytest.fixture
def brake(db: None) -> Brake:
    return Brake.objects.create(rate="unauthorized", returned=3, debits=200)


def limits_page(bank: ACHRelationship) -> str:
    return f"/admin/funding/limitoverride/{bank.brokerage_account_id}/set/"


# --- Brakes -----------------------------------------------------------------------------------------------------------


def test_a_brake_is_lifted_with_a_reason(desk: AtTheDesk, brake: Brake) -> None:
    shown = desk.read(page(brake, "lift"))
    assert "3 of 200 debits had come back" in shown
    assert "Now, unauthorized 0 of 0, ok" in shown

    assert "Customers can deposit again" in desk.press(page(brake, "lift"), **WHY)

    assert not Brake.is_on()
    assert (read_anew(brake).lifted_by, brake.lift_because) == (desk.user, "salary comes on the first")
    assert "was lifted" in desk.press(page(brake, "lift"), status=409, **WHY)


def test_a_brake_is_not_lifted_without_a_reason(desk: AtTheDesk, brake: Brake) -> None:
    assert "Nothing is done yet" in desk.press(page(brake, "lift"))

    assert Brake.is_on()


def test_another_brake_stays_on(desk: AtTheDesk, brake: Brake) -> None:
    Brake.objects.create(rate="all", returned=40, debits=200)

    assert "Another brake is still on" in desk.press(page(brake, "lift"), **WHY)


# --- Limits -----------------------------------------------------------------------------------------------------------


def test_one_customer_has_limits_of_their_own(desk: AtTheDesk, bank: ACHRelationship) -> None:
    until = timezone.localtime() + timedelta(days=3)
    fields: dict[str, Any] = {
        "direction": states.OUTGOING,
        "per_transfer": "$60,000",
        "until": f"{until:%Y-%m-%dT%H:%M}",
    }
    assert "in one transfer $25,000.00 of $25,000.00" in desk.read(limits_page(bank))

    assert "withdrawal limits of their own" in desk.press(limits_page(bank), **fields, **WHY)

    made = LimitOverride.objects.get()
    assert (made.per_transfer, made.per_day, made.set_by) == (Decimal("60000.00"), None, desk.user)
    assert abs(made.until - until) < timedelta(minutes=1)  # type: ignore[operator]
    [per_transfer, *_] = limits.remaining(account=bank.brokerage_account, direction=states.OUTGOING)
    assert per_transfer.of == Decimal("60000.00")
    assert "$60,000.00" in desk.read(limits_page(bank))


def test_no_amounts_end_the_override_and_the_list_keeps_both(desk: AtTheDesk, bank: ACHRelationship) -> None:
    desk.press(limits_page(bank), direction=states.INCOMING, per_day="5.00", **WHY)

    said = desk.press(limits_page(bank), direction=states.INCOMING, **WHY)

    assert "Everybody’s deposit limits count" in said
    assert LimitOverride.objects.count() == 2
    assert said.count("salary comes on the first") == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"per_transfer": "-1"},
        {"per_day": "0"},
        {"per_30_days": "1e5"},
        {"per_day": "NaN"},
        {"direction": "SIDEWAYS"},
        {"until": "2020-01-01T00:00"},
        {"until": "9999-12-31T23:59"},
        {"until": "tomorrow"},
        {"because": ""},
    ],
    ids=str,
)
def test_limits_that_make_no_sense_are_not_set(desk: AtTheDesk, bank: ACHRelationship, wrong: dict[str, str]) -> None:
    fields: dict[str, Any] = {"direction": states.INCOMING, "per_transfer": "100", **WHY}

    assert "Nothing is done yet" in desk.press(limits_page(bank), **(fields | wrong))

    assert not LimitOverride.objects.exists()


def test_what_was_set_is_neither_changed_nor_removed(desk: AtTheDesk, bank: ACHRelationship) -> None:
    desk.press(limits_page(bank), direction=states.INCOMING, per_day="5.00", **WHY)
    made = LimitOverride.objects.get()

    for what in ("change", "delete"):
        desk.press(page(made, what), status=403, per_day="9000000.00")
    desk.read("/admin/funding/limitoverride/add/", status=403)

    assert read_anew(made).per_day == Decimal("5.00")


def test_someone_who_may_only_look_does_nothing(bank: ACHRelationship, brake: Brake) -> None:
    viewer = AtTheDesk(person("viewer@example.com", "view_brake", "view_limitoverride", "view_brokerageaccount"))

    for url in (page(brake, "lift"), limits_page(bank)):
        viewer.read(url, status=403)
        viewer.press(url, status=403, direction=states.INCOMING, **WHY)

    assert "/set/" not in viewer.client.get(page(bank.brokerage_account)).content.decode()
    assert Brake.is_on()
    assert not LimitOverride.objects.exists()
