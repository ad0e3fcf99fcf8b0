"""Every kind of break between accounts, people and the broker: found, mended or told, and no news the second time."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import states
from accounts.findings import BrokerAway
from accounts.models import AgreementSignature, Application, ApplicationEvent, BrokerageAccount, Lease
from accounts.operations import asking, broker_form, leases, onboarding
from brokerage.gateways import broker_accounts
from brokerage.status import note
from tests import make
from tests.brokerage.gateways.vendor import Vendor, answer
from tests.funding import books
from tests.harness.sandbox import Sandbox
from tests.harness.unguarded import remove

pytestmark = pytest.mark.django_db


def open_account(email: str = "ada@example.com", **more: Any) -> BrokerageAccount:
    """Open an account that the broker knows as well, with its number."""
    user = make.user(email)
    onboarding.submit(application=make.application(user, **more))
    return BrokerageAccount.objects.get(user=user)


@pytest.fixture
def ada(sandbox: Sandbox) -> BrokerageAccount:
    account = open_account()
    for status in ("APPROVED", "ACTIVE"):
        sandbox.post(f"/control/accounts/{account.alpaca_id}", status=status)
    run()
    account.refresh_from_db()
    assert account.status == "ACTIVE"
    return account


def run(*words: str) -> tuple[int, list[str]]:
    out = StringIO()
    try:
        call_command("reconcile_accounts", *words, stdout=out, stderr=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def everything() -> list[Any]:
    """Return every row of every table of ours."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name.startswith("accounts_")]
        rows = []
        for table in sorted(tables):
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608 - names from the database itself
            rows.append((table, cursor.fetchall()))
    return rows


# --- What differs at the broker ---------------------------------------------------------------------------------------


def test_a_block_that_we_did_not_hear_of_is_taken_over(ada: BrokerageAccount, sandbox: Sandbox) -> None:
    sandbox.post("/control/settings", emit_events=False)
    sandbox.post(f"/control/accounts/{ada.alpaca_id}", flags={"outgoing_transfers_blocked": True}, ach_return=True)

    code, lines = run()

    assert (code, lines[-1]) == (0, "1 found, 1 mended, 0 left")
    assert "blocks: ours none, the broker's outgoing_transfers_blocked; sell only: ours none" in lines[0]
    ada.refresh_from_db()
    assert (ada.blocks, ada.liquidation_only) == (["outgoing_transfers_blocked"], ["ach_return"])
    assert run() == (0, ["0 found, 0 mended, 0 left"])


def test_kyc_results_that_we_did_not_hear_of_are_taken_over(ada: BrokerageAccount, sandbox: Sandbox) -> None:
    sandbox.post("/control/settings", emit_events=False)
    found = {"indeterminate": {"ADDRESS_VERIFICATION": {}}, "additional_information": "Ada moved", "summary": "fail"}
    sandbox.post(f"/control/accounts/{ada.alpaca_id}", kyc_results=found)

    code, lines = run()

    assert (code, lines[0]) == (0, f"brokerage account {ada.pk}: other KYC results [mended]")
    event = ada.events.get(field="kyc", after="fail")
    assert event.evidence["after"] == {"indeterminate": ["ADDRESS_VERIFICATION"]}
    assert "moved" not in json.dumps(event.evidence)
    assert run() == (0, ["0 found, 0 mended, 0 left"])


def test_an_account_that_the_broker_closed_is_closed_here(ada: BrokerageAccount, sandbox: Sandbox) -> None:
    sandbox.post("/control/settings", emit_events=False)
    sandbox.post(f"/control/accounts/{ada.alpaca_id}", status="ACCOUNT_CLOSED")

    assert run()[0] == 0

    ada.refresh_from_db()
    assert ada.status == "ACCOUNT_CLOSED"
    assert run() == (0, ["0 found, 0 mended, 0 left"])


@pytest.mark.parametrize(
    ("of", "field", "value", "name"),
    [
        ("application", "given_name", "Augusta", "first name"),
        ("application", "family_name", "Byron", "last name"),
        ("application", "phone", "+12015550199", "phone"),
        ("application", "street_address", "1 Other Street", "street address"),
        ("application", "unit", "Apt 4", "street address"),
        ("application", "city", "Newark", "city"),
        ("application", "state", "NY", "state"),
        ("application", "postal_code", "10001", "ZIP code"),
        ("user", "email", "augusta@example.com", "e-mail"),
    ],
)
def test_other_details_are_told_by_their_names_alone(
    ada: BrokerageAccount, of: str, field: str, value: str, name: str
) -> None:
    row = getattr(ada, of)
    before = getattr(row, field)
    setattr(row, field, value)
    row.save(update_fields=[field])

    code, lines = run()

    assert code == 1
    assert lines[0] == f"brokerage account {ada.pk}: the broker has other details: {name} [LEFT]"
    assert not any(word in lines[0] for word in (value, before))


def test_what_only_the_brokers_letters_make_different_is_no_difference(sandbox: Sandbox) -> None:
    open_account(given_name="Thảo", family_name="Nguyễn", city="Łódź", street_address="Straße 5")

    assert run() == (0, ["0 found, 0 mended, 0 left"])


