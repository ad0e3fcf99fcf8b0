"""Whose answers are purged: nothing of them comes back, whichever way it is told, and nothing is left to do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import states
from accounts.models import AccountEvent, Application, BrokerageAccount, Portfolio
from accounts.operations import account_reconciliation, account_status, onboarding, retention, retention_rules
from accounts.operations.account_reconciliation import Scope
from accounts.operations.asking import Asking
from tests import make
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.django_db

FOUND = {"reject": {"IDENTITY_VERIFICATION": {}}, "additional_information": "canary on Ada", "summary": "fail"}
OVER = [states.REJECTED, states.CLOSED]


def over(sandbox: Sandbox, status: str) -> BrokerageAccount:
    """Open an account, and let it be over for seven years, here and at the broker; nothing is purged yet."""
    onboarding.submit(application=make.application(make.user(), saved_at=timezone.now()))
    account = BrokerageAccount.objects.get()
    sandbox.post(f"/control/accounts/{account.alpaca_id}", status="REJECTED", kyc_results=FOUND)
    read(account)
    BrokerageAccount.objects.update(status=status, status_at=timezone.now() - timedelta(days=366 * 7))
    if status == states.CLOSED:
        sandbox.post(f"/control/accounts/{account.alpaca_id}", status=states.CLOSED)
    account.refresh_from_db()
    assert account.kyc_results["additional_information"] == "canary on Ada"
    return account


def purged(sandbox: Sandbox, status: str) -> BrokerageAccount:
    account = over(sandbox, status)
    list(retention.purge(by="a test", rules=retention_rules.RULES))
    account = BrokerageAccount.objects.get(pk=account.pk)
    assert (account.kyc_results, account.is_purged) == ({}, True)
    return account


def read(account: BrokerageAccount) -> list[str]:
    return [finding.what for finding in account_status.reconcile_one(account=account)]


def sweep(account: BrokerageAccount) -> list[str]:
    return [finding.what for finding in account_status.reconcile()]


def compare(scope: Scope) -> list[str]:
    groups = account_reconciliation.compare(scope, dry_run=False, asking=Asking(per_minute=0))
    return [finding.what for _, found in groups for finding in found]


def replay(account: BrokerageAccount) -> list[str]:
    told: dict[str, Any] = {"status": account.status, "kyc_results": FOUND, "vendor_event_id": "01" * 13}
    heard = account_status.apply(account=account, actor="broker", at=timezone.now(), **told)
    return [str(change) for change in heard]


WAYS: dict[str, Callable[[BrokerageAccount], list[str]]] = {
    "the sweep": sweep,
    "one read": read,
    "a comparison": lambda account: compare(Scope()),
    "a comparison of all": lambda account: compare(Scope(full=True)),
    "a comparison of one": lambda account: compare(Scope(account=account)),
    "an event told again": replay,
}


@pytest.mark.parametrize("status", OVER)
@pytest.mark.parametrize("way", WAYS)
def test_nothing_comes_back_and_nothing_is_found(sandbox: Sandbox, status: str, way: str) -> None:
    account = purged(sandbox, status)
    events = AccountEvent.objects.count()

    found = WAYS[way](account)

    account.refresh_from_db()
    assert found == []
    assert (account.kyc_results, account.status) == ({}, status)
    assert AccountEvent.objects.count() == events


def test_who_is_rejected_and_purged_is_not_swept(sandbox: Sandbox) -> None:
    account = purged(sandbox, states.REJECTED)

    sweep(account)
    compare(Scope())

    assert BrokerageAccount.objects.get().checked_at == account.checked_at


def test_the_page_of_a_closed_account_asks_for_nothing_and_keeps_nothing(client: Client, sandbox: Sandbox) -> None:
    client.force_login(purged(sandbox, states.CLOSED).user)

    assert client.get("/overview/").status_code == 200

    assert not Portfolio.objects.exists()


def test_one_that_the_broker_opens_again_is_heard_again(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    account = purged(sandbox, states.REJECTED)
    sandbox.post(f"/control/accounts/{account.alpaca_id}", status="ACTION_REQUIRED", kyc_results=FOUND)

    account_status.apply(account=account, actor="broker", status="ACTION_REQUIRED", kyc_results=FOUND)

    account.refresh_from_db()
    assert (account.status, account.kyc_results) == ("ACTION_REQUIRED", FOUND)
    assert compare(Scope()) == []  # there is nothing left to hold against the broker's details
    assert "rejected before" in caplog.text


def test_of_one_that_is_over_and_not_purged_the_broker_is_still_heard(sandbox: Sandbox) -> None:
    account = over(sandbox, states.REJECTED)
    BrokerageAccount.objects.update(kyc_results={})

    assert sweep(account) == ["other KYC results"]

    account.refresh_from_db()
    assert account.kyc_results["additional_information"] == "canary on Ada"


def test_who_began_anew_after_a_purged_draft_is_no_purged_person() -> None:
    made = make.account(make.user()).application
    made.purged_at, made.saved_at = timezone.now(), timezone.now()

    assert not made.is_purged


@pytest.mark.parametrize("status", OVER)
@pytest.mark.parametrize("came_back", ["findings", "portfolio"])
def test_what_came_back_before_is_purged_once_more(sandbox: Sandbox, status: str, came_back: str) -> None:
    account = purged(sandbox, status)
    if came_back == "findings":
        BrokerageAccount.objects.update(kyc_results=FOUND)
    else:
        Portfolio.objects.create(brokerage_account=account, positions=[{"symbol": "VTI"}])

    rule = retention_rules.BY_NAME["rejected" if status == states.REJECTED else "closed"]
    assert [finding.mended for finding in retention.purge(by="a test", rules=[rule])] == [True]

    assert BrokerageAccount.objects.get().kyc_results == {}
    assert not Portfolio.objects.exists()
    assert list(retention.purge(by="a test", rules=[rule])) == []
    assert Application.objects.get().given_name == ""
