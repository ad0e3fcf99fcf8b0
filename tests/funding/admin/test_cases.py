"""Cases, frozen accounts, stopped bank accounts at the desk: closed, lifted by two persons, resumed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import BrokerageAccount
from brokerage.deeds import NotDone
from funding import states
from funding.admin.cases import FreezeDesk
from funding.models import ACHRelationship, Case, Freeze
from funding.operations import returns
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.standing import read_anew

WHY: dict[str, Any] = {"because": "spoke to the bank"}
FREEZERS = ("add_freeze", "change_freeze", "view_brokerageaccount")


@pytest.fixture
def ann(db: None) -> AtTheDesk:
    return AtTheDesk(person("ann@example.com", *FREEZERS))


@pytest.fixture
def ben(db: None) -> AtTheDesk:
    return AtTheDesk(person("ben@example.com", *FREEZERS))


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


@pytest.fixture
def frozen(bank: ACHRelationship) -> Freeze:
    return returns.freeze_by_hand(
        account=bank.brokerage_account, because="the bank called", person=make.user("first@example.com", is_staff=True)
    )


# --- Frozen accounts --------------------------------------------------------------------------------------------------


def test_an_account_is_frozen_by_hand(ann: AtTheDesk, bank: ACHRelationship) -> None:
    account, waiting = bank.brokerage_account, make.transfer(bank, sending=states.RESERVED)
    assert "/admin/funding/freeze/" in ann.client.get(page(account)).content.decode()
    assert "Transfers that will be called off 1" in ann.read(freeze_page(account))

    said = ann.press(freeze_page(account), **WHY)

    assert "is frozen" in said
    made = Freeze.objects.get()
    assert (made.because, made.frozen_by) == ("spoke to the bank", f"ops {ann.user.pk}")
    assert read_anew(waiting).sending == states.WITHDRAWN
    assert "frozen already" in ann.read(freeze_page(account))


def freeze_page(account: BrokerageAccount) -> str:
    return f"/admin/funding/freeze/{account.pk}/freeze/"


def test_one_person_asks_and_another_one_lifts(ann: AtTheDesk, ben: AtTheDesk, frozen: Freeze) -> None:
    assert "Ask to lift this freeze" in ann.read(page(frozen))

    assert "stays frozen until someone else lifts it" in ann.press(page(frozen, "ask"), **WHY)

    assert Freeze.stands_for(frozen.brokerage_account)
    for words in ("ann@example.com", "spoke to the bank", "the bank called"):
        assert words in ben.read(page(frozen, "lift"))
    assert "is lifted; money can move again" in ben.press(page(frozen, "lift"))
    assert (read_anew(frozen).lift_asked_by, frozen.lifted_by) == (ann.user, ben.user)
    assert not Freeze.stands_for(frozen.brokerage_account)


def test_the_same_person_is_refused_by_the_page(ann: AtTheDesk, frozen: Freeze) -> None:
    ann.press(page(frozen, "ask"), **WHY)

    assert "/lift/" not in ann.client.get(page(frozen)).content.decode()
    assert "someone else has to do it" in ann.read(page(frozen, "lift"))
    assert "someone else has to do it" in ann.press(page(frozen, "lift"), status=409)

    assert Freeze.stands_for(frozen.brokerage_account)


def test_the_same_person_is_refused_by_the_operation(ann: AtTheDesk, frozen: Freeze) -> None:
    returns.ask_to_lift(freeze=frozen, because="spoke to the bank", person=ann.user)

    with pytest.raises(returns.SamePerson):
        returns.lift(freeze=frozen, person=ann.user)


@pytest.mark.parametrize("asked", [True, False])
def test_the_same_person_or_one_alone_is_refused_by_the_database(ann: AtTheDesk, frozen: Freeze, asked: bool) -> None:
    asker = {"lift_asked_by": ann.user} if asked else {}

    with pytest.raises(IntegrityError), transaction.atomic():
        Freeze.objects.filter(pk=frozen.pk).update(lifted_at=timezone.now(), lifted_by=ann.user, **asker)


def test_nobody_lifts_what_nobody_asked_to_lift(ann: AtTheDesk, frozen: Freeze) -> None:
    assert "Nobody has asked" in ann.press(page(frozen, "lift"), status=409)

    assert Freeze.stands_for(frozen.brokerage_account)


def test_a_lifted_freeze_is_over(ann: AtTheDesk, ben: AtTheDesk, frozen: Freeze) -> None:
    ann.press(page(frozen, "ask"), **WHY)
    ben.press(page(frozen, "lift"))

    for deed in ("ask", "lift"):
        assert "This freeze is lifted" in ben.press(page(frozen, deed), status=409, **WHY)


def test_a_freeze_that_took_up_a_further_reason_is_lifted_by_nobody_who_did_not_see_it(
    ann: AtTheDesk, ben: AtTheDesk, bank: ACHRelationship, frozen: Freeze
) -> None:
    ann.press(page(frozen, "ask"), **WHY)
    shown = ben.stamp_on(page(frozen, "lift"))
    with transaction.atomic():
        returns.freeze(account=bank.brokerage_account, because="the customer says it was not them", actor="broker")

    assert "Nobody has asked" in ben.press(page(frozen, "lift"), status=409, **shown)
    ann.press(page(frozen, "ask"), **WHY)
    said = ben.press(page(frozen, "lift"), status=409, **shown)

    assert "has changed since the page was opened" in said
    assert "Frozen because the bank called" in said
    assert "And since then because the customer says it was not them, by broker" in said
    assert Freeze.stands_for(bank.brokerage_account)
    reader = AtTheDesk(person("reader@example.com", "view_freeze"))
    assert "the customer says it was not them" in reader.read(page(frozen))
    assert "is lifted" in ben.press(page(frozen, "lift"))


def test_who_asks_second_is_told_that_somebody_has(ann: AtTheDesk, frozen: Freeze) -> None:
    returns.ask_to_lift(freeze=frozen, because="first", person=make.user("else@example.com"))
    assert "has asked already" in ann.press(page(frozen, "ask"), status=409, **WHY)

    ask = next(each for each in FreezeDesk.deeds if each.name == "ask")
    with pytest.raises(NotDone, match="asked already"):  # in the moment between looking and doing
        ask.act(frozen, ann.user, seen=returns.stamp_of(read_anew(frozen)), **WHY)

    assert read_anew(frozen).lift_because == "first"


# --- Cases ------------------------------------------------------------------------------------------------------------


def opened(bank: ACHRelationship) -> Case:
    transfer = make.transfer(bank, status=states.RETURNED, return_code="R06", ended_at=timezone.now())
    return Case.objects.create(
        transfer=transfer, brokerage_account=bank.brokerage_account, kind=Case.Kind.QUESTIONED, because="asked back"
    )


def test_a_case_is_closed_with_what_was_found(bank: ACHRelationship) -> None:
    case, desk = opened(bank), AtTheDesk(person("ops@example.com", "change_case"))
    assert "asked back" in desk.read(page(case, "close"))

    assert "is closed" in desk.press(page(case, "close"), outcome="a duplicate of theirs")

    assert (read_anew(case).closed_by, case.outcome) == (desk.user, "a duplicate of theirs")
    assert "was closed" in desk.press(page(case, "close"), status=409, outcome="again")
    assert read_anew(case).outcome == "a duplicate of theirs"


def test_the_page_of_a_case_says_whether_the_account_is_frozen(bank: ACHRelationship, frozen: Freeze) -> None:
    desk = AtTheDesk(person("ops@example.com", "change_case"))

    assert "closing the case does not lift that" in desk.read(page(opened(bank), "close"))


# --- Stopped bank accounts --------------------------------------------------------------------------------------------


def test_a_stopped_bank_account_goes_on_with_a_reason(bank: ACHRelationship) -> None:
    desk = AtTheDesk(person("ops@example.com", "change_achrelationship"))
    bank.suspend(because="a stop was placed on this payment", actor="broker")
    assert "a stop was placed on this payment" in desk.read(page(bank, "resume"))

    assert "can go on" in desk.press(page(bank, "resume"), **WHY)

    assert read_anew(bank).usable
    noted = bank.events.latest("at")
    assert (noted.actor, noted.because) == (f"ops {desk.user.pk}", "spoke to the bank")
    assert "already" in desk.press(page(bank, "resume"), status=409, **WHY)


# --- Who may ----------------------------------------------------------------------------------------------------------

DEEDS: dict[str, Callable[[ACHRelationship], tuple[str, dict[str, Any]]]] = {
    "freeze": lambda bank: (freeze_page(bank.brokerage_account), WHY),
    "ask": lambda bank: (page(Freeze.objects.get(), "ask"), WHY),
    "lift": lambda bank: (page(Freeze.objects.get(), "lift"), {}),
    "close": lambda bank: (page(opened(bank), "close"), {"outcome": "found"}),
    "resume": lambda bank: (page(bank, "resume"), WHY),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_someone_who_may_only_look_does_nothing(bank: ACHRelationship, frozen: Freeze, deed: str) -> None:
    looks = ("view_freeze", "view_case", "view_achrelationship", "view_brokerageaccount")
    viewer = AtTheDesk(person("viewer@example.com", *looks))
    bank.suspend(because="closed", actor="broker")
    url, fields = DEEDS[deed](bank)

    viewer.read(url, status=403)
    viewer.press(url, status=403, **fields)

    assert (Freeze.objects.get().lift_asked_at, read_anew(bank).usable) == (None, False)
    assert not Case.objects.exclude(closed_at=None).exists()
