"""check_invariants: silent about a clean life, and how it speaks of a broken one."""

import json
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, ManagementUtility, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.operations import account_status
from brokerage.append_only import take_off
from funding.models import Transfer
from funding.operations import canceling, resolving, returns, risk
from tests import make
from tests.funding import lives
from tests.funding.breaking import banks, decided, history, money, people, questions  # noqa: F401 - they fill WAYS
from tests.funding.breaking.ways import CHECKS, WAYS, Way
from tests.funding.standing import OUT, Clocks, Customer, fault, lost, work
from tests.harness.sandbox import Sandbox
from tests.harness.unguarded import rewrite

pytestmark = pytest.mark.slow  # hundreds of them: `make check` leaves them to `make test`


@pytest.fixture
def ada(sandbox: Sandbox, db: None) -> Customer:
    """Ada's every row was made by the operations."""
    return lives.customer(sandbox)


def run(**options: Any) -> tuple[int, str]:
    """Run the command; return its exit code and what it said."""
    said = StringIO()
    try:
        call_command("check_invariants", stdout=said, **options)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def live_through_everything(ada: Customer, clocks: Clocks, settings: Settings) -> set[tuple[str, str, str]]:
    """Have one transfer of each kind; return how they stand."""
    settings.RISK_DEPOSITS_PER_DAY = 99
    lives.settled(ada)
    lives.returned(ada)
    lives.settled(ada, "40.00", direction=OUT)
    lives.told(ada, ada.move("7.00"), action="reject")
    canceling.cancel(transfer=ada.move("8.00"), actor="a test")
    canceling.cancel(transfer=ada.ask("9.00"), actor="a test")
    fault(ada.sandbox, "rate_limited")
    ada.move("11.00")
    fault(ada.sandbox, "status", status=422, body={"code": 42210000, "message": "no"})
    ada.move("12.00")
    resolving.resolve(transfer=lost(ada, "13.00"))
    ada.made_elsewhere("14.00")
    lives.certified(ada, clocks)
    account_status.refresh_cash(account=ada.account)
    ada.move("15.00", OUT)
    work()
    freeze_and_thaw(ada)
    settings.RISK_WHEN_AWAY = "decline"
    without_a_balance(ada, "16.00")
    settings.RISK_WHEN_AWAY = "hold"
    held = without_a_balance(ada, "17.00")
    risk.allow_held(transfer=held, because="seen the statement", person=ada.user)
    clocks.advance(seconds=10)
    work()
    without_a_balance(ada, "18.00")
    return set(Transfer.objects.values_list("origin", "sending", "status"))


def without_a_balance(ada: Customer, amount: str) -> Transfer:
    """Ask for a deposit while the bank's balance can't be had."""
    fault(ada.sandbox, "status", "POST /plaid/accounts/balance/get", times=9, status=500)
    transfer = ada.move(amount)
    ada.sandbox.delete("/control/faults")
    return transfer


def freeze_and_thaw(ada: Customer) -> None:
    freeze = returns.freeze_by_hand(account=ada.account, because="to look into something", person=ada.user)
    returns.ask_to_lift(freeze=freeze, because="looked into it", person=ada.user)
    returns.lift(freeze=freeze, person=make.user("another@example.com"))


def test_a_clean_life_is_clean(clocks: Clocks, ada: Customer, settings: Settings) -> None:
    stand = live_through_everything(ada, clocks, settings)

    code, said = run()

    assert (code, said.count("\n")) == (0, 1), said
    assert {sending for _, sending, _ in stand} >= {
        "ACCEPTED",
        "REFUSED",
        "NOT_SENT",
        "NOT_CREATED",
        "WITHDRAWN",
        "DECLINED",
        "HELD",
    }
    assert {status for _, _, status in stand} >= {"QUEUED", "COMPLETE", "RETURNED", "CANCELED", "REJECTED"}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_each_way_of_breaking_it_is_named(ada: Customer, way: Way) -> None:
    take_off()
    row = way.by(ada)

    code, said = run()
    named = [line for line in said.splitlines() if f"{row.pk} " in line and way.says in line]
    assert code == 1
    assert [line.split(":")[0] for line in named] == [f"invariant {way.invariant}"], said


def test_every_check_has_a_way_to_break_it() -> None:
    assert {way.check for way in WAYS} == set(CHECKS)


# --- How it speaks ----------------------------------------------------------------------------------------------------


