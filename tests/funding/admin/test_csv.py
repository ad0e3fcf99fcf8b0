"""Each list of the desk as CSV: what is filtered and searched, as masked as the page, and written down."""

import csv
import io
import logging
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, User
from brokerage.desk_csv import Downloadable
from funding import states
from funding.models import ACHRelationship
from tests import make
from tests.funding.admin.ops import AtTheDesk, person

TRANSFERS = "/admin/funding/transfer/"
DESKS = [desk for desk in admin.site._registry.values() if isinstance(desk, Downloadable)]


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person())


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def file_of(desk: AtTheDesk, url: str = TRANSFERS, **asked: str) -> list[dict[str, str]]:
    answer: Any = desk.client.get(f"{url}csv/", asked)
    assert answer.status_code == 200, answer.status_code
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_the_file_holds_what_the_list_is_filtered_and_searched_for(desk: AtTheDesk, bank: ACHRelationship) -> None:
    held = make.transfer(bank, "1250.00", sending=states.HELD)
    make.transfer(bank, "9.00", direction="OUTGOING")
    other = make.transfer(make.relationship(make.account(make.user("grace@example.com"))), sending=states.HELD)

    assert len(file_of(desk)) == 3
    assert {row["Our id"] for row in file_of(desk, queue="held")} == {str(held.pk), str(other.pk)}
    [row] = file_of(desk, queue="held", q="ada@example")
    assert (row["Our id"], row["Amount"], row["Customer"]) == (str(held.pk), "1250.00", "ada@example.com")
    assert (row["Direction"], row["Sending"], row["Bank"]) == ("Deposit", "HELD", "Tartan Bank 0000")
    assert row["Created at"][-6:] in ("-05:00", "-04:00")


def test_it_is_ordered_as_the_list_and_not_cut_into_pages(desk: AtTheDesk, bank: ACHRelationship) -> None:
    for cents in range(60):
        make.transfer(bank, f"1.{cents:02}", direction="OUTGOING", status="COMPLETE")

    rows = file_of(desk, p="2")

    assert [row["Amount"] for row in rows] == [f"1.{cents:02}" for cents in reversed(range(60))]


def test_the_page_leads_to_the_file_of_what_it_shows(desk: AtTheDesk, bank: ACHRelationship) -> None:
    shown = desk.client.get(f"{TRANSFERS}?queue=held&q=ada&p=2").content.decode()

    assert 'href="/admin/funding/transfer/csv/?queue=held&amp;q=ada"' in shown


@pytest.mark.parametrize("where", DESKS, ids=lambda desk: desk.opts.label_lower)
def test_every_list_can_be_had(desk: AtTheDesk, bank: ACHRelationship, where: Downloadable) -> None:
    url = f"/admin/{where.opts.app_label}/{where.opts.model_name}/"

    rows = file_of(desk, url)

    assert len(rows) == where.model._default_manager.count()
    assert f'href="{url}csv/?"' in desk.client.get(url).content.decode()


def test_all_lists_can() -> None:
    assert [desk.model for desk in DESKS] == list(admin.site._registry)


def test_a_name_that_is_a_formula_stays_text(desk: AtTheDesk, bank: ACHRelationship) -> None:
    bank.login.institution_name = "=HYPERLINK(1)"
    bank.login.save()
    make.transfer(bank)

    [row] = file_of(desk)

    assert row["Bank"] == "'=HYPERLINK(1) 0000"


def test_who_may_not_read_the_list_gets_no_file(bank: ACHRelationship) -> None:
    clerk = AtTheDesk(person("clerk@example.com", "view_case"))

    assert clerk.client.get(f"{TRANSFERS}csv/").status_code == 403
    assert AtTheDesk(User.objects.get(email="ada@example.com")).client.get(f"{TRANSFERS}csv/").status_code == 302


@pytest.mark.parametrize("asked", ["?nonsense=1", "?id__exact=no", "?user__password__startswith=a", "?queue=%00"])
def test_an_odd_question_leads_back_to_the_list(desk: AtTheDesk, bank: ACHRelationship, asked: str) -> None:
    assert desk.client.get(f"{TRANSFERS}csv/{asked}").status_code in (200, 302, 400)


