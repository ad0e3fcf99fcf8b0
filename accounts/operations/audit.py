"""Writing one entry of the audit, at the end of its chain.

Called by operations inside the transaction that does what is told, so that neither is there without the other; by the
desk before a deed is done; by views and commands on their own. The head of the chain is locked until the transaction
ends: whoever appends next waits, and numbers have no gaps. What cannot be written here is not done.

An entry is the last thing that its transaction locks or writes; more entries alone may follow. Then whoever holds the
head waits for nobody, and no two can wait for each other because of it. Tests watch that (tests.harness.audit_last).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.audit_chain import BEFORE_THE_FIRST, Link, digest
from accounts.models import AuditEntry, AuditHead, User

Deed = AuditEntry.Deed
# Ids and words of our own code. No space and no @, so that neither a sentence nor an address gets in by mistake.
WORD = re.compile(r"[A-Za-z0-9_.:/+-]{0,80}")
WORDS = re.compile(r"[A-Za-z0-9_.:/+() -]{0,120}")  # of an actor, or a subject: a word and an id
LOOKS = (Deed.DESK_OPENED, Deed.DESK_LISTED)
LOOKED_ONCE_IN = timedelta(hours=1)


def record(deed: AuditEntry.Deed, *, actor: str, about: str = "", **facts: Any) -> AuditEntry:
    """Append one entry: who did what about which row. Facts are ids, words, numbers, yes or no, or lists of these.

    Raises ValueError for anything else, since it may be of a person.
    """
    _refuse_prose(actor, about, facts)
    with transaction.atomic():
        head = _locked_head()
        link = Link(head.number + 1, timezone.now(), Deed(deed).value, actor, about, facts, head.hash)
        head.number, head.hash = link.number, digest(link)
        entry = AuditEntry.objects.create(
            number=link.number,
            at=link.at,
            deed=link.deed,
            actor=actor,
            about=about,
            facts=facts,
            previous=link.previous,
            hash=head.hash,
        )
        head.save(update_fields=["number", "hash"])
    return entry


def _refuse_prose(actor: str, about: str, facts: Mapping[str, Any]) -> None:
    if not actor or not WORDS.fullmatch(actor) or not WORDS.fullmatch(about):
        raise ValueError("an actor and a subject are words and ids")
    for name, value in facts.items():
        for each in value if isinstance(value, list | tuple) else [value]:
            if not (each is None or isinstance(each, bool | int) or (isinstance(each, str) and WORD.fullmatch(each))):
                raise ValueError(f"{name} is no id and no word")


def _locked_head() -> AuditHead:
    """Return the end of the chain, which nobody else moves until this transaction ends."""
    _settle_keys()
    found = AuditHead.objects.select_for_update().filter(pk=1).first()
    if found is None:
        last = AuditEntry.objects.first()  # the newest; none in a new database
        begun = AuditHead(number=last.number if last else 0, hash=last.hash if last else BEFORE_THE_FIRST)
        AuditHead.objects.bulk_create([begun], ignore_conflicts=True)
        found = AuditHead.objects.select_for_update().get(pk=1)
    return found


def _settle_keys() -> None:
    """Have PostgreSQL check now that the rows stand to which those written so far point.

    It would do so at the commit, and lock those rows for it: after the head.
    """
    if connection.vendor == "postgresql":
        connection.check_constraints()


def name_of(person: User) -> str:
    """Return how the audit names somebody: by their id."""
    return f"{'ops' if person.is_staff else 'customer'} {person.pk}"


def subject(row: Any) -> str:
    """Return how the audit names a row."""
    return f"{row._meta.model_name} {row.pk}"


def keep_of_desk(what: str, *, person: User, row: Any = None, **facts: Any) -> None:
    """Keep what is done at the desk; told by brokerage.desk_record, which knows none of our models.

    A look at a row, or at the same rows of a list, is kept once an hour: who works on them comes back after every deed.
    """
    deed, actor, about = Deed(f"desk.{what}"), f"ops {person.pk}", subject(row) if row is not None else ""
    if deed == Deed.DESK_LISTED:
        about = f"list {_digest_of(facts)}"
    if deed not in LOOKS:
        record(deed, actor=actor, about=about, **facts)
    elif not _was_kept(deed, actor, about):
        with transaction.atomic():
            _locked_head()  # two windows at one moment are one look
            if not _was_kept(deed, actor, about):
                record(deed, actor=actor, about=about, **facts)


def _digest_of(facts: Mapping[str, Any]) -> str:
    """Return by what a page of a list is known again: the same rows in any order, found in the same way."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def _was_kept(deed: AuditEntry.Deed, actor: str, about: str) -> bool:
    since = timezone.now() - LOOKED_ONCE_IN
    return AuditEntry.objects.filter(about=about, deed=deed, actor=actor, at__gt=since).exists()


def command(name: str, **facts: Any) -> AuditEntry:
    """Keep that a command which changes things was begun."""
    return record(Deed.COMMAND_RUN, actor=f"command {name}", name=name, **facts)