# --- Accounts of which only one side knows ----------------------------------------------------------------------------


def test_an_account_that_is_not_ours_is_told(ada: BrokerageAccount) -> None:
    stranger = broker_accounts.create_account(
        broker_form.filled_in(make.application(make.user("bo@example.com"), tax_id="444554322"))
    )

    code, lines = run()

    assert code == 1
    assert lines[0] == f"the broker's account {stranger.alpaca_id}: not ours [LEFT]"


@pytest.mark.parametrize("status", [states.UNKNOWN, states.READY])
def test_an_account_that_an_application_waits_for_is_adopted(ada: BrokerageAccount, status: str) -> None:
    application = make.application(make.user("bo@example.com"), tax_id="444554322", sent_at=timezone.now())
    made = broker_accounts.create_account(broker_form.filled_in(application))
    Application.objects.filter(pk=application.pk).update(status=status)

    assert run("--dry-run")[1][0].endswith(f"application {application.pk} waits for it [would be mended]")
    code, lines = run()

    assert (code, lines[0][-8:]) == (0, "[mended]")
    assert BrokerageAccount.objects.get(application=application).alpaca_id == made.alpaca_id
    assert run() == (0, ["0 found, 0 mended, 0 left"])


def test_an_account_of_another_person_with_our_address_is_not_adopted(ada: BrokerageAccount) -> None:
    application = make.application(make.user("bo@example.com"), tax_id="444554322", sent_at=timezone.now())
    broker_accounts.create_account(broker_form.filled_in(application))
    Application.objects.filter(pk=application.pk).update(status=states.UNKNOWN, given_name="Cleo")

    code, lines = run()

    assert (code, lines[0][-6:]) == (1, "[LEFT]")
    assert not BrokerageAccount.objects.filter(application=application).exists()


# --- What does not fit together here ----------------------------------------------------------------------------------


def _no_account(ada: BrokerageAccount) -> str:
    other = make.application(make.user("bo@example.com"), status=states.ACCEPTED, tax_id="")
    return f"application {other.pk}: accepted, and there is no brokerage account [LEFT]"


def _not_accepted(ada: BrokerageAccount) -> str:
    Application.objects.update(status=states.REFUSED)
    return f"brokerage account {ada.pk}: its application was not accepted [LEFT]"


def _unsigned(ada: BrokerageAccount) -> str:
    remove(AgreementSignature.objects.all())
    return f"brokerage account {ada.pk}: no agreement was signed [LEFT]"


def _bound_twice(ada: BrokerageAccount) -> str:
    other = make.application(make.user("bo@example.com"), tax_id="")
    note(other, field="status", after=states.ACCEPTED, actor="broker", evidence={"alpaca_id": ada.alpaca_id})
    return f"the broker's account {ada.alpaca_id}: 2 applications were accepted for it [LEFT]"


def _of_another(ada: BrokerageAccount) -> str:
    BrokerageAccount.objects.update(user=make.user("bo@example.com"))
    return f"brokerage account {ada.pk}: its application is another person's [LEFT]"


@pytest.mark.parametrize("break_it", [_no_account, _not_accepted, _unsigned, _bound_twice, _of_another])
def test_what_does_not_fit_together_is_told(ada: BrokerageAccount, break_it: Callable[[BrokerageAccount], str]) -> None:
    line = break_it(ada)

    code, lines = run()

    assert code == 1
    assert line in lines


def test_a_tax_id_that_was_kept_is_dropped(ada: BrokerageAccount) -> None:
    ada.application.tax_id = "444554321"
    ada.application.save(update_fields=["tax_id"])

    code, lines = run()

    assert (code, lines[0]) == (
        0,
        f"application {ada.application_id}: its tax id was kept after the broker had it [mended]",
    )
    assert Application.objects.get(pk=ada.application_id).tax_id == ""
    assert ApplicationEvent.objects.filter(field="tax_id", after="dropped").count() == 1
    assert run() == (0, ["0 found, 0 mended, 0 left"])


# --- How it is run ----------------------------------------------------------------------------------------------------


def test_a_dry_run_leaves_every_row_of_every_table(ada: BrokerageAccount, sandbox: Sandbox) -> None:
    ada.application.tax_id = "444554321"
    ada.application.save(update_fields=["tax_id"])
    sandbox.post("/control/settings", emit_events=False)
    sandbox.post(f"/control/accounts/{ada.alpaca_id}", status="ACCOUNT_UPDATED", flags={"account_blocked": True})
    waiting = make.application(make.user("bo@example.com"), tax_id="444554322", sent_at=timezone.now())
    broker_accounts.create_account(broker_form.filled_in(waiting))
    Application.objects.filter(pk=waiting.pk).update(status=states.UNKNOWN)
    before = everything()

    code, lines = run("--dry-run", "--full")

    assert (code, lines[-1]) == (1, "4 found, 0 mended, 4 left")
    assert everything() == before