def test_it_is_written_down_who_had_what_and_how_much(
    desk: AtTheDesk, bank: ACHRelationship, caplog: pytest.LogCaptureFixture
) -> None:
    make.transfer(bank, sending=states.HELD)

    with caplog.at_level(logging.INFO):
        file_of(desk, queue="held", q="ada@example.com")
        file_of(desk)

    told = [record.getMessage() for record in caplog.records if "downloaded" in record.getMessage()]
    assert told == [
        f"ops {desk.user.pk} downloaded funding.transfer q=hidden&queue=held: 1 rows",
        f"ops {desk.user.pk} downloaded funding.transfer whole: 1 rows",
    ]


def downloaded() -> AuditEntry:
    return AuditEntry.objects.get(deed=AuditEntry.Deed.DESK_DOWNLOADED)


def test_the_audit_names_the_list_its_rows_and_the_filters_without_what_they_ask_for(
    desk: AtTheDesk, bank: ACHRelationship
) -> None:
    held = make.transfer(bank, sending=states.HELD)
    make.transfer(bank, "9.00", direction="OUTGOING")

    file_of(desk, queue="held", q="ada@example.com")

    entry = downloaded()
    assert (entry.actor, entry.about) == (f"ops {desk.user.pk}", "")
    assert entry.facts == {"of": "transfer", "rows": 1, "ids": [str(held.pk)], "filters": ["q", "queue"]}


@pytest.mark.parametrize(("rows", "are_named"), [(200, True), (201, False)])
def test_as_many_rows_are_named_as_a_page_may_have(
    desk: AtTheDesk, bank: ACHRelationship, rows: int, are_named: bool
) -> None:
    for number in range(rows):
        make.notice(bank.brokerage_account.user, f"Notice {number}")

    had = file_of(desk, "/admin/accounts/notice/")

    facts = downloaded().facts
    assert facts["rows"] == len(had) == rows
    assert facts.get("ids") == (sorted(row["Our id"] for row in had) if are_named else None)


def test_no_row_is_in_the_file_that_came_after_its_entry(desk: AtTheDesk, bank: ACHRelationship) -> None:
    first = make.transfer(bank)

    answer: Any = desk.client.get(f"{TRANSFERS}csv/")
    make.transfer(bank, "9.00", direction="OUTGOING")
    file = b"".join(answer.streaming_content).decode()

    assert downloaded().facts["ids"] == [str(first.pk)]
    assert len(file.splitlines()) == 2


def test_of_a_list_that_shows_nobody_the_number_is_kept(desk: AtTheDesk) -> None:
    had = file_of(desk, "/admin/auth/group/")

    assert downloaded().facts == {"of": "group", "rows": len(had), "filters": []}


def test_a_file_that_nobody_may_have_leaves_nothing_in_the_audit(desk: AtTheDesk, bank: ACHRelationship) -> None:
    clerk = AtTheDesk(person("clerk@example.com", "view_case"))

    clerk.client.get(f"{TRANSFERS}csv/")

    assert not AuditEntry.objects.exists()


def test_a_file_that_is_given_up_counts_what_went_out(
    desk: AtTheDesk, bank: ACHRelationship, caplog: pytest.LogCaptureFixture
) -> None:
    for cents in range(3):
        make.transfer(bank, f"1.{cents:02}", direction="OUTGOING", status="COMPLETE")

    with caplog.at_level(logging.INFO):
        answer: Any = desk.client.get(f"{TRANSFERS}csv/")
        for _ in range(3):
            next(answer.streaming_content)
        answer.close()

    assert any("whole: 1 rows" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("where", DESKS, ids=lambda desk: desk.opts.label_lower)
def test_more_rows_take_no_more_queries(desk: AtTheDesk, bank: ACHRelationship, where: Downloadable) -> None:
    def asked(*names: str) -> int:
        for name in names:
            linked = make.relationship(make.account(make.user(f"{name}@example.com")))
            make.transfer(linked)
            make.document(linked.brokerage_account)
            make.notice(linked.brokerage_account.user)
        with CaptureQueriesContext(connection) as queries:
            file_of(desk, f"/admin/{where.opts.app_label}/{where.opts.model_name}/")
        return len(queries)

    file_of(desk)  # the first one begins the audit
    assert asked("one", "two") == asked("three", "four", "five")
