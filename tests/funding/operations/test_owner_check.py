"""Whose bank account it is: decided before anything is linked, kept as evidence, without the names."""

from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.models import Notice, User
from brokerage.gateways.errors import VendorError
from funding import states
from funding.models import ACHRelationship, OwnerCheck
from funding.operations import owner_check
from funding.operations.owner_check import PASS, REFUSE, REVIEW
from tests import make
from tests.funding import banking
from tests.funding.banking import fresh
from tests.funding.standing import Clocks, Customer, fault, read_anew, work
from tests.harness.sandbox import Sandbox

MATCH = "POST /plaid/identity/match"
NAMES = "POST /plaid/identity/get"


@pytest.fixture
def ada(ada: Customer, sandbox: Sandbox) -> Customer:
    """Ada has no bank yet, neither here nor at the broker."""
    sandbox.post(f"/control/relationships/{ada.relationship.alpaca_id}", status=states.CANCELED)
    ada.relationship.move_status(states.CANCELED, actor="broker")
    return ada


@pytest.fixture
def eve(db: None) -> User:
    return make.user("eve@example.com", is_staff=True)


def owner_is(sandbox: Sandbox, name: str) -> None:
    sandbox.post("/control/settings", item_owner_name=name)


def test_the_customers_own_account_is_linked_at_once(ada: Customer, sandbox: Sandbox) -> None:
    owner_is(sandbox, "Ada Okafor")

    link = banking.pass_link(ada)

    check = link.owner_checks.get()
    assert (link.sending, check.outcome, check.method, check.score) == (states.ACCEPTED, PASS, "MATCH", 100)


def test_somebody_elses_account_is_refused_and_nothing_is_left_of_it(ada: Customer, sandbox: Sandbox) -> None:
    owner_is(sandbox, "Grace Hopper")

    link = banking.pass_link(ada)
    work()

    assert (link.sending, link.owner_checks.get().outcome) == (states.REFUSED, REFUSE)
    assert banking.at_the_broker(ada) == []
    assert read_anew(link.login).access_token == ""
    assert Notice.objects.filter(user=ada.user, kind="BANK_NOT_YOURS").count() == 1


@pytest.mark.parametrize(
    ("score", "outcome"),
    [(100, PASS), (70, PASS), (69, REVIEW), (50, REVIEW), (49, REFUSE), (0, REFUSE), (None, REVIEW)],
)
def test_the_score_decides(settings: Settings, score: int | None, outcome: str) -> None:
    settings.OWNER_PASS_SCORE, settings.OWNER_REFUSE_SCORE = 70, 50

    assert owner_check._judge(score) == outcome


@pytest.mark.parametrize(("unknown", "outcome"), [("review", REVIEW), ("pass", PASS), ("refuse", REFUSE)])
def test_a_setting_says_what_a_bank_without_names_means(settings: Settings, unknown: str, outcome: str) -> None:
    settings.OWNER_WHEN_UNKNOWN = unknown

    assert owner_check._judge(None) == outcome


def test_what_is_between_waits_for_a_person(ada: Customer, sandbox: Sandbox, settings: Settings) -> None:
    settings.OWNER_REFUSE_SCORE = 0
    owner_is(sandbox, "Ada Byron")

    link = banking.pass_link(ada)

    assert link.sending == states.HELD
    assert banking.at_the_broker(ada) == []
    assert Notice.objects.filter(user=ada.user, kind="BANK_HELD").count() == 1


@pytest.mark.parametrize("kind", ["PRODUCTS_NOT_SUPPORTED", "PRODUCT_NOT_ENABLED", "PRODUCT_NOT_READY"])
def test_a_bank_that_gives_no_names_waits_for_a_person(ada: Customer, sandbox: Sandbox, kind: str) -> None:
    body = {"error_code": kind, "error_type": "ITEM_ERROR", "request_id": "r1"}
    fault(sandbox, "status", MATCH, status=400, body=body)

    link = banking.pass_link(ada)

    check = link.owner_checks.get()
    assert (link.sending, check.method, check.score) == (states.HELD, "NONE", None)


@pytest.mark.parametrize("kind", ["drop_after_commit", "bad_gateway", "rate_limited", "garbage_after_commit"])
def test_a_bank_that_can_not_be_asked_is_asked_again(
    clocks: Clocks, ada: Customer, sandbox: Sandbox, kind: str
) -> None:
    fault(sandbox, kind, MATCH)

    link = banking.pass_link(ada)
    waiting = (link.sending, link.owner_checks.count())
    clocks.advance(minutes=1)
    work()

    assert waiting == (states.CHECKING, 0)
    assert fresh(link).sending == states.ACCEPTED


def test_a_bank_that_wants_a_sign_in_meanwhile_is_asked_after_it(
    clocks: Clocks, ada: Customer, sandbox: Sandbox
) -> None:
    body = {"error_code": "ITEM_LOGIN_REQUIRED", "error_type": "ITEM_ERROR", "request_id": "r1"}
    fault(sandbox, "status", MATCH, status=400, body=body)

    link = banking.pass_link(ada)

    assert (link.sending, link.login.health) == (states.CHECKING, states.SIGN_IN)


