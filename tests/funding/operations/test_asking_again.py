"""A break looked at again while a person waits: little is read, nothing is concluded from what was not, and it ends."""

import pytest
from django.utils import timezone

from accounts.models import User
from brokerage import stopping
from funding import states
from funding.models import Break, CashActivity, ReconciliationRun, Transfer
from funding.operations import asking_again
from tests import make
from tests.funding import books
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.books import settle
from tests.funding.standing import Clocks, Customer, open_customer, read_anew
from tests.harness.sandbox import Sandbox


@pytest.fixture
def ada(clocks: Clocks, sandbox: Sandbox, db: None) -> Customer:
    return open_customer(sandbox)


@pytest.fixture
def ops(db: None) -> User:
    return make.user("ops@example.com", is_staff=True)


def book(of: Customer, amount: str) -> None:
    """Let the broker book cash for nothing."""
    of.sandbox.post("/control/balances", account_id=of.account.alpaca_id, amount=amount)


def unexplained(of: Customer, clocks: Clocks) -> Break:
    """Return the break of a row of cash that was booked for nothing."""
    book(of, "9.00")
    clocks.advance(hours=2)
    books.compare("cash")
    return Break.objects.get(ended_at=None)


def asked() -> ReconciliationRun:
    return ReconciliationRun.objects.filter(area="cash", scope__startswith="account").latest("began_at")


# --- What is read -----------------------------------------------------------------------------------------------------


def test_of_an_old_account_only_the_days_about_the_break_are_read(
    ada: Customer, ops: User, sandbox: Sandbox, clocks: Clocks
) -> None:
    old = [settle(ada, clocks, amount) for amount in ("20.00", "30.00", "40.00")]
    books.compare("cash")
    clocks.advance(days=60)
    found = unexplained(ada, clocks)
    clocks.advance(days=30)

    came = asking_again.ask_again(row=found, person=ops)

    assert (came.is_open, came.seen, came.changed, came.others) == (True, True, False, 0)
    assert asked().rows == 1 + len(old) + CashActivity.objects.count()  # what was read, and what was matched
    assert CashActivity.objects.filter(transfer__in=old, role="BOOKING").count() == 3
    assert Break.objects.get(ended_at=None) == found


def test_what_the_break_is_about_is_read_however_long_ago_it_was(
    ada: Customer, ops: User, sandbox: Sandbox, clocks: Clocks
) -> None:
    """The row of a settling of long ago was missing in our books: it is read from its days on, not from the break's."""
    transfer = settle(ada, clocks)
    for _ in range(2):
        books.compare("cash")
        clocks.advance(days=30)
    CashActivity.objects.all().delete()
    books.compare("cash")
    found = Break.objects.get(kind="CASH_MISSING")
    clocks.advance(days=30)

    came = asking_again.ask_again(row=found, person=ops)

    assert (came.state, came.others) == (Break.GONE, 0)
    assert CashActivity.objects.get().transfer == transfer


def test_where_no_run_has_read_it_all_all_is_read(ada: Customer, ops: User, sandbox: Sandbox, clocks: Clocks) -> None:
    """What settled long before would look as if its cash were missing."""
    settle(ada, clocks)
    clocks.advance(days=60)
    book(ada, "9.00")
    clocks.advance(hours=2)
    account, now = ada.account, timezone.now()
    found = Break.objects.create(kind="CASH_UNEXPLAINED", subject="x", brokerage_account=account, first_seen_at=now)

    came = asking_again.ask_again(row=found, person=ops)

    assert (came.state, came.others) == (Break.GONE, 1)
    assert Break.objects.get(ended_at=None).kind == "CASH_UNEXPLAINED"
    assert CashActivity.objects.count() == 2


# --- How long it takes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [0, 1])
def test_one_that_takes_too_long_concludes_nothing(
    ada: Customer, ops: User, sandbox: Sandbox, clocks: Clocks, pieces: int
) -> None:
    """It is stopped before the first page of cash, or behind it."""
    found = unexplained(ada, clocks)
    for cents in range(1, 103):
        book(ada, f"{10 + cents}.00")
    clocks.advance(hours=2)
    left = iter([True] * pieces)

    with stopping.turn(lambda: next(left, False)), pytest.raises(asking_again.TookTooLong):
        asking_again.ask_again(row=found, person=ops)

    assert CashActivity.objects.count() == (100 if pieces else 1)
    assert read_anew(found).last_seen_at == found.last_seen_at
    assert (Break.objects.count(), found.events.count()) == (1, 1)
    assert asked().finished_at is None
    came = asking_again.ask_again(row=found, person=ops)
    assert (came.seen, came.others, CashActivity.objects.count()) == (True, 102, 103)


def test_one_whose_time_is_over_when_all_is_compared_has_come_to_an_end(
    ada: Customer, ops: User, clocks: Clocks
) -> None:
    found = unexplained(ada, clocks)
    clocks.advance(hours=2)
    left = iter([True] * 3)  # a page, the end of the list, the account

    with stopping.turn(lambda: next(left, False)):
        came = asking_again.ask_again(row=found, person=ops)

    assert (came.is_open, came.seen) == (True, True)


@pytest.mark.parametrize("area", ["cash", "transfers"])
def test_the_desk_says_that_it_took_too_long(
    ada: Customer, clocks: Clocks, area: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = unexplained(ada, clocks)
    if area == "transfers":
        Transfer.objects.filter(pk=ada.move("50.00").pk).update(direction=states.OUTGOING)
        books.compare()
        found = Break.objects.get(kind="DIRECTION_DIFFERS")
    desk = AtTheDesk(person("first@example.com", "view_break", "change_break"))
    monkeypatch.setattr(asking_again, "AT_MOST", 0)

    said = desk.press(page(found, "again"))

    assert "nothing was concluded, and the break stands as it was" in said
    assert read_anew(found).last_seen_at == found.last_seen_at
    clocks.advance(seconds=1)
    monkeypatch.setattr(asking_again, "AT_MOST", 20)
    assert "still there, as it was" in desk.press(page(found, "again"))
