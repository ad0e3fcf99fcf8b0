"""What is done again and again: in its time, by one worker, neither twice nor never."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from brokerage import stopping
from brokerage.gateways.errors import NotSent
from funding.models import Schedule
from funding.operations import schedules
from funding.operations.duties import DUTIES
from funding.operations.heartbeats import Doing
from funding.operations.schedules import Duty
from tests.funding.standing import at_once
from tests.harness.waiting import eventually

T0 = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 10 o'clock in New York
HOUR = timedelta(hours=1)


@dataclass
class Work:
    """Something to do, which counts how often it was done and by whom."""

    becomes: Callable[[], object] = lambda: None
    by: list[str] = field(default_factory=list)

    def __call__(self, by: str) -> int:
        self.by.append(by)
        self.becomes()
        return 1


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(T0, tick=False) as traveller:
        yield traveller


def keep(*duties: Duty, holder: str = "one") -> int:
    return schedules.keep(duties, holder=holder, doing=Doing().now)


def missed(duty: Duty, by: timedelta = timedelta(days=3)) -> None:
    """Say that it was last done some time ago."""
    Schedule.objects.update_or_create(name=duty.name, defaults={"done_at": timezone.now() - by})


@pytest.mark.django_db
def test_it_is_done_each_time_and_not_before(clock: time_machine.Traveller) -> None:
    work = Work()
    duty = Duty("x", work, every=HOUR)
    counts = []

    for minutes in (0, 59, 1, 0, 59, 1):
        clock.shift(timedelta(minutes=minutes))
        keep(duty)
        counts.append(len(work.by))

    assert counts == [0, 0, 1, 1, 1, 2]


@pytest.mark.django_db
def test_what_was_missed_while_nobody_worked_is_done_once(clock: time_machine.Traveller) -> None:
    work = Work()
    duty = Duty("x", work, every=HOUR)
    missed(duty)

    assert [keep(duty, holder=name) for name in ("one", "other")] == [1, 0]
    assert work.by == ["one"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        ("2026-03-01T08:00", "2026-03-02T06:59", False),  # 1:59 in New York
        ("2026-03-01T08:00", "2026-03-02T07:00", True),
        ("2026-03-02T07:00", "2026-03-03T06:59", False),
        ("2026-03-01T06:00", "2026-03-02T06:59", True),  # that of the day before was missed
        ("2026-03-07T07:00", "2026-03-08T07:00", True),  # the night in which clocks are set forward
        ("2026-03-08T07:00", "2026-03-09T05:59", False),
        ("2026-03-08T07:00", "2026-03-09T06:00", True),
    ],
)
def test_a_nightly_one_is_due_by_the_clock_of_new_york(last: str, now: str, due: bool) -> None:
    work = Work()
    duty = Duty("x", work, at=time(2))
    with time_machine.travel(datetime.fromisoformat(f"{now}+00:00"), tick=False):
        Schedule.objects.create(name="x", done_at=datetime.fromisoformat(f"{last}+00:00"))

        keep(duty)

    assert bool(work.by) == due


@pytest.mark.django_db
def test_one_that_fails_is_tried_again_soon_and_holds_up_no_other(clock: time_machine.Traveller) -> None:
    def fail() -> None:
        raise KeyError

    def away() -> None:
        raise NotSent("POST: nobody there")

    works = [Work(fail), Work(away), Work()]
    duties = [Duty(str(n), work, every=HOUR) for n, work in enumerate(works)]
    for duty in duties:
        missed(duty)

    assert keep(*duties) == 1
    assert keep(*duties) == 0
    clock.shift(schedules.AGAIN_AFTER)
    keep(*duties)

    assert [len(work.by) for work in works] == [2, 2, 1]
    assert list(Schedule.objects.values_list("error", flat=True)) == ["KeyError", "NotSent", ""]


@pytest.mark.django_db
def test_one_that_takes_too_long_goes_on_later(clock: time_machine.Traveller) -> None:
    work = Work(stopping.goes_on)
    duty = Duty("x", work, every=HOUR, at_most=0)
    missed(duty)

    keep(duty)
    keep(duty)
    clock.shift(schedules.AGAIN_AFTER)
    keep(duty)

    assert len(work.by) == 2


@pytest.mark.django_db
def test_one_whose_worker_is_to_stop_is_gone_on_with_by_another_at_once(clock: time_machine.Traveller) -> None:
    wanted = [True, False]  # asked before it begins, and between two of its rows
    work = Work(stopping.goes_on)
    duty = Duty("x", work, every=HOUR)
    missed(duty)

    with stopping.turn(lambda: wanted.pop(0) if wanted else False):
        keep(duty)
    keep(duty, holder="other")

    assert work.by == ["one", "other"]


class Killed(BaseException):
    """Stands for SIGKILL."""


def killed() -> None:
    raise Killed


@pytest.mark.django_db
def test_what_a_dead_worker_had_begun_is_done_by_another_within_a_minute(clock: time_machine.Traveller) -> None:
    work = Work(killed)
    duty = Duty("x", work, every=HOUR)
    missed(duty)
    with pytest.raises(Killed):
        keep(duty, holder="dead")
    work.becomes = lambda: None

    clock.shift(timedelta(seconds=44))
    keep(duty, holder="other")
    assert work.by == ["dead"]
    clock.shift(timedelta(seconds=2))
    keep(duty, holder="other")

    assert work.by == ["dead", "other"]


@pytest.mark.django_db
def test_one_that_takes_long_is_its_own_for_as_long_as_its_worker_lives(clock: time_machine.Traveller) -> None:
    seen = []

    def take_long() -> None:
        for _ in range(20):
            clock.shift(timedelta(seconds=10))
            schedules.renew(holder="one")
            seen.append(keep(other, holder="other"))

    other, duty = Duty("x", Work(), every=HOUR), Duty("x", Work(take_long), every=HOUR)
    missed(duty)

    keep(duty)

    assert seen == [0] * 20


@pytest.mark.django_db
def test_one_that_was_taken_for_dead_does_not_say_that_it_is_done(
    clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    def be_overtaken() -> None:
        Schedule.objects.update(holder="other")

    duty = Duty("x", Work(be_overtaken), every=HOUR)
    missed(duty)

    keep(duty)

    assert Schedule.objects.get().holder == "other"
    assert "taken over from us" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_many_workers_do_it_once() -> None:
    passed_by: list[int] = []

    def until_the_others_were_here() -> None:
        eventually(lambda: len(passed_by) == 7 or len(work.by) > 1, 20)

    def look(worker: int) -> int:
        done = keep(duty, holder=f"worker {worker}")
        passed_by.append(worker)
        return done

    work = Work(until_the_others_were_here)
    duty = Duty("x", work, every=HOUR)
    missed(duty)

    came = at_once(*[lambda n=n: look(n) for n in range(8)])

    assert sorted(came) == [0] * 7 + [1]
    assert len(work.by) == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_that_begin_at_once_make_one_row() -> None:
    came = at_once(*[lambda n=n: keep(*DUTIES, holder=f"worker {n}") for n in range(6)])

    assert came == [0] * 6
    assert Schedule.objects.count() == len(DUTIES)


def test_each_duty_has_a_name_of_its_own() -> None:
    assert len({duty.name for duty in DUTIES}) == len(DUTIES)
