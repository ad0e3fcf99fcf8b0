"""Breaks while people and runs look at them at once: whoever was faster is not undone."""

import pytest

from accounts.findings import Finding
from accounts.models import User
from funding.models import ACHRelationship, Break
from funding.operations import breaks
from tests import make
from tests.funding.standing import read_anew


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


@pytest.fixture
def ops(db: None) -> User:
    return make.user("ops@example.com", is_staff=True)


def overdue(bank: ACHRelationship) -> tuple[Break, breaks.Book]:
    """Make an open break, and what a run has read of it."""
    account = bank.brokerage_account
    found = Break.objects.create(kind="OVERDUE", subject="transfer x", brokerage_account=account, likeness="before")
    return found, breaks.Book([account.pk], ["OVERDUE"])


def finding(bank: ACHRelationship) -> Finding:
    account = bank.brokerage_account_id
    return Finding("transfer x", "still PENDING", mended=False, code="OVERDUE", account=account)


@pytest.mark.parametrize("there", [True, False], ids=["found again", "gone"])
def test_what_a_person_ended_while_a_run_went_on_stays_as_they_left_it(
    bank: ACHRelationship, ops: User, there: bool
) -> None:
    found, book = overdue(bank)
    breaks.propose(row=found, person=ops, because="they told me", proposal={"do": breaks.DISMISS})
    before = read_anew(found).last_seen_at

    book.keep(bank.brokerage_account_id, [finding(bank)] if there else [])

    assert (read_anew(found).state, found.likeness, found.last_seen_at) == (Break.DISMISSED, "before", before)
    assert not found.events.filter(field="seen").exists()
    assert found.events.filter(field="state").count() == 1


def test_who_looks_at_it_is_kept_with_the_reason(bank: ACHRelationship, ops: User) -> None:
    found, _ = overdue(bank)

    breaks.assign(row=found, person=ops, to=ops, because="I look into it")

    [event] = found.events.all()
    assert (event.field, event.after, event.because) == ("owner", str(ops.pk), "I look into it")
    breaks.propose(row=found, person=ops, because="fine", proposal={"do": breaks.DISMISS})
    with pytest.raises(breaks.NotOpen):
        breaks.assign(row=found, person=ops, to=None)