def test_one_account_alone_is_compared(ada: BrokerageAccount, sandbox: Sandbox) -> None:
    bo = open_account("bo@example.com", tax_id="444554322")
    sandbox.post("/control/settings", emit_events=False)
    for account in (ada, bo):
        sandbox.post(f"/control/accounts/{account.alpaca_id}", status="ACCOUNT_UPDATED")

    assert run("--account", str(ada.pk))[1][-1] == "1 found, 1 mended, 0 left"
    assert run("--account", bo.alpaca_id)[1][-1] == "1 found, 1 mended, 0 left"


def test_since_leaves_older_accounts_alone(ada: BrokerageAccount, sandbox: Sandbox) -> None:
    sandbox.post("/control/settings", emit_events=False)
    sandbox.post(f"/control/accounts/{ada.alpaca_id}", status="ACCOUNT_UPDATED")
    old = timezone.now() - timedelta(days=9)
    BrokerageAccount.objects.update(created_at=old, status_at=old)

    assert run("--since", f"{timezone.localdate():%Y-%m-%d}")[1][-1] == "0 found, 0 mended, 0 left"
    assert run("--since", f"{timezone.localtime(old):%Y-%m-%d}")[1][-1] == "1 found, 1 mended, 0 left"


@pytest.mark.parametrize(
    "words",
    [
        ["--account", "nobody"],
        ["--account", "7e0f0c1e-3f0b-4c1e-9e55-0d3c9a4b8a10"],
        ["--account", "x", "--full"],
        ["--since", "2999-01-01"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told(words: list[str]) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("reconcile_accounts", *words)

    assert refusal.value.returncode == 2


def test_a_day_that_can_not_be_read_is_wrong_usage_too() -> None:
    with pytest.raises(CommandError, match="--since"):  # in a shell argparse ends with 2
        call_command("reconcile_accounts", "--since", "yesterday")


def test_a_second_process_leaves_at_once(ada: BrokerageAccount) -> None:
    with leases.held("reconcile accounts", holder="another"):
        code, lines = run()

    assert (code, lines) == (0, ["Another process reconciles accounts already.", "0 found, 0 mended, 0 left"])
    assert not Lease.objects.exists()


def test_a_process_that_died_holds_nothing_up_for_long(ada: BrokerageAccount) -> None:
    Lease.objects.create(name="reconcile accounts", holder="dead", until=timezone.now() - timedelta(seconds=1))

    assert run() == (0, ["0 found, 0 mended, 0 left"])


def test_a_run_that_is_stopped_lets_go_and_the_next_begins_with_the_rest(ada: BrokerageAccount) -> None:
    bo = open_account("bo@example.com", tax_id="444554322")
    seen: list[int] = []

    def stop(done: int) -> None:
        seen.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        books.compare("accounts", progress=stop)

    ada.refresh_from_db()
    bo.refresh_from_db()
    assert not Lease.objects.exists()
    assert bo.checked_at > ada.checked_at  # it had never been compared, and so came first


def test_bad_keys_stop_the_run_at_once(ada: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(answer(401, {"code": 40110000, "message": "request is not authorized"}))

    code, lines = run()

    assert (code, lines[0]) == (1, "the broker: refuses our keys, so nothing could be compared [LEFT]")
    assert len(vendor.asked) == 2  # the account, and whether it is our keys


def test_a_broker_that_answers_nothing_but_nonsense_is_away(ada: BrokerageAccount, vendor: Vendor) -> None:
    for number in range(4):
        make.account(make.user(f"{number}@example.com"))
    Application.objects.update(tax_id="")
    vendor.says(answer(502, "<h1>Bad gateway"))

    code, lines = run("--json")

    assert code == 75
    assert json.loads(lines[-1])["stopped"]
    assert len(vendor.asked) == asking.AWAY_AFTER + 1  # the last one asks for nobody, to learn whether it is there


def test_a_broker_that_asks_us_to_slow_down_is_waited_for(ada: BrokerageAccount, vendor: Vendor) -> None:
    waits: list[timedelta] = []
    vendor.says(answer(429, {"code": 42910000, "message": "slow"}, "", Retry_After="7"))
    asker = asking.Asking(per_minute=0, sleep=waits.append)

    with pytest.raises(BrokerAway):
        books.compare("accounts", asking=asker)

    assert waits == [timedelta(seconds=7)] * asking.TRIES
    assert not Lease.objects.exists()


def test_questions_leave_room_for_others(sandbox: Sandbox) -> None:
    waits: list[timedelta] = []
    asker = asking.Asking(per_minute=60, sleep=waits.append)

    for _ in range(3):
        asker.ask(broker_accounts.find_accounts, asking.NOBODY)

    assert len(waits) == 2
    assert all(timedelta(milliseconds=500) < wait <= timedelta(seconds=1) for wait in waits)


def test_the_number_of_queries_for_an_account_is_the_same_for_many(ada: BrokerageAccount, settings: Settings) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            run()
        return len(captured)

    one = queries()
    open_account("bo@example.com", tax_id="444554322")
    two = queries()
    open_account("cy@example.com", tax_id="444554323")

    assert queries() - two == two - one
