"""Reading page by page: every row once, with what hangs on it, wherever a page ends; and each page at one moment."""

import uuid
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from django.utils import timezone

from brokerage.status import note
from funding.models import ACHRelationship, Transfer, TransferEvent
from funding.operations.invariants import decided
from funding.operations.invariants.pages import pages
from tests import make
from tests.funding.standing import IN, OUT
from tests.harness.bare_tables import delete, without_constraints


@pytest.fixture
def banks(db: None) -> list[ACHRelationship]:
    return [make.relationship(make.account(make.user(f"{number}@example.com"))) for number in range(3)]


def with_history(bank: ACHRelationship, **more: Any) -> Transfer:
    transfer = make.transfer(bank, **more)
    for number in range(2):
        note(transfer, field="x", actor="a test", because=str(number))
    return transfer


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 100])
def test_every_row_comes_once_with_what_hangs_on_it(banks: list[ACHRelationship], size: int) -> None:
    made = {with_history(bank).pk for bank in banks for _ in range(2)}

    found = list(pages(Transfer.objects.values_list("pk", named=True), size=size, events=events()))

    rows = [row.pk for page in found for row in page.rows]
    assert rows == sorted(made)
    assert all(len(page.hanging["events"][row.pk]) == 2 for page in found for row in page.rows)
    assert not any(page.orphans for page in found)
    assert sum(map(len, found)) == 6 * 3


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("gone", [[0], [1], [3], [2, 3], [0, 1, 2, 3]], ids=str)
def test_what_hangs_on_nothing_is_found(banks: list[ACHRelationship], size: int, gone: list[int]) -> None:
    made = sorted(with_history(banks[0]).pk for _ in range(4))
    without_constraints(Transfer)
    delete(Transfer.objects.filter(pk__in=[made[number] for number in gone]))

    found = pages(Transfer.objects.values_list("pk", named=True), size=size, events=events())

    assert [orphan for page in found for orphan in page.orphans] == [("events", made[number]) for number in gone]


def test_what_hangs_on_a_whole_table_that_is_gone_is_not_all_read(banks: list[ACHRelationship]) -> None:
    kept, *lost = (with_history(banks[0]) for _ in range(102))
    without_constraints(Transfer)
    delete(Transfer.objects.exclude(pk=kept.pk))

    page, *more = pages(Transfer.objects.values_list("pk", named=True), size=2, events=events())

    assert not more
    assert len(page.hanging["events"][kept.pk]) == 2
    assert len(page.orphans) == 2
    assert {row for _, row in page.orphans} < {transfer.pk for transfer in lost}


def events() -> Any:
    return TransferEvent.objects.filter(field="x").values_list("row_id", "because", named=True)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 100])
def test_intents_come_in_order_wherever_a_page_ends(banks: list[ACHRelationship], size: int) -> None:
    now = timezone.now()
    made = [
        make.transfer(bank, direction=direction, created_at=now - timedelta(days=days))
        for bank in banks
        for direction in (OUT, IN)
        for days in (3, 1, 2, 2)
    ]
    made.sort(key=lambda row: (row.brokerage_account_id, row.direction, row.created_at, row.pk))

    found = [row.pk for page in islice(decided.page_by_page(size=size), 2 * len(made)) for row in page]

    assert found == [row.pk for row in made]


def test_what_moved_no_money_and_what_was_made_elsewhere_is_no_intent(banks: list[ACHRelationship]) -> None:
    make.transfer(banks[0], sending="REFUSED")
    make.transfer(banks[0], status="REJECTED")
    make.transfer(banks[0], origin=Transfer.Origin.EXTERNAL, form_key=uuid.uuid4())

    assert list(decided.page_by_page()) == []
