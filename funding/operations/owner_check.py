"""Whose bank account is it? Its owner, as the bank knows them, is compared with the customer before it is linked.

    CHECKING ──► passed: see succession │ HELD: a person decides │ REFUSED: somebody else's

Called by candidates for those in CHECKING, and by admin for the held ones; calls gateways.plaid. By OWNER_CHECK it is
Plaid who compares, or we do with the names that the bank gives (see owner_names).
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from brokerage.gateways import plaid
from brokerage.gateways.errors import Refused
from brokerage.status import IllegalMove, LostRace, note
from funding import owner_names, states
from funding.models import ACHRelationship, OwnerCheck, PlaidItem
from funding.operations import item_health, succession, telling_banks
from funding.operations.telling_banks import Kind

log = logging.getLogger(__name__)

CHECK = "owner check"
PASS, REVIEW, REFUSE = OwnerCheck.Outcome.PASS, OwnerCheck.Outcome.REVIEW, OwnerCheck.Outcome.REFUSE
Method = OwnerCheck.Method
# Personal data that staff read: who opened it is kept in the history, and it closes again by itself.
OPENED, OPEN_FOR = "owner names", timedelta(minutes=15)
# Where the bank gives no names, by Plaid's words. https://plaid.com/docs/errors/item/
_NO_NAMES = frozenset({"PRODUCTS_NOT_SUPPORTED", "PRODUCT_NOT_ENABLED", "PRODUCT_NOT_READY", "NO_IDENTITY_ACCOUNTS"})


class NotHeld(Exception):
    """The bank account is not waiting for a person any more; read it again."""


@dataclass(frozen=True)
class Found:
    """What a comparison came to; `names` only where we have read them ourselves."""

    method: str
    score: int | None
    reasons: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def look(*, candidate: ACHRelationship) -> None:
    """Compare a candidate's owner with the customer, keep what was found, and move the candidate on.

    Asks Plaid, so no transaction may be open. Raises VendorError where the bank can't be asked now.
    """
    found = _compare(candidate)
    earlier = _spoken_against(candidate)
    outcome = _judge(found.score)
    if earlier and outcome == PASS:
        outcome = REVIEW
    try:
        with transaction.atomic(durable=True):
            row = succession.locked(candidate)
            if row.sending != states.CHECKING:
                raise LostRace(f"relationship {row.pk} is checked already")
            _keep(row, found, outcome, earlier)
            _follow(row, outcome, actor=CHECK, because="; ".join((*earlier, *found.reasons)))
    except (IllegalMove, LostRace):
        log.info("relationship %s: someone else was first", candidate.pk)
    candidate.refresh_from_db()
    log.info("relationship %s: owner check: %s", candidate.pk, outcome)


def _compare(candidate: ACHRelationship) -> Found:
    applicant = candidate.brokerage_account.holder
    if settings.OWNER_CHECK == "off":
        return Found(Method.NONE, 100, ("the check is switched off",))
    if candidate.item is None:
        match = owner_names.compare(applicant=applicant, owners=[candidate.owner_name])
        return Found(Method.TYPED, match.score, match.reasons, (candidate.owner_name,))
    try:
        return _ask_the_bank(candidate, candidate.item, applicant)
    except Refused as refusal:
        if refusal.code not in _NO_NAMES:
            item_health.report(item=candidate.item, refusal=refusal)
            raise
        return Found(Method.NONE, None, ("the bank gives no names",))


def _ask_the_bank(candidate: ACHRelationship, item: PlaidItem, applicant: str) -> Found:
    account = {"access_token": item.access_token, "plaid_account_id": candidate.plaid_account_id}
    if settings.OWNER_CHECK == "match":
        score = plaid.match_owner(legal_name=applicant, **account)
        return Found(Method.MATCH, score, () if score is not None else ("the bank gives no names",))
    names = plaid.get_owner_names(**account)
    if not names:
        return Found(Method.NONE, None, ("the bank gives no names",))
    match = owner_names.compare(applicant=applicant, owners=names)
    return Found(Method.NAMES, match.score, match.reasons, tuple(names))


def _judge(score: int | None) -> str:
    if score is None:
        return {"pass": PASS, "review": REVIEW, "refuse": REFUSE}[settings.OWNER_WHEN_UNKNOWN]
    if score >= settings.OWNER_PASS_SCORE:
        return PASS
    return REVIEW if score >= settings.OWNER_REFUSE_SCORE else REFUSE


def _spoken_against(candidate: ACHRelationship) -> tuple[str, ...]:
    """Return why a person has to look whatever the name: this very account was stopped, and has been unlinked since."""
    if candidate.item is None:
        return ()
    same = ACHRelationship.objects.filter(
        brokerage_account=candidate.brokerage_account_id,
        item__institution_id=candidate.item.institution_id,
        mask=candidate.mask,
        subtype=candidate.subtype,
    )
    stopped = same.exclude(pk=candidate.pk).exclude(suspended_at=None).order_by("-suspended_at").first()
    return (f"it was stopped before: {stopped.suspended_because}",) if stopped else ()


def _shared(candidate: ACHRelationship) -> tuple[str, ...]:
    """Return a word for ops where another customer has linked the same account: joint owners may."""
    if not candidate.persistent_id:
        return ()
    same = ACHRelationship.objects.filter(persistent_id=candidate.persistent_id)
    others = same.exclude(brokerage_account=candidate.brokerage_account_id)
    return ("another customer has linked it, too",) if others.exists() else ()


def _keep(row: ACHRelationship, found: Found, outcome: str, earlier: tuple[str, ...]) -> None:
    OwnerCheck.objects.create(
        relationship=row,
        actor=CHECK,
        method=found.method,
        score=found.score,
        outcome=outcome,
        reasons=[*earlier, *found.reasons, *_shared(row)],
        owner_names="\n".join(found.names)[:2000] if outcome == REVIEW else "",
    )


def _follow(row: ACHRelationship, outcome: str, *, actor: str, because: str) -> None:
    """Do what an outcome calls for, inside the transaction that wrote it."""
    if outcome == PASS:
        succession.ready(candidate=row, actor=actor, because=because or "it is the customer's own")
    elif outcome == REVIEW:
        row.move_sending(states.HELD, actor=actor, because=because)
        telling_banks.tell(row, Kind.HELD)
    else:
        row.move_sending(states.REFUSED, actor=actor, because=because, reason=states.NOT_YOURS)
        telling_banks.tell(row, Kind.NOT_YOURS)


def open_names(*, relationship: ACHRelationship, person: User) -> None:
    """Open the names that the bank gave to one person, for a while; that they looked is kept. Raises NotHeld."""
    with transaction.atomic(durable=True):
        row = ACHRelationship.objects.select_for_update().get(pk=relationship.pk)
        if row.sending != states.HELD:
            raise NotHeld
        note(row, field=OPENED, after="opened", actor=f"ops {person.pk}")


def opened_names(*, relationship: ACHRelationship, person: User) -> list[str]:
    """Return the names that the bank gave of a held account, if they are open to this person now."""
    since = timezone.now() - OPEN_FOR
    looked = relationship.events.filter(field=OPENED, actor=f"ops {person.pk}", at__gt=since)
    if relationship.sending != states.HELD or not looked.exists():
        return []
    return [name for check in relationship.owner_checks.all() for name in check.owner_names.splitlines()]


def accept_held(*, relationship: ACHRelationship, because: str, person: User) -> None:
    """Let a held bank account be linked, on a person's word. Raises NotHeld."""
    _decide(relationship, PASS, because, person)


def refuse_held(*, relationship: ACHRelationship, because: str, person: User) -> None:
    """Refuse a held bank account, on a person's word. Raises NotHeld."""
    _decide(relationship, REFUSE, because, person)


def _decide(relationship: ACHRelationship, outcome: str, because: str, person: User) -> None:
    actor = f"ops {person.pk}"
    try:
        with transaction.atomic(durable=True):
            row = succession.locked(relationship)
            if row.sending != states.HELD:
                raise NotHeld
            row.owner_checks.create(
                actor=actor, method=Method.PERSON, outcome=outcome, reasons=[because[:300]], at=timezone.now()
            )
            _follow(row, outcome, actor=actor, because=because)
    except (IllegalMove, LostRace):
        raise NotHeld from None
    log.info("relationship %s: held, %s by %s", row.pk, outcome, actor)
