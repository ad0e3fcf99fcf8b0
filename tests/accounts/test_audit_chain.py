"""What an entry's hash is over, and what is wrong with one that follows another."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from accounts.audit_chain import BEFORE_THE_FIRST, Link, canonical, digest, what_is_wrong

T0 = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def sealed(number: int = 1, previous: str = BEFORE_THE_FIRST, **more: Any) -> Link:
    told: dict[str, Any] = {"at": T0, "deed": "command.run", "actor": "command purge", "about": "", "facts": {"b": 1}}
    link = Link(number=number, previous=previous, **(told | more))
    return replace(link, hash=digest(link))


def test_a_copy_can_be_checked_by_the_sentence_alone() -> None:
    link = sealed(facts={"z": ["é", None], "a": True})

    assert canonical(link) == (
        b'{"about":"","actor":"command purge","at":"2026-03-02T15:00:00.000000Z","deed":"command.run",'
        b'"facts":{"a":true,"z":["\\u00e9",null]},"number":1,"previous":"' + b"0" * 64 + b'"}'
    )
    assert link.hash == hashlib.sha256(canonical(link)).hexdigest()


def test_the_same_moment_elsewhere_is_the_same() -> None:
    new_york = T0.astimezone(timezone(timedelta(hours=-5)))

    assert digest(sealed(at=new_york)) == digest(sealed())


def test_a_chain_as_it_was_written_is_right() -> None:
    first = sealed()
    second = sealed(2, first.hash, at=T0 + timedelta(seconds=1))

    assert what_is_wrong(first, before=None) == ""
    assert what_is_wrong(second, before=first) == ""


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", T0 + timedelta(microseconds=1)),
        ("deed", "role.given"),
        ("actor", "command close_day"),
        ("about", "user 1"),
        ("facts", {"b": 2}),
        ("facts", {"b": "1"}),
        ("hash", "f" * 64),
    ],
)
def test_whatever_is_changed_breaks_the_hash(column: str, value: Any) -> None:
    assert what_is_wrong(replace(sealed(), **{column: value}), before=None).startswith("hash")


def test_each_fault_has_its_name() -> None:
    first = sealed()

    assert what_is_wrong(sealed(3, first.hash), before=first) == "gap: 2 is missing"
    assert what_is_wrong(sealed(2), before=None) == "gap: 1 is missing"
    assert what_is_wrong(sealed(1, first.hash), before=first) == "number: 2 was to come"
    assert what_is_wrong(sealed(2, "e" * 64), before=first).startswith("link")
    assert what_is_wrong(sealed(2, first.hash, at=T0 - timedelta(minutes=4)), before=first) == ""
    assert what_is_wrong(sealed(2, first.hash, at=T0 - timedelta(minutes=6)), before=first).startswith("time")
