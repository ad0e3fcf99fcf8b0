"""Whoever is shown people in a list of the desk, or by its search, leaves that in the audit before they see them.

That no list is left out, and none that shows nobody is kept, is held by tests/access/test_looks.py.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from brokerage.roles import ROLES
from funding.models import ACHRelationship
from tests import make
from tests.funding.admin.ops import AtTheDesk, person
from tests.harness.by_chance import without_chance
from tests.harness.roles_laid_down import lay_roles_down

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/application/"
TRANSFERS = "/admin/funding/transfer/"
SEARCH = "/admin/search/"
Deed = AuditEntry.Deed


@pytest.fixture
def desk() -> AtTheDesk:
    return AtTheDesk(person())


@pytest.fixture
def bank() -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def listed() -> list[dict[str, Any]]:
    return [entry.facts for entry in AuditEntry.objects.filter(deed=Deed.DESK_LISTED).order_by("number")]


def _of(*rows: Any, page: int = 1, searched: bool = False) -> dict[str, Any]:
    return {
        "of": rows[0]._meta.model_name,
        "rows": sorted(str(row.pk) for row in rows),
        "page": page,
        "searched": searched,
    }


def test_it_names_the_list_its_rows_and_that_nothing_was_searched(desk: AtTheDesk, bank: ACHRelationship) -> None:
    rows = [make.transfer(bank, "1.00"), make.transfer(bank, "2.00", direction="OUTGOING")]

    desk.read(TRANSFERS)

    entry = AuditEntry.objects.get()
    assert (entry.deed, entry.actor) == (Deed.DESK_LISTED, f"ops {desk.user.pk}")
    assert entry.facts == _of(*rows)


@pytest.mark.parametrize("words", ["ada@example.com", "okafor", "ada okafor"])
def test_a_search_is_kept_without_its_words(desk: AtTheDesk, bank: ACHRelationship, words: str) -> None:
    desk.read(f"{PEOPLE}?q={words}")

    entry = AuditEntry.objects.get()
    assert entry.facts == _of(bank.brokerage_account.application, searched=True)
    assert "ada" not in without_chance(str(vars(entry)).lower())


def test_each_page_names_its_own_rows(desk: AtTheDesk, bank: ACHRelationship) -> None:
    rows = [make.transfer(bank, f"1.{cents:02}", direction="OUTGOING", status="COMPLETE") for cents in range(51)]

    desk.read(TRANSFERS)
    desk.read(f"{TRANSFERS}?p=2")

    first, second = listed()
    assert (len(first["rows"]), first["page"]) == (50, 1)
    assert (len(second["rows"]), second["page"]) == (1, 2)
    assert {*first["rows"], *second["rows"]} == {str(row.pk) for row in rows}


def test_nobody_in_a_list_leaves_nothing(desk: AtTheDesk, bank: ACHRelationship) -> None:
    desk.read(TRANSFERS)
    desk.read(f"{PEOPLE}?q=grace@example.com")
    desk.read(f"{SEARCH}?q=grace@example.com")

    assert not AuditEntry.objects.exists()


def test_the_same_rows_are_kept_once_an_hour(desk: AtTheDesk, bank: ACHRelationship) -> None:
    make.transfer(bank)
    start = datetime(2026, 3, 2, 15, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        desk.read(TRANSFERS)
        clock.move_to(start + timedelta(minutes=59))
        desk.read(f"{TRANSFERS}?o=4")
        assert len(listed()) == 1
        clock.move_to(start + timedelta(minutes=61))
        desk.read(TRANSFERS)

    assert len(listed()) == 2


def test_a_row_more_is_another_look(desk: AtTheDesk, bank: ACHRelationship) -> None:
    first = make.transfer(bank, "1.00")
    desk.read(TRANSFERS)
    second = make.transfer(bank, "2.00", direction="OUTGOING")
    desk.read(TRANSFERS)

    assert listed() == [_of(first), _of(first, second)]


def test_somebody_else_is_another_look(desk: AtTheDesk, bank: ACHRelationship) -> None:
    make.transfer(bank)

    desk.read(TRANSFERS)
    AtTheDesk(person("other@example.com")).read(TRANSFERS)

    assert len(listed()) == 2


def test_a_second_look_writes_nothing(desk: AtTheDesk, bank: ACHRelationship) -> None:
    make.transfer(bank)
    desk.read(TRANSFERS)

    with CaptureQueriesContext(connection) as queries:
        desk.read(TRANSFERS)

    assert not [query["sql"] for query in queries if "INSERT" in query["sql"] or "audithead" in query["sql"]]


def test_more_rows_take_no_more_queries(desk: AtTheDesk, bank: ACHRelationship) -> None:
    def asked(*amounts: str) -> int:
        for amount in amounts:
            make.transfer(bank, amount, direction="OUTGOING", status="COMPLETE")
        with CaptureQueriesContext(connection) as queries:
            desk.read(TRANSFERS)
        return len(queries)

    asked("1.00")  # the first one begins the audit
    assert asked("2.00") == asked("3.00", "4.00", "5.00")


def test_the_search_of_the_desk_names_each_row_with_its_kind(desk: AtTheDesk, bank: ACHRelationship) -> None:
    account, transfer = bank.brokerage_account, make.transfer(bank)

    desk.read(f"{SEARCH}?q=ada@example.com")

    rows = [account.application, account, bank, bank.login, transfer]
    named = sorted(f"{row._meta.model_name}:{row.pk}" for row in rows)
    assert listed() == [{"of": "search", "rows": named, "page": 1, "searched": True}]


def test_a_search_that_leads_to_one_row_is_kept_as_its_page(desk: AtTheDesk, bank: ACHRelationship) -> None:
    found = desk.client.get(SEARCH, {"q": str(bank.pk)})
    desk.read(found["Location"])

    assert [entry.deed for entry in AuditEntry.objects.all()] == [Deed.DESK_OPENED]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_leaves_it(role: str, bank: ACHRelationship) -> None:
    lay_roles_down()
    clerk, application = make.user("clerk@example.com", is_staff=True), bank.brokerage_account.application
    clerk.groups.set(Group.objects.filter(name=role))

    AtTheDesk(clerk).read(PEOPLE)

    assert listed() == [_of(application)]


def test_who_may_not_see_it_leaves_nothing(bank: ACHRelationship) -> None:
    AtTheDesk(person("clerk@example.com", "view_case")).read(PEOPLE, status=403)

    assert listed() == []


@pytest.mark.parametrize("where", [PEOPLE, f"{SEARCH}?q=ada@", f"{PEOPLE}csv/"])
def test_what_cannot_be_kept_is_not_shown(desk: AtTheDesk, bank: ACHRelationship, where: str) -> None:
    desk.client.raise_request_exception = False

    def fails(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "accounts_auditentry"'):
            raise DatabaseError("the disk is full")
        return execute(sql, *rest)

    with connection.execute_wrapper(fails):
        answer = desk.client.get(where)

    assert answer.status_code == 500
    assert b"ada@example.com" not in answer.content
