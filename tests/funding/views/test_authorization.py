"""The authorization of a deposit, to keep and to print; and a deposit's dates."""

import html
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from funding import dates, states
from funding.models import ACHRelationship, DebitAuthorization, Transfer
from tests import make
from tests.funding.standing import IN, OUT, in_doubt
from tests.harness.unguarded import rewrite

AT = datetime(2026, 10, 5, 15, 0, tzinfo=UTC)  # a banking day, before the cut-off


@pytest.fixture
def bank(client: Client, db: None) -> ACHRelationship:
    bank = make.relationship(make.account(make.user()), mask="4417")
    client.force_login(bank.brokerage_account.user)
    return bank


def page(client: Client, transfer: Transfer) -> Any:
    return client.get(f"{transfer.url}authorization/")


def test_the_authorization_stands_there_word_for_word(
    client: Client, bank: ACHRelationship, settings: Settings
) -> None:
    settings.BRAND_LEGAL_NAME, settings.SUPPORT_EMAIL = "Acme Securities LLC", "care@acme.example"
    words = "By choosing “Deposit $250.00” I authorize O'Brien & Sons to debit $250.00 once."
    given = make.authorization(bank, text=words, version="2026-11-7", ip_address="2001:db8::7", created_at=AT)
    rewrite(DebitAuthorization.objects.filter(pk=given.pk), user_agent="Mozilla/5.0 <b>Safari</b>")
    transfer = make.transfer(bank, authorization=DebitAuthorization.objects.get(pk=given.pk))

    answer = page(client, transfer)

    assert answer.status_code == 200
    shown = " ".join(html.unescape(answer.content.decode()).split())
    for said in (
        words,
        "Acme Securities LLC",
        "care@acme.example",
        "4417",
        "11:00 AM EDT",
        "2001:db8::7",
        "2026-11-7",
        str(transfer.pk),
        "one ACH debit of $250.00",
        "How to cancel or revoke it",
    ):
        assert said in shown, said
    assert "<b>Safari" not in answer.content.decode()
    assert f'href="{transfer.url}authorization/"' in client.get(transfer.url).content.decode()


def test_a_withdrawal_has_none(client: Client, bank: ACHRelationship) -> None:
    withdrawal = make.transfer(bank, direction=OUT)
    elsewhere = make.transfer(bank, origin=Transfer.Origin.EXTERNAL, form_key=None)

    assert page(client, withdrawal).status_code == page(client, elsewhere).status_code == 404
    assert "authorization/" not in client.get(withdrawal.url).content.decode()


def test_a_stranger_sees_none(client: Client, bank: ACHRelationship) -> None:
    transfer = make.transfer(bank)
    client.force_login(make.user("stranger@example.com"))

    assert page(client, transfer).status_code == 404


def test_it_is_only_to_be_read(client: Client, bank: ACHRelationship) -> None:
    assert client.post(f"{make.transfer(bank).url}authorization/").status_code == 405


# --- Dates ------------------------------------------------------------------------------------------------------------


def days(transfer: Transfer) -> dict[str, str]:
    return {each.label: str(each.on or each.at) for each in dates.of(transfer)}


def test_a_deposit_on_its_way_has_its_dates(bank: ACHRelationship, settings: Settings) -> None:
    settings.WITHDRAWAL_HOLD_BANKING_DAYS = 5
    with time_machine.travel(AT, tick=False):
        transfer = make.transfer(bank, expected_on=(AT + timedelta(days=3)).date())

        assert days(transfer) == {
            "Leaves by": "2026-10-05 14:00:00-04:00",
            "In your account by": "2026-10-08",
            "Free to withdraw from": "2026-10-16",
            "Tartan Bank can take it back until": "2026-10-13",
            "You can dispute it at your bank until": "2026-12-07",
        }


def test_a_settled_withdrawal_has_its_dates(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank, direction=OUT, status=states.COMPLETE, settled_at=AT, created_at=AT)

    for day, ahead in ((5, {"Tartan Bank can send it back until": "2026-10-07"}), (8, {})):
        with time_machine.travel(AT.replace(day=day), tick=False):
            assert days(transfer) == {"Settled": "2026-10-05"} | ahead


@pytest.mark.parametrize("sending", sorted(set(states.SENDING_MOVES) - {states.ACCEPTED}))
def test_nothing_is_promised_of_what_is_not_certain(bank: ACHRelationship, sending: str) -> None:
    assert days(in_doubt(bank, sending, direction=IN)) == {}


def test_a_date_to_cancel_by_is_named_while_that_is_possible(client: Client, bank: ACHRelationship) -> None:
    early, late = make.transfer(bank), make.transfer(bank, status="PENDING")

    assert "Until it has left you can cancel it" in client.get(early.url).content.decode()
    assert "Until it has left you can cancel it" not in client.get(late.url).content.decode()
