"""Following the account stream: nothing missed, nothing done twice, whatever becomes of the line or of us."""

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AccountEvent, BrokerageAccount, Lease, StreamCursor, StreamEvent
from accounts.models.streams import DONE, PARKED, RECEIVED, UNFAMILIAR
from accounts.operations import acting, keeping, leases, news
from accounts.operations.account_stream import ACCOUNTS
from accounts.operations.following import Follower, Stopped, StreamRetired
from accounts.operations.streams import Acted, Stream
from brokerage import ulid
from tests import make
from tests.brokerage.gateways.vendor import EVENT_STREAM, Act, Vendor, answer, silence, stream

pytestmark = pytest.mark.django_db

STREAM = ACCOUNTS.name
NOTHING = stream(b": welcome\n\n")
BEAT = b":heartbeat\n\n"


@pytest.fixture
def account() -> BrokerageAccount:
    return make.account(make.user(), status="SUBMITTED", alpaca_id="ada")


def event(number: int, status: str, account_id: str = "ada", **more: Any) -> bytes:
    """Return an event of so many seconds ago, as it stands on the stream."""
    at = timezone.now() - timedelta(seconds=number)
    body = {"event_ulid": ident(at, number), "at": at.isoformat(), "account_id": account_id, "status_to": status}
    return b"data: %b\n\n" % json.dumps(body | more).encode()


def ident(at: datetime, number: int) -> str:
    return ulid.first_at(at)[:20] + f"{number:06}"


def follow(
    *, rounds: int = 1, silence: int = 5, told: Callable[..., None] = lambda *told: None, stream: Stream = ACCOUNTS
) -> list[timedelta]:
    """Follow for so many rounds; return the waits between them."""
    waits: dict[int, timedelta] = defaultdict(timedelta)

    def pause(wait: timedelta) -> None:
        waits[follower.rounds] += wait

    follower = Follower(
        stream=stream, holder="us", tell=told, stopped=lambda: follower.rounds > rounds, silence=silence
    )
    with suppress(Stopped):
        follower.run(pause=pause)
    return [waits[number + 1] for number in range(rounds)]


def cursor() -> StreamCursor:
    return StreamCursor.objects.get(pk=STREAM)


def statuses(account: BrokerageAccount) -> list[str]:
    return [row.after for row in account.events.filter(field="status")]


def test_what_was_missed_is_read_and_then_what_comes(account: BrokerageAccount, vendor: Vendor) -> None:
    told: list[str] = []
    vendor.says(stream(event(90, "APPROVED")), stream(b": welcome\n\n", BEAT, event(1, "ACTIVE"), BEAT))

    follow(told=lambda _, __, changes: told.extend(change.after for change in changes))

    account.refresh_from_db()
    assert (account.status, told) == ("ACTIVE", ["APPROVED", "ACTIVE"])
    assert [set(each.query) for each in vendor.asked] == [{"since_ulid", "until_ulid"}, {"since_ulid"}]


