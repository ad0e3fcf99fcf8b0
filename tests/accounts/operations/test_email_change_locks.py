"""A change of address beside other news of the same person: nobody blocks the other, and what goes out is up to date.

A thread that waits for a row is shown by the database itself, so these run on PostgreSQL alone.
"""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from accounts import states
from accounts.models import Application, BrokerageAccount, EmailChange, Notice, User
from accounts.operations import account_status, audit, email_change, onboarding, passkeys, sign_in_stops
from tests import make
from tests.accounts.changing import holder
from tests.funding.standing import at_once
from tests.harness.authenticator import Authenticator
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually, somebody_waits_for_a_lock

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NEW = "ada.new@example.com"


def confirmed(user: User) -> EmailChange:
    return EmailChange.objects.create(
        user=user, old_email=user.email, new_email=NEW, ip_address=make.VISIT.ip_address, status=states.CONFIRMED
    )


def beside(job: Callable[[], object]) -> threading.Thread:
    """Run a job beside this thread until somebody waits for a lock."""

    def run() -> None:
        try:
            job()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    eventually(somebody_waits_for_a_lock, because="nobody waits for the lock")
    return thread


def test_news_of_the_account_and_a_change_of_address_do_not_block_each_other(sandbox: Sandbox) -> None:
    ada = holder(sandbox)
    change = confirmed(ada.user)

    with transaction.atomic():  # as account_status.apply does: the account, and then a notice to its owner
        BrokerageAccount.objects.select_for_update().get()
        thread = beside(lambda: email_change.carry_out(change=change, sender="a test"))
        Notice.objects.create(user=ada.user, key="x", kind="x", title="x", body="x", path="/")
    thread.join(timeout=20)

    change.refresh_from_db()
    assert change.status == states.DONE


def _to_another_address(user: User) -> Callable[[], object]:
    change = confirmed(user)
    return lambda: email_change.carry_out(change=change, sender="a test")


def _to_a_passkey(user: User) -> Callable[[], object]:
    asked = passkeys.ask_for_new(user=user)
    answer = Authenticator(host=settings.PASSKEY_HOST, origin=settings.PASSKEY_ORIGIN).create(asked.options)
    return lambda: passkeys.add(user=user, challenge=asked.challenge, answer=answer, name="My phone")


@pytest.mark.parametrize("change", [_to_another_address, _to_a_passkey])
def test_what_is_written_about_a_person_beside_their_change_lets_it_pass(
    change: Callable[[User], Callable[[], object]],
) -> None:
    ada = make.user()
    job, failed = change(ada), list[Exception]()

    def tried() -> None:
        try:
            job()
        except Exception as fault:  # told below, in the thread of the test
            failed.append(fault)

    with transaction.atomic():  # as much does: a row that points at the person, and an entry of the audit
        Notice.objects.create(user=ada, key="x", kind="x", title="x", body="x", path="/")
        audit.record(audit.Deed.SIGNED_OUT, actor=audit.name_of(ada), about=audit.subject(ada))
        thread = beside(tried)
    thread.join(timeout=20)

    assert failed == []


def test_without_the_check_of_keys_before_an_entry_two_stand_in_a_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL aborts one of them: at the commit it locks whom a new row points at."""
    monkeypatch.setattr(audit, "_settle_keys", lambda: None)
    ada = make.user()
    job, failed = _to_another_address(ada), list[Exception]()

    def tried() -> None:
        try:
            job()
        except OperationalError as fault:
            failed.append(fault)

    with suppress(OperationalError), transaction.atomic():
        Notice.objects.create(user=ada, key="x", kind="x", title="x", body="x", path="/")
        audit.record(audit.Deed.SIGNED_OUT, actor=audit.name_of(ada), about=audit.subject(ada))
        thread = beside(tried)
    thread.join(timeout=20)

    assert len(failed) + (not Notice.objects.filter(key="x").exists()) == 1


@pytest.mark.parametrize("status", ["ACTIVE", "ACCOUNT_CLOSED"])
def test_a_crowd_of_news_stops_and_changes_all_come_through(sandbox: Sandbox, status: str) -> None:
    ada, ann = holder(sandbox), make.user("ann@example.com", is_staff=True)
    BrokerageAccount.objects.update(status=status)
    account = BrokerageAccount.objects.get()
    change = confirmed(ada.user)

    def stop() -> None:
        with suppress(sign_in_stops.NothingToChange):
            sign_in_stops.stop(about=ada.user, because="x", person=ann)

    came = at_once(
        *[lambda: email_change.carry_out(change=change, sender="a test")] * 2,
        *[lambda: account_status.apply(account=account, actor="broker", blocks={"account_blocked": True})] * 2,
        stop,
    )

    assert not [each for each in came if isinstance(each, Exception)]


def test_an_application_that_is_just_being_sent_keeps_its_address() -> None:
    application = make.application(make.user())
    change = confirmed(application.user)

    with transaction.atomic():  # as onboarding.submit does
        application.move(states.READY, actor="a test")
        thread = beside(lambda: email_change.carry_out(change=change, sender="a test"))
    thread.join(timeout=20)

    change.refresh_from_db()
    assert (change.status, User.objects.get().email) == (states.CONFIRMED, "ada@example.com")


def test_an_application_sent_after_a_change_of_address_goes_out_with_the_new_one(sandbox: Sandbox) -> None:
    application = make.application(make.user())
    stale = Application.objects.select_related("user").get()
    change = confirmed(application.user)

    email_change.carry_out(change=change, sender="a test")
    onboarding.submit(application=stale)

    [there] = sandbox.get("/control/state")["accounts"]
    assert NEW in str(there)
