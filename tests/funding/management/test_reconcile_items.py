"""Logins are read again at Plaid: by a command, which reports each difference, and by the worker, when they are due."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Notice
from accounts.operations.account_reconciliation import Scope
from funding import states
from funding.models import ACHRelationship, ItemEvent, Lost, PlaidItem, RelationshipEvent
from funding.operations import item_reconciliation, reconciling
from tests import make
from tests.funding.management.test_reconcile import run
from tests.funding.standing import Clocks, Customer, fault, open_customer, read_anew
from tests.harness.sandbox import Sandbox
from tests.journeys import people

COMMAND = "reconcile_items"
CLEAN = (0, "0 found, 0 mended, 0 left\n")
ITEM_GET, ACCOUNTS_GET = "POST /plaid/item/get", "POST /plaid/accounts/get"
ODD = {"item": {"error": {"error_code": "BANK_ON_THE_MOON", "error_type": "ITEM_ERROR"}}}


@pytest.fixture
def login(ada: Customer) -> PlaidItem:
    return ada.relationship.login


def becomes(login: PlaidItem, state: str, sandbox: Sandbox) -> None:
    """Let something happen at the bank, of which no webhook tells us."""
    sandbox.post(f"/control/plaid/items/{login.plaid_item_id}", state=state)


def dump() -> str:
    models: list[Any] = [PlaidItem, ItemEvent, ACHRelationship, RelationshipEvent, Notice]
    return serializers.serialize("json", [row for model in models for row in model.objects.order_by("pk")])


def told(customer: Customer) -> list[str]:
    return list(customer.user.notices.order_by("created_at").values_list("kind", flat=True))


# --- The command ------------------------------------------------------------------------------------------------------


def test_logins_that_are_as_we_have_them_are_clean(login: PlaidItem) -> None:
    assert run(COMMAND) == CLEAN

    assert read_anew(login).read_at
    assert not login.events.exists()


def test_no_rows_are_clean(db: None) -> None:
    assert run(COMMAND) == CLEAN


@pytest.mark.parametrize(
    ("state", "health", "word", "kind"),
    [
        ("login_required", states.SIGN_IN, "ours GOOD, Plaid’s SIGN_IN", "BANK_SIGN_IN"),
        ("revoked", states.REVOKED, "Plaid", "BANK_REVOKED"),
    ],
)
def test_a_health_that_is_behind_is_taken_over_reported_and_told(
    ada: Customer, login: PlaidItem, sandbox: Sandbox, state: str, health: str, word: str, kind: str
) -> None:
    becomes(login, state, sandbox)

    code, said = run(COMMAND)

    assert (code, read_anew(login).health) == (0, health)
    assert f"item {login.pk}: " in said
    assert word in said
    assert "[mended]" in said
    assert told(ada) == [kind]
    assert run(COMMAND) == CLEAN


def test_a_sign_in_that_no_webhook_told_of_is_taken_over(ada: Customer, login: PlaidItem, sandbox: Sandbox) -> None:
    becomes(login, "login_required", sandbox)
    run(COMMAND)
    becomes(login, "repaired", sandbox)

    code, said = run(COMMAND)

    assert (code, read_anew(login).health, login.error_code) == (0, states.GOOD, "")
    assert "ours SIGN_IN, Plaid’s GOOD [mended]" in said
    assert told(ada) == ["BANK_SIGN_IN", "BANK_REPAIRED"]


def test_a_login_that_plaid_does_not_hold_any_more_is_gone(ada: Customer, login: PlaidItem, sandbox: Sandbox) -> None:
    people.plaid(sandbox, "/item/remove", access_token=login.access_token)

    code, said = run(COMMAND)

    assert (code, read_anew(login).health) == (0, states.GONE)
    assert "ours GOOD, Plaid says ITEM_NOT_FOUND [mended]" in said
    assert read_anew(ada.relationship).lost_because == Lost.REVOKED
    assert run(COMMAND) == CLEAN


def test_news_that_go_elsewhere_are_directed_to_us(login: PlaidItem, sandbox: Sandbox, settings: Settings) -> None:
    settings.PLAID_WEBHOOK_URL = "https://site.example/webhooks/plaid/"

    run(COMMAND)

    found = people.plaid(sandbox, "/item/get", access_token=login.access_token)
    assert found["item"]["webhook"] == "https://site.example/webhooks/plaid/"


def test_an_account_that_is_not_shared_any_more_and_one_that_is_again(ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "patch_after_commit", ACCOUNTS_GET, patch={"accounts": []})

    code, said = run(COMMAND)
    assert (code, read_anew(ada.relationship).lost_because) == (0, Lost.NOT_SHARED)
    assert "account 0000 is not shared any more [mended]" in said
    code, said = run(COMMAND)

    assert (code, read_anew(ada.relationship).lost_because) == (0, "")
    assert "account 0000 is shared again [mended]" in said
    assert run(COMMAND) == CLEAN


def test_a_word_that_nobody_knows_is_kept_and_reported_for_as_long_as_it_stands(
    login: PlaidItem, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    fault(sandbox, "patch_after_commit", ITEM_GET, times=2, patch=ODD)

    with caplog.at_level(logging.ERROR):
        codes, said = zip(*[run(COMMAND) for _ in range(3)], strict=True)

    assert codes == (1, 1, 0)
    assert "BANK_ON_THE_MOON [LEFT]" in said[0]
    assert "BANK_ON_THE_MOON [LEFT]" in said[1]
    assert [event.after for event in login.events.all()] == []
    assert "unfamiliar error 'BANK_ON_THE_MOON' kept" in caplog.text
    assert (read_anew(login).health, login.error_code) == (states.GOOD, "")


def test_plaid_that_is_away_is_reported_and_changes_nothing(login: PlaidItem, settings: Settings) -> None:
    settings.PLAID_BASE_URL = "http://127.0.0.1:1"
    before = dump()

    code, said = run(COMMAND)

    assert code == 1
    assert "could not be read" in said
    assert "[LEFT]" in said
    assert dump() == before


def test_one_that_cannot_be_read_holds_up_no_other(login: PlaidItem, sandbox: Sandbox) -> None:
    others = [open_customer(sandbox, f"{name}@example.com").relationship.login for name in ("grace", "joan")]
    for each in (login, *others):
        becomes(each, "login_required", sandbox)
    fault(sandbox, "status", ITEM_GET, status=500)

    code, said = run(COMMAND)

    assert code == 1
    assert "3 found, 2 mended, 1 left" in said
    assert sorted(PlaidItem.objects.values_list("health", flat=True)) == [states.GOOD, states.SIGN_IN, states.SIGN_IN]


@pytest.mark.parametrize("as_json", [False, True])
def test_a_dry_run_writes_nothing(ada: Customer, login: PlaidItem, sandbox: Sandbox, as_json: bool) -> None:
    becomes(login, "login_required", sandbox)
    before = dump()

    code, said = run(COMMAND, dry_run=True, json=as_json)

    assert code == 1
    assert "ours GOOD" in said
    assert dump() == before


def test_json_is_a_line_for_each_finding(login: PlaidItem, sandbox: Sandbox) -> None:
    becomes(login, "login_required", sandbox)

    lines = [json.loads(line) for line in run(COMMAND, json=True)[1].splitlines()]

    assert lines == [
        {"code": "LOGIN_BEHIND", "subject": f"item {login.pk}", "what": "ours GOOD, Plaid’s SIGN_IN", "mended": True},
        {"findings": 1, "mended": 1, "left": 0},
    ]


@pytest.mark.parametrize("after", range(3))
def test_a_run_that_is_killed_is_finished_by_the_next(login: PlaidItem, sandbox: Sandbox, after: int) -> None:
    other = open_customer(sandbox, "grace@example.com").relationship.login
    for each in (login, other):
        becomes(each, "login_required", sandbox)
    findings: Iterator[Any] = reconciling.reconcile("items", Scope(), dry_run=False, holder="a test")
    for _ in range(after):
        next(findings, None)
    findings.close()  # type: ignore[attr-defined]

    code, said = run(COMMAND)

    assert code == 0
    assert f"{2 - after} found" in said
    assert ItemEvent.objects.filter(after=states.SIGN_IN).count() == 2


def test_one_that_nothing_uses_is_not_read(login: PlaidItem, settings: Settings) -> None:
    ACHRelationship.objects.update(ended_at=timezone.now())
    settings.PLAID_BASE_URL = "http://127.0.0.1:1"

    assert run(COMMAND) == CLEAN


def test_a_flag_that_nobody_knows_is_wrong_usage(db: None) -> None:
    with pytest.raises(CommandError):
        call_command(COMMAND, "--no-such-flag")


# --- The worker -------------------------------------------------------------------------------------------------------


def read_due() -> int:
    return item_reconciliation.read_due(sender="worker")


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)


@pytest.mark.parametrize(
    ("health", "read_at", "due"),
    [
        (states.GOOD, {"hours": 23, "minutes": 59}, False),
        (states.GOOD, {"hours": 24, "minutes": 1}, True),
        (states.SIGN_IN, {"minutes": 59}, False),
        (states.SIGN_IN, {"minutes": 61}, True),
        (states.EXPIRING, {"minutes": 61}, True),
        (states.REVOKED, {"minutes": 61}, True),
    ],
)
def test_a_day_old_one_is_read_and_one_in_trouble_each_hour(
    login: PlaidItem, health: str, read_at: dict[str, float], due: bool
) -> None:
    PlaidItem.objects.update(health=health, read_at=ago(**read_at))

    assert read_due() == due

    assert read_anew(login).health == (states.GOOD if due else health)
    assert PlaidItem.objects.filter(read_at__gt=ago(minutes=1)).exists() is due


def test_one_that_was_never_read_is_read_at_once_and_then_left_alone(login: PlaidItem) -> None:
    assert [read_due(), read_due()] == [1, 0]

    assert read_anew(login).read_at


def test_one_whose_customer_signed_in_again_is_read_at_once(login: PlaidItem) -> None:
    PlaidItem.objects.update(health=states.SIGN_IN, read_at=ago(minutes=2), repaired_at=ago(minutes=1))

    assert read_due() == 1

    assert read_anew(login).health == states.GOOD


def test_what_was_never_read_comes_before_what_was_read_long_ago(db: None) -> None:
    logins = [make.relationship(make.account(make.user(f"{name}@example.com"))).login for name in ("old", "new")]
    PlaidItem.objects.filter(pk=logins[0].pk).update(read_at=ago(days=9))

    found = PlaidItem.objects.unread_since(timezone.now())

    assert list(found) == [logins[1], logins[0]]


def test_one_that_is_away_is_asked_again_after_minutes_and_no_sooner(
    clocks: Clocks, ada: Customer, sandbox: Sandbox
) -> None:
    fault(sandbox, "status", ITEM_GET, times=99, status=500)

    def asked() -> int:
        read_due()
        fired: int = sandbox.get("/control/faults")[0]["fired"]
        return fired

    first = asked()
    assert first > 0  # the reading itself may be repeated within one try
    clocks.advance(minutes=4)
    assert asked() == first
    clocks.advance(minutes=2)
    assert asked() > first


def test_no_more_than_so_many_are_read_in_one_round(login: PlaidItem) -> None:
    for number in range(item_reconciliation.READ_AT_ONCE):
        make.relationship(make.account(make.user(f"{number}@example.com")))
    PlaidItem.objects.update(read_at=ago(days=3))
    PlaidItem.objects.filter(pk=login.pk).update(read_at=ago(days=2))

    read_due()
    assert read_anew(login).asked_at is None
    read_due()

    assert read_anew(login).asked_at
