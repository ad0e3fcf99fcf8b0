"""Breaks: opened once, seen again, ended as they were found; dismissed by people, two where money hangs on it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.findings import Finding
from accounts.models import BrokerageAccount, User
from funding import break_kinds
from funding.models import Break
from funding.operations import breaks
from funding.operations.breaks import Book, NotOpen, NotYours
from tests import make

pytestmark = pytest.mark.django_db
DISMISS = {"do": breaks.DISMISS}


@pytest.fixture
def account() -> BrokerageAccount:
    return make.account(make.user())


@pytest.fixture
def ops() -> list[User]:
    return [make.user(f"{name}@example.com", is_staff=True) for name in ("eve", "olu")]


def finding(account: BrokerageAccount, code: str = "OVERDUE", subject: str = "transfer 1", **more: Any) -> Finding:
    values: dict[str, Any] = {"what": "still SENT_TO_CLEARING", "ours": "a", "theirs": "b", "mended": False}
    return Finding(subject, code=code, account=account.pk, evidence={"ours": {"id": "1"}}, **(values | more))


def keep(account: BrokerageAccount, *found: Finding, unsure: tuple[str, ...] = ()) -> None:
    """Bring the account's breaks to what was found."""
    Book([account.pk], break_kinds.KINDS).keep(account.pk, found, unsure=unsure)


def opened(account: BrokerageAccount, **more: Any) -> Break:
    keep(account, finding(account, **more))
    return Break.objects.get(ended_at=None)


def history(row: Break) -> list[tuple[str, str]]:
    return list(row.events.order_by("at", "id").values_list("field", "after"))


# --- As they are found ------------------------------------------------------------------------------------------------


def test_one_is_opened_once_with_what_was_held_side_by_side(account: BrokerageAccount) -> None:
    keep(account, finding(account))
    keep(account, finding(account))

    row = Break.objects.get()
    assert (row.kind, row.state, row.subject, row.ours, row.theirs) == ("OVERDUE", "OPEN", "transfer 1", "a", "b")
    assert row.evidence == {"ours": {"id": "1"}}
    assert history(row) == [("state", "OPEN")]


def test_one_that_is_seen_again_says_when(account: BrokerageAccount) -> None:
    row = opened(account)

    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        keep(account, finding(account))
        row.refresh_from_db()
        assert row.last_seen_at == timezone.now()

    assert row.last_seen_at - row.first_seen_at >= timedelta(minutes=59)


def test_one_that_looks_otherwise_stays_one_and_says_so(account: BrokerageAccount) -> None:
    row = opened(account)

    keep(account, finding(account, theirs="c"))

    row.refresh_from_db()
    assert (Break.objects.count(), row.theirs, row.state) == (1, "c", "OPEN")
    assert history(row) == [("state", "OPEN"), ("seen", "")]


def test_one_that_is_found_no_more_is_gone(account: BrokerageAccount) -> None:
    row = opened(account)

    keep(account)

    row.refresh_from_db()
    assert (row.state, row.is_open) == ("GONE", False)
    assert history(row) == [("state", "OPEN"), ("state", "GONE")]


@pytest.mark.parametrize("unsure", [("OVERDUE",), tuple(break_kinds.KINDS)], ids=["its kind", "all"])
def test_what_could_not_be_looked_for_is_not_gone(account: BrokerageAccount, unsure: tuple[str, ...]) -> None:
    row = opened(account)

    keep(account, unsure=unsure)

    row.refresh_from_db()
    assert row.is_open


def test_one_that_comes_back_is_another_row(account: BrokerageAccount) -> None:
    opened(account)
    keep(account)

    keep(account, finding(account))

    assert sorted(Break.objects.values_list("state", flat=True)) == ["GONE", "OPEN"]


def test_what_was_mended_is_kept_as_healed(account: BrokerageAccount) -> None:
    keep(account, finding(account, code="STATUS_BEHIND", mended=True))

    row = Break.objects.get()
    assert (row.state, row.is_open) == ("HEALED", False)
    assert history(row) == [("state", "OPEN"), ("state", "HEALED")]


def test_one_that_stood_and_is_mended_is_healed(account: BrokerageAccount) -> None:
    row = opened(account)

    keep(account, finding(account, mended=True))

    row.refresh_from_db()
    assert (Break.objects.count(), row.state) == (1, "HEALED")


def test_two_findings_of_one_kind_about_one_thing_are_one_break(account: BrokerageAccount) -> None:
    keep(account, finding(account, what="one", mended=True), finding(account, what="other"))

    row = Break.objects.get()
    assert (row.what, row.state) == ("one; other", "OPEN")


def test_a_kind_that_nobody_knows_is_no_break(account: BrokerageAccount) -> None:
    keep(account, finding(account, code="TELEPORTED"))

    assert not Break.objects.exists()


def test_breaks_of_other_accounts_and_areas_are_left_alone(account: BrokerageAccount) -> None:
    row = opened(account)
    other = make.account(make.user("bo@example.com"))

    Book([other.pk], break_kinds.KINDS).keep(other.pk, [])
    Book([account.pk], break_kinds.codes(break_kinds.CASH)).keep(account.pk, [])
    Book([None], break_kinds.KINDS).keep(None, [])

    row.refresh_from_db()
    assert row.is_open


def test_what_is_of_no_account_is_kept_too() -> None:
    found = Finding("cash 1", "CSD on an account that we do not hold", mended=False, code="CASH_UNKNOWN_ACCOUNT")

    for _ in range(2):
        Book([None], break_kinds.KINDS).keep(None, [found])

    assert Break.objects.get().brokerage_account is None
    Book([None], break_kinds.KINDS).keep(None, [])
    assert Break.objects.get().state == "GONE"


