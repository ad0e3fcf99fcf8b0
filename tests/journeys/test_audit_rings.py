"""Many who write about one account, and in the audit: nobody waits in a ring, so that nothing is aborted.

A ring is first shown where an entry is written too early, and then crowds write again and again without one. PostgreSQL
ends a ring after a second, by aborting one of those who stand in it.
"""

import os
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import Any, cast

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from accounts import states
from accounts.models import Application, AuditEntry, BrokerageAccount, EmailChange, Session, User
from accounts.operations import audit, email_change, new_passwords, revealing, sign_in_stops, sign_ins
from accounts.operations.audit import Deed
from funding.operations import endings, transfers
from tests import make
from tests.funding.standing import IN, Customer, at_once, read_anew
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually, somebody_waits_for_a_lock

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

REPEATS = int(os.environ.get("RACE_REPEATS", "20"))
OTHER = "correct-horse-9-staple"
TRIES = 20  # until a ring that nothing prevents is seen; mostly the first one is
# What one of two rightly says when the other was first.
REFUSALS = (
    endings.TransfersUnderWay,
    endings.NotLinked,
    transfers.RelationshipNotUsable,
)
Job = Callable[[], Any]


def somebody() -> Customer:
    """Make somebody new with an account and a bank that the broker need not know of."""
    account = make.account(make.user(f"{uuid.uuid4()}@example.com"))
    return Customer(account.user, account, make.relationship(account), cast(Sandbox, None))


def refusable(job: Job) -> Job:
    def done() -> None:
        with suppress(*REFUSALS):
            job()

    return done


@pytest.fixture
def ops() -> User:
    return make.user("ops@example.com", is_staff=True)


def reveal(ada: Customer, ops: User) -> None:
    """Write a row that points at the person, and an entry."""
    application = Application.objects.get(user=ada.user)
    revealing.reveal(application=application, field="phone", because="x", person=ops, ip_address="192.0.2.7")


def deposit(ada: Customer) -> Job:
    """Return what asks for a deposit on a page that was shown before, so that it is as quick as others."""
    ask = partial(transfers.request_transfer, user=ada.user, account=ada.account, direction=IN, visit=make.VISIT)
    key, agreed_to = transfers.form_key(user=ada.user, direction=IN), ada.agreed_to("50.00")
    return refusable(partial(ask, amount=Decimal("50.00"), form_key=key, agreed_to=agreed_to))


def unlink(ada: Customer) -> None:
    endings.ask_to_unlink(relationship=read_anew(ada.relationship), actor="a test")


def to_another_address(ada: Customer) -> Job:
    """Have a change confirmed, and return what carries it out here, as once the broker has accepted it."""
    change = EmailChange.objects.create(
        user=ada.user,
        old_email=ada.user.email,
        new_email=f"new-{ada.user.email}",
        ip_address=make.VISIT.ip_address,
        status=states.CONFIRMED,
    )
    BrokerageAccount.objects.filter(pk=ada.account.pk).update(status=states.REJECTED)
    return lambda: email_change.carry_out(change=change, sender="a test")


def all_at_once(*jobs: Job) -> list[Any]:
    came = at_once(*jobs)
    assert len(came) == len(jobs), "one of them waits still"
    return came


def aborted(came: list[Any]) -> list[Any]:
    faults = [each for each in came if isinstance(each, Exception)]
    assert all(isinstance(each, OperationalError) and "deadlock" in str(each) for each in faults), faults
    return faults


def early(job: Job) -> Job:
    """Return what writes an entry before it does the rest, in one transaction."""

    def done() -> None:
        with transaction.atomic():
            audit.command("early")
            job()

    return done


def told() -> set[str]:
    """Return what the audit tells of, whose numbers have no gap."""
    entries = list(AuditEntry.objects.order_by("number"))
    assert [each.number for each in entries] == list(range(1, len(entries) + 1))
    return {each.deed for each in entries}


def lock(ada: Customer) -> None:
    BrokerageAccount.objects.select_for_update().get(pk=ada.account.pk)


def test_an_entry_before_the_account_makes_a_ring(audit_comes_last: list[str]) -> None:
    for _ in range(TRIES):
        ada = somebody()
        came = all_at_once(partial(ada.ask, "50.00"), early(partial(lock, ada)))
        if aborted(came):
            break
    else:
        pytest.fail("no ring was seen")

    assert audit_comes_last.pop().startswith("LOCK accounts_brokerageaccount")
    audit_comes_last.clear()


def test_a_crowd_about_one_account_comes_through(ops: User) -> None:
    for turn in range(REPEATS):
        ada = somebody()
        came = all_at_once(
            *[deposit(ada)] * 3,
            *[refusable(partial(unlink, ada))] * (turn % 2),
            partial(new_passwords.change, user=ada.user, password=OTHER),
            partial(reveal, ada, ops),
        )
        assert not aborted(came)
    assert told() >= {Deed.TRANSFER_ASKED, Deed.PASSWORD_CHANGED, Deed.FIELD_REVEALED}


def test_a_crowd_about_one_person_comes_through(ops: User) -> None:
    for turn in range(REPEATS):
        ada = somebody()
        came = all_at_once(
            to_another_address(ada),
            *[partial(reveal, ada, ops)] * 3,
            partial(new_passwords.change, user=ada.user, password=OTHER),
            partial(sign_ins.end_all, user=ada.user),
            *[partial(sign_in_stops.stop, about=ada.user, because="x", person=ops)] * (turn % 2),
        )
        assert not aborted(came)
    assert told() >= {Deed.EMAIL_CHANGED, Deed.SIGN_IN_STOPPED, Deed.PASSWORD_CHANGED, Deed.FIELD_REVEALED}


def test_who_is_aborted_all_the_same_gets_a_page_and_half_of_nothing(audit_comes_last: list[str]) -> None:
    ada = make.user()
    browser, form = Client(raise_request_exception=False), {"username": ada.email, "password": make.PASSWORD}
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(posted(browser, form)))

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '20s'")  # so that it is the sign-in that finds the ring
        audit.command("early")
        thread.start()
        eventually(somebody_waits_for_a_lock)
        User.objects.select_for_update().get()
    thread.join(timeout=20)

    assert answers == [500]
    assert not Session.objects.exists()
    assert [each.deed for each in AuditEntry.objects.all()] == [Deed.COMMAND_RUN]
    assert browser.post("/sign-in/", form).status_code == 302
    audit_comes_last.clear()


def posted(browser: Client, form: dict[str, str]) -> int:
    try:
        return browser.post("/sign-in/", form).status_code
    finally:
        connection.close()
