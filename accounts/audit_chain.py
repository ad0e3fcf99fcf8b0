"""The chain of the audit: what an entry's hash is over, and what is wrong with an entry that follows another.

Pure functions, called by operations.audit, which appends, and operations.audit_checking, which reads it all again.

An entry's hash is the SHA-256, in lower-case hexadecimal, of its other columns as one JSON object in ASCII: keys
sorted, no spaces, `at` in UTC as 2026-03-02T15:00:00.000000Z, `previous` the hash of the entry before (of the first
one 64 zeros). Whoever knows this sentence can check a copy without our code:

    {"about":"","actor":"worker","at":"…Z","deed":"command.run","facts":{"name":"purge"},"number":1,"previous":"000…"}
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

BEFORE_THE_FIRST = "0" * 64
# Machines' clocks differ, and who began a moment earlier may come to write a moment later.
BACKWARDS_AT_MOST = timedelta(minutes=5)

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Link:
    """One entry, as its row has it."""

    number: int
    at: datetime
    deed: str
    actor: str
    about: str
    facts: Mapping[str, Any]
    previous: str
    hash: str = ""


def canonical(link: Link) -> bytes:
    """Return what the hash of an entry is over."""
    told = {
        "number": link.number,
        "at": f"{link.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z",
        "deed": link.deed,
        "actor": link.actor,
        "about": link.about,
        "facts": link.facts,
        "previous": link.previous,
    }
    return _encode(told).encode("ascii")


def digest(link: Link) -> str:
    """Return the hash that an entry must have."""
    return hashlib.sha256(canonical(link)).hexdigest()


def what_is_wrong(link: Link, *, before: Link | None) -> str:
    """Say what is wrong with an entry, seen from the one before, or nothing; the first one has none before it."""
    expected = before.number + 1 if before else 1
    if link.number > expected:
        return f"gap: {expected} is missing"
    if link.number < expected:
        return f"number: {expected} was to come"
    if link.previous != (before.hash if before else BEFORE_THE_FIRST):
        return "link: it does not follow the entry before"
    if link.hash != digest(link):
        return "hash: what stands here is not what was written"
    if before and link.at < before.at - BACKWARDS_AT_MOST:
        return f"time: {before.at - link.at} before the entry before"
    return ""
