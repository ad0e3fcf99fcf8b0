"""What the broker holds, and a request of ours may be, although we call that one never made: a person has to look."""

from datetime import timedelta

import pytest
from django.utils import timezone

from brokerage.gateways import broker
from funding import states
from funding.models import Break, Lookup, ReconciliationRun, Transfer
from funding.operations import reconciliation, resolving
from funding.operations.breaks import Book
from tests import make
from tests.funding import books
from tests.funding.standing import Clocks, Customer, fault, in_doubt, lost, open_customer, read_anew
from tests.harness.sandbox import Sandbox


@pytest.fixture
def ada(clocks: Clocks, sandbox: Sandbox, db: None) -> Customer:
    return open_customer(sandbox)


@pytest.mark.parametrize("sending", [states.NOT_CREATED, states.NOT_SENT, states.REFUSED])
def test_one_that_appears_after_all_is_a_break_for_two_persons(ada: Customer, sending: str) -> None:
    never = in_doubt(ada.relationship, sending, amount="50.00")
    Transfer.objects.filter(pk=never.pk).update(alpaca_id=None, status="")
    theirs = ada.made_elsewhere("50.00")

    for _ in range(2):  # also once it has been taken in
        books.compare()

        found = Break.objects.get(ended_at=None)
        assert (found.kind, found.subject) == ("THERE_AFTER_ALL", f"the broker's transfer {theirs}")
        assert found.transfer_id == never.pk
        assert found.about.two_persons
    assert Transfer.objects.get(alpaca_id=theirs).origin == Transfer.Origin.EXTERNAL


def test_one_that_was_made_much_later_is_another_one(ada: Customer, clocks: Clocks) -> None:
    in_doubt(ada.relationship, states.REFUSED, amount="50.00", alpaca_id=None)
    clocks.advance(minutes=11)
    ada.made_elsewhere("50.00")

    books.compare()

    assert not Break.objects.filter(ended_at=None).exists()


def test_what_a_list_has_shown_once_is_not_certified_away(ada: Customer, clocks: Clocks) -> None:
    """The first look found it, and its finder died; later lists lack it."""
    doubtful = lost(ada, "50.00", kind="drop_before_commit")
    Lookup.objects.create(transfer=doubtful, complete=True, candidates=["seen-once"])
    make.stream_read("funding/status", timezone.now() + timedelta(hours=2), since=timezone.now() - timedelta(hours=1))
    for _ in range(7):
        clocks.advance(minutes=12)
        resolving.resolve(transfer=read_anew(doubtful))

    assert read_anew(doubtful).sending == states.REVIEW


def test_a_list_with_a_row_that_is_no_transfer_proves_nothing(ada: Customer, sandbox: Sandbox) -> None:
    doubtful = lost(ada, "50.00", kind="drop_before_commit")
    ada.made_elsewhere("7.00")
    fault(sandbox, "patch_after_commit", "GET /broker/v1/accounts/*/transfers", drop=["id"])

    resolving.resolve(transfer=doubtful)

    assert [look.complete for look in doubtful.lookups.all()] == [False]


# --- News during a run ------------------------------------------------------------------------------------------------


def test_what_the_news_tells_while_a_run_goes_on_is_no_break(ada: Customer, sandbox: Sandbox) -> None:
    """The rows were read before the stream moved them; the list was read after."""
    moved = ada.move("50.00")
    ours = reconciliation.ours_of([ada.account])
    sandbox.post(f"/control/transfers/{moved.alpaca_id}", action="settle")
    list(reconciliation.reconcile_account(account=ada.account))  # as the stream would
    fresh = ada.move("7.00")

    listed = broker.list_transfers(ada.account.alpaca_id)
    from_old = reconciliation.compare(ada.account, ours, listed, began_at=timezone.now(), dry_run=False)

    assert list(from_old) == []
    assert read_anew(fresh).origin == Transfer.Origin.CUSTOMER


def test_one_that_is_being_sent_at_this_moment_is_left_alone(ada: Customer) -> None:
    sending = in_doubt(ada.relationship, states.SENDING, amount="50.00")
    Transfer.objects.filter(pk=sending.pk).update(alpaca_id=None, status="")
    ada.made_elsewhere("50.00")

    assert books.compare() == []
    assert read_anew(sending).sending == states.SENDING


def test_an_account_on_which_our_own_code_fails_holds_up_no_other(ada: Customer, sandbox: Sandbox) -> None:
    other = open_customer(sandbox, "bo@example.com")
    rows = [customer.move("50.00") for customer in (ada, other)]
    for row in rows:
        sandbox.post(f"/control/transfers/{row.alpaca_id}", action="settle")
    poison = {"requested_amount": "9" * 30, "amount": "9" * 30, "id": "y" * 200}
    fault(sandbox, "patch_after_commit", f"GET /broker/v1/accounts/{ada.account.alpaca_id}/transfers", patch=poison)

    books.compare()

    assert read_anew(rows[1]).status == states.COMPLETE
    assert ReconciliationRun.objects.get().finished_at


def test_a_break_that_another_has_opened_meanwhile_is_that_one(ada: Customer) -> None:
    transfer = make.transfer(ada.relationship)
    first, second = (Book([ada.account.pk], ["NOT_LISTED"]) for _ in range(2))
    found = list(reconciliation.compare(ada.account, [transfer], [], began_at=timezone.now(), dry_run=False))

    for book in (first, second):
        book.keep(ada.account.pk, found)

    assert Break.objects.count() == 1
