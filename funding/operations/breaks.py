"""Breaks: opened, kept up to date and ended as reconciliation finds them; looked at and dismissed by people.

Called by the reconciling operations and admin. What was found just now is held against the breaks that stand: a new one
is opened, one that is found no more is gone, one that reconciliation has mended is kept as healed. Whoever dismisses
one says why; where money hangs on it a second person agrees. It is not opened again while it looks the same.
"""

import hashlib
import json
import logging
import uuid
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.findings import Finding
from accounts.models import User
from brokerage import stamps
from brokerage.status import LostRace, move, note
from funding import break_kinds
from funding.models import BREAK_MOVES, Break, CashActivity, Transfer
from funding.operations import cash_matching

log = logging.getLogger(__name__)

ACTOR = "reconciliation"
DISMISS, MATCH = "dismiss", "match"


class NotYours(Exception):
    """Whoever asked for it may not decide on it, too."""


class NotOpen(Exception):
    """The break has ended in the meantime, or stands otherwise than was thought."""


class LooksOtherwise(Exception):
    """The break has changed since it was proposed what to do: whoever agrees would agree to something else."""


# --- As they are found ------------------------------------------------------------------------------------------------


class Book:
    """The breaks that stand for some accounts (None: for things of no account of ours), to be held against findings."""

    def __init__(self, accounts: Collection[uuid.UUID | None], codes: Collection[str]) -> None:
        here = Q(brokerage_account__in=[pk for pk in accounts if pk])
        if None in accounts:
            here |= Q(brokerage_account=None)
        rows = Break.objects.filter(here, kind__in=codes)
        self._open: dict[uuid.UUID | None, dict[tuple[str, str], Break]] = {}
        for row in rows.filter(ended_at=None):
            self._open.setdefault(row.brokerage_account_id, {})[row.kind, row.subject] = row
        dismissed = rows.filter(state=Break.DISMISSED).values_list("kind", "subject", "likeness")
        self._dismissed = set(dismissed)

    def keep(self, account: uuid.UUID | None, findings: Iterable[Finding], *, unsure: Collection[str] = ()) -> None:
        """Bring the breaks of one account to what was found just now.

        What is not found any more is gone, but for the codes in `unsure`, which could not be looked for.
        """
        standing = self._open.pop(account, {})
        now = timezone.now()
        for finding in _of_one_subject(findings):
            if finding.code in break_kinds.KINDS:
                self._keep_one(standing.pop((finding.code, finding.subject[:150]), None), finding, now)
        for row in standing.values():
            if row.kind not in unsure:
                _end(row, Break.GONE, because="not found any more")

    def _keep_one(self, row: Break | None, finding: Finding, now: datetime) -> None:
        if finding.mended:
            if row is None:
                row = _open(finding, now)
            _end(row, Break.HEALED, because=finding.what)
        elif row is not None:
            _see_again(row, finding, now)
        elif (finding.code, finding.subject[:150], likeness(finding)) not in self._dismissed:
            row = _open(finding, now)
            log.error("break %s %s: %s", row.pk, row.kind, row.subject)


