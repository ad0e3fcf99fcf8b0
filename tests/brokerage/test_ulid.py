"""ULIDs: in the order of time, and back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage import ulid

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def test_the_specifications_example_is_read() -> None:
    # https://github.com/ulid/spec: 1469918176385 ms
    assert ulid.time_of("01ARYZ6S41TSV4RRFFQ69G5FAV") == datetime(2016, 7, 30, 22, 36, 16, 385000, tzinfo=UTC)
    assert ulid.time_of("01aryz6s41tsv4rrffq69g5fav") == ulid.time_of("01ARYZ6S41TSV4RRFFQ69G5FAV")


@given(MOMENTS)
def test_a_ulid_keeps_its_millisecond(at: datetime) -> None:
    made = ulid.first_at(at)

    assert len(made) == 26
    assert abs((ulid.time_of(made) - at).total_seconds()) <= 0.0011


@given(MOMENTS, MOMENTS)
def test_text_sorts_as_time_does(first: datetime, second: datetime) -> None:
    assert (ulid.first_at(first) <= ulid.first_at(second)) or first > second


@pytest.mark.parametrize("text", ["", "0" * 25, "0" * 27, "01ARZ3NDEKTSV4RRFFQ69G5FA!"[::-1], "I" * 26, "Z" * 26])
def test_what_is_no_ulid_has_no_time(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever of Python's own
        ulid.time_of(text)
