"""Both reconciling commands: mend, report, write nothing when told so, and say by the exit code how it went."""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.operations.account_reconciliation import Scope
from funding import states
from funding.models import ACHRelationship, Transfer, TransferEvent
from funding.operations import reconciling
from tests import make
from tests.funding.standing import LIST, OUT, Clocks, Customer, fault, in_doubt, lost, open_customer, read_anew
from tests.harness.sandbox import Sandbox

TRANSFERS, RELATIONSHIPS = "reconcile_transfers", "reconcile_relationships"


def run(command: str, **options: bool) -> tuple[int, str]:
    """Run a command; return its exit code and what it said."""
    said = StringIO()
    try:
        call_command(command, stdout=said, **options)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def dump() -> str:
    rows = (row for model in (Transfer, TransferEvent, ACHRelationship) for row in model.objects.order_by("pk"))
    return serializers.serialize("json", rows)


def settle(customer: Customer, transfer: Transfer) -> None:
    customer.sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="settle")


def test_books_that_agree_are_clean(ada: Customer) -> None:
    ada.move("50.00")

    assert run(TRANSFERS) == (0, "0 found, 0 mended, 0 left\n")
    assert run(RELATIONSHIPS) == (0, "0 found, 0 mended, 0 left\n")


@pytest.mark.parametrize("command", [TRANSFERS, RELATIONSHIPS])
def test_no_rows_are_clean(db: None, command: str) -> None:
    assert run(command)[0] == 0


def test_what_the_broker_says_is_taken_over(ada: Customer) -> None:
    transfer = ada.move("50.00")
    settle(ada, transfer)

    code, said = run(TRANSFERS)

    assert (code, read_anew(transfer).status) == (0, states.COMPLETE)
    assert "ours QUEUED, the broker's COMPLETE [mended]" in said
    assert run(TRANSFERS)[1] == "0 found, 0 mended, 0 left\n"


@pytest.mark.parametrize("as_json", [False, True])
def test_a_dry_run_writes_nothing(ada: Customer, as_json: bool) -> None:
    settle(ada, ada.move("50.00"))
    ada.made_elsewhere("7.00", OUT)
    ada.sandbox.post(f"/control/relationships/{ada.relationship.alpaca_id}", status="REJECTED")
    before = dump()

    for command in (TRANSFERS, RELATIONSHIPS):
        assert run(command, dry_run=True, json=as_json)[0] == 1

    assert dump() == before


def test_json_is_a_line_for_each_finding(ada: Customer) -> None:
    settle(ada, ada.move("50.00"))
    ada.made_elsewhere("7.00", OUT)

    lines = [json.loads(line) for line in run(TRANSFERS, json=True)[1].splitlines()]

    assert [line["mended"] for line in lines[:-1]] == [True, True]
    assert lines[-1] == {"findings": 2, "mended": 2, "left": 0}


def test_one_that_the_broker_does_not_have_is_reported(ada: Customer) -> None:
    transfer = make.transfer(ada.relationship)

    code, said = run(TRANSFERS)

    assert code == 1
    assert f"transfer {transfer.pk}: ours QUEUED, not in the broker's list [LEFT]" in said


def test_one_that_differs_is_reported(ada: Customer) -> None:
    transfer = ada.move("50.00")
    Transfer.objects.filter(pk=transfer.pk).update(amount="51.00")

    code, said = run(TRANSFERS)

    assert code == 1
    assert "another amount" in said


def test_a_step_that_may_not_be_is_reported_and_left(ada: Customer) -> None:
    transfer = ada.move("50.00")
    Transfer.objects.filter(pk=transfer.pk).update(status=states.COMPLETE, settled_at=timezone.now())

    code, said = run(TRANSFERS)

    assert (code, read_anew(transfer).status) == (1, states.COMPLETE)
    assert "[LEFT]" in said