def break_two(ada: Customer) -> tuple[Transfer, Transfer]:
    """Have one transfer of another amount, and one that is stuck; return both."""
    first, second = ada.move("50.00", OUT), ada.ask("51.00")
    Transfer.objects.filter(pk=first.pk).update(amount=Decimal("50.01"))
    Transfer.objects.filter(pk=second.pk).update(created_at=timezone.now() - timedelta(minutes=6))
    return first, second


def test_the_books_are_only_read(ada: Customer) -> None:
    break_two(ada)

    with CaptureQueriesContext(connection) as queries:
        run()

    assert queries.captured_queries
    assert all(query["sql"].startswith("SELECT") for query in queries)


def test_json_is_an_object_a_line(ada: Customer) -> None:
    first, second = break_two(ada)

    *lines, summary = [json.loads(line) for line in run(json=True)[1].splitlines()]

    assert {(line["invariant"], line["subject"]) for line in lines} == {
        (3, f"transfer {first.pk}"),
        (15, f"transfer {second.pk}"),
    }
    assert all(line["kind"] == "broken" and line["what"] for line in lines)
    assert (summary["broken"], summary["warnings"]) == (len(lines), 0)
    assert summary["rows_read"] > 10
    assert summary["by_invariant"] | {"3": 2, "15": 1} == summary["by_invariant"]


@pytest.mark.parametrize(("only", "named"), [("3", {3}), ("15", {15}), ("3,15", {3, 15}), (" 1, 4 ", set())])
def test_some_invariants_can_be_checked_alone(ada: Customer, only: str, named: set[int]) -> None:
    break_two(ada)
    said = StringIO()

    with suppress(SystemExit):
        call_command("check_invariants", "--only", only, "--json", stdout=said)

    *lines, summary = [json.loads(line) for line in said.getvalue().splitlines()]
    assert {line["invariant"] for line in lines} == named
    assert set(summary["by_invariant"]) == {number.strip() for number in only.split(",")}


def test_a_dry_run_is_the_same(ada: Customer) -> None:
    break_two(ada)

    assert run(dry_run=True) == run()


def test_a_limit_that_may_have_been_another_is_a_warning(ada: Customer, settings: Settings) -> None:
    transfer = ada.move("500.00")
    rewrite(transfer.events.filter(before=""), evidence={})
    settings.TRANSFER_LIMIT = "499.99"

    code, said = run()

    assert (code, said.count("[warning]"), said.count("[BROKEN]")) == (0, 1, 0)
    assert f"invariant 6: transfer {transfer.pk} takes one transfer to $500.00; the limit is $499.99 now" in said
    assert "0 broken, 1 warnings" in said


def test_a_limit_that_was_lowered_since_is_none(ada: Customer, settings: Settings) -> None:
    ada.move("500.00")
    settings.TRANSFER_LIMIT = settings.TRANSFER_LIMIT_PER_DAY = settings.TRANSFER_LIMIT_PER_30_DAYS = "1.00"

    assert run()[0] == 0


@pytest.mark.parametrize("wrong", [["--onyl", "3"], ["--only", "99"], ["--only", "x"], ["--only", ""], ["3"]], ids=str)
def test_wrong_usage_is_said(db: None, wrong: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("check_invariants", *wrong)

    with pytest.raises(SystemExit) as end:
        ManagementUtility(["manage.py", "check_invariants", *wrong]).execute()
    assert end.value.code == 2


def test_ctrl_c_is_neither_clean_nor_broken(ada: Customer) -> None:
    break_two(ada)

    with pytest.raises(SystemExit) as end:
        call_command("check_invariants", stdout=ImpatientReader(), stderr=StringIO())

    assert end.value.code == 130


class ImpatientReader(StringIO):
    """A terminal at which somebody presses Ctrl-C at the first line."""

    def write(self, text: str) -> int:
        raise KeyboardInterrupt


SECRETS_KEPT = (banks.a_processor_token_kept, banks.a_link_token_kept, banks.names_kept, questions.a_tax_id_kept)


def test_no_secret_and_no_person_is_told(ada: Customer) -> None:
    for way in WAYS:
        if way.by in SECRETS_KEPT:
            way.by(ada)
    break_two(ada)

    said = "".join(run(json=as_json)[1] for as_json in (False, True))

    assert said.count("keeps ") == 8
    for secret in ("canary", "sandbox-", "444554321", "ada@", "Ada", "Okafor", "1991-03"):
        assert secret not in said
