"""Whoever opens a page about somebody at the desk leaves that in the audit, with ids alone: once an hour."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from brokerage.roles import ROLES
from funding.models import ACHRelationship, Brake
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.harness.roles_laid_down import lay_roles_down

pytestmark = pytest.mark.django_db

OPENED = AuditEntry.Deed.DESK_OPENED
# What the desk shows that is about nobody, or names no person.
ABOUT_NOBODY = {
    "accounts.AuditEntry",
    "accounts.StreamCursor",
    "accounts.PurgeRecord",
    "auth.Group",
    "funding.ReconciliationRun",
    "funding.DailyClose",
    "funding.Brake",
    "funding.Worker",
    "funding.Schedule",
}
# How each of the others leads to its person.
WAYS = {"user", "brokerage_account", "account", "item", "transfer", "person"}
OWN_WAY = {"accounts.StreamEvent"}  # by the broker's id of the account


@pytest.fixture
def desk() -> AtTheDesk:
    return AtTheDesk(person())


@pytest.fixture
def bank() -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def opened() -> list[tuple[str, str, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(deed=OPENED).order_by("number")
    return [(entry.actor, entry.about, entry.facts) for entry in entries]


def test_each_kind_of_page_about_somebody_is_kept(desk: AtTheDesk, bank: ACHRelationship) -> None:
    account = bank.brokerage_account
    rows: list[Any] = [account.application, account, account.user, bank, bank.item, make.transfer(bank)]

    for row in rows:
        desk.read(page(row))

    assert opened() == [(f"ops {desk.user.pk}", f"{row._meta.model_name} {row.pk}", {}) for row in rows]


def test_every_other_desk_is_about_nobody() -> None:
    shown = {model._meta.label: {field.name for field in model._meta.fields} for model in admin.site._registry}
    somebodys = {label for label, fields in shown.items() if fields & WAYS} | OWN_WAY | {"accounts.User"}

    assert set(shown) - somebodys == ABOUT_NOBODY


def test_it_is_kept_once_an_hour(desk: AtTheDesk, bank: ACHRelationship) -> None:
    start = datetime(2026, 3, 2, 15, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        desk.read(page(bank))
        clock.move_to(start + timedelta(minutes=59))
        desk.read(page(bank))
        assert len(opened()) == 1
        clock.move_to(start + timedelta(minutes=61))
        desk.read(page(bank))

    assert len(opened()) == 2


def test_another_person_of_ops_and_another_row_are_other_entries(desk: AtTheDesk, bank: ACHRelationship) -> None:
    other = AtTheDesk(person("other@example.com"))

    desk.read(page(bank))
    other.read(page(bank))
    other.read(page(bank.brokerage_account))

    assert [about for _, about, _ in opened()] == [
        f"achrelationship {bank.pk}",
        f"achrelationship {bank.pk}",
        f"brokerageaccount {bank.brokerage_account.pk}",
    ]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_leaves_it(role: str, bank: ACHRelationship) -> None:
    lay_roles_down()
    clerk, application = make.user("clerk@example.com", is_staff=True), bank.brokerage_account.application
    clerk.groups.set(Group.objects.filter(name=role))

    AtTheDesk(clerk).read(page(application))

    assert opened() == [(f"ops {clerk.pk}", f"application {application.pk}", {})]


def test_who_may_not_see_it_leaves_nothing(bank: ACHRelationship) -> None:
    clerk = AtTheDesk(person("clerk@example.com", "view_case"))

    clerk.read(page(bank), status=403)

    assert opened() == []


def test_a_row_that_is_not_there_leaves_nothing(desk: AtTheDesk, bank: ACHRelationship) -> None:
    bank.pk = make.user("other@example.com").pk

    assert desk.client.get(page(bank)).status_code == 302

    assert opened() == []


def test_what_is_nobodys_leaves_nothing(desk: AtTheDesk) -> None:
    brake = Brake.objects.create(rate="unauthorized", returned=3, debits=200)

    desk.read(page(brake))

    assert opened() == []


def test_a_second_look_writes_nothing(desk: AtTheDesk, bank: ACHRelationship) -> None:
    desk.read(page(bank))

    with CaptureQueriesContext(connection) as queries:
        desk.read(page(bank))

    assert not [query["sql"] for query in queries if "INSERT" in query["sql"] or "audithead" in query["sql"]]


def test_the_form_of_a_deed_is_a_look_at_its_row(desk: AtTheDesk, bank: ACHRelationship) -> None:
    account = bank.brokerage_account

    desk.read(page(account.application, "note"))
    desk.read(f"/admin/funding/freeze/{account.pk}/freeze/")
    desk.read(page(bank, "stop"))

    assert [about for _, about, _ in opened()] == [
        f"application {account.application_id}",
        f"brokerageaccount {account.pk}",
        f"achrelationship {bank.pk}",
    ]


def test_the_form_and_the_page_of_a_row_are_one_look(desk: AtTheDesk, bank: ACHRelationship) -> None:
    desk.read(page(bank, "stop"))
    desk.read(page(bank))
    desk.read(page(bank, "history"))

    assert [about for _, about, _ in opened()] == [f"achrelationship {bank.pk}"]


def test_a_password_that_is_set_for_somebody_names_them(desk: AtTheDesk) -> None:
    other = make.user("other@ops.example", is_staff=True)

    desk.read(f"/admin/accounts/user/{other.pk}/password/")

    assert [about for _, about, _ in opened()] == [f"user {other.pk}"]