def test_by_names_the_bank_s_own_are_compared(ada: Customer, sandbox: Sandbox, settings: Settings) -> None:
    settings.OWNER_CHECK = "names"
    owner_is(sandbox, "OKAFOR, ADA")

    link = banking.pass_link(ada)

    check = link.owner_checks.get()
    assert (link.sending, check.method, check.outcome) == (states.ACCEPTED, "NAMES", PASS)


def test_a_switched_off_check_compares_nothing(ada: Customer, sandbox: Sandbox, settings: Settings) -> None:
    settings.OWNER_CHECK = "off"
    owner_is(sandbox, "Grace Hopper")

    link = banking.pass_link(ada)

    assert (link.sending, link.owner_checks.get().method) == (states.ACCEPTED, "NONE")


def test_names_are_kept_sealed_and_only_while_a_person_looks(
    ada: Customer, sandbox: Sandbox, settings: Settings, eve: User
) -> None:
    settings.OWNER_CHECK, settings.OWNER_REFUSE_SCORE, settings.OWNER_PASS_SCORE = "names", 0, 100
    owner_is(sandbox, "Ada Lovelacecanary")

    link = banking.pass_link(ada)
    check = link.owner_checks.get()
    opened, kept = check.owner_names, _column()
    owner_check.accept_held(relationship=link, because="she sent a bank statement", person=eve)

    assert (opened, "canary" in kept.lower()) == ("Ada Lovelacecanary", False)
    assert read_anew(check).owner_names == ""
    assert all("canary" not in str(reason).lower() for row in OwnerCheck.objects.all() for reason in row.reasons)


def _column() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT owner_names FROM funding_ownercheck")
        return str(cursor.fetchall())


def held(customer: Customer, sandbox: Sandbox, settings: Settings) -> ACHRelationship:
    settings.OWNER_REFUSE_SCORE = 0
    owner_is(sandbox, "Ada Byron")
    return banking.pass_link(customer)


def test_a_person_lets_it_be_linked(
    clocks: Clocks, ada: Customer, sandbox: Sandbox, settings: Settings, eve: User
) -> None:
    link = held(ada, sandbox, settings)

    owner_check.accept_held(relationship=link, because="maiden name, saw the marriage certificate", person=eve)
    clocks.advance(seconds=10)
    work()

    decided = link.owner_checks.get(method="PERSON")
    assert (decided.outcome, decided.actor) == (PASS, f"ops {eve.pk}")
    assert fresh(link).sending == states.ACCEPTED


def test_a_person_refuses_it(ada: Customer, sandbox: Sandbox, settings: Settings, eve: User) -> None:
    link = held(ada, sandbox, settings)

    owner_check.refuse_held(relationship=link, because="it is her brother's", person=eve)
    work()

    assert fresh(link).sending == states.REFUSED
    assert read_anew(link.login).access_token == ""


def test_it_is_decided_once(ada: Customer, sandbox: Sandbox, settings: Settings, eve: User) -> None:
    link = held(ada, sandbox, settings)
    owner_check.refuse_held(relationship=link, because="no", person=eve)

    with pytest.raises(owner_check.NotHeld):
        owner_check.accept_held(relationship=link, because="yes", person=eve)


def test_an_account_that_was_stopped_does_not_come_back_by_being_linked_anew(
    ada: Customer, sandbox: Sandbox, settings: Settings
) -> None:
    first = banking.approve(banking.pass_link(ada), sandbox)
    first.suspend(because="R08", actor="broker")
    banking.broker_says(first, sandbox, states.CANCELED)

    again = banking.pass_link(ada)

    assert again.sending == states.HELD
    assert any("R08" in reason for reason in again.owner_checks.get().reasons)


def test_another_bank_after_a_stopped_one_is_linked_at_once(ada: Customer, sandbox: Sandbox) -> None:
    first = banking.approve(banking.pass_link(ada), sandbox)
    first.suspend(because="R02", actor="broker")
    banking.broker_says(first, sandbox, states.CANCELED)

    other = banking.pass_link(ada, institution="ins_109510")

    assert other.sending == states.ACCEPTED


def test_an_account_that_another_customer_has_linked_is_marked_and_not_refused(ada: Customer, sandbox: Sandbox) -> None:
    grace = make.relationship(make.account(make.user("grace@example.com")))
    link = banking.pass_link(ada, institution=banking.OAUTH)
    ACHRelationship.objects.filter(pk=grace.pk).update(persistent_id=link.persistent_id)

    reasons = owner_check._shared(fresh(link))

    assert link.persistent_id
    assert reasons == ("another customer has linked it, too",)


@pytest.mark.parametrize("answer", [{"accounts": []}, {"accounts": None}, {"accounts": ["x"]}], ids=str)
def test_an_answer_that_does_not_name_the_account_decides_nothing(
    ada: Customer, sandbox: Sandbox, answer: dict[str, Any]
) -> None:
    fault(sandbox, "patch_after_commit", MATCH, patch=answer)

    link = banking.pass_link(ada)

    assert (link.sending, link.owner_checks.count()) == (states.CHECKING, 0)
    fault(sandbox, "patch_after_commit", MATCH, patch=answer)
    with pytest.raises(VendorError):
        owner_check.look(candidate=link)