def test_the_cursor_stands_behind_what_was_applied(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(NOTHING, stream(event(1, "APPROVED"), BEAT))

    follow()

    read_until = cursor().read_until
    assert timezone.now() - read_until < timedelta(seconds=5)
    assert timezone.now() - ulid.time_of(cursor().ulid) > keeping.OVERLAP - timedelta(seconds=1)


def test_a_connection_begins_five_minutes_before_the_cursor(account: BrokerageAccount, vendor: Vendor) -> None:
    make.stream_read(STREAM, timezone.now())
    StreamCursor.objects.update(ulid=ulid.first_at(timezone.now()))
    before = ulid.time_of(cursor().ulid)
    vendor.says(NOTHING)

    follow()

    assert before - ulid.time_of(vendor.asked[0].query["since_ulid"]) == timedelta(minutes=5)


def test_what_is_told_again_acts_once(account: BrokerageAccount, vendor: Vendor) -> None:
    said = event(30, "APPROVED") + event(20, "ACTIVE")
    vendor.says(stream(said), stream(b": hi\n\n", said, said), stream(said), stream(b": hi\n\n", said))

    follow(rounds=2)

    assert statuses(account) == ["SUBMITTED", "APPROVED", "ACTIVE"]


def test_a_death_after_an_event_was_kept_and_before_it_was_acted_on(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(NOTHING, stream(b": hi\n\n", event(30, "APPROVED")), NOTHING, NOTHING)

    with pytest.raises(SystemExit):
        follow(stream=replace(ACCOUNTS, act=die))
    assert (StreamEvent.objects.get().state, statuses(account)) == (RECEIVED, ["SUBMITTED"])
    follow()

    assert (StreamEvent.objects.get().state, statuses(account)) == (DONE, ["SUBMITTED", "APPROVED"])


def test_a_death_after_the_work_repeats_it_without_effect(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(NOTHING, stream(b": hi\n\n", event(30, "APPROVED")), NOTHING, NOTHING)

    with pytest.raises(SystemExit):
        follow(stream=replace(ACCOUNTS, act=lambda body: die(ACCOUNTS.act(body))))
    assert StreamEvent.objects.get().state == RECEIVED
    follow()

    assert (StreamEvent.objects.get().state, statuses(account)) == (DONE, ["SUBMITTED", "APPROVED"])


def die(*_: Any) -> Acted:
    """Stand for kill -9: nothing of what comes after is done."""
    raise SystemExit


@pytest.mark.parametrize("size", [1, 3, 16])
def test_events_split_anywhere_are_whole(account: BrokerageAccount, vendor: Vendor, size: int) -> None:
    said = b": welcome\r\n\r\n" + event(5, "APPROVED") + BEAT + event(3, "ACTIVE")
    vendor.says(NOTHING, stream(*(said[place : place + size] for place in range(0, len(said), size))))

    follow()

    assert statuses(account) == ["SUBMITTED", "APPROVED", "ACTIVE"]


@pytest.mark.parametrize("comment", [b": too slow, dropped 3 messages\n\n", b": internal server error\n\n"])
def test_after_a_loss_the_broker_is_asked_about_each_unsettled_account(
    account: BrokerageAccount, vendor: Vendor, comment: bytes
) -> None:
    make.account(make.user("bo@example.com"), status="ACTIVE", alpaca_id="bo")
    vendor.says(
        NOTHING,
        stream(b": welcome\n\n", comment, event(1, "APPROVED")),
        NOTHING,
        answer(200, {"id": "ada", "status": "ACTION_REQUIRED"}),
        stream(b": welcome\n\n"),
    )

    follow(rounds=2)

    account.refresh_from_db()
    assert account.status == "ACTION_REQUIRED"
    assert [each.path for each in vendor.asked][2:4] == ["/v1/events/accounts/status", "/v1/accounts/ada"]
    assert len(vendor.asked) == 5


def test_what_may_be_lost_is_not_said_to_be_read(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(NOTHING, stream(b": welcome\n\n", BEAT, b": dropped 3 messages\n\n"), answer(502, ""))

    follow(rounds=2)

    assert timedelta(minutes=4, seconds=50) < timezone.now() - cursor().read_until < timedelta(minutes=6)


def test_silence_ends_a_connection(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(NOTHING, silence(EVENT_STREAM + b"b\r\n: welcome\n\n\r\n"), NOTHING, stream(event(1, "APPROVED")))

    follow(rounds=2, silence=1)

    assert statuses(account) == ["SUBMITTED", "APPROVED"]


@pytest.mark.parametrize(
    ("no", "least"),
    [
        (answer(401, {"code": 40110000, "message": "no"}), 15),
        (answer(403, {"code": 40310000, "message": "no"}), 15),
        (answer(429, {"code": 42910000, "message": "slow"}, "", Retry_After="50"), 25),
        (answer(429, {"code": 42910000, "message": "slow"}), 15),
        (answer(502, "<h1>Bad gateway"), 0),
    ],
    ids=["401", "403", "429 with a time", "429", "502"],
)
def test_a_no_is_asked_again_later(account: BrokerageAccount, vendor: Vendor, no: Act, least: int) -> None:
    vendor.says(no, NOTHING, stream(event(1, "APPROVED")))

    waits = follow(rounds=2)

    assert timedelta(seconds=least) <= waits[0] <= timedelta(seconds=60)
    assert statuses(account) == ["SUBMITTED", "APPROVED"]


def test_waits_grow_while_nothing_comes_and_shrink_when_something_does(
    account: BrokerageAccount, vendor: Vendor
) -> None:
    vendor.says(*[answer(502, "")] * 6, NOTHING, stream(b": hi\n\n", BEAT), answer(502, ""))

    waits = follow(rounds=8)

    assert waits[5] >= timedelta(seconds=16)
    assert waits[6] <= timedelta(seconds=2)


def test_a_stream_that_was_retired_ends_it_all(vendor: Vendor) -> None:
    vendor.says(answer(410, {"code": 41010000, "message": "this endpoint is retired"}))

    with pytest.raises(StreamRetired):
        follow()

    assert not Lease.objects.exists()


# --- What cannot be applied -------------------------------------------------------------------------------------------

POISON = (
    b'data: {"event_ulid": "%b", "at": "%b", "account_id": "ada", "kyc_results": {"summary": NaN, "of": "Ada"}}\n\n'
)


def poison(number: int) -> bytes:
    at = timezone.now() - timedelta(seconds=number)
    return POISON % (ident(at, number).encode(), at.isoformat().encode())


def try_again() -> None:
    """Act on all that waits, without waiting for it."""
    StreamEvent.objects.update(next_at=None)
    acting.act_on_due(ACCOUNTS, holder="us")


def test_an_event_that_cannot_be_applied_is_parked_and_the_others_go_on(
    account: BrokerageAccount, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    vendor.says(stream(poison(9), event(8, "APPROVED")))

    follow()
    assert statuses(account) == ["SUBMITTED", "APPROVED"]
    trying = StreamEvent.objects.get(state=RECEIVED, tries=1)
    for _ in range(4):
        try_again()

    parked = StreamEvent.objects.get(state=PARKED)
    assert (parked.pk, parked.tries, parked.account_id) == (trying.pk, 5, "ada")
    assert '"of": "Ada"' in parked.body
    assert parked.events.get().after == PARKED
    with connection.cursor() as raw:
        raw.execute("SELECT body, why FROM accounts_streamevent")
        assert not [row for row in raw.fetchall() if '"Ada"' in row[0] or "Ada" in row[1]]  # sealed, it may spell Ada
    assert '"of"' not in caplog.text


def test_a_failed_try_waits_before_the_next(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(stream(poison(9)))

    follow(rounds=3)

    event = StreamEvent.objects.get()
    assert event.tries == 1
    assert event.next_at
    assert event.next_at > timezone.now() + timedelta(seconds=5)


def test_the_worker_parks_as_well(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(stream(poison(9), event(8, "APPROVED")))

    for _ in range(5):
        StreamEvent.objects.update(next_at=None)
        news.read_and_act(ACCOUNTS, holder="a worker")

    assert statuses(account) == ["SUBMITTED", "APPROVED"]
    assert StreamEvent.objects.get(state=PARKED).tries == 5


def test_an_event_that_can_be_applied_after_all_is_done(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(stream(event(9, "APPROVED")))
    follow()
    StreamEvent.objects.update(state=RECEIVED, tries=4, why="ValueError", acted_at=None)

    try_again()

    event_ = StreamEvent.objects.get()
    assert (event_.state, event_.why) == (DONE, "")
    assert statuses(account) == ["SUBMITTED", "APPROVED"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b'data: {"event_ulid": "01", "account_id": "ada", "halo_status_to": "GOLD"}\n\n', "halo_status_to"),
        (b"data: [1, 2]\n\n", "names no account"),
    ],
)
def test_an_event_of_an_unknown_kind_is_kept_once(
    account: BrokerageAccount, vendor: Vendor, said: bytes, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    vendor.says(stream(said, said, event(8, "APPROVED")))

    follow(rounds=2)

    kept = StreamEvent.objects.get(state=UNFAMILIAR)
    assert kept.why == why
    assert caplog.text.count("of a kind that we do not know") == 1
    assert statuses(account) == ["SUBMITTED", "APPROVED"]


def test_documented_news_that_we_have_no_use_for_is_done(account: BrokerageAccount, vendor: Vendor) -> None:
    vendor.says(stream(b'data: {"event_ulid": "01", "account_id": "ada", "crypto_status_to": "ACTIVE"}\n\n'))

    follow()

    assert StreamEvent.objects.get().state == DONE


def test_an_event_that_is_no_json_is_read_again_and_then_holds_up_nothing(
    account: BrokerageAccount, vendor: Vendor
) -> None:
    vendor.says(stream(event(9, "APPROVED"), b'data: {"event_ulid": "01\n\n', event(8, "ACTIVE")))

    follow()
    assert statuses(account) == ["SUBMITTED", "APPROVED"]
    follow()
    for _ in range(5):
        try_again()

    assert statuses(account) == ["SUBMITTED", "APPROVED", "ACTIVE"]
    assert StreamEvent.objects.get(state=PARKED).event_id == hashlib.sha256(b'{"event_ulid": "01').hexdigest()


def test_what_was_spoiled_on_its_way_once_is_heard(account: BrokerageAccount, vendor: Vendor) -> None:
    said = event(9, "APPROVED")
    vendor.says(stream(said[:60] + b"\n\n"), stream(said), NOTHING)

    follow(rounds=2)

    assert statuses(account) == ["SUBMITTED", "APPROVED"]


# --- More than one reader ---------------------------------------------------------------------------------------------


def test_a_second_follower_leaves_at_once(vendor: Vendor) -> None:
    with leases.held(STREAM, holder="another"), pytest.raises(leases.HeldByAnother):
        follow()

    assert vendor.asked == []


def test_a_follower_that_was_away_too_long_leaves_the_place_to_its_heir(vendor: Vendor) -> None:
    with leases.held(STREAM, holder="us") as lease:
        Lease.objects.update(holder="heir")
        lease._renewed_at -= timedelta(minutes=4)

        with pytest.raises(leases.HeldByAnother):
            lease.renew()
    assert Lease.objects.get().holder == "heir"


def test_the_cursor_of_the_quicker_reader_stays(account: BrokerageAccount, vendor: Vendor) -> None:
    make.stream_read(STREAM, timezone.now() - timedelta(minutes=1))
    slow = cursor()
    assert cursor().move_on(ulid=ulid.first_at(timezone.now()), read_until=timezone.now())
    moved = cursor().ulid

    assert not slow.move_on(ulid=ulid.first_at(timezone.now()), read_until=timezone.now())
    assert cursor().ulid == moved


@pytest.mark.django_db(transaction=True)
def test_the_worker_and_a_follower_together_do_nothing_twice(account: BrokerageAccount, vendor: Vendor) -> None:
    said = b"".join(event(60 - n, status) for n, status in enumerate(["APPROVED", "ACTIVE", "ACCOUNT_UPDATED"] * 5))
    vendor.says(stream(said))
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(3):
                news.read_and_act(ACCOUNTS, holder="a worker")
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    worker = threading.Thread(target=read)
    worker.start()
    follow(rounds=2)
    worker.join()

    assert failures == []
    ids = AccountEvent.objects.exclude(vendor_event_id=None).values_list("vendor_event_id", flat=True)
    assert len(ids) == len(set(ids))
    moves = [(row.before, row.after) for row in account.events.filter(field="status")]
    assert all(before != after for before, after in moves)
    account.refresh_from_db()
    assert account.status == "ACCOUNT_UPDATED"


@pytest.mark.django_db(transaction=True)
def test_of_two_followers_one_gets_the_lease() -> None:
    got: list[str] = []
    barrier, done = threading.Barrier(4), threading.Event()

    def take(holder: str) -> None:
        barrier.wait()
        try:
            with leases.held(STREAM, holder=holder):
                got.append(holder)
                done.wait(5)
        except leases.HeldByAnother:
            got.append("none")
            if got.count("none") == 3:
                done.set()
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[f"{number}"]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert got.count("none") == 3
    assert not Lease.objects.exists()