@pytest.mark.parametrize(("days", "seen"), [(64, True), (66, False)])
def test_settled_money_is_watched_for_as_long_as_it_may_be_taken_back(ada: Customer, days: int, seen: bool) -> None:
    transfer = ada.move("50.00")
    settle(ada, transfer)
    run(TRANSFERS)
    ada.sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="return", code="R10")
    Transfer.objects.update(settled_at=timezone.now() - timedelta(days=days))
    ended = ACHRelationship.objects.update(ended_at=timezone.now())

    run(TRANSFERS)

    assert (read_anew(transfer).status == states.RETURNED) is seen
    assert ended == 1


# --- Made elsewhere ---------------------------------------------------------------------------------------------------


def test_one_made_elsewhere_is_taken_in_once(ada: Customer) -> None:
    ada.move("50.00")
    theirs = ada.made_elsewhere("7.00", OUT)

    codes = [run(TRANSFERS)[0] for _ in range(2)]

    taken = Transfer.objects.get(alpaca_id=theirs)
    assert codes == [0, 0]
    assert (taken.origin, taken.form_key, taken.relationship) == (Transfer.Origin.EXTERNAL, None, ada.relationship)
    assert Transfer.objects.count() == 2


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop_before_commit"])
def test_one_made_elsewhere_is_neither_glued_to_nor_put_beside_one_in_doubt(ada: Customer, kind: str) -> None:
    ada.move("1.00", OUT)
    doubtful = lost(ada, "50.00", kind=kind)
    theirs = ada.made_elsewhere("7.00")

    code, said = run(TRANSFERS)

    assert f"the broker's transfer {theirs}: may be one of ours in doubt: left to the resolver [LEFT]" in said
    assert code == 1
    assert read_anew(doubtful).alpaca_id != theirs
    assert not Transfer.objects.filter(origin=Transfer.Origin.EXTERNAL).exists()


def test_one_in_doubt_is_adopted_where_exactly_one_fits(ada: Customer) -> None:
    doubtful = lost(ada, "50.00", kind="drop_after_commit")

    code, said = run(TRANSFERS)

    assert (code, read_anew(doubtful).sending) == (0, states.ACCEPTED)
    assert "was one of ours in doubt: adopted [mended]" in said


def test_one_in_doubt_goes_to_a_person_where_two_fit(ada: Customer) -> None:
    doubtful = lost(ada, "50.00", kind="drop_after_commit")
    ada.made_elsewhere("50.00")

    code, _ = run(TRANSFERS)

    assert (code, read_anew(doubtful).sending) == (1, states.REVIEW)


def test_one_made_elsewhere_comes_in_when_the_doubt_is_over(ada: Customer) -> None:
    ada.move("1.00", OUT)
    doubtful = lost(ada, "50.00", kind="drop_before_commit")
    theirs = ada.made_elsewhere("7.00")
    run(TRANSFERS)
    doubtful.move_sending(states.NOT_CREATED, actor="worker")

    run(TRANSFERS)

    assert Transfer.objects.get(alpaca_id=theirs).origin == Transfer.Origin.EXTERNAL


def test_one_that_a_person_looks_at_keeps_out_no_other(ada: Customer, sandbox: Sandbox) -> None:
    fault(sandbox, "patch_after_commit", patch={"account_id": "another"})
    looked_at = ada.move("50.00")
    theirs = ada.made_elsewhere("7.00")

    run(TRANSFERS)

    assert (looked_at.sending, looked_at.alpaca_id is None) == (states.REVIEW, False)
    assert Transfer.objects.get(alpaca_id=theirs).origin == Transfer.Origin.EXTERNAL


def test_one_made_elsewhere_is_found_where_we_made_none(ada: Customer) -> None:
    theirs = ada.made_elsewhere("7.00", OUT)

    run(TRANSFERS)

    assert Transfer.objects.get().alpaca_id == theirs