# --- Dismissed --------------------------------------------------------------------------------------------------------


def test_one_that_was_dismissed_stays_so_while_it_is_the_same(account: BrokerageAccount, ops: list[User]) -> None:
    row = opened(account)
    assert breaks.propose(row=row, person=ops[0], because="the bank says so", proposal=DISMISS)

    keep(account, finding(account))

    row.refresh_from_db()
    assert (Break.objects.count(), row.state, row.decided_by) == (1, "DISMISSED", ops[0])


@pytest.mark.parametrize("changed", [{"theirs": "c"}, {"ours": "c"}, {"what": "c"}], ids=str)
def test_one_that_was_dismissed_is_opened_anew_when_it_looks_otherwise(
    account: BrokerageAccount, ops: list[User], changed: dict[str, str]
) -> None:
    breaks.propose(row=opened(account), person=ops[0], because="the bank says so", proposal=DISMISS)

    keep(account, finding(account, **changed))

    assert sorted(Break.objects.values_list("state", flat=True)) == ["DISMISSED", "OPEN"]


def test_where_money_hangs_on_it_another_person_agrees(account: BrokerageAccount, ops: list[User]) -> None:
    row = opened(account, code="TWIN")
    assert not breaks.propose(row=row, person=ops[0], because="paid back", proposal=DISMISS)

    with pytest.raises(NotYours):
        breaks.agree(row=row, person=ops[0], because="I say so")
    row.refresh_from_db()
    assert (row.state, row.is_open) == ("ASKED", True)

    assert breaks.agree(row=row, person=ops[1], because="seen it") == DISMISS

    row.refresh_from_db()
    assert (row.state, row.asked_by, row.decided_by) == ("DISMISSED", *ops)
    assert [after for _, after in history(row)] == ["OPEN", "ASKED", "DISMISSED"]


def test_who_asked_may_be_refused_and_it_is_open_again(account: BrokerageAccount, ops: list[User]) -> None:
    row = opened(account, code="TWIN")
    breaks.propose(row=row, person=ops[0], because="paid back", proposal=DISMISS)

    breaks.decline(row=row, person=ops[1], because="it was not")

    row.refresh_from_db()
    assert (row.state, row.asked_by, row.proposal) == ("OPEN", None, {})
    assert not breaks.propose(row=row, person=ops[1], because="it was", proposal=DISMISS)
    assert breaks.agree(row=row, person=ops[0], because="now it is")


@pytest.mark.parametrize("found", [True, False], ids=["seen again", "gone"])
def test_one_that_waits_for_the_second_person_goes_on_being_looked_for(
    account: BrokerageAccount, ops: list[User], found: bool
) -> None:
    row = opened(account, code="TWIN")
    breaks.propose(row=row, person=ops[0], because="paid back", proposal=DISMISS)

    keep(account, *([finding(account, code="TWIN")] if found else []))

    row.refresh_from_db()
    assert row.state == ("ASKED" if found else "GONE")


def test_what_has_ended_is_not_decided(account: BrokerageAccount, ops: list[User]) -> None:
    row = opened(account, code="TWIN")
    with pytest.raises(NotOpen):
        breaks.agree(row=row, person=ops[1], because="nobody asked")
    with pytest.raises(NotOpen):
        breaks.decline(row=row, person=ops[1], because="nobody asked")
    keep(account)

    for decide in (breaks.agree, breaks.decline):
        with pytest.raises(NotOpen):
            decide(row=row, person=ops[1], because="late")
    with pytest.raises(NotOpen):
        breaks.propose(row=row, person=ops[0], because="late", proposal=DISMISS)
    with pytest.raises(NotOpen):
        breaks.assign(row=row, person=ops[0], to=ops[1])


def test_one_is_given_to_a_person_and_taken_back(account: BrokerageAccount, ops: list[User]) -> None:
    row = opened(account)

    breaks.assign(row=row, person=ops[0], to=ops[1])
    breaks.assign(row=row, person=ops[0], to=None)

    row.refresh_from_db()
    assert row.owner is None
    assert [after for field, after in history(row) if field == "owner"] == [str(ops[1].pk), ""]


# --- What the database refuses ----------------------------------------------------------------------------------------


def a_break(**more: Any) -> Break:
    return Break.objects.create(**({"kind": "TWIN", "subject": str(uuid.uuid4())} | more))


def test_the_database_refuses_two_open_ones_of_a_kind_and_a_subject() -> None:
    a_break(subject="transfer 1", ended_at=timezone.now())
    a_break(subject="transfer 1")

    with pytest.raises(IntegrityError), transaction.atomic():
        a_break(subject="transfer 1")


def test_the_database_refuses_one_that_nobody_dismissed() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        a_break(state="DISMISSED", ended_at=timezone.now())


def test_the_database_refuses_one_person_in_both_parts(ops: list[User]) -> None:
    row = a_break(asked_by=ops[0])

    with pytest.raises(IntegrityError), transaction.atomic():
        Break.objects.filter(pk=row.pk).update(state="DISMISSED", decided_by=ops[0])
    Break.objects.filter(pk=row.pk).update(state="DISMISSED", decided_by=ops[1])


def test_every_kind_says_who_sees_to_it_and_what_heals_it() -> None:
    for kind in break_kinds.KINDS.values():
        assert kind.area in break_kinds.AREAS
        assert len(kind.code) <= 20
        assert not (kind.by_itself and kind.two_persons)
        assert kind.title
        assert kind.heals
