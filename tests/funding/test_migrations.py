"""What stands in a database from before is taken along, and back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import BrokerageAccount
from funding import states
from funding.models import Break, BreakEvent, Transfer
from tests import make

FIRST = ("funding", "0001_initial")
BEFORE_SUBJECTS = ("funding", "0011_closing_may_be_there")  # one open break of a kind for an account, and no history


def migrate_back(before: tuple[str, str] = FIRST) -> Any:
    """Undo what came since, and return the models of then."""
    MigrationExecutor(connection).migrate([before])
    return MigrationExecutor(connection).loader.project_state([before]).apps


def migrate_forward() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.fixture
def newest_afterwards(transactional_db: None) -> Iterator[None]:
    yield
    migrate_forward()


@pytest.mark.slow
def test_a_deposit_from_before_keeps_its_authorization_back_and_forth(newest_afterwards: None) -> None:
    bank = make.relationship(make.account(make.user()))
    deposit = make.transfer(bank, "50.00")
    withdrawal = make.transfer(bank, "20.00", direction=states.OUTGOING)
    words = Transfer.objects.get(pk=deposit.pk).authorization

    old = migrate_back().get_model("funding", "DebitAuthorization").objects.get()
    migrate_forward()

    assert words is not None
    assert (old.pk, old.transfer_id, old.text) == (words.pk, deposit.pk, words.text)
    again = Transfer.objects.get(pk=deposit.pk)
    assert again.authorization == words
    assert again.authorization is not None
    assert (again.authorization.amount, again.authorization.relationship) == (deposit.amount, bank)
    assert again.leaves_on == deposit.leaves_on
    assert again.cleared_by is not None
    assert again.cleared_by.reasons == ["asked for before there was a risk gate"]
    assert Transfer.objects.get(pk=withdrawal.pk).authorization is None


def a_break(kind: str, subject: str, *, hours: int, of: BrokerageAccount | None, **more: Any) -> Break:
    """Make a break that was first seen so many hours ago, and the first line of its history."""
    seen_at = timezone.now() - timedelta(hours=hours)
    made = Break.objects.create(kind=kind, subject=subject, brokerage_account=of, first_seen_at=seen_at, **more)
    BreakEvent.objects.create(row=made, actor="a run", field="state", after=made.state)
    return made


@pytest.mark.slow
def test_breaks_that_the_older_tables_have_no_place_for_go_and_the_others_stay_back_and_forth(
    newest_afterwards: None,
) -> None:
    ada, bo, now = make.account(make.user()), make.account(make.user("bo@example.com")), timezone.now()
    first = a_break("CASH_MISSING", "transfer 1", hours=9, of=ada, ours="5.00", theirs="none")
    second = a_break("CASH_MISSING", "transfer 2", hours=8, of=ada)
    another_kind = a_break("OVERDUE", "transfer 1", hours=7, of=ada)
    another_account = a_break("CASH_MISSING", "transfer 3", hours=6, of=bo)
    healed = [a_break("CASH_MISSING", "transfer 4", hours=n, of=ada, state="HEALED", ended_at=now) for n in (5, 10)]
    dismissed = a_break("OVERDUE", "transfer 5", hours=4, of=ada, state="DISMISSED", ended_at=now, decided_by=ada.user)
    of_none = [
        a_break("ACCOUNT_UNKNOWN", "the broker's account 1", hours=3, of=None),
        a_break("ACCOUNT_UNKNOWN", "the broker's account 2", hours=3, of=None, state="GONE", ended_at=now),
    ]
    stay = {each.pk for each in (first, another_kind, another_account, *healed, dismissed)}

    old = migrate_back(BEFORE_SUBJECTS).get_model("funding", "Break").objects

    assert {row.pk for row in old.all()} == stay
    assert not {second.pk, *(each.pk for each in of_none)} & stay
    kept = old.get(pk=first.pk)
    assert (kept.kind, kept.ours, kept.theirs, kept.ended_at) == ("CASH_MISSING", "5.00", "none", None)
    assert kept.first_seen_at == first.first_seen_at

    migrate_forward()

    rows = {row.pk: row for row in Break.objects.all()}
    assert rows.keys() == stay
    assert {row.state for row in rows.values() if row.ended_at is None} == {Break.OPEN}
    assert {row.state for row in rows.values() if row.ended_at} == {Break.GONE}
    assert rows[first.pk].subject == f"brokerage account {ada.pk}"
    assert rows[another_account.pk].subject == f"brokerage account {bo.pk}"
    assert rows[first.pk].about.title
    assert not BreakEvent.objects.exists()


@pytest.mark.slow
def test_one_step_back_takes_the_histories_of_the_breaks_that_go_and_no_other(newest_afterwards: None) -> None:
    ada = make.account(make.user())
    stays, goes = (a_break("CASH_MISSING", f"transfer {n}", hours=9 - n, of=ada) for n in (1, 2))

    apps = migrate_back(("funding", "0012_reconciliation"))

    events = apps.get_model("funding", "BreakEvent").objects
    assert [event.row_id for event in events.all()] == [stays.pk]
    migrate_forward()
    assert Break.objects.get().subject == stays.subject == "transfer 1"
    assert not Break.objects.filter(pk=goes.pk).exists()
    assert BreakEvent.objects.get().row_id == stays.pk
