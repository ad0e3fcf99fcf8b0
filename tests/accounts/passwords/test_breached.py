"""Looking for a password in a sorted list on disk."""

import hashlib
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.passwords import breached


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def write(path: Path, *passwords: str, end: str = "\n", count: bool = True) -> str:
    """Write a list as the downloader does."""
    lines = sorted(f"{digest(each)}{f':{len(each) ** 3}' if count else ''}" for each in passwords)
    path.write_bytes(end.join(lines).encode() + end.encode())
    return str(path)


STOLEN = [f"stolen number {number}" for number in range(500)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("count", [True, False])
def test_all_that_are_in_it_are_found_and_no_other(tmp_path: Path, end: str, count: bool) -> None:
    path = write(tmp_path / "list", *STOLEN, end=end, count=count)

    assert all(breached.contains(path, each) for each in STOLEN)
    assert not any(breached.contains(path, f"{each}!") for each in STOLEN)


@pytest.mark.parametrize("content", [b"", b"\n", b"x", b"\n\n\n"])
def test_a_list_with_nothing_in_it_has_nobodys(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list"
    path.write_bytes(content)

    assert not breached.contains(str(path), "anything at all")


def test_the_last_line_may_have_no_end(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(digest("the only one"))

    assert breached.contains(str(path), "the only one")


def test_lower_case_and_letters_in_pieces_are_found_too(tmp_path: Path) -> None:
    path = tmp_path / "list"
    composed = digest("Nguy\u1ec5n by the sea")
    path.write_text(f"{composed.lower()}:2\n")

    assert breached.contains(str(path), "Nguye\u0302\u0303n by the sea")


@settings(max_examples=200, deadline=None)
@given(inside=st.sets(st.text(min_size=1, max_size=9), max_size=12), other=st.text(min_size=1, max_size=9))
def test_any_list_has_just_what_was_written_to_it(
    tmp_path_factory: pytest.TempPathFactory, inside: set[str], other: str
) -> None:
    known = {breached.normal(each) for each in inside}
    path = write(tmp_path_factory.mktemp("lists") / "list", *known)

    assert all(breached.contains(path, each) for each in inside)
    assert breached.contains(path, other) == (breached.normal(other) in known)


def test_a_stolen_one_is_refused_with_what_to_do(tmp_path: Path, settings: Settings) -> None:
    settings.BREACHED_PASSWORDS_FILE = write(tmp_path / "list", "gone with the harbor tram")

    with pytest.raises(ValidationError, match="use nowhere else"):
        validate_password("gone with the harbor tram")
    validate_password("another one altogether")


@pytest.mark.parametrize("password", ["iloveyouforever", "1qaz2wsx3edc4rfv", "passwordpassword"])
def test_the_list_that_comes_with_the_site_has_long_ones(password: str) -> None:
    assert breached.is_known(password)


@pytest.mark.parametrize("password", ["", "short", "three odd words again", "correct horse battery staple", "я" * 12])
def test_it_does_not_have_what_nobody_has_or_what_is_too_short(password: str) -> None:
    assert not breached.is_known(password)
