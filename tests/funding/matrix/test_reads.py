"""The column "reads": what one that is struck leaves standing, how loudly we say so, and that it is made up for."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from funding.models import SendAttempt
from tests.funding.matrix import faults
from tests.funding.matrix.faults import Fault, levels, strike, watch
from tests.funding.matrix.reads import READS, Read, Story
from tests.funding.matrix.table import (
    ANOTHER,
    AWAY,
    CONFLICT,
    GARBLED,
    INVALID,
    KEYS,
    KILLED_AFTER,
    KILLED_BEFORE,
    PERMISSION,
    SILENT,
    SLOW_DOWN,
    STRANGE,
    rows,
)
from tests.funding.standing import OUT, Clocks, Customer
from tests.harness.sandbox import Sandbox

pytestmark = pytest.mark.slow  # hundreds of them: `make check` leaves them to `make test`

ALARM, REPORT, SILENCE = {"ERROR"}, {"WARNING"}, set[str]()
# Whatever strikes, the last good stays and the next read makes up for it; this is how loudly it is said meanwhile.
MUST = {
    AWAY: SILENCE,
    SILENT: SILENCE,
    SLOW_DOWN: SILENCE,
    GARBLED: REPORT,
    INVALID: ALARM,
    KEYS: ALARM,
    PERMISSION: ALARM,
    KILLED_BEFORE: SILENCE,
    KILLED_AFTER: SILENCE,
}


def struck_by(read: Read) -> list[Fault]:
    once = [each for each in faults.FAULTS if each.name not in faults.ONE_OF_TWO]
    plain = [each for each in once if each.row not in (CONFLICT, KILLED_AFTER)]
    cuts = [Fault(SILENT, kind, kind) for kind in read.cuts]
    dies = {**read.dies}
    return [*plain, *cuts, Fault(KILLED_AFTER, "in the middle", dies.pop("kind"), how=dies)]


CELLS = [(read, struck) for read in READS for struck in struck_by(read)]


@pytest.fixture
def story(clocks: Clocks, ada: Customer) -> Story:
    return Story(ada, clocks, ada.move("50.00", OUT))


@pytest.fixture
def struck(story: Story, sandbox: Sandbox, settings: Settings) -> Callable[[Read, Fault], None]:
    """Let a read be struck once, with news waiting for it at the broker."""

    def strike_it(read: Read, by: Fault) -> None:
        assert read.kept(story) == read.old
        strike(by, lambda: read.take(story), on=read.route, sandbox=sandbox, settings=settings)

    return strike_it


@pytest.mark.parametrize(("read", "by"), CELLS, ids=str)
def test_a_read_that_is_struck_is_what_the_matrix_says(
    story: Story, struck: Callable[[Read, Fault], None], sandbox: Sandbox, caplog: pytest.LogCaptureFixture,
    read: Read, by: Fault,
) -> None:  # fmt: skip
    read.prepare(story)
    attempts = SendAttempt.objects.count()
    caplog.clear()

    struck(read, by)
    posted = watch(sandbox)

    assert read.kept(story) == read.old
    assert levels(caplog) == MUST[by.row]

    read.take(story)

    assert read.kept(story) == read.new
    assert (posted(), SendAttempt.objects.count()) == (0, attempts)


def patched(read: Read, row: str, name: str, **how: Any) -> Fault:
    times = {"times": 9} if read.is_stream else {}
    return Fault(row, name, read.patch, how={**how, **times})


@pytest.mark.parametrize("read", READS, ids=str)
def test_an_answer_about_another_is_reported(
    story: Story, struck: Callable[[Read, Fault], None], caplog: pytest.LogCaptureFixture, read: Read
) -> None:
    patch, stands, loud = read.another
    read.prepare(story)
    caplog.clear()

    struck(read, patched(read, ANOTHER, "another", patch=patch))

    assert read.kept(story) == stands
    assert loud in levels(caplog) or not loud


@pytest.mark.parametrize("read", READS, ids=str)
def test_an_unknown_word_is_kept_or_reported_and_stops_nothing(
    story: Story, struck: Callable[[Read, Fault], None], caplog: pytest.LogCaptureFixture, read: Read
) -> None:
    patch, stands, loud = read.strange
    read.prepare(story)
    caplog.clear()

    struck(read, patched(read, STRANGE, "unknown word", patch=patch))

    assert read.kept(story) == stands
    assert levels(caplog) == {loud}


@pytest.mark.parametrize("read", READS, ids=str)
@pytest.mark.parametrize("odd", ["too many", "missing"])
def test_a_field_too_many_or_missing_changes_nothing(
    story: Story, struck: Callable[[Read, Fault], None], caplog: pytest.LogCaptureFixture, read: Read, odd: str
) -> None:
    how = {"patch": {"surprise": {"deep": [1]}}} if odd == "too many" else {"drop": list(read.optional)}
    read.prepare(story)
    caplog.clear()

    struck(read, patched(read, STRANGE, odd, **how))

    assert read.kept(story) == read.new
    assert levels(caplog) == SILENCE


def test_no_cell_of_this_column_is_missing() -> None:
    for read in READS:
        assert {by.row for each, by in CELLS if each == read} == set(MUST)
    assert set(MUST) | {ANOTHER, STRANGE} == rows("reads")
