"""The desk's start page: every queue says what waits, since when, and leads there; the rates say how far they are."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import states as account_states
from accounts.models import AuditHead, BrokerageAccount
from brokerage.status import note
from funding import desk_strip, queues, states
from funding.models import (
    ACHRelationship,
    Brake,
    Break,
    Case,
    Freeze,
    LinkSession,
    PlaidItem,
    Schedule,
    SendAttempt,
    Worker,
)
from funding.operations import returns
from tests import make
from tests.funding.admin.ops import AtTheDesk, person
from tests.funding.operations.test_return_rates import came_back, debits
from tests.funding.standing import OUT, in_doubt
from tests.harness.unguarded import rewrite

TRANSFERS = "/admin/funding/transfer/"


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person())


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def queue(title: str) -> queues.Queue:
    [found] = [each for each in queues.everything() if each.title == title]
    return found


def ago(**time: float) -> Any:
    return timezone.now() - timedelta(**time)


def case_of(bank: ACHRelationship) -> Case:
    return Case.objects.create(
        transfer=make.transfer(bank), brokerage_account=bank.brokerage_account, kind=Case.Kind.DEBT, because="owes"
    )


def break_of(bank: ACHRelationship) -> Break:
    account = bank.brokerage_account
    subject = f"brokerage account {account.pk}"
    return Break.objects.create(kind=Break.CASH, subject=subject, brokerage_account=account, ours="1", theirs="2")


def freeze_of(bank: ACHRelationship) -> Freeze:
    return Freeze.objects.create(brokerage_account=bank.brokerage_account, because="asked to", frozen_by="ops")


def standing(bank: ACHRelationship, **fields: Any) -> None:
    ACHRelationship.objects.filter(pk=bank.pk).update(**fields)


def unused(bank: ACHRelationship, *, tries: int) -> None:
    standing(bank, ended_at=timezone.now())
    PlaidItem.objects.update(removal_tries=tries)


WAITING: dict[str, Callable[[ACHRelationship], Any]] = {
    "Deposits held": lambda bank: make.transfer(bank, sending=states.HELD),
    "To review": lambda bank: in_doubt(bank, states.REVIEW),
    "Outcome unknown": in_doubt,
    "Cases": case_of,
    "Breaks": break_of,
    "Frozen accounts": freeze_of,
    "Brake on deposits": lambda bank: Brake.objects.create(rate="all", returned=16, debits=100),
    "Owners to look at": lambda bank: standing(bank, sending=states.HELD, sending_at=timezone.now()),
    "Bank accounts stopped": lambda bank: bank.suspend(because="closed", actor="broker"),
    "Bank links to review": lambda bank: bank.move_sending(states.REVIEW, actor="worker"),
    "Banks not removed": lambda bank: standing(bank, ending_at=timezone.now(), ending_tries=3),
    "Bank logins in trouble": lambda bank: bank.login.move_health(states.SIGN_IN, actor="worker"),
    "Logins not removed": lambda bank: unused(bank, tries=3),
    "Orphan items": lambda bank: LinkSession.objects.create(user=bank.brokerage_account.user, outcome="orphan"),
}


@pytest.mark.parametrize("title", WAITING)
def test_what_waits_stands_in_its_queue_and_the_queue_leads_there(
    desk: AtTheDesk, bank: ACHRelationship, title: str
) -> None:
    assert queue(title).count == 0

    WAITING[title](bank)

    found = queue(title)
    assert found.count == 1
    assert found.oldest
    assert found.oldest > ago(minutes=1)
    assert " 1 " in desk.read(found.url)
    assert title in desk.read("/admin/")


def test_a_brake_that_is_lifted_a_case_that_is_closed_and_a_break_that_ended_wait_no_more(
    desk: AtTheDesk, bank: ACHRelationship
) -> None:
    now, ops = timezone.now(), {"lifted_by": desk.user}
    Brake.objects.create(rate="all", returned=16, debits=100, lifted_at=now, **ops)
    freeze = freeze_of(bank)
    returns.ask_to_lift(freeze=freeze, because="fine", person=make.user("else@example.com"))
    returns.lift(freeze=freeze, person=desk.user)
    returns.close_case(case=case_of(bank), outcome="fine", person=desk.user)
    break_of(bank)
    Break.objects.update(ended_at=now)

    assert [queue(title).count for title in ("Brake on deposits", "Frozen accounts", "Cases", "Breaks")] == [0] * 4


def test_a_freeze_that_one_person_wants_lifted_waits_for_the_second(desk: AtTheDesk, bank: ACHRelationship) -> None:
    freeze = freeze_of(bank)
    assert "second person" not in desk.read("/admin/")

    returns.ask_to_lift(freeze=freeze, because="fine", person=desk.user)

    assert "1 of them waits for the second person" in desk.read("/admin/")
    assert f"the second person; {desk.user} asked" in desk.read(queue("Frozen accounts").url)


# --- Banks ------------------------------------------------------------------------------------------------------------


def test_one_that_is_yet_to_come_is_no_stopped_bank_account(bank: ACHRelationship) -> None:
    standing(bank, sending=states.WAITING, suspended_at=timezone.now())

    assert queue("Bank accounts stopped").count == 0


def test_two_tries_are_bad_luck(bank: ACHRelationship) -> None:
    standing(bank, ending_at=timezone.now(), ending_tries=2)
    assert queue("Banks not removed").count == 0

    unused(bank, tries=2)

    assert (queue("Banks not removed").count, queue("Logins not removed").count) == (0, 0)


@pytest.mark.parametrize(
    ("health", "trouble"),
    [(states.EXPIRING, 0), (states.SIGN_IN, 1), (states.REVOKED, 1), (states.GONE, 1), (states.REMOVED, 0)],
)
def test_a_login_is_in_trouble_while_its_bank_account_is_linked(
    bank: ACHRelationship, health: str, trouble: int
) -> None:
    PlaidItem.objects.update(health=health)
    assert queue("Bank logins in trouble").count == trouble

    standing(bank, ended_at=timezone.now())

    assert queue("Bank logins in trouble").count == 0


def test_a_login_waits_to_be_removed_since_its_last_bank_account_ended(bank: ACHRelationship) -> None:
    unused(bank, tries=4)
    standing(bank, ended_at=ago(hours=7))
    make.relationship(make.account(make.user("b@example.com")), item=bank.login, ended_at=ago(hours=3), mask="2")

    found = queue("Logins not removed")

    assert found.count == 1
    assert found.oldest
    assert ago(hours=3, minutes=1) < found.oldest < ago(hours=2, minutes=59)


# --- Stuck ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sending", "seconds", "stuck"),
    [
        (states.RESERVED, 299, False),
        (states.RESERVED, 301, True),
        (states.SENDING, 59, False),
        (states.SENDING, 61, True),
        (states.UNKNOWN, 65 * 60 - 1, False),
        (states.UNKNOWN, 65 * 60 + 1, True),
    ],
)
def test_what_should_have_moved_on_is_stuck(bank: ACHRelationship, sending: str, seconds: int, stuck: bool) -> None:
    make_it = make.transfer if sending == states.RESERVED else in_doubt
    make_it(bank, sending=sending, created_at=ago(seconds=seconds))

    assert queue("Stuck").count == stuck


@pytest.mark.parametrize(
    "bank_is", [{"status": states.QUEUED}, {"suspended_at": timezone.now()}], ids=["new", "stopped"]
)
def test_what_waits_for_a_bank_account_is_not_stuck(db: None, bank_is: dict[str, Any]) -> None:
    waiting = make.relationship(make.account(make.user()), **bank_is)

    make.transfer(waiting, sending=states.RESERVED, created_at=ago(hours=1))

    assert queue("Stuck").count == 0


def test_what_waits_for_a_brokerage_account_is_not_stuck(bank: ACHRelationship) -> None:
    make.transfer(bank, sending=states.RESERVED, created_at=ago(hours=1), direction=OUT)
    assert queue("Stuck").count == 1

    BrokerageAccount.objects.update(status=account_states.ACTION_REQUIRED)

    assert queue("Stuck").count == 0


def test_one_that_lacks_its_attempt_is_stuck_and_can_be_looked_at(desk: AtTheDesk, bank: ACHRelationship) -> None:
    transfer = make.transfer(bank, sending=states.UNKNOWN)

    assert queue("Stuck").count == 1
    assert transfer.short_reference in desk.read(f"{TRANSFERS}{transfer.pk}/change/")


# --- Lists ------------------------------------------------------------------------------------------------------------


def test_a_queue_begins_with_what_has_waited_longest_and_the_list_with_the_newest(
    desk: AtTheDesk, bank: ACHRelationship
) -> None:
    old, new = (
        make.transfer(bank, direction=direction, sending=states.HELD, created_at=ago(hours=hours))
        for direction, hours in ((states.INCOMING, 5), (states.INCOMING, 1))
    )

    def order(url: str) -> bool:
        shown = desk.read(url)
        return shown.index(old.short_reference) < shown.index(new.short_reference)

    assert order(f"{TRANSFERS}?queue=held")
    assert not order(TRANSFERS)


@pytest.mark.parametrize(
    "url",
    [
        "/admin/",
        TRANSFERS,
        "/admin/funding/case/",
        "/admin/funding/freeze/",
        "/admin/funding/brake/",
        "/admin/funding/break/",
        "/admin/funding/limitoverride/",
        "/admin/funding/achrelationship/",
        "/admin/funding/plaiditem/",
        "/admin/funding/linksession/",
    ],
)
def test_more_rows_take_no_more_queries(desk: AtTheDesk, url: str) -> None:
    def customers(*names: str) -> int:
        for name in names:
            account = make.account(make.user(f"{name}@example.com"))
            bank = make.relationship(account)
            LinkSession.objects.create(user=account.user, outcome="orphan", item=bank.login)
            bank.login.move_health(states.SIGN_IN, actor="worker")
            for row in (case_of, break_of, freeze_of, in_doubt):
                row(bank)
            returns.ask_to_lift(freeze=Freeze.objects.get(brokerage_account=account), because="x", person=account.user)
            account.limit_overrides.create(direction=OUT, because="x", set_by=account.user)
            lifted = {"lifted_at": timezone.now(), "lifted_by": account.user}
            Brake.objects.create(rate="all", returned=1, debits=1, **lifted)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            desk.read(url)
        return len(queries)

    AuditHead.objects.create()  # who sees a list is kept, and the audit has begun long ago
    desk.read(url)  # the first one looks up content types

    assert customers("one") == customers("two", "three", "four")


# --- Search -----------------------------------------------------------------------------------------------------------


def test_a_transfer_is_found_by_any_id_an_address_a_mask_or_an_amount(desk: AtTheDesk, bank: ACHRelationship) -> None:
    found = in_doubt(bank, amount="1234.50", alpaca_id="8c1f-of-theirs")
    found.attempt.request_id = "request-77"
    found.attempt.save()
    bank.mask = "9876"
    bank.save()
    other = make.transfer(make.relationship(make.account(make.user("grace@example.com"))), "5.00")
    account = bank.brokerage_account
    words = [str(found.pk), "8c1f-of-theirs", account.alpaca_id, str(bank.alpaca_id), "request-77"]

    for word in [*words, "ada@example", "9876", "1,234.50", "$1234.50"]:
        shown = desk.client.get(TRANSFERS, {"q": word}).content.decode()
        assert found.short_reference in shown, word
        assert other.short_reference not in shown, word


# --- Rates ------------------------------------------------------------------------------------------------------------


def test_the_rates_say_how_far_they_are(desk: AtTheDesk, bank: ACHRelationship) -> None:
    debits(bank, 1000)
    came_back(bank, *["R10"] * 4, *["R02"] * 31)

    shown = desk.read("/admin/")

    assert "Unauthorized 0.40% 0.50% 0.40% warn , 4 of 1000 go on" in shown
    assert "Administrative 3.10% 3.00% 3.10% over , 31 of 1000 go on" in shown
    assert "All 3.50% 15.00% 3.50% ok , 35 of 1000 go on" in shown


def test_a_brake_stands_beside_its_rate(desk: AtTheDesk, bank: ACHRelationship) -> None:
    brake = Brake.objects.create(rate="unauthorized", returned=6, debits=1000)

    assert "0.00% ok , 0 of 0 paused since" in desk.read("/admin/")
    assert f"/admin/funding/brake/{brake.pk}/change/" in desk.client.get("/admin/").content.decode()


# --- One transfer -----------------------------------------------------------------------------------------------------


def test_the_page_of_a_transfer_tells_it_all(desk: AtTheDesk, bank: ACHRelationship) -> None:
    transfer = in_doubt(bank)
    rewrite(
        SendAttempt.objects.filter(transfer=transfer),
        sender="worker 7",
        request_id="request-77",
        answer={"what": "POST: ReadTimeout", "access_token": "canary"},
    )
    note(transfer, field="sending", actor="worker", evidence={"processor_token": "canary"})
    transfer.lookups.create(complete=True, rows_read=3, candidates=["their id"])
    case = Case.objects.create(
        transfer=transfer, brokerage_account=bank.brokerage_account, kind=Case.Kind.NO_CODE, because="no words"
    )

    shown = desk.read(f"{TRANSFERS}{transfer.pk}/change/")

    told = ("Confirming with the broker", "I authorize this.", "203.0.113.7", "worker 7", "request-77")
    for words in (*told, "POST: ReadTimeout", "their id", "a test", case.because):
        assert words in shown, words
    assert "canary" not in shown
    assert "Facts behind: Sent to the broker" in shown


# --- Workers ----------------------------------------------------------------------------------------------------------


def worker(*, seconds: int, **more: Any) -> Worker:
    return Worker.objects.create(name=f"worker {seconds}", host="x", pid=1, beat_at=ago(seconds=seconds), **more)


def test_a_site_that_never_had_a_worker_misses_none(db: None) -> None:
    assert queue("Workers silent").count == 0


def test_a_worker_that_fell_silent_is_told_while_another_one_works(desk: AtTheDesk) -> None:
    worker(seconds=5)
    dead = worker(seconds=50)
    worker(seconds=60, stopped_at=ago(seconds=55))
    worker(seconds=90_000)  # of the day before

    found = queue("Workers silent")

    assert (found.count, found.oldest, found.tone) == (1, dead.beat_at, "warn")
    page = desk.client.get(found.url).content.decode()
    assert "worker 50" in page
    assert "worker 5<" not in page


def test_it_is_red_when_no_worker_works(db: None) -> None:
    stopped = worker(seconds=600, stopped_at=ago(seconds=600))

    found = queue("Workers silent")

    assert (found.count, found.oldest, found.tone) == (1, stopped.beat_at, "danger")


def test_one_that_is_heard_of_and_does_not_get_on_is_red_in_queue_list_and_strip(desk: AtTheDesk) -> None:
    worker(seconds=5, round_at=ago(seconds=5))
    assert "a round done 5 seconds ago" in desk.read("/admin/")
    assert queue("Workers stuck").count == 0
    since = ago(minutes=9)
    worker(seconds=6, round_at=ago(minutes=9), stuck="schedules", stuck_since=since)
    worker(seconds=600, stuck="rounds", stuck_since=since)  # silent by now

    found = queue("Workers stuck")

    assert (found.count, found.oldest, found.tone) == (1, since, "danger")
    page = desk.client.get(found.url).content.decode()
    assert "worker 6" in page
    assert "schedules" in page
    assert "worker 5<" not in page
    [sign] = [sign for sign in desk_strip.signs(rates=[]) if sign.label == "Workers"]
    assert (sign.value, sign.tone, sign.word, sign.url) == ("2 at work", "danger", "stuck: schedules", found.url)


def test_workers_and_schedules_are_shown(desk: AtTheDesk) -> None:
    worker(seconds=5, doing="sweep", error="reserved: OutcomeUnknown", error_at=ago(minutes=1))
    Schedule.objects.create(name="purge", done_at=ago(hours=3))

    assert "reserved: OutcomeUnknown" in desk.client.get("/admin/funding/worker/").content.decode()
    assert "purge" in desk.client.get("/admin/funding/schedule/").content.decode()
    assert desk.client.get(f"/admin/funding/worker/{Worker.objects.get().pk}/change/").status_code == 200


# --- By subject, and what is clear ------------------------------------------------------------------------------------


def test_queues_stand_under_what_they_are_about_and_those_with_nothing_in_one_line(
    desk: AtTheDesk, bank: ACHRelationship
) -> None:
    make.transfer(bank, sending=states.HELD)
    bank.suspend(because="closed", actor="broker")

    shown = desk.read("/admin/")

    waiting, clear = shown.split("Nothing waits in:")
    assert re.search("Transfers Deposits held 1 .*Bank accounts and logins Bank accounts stopped 1 ", waiting)
    assert "What stands still" not in waiting
    assert "Brake on deposits Frozen accounts Cases" in clear
    assert "Deposits held" not in clear


def test_a_desk_with_nothing_to_do_says_so(desk: AtTheDesk) -> None:
    shown = desk.read("/admin/")

    assert "Nothing waits for a person." in shown
    assert all(each.title in shown for each in queues.everything())


def test_a_queue_is_shown_to_who_may_read_its_list(bank: ACHRelationship) -> None:
    make.transfer(bank, sending=states.HELD)
    case_of(bank)

    shown = AtTheDesk(person("clerk@example.com", "view_case")).read("/admin/")

    assert "Cases 1 " in shown
    assert "Deposits held" not in shown


# --- The strip --------------------------------------------------------------------------------------------------------


def test_the_strip_says_how_far_behind_each_stream_is(desk: AtTheDesk) -> None:
    assert "Streams never read" in desk.read("/admin/")

    make.stream_read("accounts/status", ago(seconds=12))
    make.stream_read("transfers/status", ago(minutes=7))
    signs = {each.label: each for each in desk_strip.signs(rates=[])}

    fresh, late = signs["Stream accounts/status"], signs["Stream transfers/status"]
    assert (fresh.value, fresh.tone, fresh.word) in (("12 seconds ago", "ok", "read"), ("13 seconds ago", "ok", "read"))
    assert (late.value, late.tone, late.word) == ("7 minutes ago", "danger", "behind")
    assert "Stream transfers/status 7 minutes ago behind" in desk.read("/admin/")


def test_the_strip_holds_the_rates_against_their_limits(desk: AtTheDesk, bank: ACHRelationship) -> None:
    debits(bank, 1000)
    came_back(bank, *["R10"] * 4, *["R02"] * 31)

    shown = desk.read("/admin/")

    assert "Returns, unauthorized 0.40% of 0.50% warn" in shown
    assert "Returns, administrative 3.10% of 3.00% over" in shown
    assert "Returns, all 3.50% of 15.00% ok" in shown


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 seconds"), (1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (3599, "59 minutes"), (90_000, "1 day")],
)
def test_an_age_is_told_in_its_largest_unit(seconds: int, said: str) -> None:
    assert desk_strip.age(timedelta(seconds=seconds)) == said
