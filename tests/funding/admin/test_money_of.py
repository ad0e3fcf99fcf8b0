"""The pages of a person, of their account, their bank and their transfers lead to each other, both ways."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funding.models import ACHRelationship, Case, Freeze
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person())


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def test_a_person_and_their_account_show_banks_transfers_and_what_stands_still(
    desk: AtTheDesk, bank: ACHRelationship
) -> None:
    account, transfer = bank.brokerage_account, make.transfer(bank, "250.00")
    case = Case.objects.create(transfer=transfer, brokerage_account=account, kind=Case.Kind.DEBT, because="owes $5")
    freeze = Freeze.objects.create(brokerage_account=account, because="asked to", frozen_by="ops")

    for url in (page(account.application), page(account)):
        shown, text = desk.client.get(url).content.decode(), desk.read(url)
        for row in (bank, bank.login, transfer, case, freeze):
            assert page(row) in shown, row
        assert "$250.00" in text
        assert "owes $5" in text


def test_the_way_back_leads_to_the_person_and_the_account(desk: AtTheDesk, bank: ACHRelationship) -> None:
    account, transfer = bank.brokerage_account, make.transfer(bank)

    for row in (transfer, bank, bank.login):
        assert page(account.application) in desk.client.get(page(row)).content.decode(), row
    shown = desk.client.get(page(transfer)).content.decode()
    assert page(account) in shown
    assert page(bank) in shown
    assert f'<span class="copy">{transfer.alpaca_id}</span>' in shown
    assert page(account.application) in desk.client.get("/admin/funding/transfer/").content.decode()


def test_each_kind_is_shown_to_who_may_read_it(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank)
    clerk = AtTheDesk(person("clerk@example.com", "view_application", "view_achrelationship"))

    shown = clerk.client.get(page(bank.brokerage_account.application)).content.decode()

    assert page(bank) in shown
    assert page(transfer) not in shown


def test_somebody_without_an_account_has_no_money_to_show(desk: AtTheDesk) -> None:
    assert "Frozen, or to look into" not in desk.read(page(make.application(make.user())))


def test_more_money_takes_no_more_queries(desk: AtTheDesk, bank: ACHRelationship) -> None:
    account = bank.brokerage_account

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.read(page(account))
        return len(queries)

    def more(cents: int) -> None:
        transfer = make.transfer(bank, f"1.{cents:02}", direction="OUTGOING", status="COMPLETE")
        Case.objects.create(transfer=transfer, brokerage_account=account, kind=Case.Kind.DEBT, because="owes")

    more(1)
    desk.read(page(account))  # the first look is kept in the audit
    before = asked()
    for cents in range(2, 6):
        more(cents)

    assert asked() == before


def test_no_time_of_the_desk_stands_without_its_zone(desk: AtTheDesk, bank: ACHRelationship) -> None:
    transfer = make.transfer(bank)

    for url in ("/admin/funding/transfer/", page(transfer), page(bank.brokerage_account), "/admin/accounts/user/"):
        shown = desk.read(url)
        assert " p.m." not in shown
        assert " a.m." not in shown
        assert " EST" in shown or " EDT" in shown