def _of_one_subject(findings: Iterable[Finding]) -> Iterable[Finding]:
    """Return the findings, those of one kind about one subject put together."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = (finding.code, finding.subject[:150])
        if first := found.get(key):
            both = first.mended and finding.mended
            found[key] = replace(first, what=f"{first.what}; {finding.what}", mended=both)
        else:
            found[key] = finding
    return found.values()


def likeness(finding: Finding) -> str:
    """Return a digest of what differs: a break that was dismissed stays so for as long as it is the same."""
    told = json.dumps([finding.code, finding.subject, finding.ours, finding.theirs, finding.what])
    return hashlib.sha256(told.encode()).hexdigest()


def _open(finding: Finding, now: datetime) -> Break:
    """Open a break; where somebody has opened it since the book was read, or for another account, that one is it."""
    try:
        return _create(finding, now)
    except IntegrityError:
        row = Break.objects.filter(kind=finding.code, subject=finding.subject[:150], ended_at=None).first()
        if row is None:
            raise
    _see_again(row, finding, now)
    return row


def _create(finding: Finding, now: datetime) -> Break:
    with transaction.atomic():
        row = Break.objects.create(
            kind=finding.code,
            subject=finding.subject[:150],
            brokerage_account_id=finding.account,
            transfer_id=finding.transfer,
            first_seen_at=now,
            last_seen_at=now,
            **_told(finding),
        )
        note(row, field="state", after=Break.OPEN, actor=ACTOR, because=finding.what, evidence=finding.evidence)
    return row


def _told(finding: Finding) -> dict[str, Any]:
    return {
        "ours": finding.ours[:100],
        "theirs": finding.theirs[:100],
        "what": finding.what[:300],
        "evidence": finding.evidence,
        "likeness": likeness(finding),
    }


def _see_again(row: Break, finding: Finding, now: datetime) -> None:
    """Keep that it still stands, and on what; one that looks otherwise than before says so in its history."""
    told = _told(finding)
    standing = Break.objects.filter(pk=row.pk, ended_at=None)  # a person may have ended it meanwhile
    if told["likeness"] == row.likeness:
        standing.update(last_seen_at=now, evidence=told["evidence"])
        return
    with transaction.atomic():
        if standing.update(last_seen_at=now, **told):
            note(row, field="seen", actor=ACTOR, because=finding.what, evidence=finding.evidence)


def _end(row: Break, state: str, *, because: str) -> None:
    ended = {"ended_at": timezone.now()}
    try:
        move(row, field="state", to=state, moves=BREAK_MOVES, actor=ACTOR, because=because, also=ended)
    except LostRace:
        log.info("break %s: a person was faster", row.pk)


# --- As people see to them --------------------------------------------------------------------------------------------


def assign(*, row: Break, person: User, to: User | None, because: str = "") -> None:
    """Say who looks at a break. Raises NotOpen."""
    with transaction.atomic(durable=True):
        row = _locked(row)
        before, row.owner = str(row.owner_id or ""), to
        row.save(update_fields=["owner"])
        after = str(to.pk if to else "")
        note(row, field="owner", before=before, after=after, actor=f"ops {person.pk}", because=because)


def stamp_of(row: Break) -> str:
    """Return the stamp of what a page shows of a break: how it looks, and what was proposed by whom."""
    shown = row.state, row.likeness, sorted(row.proposal.items()), row.asked_by_id
    return stamps.stamp(*shown, row.events.filter(field__in=("state", "seen")).count())


def propose(*, row: Break, person: User, because: str, proposal: dict[str, str], seen: str | None = None) -> bool:
    """Say what is to be done about a break, and why; return whether that ends it, or waits for a second person.

    A proposal is {"do": DISMISS}, or {"do": MATCH, "cash": …, "transfer": …} with our ids of the two; `seen` is the
    stamp of what the person was shown. Raises NotOpen, ChangedMeanwhile; for a match CannotMatch, leases.HeldByAnother.
    """
    with _alone_for(proposal, person), transaction.atomic(durable=True):
        row = _locked(row)
        stamps.compare(seen, stamp_of(row))
        if row.state != Break.OPEN:
            raise NotOpen
        if not row.about.two_persons:
            _carry_out(row, person, because, proposal)
            return True
        _check(proposal)
        asked = {"proposal": proposal, "asked_by": person}
        _by_hand(row, Break.ASKED, person, because, proposal, asked)
        return False


def agree(*, row: Break, person: User, because: str, seen: str | None = None) -> dict[str, str]:
    """Agree to what another person proposed, do it, and return it; `seen` is the stamp of what the person was shown.

    Raises NotOpen, ChangedMeanwhile, NotYours, LooksOtherwise; for a match CannotMatch, leases.HeldByAnother.
    """
    proposal: dict[str, str] = Break.objects.get(pk=row.pk).proposal
    with _alone_for(proposal, person), transaction.atomic(durable=True):
        row = _locked(row)
        stamps.compare(seen, stamp_of(row))
        if row.state != Break.ASKED or row.proposal != proposal:
            raise NotOpen
        if row.asked_by_id == person.pk:
            raise NotYours
        if looks_otherwise(row):
            raise LooksOtherwise
        _carry_out(row, person, because, proposal)
    return proposal


def decline(*, row: Break, person: User, because: str) -> None:
    """Say no to what a person proposed, oneself included: the break is open again. Raises NotOpen."""
    with transaction.atomic(durable=True):
        row = _locked(row)
        if row.state != Break.ASKED:
            raise NotOpen
        _by_hand(row, Break.OPEN, person, because, row.proposal, {"proposal": {}, "asked_by": None})


def looks_otherwise(row: Break) -> bool:
    """Say whether a break has changed since something was proposed about it."""
    asked = row.events.filter(field="state", after=Break.ASKED).last()
    return asked is not None and row.events.filter(field="seen", at__gte=asked.at).exists()


def _alone_for(proposal: dict[str, str], person: User) -> AbstractContextManager[None]:
    return cash_matching.alone(person) if proposal.get("do") == MATCH else nullcontext()


def _pair(proposal: dict[str, str]) -> tuple[CashActivity, Transfer]:
    return CashActivity.objects.get(pk=proposal["cash"]), Transfer.objects.get(pk=proposal["transfer"])


def _check(proposal: dict[str, str]) -> None:
    """See that a match may be, before a second person is asked to agree to it. Raises CannotMatch."""
    if proposal["do"] == MATCH:
        cash_matching.check(*_pair(proposal))


def _carry_out(row: Break, person: User, because: str, proposal: dict[str, str]) -> None:
    """End a break by hand: as dismissed, or as healed by a match, which is not remembered as looking like that."""
    state = Break.DISMISSED
    if proposal["do"] == MATCH:
        cash, transfer = _pair(proposal)
        cash_matching.match_by_hand(cash=cash, transfer=transfer, person=person, because=because)
        state = Break.HEALED
    also = {"proposal": proposal, "decided_by": person, "ended_at": timezone.now()}
    _by_hand(row, state, person, because, proposal, also)


def _by_hand(
    row: Break, state: str, person: User, because: str, proposal: dict[str, str], also: dict[str, Any]
) -> None:
    move(
        row, field="state", to=state, moves=BREAK_MOVES, actor=f"ops {person.pk}", because=because,
        evidence=proposal, also=also,
    )  # fmt: skip
    log.info("break %s → %s by ops %s", row.pk, state, person.pk)


def _locked(row: Break) -> Break:
    """Return the row as it stands now, locked. Raises NotOpen."""
    found = Break.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if not found.is_open:
        raise NotOpen
    return found