def test_one_made_elsewhere_on_another_bank_has_no_bank_here(ada: Customer) -> None:
    ada.move("1.00", OUT)
    theirs = ada.made_elsewhere("7.00")
    ACHRelationship.objects.update(alpaca_id="another", ended_at=timezone.now())

    run(TRANSFERS)

    assert Transfer.objects.get(alpaca_id=theirs).relationship is None


# --- Vendor away, killed half-way, odd answers ------------------------------------------------------------------------


def test_a_broker_that_is_away_is_reported(ada: Customer, settings: Settings) -> None:
    ada.move("50.00")
    settings.BROKER_BASE_URL = "http://127.0.0.1:1"
    before = dump()

    for command in (TRANSFERS, RELATIONSHIPS):
        code, said = run(command)
        assert code == 75
        assert "the vendor is away, try again" in said

    assert dump() == before


def test_an_account_that_cannot_be_read_holds_up_no_other(ada: Customer, sandbox: Sandbox) -> None:
    grace = open_customer(sandbox, "grace@example.com")
    rows = [ada.move("50.00"), grace.move("50.00")]
    for customer, transfer in zip((ada, grace), rows, strict=True):
        settle(customer, transfer)
    fault(sandbox, "status", LIST.replace("*", ada.account.alpaca_id), status=502)

    code, _ = run(TRANSFERS)

    assert code == 1
    assert [read_anew(row).status for row in rows] == [states.QUEUED, states.COMPLETE]


@pytest.mark.parametrize("after", range(4))
def test_a_run_that_is_killed_is_finished_by_the_next(ada: Customer, after: int) -> None:
    settle(ada, ada.move("50.00"))
    ada.made_elsewhere("7.00", OUT)
    ada.made_elsewhere("8.00", OUT)
    findings: Iterator[Any] = reconciling.reconcile("transfers", Scope(), dry_run=False, holder="a test")
    for _ in range(after):
        next(findings, None)
    findings.close()  # type: ignore[attr-defined]

    code, _ = run(TRANSFERS)

    assert code == 0
    assert Transfer.objects.count() == 3
    assert TransferEvent.objects.filter(after=states.COMPLETE).count() == 1


@pytest.mark.parametrize(
    "patch",
    [{"amount": None, "requested_amount": None}, {"direction": "SIDEWAYS"}, {"amount": "-5", "requested_amount": "-5"}],
    ids=str,
)
def test_one_made_elsewhere_that_makes_no_sense_is_left(ada: Customer, sandbox: Sandbox, patch: dict[str, Any]) -> None:
    ada.move("50.00", OUT)
    ada.made_elsewhere("7.00")
    fault(sandbox, "patch_after_commit", LIST, patch=patch)

    code, _ = run(TRANSFERS)

    assert code == 1
    assert Transfer.objects.count() == 1


@pytest.mark.parametrize("command", [TRANSFERS, RELATIONSHIPS])
def test_a_flag_that_nobody_knows_is_wrong_usage(db: None, command: str) -> None:
    with pytest.raises((CommandError, SystemExit, TypeError)) as wrong:
        call_command(command, "--no-such-flag")

    assert getattr(wrong.value, "returncode", 2) in (1, 2)


def test_a_bank_that_the_broker_ended_is_ended_here(ada: Customer) -> None:
    waiting = in_doubt(ada.relationship, states.RESERVED)
    ada.sandbox.post(f"/control/relationships/{ada.relationship.alpaca_id}", status="REJECTED")

    code, _ = run(RELATIONSHIPS)

    assert (code, read_anew(ada.relationship).status) == (0, states.REJECTED)
    assert read_anew(waiting).sending == states.WITHDRAWN


def test_it_is_kept_when_an_account_was_compared_last(clocks: Clocks, ada: Customer) -> None:
    ada.move("50.00")

    run(TRANSFERS)
    compared_at = timezone.now()
    clocks.advance(minutes=5)
    run(TRANSFERS, dry_run=True)
    fault(ada.sandbox, "server_error", LIST)
    run(TRANSFERS)

    assert read_anew(ada.account).compared_at == compared_at
