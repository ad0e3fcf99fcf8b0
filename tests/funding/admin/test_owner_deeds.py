"""Whose bank account is it? What ops read of one that is held, and what comes of their word."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from brokerage.deeds import NotDone
from funding import states
from funding.admin import owner_deeds
from funding.models import ACHRelationship, OwnerCheck, PlaidItem
from funding.operations import candidates, item_health, linking, owner_check
from tests import make
from tests.brokerage.sandbox.bench import Bench
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.standing import SENDER, Customer, read_anew, work

WHY: dict[str, Any] = {"because": "called both banks"}
BANKS_NAME = "Alberta Bobbeth Charleson"  # what Plaid's sandbox calls everybody
MAY = "change_achrelationship"


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person("ops@example.com", MAY))


@pytest.fixture
def held(ada: Customer, settings: Settings) -> ACHRelationship:
    """Let Ada replace her bank by one whose owner goes by another name."""
    return hold(ada, settings)


def hold(customer: Customer, settings: Settings) -> ACHRelationship:
    settings.OWNER_CHECK, settings.OWNER_REFUSE_SCORE = "names", 0
    link = choose(customer)
    assert (link.sending, link.owner_checks.get().owner_names) == (states.HELD, BANKS_NAME)
    return link


def choose(customer: Customer, username: str = "user_single") -> ACHRelationship:
    """Let a customer choose another bank account instead of theirs."""
    bench = Bench(customer.sandbox.url)
    with closing(bench.session):
        login = bench.bank_login(username)
    item = PlaidItem.objects.create(
        user=customer.user, plaid_item_id=login.item_id, access_token=login.access_token, institution_id="ins_109508"
    )
    [account, *_] = linking.usable_accounts(item=item)
    return linking.link_bank(account=customer.account, item=item, bank_account=account, sender=SENDER, replacing=True)


def looks(link: ACHRelationship) -> list[str]:
    return list(link.events.filter(field="owner names").values_list("actor", flat=True))


# --- The names --------------------------------------------------------------------------------------------------------


def test_the_page_tells_the_evidence_and_keeps_the_names_closed(desk: AtTheDesk, held: ACHRelationship) -> None:
    shown = desk.read(page(held))

    for words in ("A person has to look", "The bank’s names were compared", "0 of 100", "Show the names the bank gave"):
        assert words in shown, words
    assert BANKS_NAME not in shown
    assert looks(held) == []


def test_whoever_may_decide_opens_the_names_and_the_history_says_so(desk: AtTheDesk, held: ACHRelationship) -> None:
    shown = desk.press(page(held, "names"))

    assert f"On the application {held.brokerage_account.holder}" in shown
    assert f"At the bank {BANKS_NAME}" in shown
    assert looks(held) == [f"ops {desk.user.pk}"]


def test_names_are_open_to_who_opened_them_alone_and_for_a_while(desk: AtTheDesk, held: ACHRelationship) -> None:
    other = AtTheDesk(person("other@example.com", MAY))
    desk.press(page(held, "names"))

    assert BANKS_NAME in desk.read(page(held))
    assert BANKS_NAME not in other.read(page(held))
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert BANKS_NAME not in desk.read(page(held))


def test_looking_at_the_page_that_asks_opens_nothing(desk: AtTheDesk, held: ACHRelationship) -> None:
    assert BANKS_NAME not in desk.read(page(held, "names"))
    assert BANKS_NAME not in desk.read(page(held))

    assert looks(held) == []


def test_no_other_page_shows_them(desk: AtTheDesk, held: ACHRelationship) -> None:
    desk.press(page(held, "names"))

    for url in (page(held, "accept"), page(held, "refuse"), page(held, "names"), "/admin/funding/achrelationship/"):
        assert BANKS_NAME not in desk.read(url), url
    assert BANKS_NAME not in AtTheDesk(person("all@example.com")).read(page(held.login))


def test_who_may_only_look_does_not_open_them(held: ACHRelationship) -> None:
    viewer = AtTheDesk(person("viewer@example.com", "view_achrelationship"))

    assert "opened only by those who may decide" in viewer.read(page(held))
    viewer.press(page(held, "names"), status=403)

    assert looks(held) == []


def test_there_is_nothing_to_open_where_plaid_compared_them(desk: AtTheDesk, ada: Customer, settings: Settings) -> None:
    settings.OWNER_CHECK, settings.OWNER_PASS_SCORE = "match", 101
    link = choose(ada)
    assert link.sending == states.HELD

    assert "The bank gave no names" in desk.read(page(link))
    assert "The bank gave no names" in desk.press(page(link, "names"), status=409)

    assert looks(link) == []


def test_names_are_closed_for_good_once_it_is_decided(desk: AtTheDesk, held: ACHRelationship) -> None:
    desk.press(page(held, "names"))

    desk.press(page(held, "refuse"), **WHY)

    assert BANKS_NAME not in desk.read(page(held))
    assert not OwnerCheck.objects.exclude(owner_names="").exists()
    assert "does not wait for a person any more" in desk.press(page(held, "names"), status=409)


@pytest.mark.parametrize("way", ["dropped by the customer", "access taken back"])
def test_names_do_not_outlive_what_was_held(ada: Customer, held: ACHRelationship, way: str) -> None:
    if way == "access taken back":
        ada.sandbox.post(f"/control/plaid/items/{held.login.plaid_item_id}", state="revoked")
        item_health.read(item=held.login, actor="worker")
    else:
        candidates.call_off(candidate=held, actor=f"customer {ada.user.pk}")

    assert read_anew(held).sending == states.WITHDRAWN
    assert held.owner_checks.get().owner_names == ""


def test_names_that_were_open_close_with_the_decision(desk: AtTheDesk) -> None:
    link = standing()
    owner_check.open_names(relationship=link, person=desk.user)
    assert owner_check.opened_names(relationship=link, person=desk.user) == [BANKS_NAME]

    ACHRelationship.objects.update(sending=states.WAITING)  # a moment before the names are dropped

    assert owner_check.opened_names(relationship=read_anew(link), person=desk.user) == []


# --- The decision -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["accept", "refuse"])
def test_the_page_that_asks_says_what_it_is_about(desk: AtTheDesk, held: ACHRelationship, deed: str) -> None:
    shown = desk.read(page(held, deed))

    for words in ("ada@example.com", "Ada Okafor", "The bank’s names were compared", "0 of 100", "Is to replace"):
        assert words in shown, words


def test_an_accepted_one_follows_the_one_before_it(desk: AtTheDesk, ada: Customer, held: ACHRelationship) -> None:
    said = desk.press(page(held, "accept"), **WHY)

    assert "takes over when the one before it has ended" in said
    assert read_anew(held).sending == states.WAITING
    check = held.owner_checks.last()
    assert check
    assert (check.actor, check.outcome, check.reasons) == (f"ops {desk.user.pk}", "PASS", ["called both banks"])
    work()
    ada.sandbox.post(f"/control/relationships/{ada.relationship.alpaca_id}", status="CANCELED")
    with time_machine.travel(timezone.now() + timedelta(seconds=10)):
        work()
        work()
    assert read_anew(held).sending == states.ACCEPTED
    assert read_anew(ada.relationship).ended_at


def test_an_accepted_one_goes_to_the_broker_where_none_stands_before_it(
    desk: AtTheDesk, ada: Customer, settings: Settings
) -> None:
    link = hold(ada, settings)
    ada.sandbox.post(f"/control/relationships/{ada.relationship.alpaca_id}", status="CANCELED")
    read_anew(ada.relationship).move_status(states.CANCELED, actor="broker")

    assert "takes it to the broker within seconds" in desk.press(page(link, "accept"), **WHY)

    ACHRelationship.objects.filter(pk=link.pk).update(sending_at=timezone.now() - timedelta(minutes=1))
    work()
    assert read_anew(link).sending == states.ACCEPTED


def test_a_refused_one_ends_and_the_customer_is_told(desk: AtTheDesk, ada: Customer, held: ACHRelationship) -> None:
    assert "is refused" in desk.press(page(held, "refuse"), **WHY)

    assert (read_anew(held).sending, held.ended_at is None) == (states.REFUSED, False)
    noted = held.events.filter(field="sending").last()
    assert noted
    assert (noted.actor, noted.because) == (f"ops {desk.user.pk}", "called both banks")
    assert ada.user.notices.filter(kind="BANK_NOT_YOURS").exists()
    assert not ada.user.notices.filter(body__contains="called both banks").exists()
    assert read_anew(ada.relationship).usable
    work()
    assert read_anew(held.login).access_token == ""


def test_what_someone_else_decided_is_not_decided_again(desk: AtTheDesk, held: ACHRelationship) -> None:
    owner_check.refuse_held(relationship=held, because="was faster", person=person("else@example.com"))

    for deed in ("accept", "refuse"):
        assert "does not wait for a person any more" in desk.press(page(held, deed), status=409, **WHY)
        assert f"/{deed}/" not in desk.client.get(page(held)).content.decode()
        with pytest.raises(NotDone, match="someone else"):  # in the moment between looking and doing
            next(each for each in owner_deeds.DEEDS if each.name == deed).act(held, desk.user, **WHY)

    assert held.owner_checks.filter(method="PERSON").count() == 1


# --- Without the vendor -----------------------------------------------------------------------------------------------


def standing(sending: str = states.HELD) -> ACHRelationship:
    made = make.relationship(make.account(make.user()), sending=sending, status="", alpaca_id=None)
    made.owner_checks.create(actor="owner check", method="NAMES", score=60, outcome="REVIEW", owner_names=BANKS_NAME)
    return made


DEEDS: dict[str, Callable[[], dict[str, Any]]] = {"names": dict, "accept": lambda: WHY, "refuse": lambda: WHY}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("sending", [states.CHECKING, states.WAITING, states.RESERVED, states.REFUSED])
def test_what_does_not_wait_for_a_person_is_not_decided(desk: AtTheDesk, deed: str, sending: str) -> None:
    link = standing(sending)

    desk.press(page(link, deed), status=409, **DEEDS[deed]())

    assert read_anew(link).sending == sending
    assert not link.events.exists()


@pytest.mark.parametrize("deed", DEEDS)
def test_someone_who_may_only_look_decides_nothing(db: None, deed: str) -> None:
    link, viewer = standing(), AtTheDesk(person("viewer@example.com", "view_achrelationship"))

    viewer.read(page(link, deed), status=403)
    viewer.press(page(link, deed), status=403, **DEEDS[deed]())

    assert read_anew(link).sending == states.HELD
    assert not link.events.exists()


@pytest.mark.parametrize("deed", ["accept", "refuse"])
@pytest.mark.parametrize("because", ["", "   ", "x" * 301])
def test_nothing_is_decided_without_a_reason_that_can_be_kept(desk: AtTheDesk, deed: str, because: str) -> None:
    link = standing()

    assert "Nothing is done yet" in desk.press(page(link, deed), because=because)

    assert read_anew(link).sending == states.HELD
