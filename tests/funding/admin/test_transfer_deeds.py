"""What ops do to transfers at the desk: a page says what will happen, asks why, and only then is it done."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from funding import states
from funding.models import ACHRelationship, Lookup, Transfer
from funding.operations import left_behind, risk
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.operations.test_reviewing import doubled, mismatched
from tests.funding.standing import LIST, Customer, fault, read_anew
from tests.harness.sandbox import Sandbox

WHY: dict[str, Any] = {"because": "called the customer"}


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person("ops@example.com", "change_transfer"))


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def held(customer: Customer, settings: Settings) -> Transfer:
    """Let the risk gate hold a deposit."""
    settings.RISK_NEW_BANK_LIMIT = "10.00"
    transfer = customer.ask("50.00")
    risk.clear(transfer=transfer)
    assert read_anew(transfer).sending == states.HELD
    return transfer


# --- Held -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["allow", "decline"])
def test_the_page_of_a_held_one_tells_rules_and_inputs(
    desk: AtTheDesk, ada: Customer, settings: Settings, deed: str
) -> None:
    shown = desk.read(page(held(ada, settings), deed))

    for words in ("a large deposit from a new bank account", "$50.00", "ada@example.com", "Balance", "Bank age days 0"):
        assert words in shown


def test_an_allowed_one_is_sent_by_the_worker(desk: AtTheDesk, ada: Customer, settings: Settings) -> None:
    transfer = held(ada, settings)

    said = desk.press(page(transfer, "allow"), **WHY)

    assert "is allowed" in said
    Transfer.objects.update(created_at=transfer.created_at.replace(year=2020))
    left_behind.send_reserved(sender="worker")
    assert read_anew(transfer).sending == states.ACCEPTED
    decision = transfer.cleared_by
    assert decision
    assert (decision.actor, decision.reasons) == (f"ops {desk.user.pk}", ["called the customer"])


def test_a_declined_one_ends(desk: AtTheDesk, ada: Customer, settings: Settings) -> None:
    transfer = held(ada, settings)

    said = desk.press(page(transfer, "decline"), **WHY)

    assert "is declined" in said
    assert (read_anew(transfer).sending, transfer.reason) == (states.DECLINED, "called the customer")


def test_what_someone_else_decided_is_not_decided_again(desk: AtTheDesk, ada: Customer, settings: Settings) -> None:
    transfer = held(ada, settings)
    risk.decline_held(transfer=transfer, because="was faster", person=person("else@example.com"))

    for deed in ("allow", "decline"):
        assert "does not wait for a person any more" in desk.press(page(transfer, deed), status=409, **WHY)

    assert transfer.risk_decisions.count() == 2


# --- Review -----------------------------------------------------------------------------------------------------------


def test_the_candidates_stand_side_by_side(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    transfer, really, elsewhere = doubled(ada)
    sandbox.post(f"/control/transfers/{elsewhere}", action="settle")

    shown = desk.read(page(transfer, "review"))

    for words in (really, elsewhere, "QUEUED", "COMPLETE", "$50 .00", "nobody yet", "None of them is ours"):
        assert words in shown
    assert shown.count("Adopt this one") == 2


def test_the_chosen_one_is_adopted(desk: AtTheDesk, ada: Customer) -> None:
    transfer, really, elsewhere = doubled(ada)
    shown = desk.read(f"{page(transfer, 'adopt')}?alpaca_id={really}")
    assert really in shown
    assert elsewhere not in shown

    said = desk.press(page(transfer, "adopt"), alpaca_id=really, **WHY)

    assert f"is the broker’s {really}" in said
    assert (read_anew(transfer).sending, transfer.alpaca_id) == (states.ACCEPTED, really)


def test_one_that_is_bound_elsewhere_cannot_be_chosen(desk: AtTheDesk, ada: Customer) -> None:
    transfer, really, _ = doubled(ada)
    other = make.transfer(ada.relationship, "50.00", alpaca_id=really)

    assert desk.read(page(transfer, "review")).count("Adopt this one") == 1
    assert f"is bound to {other} already" in desk.read(f"{page(transfer, 'adopt')}?alpaca_id={really}")
    assert "Not done" in desk.press(page(transfer, "adopt"), alpaca_id=really, **WHY)

    assert read_anew(transfer).sending == states.REVIEW


@pytest.mark.parametrize("query", ["", "?alpaca_id=", "?alpaca_id=no-such-id", "?alpaca_id=%00"])
def test_one_that_is_no_candidate_cannot_be_chosen(desk: AtTheDesk, ada: Customer, query: str) -> None:
    transfer, *_ = doubled(ada)

    assert "no such transfer" in desk.read(page(transfer, "adopt") + query)


def test_none_of_them_is_certified(desk: AtTheDesk, ada: Customer) -> None:
    transfer, really, elsewhere = doubled(ada)
    shown = desk.read(page(transfer, "certify"))
    assert really in shown
    assert elsewhere in shown

    said = desk.press(page(transfer, "certify"), **seen(desk, transfer))

    assert "certified as never made" in said
    assert read_anew(transfer).sending == states.NOT_CREATED


def seen(desk: AtTheDesk, transfer: Transfer) -> dict[str, Any]:
    """Open the page to certify; return what its form sends with a reason."""
    form = desk.client.get(page(transfer, "certify")).context["form"]
    return {"shown": form["shown"].value(), **WHY}


def test_one_that_the_page_did_not_show_is_not_certified_away(desk: AtTheDesk, ada: Customer) -> None:
    transfer, *_ = doubled(ada)
    form = seen(desk, transfer)
    later = ada.made_elsewhere("50.00", states.INCOMING)

    for fields in (form, WHY):
        assert "names another one by now" in desk.press(page(transfer, "certify"), **fields)

    assert read_anew(transfer).sending == states.REVIEW
    assert later in desk.read(page(transfer, "certify"))
    assert "certified as never made" in desk.press(page(transfer, "certify"), **seen(desk, transfer))


def test_one_that_was_named_and_is_not_listed_is_shown_before_it_is_certified_away(
    desk: AtTheDesk, ada: Customer
) -> None:
    transfer, *_ = doubled(ada)
    form = seen(desk, transfer)
    Lookup.objects.create(transfer=transfer, heard=True, complete=False, candidates=["heard-of-once"])

    assert "names another one by now" in desk.press(page(transfer, "certify"), **form)
    assert "heard-of-once" in desk.read(page(transfer, "certify"))
    assert "certified as never made" in desk.press(page(transfer, "certify"), **seen(desk, transfer))
    assert read_anew(transfer).events.last().evidence["named_and_not_listed"] == ["heard-of-once"]


def test_a_list_with_holes_certifies_nothing(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    transfer, *_ = doubled(ada)
    form = seen(desk, transfer)
    fault(sandbox, "patch_after_commit", LIST, times=99, drop=["amount", "requested_amount"])

    assert "cannot be read right now" in desk.read(page(transfer, "certify"))
    assert "Not done" in desk.press(page(transfer, "certify"), **form)
    assert read_anew(transfer).sending == states.REVIEW


def test_what_is_bound_and_differs_is_kept(desk: AtTheDesk, ada: Customer) -> None:
    transfer = mismatched(ada)
    shown = desk.read(page(transfer, "review"))
    assert "Keep it: it is ours" in shown
    assert "Adopt this one" not in shown

    said = desk.press(page(transfer, "keep"), **WHY)

    assert "kept as ours" in said
    assert read_anew(transfer).sending == states.ACCEPTED


def test_nothing_is_decided_while_the_broker_is_away(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    transfer, really, _ = doubled(ada)
    fault(sandbox, "status", LIST, times=99, status=502)

    assert "cannot be read right now" in desk.read(page(transfer, "review"))
    assert "cannot be read right now" in desk.read(page(transfer, "certify"))
    for deed, fields in {"certify": WHY, "adopt": {"alpaca_id": really, **WHY}}.items():
        assert "Not done" in desk.press(page(transfer, deed), **fields)

    assert read_anew(transfer).sending == states.REVIEW


# --- Canceling --------------------------------------------------------------------------------------------------------


def test_ops_cancel_as_customers_do(desk: AtTheDesk, ada: Customer) -> None:
    transfer = ada.move("50.00")
    assert "Cancel this transfer" in desk.read(page(transfer))

    said = desk.press(page(transfer, "cancel"))

    assert "is canceled; no money moves" in said
    assert read_anew(transfer).status == states.CANCELED
    assert transfer.events.filter(field="cancel", actor=f"ops {desk.user.pk}").exists()


def test_what_has_left_is_too_late_to_cancel(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    transfer = ada.move("50.00")
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="advance")

    assert "past the point" in desk.press(page(transfer, "cancel"))
    assert "past the point" in desk.read(page(transfer, "cancel"))


# --- Every one of them ------------------------------------------------------------------------------------------------

STANDING = {"allow": states.HELD, "decline": states.HELD, "certify": states.REVIEW, "cancel": states.RESERVED}


@pytest.mark.parametrize(("deed", "sending"), STANDING.items())
def test_looking_changes_nothing(desk: AtTheDesk, bank: ACHRelationship, deed: str, sending: str) -> None:
    transfer = make.transfer(bank, sending=sending)

    desk.client.get(page(transfer, deed))

    assert read_anew(transfer).sending == sending
    assert not transfer.events.exists()


@pytest.mark.parametrize("because", ["", "   ", "x" * 301])
@pytest.mark.parametrize("deed", ["allow", "decline"])
def test_nothing_is_done_without_a_reason_that_can_be_kept(
    desk: AtTheDesk, bank: ACHRelationship, deed: str, because: str
) -> None:
    transfer = make.transfer(bank, sending=states.HELD)

    assert "Nothing is done yet" in desk.press(page(transfer, deed), because=because)

    assert read_anew(transfer).sending == states.HELD


@pytest.mark.parametrize("deed", ["allow", "decline", "keep", "adopt", "certify", "cancel"])
@pytest.mark.parametrize("sending", [states.SENDING, states.REFUSED, states.WITHDRAWN])
def test_what_is_not_possible_now_is_said_and_not_done(
    desk: AtTheDesk, bank: ACHRelationship, deed: str, sending: str
) -> None:
    transfer = make.transfer(bank, sending=sending)

    desk.press(page(transfer, deed), status=409, alpaca_id="x", **WHY)

    assert f"/{deed}/" not in desk.client.get(page(transfer)).content.decode()
    assert read_anew(transfer).sending == sending


@pytest.mark.parametrize(("deed", "sending"), STANDING.items())
def test_someone_who_may_only_look_does_nothing(bank: ACHRelationship, deed: str, sending: str) -> None:
    transfer, viewer = make.transfer(bank, sending=sending), AtTheDesk(person("viewer@example.com", "view_transfer"))

    assert f"/{deed}/" not in viewer.client.get(page(transfer)).content.decode()
    viewer.read(page(transfer, deed), status=403)
    viewer.press(page(transfer, deed), status=403, **WHY)

    assert read_anew(transfer).sending == sending


@pytest.mark.parametrize("deed", ["change", "review", *STANDING])
def test_someone_without_a_word_is_refused_and_a_customer_signs_in(bank: ACHRelationship, deed: str) -> None:
    transfer, nobody = make.transfer(bank, sending=states.HELD), AtTheDesk(person("new@example.com", "view_case"))
    customer = Client()
    customer.force_login(bank.brokerage_account.user)

    nobody.read(page(transfer, deed), status=403)
    assert customer.get(page(transfer, deed))["Location"].startswith("/admin/login/")
    assert customer.post(page(transfer, deed), WHY).status_code == 302

    assert read_anew(transfer).sending == states.HELD


def test_someone_who_may_only_look_reads_nothing_anew_from_the_broker(bank: ACHRelationship) -> None:
    transfer, viewer = make.transfer(bank), AtTheDesk(person("viewer@example.com", "view_transfer"))

    said = viewer.press("/admin/funding/transfer/", action="read_again", _selected_action=[transfer.pk])

    assert "as we have it" not in said


def test_a_transfer_that_is_not_there_is_not_found(desk: AtTheDesk) -> None:
    desk.read("/admin/funding/transfer/2fd96f20-3892-4a7b-9bbe-3a1e6dc04634/allow/", status=404)
