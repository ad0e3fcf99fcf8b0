"""The column "reads" of a bank link: what one that is struck leaves standing, how loudly, and that it is made up."""

import pytest

from tests.funding.matrix import faults
from tests.funding.matrix.banks import Someone
from tests.funding.matrix.faults import Fault, levels, patched
from tests.funding.matrix.link_reads import READS, LinkRead
from tests.funding.matrix.table import (
    ANOTHER,
    AWAY,
    GARBLED,
    INVALID,
    KEYS,
    KILLED_AFTER,
    KILLED_BEFORE,
    SILENT,
    SLOW_DOWN,
    STRANGE,
    link_rows,
)

pytestmark = pytest.mark.slow  # hundreds of them: `make check` leaves them to `make test`

ALARM, REPORT, SILENCE = "an alarm", "a report", "no alarm"
# Whatever strikes, the last good stays and the next read makes up for it; this is how loudly it is said meanwhile.
MUST = {
    AWAY: SILENCE,
    SILENT: SILENCE,
    SLOW_DOWN: SILENCE,
    GARBLED: REPORT,
    INVALID: ALARM,
    KEYS: ALARM,
    KILLED_BEFORE: SILENCE,
    KILLED_AFTER: SILENCE,
}
CUTS = ("short_answer", "reset_mid_answer")
FAULTS = [
    each
    for each in faults.of_plaid("INVALID_FIELD", "A_WORD_OF_TOMORROW")
    if each.name not in faults.ONE_OF_TWO or each.name in CUTS
]


def is_said(loud: str, caplog: pytest.LogCaptureFixture) -> bool:
    said = levels(caplog)
    if loud == REPORT:
        return "WARNING" in said and "ERROR" not in said
    return ("ERROR" in said) == (loud == ALARM)


@pytest.mark.parametrize("read", READS, ids=str)
@pytest.mark.parametrize("struck", FAULTS, ids=str)
def test_a_read_that_is_struck_is_what_the_matrix_says(
    newcomer: Someone, caplog: pytest.LogCaptureFixture, read: LinkRead, struck: Fault
) -> None:
    read.prepare(newcomer)
    assert read.kept(newcomer) == read.old
    caplog.clear()

    newcomer.struck(struck, lambda: read.take(newcomer), on=read.route)

    assert read.kept(newcomer) == read.old
    assert is_said(MUST[struck.row], caplog)

    read.take(newcomer)

    assert read.kept(newcomer) == read.new
    assert [row["id"] for row in newcomer.at_the_broker()] == newcomer.bound()
    assert newcomer.orphans() == set()


@pytest.mark.parametrize("read", READS, ids=str)
def test_an_answer_about_another_changes_nothing_and_is_an_alarm(
    newcomer: Someone, caplog: pytest.LogCaptureFixture, read: LinkRead
) -> None:
    read.prepare(newcomer)
    caplog.clear()

    newcomer.struck(patched(ANOTHER, "another", patch=read.another), lambda: read.take(newcomer), on=read.route)

    assert read.kept(newcomer) == read.old
    assert is_said(ALARM, caplog)

    read.take(newcomer)

    assert read.kept(newcomer) == read.new


@pytest.mark.parametrize("read", READS, ids=str)
def test_an_unknown_word_stops_nothing(newcomer: Someone, caplog: pytest.LogCaptureFixture, read: LinkRead) -> None:
    read.prepare(newcomer)
    patch, stands, reported = read.strange
    strange = patched(STRANGE, "unknown word", patch=patch(newcomer))
    caplog.clear()

    newcomer.struck(strange, lambda: read.take(newcomer), on=read.route)

    assert read.kept(newcomer) == stands
    assert is_said(ALARM if reported else SILENCE, caplog)


@pytest.mark.parametrize("read", READS, ids=str)
@pytest.mark.parametrize("odd", ["too many", "missing"])
def test_a_field_too_many_or_missing_changes_nothing(
    newcomer: Someone, caplog: pytest.LogCaptureFixture, read: LinkRead, odd: str
) -> None:
    how = {"patch": {"surprise": {"deep": [1]}}} if odd == "too many" else {"drop": list(read.optional)}
    read.prepare(newcomer)
    caplog.clear()

    newcomer.struck(patched(STRANGE, odd, **how), lambda: read.take(newcomer), on=read.route)

    assert read.kept(newcomer) == read.new
    assert is_said(SILENCE, caplog)


def test_no_cell_of_this_column_is_missing() -> None:
    assert set(MUST) == {struck.row for struck in FAULTS}
    assert set(MUST) | {ANOTHER, STRANGE} == link_rows("reads")
