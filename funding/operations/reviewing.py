"""What a person decides about a transfer in REVIEW: that it is ours, which of the broker's it is, or that none is.

    bound, and not what was asked for      ──► keep it                                      ACCEPTED
    not bound, several at the broker fit   ──► adopt one │ certify that none of them is it  ACCEPTED │ NOT_CREATED

Called by admin; reads the broker's list anew for each decision, and never asks for a transfer. Those of the candidates
that are left are taken in as EXTERNAL by reconciliation, once nothing is in doubt any more.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from brokerage.gateways import broker
from brokerage.gateways.errors import VendorError
from brokerage.status import IllegalMove, LostRace
from funding import states
from funding.models import Transfer
from funding.operations import outcomes, resolving, telling

log = logging.getLogger(__name__)


class NotInReview(Exception):
    """The transfer does not wait for this decision any more; read it again."""


class BrokerAway(Exception):
    """The broker's list could not be read, so nothing can be decided on it."""


class NotACandidate(Exception):
    """The broker does not list this one as one that could be ours."""


class NotLookedAt(Exception):
    """The broker names one by now that whoever decides was not shown."""


class BoundElsewhere(Exception):
    """This one of the broker's belongs to another transfer of ours."""


@dataclass(frozen=True)
class Candidate:
    """One of the broker's transfers that could be ours, as its list has it now; `bound_to` is whose it is already."""

    theirs: broker.TransferAnswer
    bound_to: Transfer | None

    @property
    def is_free(self) -> bool:
        return self.bound_to is None


def candidates(*, transfer: Transfer) -> list[Candidate]:
    """Return what it is bound to, or else what could be it: now, or at an earlier look-up. Raises BrokerAway."""
    return _candidates(transfer, _list(transfer))


def none_of(*, transfer: Transfer) -> tuple[list[Candidate], list[str]]:
    """Return what has to be ruled out before none is ours: the candidates, and ids that the broker named, not listed.

    Raises BrokerAway, also where the list has holes.
    """
    listed = _list(transfer)
    if resolving.has_holes(listed):
        log.error("transfer %s: the broker's list has holes, so nothing is decided on it", transfer.pk)
        raise BrokerAway
    return _candidates(transfer, listed), resolving.named_and_not_listed(transfer, listed)


def _list(transfer: Transfer) -> list[broker.TransferAnswer]:
    try:
        return broker.list_transfers(transfer.brokerage_account.alpaca_id, direction=transfer.direction)
    except VendorError as fault:
        log.info("transfer %s: no list to decide on (%s)", transfer.pk, fault)
        raise BrokerAway from None


def _candidates(transfer: Transfer, listed: list[broker.TransferAnswer]) -> list[Candidate]:
    named = {transfer.alpaca_id} if transfer.alpaca_id else _named(transfer, listed)
    bound = Transfer.objects.in_bulk(named, field_name="alpaca_id")
    return [Candidate(row, bound.get(row.alpaca_id)) for row in listed if row.alpaca_id in named]


def _named(transfer: Transfer, listed: list[broker.TransferAnswer]) -> set[str]:
    seen = {alpaca_id for found in transfer.lookups.values_list("candidates", flat=True) for alpaca_id in found}
    return seen | {row.alpaca_id for row in resolving.fitting(transfer, listed)}


def keep(*, transfer: Transfer, because: str, person: User) -> None:
    """Accept what the broker made of our request, although it is not what was asked for. Raises NotInReview."""
    if transfer.sending != states.REVIEW or not transfer.alpaca_id:
        raise NotInReview
    also = {"accepted_at": transfer.accepted_at}  # when the broker took it, not when we made up our mind
    _decide(transfer, states.ACCEPTED, because, person, evidence={"alpaca_id": transfer.alpaca_id}, **also)
    log.warning("transfer %s: kept as %s by ops %s", transfer.pk, transfer.alpaca_id, person.pk)


def adopt(*, transfer: Transfer, alpaca_id: str, because: str, person: User) -> None:
    """Bind one of the broker's transfers to ours. Raises NotInReview, BrokerAway, NotACandidate, BoundElsewhere."""
    _require_unbound(transfer)
    chosen = next((each for each in candidates(transfer=transfer) if each.theirs.alpaca_id == alpaca_id), None)
    if chosen is None:
        raise NotACandidate
    if chosen.bound_to == transfer:
        raise NotInReview
    if not chosen.is_free:
        raise BoundElsewhere
    try:
        outcomes.accept(transfer=transfer, answer=chosen.theirs, because=because, actor=_actor(person))
    except (IllegalMove, LostRace):
        raise NotInReview from None
    except IntegrityError:  # bound in this very moment; the database takes each of the broker's ids once
        raise BoundElsewhere from None
    log.warning("transfer %s: adopted as %s by ops %s", transfer.pk, alpaca_id, person.pk)


def certify_not_created(*, transfer: Transfer, shown: Collection[str], because: str, person: User) -> None:
    """Declare that none of the broker's transfers is ours, on a list just read; `shown` are the ids looked at.

    Raises NotInReview, BrokerAway, NotLookedAt.
    """
    _require_unbound(transfer)
    found, unlisted = none_of(transfer=transfer)
    if not {*(each.theirs.alpaca_id for each in found), *unlisted} <= set(shown):
        raise NotLookedAt
    evidence = {"none_of": [_as_evidence(each) for each in found], "named_and_not_listed": unlisted}
    _decide(transfer, states.NOT_CREATED, because, person, evidence=evidence)
    log.warning("transfer %s → NOT_CREATED, certified by ops %s", transfer.pk, person.pk)


def _require_unbound(transfer: Transfer) -> None:
    if transfer.sending != states.REVIEW or transfer.alpaca_id:
        raise NotInReview


def _decide(transfer: Transfer, to: str, because: str, person: User, **also: Any) -> None:
    """Commit a decision, and tell the customer. Raises NotInReview where someone was faster."""
    try:
        with transaction.atomic(durable=True):
            row = Transfer.objects.select_for_update().get(pk=transfer.pk)
            row.move_sending(to, actor=_actor(person), because=because, **also)
            telling.tell_sending(row)
            telling.tell_status(row, before=row.status)  # what became of it meanwhile was left to this moment
    except (IllegalMove, LostRace):
        raise NotInReview from None


def _actor(person: User) -> str:
    return f"ops {person.pk}"


def _as_evidence(candidate: Candidate) -> dict[str, Any]:
    theirs = candidate.theirs
    return {
        "alpaca_id": theirs.alpaca_id,
        "amount": str(theirs.amount),
        "status": theirs.status,
        "created_at": str(theirs.created_at or ""),
        "bound_to": str(candidate.bound_to.pk) if candidate.bound_to else "",
    }
